"""What is asked of a server, as a value, and how it is put together from what the user gave."""

import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit

import msgspec

from sse_cli.core import payload
from sse_cli.core.secrets import is_secret, mask_value
from sse_cli.errors import UsageError
from sse_cli.sources.route import DIRECT, Route

DEFAULT_HEADERS = {
    # What a browser's EventSource sends; some servers answer 403 to anything else.
    "Accept": "text/event-stream",
    "Cache-Control": "no-cache",
    # Compression is what buffers streams.
    "Accept-Encoding": "identity",
}

MAX_REDIRECTS = 20
"""As in the Fetch standard."""

_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")  # RFC 9110, section 5.6.2
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_LINE_ENDS = re.compile(r"[\r\n\0]")


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """One request. `headers` are complete and in the order they are sent; an empty `body` is none.

    A negative `max_redirects` is no limit, as with curl.
    """

    method: str
    url: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    route: Route = DIRECT
    follow_redirects: bool = True
    max_redirects: int = MAX_REDIRECTS

    def __post_init__(self) -> None:
        """Refuse what would not be one request any more. Raises `UsageError`."""
        if not _TOKEN.fullmatch(self.method):
            raise UsageError(f"not a method: {self.method!r}", "It should look like -X POST.")
        for name, value in self.headers:
            if not _TOKEN.fullmatch(name) or _LINE_ENDS.search(value):
                shown = mask_value(value) if is_secret(name) else repr(value)
                raise UsageError(
                    f"not a header: {name!r} with the value {shown}",
                    "A name is a word, and a value has no line ends.",
                )


def check_url(url: str) -> str:
    """Return the URL with a scheme: http for a bare loopback host, else https. Raises `UsageError`."""
    if not _SCHEME.match(url):
        host = urlsplit(f"//{url}").hostname or ""
        url = ("http://" if host in {"localhost", "127.0.0.1", "::1"} else "https://") + url
    try:
        parts = urlsplit(url)
        port_is_valid = parts.port is None or parts.port >= 0
    except ValueError as error:
        raise UsageError(f"not a URL: {url}: {error}") from error
    if parts.scheme not in {"http", "https"} or not parts.hostname or not port_is_valid:
        raise UsageError(f"not a URL that can be read: {url}", "It should look like https://host/path.")
    return url


def split_credentials(url: str) -> tuple[str, str | None]:
    """Take `user:password@` out of a URL, to be sent as a header and never shown."""
    parts = urlsplit(url)
    credentials, at, host = parts.netloc.rpartition("@")
    return (urlunsplit(parts._replace(netloc=host)), unquote(credentials)) if at else (url, None)


def parse_header(text: str) -> tuple[str, str]:
    """Read `Name: value`. As with curl, `Name;` is an empty header and `Name:` takes a default one out."""
    name, colon, value = text.partition(":")
    if not colon and text.endswith(";"):
        return text[:-1].strip(), ""
    if not colon or not _TOKEN.fullmatch(name.strip()) or _LINE_ENDS.search(text):
        raise UsageError(f"not a header: {text!r}", "It should look like -H 'Name: value', or -H @file.")
    return name.strip(), value.strip() or _TAKEN_OUT


_TAKEN_OUT = "\0"


def read_headers(texts: list[str]) -> list[tuple[str, str]]:
    """Read -H options; `@file` holds one header a line."""
    headers = []
    for text in texts:
        lines = (
            read_file(text[1:]).decode("utf-8", "replace").splitlines() if text.startswith("@") else [text]
        )
        headers += [parse_header(line) for line in lines if line.strip()]
    return headers


def merge_headers(given: list[tuple[str, str]], defaults: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Join the user's headers with the defaults, which give way to them."""
    names = {name.lower() for name, _ in given}
    kept = [(name, value) for name, value in defaults.items() if name.lower() not in names]
    return tuple(kept + [(name, value) for name, value in given if value != _TAKEN_OUT])


def read_json(text: str) -> bytes:
    """Read --json: text, or `@file` byte for byte."""
    return read_file(text[1:]) if text.startswith("@") else text.encode("utf-8", "surrogateescape")


def read_secret(text: str) -> str:
    """Read a token given as itself, as `env:NAME` or as `@file`."""
    if text.startswith("env:"):
        value = os.environ.get(text[4:])
        if not value:
            raise UsageError(f"the environment has no {text[4:]}", f"Set it: export {text[4:]}=…")
        return value
    return read_file(text[1:]).decode("utf-8", "replace").strip() if text.startswith("@") else text


def read_file(name: str) -> bytes:
    """Read a file that an option names; `-` is standard input. Raises `UsageError`."""
    try:
        return sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    except OSError as error:
        raise UsageError(f"cannot read {name}: {error.strerror}", "Is the path after the @ right?") from error


def content_type_of(body: bytes) -> str:
    """Return the content type for -d: JSON if it parses as an object or array, else a form, as curl sends."""
    try:
        value = payload.decode(body)
    except ValueError:
        return "application/x-www-form-urlencoded"
    return "application/json" if isinstance(value, dict | list) else "application/x-www-form-urlencoded"
