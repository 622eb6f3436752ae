"""The embedded server, looked at from a raw socket: the bytes it sends, and when."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import pytest

from sse_cli.core.items import Chunk
from sse_cli.errors import SseError
from sse_cli.server.http import serve
from sse_cli.server.tape import Tape

PATH = "/v1/chat/completions"
HEADERS = (("Content-Type", "text/event-stream"), ("Content-Length", "7"), ("X-From", "tape"))
TAPE = Tape(PATH, 200, HEADERS, (Chunk(b"data: a\n\n", 0.5), Chunk("data: 流\n\n".encode(), 2.0)))

HEAD = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nX-From: tape\r\n"
    b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
)


class FakeTime:
    """A clock that moves only when somebody sleeps; each step then costs `late` more than was asked."""

    def __init__(self, late: float = 0.0) -> None:
        self.time = 100.0
        self.late = late
        self.sleeps: list[float] = []

    def now(self) -> float:
        return self.time

    async def sleep(self, seconds: float) -> None:
        self.sleeps.append(seconds)
        self.time += seconds + self.late
        await asyncio.sleep(0)


class Turnstile:
    """A sleep that lasts until `let` lets one through.

    `reached` says that somebody has come to it, `left` that he was sent away.
    """

    def __init__(self) -> None:
        self.reached = asyncio.Event()
        self.left = asyncio.Event()
        self._passes = asyncio.Semaphore(0)

    def let(self) -> None:
        self._passes.release()

    async def sleep(self, seconds: float) -> None:
        self.reached.set()
        try:
            await self._passes.acquire()
        except asyncio.CancelledError:
            self.left.set()
            raise


def run(test: Callable[[], Awaitable[None]]) -> None:
    """Run a test in a loop, and fail if the loop had anything to complain of."""
    complaints: list[dict[str, object]] = []

    async def main() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(context))
        await test()

    asyncio.run(main())
    assert complaints == []


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    try:
        yield reader, writer
    finally:
        writer.close()


async def ask(url: str, request: bytes) -> bytes:
    async with connected(url) as (reader, writer):
        writer.write(request)
        return await reader.read()


def answer_to(request: bytes, tape: Tape = TAPE) -> bytes:
    """Return all that the server sends for `request`."""
    answers: list[bytes] = []

    async def test() -> None:
        time = FakeTime()
        async with serve(tape, sleep=time.sleep, now=time.now) as url:
            answers.append(await ask(url, request))

    run(test)
    return answers[0]


@pytest.mark.parametrize(
    "request_",
    [
        b"GET /v1/chat/completions HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /v1/chat/completions?a=b HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET http://x/v1/chat/completions HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /v1/chat/completions HTTP/1.1\nHost: x\n\n",
        b"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}",
        b"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Length: 300000\r\n\r\n" + b" " * 300_000,
    ],
    ids=["get", "query", "absolute", "bare-lf", "post", "large-body"],
)
def test_it_plays_each_chunk_as_one_http_chunk(request_: bytes) -> None:
    body = b"9\r\ndata: a\n\n\r\nb\r\n" + "data: 流\n\n".encode() + b"\r\n0\r\n\r\n"
    assert answer_to(request_) == HEAD + body


def test_http_1_0_gets_the_body_unframed() -> None:
    head, _, body = answer_to(b"GET /v1/chat/completions HTTP/1.0\r\n\r\n").partition(b"\r\n\r\n")
    assert b"Transfer-Encoding" not in head
    assert body == "data: a\n\ndata: 流\n\n".encode()


def test_the_tape_gives_the_status() -> None:
    for status, line in ((429, b"HTTP/1.1 429 Too Many Requests\r\n"), (299, b"HTTP/1.1 299 \r\n")):
        tape = Tape(PATH, status, (), ())
        answer = answer_to(b"GET /v1/chat/completions HTTP/1.1\r\n\r\n", tape)
        assert answer.startswith(line)
        assert answer.endswith(b"\r\n\r\n0\r\n\r\n")


def test_head_gets_no_body() -> None:
    assert answer_to(b"HEAD /v1/chat/completions HTTP/1.1\r\n\r\n") == HEAD
    missing = answer_to(b"HEAD /nothing HTTP/1.1\r\n\r\n")
    assert missing.startswith(b"HTTP/1.1 404 Not Found\r\n")
    assert missing.endswith(b"\r\n\r\n")


def refusal(request: bytes) -> tuple[bytes, dict[str, object]]:
    head, _, body = answer_to(request).partition(b"\r\n\r\n")
    assert b"Content-Type: application/json\r\n" in head
    assert b"Content-Length: %d\r\n" % len(body) in head
    return head, json.loads(body)["error"]


def test_another_path_gets_a_list_of_what_there_is() -> None:
    head, error = refusal(b"POST /v1/models HTTP/1.1\r\nContent-Length: 300000\r\n\r\n" + b" " * 300_000)
    assert head.startswith(b"HTTP/1.1 404 Not Found\r\n")
    assert error["message"] == "there is no POST /v1/models here"
    assert error["routes"] == [f"GET {PATH}", f"POST {PATH}", f"HEAD {PATH}"]


def test_another_method_gets_a_list_of_what_there_is() -> None:
    head, error = refusal(b"DELETE /v1/chat/completions HTTP/1.1\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 405 Method Not Allowed\r\n")
    assert b"\r\nAllow: GET, POST, HEAD\r\n" in head
    assert error["routes"] == [f"GET {PATH}", f"POST {PATH}", f"HEAD {PATH}"]


@pytest.mark.parametrize(
    "request_",
    [
        b"hello\r\n",
        b"GET / HTTP/2.0\r\n",
        b"GET http://[ HTTP/1.1\r\n",
        b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nA: " + b"a" * 100_000 + b"\r\n\r\n",
    ],
    ids=["garbage", "version", "target", "long-line", "long-header"],
)
def test_a_bad_request_is_told_so(request_: bytes) -> None:
    head, error = refusal(request_)
    assert head.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert error == {"message": "this is not an HTTP/1 request"}


def test_times_are_kept_from_the_start_whatever_a_step_costs() -> None:
    async def test() -> None:
        time = FakeTime(late=0.25)
        async with serve(TAPE, sleep=time.sleep, now=time.now) as url:
            await ask(url, b"GET /v1/chat/completions HTTP/1.1\r\n\r\n")
        assert time.sleeps == [0.5, 1.25]

    run(test)


def test_the_head_and_each_chunk_go_out_when_they_are_due() -> None:
    async def test() -> None:
        pause = Turnstile()
        async with serve(TAPE, sleep=pause.sleep) as url, connected(url) as (reader, writer):
            writer.write(b"GET /v1/chat/completions HTTP/1.1\r\n\r\n")
            assert await reader.readuntil(b"\r\n\r\n") == HEAD
            pause.let()
            assert await reader.readuntil(b"\n\n\r\n") == b"9\r\ndata: a\n\n\r\n"
            pause.let()
            assert await reader.read() == b"b\r\ndata: \xe6\xb5\x81\n\n\r\n0\r\n\r\n"

    run(test)


@pytest.mark.parametrize("leave", ["close", "abort"])
def test_a_client_that_goes_ends_its_answer_quietly(leave: str) -> None:
    async def test() -> None:
        pause = Turnstile()
        async with serve(TAPE, sleep=pause.sleep) as url:
            async with connected(url) as (_, writer):
                writer.write(b"GET /v1/chat/completions HTTP/1.1\r\n\r\n")
                await pause.reached.wait()
                getattr(writer if leave == "close" else writer.transport, leave)()
            await pause.left.wait()
            pause.let()
            pause.let()
            assert (await ask(url, b"GET /v1/chat/completions HTTP/1.1\r\n\r\n")).startswith(HEAD)

    run(test)


def test_a_client_that_never_reads_does_not_hold_the_server_up() -> None:
    async def test() -> None:
        time = FakeTime()
        endless = Tape(PATH, 200, (), (Chunk(b"x" * 1_000_000, 0.0),) * 100)
        async with serve(endless, sleep=time.sleep, now=time.now) as url, connected(url) as (reader, writer):
            writer.write(b"GET /v1/chat/completions HTTP/1.1\r\n\r\n")
            await reader.readuntil(b"\r\n\r\n")

    run(test)


def test_leaving_the_block_ends_what_still_plays() -> None:
    async def test() -> None:
        pause = Turnstile()
        async with serve(TAPE, sleep=pause.sleep) as url:
            parts = urlsplit(url)
            reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
            writer.write(b"GET /v1/chat/completions HTTP/1.1\r\n\r\n")
            await pause.reached.wait()
        assert pause.left.is_set()
        assert await reader.read() == HEAD
        writer.close()
        with pytest.raises(OSError):
            await asyncio.open_connection(parts.hostname, parts.port)

    run(test)


def test_a_port_in_use_is_an_error_for_people() -> None:
    async def test() -> None:
        async with serve(TAPE) as url:
            port = urlsplit(url).port
            with pytest.raises(SseError, match=f"cannot listen on 127.0.0.1 port {port}: "):
                async with serve(TAPE, port=port or 0):
                    pass

    run(test)
