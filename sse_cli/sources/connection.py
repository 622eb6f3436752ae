"""One request and its answer on an asyncio protocol, made for streams, in whichever version of HTTP.

Each chunk is stamped in `buffer_updated`, right after the read and before anything is done with it, so that
neither the event loop's queue nor a slow reader bends its time. All that one read gave comes as one chunk.
"""

import asyncio
import threading
from collections import deque
from collections.abc import Callable
from time import perf_counter
from typing import cast

from sse_cli.core.items import Chunk
from sse_cli.sources.exchange import Exchange
from sse_cli.sources.http1 import Http1
from sse_cli.sources.message import Message
from sse_cli.sources.route import Http2Use
from sse_cli.sources.source import Cut, OnChunk, Unreachable

_READ = 128 * 1024
"""Bytes of one read at most. Twice as much gains nothing."""


class _Buffer(threading.local):
    """What all connections of a thread are read into: a read is dealt with before the next one is made."""

    def __init__(self) -> None:
        self.view = memoryview(bytearray(_READ))


_BUFFER = _Buffer()


class Connection(asyncio.BufferedProtocol):
    """Send one request; await `head()`, then `read()` until it gives None.

    For `on_chunk` see `source.Source`. `exchange` is in the version of HTTP that `http2` and TLS lead to, and
    may not be settled until the connection stands.
    """

    def __init__(
        self,
        message: Message,
        http2: Http2Use | None = None,
        clock: Callable[[], float] = perf_counter,
    ) -> None:
        self.connected_at: float | None = None
        self.head_at: float | None = None
        self.message = message
        self.exchange = _exchange(message, http2)
        self._http2 = http2
        self._clock = clock
        self._early: list[
            tuple[bytes, float]
        ] = []  # what came before we were told that the connection stands
        self._transport: asyncio.Transport | None = None
        self._chunks: deque[Chunk] = deque()
        self._waiting = 0  # bytes in _chunks
        self._paused = False
        self._lost = False
        self._error: Cut | None = None
        self.lost_by: Exception | None = None  # what ended the connection, if anything went wrong
        self.on_chunk: OnChunk | None = None
        self._raised: BaseException | None = None  # by on_chunk
        self._waiter: asyncio.Future[None] | None = None

    @property
    def status(self) -> int:
        """The status of the answer."""
        return self.exchange.status

    @property
    def headers(self) -> list[tuple[bytes, bytes]]:
        """The headers of the answer."""
        return self.exchange.headers

    @property
    def http_version(self) -> str:
        """The version of HTTP in which the answer is, such as `1.1` or `2`."""
        return self.exchange.answered_in

    async def head(self) -> None:
        """Wait for the response's head. Raises `Unreachable` if none comes."""
        while not self.exchange.has_head:
            if (error := self.exchange.error or self._error) is not None:
                raise Unreachable(error.message, error.hint or self.exchange.hint)
            if self._lost:
                raise Unreachable("the server closed the connection without an answer", self.exchange.hint)
            await self._wait()

    async def read(self) -> Chunk | None:
        """Wait for the body's next chunk; None at its proper end. Raises `Cut`."""
        while not self._chunks:
            if self._raised is not None:
                raise self._raised
            if self.exchange.complete:
                return None
            if (error := self.exchange.error or self._error) is not None:
                raise error
            if self._lost:
                return None
            await self._wait()
        chunk = self._chunks.popleft()
        self._waiting -= len(chunk.data)
        if self._paused and self._waiting <= self.exchange.high_water // 2 and self._transport is not None:
            self._paused = False
            self._transport.resume_reading()
        self.exchange.taken(len(chunk.data))
        return chunk

    def close(self) -> None:
        """Drop the connection at once."""
        if self._transport is not None:
            if not self._lost:
                self.exchange.leave()
            self._transport.abort()

    # asyncio's side

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send the request, in the version of HTTP that was agreed on."""
        self.connected_at = self._clock()
        self._transport = cast(asyncio.Transport, transport)
        if self._http2 == "offered":
            self.exchange = _exchange(self.message, self._http2, _agreed(transport))
        self.exchange.start(self._transport.write)
        for data, at in self._early:
            self._take(memoryview(data), at)

    def came_early(self, data: bytes) -> None:
        """Take what somebody else read before `connection_made`."""
        self._take(memoryview(data), self._clock())

    def get_buffer(self, _size_hint: int) -> memoryview:
        """Give the buffer to read into."""
        return _BUFFER.view

    def buffer_updated(self, size: int) -> None:
        """Stamp what one read gave, and have it parsed."""
        self._take(_BUFFER.view[:size], self._clock())

    def _take(self, data: memoryview, at: float) -> None:
        if self.connected_at is None:  # a server may be quicker than `start_tls`, and speak first in HTTP/2
            self._early.append((bytes(data), at))
            return
        exchange = self.exchange
        if exchange.error is not None:
            return
        if not exchange.has_head:
            self.head_at = at
        body = exchange.feed(data)
        if not body or not self._is_taken(Chunk(body, at)):
            self._wake()

    def _is_taken(self, chunk: Chunk) -> bool:
        """Give a chunk to whoever waits for it or, where that is not to be done at once, keep it."""
        exchange, size = self.exchange, len(chunk.data)
        if self.on_chunk is not None and self._waiter is not None and not self._waiter.done():
            try:
                if self.on_chunk(chunk):
                    exchange.taken(size)
                    return not (exchange.complete or exchange.error)
            except BaseException as raised:  # it is raised again where the chunk would have been given
                self._raised = raised
                return False
        self._chunks.append(chunk)
        self._waiting += size
        if self._waiting > exchange.high_water and not self._paused and self._transport is not None:
            self._paused = True
            self._transport.pause_reading()
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell the reader that no more will come."""
        self._lost, self.lost_by = True, exc
        if not self.exchange.complete:
            self._error = self.exchange.ended(None if exc is None else _broken(exc))
        self._wake()

    async def _wait(self) -> None:
        self._waiter = asyncio.get_running_loop().create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)


def _exchange(message: Message, http2: Http2Use | None, agreed: str | None = None) -> Exchange:
    """Return an exchange in the version of HTTP that is known or was agreed on, else in HTTP/1.1."""
    if http2 == "known" or agreed == "h2":
        from sse_cli.sources.http2 import Http2

        return Http2(message)
    return Http1(message)


def _agreed(transport: asyncio.BaseTransport) -> str | None:
    """Return what the server chose of the versions that were offered in TLS (RFC 7301)."""
    tls = transport.get_extra_info("ssl_object")
    return None if tls is None else cast("str | None", tls.selected_alpn_protocol())


def _broken(error: Exception) -> Cut:
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return Cut(f"the connection broke: {reason or error.__class__.__name__}")
