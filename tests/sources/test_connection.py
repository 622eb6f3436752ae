"""One HTTP exchange, fed by hand: no socket, no clock, and every read as the test cuts it.

It is HTTP/1.1 but for the last part; what HTTP/2 makes of reads is in `test_http2`.
"""

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Iterable
from types import SimpleNamespace

import msgspec
import pytest

from sse_cli.core.items import Chunk
from sse_cli.sources.connection import Connection
from sse_cli.sources.http1 import HIGH_WATER, MAX_HEAD
from sse_cli.sources.message import Message, address_of
from sse_cli.sources.route import Http2Use
from sse_cli.sources.source import Cut, Unreachable

MESSAGE = Message(address_of("http://h/"), "GET", [(b"Host", b"h")])
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
SIZED = HEAD + b"Content-Length: 9\r\n\r\n"
OPEN = HEAD + b"\r\n"
BODY = b"data: a\n\n"
RESET = ConnectionResetError(104, "Connection reset by peer")


class FakeTransport(asyncio.Transport):
    def __init__(self, agreed: str | None = None) -> None:
        super().__init__({"ssl_object": SimpleNamespace(selected_alpn_protocol=lambda: agreed)})
        self.calls: list[str] = []
        self.written = b""

    def write(self, data: bytes) -> None:
        self.written += data

    def pause_reading(self) -> None:
        self.calls.append("pause")

    def resume_reading(self) -> None:
        self.calls.append("resume")

    def abort(self) -> None:
        self.calls.append("abort")


def receive(connection: Connection, data: bytes) -> None:
    """Do what asyncio does with the bytes of one read."""
    size = min(len(data), len(connection.get_buffer(-1)))
    connection.get_buffer(-1)[:size] = data[:size]
    connection.buffer_updated(size)
    if data[size:]:
        receive(connection, data[size:])


class Exchange:
    """A connection, its transport, and a clock that counts how often it is read."""

    def __init__(self) -> None:
        ticks = itertools.count(1)
        self.connection = Connection(MESSAGE, clock=lambda: float(next(ticks)))
        self.transport = FakeTransport()
        self.connection.connection_made(self.transport)

    def feed(self, *reads: bytes) -> None:
        for data in reads:
            receive(self.connection, data)

    def end(self, error: Exception | None = None) -> None:
        self.connection.connection_lost(error)

    async def drain(self, chunks: list[Chunk]) -> None:
        while (chunk := await self.connection.read()) is not None:
            chunks.append(chunk)

    async def rest(self) -> list[Chunk]:
        chunks: list[Chunk] = []
        await self.drain(chunks)
        return chunks


def play(scene: Callable[[Exchange], Awaitable[None]]) -> None:
    async def go() -> None:
        await scene(Exchange())

    asyncio.run(go())


def read_all(reads: Iterable[bytes], *, lost: bool = True, error: Exception | None = None) -> list[Chunk]:
    chunks: list[Chunk] = []

    async def scene(exchange: Exchange) -> None:
        exchange.feed(*reads)
        if lost:
            exchange.end(error)
        await exchange.connection.head()
        chunks.extend(await exchange.rest())

    play(scene)
    return chunks


def single_bytes(data: bytes) -> list[bytes]:
    return [data[i : i + 1] for i in range(len(data))]


FRAMINGS = {
    "chunked": (CHUNKED + b"4;x=y\r\ndata\r\n5\r\n: a\n\n\r\n0\r\nTrailer: t\r\n\r\n", False),
    "content-length": (SIZED + BODY, False),
    "until close": (OPEN + BODY, True),
    "HTTP/1.0": (OPEN.replace(b"1.1", b"1.0") + BODY, True),
    "a coding that frames nothing": (HEAD + b"Transfer-Encoding: identity\r\n\r\n" + BODY, True),
    "both lengths": (
        HEAD + b"Content-Length: 1\r\n" + CHUNKED[len(HEAD):] + b"9\r\n" + BODY + b"\r\n0\r\n\r\n", False,
    ),
    "lone LFs": (SIZED.replace(b"\r", b"") + BODY, False),
    "spaces after sizes": (CHUNKED + b"9  \r\n" + BODY + b"\r\n0 \r\n\r\n", False),
    "a folded header": (HEAD + b"X: a\r\n b\r\n" + SIZED[len(HEAD):] + BODY, False),
    "after 100": (b"HTTP/1.1 100 Continue\r\n\r\n" + SIZED + BODY, False),
    "after 103": (b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + SIZED + BODY, False),
}  # fmt: skip


@pytest.mark.parametrize("cut", [lambda data: [data], single_bytes], ids=["whole", "byte by byte"])
@pytest.mark.parametrize("name", FRAMINGS)
def test_every_framing_gives_the_body_however_it_is_cut(
    name: str, cut: Callable[[bytes], list[bytes]]
) -> None:
    data, lost = FRAMINGS[name]
    assert b"".join(chunk.data for chunk in read_all(cut(data), lost=lost)) == BODY


def test_the_request_is_sent_and_the_head_is_read() -> None:
    async def scene(exchange: Exchange) -> None:
        connection = exchange.connection
        assert exchange.transport.written == MESSAGE.data
        exchange.feed(b"HTTP/1.1 100 Continue\r\nX-Early: 1\r\n\r\n")
        exchange.feed(b"HTTP/1.0 404 Not Found\r\nx-A: 1\r\nX-a:  2 \r\n\r\n")
        await connection.head()
        assert (connection.status, connection.http_version) == (404, "1.0")
        assert connection.headers == [(b"x-A", b"1"), (b"X-a", b"2")]

    play(scene)


def test_times_are_those_of_the_reads() -> None:
    async def scene(exchange: Exchange) -> None:
        exchange.feed(CHUNKED[:20], CHUNKED[20:] + b"1\r\na\r\n", b"1\r\nb\r\n1\r\nc\r\n", b"0\r\n\r\n")
        await exchange.connection.head()
        assert exchange.connection.connected_at == 1
        assert exchange.connection.head_at == 3, "of the read that completed it"
        assert await exchange.rest() == [Chunk(b"a", 3), Chunk(b"bc", 4)], "one chunk per read"

    play(scene)


def test_whoever_waits_is_woken_by_what_comes() -> None:
    async def scene(exchange: Exchange) -> None:
        head = asyncio.create_task(exchange.connection.head())
        await asyncio.sleep(0)
        assert not head.done()
        exchange.feed(CHUNKED)
        await head
        rest = asyncio.create_task(exchange.rest())
        for data in (b"1\r\na\r\n", b"0\r\n\r\n"):
            await asyncio.sleep(0)
            assert not rest.done()
            exchange.feed(data)
        assert await rest == [Chunk(b"a", 3)]

    play(scene)


CUTS = {
    "chunked": ([CHUNKED, b"9\r\nda"], None, b"da", "before the body was whole"),
    "chunk header": ([CHUNKED, b"9"], None, b"", "before the body was whole"),
    "last chunk": ([CHUNKED, b"2\r\nda\r\n"], None, b"da", "before the body was whole"),
    "content-length": ([SIZED, b"data"], None, b"data", "before the body was whole"),
    "reset": ([OPEN, b"data"], RESET, b"data", "reset by peer"),
    "coding": ([CHUNKED, b"2\r\nda\r\nzz"], None, b"da", "chunked coding is broken"),
    "endless size": ([CHUNKED, b"2\r\nda\r\n2;", *[b"x" * 131072] * 9], None, b"da", "nothing of the body"),
    "endless trailers": ([CHUNKED, b"2\r\nda\r\n0\r\n", *[b"X: y\r\n"] * 180_000], None, b"da", "nothing"),
    "coding, same read": ([CHUNKED + b"2\r\nda\r\nzz"], None, b"da", "chunked coding is broken"),
}  # fmt: skip


@pytest.mark.parametrize("name", CUTS)
def test_a_body_that_is_cut_is_given_as_far_as_it_came(name: str) -> None:
    reads, error, came, told = CUTS[name]

    async def scene(exchange: Exchange) -> None:
        exchange.feed(*reads)
        exchange.end(error)
        await exchange.connection.head()
        got: list[Chunk] = []
        with pytest.raises(Cut, match=told):
            await exchange.drain(got)
        assert b"".join(chunk.data for chunk in got) == came

    play(scene)


@pytest.mark.parametrize(
    ("reads", "error", "told"),
    [
        ([b"SSH-2.0-x\r\n"], None, "not HTTP"),
        ([b"\x15\x03\x01\0\x02\x02\x16"], None, "not HTTP"),
        ([b"HTTP/1.1 2"], None, "without an answer"),
        ([], None, "without an answer"),
        ([], RESET, "reset by peer"),
        ([HEAD, *[b"X-More: and more\r\n"] * (MAX_HEAD // 18)], None, "no end of its head"),
    ],
    ids=["ssh", "tls", "cut", "nothing", "reset", "endless"],
)  # fmt: skip
def test_what_is_no_answer_is_unreachable_with_a_hint(
    reads: list[bytes], error: Exception | None, told: str
) -> None:
    async def scene(exchange: Exchange) -> None:
        exchange.feed(*reads)
        exchange.end(error)
        with pytest.raises(Unreachable, match=told) as caught:
            await exchange.connection.head()
        assert "right port" in caught.value.hint

    play(scene)


def test_a_second_answer_is_nobodys() -> None:
    for cut in (lambda data: [data], single_bytes):
        assert b"".join(chunk.data for chunk in read_all(cut((SIZED + BODY) * 2), lost=False)) == BODY


def test_a_change_of_protocol_is_no_stream() -> None:
    async def scene(exchange: Exchange) -> None:
        exchange.feed(b"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\nbytes")
        await exchange.connection.head()
        assert exchange.connection.status == 101
        assert await exchange.rest() == []

    play(scene)


def test_beyond_the_high_water_mark_reading_pauses_until_half_of_it_is_taken() -> None:
    async def scene(exchange: Exchange) -> None:
        connection, calls = exchange.connection, exchange.transport.calls
        piece = b"x" * (HIGH_WATER // 8)
        exchange.feed(OPEN, *[piece] * 8)
        await connection.head()
        assert calls == []
        exchange.feed(piece, piece)
        assert calls == ["pause"]
        for _ in range(5):
            await connection.read()
        assert calls == ["pause"]
        await connection.read()
        assert calls == ["pause", "resume"]
        exchange.end()
        assert len(await exchange.rest()) == 4
        assert calls == ["pause", "resume"]

    play(scene)


def test_to_close_drops_the_connection_at_any_time() -> None:
    async def scene(exchange: Exchange) -> None:
        exchange.connection.close()
        exchange.connection.close()
        assert exchange.transport.calls == ["abort", "abort"]

    play(scene)
    Connection(MESSAGE).close()


def test_the_answer_to_head_has_no_body() -> None:
    async def go() -> None:
        connection = Connection(msgspec.structs.replace(MESSAGE, method="HEAD"))
        connection.connection_made(FakeTransport())
        receive(connection, b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n")
        await connection.head()
        assert await connection.read() is None

    asyncio.run(go())


HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n"


async def waited_for(exchange: Exchange) -> asyncio.Future[Chunk | None]:
    """Begin to read, and let the loop come to where that waits."""
    reading = asyncio.ensure_future(exchange.connection.read())
    await asyncio.sleep(0)
    return reading


def test_a_chunk_is_given_at_once_to_who_takes_it_while_it_is_waited_for() -> None:
    async def scene(exchange: Exchange) -> None:
        taken: list[bytes] = []
        exchange.connection.on_chunk = lambda chunk: taken.append(chunk.data) is None
        exchange.feed(HEAD, b"ab")
        assert taken == []
        assert await exchange.connection.read() == Chunk(b"ab", 3.0)
        reading = await waited_for(exchange)
        exchange.feed(b"cd")
        assert taken == [b"cd"]
        exchange.feed(b"ef")
        assert taken == [b"cd", b"ef"]
        assert await reading is None

    play(scene)


def test_a_chunk_that_is_not_taken_is_kept() -> None:
    async def scene(exchange: Exchange) -> None:
        exchange.connection.on_chunk = lambda _chunk: False
        exchange.feed(HEAD)
        reading = await waited_for(exchange)
        exchange.feed(b"abcdef")
        assert await reading == Chunk(b"abcdef", 3.0)
        assert await exchange.connection.read() is None

    play(scene)


def test_what_who_takes_it_raises_is_raised_to_who_reads() -> None:
    def fail(_chunk: Chunk) -> bool:
        raise KeyError("as made up")

    async def scene(exchange: Exchange) -> None:
        exchange.connection.on_chunk = fail
        exchange.feed(HEAD)
        reading = await waited_for(exchange)
        exchange.feed(b"ab")
        with pytest.raises(KeyError):
            await reading

    play(scene)


SETTINGS = b"\0\0\0\4\0\0\0\0\0"
HEAD_OF_HTTP2 = b"\0\0\1\1\4\0\0\0\1\x88"  # status 200, as an index (RFC 7541, appendix A)


def data_of_http2(body: bytes) -> bytes:
    return b"\0\0%c\0\0\0\0\0\1%b" % (len(body), body)


@pytest.mark.parametrize(
    ("http2", "agreed", "version"),
    [
        (None, "h2", "1.1"),
        ("offered", "h2", "2"),
        ("offered", "http/1.1", "1.1"),
        ("offered", None, "1.1"),
        ("known", "h2", "2"),
        ("known", None, "2"),
    ],
)
def test_the_version_is_the_one_that_is_known_or_agreed_on(
    http2: Http2Use | None, agreed: str | None, version: str
) -> None:
    connection, transport = Connection(MESSAGE, http2), FakeTransport(agreed)
    connection.connection_made(transport)
    assert connection.http_version == version
    assert transport.written.startswith(b"PRI * HTTP/2.0" if version == "2" else b"GET / HTTP/1.1")


def test_chunks_of_http2_have_the_times_of_the_reads() -> None:
    async def scene(_: Exchange) -> None:
        ticks = itertools.count(1)
        connection, transport = Connection(MESSAGE, "known", lambda: float(next(ticks))), FakeTransport()
        connection.connection_made(transport)
        receive(connection, SETTINGS)
        receive(connection, HEAD_OF_HTTP2 + data_of_http2(b"a") + data_of_http2(b"b"))
        await connection.head()
        assert (connection.connected_at, connection.head_at, connection.status) == (1, 3, 200)
        assert await connection.read() == Chunk(b"ab", 3)
        taken: list[Chunk] = []
        connection.on_chunk = lambda chunk: taken.append(chunk) is None
        reading = asyncio.ensure_future(connection.read())
        await asyncio.sleep(0)
        receive(connection, data_of_http2(b"c") + data_of_http2(b"d")[:9])
        receive(connection, b"d")
        assert taken == [Chunk(b"c", 4), Chunk(b"d", 5)]
        connection.connection_lost(None)
        with pytest.raises(Cut, match="before the body was whole"):
            await reading

    play(scene)


def test_what_came_before_it_stood_is_read_when_the_request_is_sent() -> None:
    async def scene(_: Exchange) -> None:
        connection, transport = Connection(MESSAGE, "offered"), FakeTransport("h2")
        receive(connection, SETTINGS)
        connection.came_early(HEAD_OF_HTTP2)
        connection.connection_made(transport)
        await connection.head()
        assert connection.status == 200
        assert transport.written.startswith(b"PRI * HTTP/2.0")
        assert transport.written.endswith(b"\0\0\0\4\1\0\0\0\0"), "the settings are acknowledged"

    play(scene)


def test_a_reader_of_http2_who_is_slow_does_not_keep_pings_from_being_read() -> None:
    connection, transport = Connection(MESSAGE, "known"), FakeTransport()
    connection.connection_made(transport)
    receive(connection, SETTINGS + HEAD_OF_HTTP2)
    for _ in range(HIGH_WATER // 200):
        receive(connection, data_of_http2(bytes(250)))
    receive(connection, b"\0\0\x08\6\0\0\0\0\0" + b"12345678")
    assert transport.written.endswith(b"\6\1\0\0\0\0" + b"12345678")
    assert transport.calls == []


def test_the_reason_for_which_a_connection_of_http2_broke() -> None:
    for said, told in (
        (b"", "reset by peer"),
        (b"\0\0\x08\7\0\0\0\0\0\0\0\0\1\0\0\0\x0b", "ENHANCE_YOUR_CALM"),
    ):
        connection = Connection(MESSAGE, "known")
        connection.connection_made(FakeTransport())
        receive(connection, SETTINGS + HEAD_OF_HTTP2 + said)
        connection.connection_lost(RESET)
        with pytest.raises(Cut, match=told):
            asyncio.run(connection.read())


def test_http2_that_nobody_asked_for_is_known() -> None:
    connection = Connection(MESSAGE)
    connection.connection_made(FakeTransport())
    receive(connection, SETTINGS)
    with pytest.raises(Unreachable, match="speaks HTTP/2") as caught:
        asyncio.run(connection.head())
    assert "--http2-prior-knowledge" in caught.value.hint
