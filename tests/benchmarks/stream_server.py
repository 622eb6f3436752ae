"""A server in a process of its own: the same events in several shapes of delivery, as fast as they are taken.

A path names the shape. What is sent is made before it is sent, so that the server is not the limit, and is
the same for every reader. Its process ends when its standard input does.
"""

import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import cache, partial
from pathlib import Path
from time import monotonic_ns, sleep
from typing import Self

from tests.benchmarks import data

ROOT = Path(__file__).parents[2]
TICKS, TICK = 50, 0.02
"""How many events `ticks` sends, and the seconds between two of them."""

HEAD = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
    b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
)
LAST_CHUNK = b"0\r\n\r\n"


def chunk(body: bytes) -> bytes:
    """Write a piece of a body as a chunk of HTTP/1.1 (RFC 9112, section 7.1)."""
    return b"%x\r\n%b\r\n" % (len(body), body)


class StreamServer:
    """The server, started with so many events, and its address without the path."""

    module = __name__

    def __init__(self, events: int) -> None:
        self._command = [sys.executable, "-m", self.module, str(events)]

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            self._command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None
        self.url = f"http://127.0.0.1:{self._process.stdout.readline().strip()}"
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()


def _each(events: list[bytes]) -> list[bytes]:
    return [b"".join(map(chunk, events))]


def _write(events: list[bytes]) -> list[bytes]:
    return list(map(chunk, events))


def _coalesced(events: list[bytes]) -> list[bytes]:
    return list(map(chunk, data.cut(b"".join(events), data.PIECE)))


SHAPES: dict[str, Callable[[list[bytes]], list[bytes]]] = {
    "each": _each,
    "write": _write,
    "coalesced": _coalesced,
}
"""For every shape: events in, what is written at a time out."""


def _ticks() -> Iterator[bytes]:
    """Give an event at a time, in its data the clock's nanoseconds when it was made."""
    for _ in range(TICKS):
        yield chunk(b"data: %d\n\n" % monotonic_ns())
        sleep(TICK)


def _serve(connection: socket.socket, writes: Callable[[str], Iterable[bytes]]) -> None:
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    with connection, suppress(OSError):
        path = connection.recv(65536).split(b" ")[1].decode("ascii").removeprefix("/")
        pieces = writes(path)
        connection.sendall(HEAD)
        for piece in pieces:
            connection.sendall(piece)
        connection.sendall(LAST_CHUNK)


def answer(serve: Callable[[socket.socket], None]) -> None:
    """Serve each connection, until standard input ends; the port is the only thing said."""
    listener = socket.create_server(("127.0.0.1", 0))

    def accept() -> None:
        while True:
            connection, _ = listener.accept()
            threading.Thread(target=serve, args=(connection,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    print(listener.getsockname()[1], flush=True)
    sys.stdin.read()


def main() -> None:
    """Serve the shapes."""
    events = data.model_events(int(sys.argv[1]) * data.EVENT_BYTES)
    shaped = cache(lambda path: SHAPES[path](events))

    def writes(path: str) -> Iterable[bytes]:
        return _ticks() if path == "ticks" else shaped(path)

    answer(partial(_serve, writes=writes))


if __name__ == "__main__":
    main()
