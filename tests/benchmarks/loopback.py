"""A server of streams in a process of its own: what it costs is none of the reader's, and bends no time.

A path says what is wanted: `/many/COUNT` model events in writes of a thousand and more, `/single/COUNT` in a
write each, `/paced/RATE/COUNT` a write each at a steady rate. An event is a chunk of HTTP/1.1, as servers of
models send it; `[DONE]` ends all. What follows in the path is ignored, since clients of an API add to it.
"""

import gc
import socket
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from itertools import chain
from pathlib import Path
from time import monotonic_ns, sleep
from typing import Self

from tests.benchmarks import data

STAMP_DIGITS = 20
STAMP = b'"obfuscation":"'
"""What stands before the time of an event that was paced: nanoseconds of the monotonic clock."""

_HEAD = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
    b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
)
_IN_BLOCK = 10_000  # events that are made, and then sent again and again
_PER_WRITE = 1000
_SPIN_NS = 150_000  # by so much a sleep may be late


class Loopback:
    """The server as a context: `url` answers while it is entered."""

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "tests.benchmarks.loopback"]
        root = Path(__file__).parents[2]
        self._process = subprocess.Popen(
            command, cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None
        self._root = f"http://127.0.0.1:{int(self._process.stdout.readline())}"
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()

    def url(self, *path: object) -> str:
        """Return the address of what the path asks for."""
        return "/".join(map(str, (self._root, *path)))


def _chunk(body: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(body), body)


@cache
def _chunks() -> list[bytes]:
    return [_chunk(event) for event in data.model_events(_IN_BLOCK * data.EVENT_BYTES)]


@cache
def _writes() -> list[bytes]:
    chunks = _chunks()
    return [b"".join(chunks[start : start + _PER_WRITE]) for start in range(0, _IN_BLOCK, _PER_WRITE)]


def _send_many(connection: socket.socket, count: int) -> None:
    writes = _writes()
    for number in range(count // _PER_WRITE):
        connection.sendall(writes[number % len(writes)])
    connection.sendall(b"".join(_chunks()[: count % _PER_WRITE]))


def _send_single(connection: socket.socket, count: int) -> None:
    blocks, rest = divmod(count, _IN_BLOCK)
    chunks = _chunks()
    for chunk in chain(*[chunks] * blocks, chunks[:rest]):
        connection.sendall(chunk)


def _send_paced(connection: socket.socket, rate: int, count: int) -> None:
    """Sleep to shortly before an event is due, and watch the clock for the rest."""
    pause = 1_000_000_000 // rate
    due = monotonic_ns()
    for number in range(count):
        chunk = bytearray(_chunks()[number % _IN_BLOCK])
        place = chunk.index(STAMP) + len(STAMP)
        due += pause
        if (left := due - monotonic_ns() - _SPIN_NS) > 0:
            sleep(left / 1e9)
        while (now := monotonic_ns()) < due:
            pass
        chunk[place : place + STAMP_DIGITS] = b"%020d" % now
        connection.sendall(chunk)


_WAYS: dict[str, Callable[..., None]] = {"many": _send_many, "single": _send_single, "paced": _send_paced}
_NUMBERS = {"many": 1, "single": 1, "paced": 2}


def _requested(connection: socket.socket) -> tuple[str, list[int]]:
    """Read a request's head; return the way to answer it and the numbers that go with it."""
    request = b""
    while b"\r\n\r\n" not in request and (read := connection.recv(65536)):
        request += read
    _, way, *rest = request.split(b" ", 2)[1].decode("ascii").split("/")
    return way, [int(number) for number in rest[: _NUMBERS[way]]]


def _answer(connection: socket.socket) -> None:
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    way, numbers = _requested(connection)
    connection.sendall(_HEAD)
    _WAYS[way](connection, *numbers)
    connection.sendall(_chunk(b"data: [DONE]\n\n") + b"0\r\n\r\n")
    connection.shutdown(socket.SHUT_WR)
    while connection.recv(65536):  # a request's body that was not read would reset the connection
        pass


def main() -> None:
    """Print the port, and answer one connection after the other."""
    _writes()
    gc.freeze()
    gc.disable()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        print(listener.getsockname()[1], flush=True)
        while True:
            connection, _ = listener.accept()
            with connection, suppress(OSError):
                _answer(connection)


if __name__ == "__main__":
    main()
