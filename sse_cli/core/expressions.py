"""`SUBJECT OP VALUE`, the small language of `--where` and `--until`: from its text to a test of an event.

The way is text -> tokens, each with its column -> an AST of frozen values -> a function.
A subject is a field of the event (`event == error`) or a JSONPath over its data (`$.usage exists`); where a
path has several matches, one of them is enough. Data that is not JSON has none.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import TypeAlias

import msgspec

from sse_cli.core.conditions import (
    FIELDS,
    OPERATORS,
    Comparison,
    Condition,
    Existence,
    Field,
    Holds,
    Literal,
    Query,
    meaning,
    plain_search,
)
from sse_cli.core.extract import NOTHING, read_path
from sse_cli.core.items import Event, Json
from sse_cli.core.literals import QUOTED, Misread, compile_pattern, unquote, unquote_pattern

Payload: TypeAlias = Callable[[], Json]
"""Gives an event's data decoded, when asked; raises a `ValueError` where it is not JSON."""

_HINT = "write it like `event == error` or `$.usage.total_tokens > 100`, in single quotes in a shell"
_TOKEN = re.compile(
    rf"(?P<string>{QUOTED})|(?P<unclosed>['\"])|(?P<sign>[=!<>~]+)|(?P<path>\$)|(?P<bracket>[()])"
    r"|(?P<word>[^\s'\"()=!<>~]+)|(?P<space>\s+)",
    re.DOTALL,
)
_PATH_PIECE = re.compile(rf"{QUOTED}|`(?:[^`\\]|\\.)*+`|.", re.DOTALL)

Token: TypeAlias = tuple[str, str, int]
"""A piece of the text: its kind (a group of `_TOKEN`, or "end"), itself, and its column."""


class Expression(msgspec.Struct, frozen=True):
    """A compiled expression."""

    text: str
    subject: Field | Query
    holds: Holds

    @property
    def needs_payload(self) -> bool:
        """Whether a test asks for the decoded data."""
        return isinstance(self.subject, Query)

    def test(self, event: Event, payload: Payload) -> bool:
        """Tell whether it holds for the event; `payload` gives the data decoded, or raises `ValueError`."""
        root = NOTHING
        if self.needs_payload:
            with suppress(ValueError):
                root = payload()
        return self.holds(event, root)


def compile_expression(text: str) -> Expression:
    """Compile an expression; a wrong one raises `UsageError`, with a caret under the place."""
    try:
        node = _Parser(text).expression()
    except Misread as fault:
        raise fault.usage_error("expression", text) from None
    return Expression(text, node.subject, node.compile())


class _Parser:
    """From tokens to the AST, each rule of the grammar a method."""

    def __init__(self, text: str) -> None:
        self._tokens = _tokens(text)

    def expression(self) -> Condition:
        node = self.comparison()
        kind, _, column = next(self._tokens)
        if kind != "end":
            raise Misread("nothing more is expected here", column, _QUOTES_HINT)
        return node

    def comparison(self) -> Condition:
        subject = self.subject()
        operator = self.operator()
        if operator == "exists":
            return Existence(subject)
        return Comparison(subject, operator, self.literal(operator))

    def subject(self) -> Field | Query:
        kind, text, column = next(self._tokens)
        if kind == "path":
            try:
                return Query(read_path(text))
            except Misread as fault:
                raise Misread(fault.reason, column + fault.position, fault.hint) from None
        if kind != "word":
            raise Misread("a field of the event or a path is expected", column, _HINT)
        if text not in FIELDS:
            raise Misread(f"`{text}` is no field of an event", column, _subject_hint(text))
        return Field(text)

    def operator(self) -> str:
        kind, text, column = next(self._tokens)
        if kind not in ("word", "sign"):
            raise Misread("an operator is expected", column, f"one of {' '.join(_OPERATOR_NAMES)}")
        if text not in _OPERATOR_NAMES:
            raise Misread(f"`{text}` is no operator", column, _nearest(text, _OPERATOR_NAMES))
        return text

    def literal(self, operator: str) -> Literal:
        kind, text, column = next(self._tokens)
        if kind not in ("word", "string"):
            raise Misread(f"a value is expected after {operator}", column, _QUOTES_HINT)
        if operator == "~":
            pattern = unquote_pattern(text) if kind == "string" else text
            return Literal(pattern, plain_search(pattern) or compile_pattern(pattern, column).search)
        if kind == "string":
            text = unquote(text, column)
            return Literal(text, text)
        return Literal(text, meaning(text))


def _tokens(text: str) -> Iterator[Token]:
    column = 0
    while match := _TOKEN.match(text, column):
        kind, end = match.lastgroup or "", match.end()
        if kind == "unclosed":
            raise Misread(f"the {match[0]} is not closed", column, _QUOTES_HINT)
        if kind == "path":
            end = _end_of_path(text, column)
        if kind != "space":
            yield kind, text[column:end], column
        column = end
    yield "end", "", column


def _end_of_path(text: str, start: int) -> int:
    """Return where a path ends: before a blank, an operator or a bracket that closes what began before it."""
    depth = 0
    for piece in _PATH_PIECE.finditer(text, start):
        sign = piece[0]
        if depth == 0 and (sign.isspace() or sign in "=!<>~)"):
            return piece.start()
        depth += (sign in "[(") - (sign in "])")
    return len(text)


_OPERATOR_NAMES = (*OPERATORS, "exists")
_QUOTES_HINT = 'a value with blanks or signs in it stands in quotes: data contains "a = b"'
_OTHER_WORDS = {  # what people write who come from other languages, and difflib would not guess
    "event": "type name",
    "n": "number index count",
    "id": "last_event_id lasteventid",
    "==": "= === is eq equals",
    "!=": "<> !== ne",
    "~": "=~ ~= match matches like",
    "contains": "has includes",
}


def _subject_hint(word: str) -> str:
    if "." in word or "[" in word:
        return f"did you mean $.{word.lstrip('.')}? A path starts with $"
    return f"{_nearest(word, tuple(FIELDS))}, or a path such as $.{word}"


def _nearest(word: str, known: tuple[str, ...]) -> str:
    from difflib import get_close_matches

    word = word.lower()
    meant = [name for name in known if word in _OTHER_WORDS.get(name, "").split()]
    close = meant or get_close_matches(word, known, 1)
    question = f"did you mean {close[0]}? " if close else ""
    return f"{question}There are {' '.join(known)}"
