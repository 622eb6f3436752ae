"""What a server of HTTP/2 may say, as h2 writes it or in frames of one's own; and one that plays a script.

A script is as in `scripted`: bytes are sent as they are, and `Wait` and `Tell` are taken. Beside them it has
what `head`, `data` and the others here return, which a server of h2's is told to say on its first stream.

    with Http2Server([head(), data(b"data: a\\n\\n"), end]) as server:
        ...  # ask server.url
"""

import socket
import ssl
import struct
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import TypeAlias

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import DataReceived, Event, RequestReceived, StreamEnded
from h2.exceptions import H2Error
from h2.settings import SettingCodes

from tests.peers.scripted import Request, ScriptedServer, Tell, Wait

Say: TypeAlias = Callable[[H2Connection], None]
Settings: TypeAlias = Mapping[SettingCodes, int]

STREAM = 1


def frame(kind: int, payload: bytes = b"", flags: int = 0, stream: int = STREAM) -> bytes:
    """Return a frame, whether it is allowed or not."""
    size = len(payload)
    return struct.pack(">HBBBI", size >> 8, size & 255, kind, flags, stream) + payload


def goaway(code: int = 0, last: int = STREAM, more: bytes = b"") -> bytes:
    """Return a GOAWAY; h2 would say no more after its own."""
    return frame(7, struct.pack(">II", last, code) + more, stream=0)


def head(status: int = 200, headers: Mapping[str, str] | None = None) -> Say:
    """Return the head of an answer: a stream of events, unless `headers` say otherwise."""
    fields = {"content-type": "text/event-stream", **(headers or {})}
    return lambda server: server.send_headers(STREAM, [(":status", str(status)), *fields.items()])


def data(body: bytes, padding: int | None = None) -> Say:
    """Return a frame of the body."""
    return lambda server: server.send_data(STREAM, body, pad_length=padding)


def end(server: H2Connection) -> None:
    """End the body, with an empty frame."""
    server.end_stream(STREAM)


def trailers(server: H2Connection) -> None:
    """End the body as gRPC does."""
    server.send_headers(STREAM, [("grpc-status", "0")], end_stream=True)


def early_hints(server: H2Connection) -> None:
    """Say what may come before the head."""
    server.send_headers(STREAM, [(":status", "103"), ("link", "</a>")])


def reset(code: int) -> Say:
    """Return the reset of the stream."""
    return lambda server: server.reset_stream(STREAM, code)


def new_server(settings: Settings | None = None) -> H2Connection:
    """Return a server of h2's, which has said its settings."""
    server = H2Connection(H2Configuration(client_side=False, header_encoding=None))
    server.initiate_connection()
    if settings:
        server.update_settings(dict(settings))
    return server


class Asked:
    """What a client has said so far to a server of h2's; it may send as much again as it has sent."""

    def __init__(self, server: H2Connection) -> None:
        self.fields: list[tuple[bytes, bytes]] = []
        self.body = b""
        self.is_whole = False
        self.events: list[Event] = []
        self._server = server

    def hear(self, sent: bytes) -> None:
        """Take what the client has sent."""
        for event in self._server.receive_data(sent):
            self.events.append(event)
            match event:
                case RequestReceived():
                    self.fields = list(event.headers or ())
                case DataReceived():
                    self.body += event.data or b""
                    self._server.acknowledge_received_data(event.flow_controlled_length or 0, STREAM)
                case StreamEnded():
                    self.is_whole = True

    def of(self, kind: type[Event]) -> list[Event]:
        return [event for event in self.events if type(event) is kind]

    @property
    def request(self) -> Request:
        """The request, as `scripted` has it; `head` is empty."""
        headers = {name.decode(): value.decode("latin-1") for name, value in self.fields}
        method, path = headers.pop(":method"), headers.pop(":path")
        return Request(method, path, headers, self.body, b"")


class Large:
    """A body that is sent as far as the client allows, and further when it allows more.

    `stalled` is set once it has not for half a second; `sent_by_then` is how much it had allowed.
    """

    def __init__(self, body: bytes) -> None:
        self.body = body
        self.stalled = threading.Event()
        self.sent_by_then = 0


class Stay:
    """Do no more than hear the client, until it goes."""


Http2Step: TypeAlias = bytes | Wait | Tell | Large | Stay | Say


class Http2Server(ScriptedServer):
    """Speaks HTTP/2 from the first byte, over TLS where `tls` is given. `asked` is what each client said."""

    def __init__(
        self,
        *scripts: Sequence[Http2Step],
        tls: ssl.SSLContext | None = None,
        settings: Settings | None = None,
    ) -> None:
        super().__init__(*scripts)  # type: ignore[arg-type]
        self.asked: list[Asked] = []
        self._tls, self._settings = tls, settings
        if tls is not None:
            tls.set_alpn_protocols(["h2"])
            self.url = self.url.replace("http:", "https:")

    def _converse(self, connection: socket.socket, script: Sequence[Http2Step]) -> None:  # type: ignore[override]
        with suppress(OSError, H2Error):  # the client went, or the block has ended
            if self._tls is not None:
                secure = self._tls.wrap_socket(connection, server_side=True)
                with self._lock:
                    self._connections.append(secure)
                connection = secure
            with connection:
                talk = _Talk(connection, self._settings)
                if talk.is_asked():
                    self.asked.append(talk.asked)
                    self.requests.append(talk.asked.request)
                    for step in script:
                        if self._stopping:
                            return
                        talk.take(step)
                    talk.end()


class _Talk:
    """A server of h2's on a socket."""

    def __init__(self, connection: socket.socket, settings: Settings | None) -> None:
        self._connection = connection
        self._server = new_server(settings)
        self.asked = Asked(self._server)
        self._flush()  # before the client has said anything, as many servers do

    def is_asked(self) -> bool:
        """Wait for the end of a request; return whether it came."""
        while not self.asked.is_whole:
            if not self._hear():
                return False
        return True

    def take(self, step: Http2Step) -> None:
        match step:
            case bytes():
                self._connection.sendall(step)
            case Wait():
                step.event.wait()
            case Tell():
                step.event.set()
            case Large():
                self._connection.settimeout(0.5)
                self._send_all(step)
                self._connection.settimeout(None)
            case Stay():
                self._hear_all()
            case _:
                step(self._server)
                self._flush()

    def end(self) -> None:
        """Close this side, and hear what else the client has to say."""
        if self._connection.fileno() >= 0:
            socket.socket.shutdown(self._connection, socket.SHUT_WR)  # TLS would forget how to read
            self._hear_all()

    def _hear_all(self) -> None:
        while self._hear():
            pass

    def _send_all(self, large: Large) -> None:
        sent, body = 0, large.body
        while sent < len(body):
            room = min(self._server.local_flow_control_window(STREAM), self._server.max_outbound_frame_size)
            if room:
                self._server.send_data(STREAM, body[sent : sent + room])
                sent += room
                self._flush()
                continue
            try:
                if not self._hear():
                    return
            except TimeoutError:
                large.sent_by_then = large.sent_by_then or sent
                large.stalled.set()

    def _hear(self) -> bool:
        sent = self._connection.recv(65536)
        self.asked.hear(sent)
        self._flush()
        return bool(sent)

    def _flush(self) -> None:
        if said := self._server.data_to_send():
            self._connection.sendall(said)
