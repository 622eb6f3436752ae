"""Builds the values of a run out of options. Mistakes in them are found here, before any connection."""

import base64
import os
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from sse_cli import __version__
from sse_cli.cli import own_dialects
from sse_cli.cli.options import (
    ChoosingOptions,
    ReadingOptions,
    RequestOptions,
    StoppingOptions,
    format_names,
    metrics_names,
)
from sse_cli.core.expressions import compile_expression
from sse_cli.core.extract import parse_named
from sse_cli.core.metrics import METRICS
from sse_cli.core.pipeline import Plan
from sse_cli.core.quantities import parse_duration, parse_size
from sse_cli.deadlines import Limits
from sse_cli.errors import UsageError
from sse_cli.sources.data import read_data, with_query
from sse_cli.sources.request import (
    DEFAULT_HEADERS,
    MAX_REDIRECTS,
    Request,
    check_url,
    content_type_of,
    merge_headers,
    read_headers,
    read_json,
    read_secret,
    split_credentials,
)
from sse_cli.sources.route import PROXY_VARIABLES, Route, parse_resolve
from sse_cli.sources.source import Source

if TYPE_CHECKING:  # what only some runs need is imported where it is made
    from sse_cli.sources.proxies import Proxies


def plan(
    request: RequestOptions, reading: ReadingOptions, stopping: StoppingOptions, choosing: ChoosingOptions
) -> Plan:
    """Return how the stream is read. Raises `UsageError`."""
    _check_name("format", reading.decode, format_names())
    _check_name("metrics", reading.metrics, metrics_names())
    dialect, own = own_dialects.choose(reading.dialect)
    return Plan(
        decode=reading.decode,
        dialect=dialect,
        dialects=own,
        metrics=METRICS[reading.metrics],
        paths=tuple(parse_named(text) for text in choosing.paths or ()),
        where=tuple(compile_expression(text) for text in choosing.where or ()),
        events=frozenset(choosing.events or ()),
        until=compile_expression(stopping.until) if stopping.until is not None else None,
        max_events=stopping.max_events,
        max_bytes=parse_size(stopping.max_bytes) if stopping.max_bytes is not None else None,
        max_event_bytes=parse_size(reading.max_event_bytes),
        last_event_id=request.last_event_id,
    )


def limits(stopping: StoppingOptions) -> Limits:
    """Return how long to wait. Raises `UsageError`."""
    if stopping.idle_bytes and stopping.idle_timeout is None:
        raise UsageError(
            "--idle-bytes has no effect without --idle-timeout",
            "Give --idle-timeout as well, or leave it out.",
        )
    return Limits(
        connect=parse_duration(stopping.connect_timeout),
        first=_duration(stopping.first_timeout),
        idle=_duration(stopping.idle_timeout),
        idle_bytes=stopping.idle_bytes,
        total=_duration(stopping.max_time),
    )


def source(where: str, options: RequestOptions) -> Source:
    """Return the source for a URL, a file or `-`. Raises `SseError`."""
    where = where.removeprefix("file://")
    if options.show_secrets:
        raise UsageError("--show-secrets is given without --as-curl", "Give both; -v always masks secrets.")
    if _is_file(where):
        _refuse_request_options(where, options)
        from sse_cli.sources.file import open_path

        return open_path(where)
    from sse_cli.sources.http import HttpSource

    return HttpSource(request(where, options))


def request_of(where: str, options: RequestOptions) -> Request:
    """Return the request for a URL. Raises `UsageError`, for a file as well."""
    where = where.removeprefix("file://")
    if _is_file(where):
        _refuse_request_options(where, options)
    return request(where, options)


def _is_file(where: str) -> bool:
    return where == "-" or _names_a_file(where)


_FILE_ENDINGS = (".sse", ".ndjson", ".jsonl", ".json", ".txt", ".log")


def _names_a_file(where: str) -> bool:
    """Tell whether a source is a file: one that is there, or what can only have been meant as one."""
    if "://" in where:
        return False
    if where.startswith(("/", "./", "../", "~", ".\\")) or os.path.exists(where):
        return True
    return "?" not in where and where.lower().endswith(_FILE_ENDINGS)


def request(url: str, options: RequestOptions) -> Request:
    """Return the request that the options ask for. Raises `UsageError`."""
    url, credentials = split_credentials(check_url(url))
    given = read_headers(options.headers or [])
    defaults = {**DEFAULT_HEADERS, **_named_headers(options, url)}
    body, content_type = _body(options)
    if options.get:
        url, body, content_type = with_query(url, body), b"", None
    if content_type is not None:
        defaults["Content-Type"] = content_type
    user = options.user if options.user is not None else credentials
    if options.bearer is not None:
        defaults["Authorization"] = f"Bearer {read_secret(options.bearer)}"
    elif user is not None:
        defaults["Authorization"] = "Basic " + base64.b64encode(user.encode()).decode()
    if options.last_event_id:
        defaults["Last-Event-ID"] = options.last_event_id
    return Request(
        method=options.method or ("GET" if content_type is None else "POST"),
        url=url,
        headers=merge_headers(given, defaults),
        body=body,
        route=route(options),
        follow_redirects=not options.no_location,
        max_redirects=MAX_REDIRECTS if options.max_redirs is None else options.max_redirs,
    )


def route(options: RequestOptions) -> Route:
    """Return the way to the server that the options ask for. Raises `UsageError`."""
    if options.key is not None and options.cert is None:
        raise UsageError("--key is the key of a certificate, and there is none", "Add --cert FILE.")
    if options.ipv4 and options.ipv6:
        raise UsageError("both -4 and -6 say which addresses to take", "Give one of them, or none for both.")
    if options.unix_socket is not None:
        _check_socket(options)
    return Route(
        insecure=options.insecure,
        cacert=options.cacert,
        cert=options.cert,
        key=options.key,
        unix_socket=options.unix_socket,
        resolve=tuple(parse_resolve(text) for text in options.resolve or ()),
        ip=4 if options.ipv4 else 6 if options.ipv6 else None,
        proxies=_proxies(options),
    )


def _proxies(options: RequestOptions) -> "Proxies | None":
    """Return the proxies of -x or, where it is not given, of the environment. Raises `UsageError`."""
    if options.unix_socket is not None:  # as with curl, the environment's are for the network
        return None
    if options.proxy is None and not any(name in os.environ for name in PROXY_VARIABLES):
        return None
    from sse_cli.sources.proxies import read_proxies

    return read_proxies(options.proxy, options.noproxy, os.environ)


def _check_socket(options: RequestOptions) -> None:
    """A socket in the file system has no address: refuse what would have no effect beside it."""
    if os.name == "nt":
        raise UsageError("--unix-socket does not work on Windows", "Does the server listen on a port, too?")
    if options.resolve or options.ipv4 or options.ipv6 or options.proxy:
        raise UsageError(
            "--resolve, -4, -6 and -x have no effect with --unix-socket", "Leave them out, or the socket."
        )


def _named_headers(options: RequestOptions, url: str) -> dict[str, str]:
    """Return the headers that have an option of their own; as with curl, an empty text sends none."""
    agent = f"sse/{__version__}" if options.user_agent is None else options.user_agent
    headers = {"User-Agent": agent, "Referer": options.referer or ""}
    if headers["Referer"].endswith(";auto"):
        raise UsageError(
            f"a referer that each redirect sets is not supported: {options.referer}",
            "Take out ;auto. No Referer is set on redirects.",
        )
    if options.cookies:
        from sse_cli.sources.cookies import cookie_header

        headers["Cookie"] = cookie_header(options.cookies, url, time.time()) or ""
    return {name: value for name, value in headers.items() if value}


def _body(options: RequestOptions) -> tuple[bytes, str | None]:
    """Return the body and its type, None if there is none. Raises `UsageError`."""
    given = {"--json": options.json is not None, "-F": bool(options.form), "-d": bool(options.data)}
    names = [name for name, is_given in given.items() if is_given]
    if len(names) > 1:
        raise UsageError(f"both {names[0]} and {names[1]} give a body", "Give one of them.")
    if options.get and names and not options.data:
        raise UsageError(f"-G puts data into the URL, and {names[0]} is a body", "Give -d, or take out -G.")
    if options.json is not None:
        return read_json(options.json), "application/json"
    if options.form:
        from sse_cli.sources.form import form_body, new_boundary

        return form_body(options.form, new_boundary())
    body = read_data(options.data or [])
    return body, content_type_of(body) if options.data else None


def _refuse_request_options(where: str, options: RequestOptions) -> None:
    """A file is sent no request: say so, rather than leave an option without effect."""
    if options != RequestOptions(last_event_id=options.last_event_id):
        raise UsageError(
            f"{where} is not a URL, and the options of a request make no sense with it",
            "Take out what sse tail --help lists under Request (--last-event-id may stay), or give a URL.",
        )


def _check_name(what: str, name: str, known: Sequence[str]) -> None:
    if name not in known:
        raise UsageError(f"no such {what}: {name}", f"There are {', '.join(known)}.")


def _duration(text: str | None) -> float | None:
    return None if text is None else parse_duration(text)
