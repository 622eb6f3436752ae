"""The body of -F: a form in parts (RFC 7578), each of which is written as for curl."""

import os
import re
from typing import NamedTuple

from sse_cli.errors import UsageError
from sse_cli.sources.request import read_file

_TYPES = {
    "gif": "image/gif", "jpg": "image/jpeg", "jpeg": "image/jpeg", "png": "image/png", "svg": "image/svg+xml",
    "txt": "text/plain", "htm": "text/html", "html": "text/html", "pdf": "application/pdf",
    "xml": "application/xml",
}  # fmt: skip
"""What curl knows by a file's ending, and no more, so that a form is the same on every machine."""

_UNKNOWN = "application/octet-stream"
_WORD = r'(?:"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<plain>[^;]*))'
_VALUE = re.compile(rf"(?P<sign>[@<]?){_WORD}(?P<more>(?:;.*)?)", re.DOTALL)
_MORE = re.compile(rf"\s*(?P<key>type|filename)={_WORD}")


class Part(NamedTuple):
    """A field of a form. Only files have a `filename`; an empty `content_type` is not sent."""

    name: str
    content: bytes
    filename: str | None = None
    content_type: str = ""


def form_body(texts: list[str], boundary: str) -> tuple[bytes, str]:
    """Return a body and its content type. Raises `UsageError`."""
    pieces = []
    for text in texts:
        part = parse_part(text)
        pieces.append(f"--{boundary}\r\n{_head(part)}\r\n".encode("utf-8", "surrogateescape"))
        pieces += [part.content, b"\r\n"]
    return b"".join(pieces) + f"--{boundary}--\r\n".encode(), f"multipart/form-data; boundary={boundary}"


def new_boundary() -> str:
    """Return what no content will hold."""
    return "-" * 24 + os.urandom(16).hex()


def parse_part(text: str) -> Part:
    """Read `name=content`, `name=@file` or `name=<file`, with `;type=` and `;filename=` behind it.

    Raises `UsageError`, which shows no content.
    """
    name, equals, rest = text.partition("=")
    value = _VALUE.fullmatch(rest)
    if not name or not equals or value is None:
        raise UsageError(
            "not a field of a form: it should be a name, = and a value",
            "It should look like -F name=content, or -F name=@file.",
        )
    more = _read_more(name, value["more"])
    content, content_type = _unquoted(value), more.get("type", "")
    if not value["sign"]:
        data = content.encode("utf-8", "surrogateescape")
        return Part(name, data, more.get("filename"), content_type)
    path_name = re.split(r"[/\\]", content)[-1] if value["sign"] == "@" else None
    filename = more.get("filename", path_name)
    known = _known_type(filename or "") or _known_type(content) or (_UNKNOWN if filename else "")
    return Part(name, read_file(content), filename, content_type or known)


def _known_type(filename: str) -> str:
    return _TYPES.get(filename.rpartition(".")[2].lower(), "")


def _read_more(name: str, text: str) -> dict[str, str]:
    more: dict[str, str] = {}
    while text:
        found = _MORE.match(text, 1) if text.startswith(";") else None
        if found is None:
            raise UsageError(
                f"the field {name!r} of the form has a ; before what is neither type= nor filename=",
                f"A value that holds a ; goes in quotes: -F '{name}=\"…;…\"'.",
            )
        more[found["key"]] = _unquoted(found)
        text = text[found.end() :]
    return more


def _unquoted(found: re.Match[str]) -> str:
    quoted = found["quoted"]
    return found["plain"] if quoted is None else re.sub(r'\\([\\"])', r"\1", quoted)


def _head(part: Part) -> str:
    head = f'Content-Disposition: form-data; name="{_escape(part.name)}"'
    if part.filename is not None:
        head += f'; filename="{_escape(part.filename)}"'
    if not part.content_type:
        return f"{head}\r\n"
    if re.search(r"[\r\n]", part.content_type):
        raise UsageError(
            f"not a content type: {part.content_type!r}", "It should look like ;type=text/plain."
        )
    return f"{head}\r\nContent-Type: {part.content_type}\r\n"


def _escape(text: str) -> str:
    """Escape as browsers and curl do (HTML, section 4.10.21.8)."""
    return text.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
