"""`--as-curl`: the curl command that sends the same request. Nothing is connected."""

import contextlib
from collections.abc import Iterator, Sequence

import msgspec

from sse_cli.cli import build
from sse_cli.cli.main import report
from sse_cli.cli.options import RequestOptions, StoppingOptions
from sse_cli.cli.shell import quote
from sse_cli.core.secrets import MASK, mask_body, mask_headers, mask_url
from sse_cli.deadlines import Limits
from sse_cli.errors import ExitCode, SseError, UsageError
from sse_cli.sinks.outlet import Outlet, ReaderGone, encode
from sse_cli.sources.request import MAX_REDIRECTS, Request

_CURLS_OWN = ("Accept", "User-Agent")
"""Headers that curl sends unless it is told not to."""

_HTTP2 = {"offered": "--http2", "known": "--http2-prior-knowledge"}


def show(where: str, options: RequestOptions, stopping: StoppingOptions) -> int:
    """Print the command, and say whether secrets were masked in it. Raises `UsageError`."""
    if options.form:
        raise UsageError(
            "--as-curl does not show the parts of a form, and -F is given", "Take -F to curl as it is."
        )
    request = build.request_of(where, options)
    limits = build.limits(stopping)
    way = list(_way(options))
    shown = request if options.show_secrets else masked(request)
    shown_way = way if options.show_secrets else list(_masked_way(way))
    with contextlib.suppress(ReaderGone):
        Outlet(1, "standard output").write(encode(command_of(shown, limits, shown_way) + "\n"))
    if (shown, shown_way) != (request, way):
        report(SseError("secrets are masked in this command", "With --show-secrets it can be run as it is."))
    return int(ExitCode.OK)


def command_of(request: Request, limits: Limits, way: Sequence[str] = ()) -> str:
    """Return the command, one option a line, quoted for bash; `way` are the words on how to get there.

    Raises `UsageError`.
    """
    if b"\0" in request.body:
        raise UsageError("the body holds a NUL byte, which no command can hold", "Send it with sse itself.")
    words = [["curl", "-N", *_switches(request, limits), request.url]]
    words += [list(pair) for pair in zip(way[::2], way[1::2], strict=True)]
    words += [list(pair) for pair in (*_method(request), *_headers(request))]
    if _has_data(request):
        words.append(["--data-raw", request.body.decode("utf-8", "surrogateescape")])
    return " \\\n  ".join(" ".join(map(quote, line)) for line in words)


def masked(request: Request) -> Request:
    """Return a request to be shown: no secret in its URL, its headers or its body."""
    headers = mask_headers(request.headers)
    url = mask_url(request.url)
    body = _masked_body(request.body)
    return msgspec.structs.replace(request, url=url, headers=tuple(headers), body=body)


def _switches(request: Request, limits: Limits) -> Iterator[str]:
    if request.follow_redirects:
        yield "-L"
        if request.max_redirects != MAX_REDIRECTS:
            yield from ("--max-redirs", str(request.max_redirects))
    if request.route.insecure:
        yield "-k"
    if request.route.proxy_insecure:
        yield "--proxy-insecure"
    if request.route.http2 is not None:
        yield _HTTP2[request.route.http2]
    if request.route.ip is not None:
        yield f"-{request.route.ip}"
    if set("[]{}") & set(request.url):
        yield "-g"  # else curl would ask for several URLs
    coding = {name.lower(): value for name, value in request.headers}.get("accept-encoding")
    if coding not in {None, "identity"}:
        yield "--compressed"
    if limits.connect != build.limits(StoppingOptions()).connect:
        yield from ("--connect-timeout", f"{limits.connect:g}")
    if limits.total is not None:
        yield from ("--max-time", f"{limits.total:g}")


_WAY = {
    "--cacert": "cacert",
    "--cert": "cert",
    "--key": "key",
    "--unix-socket": "unix_socket",
    "--interface": "interface",
    "-x": "proxy",
    "-U": "proxy_user",
    "--proxy-cacert": "proxy_cacert",
    "--noproxy": "noproxy",
}
"""Options of the same name and meaning."""


def _way(options: RequestOptions) -> Iterator[str]:
    """Give the options that say how to get to the server, each with its value."""
    for name, field in _WAY.items():
        value = getattr(options, field)
        if value is not None:
            yield from (name, value)
    for text in options.resolve or ():
        yield from ("--resolve", text)


def _masked_way(way: Sequence[str]) -> Iterator[str]:
    """Mask a proxy's password, in its URL or beside it."""
    for name, value in zip(way[::2], way[1::2], strict=True):
        user, colon, _ = value.partition(":")
        yield from (name, f"{user}:{MASK}" if name == "-U" and colon else mask_url(value))


def _method(request: Request) -> Iterator[tuple[str, ...]]:
    """Give the method where curl would take another: one that is given outlives redirects."""
    if request.method == "HEAD" and not request.body:
        yield ("-I",)
    elif request.method != ("POST" if _has_data(request) else "GET"):
        yield "-X", request.method


def _headers(request: Request) -> Iterator[tuple[str, str]]:
    names = {name.lower() for name, _ in request.headers}
    for name, value in request.headers:
        yield "-H", f"{name}: {value}" if value else f"{name};"
    for name in (*_CURLS_OWN, *(["Content-Type"] if _has_data(request) else [])):
        if name.lower() not in names:
            yield "-H", f"{name}:"


def _has_data(request: Request) -> bool:
    """Tell whether curl must be given data, maybe empty, so that it sends the body's length."""
    return bool(request.body) or request.method in {"POST", "PUT", "PATCH"}


def _masked_body(body: bytes) -> bytes:
    return mask_body(body.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")
