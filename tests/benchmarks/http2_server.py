"""The server of streams over HTTP/2, without TLS, in a process of its own, as fast as its client allows.

A path names the shape: `each` has an event in a frame, and many written together; `coalesced` fills frames.
"""

import socket
import struct
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import cache, partial

from h2.settings import SettingCodes
from hpack import Decoder

from sse_cli.sources.http2_frames import DATA, END_STREAM, LARGEST, SETTINGS, WINDOW_UPDATE, Frames
from tests.benchmarks import data
from tests.benchmarks.stream_server import StreamServer, answer

_PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
_HEADERS, _END_HEADERS = 1, 4
_OK = b"\x88\x0f\x10\x11text/event-stream"  # by RFC 7541: status 200, and a content-type that is not indexed
_WINDOW = 65535


class Http2StreamServer(StreamServer):
    """The server, started with so many events, and its address without the path."""

    module = __name__


def frame(kind: int, payload: bytes, flags: int = 0, stream: int = 1) -> bytes:
    """Write a frame (RFC 9113, section 4.1)."""
    return struct.pack(">HBBBI", len(payload) >> 8, len(payload) & 255, kind, flags, stream) + payload


class _Client:
    """What a client has said: where it asks, and how much it takes."""

    def __init__(self, connection: socket.socket) -> None:
        self.path = ""
        self.room = {0: _WINDOW, 1: _WINDOW}
        self._connection = connection
        self._frames = Frames(1)
        connection.recv(len(_PREFACE), socket.MSG_WAITALL)

    def hear(self) -> bool:
        """Take what has come; return whether the client is still there."""
        said = self._connection.recv(65536)
        for heard in self._frames.feed(said):
            kind, flags, stream, payload = heard[3], heard[4], heard[8], heard[9:]
            if kind == _HEADERS:
                self.path = dict(Decoder().decode(payload))[":path"].removeprefix("/")
            elif kind == WINDOW_UPDATE:
                self.room[stream] += int.from_bytes(payload)
            elif kind == SETTINGS and not flags:
                settings = dict(struct.iter_unpack(">HI", payload))
                self.room[1] += settings.get(SettingCodes.INITIAL_WINDOW_SIZE, _WINDOW) - _WINDOW
                self._connection.sendall(frame(SETTINGS, b"", flags=1, stream=0))
        return bool(said)


def _each(events: list[bytes]) -> tuple[bytes, int]:
    return b"".join(frame(DATA, event) for event in events), data.EVENT_BYTES


def _coalesced(events: list[bytes]) -> tuple[bytes, int]:
    return b"".join(frame(DATA, piece) for piece in data.cut(b"".join(events), LARGEST)), LARGEST


SHAPES = {"each": _each, "coalesced": _coalesced}
"""For every shape: events in, frames and how much of the body each but the last one has out."""


def _serve(connection: socket.socket, shaped: Callable[[str], tuple[bytes, int]]) -> None:
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    with connection, suppress(OSError):
        connection.sendall(frame(SETTINGS, b"", stream=0))
        client = _Client(connection)
        while not client.path:
            client.hear()
        connection.sendall(frame(_HEADERS, _OK, flags=_END_HEADERS))
        _send(connection, client, *shaped(client.path))
        connection.sendall(frame(DATA, b"", flags=END_STREAM))
        while client.hear():
            pass


def _send(connection: socket.socket, client: _Client, frames: bytes, size: int) -> None:
    view, whole = memoryview(frames), len(frame(DATA, b"")) + size
    while view:
        count = min(client.room.values()) // size
        if not count:
            client.hear()
            continue
        connection.sendall(view[: count * whole])
        view = view[count * whole :]
        for stream in client.room:
            client.room[stream] -= count * size


def main() -> None:
    """Serve the shapes."""
    events = data.model_events(int(sys.argv[1]) * data.EVENT_BYTES)
    answer(partial(_serve, shaped=cache(lambda path: SHAPES[path](events))))


if __name__ == "__main__":
    main()
