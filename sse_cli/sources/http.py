"""A URL as a source: sends the request, follows redirects, gives chunks with their times."""

from time import perf_counter

import httpx

from sse_cli.core.items import Chunk, Opened
from sse_cli.errors import UsageError
from sse_cli.sources.coding import Decompressor, decompressor
from sse_cli.sources.connection import Connection
from sse_cli.sources.redirect import MAX_REDIRECTS, STATUSES, follow, nowhere
from sse_cli.sources.request import Request
from sse_cli.sources.source import Cut, Unreachable
from sse_cli.sources.transport import CONNECTION, StreamTransport


class HttpSource:
    """One request and its response. See `source.Source` for the face."""

    def __init__(self, request: Request) -> None:
        self.name = request.url
        self.method = request.method
        self.headers = request.headers
        self.start: float | None = None
        self._request = request
        self._transport = StreamTransport(insecure=request.insecure)
        self._first = _check(request)
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
        response, url = await self._send()
        self._response = response
        connection = response.extensions[CONNECTION]
        assert isinstance(connection, Connection)
        self._connection = connection
        coding = response.headers.get("content-encoding", "").strip().lower()
        self._coding = "" if coding == "identity" else coding
        headers = tuple((name.decode("latin-1"), _decode(value)) for name, value in response.headers.raw)
        at = connection.head_at if connection.head_at is not None else perf_counter()
        return Opened(response.status_code, headers, response.http_version, url, at)

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

    async def _send(self) -> tuple[httpx.Response, str]:
        """Return the final response, and the address that it came from."""
        request, following = self._first, self._request
        for _ in range(MAX_REDIRECTS + 1):
            self._transport.prepare(request.url.scheme)
            if self.start is None:
                self.start = perf_counter()
            response = await self._transport.handle_async_request(request)
            location = response.headers.get("location")
            if response.status_code not in STATUSES or location is None or not following.follow_redirects:
                return response, following.url
            await response.aclose()
            following = follow(following, response.status_code, location)
            try:
                request = _build(following)
            except httpx.InvalidURL as error:
                raise nowhere(location) from error
        raise Unreachable(
            f"more than {MAX_REDIRECTS} redirects, the last to {following.url}",
            "Two addresses may point at each other; --no-location shows the first answer.",
        )


def _build(request: Request) -> httpx.Request:
    return httpx.Request(
        request.method, request.url, headers=_encode(request.headers), content=request.body or None
    )


def _check(request: Request) -> httpx.Request:
    try:
        return _build(request)
    except httpx.InvalidURL as error:
        raise UsageError(
            f"not a URL that can be read: {request.url}: {error}", "It should look like https://host/path."
        ) from error


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
