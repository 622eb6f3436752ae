"""An exchange over HTTP/1.1 (RFC 9112), made for streams (the only importer of httptools)."""

import re
from typing import Any

import httptools

from sse_cli.sources.exchange import CUT, Exchange, Send
from sse_cli.sources.message import Message
from sse_cli.sources.source import Cut

HIGH_WATER = 1024 * 1024
"""Bytes that may wait to be taken; beyond, reading is paused and the server feels it."""

MAX_HEAD = 1024 * 1024
"""Bytes that bring nothing of the body, as a head's: far more than servers send, and a bound for what has no
end."""

_LENIENCIES = {
    "lenient_headers": True,  # lines that are folded, control characters
    "lenient_chunked_length": True,  # Content-Length beside chunks, which go before it
    "lenient_optional_cr_before_lf": True,
    "lenient_spaces_after_chunk_size": True,
}
"""What curl and browsers read as well. The parser calls it dangerous for who hands requests on; we do not."""

_HTTP2 = re.compile(rb"\0\0.\x04\0\0{4}", re.DOTALL)  # a frame of settings, with which it begins


class Http1(Exchange):
    """One request, written at once, and its answer up to its end or that of the connection."""

    version = "1.1"
    hint = "Is it the right port? A server that speaks TLS wants an https:// URL."
    high_water = HIGH_WATER

    def __init__(self, message: Message) -> None:
        super().__init__(message.headers)
        self._request = message.data
        self._wants_head_alone = message.method == "HEAD"
        self._pieces: list[bytes] = []
        self._whole = 0  # how many of them are the body's, once that is complete
        # The parser calls it for each piece of the body, which is often an event. A method of Python's would
        # cost as much as all else that is done with one here.
        self.on_body = self._pieces.append
        self._parser: Any = httptools.HttpResponseParser(self)
        self._parser.set_dangerous_leniencies(**_LENIENCIES)
        self._barren = 0  # bytes since there was some of the body
        self._framed = False

    def start(self, send: Send) -> None:
        """Send the request."""
        send(self._request)

    def feed(self, data: memoryview) -> bytes:
        """Parse what one read gave; return all that it holds of the body."""
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:  # what follows is of another protocol, and nobody asked for it
            self._finish()
        except httptools.HttpParserError as error:
            if not self.complete:
                self.error = self._parse_error(error, data)
        self._barren = 0 if self._pieces else self._barren + len(data)
        if self._barren > MAX_HEAD and self.error is None:
            self.error = self._endless()
        if self.complete:  # what follows is of another answer, which nobody asked for
            del self._pieces[self._whole :]
            self._whole = 0
        body = self._pieces[0] if len(self._pieces) == 1 else b"".join(self._pieces)
        self._pieces.clear()
        return body

    def ended(self, broken: Cut | None) -> Cut | None:
        """Return how the body was cut; without a length or chunks, the end of the connection is its end."""
        return broken or (Cut(CUT) if self._framed else None)

    # the parser's side

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep a header, less the spaces that the parser leaves after its value; not what follows a body."""
        if not self.has_head:
            self.headers.append((name, value.rstrip(b" \t")))

    def on_headers_complete(self) -> None:
        """See how the body is framed."""
        if self.complete:  # a second answer, which nobody asked for
            return
        self.status, self.answered_in = self._parser.get_status_code(), self._parser.get_http_version()
        if self.status < 200 and self.status != 101:  # 100 Continue, 103 Early Hints: the answer follows
            self.headers.clear()
            return
        self._framed = any(map(_frames, self.headers))
        self.has_head = True
        if self._wants_head_alone:  # there is no body, whatever the head says of one
            self._finish()

    def on_message_complete(self) -> None:
        """Note that the body is whole."""
        if self.has_head:
            self._finish()

    def _finish(self) -> None:
        if not self.complete:
            self.complete, self._whole = True, len(self._pieces)

    def _parse_error(self, error: httptools.HttpParserError, data: memoryview) -> Cut:
        if not self.has_head:
            if _HTTP2.match(data):
                return Cut(
                    "the server speaks HTTP/2 on this port", "--http2-prior-knowledge speaks it as well."
                )
            return Cut(f"the server's answer is not HTTP: {error}")
        return Cut(f"the body's chunked coding is broken: {error}")

    def _endless(self) -> Cut:
        if not self.has_head:
            return Cut(f"the server's answer is not HTTP: no end of its head in {MAX_HEAD:,} bytes")
        return Cut(f"the body's chunked coding is broken: {MAX_HEAD:,} bytes with nothing of the body")


def _frames(header: tuple[bytes, bytes]) -> bool:
    """Tell whether a header says where the body ends (RFC 9112, section 6.3)."""
    name, value = header[0].lower(), header[1].lower()
    return name == b"content-length" or (name == b"transfer-encoding" and b"chunked" in value)
