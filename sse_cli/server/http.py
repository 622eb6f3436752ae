"""A small HTTP/1.1 server that plays tapes on asyncio streams.

One answer per connection; no TLS. A request's body is read off and not looked at.
"""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from http import HTTPStatus
from urllib.parse import urlsplit

import msgspec

from sse_cli.errors import SseError
from sse_cli.server.tape import Tape

Sleep = Callable[[float], Awaitable[object]]
"""Waits for so many seconds."""

Now = Callable[[], float]
"""The time in seconds, on the clock by which a `Sleep` waits."""

METHODS = ("GET", "POST", "HEAD")
"""What every route answers to."""

_REQUEST_LINE = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+) (\S+) HTTP/1\.([0-9])\r?\n")
_READ_SIZE = 65536
_PHRASES = {status.value: status.phrase for status in HTTPStatus}
# What this server decides for itself: the bytes of a tape are as they were before any coding or framing.
_OWN_HEADERS = {"connection", "content-encoding", "content-length", "keep-alive", "transfer-encoding"}


class _Request(msgspec.Struct, frozen=True):
    """What this server looks at in a request. `chunked` is whether the client knows chunked bodies."""

    method: str
    path: str
    chunked: bool


@asynccontextmanager
async def serve(
    tape: Tape,
    host: str = "127.0.0.1",
    port: int = 0,
    *,
    sleep: Sleep = asyncio.sleep,
    now: Now = time.monotonic,
) -> AsyncIterator[str]:
    """Play `tape` at its path to whoever asks, until the block ends; give the server's base URL.

    Port 0 is any free one. Raise `SseError` if the address cannot be listened on.
    """
    player = TapeServer({tape.path: tape}, sleep, now)
    try:
        listener = await asyncio.start_server(player.accept, host, port)
    except OSError as error:
        raise SseError(f"cannot listen on {host} port {port}: {error}", "Port 0 is any free port.") from error
    try:
        yield _base_url(listener)
    finally:
        # No wait_closed(): from Python 3.12 on it waits for clients, which may never go.
        listener.close()
        await player.close()


class TapeServer:
    """Answers connections by a table of routes: path -> tape."""

    def __init__(self, routes: Mapping[str, Tape], sleep: Sleep, now: Now) -> None:
        self._routes = routes
        self._sleep = sleep
        self._now = now
        self._connections: set[asyncio.Task[None]] = set()

    def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take a new connection, in a task of its own."""
        task = asyncio.create_task(self._converse(reader, writer))
        self._connections.add(task)  # the loop itself holds tasks weakly
        task.add_done_callback(self._connections.discard)

    async def close(self) -> None:
        """End all connections, whatever they are at."""
        for task in self._connections:
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request, and read until the client goes: closed any earlier, TCP could drop the answer.

        A client that goes before its answer's end ends the answer.
        """
        try:
            request = await _read_request(reader)
            answer = asyncio.create_task(self._answer(request, writer))
            try:
                while await reader.read(_READ_SIZE):
                    pass
            finally:
                answer.cancel()
                with suppress(asyncio.CancelledError):
                    await answer
        except OSError:
            pass  # the client broke the connection, as is its right
        finally:
            writer.transport.abort()

    async def _answer(self, request: _Request | None, writer: asyncio.StreamWriter) -> None:
        try:
            await self._choose(request, writer)
            await writer.drain()
        finally:
            writer.write_eof()

    async def _choose(self, request: _Request | None, writer: asyncio.StreamWriter) -> None:
        if request is None:
            _write_error(writer, "GET", HTTPStatus.BAD_REQUEST, "this is not an HTTP/1 request")
        elif (tape := self._routes.get(request.path)) is None:
            self._write_refusal(writer, request, HTTPStatus.NOT_FOUND)
        elif request.method not in METHODS:
            self._write_refusal(writer, request, HTTPStatus.METHOD_NOT_ALLOWED, ("Allow", ", ".join(METHODS)))
        else:
            await self._play(tape, request, writer)

    def _write_refusal(
        self, writer: asyncio.StreamWriter, request: _Request, status: HTTPStatus, *headers: tuple[str, str]
    ) -> None:
        message = f"there is no {request.method} {request.path} here"
        routes = [f"{method} {path}" for path in self._routes for method in METHODS]
        _write_error(writer, request.method, status, message, *headers, routes=routes)

    async def _play(self, tape: Tape, request: _Request, writer: asyncio.StreamWriter) -> None:
        """Write each chunk at its time. All are counted from one start, so that lateness does not add up."""
        start = self._now()
        headers = [pair for pair in tape.headers if pair[0].lower() not in _OWN_HEADERS]
        if request.chunked:
            headers.append(("Transfer-Encoding", "chunked"))
        writer.write(_head(tape.status, headers))
        if request.method == "HEAD":
            return
        for chunk in tape.chunks:
            await self._sleep(max(0.0, start + chunk.at - self._now()))
            writer.write(_frame(chunk.data) if request.chunked else chunk.data)
            await writer.drain()
        if request.chunked:
            writer.write(_frame(b""))


async def _read_request(reader: asyncio.StreamReader) -> _Request | None:
    """Read a request up to its body; return None for what is none."""
    try:
        request = _parse_request_line(await reader.readline())
        while request and (await reader.readline()).strip():
            pass
    except ValueError:  # a line longer than the reader's limit, or a target that is no URL
        return None
    return request


def _parse_request_line(line: bytes) -> _Request | None:
    match = _REQUEST_LINE.fullmatch(line)
    if not match:
        return None
    method, target, minor = (group.decode("latin-1") for group in match.groups())
    return _Request(method, urlsplit(target).path, chunked=minor != "0")


def _write_error(
    writer: asyncio.StreamWriter,
    method: str,
    status: HTTPStatus,
    message: str,
    *headers: tuple[str, str],
    routes: list[str] | None = None,
) -> None:
    error: dict[str, object] = {"message": message}
    if routes:
        error["routes"] = routes
    body = msgspec.json.encode({"error": error}) + b"\n"
    json = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
    writer.write(_head(status, [*json, *headers]))
    if method != "HEAD":
        writer.write(body)


def _head(status: int, headers: list[tuple[str, str]]) -> bytes:
    lines = [
        f"HTTP/1.1 {status} {_PHRASES.get(status, '')}",
        *(f"{name}: {value}" for name, value in headers),
    ]
    return "\r\n".join([*lines, "Connection: close", "\r\n"]).encode("latin-1")


def _frame(data: bytes) -> bytes:
    """Return `data` as one HTTP chunk; no data is the mark of the body's end."""
    return b"%x\r\n%b\r\n" % (len(data), data)


def _base_url(listener: asyncio.Server) -> str:
    host, port = listener.sockets[0].getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
