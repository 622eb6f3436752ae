"""A URL as a source: sends the request through httpx, follows redirects, gives chunks with their times."""

from time import perf_counter
from urllib.parse import urlsplit

import httpx

from sse_cli.core.items import Chunk, Opened
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
        self._response: httpx.Response | None = None
        self._connection: Connection | None = None
        self._decompressor: Decompressor | None = None
        self._drained = False

    @property
    def connected_at(self) -> float | None:
        """When the connection stood, TLS included; after redirects, the last one."""
        return self._transport.connected_at

    async def open(self) -> Opened:
        """Send the request; follow redirects; return the head of the final response. Raises `Unreachable`."""
        ask = self._request
        request = self._client.build_request(
            ask.method, ask.url, headers=_encode(ask.headers), content=ask.body or None
        )
        self._transport.prepare(request.url.scheme)
        self.start = perf_counter()
        response = await self._send(request)
        self._response = response
        connection = response.extensions[CONNECTION]
        assert isinstance(connection, Connection)
        self._connection = connection
        self._decompressor = decompressor(response.headers.get("content-encoding", ""))
        headers = tuple((name.decode("latin-1"), _decode(value)) for name, value in response.headers.raw)
        at = connection.head_at if connection.head_at is not None else perf_counter()
        return Opened(response.status_code, headers, response.http_version, str(response.url), at)

    async def read(self) -> Chunk | None:
        """Wait for bytes, content coding removed; None at the proper end. Raises `Cut`."""
        assert self._connection is not None
        while (chunk := await self._connection.read()) is not None:
            if self._decompressor is None:
                return chunk
            if data := self._decompressor.decompress(chunk.data):
                return Chunk(data, chunk.at)
        if self._decompressor is not None and not self._drained:
            self._drained = True
            if not self._decompressor.eof:
                raise Cut("the compressed body ended before it was whole")
        return None

    async def close(self) -> None:
        """Drop the connection."""
        if self._response is not None:
            await self._response.aclose()
        await self._client.aclose()

    async def _send(self, request: httpx.Request) -> httpx.Response:
        for _ in range(MAX_REDIRECTS + 1):
            response = await self._client.send(request, stream=True)
            if response.next_request is None or not self._request.follow_redirects:
                return response
            await response.aclose()
            following = response.next_request
            if not _same_origin(request.url, following.url):
                _drop_secrets(following)
            request = following
            self._transport.prepare(request.url.scheme)
        raise Unreachable(
            f"more than {MAX_REDIRECTS} redirects, the last to {request.url}",
            "Two addresses may point at each other; --no-location shows the first answer.",
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
