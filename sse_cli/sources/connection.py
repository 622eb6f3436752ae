"""One HTTP/1.1 exchange on an asyncio protocol, made for streams (the only importer of httptools).

Each chunk is stamped in `data_received`, right after the read and before anything is done with it, so that
neither the event loop's queue nor a slow reader bends its time. All that one read gave comes as one chunk.
"""

import asyncio
import threading
from collections import deque
from collections.abc import Callable
from time import perf_counter
from typing import Any, cast

import httptools

from sse_cli.core.items import Chunk
from sse_cli.sources.source import Cut, OnChunk, Unreachable

HIGH_WATER = 1024 * 1024
"""Bytes that may wait to be taken; beyond, reading is paused and the server feels it."""

MAX_HEAD = 1024 * 1024
"""Bytes that bring nothing of the body, as a head's: far more than servers send, and a bound for what has no
end."""

_NO_HTTP_HINT = "Is it the right port? A server that speaks TLS wants an https:// URL."


_READ = 128 * 1024
"""Bytes of one read at most. Twice as much gains nothing."""


_LENIENCIES = {
    "lenient_headers": True,  # lines that are folded, control characters
    "lenient_chunked_length": True,  # Content-Length beside chunks, which go before it
    "lenient_optional_cr_before_lf": True,
    "lenient_spaces_after_chunk_size": True,
}
"""What curl and browsers read as well. The parser calls it dangerous for who hands requests on; we do not."""


def _frames(header: tuple[bytes, bytes]) -> bool:
    """Tell whether a header says where the body ends (RFC 9112, section 6.3)."""
    name, value = header[0].lower(), header[1].lower()
    return name == b"content-length" or (name == b"transfer-encoding" and b"chunked" in value)


class _Buffer(threading.local):
    """What all connections of a thread are read into: a read is dealt with before the next one is made."""

    def __init__(self) -> None:
        self.view = memoryview(bytearray(_READ))


_BUFFER = _Buffer()


class Connection(asyncio.BufferedProtocol):
    """Send one request; await `head()`, then `read()` until it gives None.

    For `on_chunk` see `source.Source`.
    """

    def __init__(self, request: bytes, clock: Callable[[], float] = perf_counter) -> None:
        self.connected_at: float | None = None
        self.head_at: float | None = None
        self.status = 0
        self.headers: list[tuple[bytes, bytes]] = []
        self._request = request
        self._clock = clock
        self._pieces: list[bytes] = []
        self._whole = 0  # how many of them are the body's, once that is complete
        # The parser calls it for each piece of the body, which is often an event. A method of Python's would
        # cost as much as all else that is done with one here.
        self.on_body = self._pieces.append
        self._parser: Any = httptools.HttpResponseParser(self)
        self._parser.set_dangerous_leniencies(**_LENIENCIES)
        self._transport: asyncio.Transport | None = None
        self._chunks: deque[Chunk] = deque()
        self._waiting = 0  # bytes in _chunks
        self._barren = 0  # bytes since there was some of the body
        self._paused = False
        self._head_done = self._complete = self._framed = self._lost = False
        self._error: Cut | None = None
        self.lost_by: Exception | None = None  # what ended the connection, if anything went wrong
        self.on_chunk: OnChunk | None = None
        self._raised: BaseException | None = None  # by on_chunk
        self._waiter: asyncio.Future[None] | None = None

    @property
    def http_version(self) -> str:
        """The version that the server answered with, such as `1.1`."""
        return cast(str, self._parser.get_http_version())

    async def head(self) -> None:
        """Wait for the response's head. Raises `Unreachable` if none comes."""
        while not self._head_done:
            if self._error is not None:
                raise Unreachable(self._error.message, self._error.hint or _NO_HTTP_HINT)
            if self._lost:
                raise Unreachable("the server closed the connection without an answer", _NO_HTTP_HINT)
            await self._wait()

    async def read(self) -> Chunk | None:
        """Wait for the body's next chunk; None at its proper end. Raises `Cut`."""
        while not self._chunks:
            if self._raised is not None:
                raise self._raised
            if self._complete:
                return None
            if self._error is not None:
                raise self._error
            if self._lost:
                if self._framed:
                    raise Cut("the connection was closed before the body was whole")
                return None
            await self._wait()
        chunk = self._chunks.popleft()
        self._waiting -= len(chunk.data)
        if self._paused and self._waiting <= HIGH_WATER // 2 and self._transport is not None:
            self._paused = False
            self._transport.resume_reading()
        return chunk

    def close(self) -> None:
        """Drop the connection at once."""
        if self._transport is not None:
            self._transport.abort()

    # asyncio's side

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send the request."""
        self.connected_at = self._clock()
        self._transport = cast(asyncio.Transport, transport)
        self._transport.write(self._request)

    def get_buffer(self, _size_hint: int) -> memoryview:
        """Give the buffer to read into."""
        return _BUFFER.view

    def buffer_updated(self, size: int) -> None:
        """Stamp what one read gave, and parse it."""
        self._take(_BUFFER.view[:size], self._clock())

    def _take(self, data: memoryview, at: float) -> None:
        if not self._head_done:
            self.head_at = at
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:  # what follows is of another protocol, and nobody asked for it
            self._finish()
        except httptools.HttpParserError as error:
            if not self._complete:
                self._error = self._parse_error(error)
        self._barren = 0 if self._pieces else self._barren + len(data)
        if self._barren > MAX_HEAD and self._error is None:
            self._error = self._endless()
            self.close()
        if self._complete:  # what follows is of another answer, which nobody asked for
            del self._pieces[self._whole :]
            self._whole = 0
        if self._pieces:
            body = self._pieces[0] if len(self._pieces) == 1 else b"".join(self._pieces)
            self._pieces.clear()
            if self._is_taken(Chunk(body, at)):
                return
        self._wake()

    def _is_taken(self, chunk: Chunk) -> bool:
        """Give a chunk to whoever waits for it or, where that is not to be done at once, keep it."""
        if self.on_chunk is not None and self._waiter is not None and not self._waiter.done():
            try:
                if self.on_chunk(chunk):
                    return not (self._complete or self._error)
            except BaseException as raised:  # it is raised again where the chunk would have been given
                self._raised = raised
                return False
        self._chunks.append(chunk)
        self._waiting += len(chunk.data)
        if self._waiting > HIGH_WATER and not self._paused and self._transport is not None:
            self._paused = True
            self._transport.pause_reading()
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell the reader that no more will come."""
        self._lost, self.lost_by = True, exc
        if exc is not None and not self._complete and self._error is None:
            reason = exc.strerror if isinstance(exc, OSError) and exc.strerror else str(exc)
            self._error = Cut(f"the connection broke: {reason or exc.__class__.__name__}")
        self._wake()

    # the parser's side

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep a header, less the spaces that the parser leaves after its value; not what follows a body."""
        if not self._head_done:
            self.headers.append((name, value.rstrip(b" \t")))

    def on_headers_complete(self) -> None:
        """See how the body is framed."""
        if self._complete:  # a second answer, which nobody asked for
            return
        self.status = self._parser.get_status_code()
        if self.status < 200 and self.status != 101:  # 100 Continue, 103 Early Hints: the answer follows
            self.headers.clear()
            return
        self._framed = any(map(_frames, self.headers))
        self._head_done = True
        if self._request.startswith(b"HEAD "):  # its answer has no body, whatever the head says of one
            self._finish()

    def on_message_complete(self) -> None:
        """Note that the body is whole."""
        if self._head_done:
            self._finish()

    def _finish(self) -> None:
        if not self._complete:
            self._complete, self._whole = True, len(self._pieces)

    def _parse_error(self, error: httptools.HttpParserError) -> Cut:
        if not self._head_done:
            return Cut(f"the server's answer is not HTTP: {error}", _NO_HTTP_HINT)
        return Cut(f"the body's chunked coding is broken: {error}")

    def _endless(self) -> Cut:
        if not self._head_done:
            return Cut(f"the server's answer is not HTTP: no end of its head in {MAX_HEAD:,} bytes")
        return Cut(f"the body's chunked coding is broken: {MAX_HEAD:,} bytes with nothing of the body")

    async def _wait(self) -> None:
        self._waiter = asyncio.get_running_loop().create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
