"""A server in the test's own loop, looked at from raw sockets; and clocks that wait for nobody, or for us."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

from sse_cli.core.faults.table import read_faults
from sse_cli.core.items import Chunk
from sse_cli.core.pace import Pace
from sse_cli.core.recording import Answered, Asked, End, Entry, gather
from sse_cli.core.recording import Head as Head
from sse_cli.server.connection import LINGER
from sse_cli.server.http import TapeServer, serve
from sse_cli.server.log import Line
from sse_cli.server.routes import Match, Routes
from sse_cli.server.tape import Tape, tape_of

PATH = "/v1/chat/completions"
SSE = (("Content-Type", "text/event-stream"),)
A, B = b"data: a\n\n", "data: 流\n\n".encode()

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
FRAMES = b"9\r\n" + A + b"\r\nb\r\n" + B + b"\r\n0\r\n\r\n"
GET = b"GET /v1/chat/completions HTTP/1.1\r\nHost: x\r\n\r\n"
CLOSING = b"GET /v1/chat/completions HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"


def head(
    method: str = "POST",
    url: str = PATH,
    status: int = 200,
    headers: tuple[tuple[str, str], ...] = SSE,
    body: str | None = None,
) -> Head:
    return Head(
        request=Asked(method=method, url=url, body=body), response=Answered(status=status, headers=headers)
    )


def tape(*entries: Entry, name: str = "tape", pace: Pace = Pace(), any_method: bool = False) -> Tape:  # noqa: B008
    return tape_of(name, gather(entries), pace, any_method=any_method)


TAPE = tape(head(), Chunk(A, 0.5), Chunk(B, 2.0), End(at=2.5, reason="eof"))


class _Handle:
    def __init__(self, callback: Callable[..., Any], args: Sequence[Any]) -> None:
        self._callback, self._args = callback, args
        self.is_cancelled = False

    def cancel(self) -> None:
        self.is_cancelled = True

    def run(self) -> None:
        if not self.is_cancelled:
            self._callback(*self._args)


class JumpingTimer:
    """A clock that goes at once to the time that is waited for; each step then costs `late` more than that.

    Of deadlines, which are there not to be reached, it only keeps how far off they were.
    """

    def __init__(self, late: float = 0.0) -> None:
        self.now = 100.0
        self.late = late
        self.waits: list[float] = []
        self.deadlines: list[tuple[float, _Handle]] = []

    def time(self) -> float:
        return self.now

    def call_at(self, when: float, callback: Callable[..., Any], *args: Any) -> Any:
        handle, wait = _Handle(callback, args), round(when - self.now, 6)
        if wait >= LINGER:
            self.deadlines.append((wait, handle))
            return handle
        asyncio.get_running_loop().call_soon(self._reach, when, handle)
        return handle

    def _reach(self, when: float, handle: _Handle) -> None:
        if not handle.is_cancelled and when > self.now:
            self.waits.append(round(when - self.now, 6))
            self.now = when + self.late
        handle.run()


class Turnstile(JumpingTimer):
    """A clock that stands until `let` lets it go on to the next time that is waited for.

    `reached` says that something waits, `left` that it was sent away.
    """

    def __init__(self) -> None:
        super().__init__()
        self.reached = asyncio.Event()
        self._next: list[tuple[float, _Handle]] = []

    def call_at(self, when: float, callback: Callable[..., Any], *args: Any) -> Any:
        if not 0 < when - self.now < LINGER:
            return super().call_at(when, callback, *args)
        handle = _Handle(callback, args)
        self._next.append((when, handle))
        self.reached.set()
        return handle

    @property
    def is_left(self) -> bool:
        return bool(self._next) and self._next[-1][1].is_cancelled

    def let(self) -> None:
        self._reach(*self._next.pop(0))


def run(test: Callable[[], Awaitable[None]]) -> None:
    """Run a test in a loop, and fail if the loop had anything to complain of."""
    complaints: list[dict[str, object]] = []

    async def main() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(context))
        await test()

    asyncio.run(main())
    assert complaints == []


class House:
    """What a test says of the server it wants, and what the server told it."""

    def __init__(
        self,
        *tapes: Tape,
        faults: Sequence[str] = (),
        matches: Sequence[Match] = (),
        timer: JumpingTimer | None = None,
    ) -> None:
        self.routes = Routes(tapes or (TAPE,), matches)
        self.faults = read_faults(faults)
        self.timer = timer or JumpingTimer()
        self.lines: list[Line] = []

    @asynccontextmanager
    async def open(self) -> AsyncIterator[TapeServer]:
        async with serve(self.routes, faults=self.faults, log=self.lines.append, timer=self.timer) as server:
            yield server

    def answers(self, *requests: bytes) -> list[bytes]:
        """Return all that is sent for each of the requests, sent one after another."""
        found: list[bytes] = []

        async def test() -> None:
            async with self.open() as server:
                found.extend([await ask(server.url, request) for request in requests])

        run(test)
        return found


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    try:
        yield reader, writer
    finally:
        writer.close()


async def ask(url: str, request: bytes) -> bytes:
    """Send a request, or several, of which the last has the connection closed; return all that comes."""
    async with connected(url) as (reader, writer):
        writer.write(request)
        return await reader.read()


def request(
    method: str = "GET", path: str = PATH, *headers: str, body: bytes = b"", version: str = "1.1"
) -> bytes:
    """Return a request after which the connection is closed."""
    lines = [f"{method} {path} HTTP/{version}", "Host: x", "Connection: close", *headers]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "\r\n"]).encode() + body


def unframed(answer: bytes) -> bytes:
    """Return the body of a chunked answer, whole or not."""
    rest = answer.partition(b"\r\n\r\n")[2]
    body = b""
    while rest:
        size, _, rest = rest.partition(b"\r\n")
        length = int(size, 16)
        body, rest = body + rest[:length], rest[length + 2 :]
    return body
