"""An exchange over HTTP/2 (RFC 9113), made for streams (with `http2_errors` the only importer of h2).

h2 knows the rules: settings, compressed headers, pings, resets, and how much may be sent. Two kinds of frames
are kept from it: DATA, since one costs it forty times as much as `http2_frames`; and GOAWAY, after which it
takes no more, while a server that is about to go may first bring the stream to its end.
"""

import re
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.errors import ErrorCodes
from h2.events import RemoteSettingsChanged, ResponseReceived, StreamEnded, StreamReset, WindowUpdated
from h2.exceptions import ProtocolError
from h2.settings import SettingCodes, Settings

from sse_cli.sources import http2_errors as errors
from sse_cli.sources.exchange import CUT, Exchange, Send
from sse_cli.sources.http2_frames import (
    GOAWAY,
    HEAD_SIZE,
    BadFrame,
    Frames,
    Window,
    goaway,
    may_begin,
    window_update,
)
from sse_cli.sources.message import Headers, Message
from sse_cli.sources.source import Cut

STREAM = 1
"""The number of a connection's first stream, and here its only one."""

WINDOW = 4 * 1024 * 1024
"""Bytes that may be under way or wait to be taken: over 50 ms there and back, 60 MB a second."""

_FIRST_WINDOW = 65535  # of a connection, before more is allowed (section 6.9.2)
_FIRST_BYTES = 64  # of what is no HTTP/2, to know it by
_STATUS = re.compile(rb"[1-9][0-9]{2}")
_LINE_ENDS = re.compile(rb"[\r\n\0]")
_BODILESS = {204, 304}  # whatever length they tell (RFC 9110, section 8.6)

_LEFT_OUT = frozenset(
    (
        b"connection",
        b"host",  # which is the authority (section 8.3.1)
        b"http2-settings",
        b"keep-alive",
        b"proxy-connection",
        b"te",  # unless it asks for trailers
        b"transfer-encoding",
        b"upgrade",
    )
)
"""Headers that are about the connection, for which there are other ways (section 8.2.2)."""


class Http2(Exchange):
    """One request on a connection of its own, and its answer."""

    version = "2"
    hint = errors.HINT

    def __init__(self, message: Message) -> None:
        super().__init__(_fields(message))
        self._h2 = _new_h2()
        self._frames = Frames(STREAM)
        self._window = Window(WINDOW)
        self._send: Send = _nowhere
        self._upload = memoryview(message.body)
        self._wants_head_alone = message.method == "HEAD"
        self._first = b""  # what came, until it is known to be HTTP/2
        self._is_http2 = False
        self._length: int | None = None  # of the body, as the head says
        self._came = 0  # of it, in bytes
        self._has_ended = False
        self._going: Cut | None = None  # the server has said that it is about to go
        self._ask(message)

    def start(self, send: Send) -> None:
        """Send the request, and as much of its body as every server takes unasked."""
        self._send = send
        self._flush()

    def feed(self, data: memoryview) -> bytes:
        """Take what one read gave; return all that it holds of the body."""
        if self.complete:
            return b""
        if not self._is_http2 and not self._begins(bytes(data[:_FIRST_BYTES])):
            self.error = errors.not_http2(self._first)
            return b""
        try:
            for frame in self._frames.feed(bytes(data)):
                self._deal_with(frame)
                if self._has_ended or self.error is not None:
                    break
        except BadFrame as error:
            self._fail(str(error), ErrorCodes.FRAME_SIZE_ERROR)
        except ProtocolError as error:
            self._fail(str(error), error.error_code)
        body = self._body()
        self._flush()
        return body

    def ended(self, broken: Cut | None) -> Cut | None:
        """Return how the body was cut: nothing but its last frame ends it properly."""
        self._send = _nowhere
        if self._first and not self._is_http2:
            return errors.not_http2(self._first)
        return self._going or broken or (Cut(CUT) if self.has_head else None)

    def taken(self, size: int) -> None:
        """Allow the server to send as much again, if it is time for that."""
        if allowed := self._window.taken(size):
            self._send(window_update(0, allowed) + window_update(STREAM, allowed))

    def leave(self) -> None:
        """Say that no more of the stream is wanted, nor of anything else."""
        with suppress(ProtocolError):  # one side or the other has said so
            if not self.complete:
                self._h2.reset_stream(STREAM, ErrorCodes.CANCEL)
            self._h2.close_connection()
        self._flush()
        self._send = _nowhere

    def _ask(self, message: Message) -> None:
        method, scheme = message.method.encode("ascii"), message.address.scheme.encode("ascii")
        fields = [(b":method", method), (b":scheme", scheme), (b":path", message.address.path), *self.sent]
        self._h2.initiate_connection()
        self._h2.increment_flow_control_window(WINDOW - _FIRST_WINDOW)
        try:
            self._h2.send_headers(STREAM, fields, end_stream=not self._upload)
        except ProtocolError as error:
            self.error = Cut(f"the request cannot be sent in HTTP/2: {error}", errors.OTHERWISE)
        else:
            self._upload_more()

    def _upload_more(self, _event: object = None) -> None:
        """Prepare as much of the request's body as may be sent by now."""
        while self._upload:
            room = min(self._h2.local_flow_control_window(STREAM), self._h2.max_outbound_frame_size)
            if room <= 0:
                return
            piece, self._upload = self._upload[:room], self._upload[room:]
            self._h2.send_data(STREAM, piece, end_stream=not self._upload)

    def _flush(self) -> None:
        if data := self._h2.data_to_send():
            self._send(data)

    def _begins(self, data: bytes) -> bool:
        """Tell whether what came first is HTTP/2, or may be."""
        self._first += data
        is_possible = may_begin(self._first)
        self._is_http2 = is_possible and len(self._first) >= HEAD_SIZE
        return is_possible

    def _deal_with(self, frame: bytes) -> None:
        if frame is self._frames.end:
            self._has_ended = True
        elif frame[3] == GOAWAY:
            self._note_goaway(*goaway(frame))
        else:
            for event in self._h2.receive_data(frame):
                if deal_with := _EVENTS.get(type(event)):
                    deal_with(self, event)

    def _take_head(self, event: Any) -> None:
        """Take the head of the answer; those of status 1xx before it are other events."""
        status = dict(event.headers).get(b":status", b"")
        fields = [(name, value.strip(b" \t")) for name, value in event.headers if not name.startswith(b":")]
        if not _STATUS.fullmatch(status) or any(_LINE_ENDS.search(name + value) for name, value in fields):
            self._fail("a head that cannot be read", ErrorCodes.PROTOCOL_ERROR)
            return
        self.status, self.headers, self.has_head = int(status), fields, True
        self._has_ended = self._wants_head_alone  # there is no body, whatever the head says of one
        length = dict(fields).get(b"content-length")  # h2 has seen to it that it is a number
        if length is not None and self.status not in _BODILESS and not self._has_ended:
            self._length = int(length)

    def _take_end(self, _event: object) -> None:
        self._has_ended = True

    def _take_reset(self, event: Any) -> None:
        if event.remote_reset:
            self.error = errors.reset(event.error_code)
        else:
            self._fail("it raised a window beyond all bounds", event.error_code)

    def _note_goaway(self, last: int, code: int, more: bytes) -> None:
        """The server will go; what it has begun it may still bring to its end (section 6.8)."""
        self._going = errors.going(code, more, dealt_with=last >= STREAM)
        if last < STREAM:
            self.error = self._going

    def _body(self) -> bytes:
        """Return what has come of the body, no more than its head says; see if it is whole."""
        body, beside = self._frames.body()
        if body and not self.has_head:
            self._fail("a body before its head", ErrorCodes.PROTOCOL_ERROR)
            return b""
        if not self._window.came(len(body) + beside):
            self._fail("it sent more than it may", ErrorCodes.FLOW_CONTROL_ERROR)
        if beside:
            self.taken(beside)
        self._came += len(body)
        over = 0 if self._length is None else self._came - self._length
        if over > 0:
            told = f"the body is longer than the {self._length:,} bytes its head says"
            self.error = self.error or Cut(told)
            return body[:-over]
        if self._has_ended and self.error is None:
            self.complete = over == 0
            if over < 0:
                self.error = Cut(f"the body ended after {self._came:,} of {self._length:,} bytes")
        return body

    def _fail(self, reason: str, code: int) -> None:
        """Note what the server must not do, where nothing else was wrong before."""
        self.error = self.error or errors.against_rules(reason, code)


_EVENTS: dict[type, Callable[[Http2, Any], None]] = {
    ResponseReceived: Http2._take_head,
    StreamEnded: Http2._take_end,
    StreamReset: Http2._take_reset,
    WindowUpdated: Http2._upload_more,
    RemoteSettingsChanged: Http2._upload_more,
}
"""The events of h2 that matter to one request. It answers pings by itself, and refuses what is pushed."""


def _new_h2() -> H2Connection:
    # What it would refuse of a head, curl and browsers take: spaces around a value are the usual case.
    h2 = H2Connection(H2Configuration(header_encoding=None, validate_inbound_headers=False))
    h2.local_settings = Settings(
        initial_values={SettingCodes.ENABLE_PUSH: 0, SettingCodes.INITIAL_WINDOW_SIZE: WINDOW}
    )
    del h2.local_settings[SettingCodes.ENABLE_CONNECT_PROTOCOL]  # that is for a server to say (RFC 8441)
    return h2


def _fields(message: Message) -> Headers:
    """Return a request's headers as HTTP/2 has them, the authority first."""
    given = [(name.lower(), value) for name, value in message.headers]
    host = dict(given).get(b"host", message.address.netloc)
    fields = [field for field in given if field[0] not in _LEFT_OUT or field == (b"te", b"trailers")]
    return [(b":authority", host), *fields]


def _nowhere(_data: bytes) -> None:
    """Take what is not to be sent."""
