"""A URL as a source: sends the request through httpx, follows redirects, gives chunks with their times."""

from time import perf_counter
from urllib.parse import urlsplit

import httpx

from sse_cli.core.items import Chunk, Opened
from sse_cli.errors import UsageError
from sse_cli.sources.coding import Decompressor, decompressor
from sse_cli.sources.connection import Connection
from sse_cli.sources.request import Request
from sse_cli.sources.source import Cut, Unreachable
from sse_cli.sources.transport import CONNECTION, StreamTransport

MAX_REDIRECTS = 20
"""As the Fetch standard has it, and browsers with it."""

_KEPT_ACROSS_ORIGINS = frozenset(
    (
        "accept",
        "accept-encoding",
        "accept-language",
        "cache-control",
        "content-length",
        "content-type",
        "host",
        "last-event-id",
        "user-agent",
    )
)


class HttpSource:
    """One request and its response. See `source.Source` for the face."""

    def __init__(self, request: Request) -> None:
        self.name = request.url
        self.method = request.method
        self.headers = request.headers
        self.start: float | None = None
        self._request = request
        self._transport = StreamTransport(insecure=request.insecure)
        self._client = httpx.AsyncClient(transport=self._transport, timeout=None, trust_env=False)
        self._client.headers.clear()  # what is sent is what the request says, and no more
        self._first = self._build()
        self._response: httpx.Response | None = None
        self._connection: Connection | None = None
        self._decompressor: Decompressor | None = None
        self._coding = ""
        self._read_at = 0.0

    @property
    def connecting_since(self) -> float | None:
        """When the connection was begun that does not stand yet."""
        return self._transport.connecting_since

    @property
    def connected_at(self) -> float | None:
        """When the connection stood, TLS included; after redirects, the last one."""
        return self._transport.connected_at

    async def open(self) -> Opened:
        """Send the request; follow redirects; return the head of the final response. Raises `Unreachable`."""
        self._transport.prepare(self._first.url.scheme)
        self.start = perf_counter()
        response = await self._send(self._first)
        self._response = response
        connection = response.extensions[CONNECTION]
        assert isinstance(connection, Connection)
        self._connection = connection
        coding = response.headers.get("content-encoding", "").strip().lower()
        self._coding = "" if coding == "identity" else coding
        headers = tuple((name.decode("latin-1"), _decode(value)) for name, value in response.headers.raw)
        at = connection.head_at if connection.head_at is not None else perf_counter()
        return Opened(response.status_code, headers, response.http_version, str(response.url), at)

    async def read(self) -> Chunk | None:
        """Wait for bytes, content coding removed; None at the proper end. Raises `Cut`."""
        assert self._connection is not None
        if not self._coding:
            return await self._connection.read()
        if self._decompressor is None:
            self._decompressor = decompressor(self._coding)
        while not (data := self._decompressor.take()):
            chunk = await self._connection.read()
            if chunk is None:
                if not self._decompressor.eof:
                    raise Cut("the compressed body ended before it was whole")
                return None
            self._decompressor.feed(chunk.data)
            self._read_at = chunk.at
        return Chunk(data, self._read_at)

    async def close(self) -> None:
        """Drop the connection."""
        if self._response is not None:
            await self._response.aclose()
        await self._client.aclose()

    def _build(self) -> httpx.Request:
        ask = self._request
        try:
            return self._client.build_request(
                ask.method, ask.url, headers=_encode(ask.headers), content=ask.body or None
            )
        except httpx.InvalidURL as error:
            raise UsageError(
                f"not a URL that can be read: {ask.url}: {error}", "It should look like https://host/path."
            ) from error

    async def _send(self, request: httpx.Request) -> httpx.Response:
        for _ in range(MAX_REDIRECTS + 1):
            try:
                response = await self._client.send(request, stream=True)
            except httpx.RemoteProtocolError as error:  # about the one thing that httpx itself reads here
                raise _bad_redirect(str(error)) from error
            if response.next_request is None or not self._request.follow_redirects:
                return response
            await response.aclose()
            request = _follow(request, response.next_request)
            self._transport.prepare(request.url.scheme)
        raise Unreachable(
            f"more than {MAX_REDIRECTS} redirects, the last to {request.url}",
            "Two addresses may point at each other; --no-location shows the first answer.",
        )


def _follow(request: httpx.Request, following: httpx.Request) -> httpx.Request:
    """Return the request after a redirect, mended where httpx does not do as browsers and curl do."""
    if following.url.scheme not in {"http", "https"}:
        raise _bad_redirect(str(following.url))
    if not _same_origin(request.url, following.url):
        _drop_secrets(following)
    elif "cookie" in request.headers:  # the user's own, which httpx takes for one of its jar
        following.headers["Cookie"] = request.headers["Cookie"]
    if following.method != request.method:  # it has no body any more
        following.headers.pop("Content-Type", None)
    return following


def _bad_redirect(what: str) -> Unreachable:
    return Unreachable(
        f"the server redirects to what is no http address: {what}",
        "-v shows the answer; is it the right server?",
    )


def _same_origin(one: httpx.URL, other: httpx.URL) -> bool:
    first, second = urlsplit(str(one)), urlsplit(str(other))
    return (first.scheme, first.hostname, one.port) == (second.scheme, second.hostname, other.port)


def _drop_secrets(request: httpx.Request) -> None:
    """Take out every header that might be a secret: all but those known to be none."""
    for name in list(request.headers):
        if name.lower() not in _KEPT_ACROSS_ORIGINS:
            del request.headers[name]


def _encode(headers: tuple[tuple[str, str], ...]) -> list[tuple[bytes, bytes]]:
    """Send UTF-8, which the standard wants for Last-Event-ID; bytes of the command line stay as they were."""
    return [
        (name.encode("utf-8", "surrogateescape"), value.encode("utf-8", "surrogateescape"))
        for name, value in headers
    ]


def _decode(value: bytes) -> str:
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("latin-1")
