"""Builds the values of a run out of options. Mistakes in them are found here, before any connection."""

import os
import re
import sys
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from sse_cli.cli import credentials, own_dialects
from sse_cli.cli.options import (
    ChoosingOptions,
    FaultOptions,
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
from sse_cli.core.secrets import mask_url
from sse_cli.deadlines import Limits
from sse_cli.errors import UsageError
from sse_cli.sources.data import read_data, with_query
from sse_cli.sources.request import (
    AGENT,
    COMPRESSED,
    DEFAULT_HEADERS,
    MAX_REDIRECTS,
    Request,
    check_url,
    content_type_of,
    merge_headers,
    read_headers,
    read_json,
    split_credentials,
)
from sse_cli.sources.route import PROXY_VARIABLES, Http2Use, Route, parse_resolve
from sse_cli.sources.source import Source

if TYPE_CHECKING:  # what only some runs need is imported where it is made
    from sse_cli.sources.local import Local
    from sse_cli.sources.proxies import Proxies
    from sse_cli.sources.recording import Alter


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


def source(where: str, options: RequestOptions, reading: ReadingOptions, faults: FaultOptions) -> Source:
    """Return the source for a URL, a file or `-`. Raises `SseError`."""
    speed = _speed(reading.speed)
    where = where.removeprefix("file://")
    if options.show_secrets:
        raise UsageError("--show-secrets is given without --as-curl", "Give both; -v always masks secrets.")
    if is_file(where):
        _refuse_request_options(where, options)
        from sse_cli.sources.file import open_path

        return open_path(where, speed, _alter(faults))
    if faults != FaultOptions():
        raise UsageError(
            f"--fault has no effect on {mask_url(where)}, which is a server's own",
            "sse serve does harm to what it plays, and sse tail to a file.",
        )
    if speed is not None:
        raise UsageError(
            f"--speed has no effect on {mask_url(where)}",
            "It is for recordings: a server takes its own time.",
        )
    from sse_cli.sources.http import HttpSource

    return HttpSource(request(where, options))


def _alter(faults: FaultOptions) -> "Alter | None":
    """Return what does harm to a recording, and say by which seed, so that it can be done again."""
    if faults == FaultOptions():
        return None
    from sse_cli.cli.harm import read_harm
    from sse_cli.core.faults.table import apply

    harm = read_harm(faults)
    if harm.told:
        sys.stderr.write(f"{harm.told}\n")
    return lambda entries: apply(harm.faults, entries, harm.chance())


def _speed(text: str | None) -> float | None:
    if text is None:
        return None
    match = _SPEED.fullmatch(text)
    if match is None:
        raise UsageError(f"not a speed: {text!r}", "It looks like 10, 0.5 or, for at once, 0.")
    return float(match[1])


_SPEED = re.compile(r"([0-9]{1,6}(?:\.[0-9]+)?)x?")


def request_of(where: str, options: RequestOptions) -> Request:
    """Return the request for a URL. Raises `UsageError`, for a file as well."""
    where = where.removeprefix("file://")
    if is_file(where):
        _refuse_request_options(where, options)
    return request(where, options)


def check_source(where: str) -> None:
    """Raise `UsageError` for what is neither a file nor a URL."""
    if not where.strip():
        raise UsageError("SOURCE is empty", "Is the variable set? A source is a URL, a file, - or @NAME.")
    where = where.removeprefix("file://")
    if not is_file(where):
        check_url(where)


def is_file(where: str) -> bool:
    """Tell whether a source is a file, or standard input, and no URL."""
    return where == "-" or ("://" not in where and os.path.exists(where)) or looks_like_a_file(where)


_FILE_ENDINGS = (".sse", ".ndjson", ".jsonl", ".json", ".txt", ".log", ".rec", ".har", ".gz", ".zst")


def looks_like_a_file(where: str) -> bool:
    """Tell whether a source can only have been meant as a file, be it there or not."""
    if "://" in where:
        return False
    if where.startswith(("/", "./", "../", "~", ".\\")):
        return True
    return "?" not in where and where.partition("#")[0].lower().endswith(_FILE_ENDINGS)


def request(url: str, options: RequestOptions) -> Request:
    """Return the request that the options ask for. Raises `UsageError`."""
    url, in_url = split_credentials(check_url(url))
    _refuse_upgrade(url, options)
    given = read_headers(options.headers or [])
    defaults = {**DEFAULT_HEADERS, **_named_headers(options, url)}
    body, content_type = _body(options)
    if options.get:
        url, body, content_type = with_query(url, body), b"", None
    if content_type is not None:
        defaults["Content-Type"] = content_type
    if options.compressed:
        defaults["Accept-Encoding"] = COMPRESSED
    if authorization := credentials.authorization(options, url, in_url):
        defaults["Authorization"] = authorization
    if options.last_event_id:
        defaults["Last-Event-ID"] = options.last_event_id
    return Request(
        method=method(options),
        url=url,
        headers=merge_headers(given, defaults),
        body=body,
        route=route(options),
        follow_redirects=not options.no_location,
        max_redirects=MAX_REDIRECTS if options.max_redirs is None else options.max_redirs,
    )


def method(options: RequestOptions) -> str:
    """Return the method: the one that is given, else POST with a body."""
    has_body = options.json is not None or bool(options.form or options.data)
    return options.method or ("POST" if has_body and not options.get else "GET")


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
        local=_local(options),
        proxies=_proxies(options),
        proxy_insecure=options.proxy_insecure,
        proxy_cacert=options.proxy_cacert,
        http2=_http2(options),
    )


def _local(options: RequestOptions) -> "Local | None":
    if options.interface is None:
        return None
    from sse_cli.sources.local import parse_interface

    return parse_interface(options.interface)


def _refuse_upgrade(url: str, options: RequestOptions) -> None:
    """curl would ask http:// for an Upgrade, which servers have dropped, as has RFC 9113 (section 3.1)."""
    if options.http2 and url.lower().startswith("http:"):
        raise UsageError(
            "--http2 is agreed on in TLS, and the URL is one of http://",
            "Leave it out; or, for a server that is known to speak HTTP/2, give --http2-prior-knowledge.",
        )


def _http2(options: RequestOptions) -> Http2Use | None:
    if options.http2 and options.http2_prior_knowledge:
        raise UsageError(
            "both --http2 and --http2-prior-knowledge say how to speak HTTP/2",
            "Give the first where the server may choose, and the second where it is known to speak it.",
        )
    return "offered" if options.http2 else "known" if options.http2_prior_knowledge else None


def _proxies(options: RequestOptions) -> "Proxies | None":
    """Return the proxies of -x or, where it is not given, of the environment. Raises `UsageError`."""
    if options.unix_socket is not None:  # as with curl, the environment's are for the network
        return None
    if options.proxy is None and not any(name in os.environ for name in PROXY_VARIABLES):
        return None
    from sse_cli.sources.proxies import read_proxies

    return read_proxies(options.proxy, options.noproxy, os.environ, options.proxy_user)


def _check_socket(options: RequestOptions) -> None:
    """A socket in the file system has no address: refuse what would have no effect beside it."""
    if os.name == "nt":
        raise UsageError("--unix-socket does not work on Windows", "Does the server listen on a port, too?")
    if options.resolve or options.ipv4 or options.ipv6 or options.proxy or options.interface:
        raise UsageError(
            "--resolve, -4, -6, -x and --interface have no effect with --unix-socket",
            "Leave them out, or the socket.",
        )


def _named_headers(options: RequestOptions, url: str) -> dict[str, str]:
    """Return the headers that have an option of their own; as with curl, an empty text sends none."""
    agent = AGENT if options.user_agent is None else options.user_agent
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
