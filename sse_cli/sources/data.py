"""What -d and its relatives give, put together as curl does: for a body or, with -G, a query."""

import re
from urllib.parse import quote_from_bytes, urlsplit, urlunsplit

from sse_cli.sources.request import read_file

_PRINTABLE = "".join(chr(code) for code in range(0x21, 0x7F) if chr(code) not in '#"<>')
_LINE_ENDS = re.compile(rb"[\r\n]")


class Raw(str):
    """Data of --data-raw: an `@` in front means nothing."""

    __slots__ = ()


class Binary(str):
    """Data of --data-binary: `@file` goes byte for byte."""

    __slots__ = ()


class UrlEncoded(str):
    """Data of --data-urlencode: `content`, `=content`, `name=content`, `@file` or `name@file`."""

    __slots__ = ()


def read_data(texts: list[str]) -> bytes:
    """Join what was given, in that order, with `&`. Raises `UsageError` for a file that cannot be read."""
    return b"&".join(_read(text) for text in texts)


def with_query(url: str, data: bytes) -> str:
    """Return the URL with data behind its query, as -G has it; what no URL can hold is percent-encoded."""
    parts = urlsplit(url)
    added = quote_from_bytes(data, safe=_PRINTABLE)
    return urlunsplit(parts._replace(query="&".join(filter(None, (parts.query, added)))))


def _read(text: str) -> bytes:
    if isinstance(text, UrlEncoded):
        return _encoded(text)
    if text.startswith("@") and not isinstance(text, Raw):
        if isinstance(text, Binary):
            return read_file(text[1:])
        return _LINE_ENDS.sub(b"", read_file(text[1:]))  # a form's text in an editor's lines: curl joins them
    return _bytes(text)


def _encoded(text: str) -> bytes:
    """Encode the content and not the name. `=` is looked for first, so that content may hold an `@`."""
    sign = next((sign for sign in "=@" if sign in text), None)
    name, _, content = text.partition(sign) if sign else ("", "", text)
    value = read_file(content) if sign == "@" else _bytes(content)
    encoded = quote_from_bytes(value, safe="").replace("%20", "+")
    return _bytes(f"{name}={encoded}" if name else encoded)


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
