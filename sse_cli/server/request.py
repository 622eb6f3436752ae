"""Requests, read from a connection's bytes, with bounds on what a client may send (httptools parses)."""

from http import HTTPStatus
from typing import Any
from urllib.parse import unquote

import httptools
import msgspec

MAX_HEAD = 64 * 1024
"""Bytes of a head: several times what the usual servers take."""

MAX_BODY = 16 * 1024 * 1024
"""Bytes of a body: one with pictures in base64 has some megabytes."""


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """A request as it came. `target` is its own word for what is asked; `path` is decoded, without the query.

    `keeps_alive` tells whether another may follow on the connection, and `knows_chunked` whether the client
    can read a chunked body.
    """

    method: str
    target: str
    path: str
    query: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    keeps_alive: bool = True
    knows_chunked: bool = True

    def header(self, name: str) -> str | None:
        """Return the first value of a header, its name in any case, or None."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), None)

    @property
    def last_event_id(self) -> str:
        """The id to go on after, "" for none. Browsers send it as UTF-8 (WHATWG HTML, 9.2.4)."""
        return (self.header("last-event-id") or "").encode("latin-1").decode("utf-8", "replace")


class BadRequest(msgspec.Struct, frozen=True):
    """What came is no request that can be answered: the status that says so, and why."""

    status: HTTPStatus
    reason: str


class RequestReader:
    """Feed it what a connection gives; it gives the requests that are whole. After a bad one comes no other.

    `is_midway` tells whether one has begun, and `wants_continue` whether its body waits to be asked for.
    """

    def __init__(self) -> None:
        self._parser: Any = httptools.HttpRequestParser(self)
        self._found: list[Request | BadRequest] = []
        self._is_over = False  # nothing more is read
        self._in_body = False
        self._fed = 0  # bytes since the last request, while its head is not whole
        self._size = 0  # of the head or the body that has come
        self._target = b""
        self._headers: list[tuple[str, str]] = []
        self._body: list[bytes] = []
        self.is_midway = self.wants_continue = False

    def feed(self, data: bytes) -> list[Request | BadRequest]:
        """Take the next bytes; return what they complete."""
        if self._is_over:
            return []
        self._fed += len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:  # to another protocol, which is not to be had here
            self._is_over = True
        except httptools.HttpParserError as error:
            self._refuse(HTTPStatus.BAD_REQUEST, f"this is not an HTTP/1 request: {error}")
        if self.is_midway and not self._in_body and self._fed > MAX_HEAD:
            self._refuse_head()
        found, self._found = self._found, []
        return found

    def give_up(self) -> None:
        """Read no more."""
        self._is_over, self.is_midway = True, False

    def _refuse(self, status: HTTPStatus, reason: str) -> None:
        if not self._is_over:
            self._found.append(BadRequest(status, reason))
        self.give_up()

    def _refuse_head(self) -> None:
        status = HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
        self._refuse(status, f"the head of the request has more than {MAX_HEAD:,} bytes")

    # the parser's side

    def on_message_begin(self) -> None:
        """Start anew."""
        self._target, self._headers, self._body = b"", [], []
        self._in_body, self._size, self.is_midway = False, 0, True

    def on_url(self, target: bytes) -> None:
        """Take a piece of the target."""
        self._target += target
        self._size += len(target)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep a header; those after the body say nothing here."""
        if not self._in_body:
            self._headers.append((name.decode("latin-1"), value.decode("latin-1").rstrip(" \t")))
            self._size += len(name) + len(value)

    def on_headers_complete(self) -> None:
        """See whether the client wants to be told to go on."""
        if self._size > MAX_HEAD:
            self._refuse_head()
        self._in_body, self._size = True, 0
        names = {name.lower(): value for name, value in self._headers}
        is_new = self._parser.get_http_version() != "1.0"
        self.wants_continue = is_new and names.get("expect", "").lower() == "100-continue"

    def on_body(self, data: bytes) -> None:
        """Take a piece of the body."""
        self._size += len(data)
        if self._size > MAX_BODY:
            reason = f"the body of the request has more than {MAX_BODY:,} bytes"
            self._refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, reason)
        elif not self._is_over:
            self._body.append(data)

    def on_message_complete(self) -> None:
        """Put the request together."""
        self._fed, self.is_midway, self.wants_continue = 0, False, False
        if self._is_over:
            return
        is_new = self._parser.get_http_version() != "1.0"
        keeps_alive = is_new and self._parser.should_keep_alive() and not self._parser.should_upgrade()
        self._is_over = not keeps_alive
        target = self._target.decode("latin-1")
        path, query = _path_and_query(target)
        self._found.append(
            Request(
                method=self._parser.get_method().decode("ascii"),
                target=target,
                path=path,
                query=query,
                headers=tuple(self._headers),
                body=b"".join(self._body),
                keeps_alive=keeps_alive,
                knows_chunked=is_new,
            )
        )


def _path_and_query(target: str) -> tuple[str, str]:
    """Take a target apart: a path with its query, a whole URL, as of a proxy, or `*` (RFC 9112, 3.2)."""
    if "://" in target.partition("?")[0] and not target.startswith("/"):
        _, _, rest = target.partition("://")
        target = "/" + rest.partition("/")[2]
    path, _, query = target.partition("#")[0].partition("?")
    return unquote(path), query
