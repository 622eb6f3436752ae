"""A URL as a source: sends the request, follows redirects, gives chunks with their times."""

from itertools import count
from time import perf_counter
from typing import TYPE_CHECKING

from sse_cli.core.items import Chunk, Opened, Sent
from sse_cli.core.secrets import Secrets, mask_url
from sse_cli.errors import UsageError
from sse_cli.sources.connection import Connection
from sse_cli.sources.dialer import Dialer
from sse_cli.sources.message import BadUrl, Headers, Message, message_of
from sse_cli.sources.redirect import STATUSES, follow, nowhere
from sse_cli.sources.request import Request
from sse_cli.sources.source import Cut, OnChunk, Unreachable

if TYPE_CHECKING:  # most runs have no use for them
    from sse_cli.core.coding import Decompressor
    from sse_cli.core.recording import Asked
    from sse_cli.core.resume import Resume


class HttpSource:
    """One request and its response. See `source.Source` for the face. Raises `UsageError` when made."""

    clock = staticmethod(perf_counter)
    is_replay = False

    def __init__(self, request: Request) -> None:
        self.name = request.url
        self.method = request.method
        self.headers = request.headers
        self.start: float | None = None
        self._on_chunk: OnChunk | None = None
        self._request = request
        self._dialer = Dialer(request.route)
        self._first = _check(request)
        if request.route.cacert or request.route.cert or request.route.proxy_cacert:
            self._dialer.prepare("https")  # so that files which do not fit are told before anything is asked
        self._connection: Connection | None = None
        self._codings: tuple[str, ...] = ()
        self._decompressor: Decompressor | None = None
        self._read_at = 0.0

    @property
    def on_chunk(self) -> OnChunk | None:
        """Who takes chunks at once; not where there is a content coding, which `read` undoes."""
        return self._on_chunk

    @on_chunk.setter
    def on_chunk(self, on_chunk: OnChunk | None) -> None:
        self._on_chunk = on_chunk
        if self._connection is not None and not self._codings:
            self._connection.on_chunk = on_chunk

    @property
    def asked(self) -> "Asked":
        """The request as it may be kept."""
        return self._request.asked

    @property
    def secrets(self) -> Secrets:
        """What of the request must not be shown."""
        return self._request.secrets

    @property
    def connecting_since(self) -> float | None:
        """When the connection was begun that does not stand yet."""
        return self._dialer.connecting_since

    @property
    def connected_at(self) -> float | None:
        """When the connection stood, TLS included; after redirects, the last one."""
        return self._dialer.connected_at

    async def open(self) -> Opened:
        """Send the request; follow redirects; return the head of the final response. Raises `Unreachable`."""
        connection, url = await self._send()
        self._connection = connection
        self._codings = _codings(_value(connection, b"content-encoding") or "")
        at = connection.head_at if connection.head_at is not None else perf_counter()
        headers, version = _texts(connection.headers), f"HTTP/{connection.http_version}"
        times = self.start, self.connected_at
        return Opened(connection.status, headers, version, url, at, *times, sent=_sent(connection))

    async def read(self) -> Chunk | None:
        """Wait for bytes, content coding removed; None at the proper end. Raises `Cut`."""
        assert self._connection is not None
        if not self._codings:
            return await self._connection.read()
        if self._decompressor is None:
            from sse_cli.core.coding import decompressor

            self._decompressor = decompressor(self._codings)
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
        if self._connection is not None:
            self._connection.close()

    def anew(self) -> "HttpSource":
        """Return a source that asks the same."""
        return HttpSource(self._request)

    def again(self, resume: "Resume") -> "HttpSource":
        """Return a source that asks for the rest. Raises `Unreachable` if there is no such place."""
        from sse_cli.sources.resumed import resumed

        try:
            return HttpSource(resumed(self._request, resume))
        except UsageError as error:  # which is what the server makes of it, and nobody else
            raise Unreachable(f"cannot ask for the rest: {error.message}") from error

    async def _send(self) -> tuple[Connection, str]:
        """Return the connection of the final response, and the URL that it came from."""
        message, following = self._first, self._request
        most = following.max_redirects
        for _ in range(most + 1) if most >= 0 else count():
            self._dialer.prepare(message.address.scheme)
            if self.start is None:
                self.start = perf_counter()
            connection = await self._dialer.send(message)
            location = _value(connection, b"location")
            if connection.status not in STATUSES or location is None or not following.follow_redirects:
                return connection, following.url
            connection.close()
            following = follow(following, connection.status, location)
            try:
                message = message_of(following)
            except BadUrl as error:
                raise nowhere(location) from error
        raise Unreachable(
            f"more than {most} redirects, the last to {mask_url(following.url)}",
            "Two addresses may point at each other; --no-location shows the first answer.",
        )


def _check(request: Request) -> Message:
    try:
        return message_of(request)
    except BadUrl as error:
        raise UsageError(
            f"not a URL that can be read: {mask_url(request.url)}: {error}",
            "It should look like https://host/path.",
        ) from error


def _value(connection: Connection, wanted: bytes) -> str | None:
    """Return a header's values, joined as RFC 9110 has it (section 5.3); None if there is no such header."""
    values = [_decode(value) for name, value in connection.headers if name.lower() == wanted]
    return ", ".join(values) if values else None


def _codings(text: str) -> tuple[str, ...]:
    codings = (coding.strip().lower() for coding in text.split(","))
    return tuple(coding for coding in codings if coding not in {"", "identity"})


def _sent(connection: Connection) -> Sent:
    message, exchange = connection.message, connection.exchange
    target = message.address.path.decode("ascii")
    return Sent(message.method, target, f"HTTP/{exchange.version}", _texts(exchange.sent))


def _texts(headers: Headers) -> tuple[tuple[str, str], ...]:
    return tuple((name.decode("latin-1"), _decode(value)) for name, value in headers)


def _decode(value: bytes) -> str:
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("latin-1")
