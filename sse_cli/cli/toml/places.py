"""Where the keys of a TOML text stand, which its decoder does not tell. The text is known to be TOML."""

import re
import tomllib
from typing import NamedTuple, TypeAlias

KeyPath: TypeAlias = tuple[str | int, ...]
"""The way to a value: the names of keys, and the numbers of what is in lists, from 0."""


class Place(NamedTuple):
    """Where a key begins and ends: a line from 1, and columns from 0. What is in a list begins alone."""

    line: int
    start: int
    end: int


_SPACE = re.compile(r"(?:\s+|#[^\n]*)*")
_NAME = re.compile(r'"(?:[^"\\]|\\.)*"|\'[^\']*\'|[A-Za-z0-9_-]+')
_SCALAR = re.compile(
    r'''"""(?:[^\\]|\\.)*?"{3,5}(?!") | \'\'\'.*?'{3,5}(?!') | "(?:[^"\\]|\\.)*" | '[^']*'
    | [^\s,\]}\#]+(?:\ \d[^\s,\]}\#]*)?''',  # a date may have a space before its time
    re.VERBOSE | re.DOTALL,
)


def places(text: str) -> dict[KeyPath, Place]:
    """Return where each key stands first, and each element of a list."""
    return _Scanner(text).scan()


class _Scanner:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._found: dict[KeyPath, Place] = {}
        self._rows: dict[KeyPath, int] = {}  # how many tables there are so far in each list of tables

    def scan(self) -> dict[KeyPath, Place]:
        table: KeyPath = ()
        while not self._is_at_end():
            if self._takes("["):
                table = self._header()
            else:
                self._pair(table)
        return self._found

    def _is_at_end(self) -> bool:
        self._skip(_SPACE)
        return self._at == len(self._text)

    def _header(self) -> KeyPath:
        """Read `[a.b]` or `[[a.b]]`, and return the path of what follows it."""
        is_row = self._takes("[")
        table = self._key(())
        if is_row:
            table = table[:-1] if isinstance(table[-1], int) else table  # not the row before
            number = self._rows.get(table, 0)
            self._rows[table] = number + 1
            table = (*table, number)
        while self._takes("]"):
            pass
        return table

    def _pair(self, table: KeyPath) -> None:
        path = self._key(table)
        self._takes("=")
        self._value(path)

    def _key(self, path: KeyPath) -> KeyPath:
        """Read a key, dotted or not, in a table; in a list of tables its last row is meant."""
        while True:
            name, place = self._name()
            path = (*path, name)
            self._found.setdefault(path, place)
            if path in self._rows:
                path = (*path, self._rows[path] - 1)
            if not self._takes("."):
                return path

    def _name(self) -> tuple[str, Place]:
        self._skip(_SPACE)
        start = self._at
        written = self._skip(_NAME)
        name = next(iter(tomllib.loads(f"{written} = 0"))) if written[0] in "\"'" else written
        return name, self._place(start, self._at)

    def _value(self, path: KeyPath) -> None:
        if self._takes("["):
            number = 0
            while not self._takes("]"):
                self._found[*path, number] = self._place(self._at, self._at)
                self._value((*path, number))
                self._takes(",")
                number += 1
        elif self._takes("{"):
            while not self._takes("}"):
                self._pair(path)
                self._takes(",")
        else:
            self._skip(_SCALAR)

    def _takes(self, sign: str) -> bool:
        self._skip(_SPACE)
        found = self._text.startswith(sign, self._at)
        self._at += found
        return found

    def _skip(self, pattern: re.Pattern[str]) -> str:
        """Go behind what the pattern finds here, and return it."""
        match = pattern.match(self._text, self._at)
        assert match is not None, "not TOML"
        self._at = match.end()
        return match[0]

    def _place(self, start: int, end: int) -> Place:
        line_start = self._text.rfind("\n", 0, start) + 1
        return Place(self._text.count("\n", 0, start) + 1, start - line_start, end - line_start)
