"""The user and the password for a host, out of a netrc file, by curl's rules.

The standard library's reader is not used: it refuses a file for its permissions, takes a host's last entry
where curl takes the first, and puts words of the file, a password maybe, into its errors.
"""

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from sse_cli.errors import UsageError

_WORD = re.compile(r'#.*|"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<open>".*)|(?P<plain>\S+)')
_ESCAPED = re.compile(r"\\(.)")
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t"}


class Entry(NamedTuple):
    """What the file says of a host; of all others, where `host` is None. What it leaves out is empty."""

    host: str | None
    user: str = ""
    password: str = ""


def netrc_path(environment: Mapping[str, str], *, is_windows: bool = os.name == "nt") -> str:
    """Return the file that is read where none is named: as curl has it, `NETRC` may name it."""
    if named := environment.get("NETRC"):
        return named
    path = Path(os.path.expanduser("~"), ".netrc")
    return str(path.with_name("_netrc") if is_windows and not path.exists() else path)


def find(entries: Iterable[Entry], host: str, user: str | None = None) -> Entry | None:
    """Return the first entry for a host and, where one is given, a user."""
    for entry in entries:
        if entry.host in (None, host.lower()) and user in (None, entry.user):
            return entry
    return None


def read_netrc(file: str) -> Iterator[Entry]:
    """Give the entries of a file, in their order. Raises `OSError`, and `UsageError`, which shows no word."""
    text = Path(file).read_bytes().decode("utf-8", "surrogateescape")
    lines = enumerate(text.split("\n"), 1)
    words = _words(lines, file)
    entry: Entry | None = None
    for word in words:
        keyword = word.lower()
        if keyword in {"machine", "default"}:
            if entry is not None:
                yield entry
            entry = Entry(next(words, "").lower() if keyword == "machine" else None)
        elif keyword == "macdef":
            next((line for _, line in lines if not line.strip()), None)  # a macro ends with an empty line
        elif keyword in {"login", "password", "account"}:
            value = next(words, "")
            if entry is not None and keyword != "account":
                entry = entry._replace(**{"user" if keyword == "login" else keyword: value})
    if entry is not None:
        yield entry


def _words(lines: Iterator[tuple[int, str]], file: str) -> Iterator[str]:
    for number, line in lines:
        for match in _WORD.finditer(line):
            if match["open"] is not None:
                raise UsageError(
                    f"{file}: line {number} has a quote without its end",
                    'A word in quotes is "like this", and ends on its line.',
                )
            if match["quoted"] is not None:
                yield _ESCAPED.sub(lambda it: _ESCAPES.get(it[1], it[1]), match["quoted"])
            elif match["plain"] is not None:
                yield match["plain"]
