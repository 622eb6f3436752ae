"""Answers as bytes: heads, errors, and which of a recording's headers are sent again."""

import re
from collections.abc import Iterable, Sequence
from http import HTTPStatus
from typing import NamedTuple

from sse_cli.core import payload
from sse_cli.core.secrets import is_secret

Headers = Iterable[tuple[str, str]]

_PHRASES = {status.value: status.phrase for status in HTTPStatus}

_OWN = frozenset(
    """alt-svc clear-site-data connection content-encoding content-length keep-alive proxy-authenticate
    strict-transport-security te trailer transfer-encoding upgrade vary""".split()  # noqa: SIM905 (one line each)
)
"""Headers that are not sent again. A recording has the bytes as they were before any coding or framing, which
are this server's own; so is who may read them. What a browser keeps for good was said of another host."""

_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_WITHOUT_BODY = frozenset((HTTPStatus.NO_CONTENT, HTTPStatus.RESET_CONTENT, HTTPStatus.NOT_MODIFIED))


def headers_again(headers: Headers) -> list[tuple[str, str]]:
    """Return the headers of a recorded answer that are sent; none that is, or may be, a secret."""
    return [pair for pair in headers if not (_is_own(pair[0].lower()) or is_secret(pair[0]))]


def _is_own(name: str) -> bool:
    return name in _OWN or name.startswith("access-control-")


def has_body(status: int, method: str) -> bool:
    """Tell whether an answer can have a body (RFC 9112, section 6.3)."""
    return method != "HEAD" and status >= 200 and status not in _WITHOUT_BODY


def head(status: int, headers: Headers) -> bytes:
    """Return the head of an answer; headers that are none, as from a file edited by hand, are left out."""
    lines = [f"HTTP/1.1 {status} {_PHRASES.get(status, '')}"]
    lines += [f"{name}: {value}" for name, value in headers if not _CONTROL.search(name + value)]
    return "\r\n".join([*lines, "\r\n"]).encode("latin-1", "replace")


def frame(data: bytes) -> bytes:
    """Return `data` as one HTTP chunk; no data is the mark of the body's end."""
    return b"%x\r\n%b\r\n" % (len(data), data)


class Whole(NamedTuple):
    """An answer that is known as a whole, such as an error."""

    status: HTTPStatus
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""

    def encode(self, method: str, more: Headers) -> bytes:
        """Return its bytes, with more headers, as the answer to a request by this method."""
        size = [] if self.status in _WITHOUT_BODY else [("Content-Length", str(len(self.body)))]
        start = head(self.status, (*self.headers, *size, *more))
        return start + self.body if has_body(self.status, method) else start


def error(status: HTTPStatus, message: str, *headers: tuple[str, str], routes: Sequence[str] = ()) -> Whole:
    """Return an error as JSON; `routes` tells what there is instead."""
    said: dict[str, object] = {"message": message}
    if routes:
        said["routes"] = routes
    body = payload.encode({"error": said}).encode() + b"\n"
    return Whole(status, (("Content-Type", "application/json"), *headers), body)
