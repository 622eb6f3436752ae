"""A request as it goes over the wire: where it leads, what it says, and its bytes in HTTP/1.1.

httpx takes URLs apart and makes them normal. One that is so already, as most are, is taken apart here, to the
same result: importing httpx would take a fifth of the time to the first event.
"""

import re
from collections.abc import Sequence

import msgspec

from sse_cli.sources.request import Request

PORTS = {"http": 80, "https": 443}

_OCTET = "(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_SAFE = r"A-Za-z0-9._~!$&'()*+,;=:@%-"  # RFC 3986, section 3.3: what a segment may hold
_NORMAL = re.compile(
    rf"(https?)://([a-z][a-z0-9.-]*|{_OCTET}(?:\.{_OCTET}){{3}})(?::([1-9][0-9]*))?"
    rf"((?:/(?!\.)[{_SAFE}]*)*(?:\?[{_SAFE}/?]*)?)"  # a dot may begin a segment that is to be resolved
)
_LONG = 2000  # characters; httpx judges what is longer
_FRAMING = {"content-length", "transfer-encoding"}

Headers = Sequence[tuple[bytes, bytes]]


class BadUrl(ValueError):
    """A URL that cannot be asked; the message says why."""


class Address(msgspec.Struct, frozen=True):
    """Where a URL leads. `host` and `port` are dialled; `netloc` and `path` stand in the request."""

    scheme: str
    host: str
    port: int
    netloc: bytes
    path: bytes


class Message(msgspec.Struct, frozen=True):
    """A request, ready to be sent. `headers` say where the body ends, as HTTP/1.1 wants it."""

    address: Address
    method: str
    headers: Headers
    body: bytes = b""

    @property
    def data(self) -> bytes:
        """The request as HTTP/1.1 writes it (RFC 9112, section 3)."""
        head = [b"%s %s HTTP/1.1\r\n" % (self.method.encode("ascii"), self.address.path)]
        head += [b"%s: %s\r\n" % header for header in self.headers]
        return b"".join(head) + b"\r\n" + self.body


def address_of(url: str) -> Address:
    """Take a URL apart. Raises `BadUrl`."""
    normal = _NORMAL.fullmatch(url) if len(url) < _LONG else None
    if normal is None:
        return _made_normal(url)
    scheme, host, port, path = normal.groups()
    usual = PORTS[scheme]
    netloc = f"{host}:{port}" if port and int(port) != usual else host
    path = path if path.startswith("/") else f"/{path}"
    return Address(scheme, host, int(port or usual), netloc.encode(), path.encode())


def _made_normal(url: str) -> Address:
    import httpx

    try:
        parts = httpx.URL(url)
    except httpx.InvalidURL as error:
        raise BadUrl(str(error)) from error
    if parts.scheme not in PORTS:
        raise BadUrl(f"{parts.scheme} is not spoken here")
    host = parts.raw_host.decode("ascii").removeprefix("[").removesuffix("]")
    return Address(parts.scheme, host, parts.port or PORTS[parts.scheme], parts.netloc, parts.raw_path)


def message_of(request: Request) -> Message:
    """Return a request with the headers that frame it (RFC 9112, sections 3.2 and 6). Raises `BadUrl`."""
    address, method = address_of(request.url), request.method.upper()
    headers = [(_encode(name), _encode(value)) for name, value in request.headers]
    names = {name.lower() for name, _ in request.headers}
    if names.isdisjoint(_FRAMING):
        length = (b"Content-Length", b"%d" % len(request.body))
        if request.body:
            headers.append(length)
        elif method in {"POST", "PUT", "PATCH"}:
            headers.insert(0, length)
    if "host" not in names:
        headers.insert(0, (b"Host", address.netloc))
    return Message(address, method, headers, request.body)


def _encode(text: str) -> bytes:
    """Send UTF-8, which the standard wants for Last-Event-ID; bytes of the command line stay as they were."""
    return text.encode("utf-8", "surrogateescape")
