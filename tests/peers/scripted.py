"""A server that does to each connection exactly what a script says, and keeps the requests it read.

A script is a list of steps, taken once the request has been read. Bytes are sent; the other steps are below:
`Wait`, `Tell`, `half_close`, `until_gone`, `close`, `reset`. The first connection gets the first script, and
so on; more connections than there are scripts are refused. After the last step the server closes its side
and waits until the client has gone.

    with ScriptedServer([response(), b"data: a\\n\\n", reset], [response(204)]) as server:
        ...  # ask server.url, twice
    assert server.requests[1].headers["last-event-id"] == "7"
"""

import socket
import ssl
import struct
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from types import TracebackType
from typing import BinaryIO, Self, TypeAlias

_HOST = "127.0.0.1"
# Two ints, for on and for no seconds: to close is then to reset. Windows has two shorts there.
LINGER = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)

LAST_CHUNK = b"0\r\n\r\n"
"""The proper end of a chunked body."""


@dataclass(frozen=True)
class Wait:
    """Go on when `event` is set. Without one of its own, wait until the server's block ends."""

    event: threading.Event = field(default_factory=threading.Event)


@dataclass(frozen=True)
class Tell:
    """Set `event`, so that a test knows the script has come this far."""

    event: threading.Event


def half_close(connection: socket.socket) -> None:
    """Send FIN, and go on with the script."""
    connection.shutdown(socket.SHUT_WR)


def until_gone(connection: socket.socket) -> None:
    """Read on until the client closes or breaks the connection."""
    with suppress(OSError):
        while connection.recv(65536):
            pass


def close(connection: socket.socket) -> None:
    """Close both ways at once."""
    connection.close()


def reset(connection: socket.socket) -> None:
    """Send RST: the client's next read or write fails. What it has not read yet may be lost to it."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER)
    connection.close()


Step: TypeAlias = bytes | Wait | Tell | Callable[[socket.socket], None]
Script: TypeAlias = Sequence[Step]


@dataclass(frozen=True)
class Request:
    """A request as it was read. Names in `headers` are in lower case; `head` is its exact bytes."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    head: bytes


def response(
    status: int = 200,
    headers: Mapping[str, str | None] | None = None,
    body: bytes | None = None,
    chunked: bool = False,
) -> bytes:
    """Return a response: whole if there is a body, else a head alone, to be followed by bytes or `chunk`s.

    It is a stream of events on a connection that closes, unless `headers` say otherwise; None leaves one out.
    """
    own: dict[str, str | None] = {"Content-Type": "text/event-stream", "Connection": "close"}
    if chunked:
        own["Transfer-Encoding"] = "chunked"
    elif body is not None:
        own["Content-Length"] = str(len(body))
    given = dict(headers or {})
    taken = {name.lower() for name in given}
    fields = {**{name: value for name, value in own.items() if name.lower() not in taken}, **given}
    lines = [f"{name}: {value}\r\n" for name, value in fields.items() if value is not None]
    head = f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\n{''.join(lines)}\r\n".encode("latin-1")
    if body is None:
        return head
    return head + (chunk(body) + LAST_CHUNK if chunked else body)


def chunk(data: bytes) -> bytes:
    """Return `data` as one chunk of a chunked body."""
    return b"%x\r\n%b\r\n" % (len(data), data) if data else b""


class ScriptedServer:
    """Listens on a free port from its making to the end of its `with` block, in threads of its own.

    With a `context` it speaks TLS.
    """

    def __init__(self, *scripts: Script, context: ssl.SSLContext | None = None) -> None:
        self._context = context
        self.requests: list[Request] = []
        self._scripts = scripts
        self._stopping = False
        self._lock = threading.Lock()
        self._connections: list[socket.socket] = []
        self._conversations: list[threading.Thread] = []
        self._accepting = threading.Thread(target=self._accept, daemon=True)
        self._listener = socket.create_server((_HOST, 0))
        self._address = self._listener.getsockname()
        self.url = f"http{'s' if context else ''}://{_HOST}:{self._address[1]}"

    def __enter__(self) -> Self:
        self._accepting.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._lock:
            self._stopping = True
            for connection in self._connections:
                with suppress(OSError):  # it may be closed
                    connection.shutdown(socket.SHUT_RDWR)
        for step in (step for script in self._scripts for step in script):
            if isinstance(step, Wait):
                step.event.set()
        # To connect ends a waiting accept() on every system; to close the listener does not.
        with suppress(OSError):
            socket.create_connection(self._address).close()
        self._accepting.join()
        for thread in self._conversations:
            thread.join()

    def _accept(self) -> None:
        with self._listener:
            for number, script in enumerate(self._scripts, 1):
                connection, _ = self._listener.accept()
                if number == len(self._scripts):
                    self._listener.close()  # before the answer, so that whoever has it is refused for sure
                with self._lock:
                    if self._stopping:
                        connection.close()
                        return
                    self._connections.append(connection)
                thread = threading.Thread(target=self._converse, args=(connection, script), daemon=True)
                self._conversations.append(thread)
                thread.start()

    def _converse(self, connection: socket.socket, script: Script) -> None:
        # Outermost, since TLS too may find that the client went; or the block has ended.
        with suppress(OSError), self._secured(connection) as connection:
            with connection.makefile("rb") as reader:
                request = _read_request(reader)
            if request is None:
                return
            self.requests.append(request)
            for step in (*script, _end):
                if self._stopping:
                    return
                _take(step, connection)

    def _secured(self, connection: socket.socket) -> socket.socket:
        """Return the connection or, with a context, one that speaks TLS in its place."""
        if self._context is None:
            return connection
        with self._lock:
            tls = self._context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
            self._connections.append(tls)
        return tls


def _take(step: Step, connection: socket.socket) -> None:
    match step:
        case bytes():
            connection.sendall(step)
        case Wait(event):
            event.wait()
        case Tell(event):
            event.set()
        case _:
            step(connection)


def _end(connection: socket.socket) -> None:
    if connection.fileno() >= 0:  # no step has closed it
        with suppress(OSError):
            half_close(connection)
        until_gone(connection)


def _read_request(reader: BinaryIO) -> Request | None:
    """Read a request; return None if the client went before its end."""
    lines: list[bytes] = []
    while (line := reader.readline()) not in (b"\r\n", b"\n"):
        if not line:
            return None
        lines.append(line)
    method, path, _ = lines[0].decode("latin-1").split(" ", 2)
    headers: dict[str, str] = {}
    for field_line in lines[1:]:
        name, _, value = field_line.decode("latin-1").partition(":")
        key, text = name.lower(), value.strip()
        headers[key] = f"{headers[key]}, {text}" if key in headers else text
    return Request(method, path, headers, _read_body(reader, headers), b"".join([*lines, line]))


def _read_body(reader: BinaryIO, headers: dict[str, str]) -> bytes:
    if headers.get("transfer-encoding") != "chunked":
        return reader.read(int(headers.get("content-length", "0")))
    body = b""
    while size := int(reader.readline().partition(b";")[0], 16):
        body += reader.read(size)
        reader.readline()
    while reader.readline().rstrip(b"\r\n"):  # trailers
        pass
    return body
