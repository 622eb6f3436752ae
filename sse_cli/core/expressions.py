"""`SUBJECT OP VALUE`, the small language of `--where` and `--until`: from its text to a test of an event.

The way is text -> tokens, each with its column -> an AST of frozen values -> `matches(event, payload)`.
A subject is a field of the event (`event == error`) or a JSONPath over its data (`$.usage exists`); where a
path has several matches, one of them is enough. Data that is not JSON has none.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from operator import ge, gt, le, lt
from typing import Any, ClassVar, NamedTuple, TypeAlias

import msgspec

from sse_cli.core.extract import Path, read_path
from sse_cli.core.items import Event, Json
from sse_cli.core.literals import QUOTED, Misread, compile_pattern, unquote, unquote_pattern

Payload: TypeAlias = Callable[[], Json]
"""Gives an event's data decoded, when asked; raises a `ValueError` where it is not JSON."""

FIELDS: Mapping[str, Callable[[Event], str | int | None]] = {
    "event": lambda event: event.type,
    "data": lambda event: event.data,
    "id": lambda event: event.last_event_id,
    "n": lambda event: event.number,
    "retry": lambda event: event.retry,
}
"""What an event itself can be asked for; `id` is the id in force, and `n` counts from 1."""

_HINT = "write it like `event == error` or `$.usage.total_tokens > 100`, in single quotes in a shell"
_TOKEN = re.compile(
    rf"(?P<string>{QUOTED})|(?P<unclosed>['\"])|(?P<sign>[=!<>~]+)|(?P<path>\$)|(?P<bracket>[()])"
    r"|(?P<word>[^\s'\"()=!<>~]+)|(?P<space>\s+)",
    re.DOTALL,
)
_PATH_PIECE = re.compile(rf"{QUOTED}|`(?:[^`\\]|\\.)*+`|.", re.DOTALL)
_NUMBER = re.compile(r"-?[0-9]+(?P<fraction>\.[0-9]+)?(?P<exponent>[eE][+-]?[0-9]+)?")
_WORDS: Mapping[str, Json] = {"true": True, "false": False, "null": None}


Token: TypeAlias = tuple[str, str, int]
"""A piece of the text: its kind (a group of `_TOKEN`, or "end"), itself, and its column."""


class Literal(msgspec.Struct, frozen=True):
    """A value: its text without quotes, and what that stands for; for `~`, a compiled pattern."""

    text: str
    value: Any


class Field(msgspec.Struct, frozen=True):
    """A field of the event, by its name in `FIELDS`."""

    name: str
    needs_payload: ClassVar[bool] = False

    def values(self, event: Event, _payload: Payload, literal: Literal) -> tuple[Json, ...]:
        """Return the field's value and, if it is compared with more than text, what its text stands for."""
        value = FIELDS[self.name](event)
        if not isinstance(value, str) or isinstance(literal.value, str | re.Pattern):
            return (value,)
        return value, _meaning(value)

    def exists(self, event: Event, _payload: Payload) -> bool:
        """Tell whether the event has the field, and it is not empty."""
        return FIELDS[self.name](event) not in (None, "")


class Query(msgspec.Struct, frozen=True):
    """A JSONPath over the event's data."""

    path: Path
    needs_payload: ClassVar[bool] = True

    def values(self, _event: Event, payload: Payload, _literal: Literal) -> list[Json]:
        """Return the path's matches."""
        try:
            return self.path.find(payload())
        except ValueError:
            return []

    def exists(self, _event: Event, payload: Payload) -> bool:
        """Tell whether the path has a match; a null is one."""
        try:
            return bool(self.path.find(payload()))
        except ValueError:
            return False


class Operator(NamedTuple):
    """Whether it holds between a value and a literal; `negated` if it is to hold for no value instead."""

    holds: Callable[[Json, Literal], bool]
    negated: bool = False


class Existence(msgspec.Struct, frozen=True):
    """`SUBJECT exists`."""

    subject: Field | Query

    def matches(self, event: Event, payload: Payload) -> bool:
        """Tell whether the event has the subject."""
        return self.subject.exists(event, payload)


class Comparison(msgspec.Struct, frozen=True):
    """`SUBJECT OP VALUE`, the operator by its name in `OPERATORS`."""

    subject: Field | Query
    operator: str
    literal: Literal

    def matches(self, event: Event, payload: Payload) -> bool:
        """Tell whether the operator holds for one of the subject's values."""
        holds, negated = OPERATORS[self.operator]
        literal = self.literal
        for value in self.subject.values(event, payload, literal):
            if holds(value, literal):
                return not negated
        return negated


class Expression(msgspec.Struct, frozen=True):
    """A compiled expression. `needs_payload` tells whether a test may ask for the decoded data."""

    text: str
    node: Comparison | Existence
    needs_payload: bool

    def test(self, event: Event, payload: Payload) -> bool:
        """Tell whether it holds for the event; `payload` gives the data decoded, or raises `ValueError`."""
        return self.node.matches(event, payload)


def compile_expression(text: str) -> Expression:
    """Compile an expression; a wrong one raises `UsageError`, with a caret under the place."""
    try:
        node = _Parser(text).expression()
    except Misread as fault:
        raise fault.usage_error("expression", text) from None
    return Expression(text, node, node.subject.needs_payload)


class _Parser:
    """From tokens to the AST, each rule of the grammar a method."""

    def __init__(self, text: str) -> None:
        self._tokens = _tokens(text)

    def expression(self) -> Comparison | Existence:
        node = self.comparison()
        kind, _, column = next(self._tokens)
        if kind != "end":
            raise Misread("nothing more is expected here", column, _QUOTES_HINT)
        return node

    def comparison(self) -> Comparison | Existence:
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
            return Literal(pattern, compile_pattern(pattern, column))
        if kind == "string":
            text = unquote(text, column)
            return Literal(text, text)
        return Literal(text, _meaning(text))


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


def _meaning(text: str) -> Json:
    """Return what a word without quotes stands for: a number, true, false, null, or itself."""
    if not (number := _NUMBER.fullmatch(text)):
        return _WORDS.get(text, text)
    # Python refuses to read more digits than some thousands into an int.
    whole = number["fraction"] is None and number["exponent"] is None and len(text) < 4000
    return int(text) if whole else float(text)


def _is_number(value: Json) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _equals(value: Json, literal: Literal) -> bool:
    wanted = literal.value
    if isinstance(value, bool) or isinstance(wanted, bool):  # in Python, True is 1
        return value is wanted
    return bool(value == wanted)


def _in_order(compare: Callable[[Any, Any], bool]) -> Callable[[Json, Literal], bool]:
    """Return the test of an ordering, which is between two numbers or two strings only."""

    def holds(value: Json, literal: Literal) -> bool:
        wanted = literal.value
        if isinstance(value, str):
            return isinstance(wanted, str) and compare(value, wanted)
        return _is_number(value) and _is_number(wanted) and compare(value, wanted)

    return holds


def _finds(value: Json, literal: Literal) -> bool:
    return isinstance(value, str) and literal.value.search(value) is not None


def _contains(value: Json, literal: Literal) -> bool:
    """Tell whether a string has the text in it, an object the key, or a list the value."""
    if isinstance(value, list):
        return any(_equals(item, literal) for item in value)
    return isinstance(value, str | dict) and literal.text in value


OPERATORS: Mapping[str, Operator] = {
    "==": Operator(_equals),
    "!=": Operator(_equals, negated=True),
    "<": Operator(_in_order(lt)),
    "<=": Operator(_in_order(le)),
    ">": Operator(_in_order(gt)),
    ">=": Operator(_in_order(ge)),
    "~": Operator(_finds),
    "contains": Operator(_contains),
}
"""What stands between a subject and a value. `a != b` is the same as not `a == b`: it holds where a path has
no match, too, as it does in RFC 9535. `~` searches a regular expression."""

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
