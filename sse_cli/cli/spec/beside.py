"""Files that a check names: they lie beside the file of checks, wherever that is used from."""

import os
import re
from collections.abc import Callable, Mapping

from sse_cli.cli import build
from sse_cli.cli.own_dialects import is_path
from sse_cli.cli.toml.keys import Key
from sse_cli.errors import UsageError
from sse_cli.sources.file import file_of

_FORM_FILE = re.compile(r'[^=]+=[@<](?:"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<plain>[^;]*))', re.DOTALL)

Span = tuple[int, int]
"""Where in a text the path of a file begins and ends."""


def _whole(text: str) -> Span | None:
    return (0, len(text)) if text else None


def _after_at(text: str) -> Span | None:
    return (1, len(text)) if text.startswith("@") else None


def _of_pair(text: str) -> Span | None:
    return (text.index("@") + 1, len(text)) if "@" in text and "=" not in text else None


def _of_form(text: str) -> Span | None:
    found = _FORM_FILE.match(text)
    return None if found is None else found.span("plain" if found["quoted"] is None else "quoted")


def _of_cookie(text: str) -> Span | None:
    return None if "=" in text else _whole(text)


def _of_dialect(text: str) -> Span | None:
    return _whole(text) if is_path(text) else None


_BY_METAVAR: Mapping[str, Callable[[str], Span | None]] = {"FILE": _whole, "PATH": _whole}
_BY_NAME: Mapping[str, Callable[[str], Span | None]] = {
    **dict.fromkeys(("header", "bearer", "json", "data", "data-binary"), _after_at),
    "data-urlencode": _of_pair,
    "form": _of_form,
    "cookie": _of_cookie,
    "dialect": _of_dialect,
}
"""How the path of a file is found in the value of an option."""


def file_in(key: Key, text: str) -> Span | None:
    """Return where in the value of an option the path of a file stands, None if there is none."""
    find = _BY_NAME.get(key.name) or _BY_METAVAR.get(key.metavar)
    return find(text) if find is not None else None


def reads_from_elsewhere(key: Key, text: str) -> bool:
    """Tell whether the value of an option is to be found elsewhere: in a file, or in the environment."""
    return file_in(key, text) is not None or (key.name == "bearer" and text.startswith("env:"))


def beside(folder: str, key: Key, text: str) -> str:
    """Return the value of an option, with the path of a file in it led through a folder.

    Raises `UsageError` for standard input, which is not the file's.
    """
    span = file_in(key, text)
    if span is None:
        return text
    start, end = span
    if text[start:end] == "-":
        raise UsageError("standard input has no place in a file of checks", "Give a file of its own.")
    return text[:start] + os.path.join(folder, text[start:end]) + text[end:]


def source_beside(folder: str, where: str) -> str:
    """Return a source: a URL as it is, the path of a file led through a folder. Raises `UsageError`."""
    if where == "-":
        raise UsageError("standard input has no place in a file of checks", "Give a URL or a file.")
    where = where.removeprefix("file://")
    if "://" in where:
        return where
    path = os.path.join(folder, where)
    if not os.path.exists(file_of(path)) and not build.looks_like_a_file(where):
        return where
    return path if build.is_file(path) else os.path.join(".", path)
