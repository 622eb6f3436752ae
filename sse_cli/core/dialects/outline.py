"""The outline of a JSON text: a regular expression for all texts that are the same but for some values.

It knows such a text, and takes one string out of it, in less time than decoding it takes. What it matches is
JSON: a text that was, in which only strings without escapes and whole numbers stand for others of their kind.
"""

import re
from collections.abc import Callable, Iterator
from enum import Enum
from types import EllipsisType
from typing import TypeAlias

from sse_cli.core import payload

Step: TypeAlias = str | EllipsisType
"""A name, or any element of a list."""


class Wanted(Enum):
    """What is wanted of a value: to be the same, to be any of its kind, or to be the string that is taken."""

    SAME = 1
    ANY = 2
    TAKEN = 3


_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*+"|[{}\[\]:,]|\s+|[^\s{}\[\]:,"]+')
_WHOLE = re.compile(r"-?(?:0|[1-9][0-9]*)")
_ANY_STRING = r'"[ !#-\[\]-~]*+"'  # of ASCII: other bytes might be no text at all
_ANY_WHOLE = r"-?(?:0|[1-9][0-9]*+)"
_TAKEN = r'"((?:[^"\\\x00-\x1f]++|\\.)*+)"'


class Outline:
    """The outline of one text, which is JSON; `wanted` is asked for each value that is no list or object."""

    def __init__(self, text: str, wanted: Callable[[tuple[Step, ...]], Wanted]) -> None:
        self._pattern = "".join(_pieces(text, wanted))
        compiled = re.compile(self._pattern)
        self._match = compiled.fullmatch
        self.is_sound = compiled.groups == 1  # an object may have a name twice

    def take(self, text: str) -> str | None:
        """Return the string that is wanted of a text with this outline; None where it has another."""
        found = self._match(text)
        if found is None:
            return None
        taken: str = found[1]
        return taken if "\\" not in taken else _unescaped(taken)

    def in_blocks(self, before: bytes) -> Callable[[bytes], list[str] | None]:
        """Return what takes the string out of many blocks of SSE at once.

        All must be one data line with this outline, after the lines that come `before` it in each; of others
        it gives None.
        """
        find = re.compile(
            b"^%bdata: %b\n\n" % (re.escape(before), self._pattern.encode()), re.MULTILINE
        ).findall
        lines = before.count(b"\n") + 2

        def take(blocks: bytes) -> list[str] | None:
            found = find(blocks)
            if lines * len(found) != blocks.count(b"\n"):  # there are other lines between them, or after
                return None
            try:
                return payload.decode_texts(b'["%b"]' % b'","'.join(found))
            except payload.NotJson:
                return None

        return take


def _pieces(text: str, wanted: Callable[[tuple[Step, ...]], Wanted]) -> Iterator[str]:
    """Give the pattern piece by piece, as the tokens of the text come."""
    path: list[Step] = []
    name_next = False
    for token in _TOKEN.findall(text):
        if token in "{[":
            path.append(...)  # in an object, until its first name comes
            name_next = token == "{"
        elif token in "}]":
            path.pop()
        elif token == ",":
            name_next = path[-1] is not ...
        elif name_next and token[0] == '"':
            path[-1] = payload.decode(token)
            name_next = False
        elif token != ":" and not token.isspace():
            yield _piece(token, wanted(tuple(path)))
            continue
        yield re.escape(token)


def _piece(token: str, wanted: Wanted) -> str:
    if token[0] == '"' and wanted is not Wanted.SAME:
        return _TAKEN if wanted is Wanted.TAKEN else _ANY_STRING
    return _ANY_WHOLE if wanted is Wanted.ANY and _WHOLE.fullmatch(token) else re.escape(token)


def _unescaped(taken: str) -> str | None:
    try:
        text: str = payload.decode(f'"{taken}"')
    except payload.NotJson:
        return None
    return text
