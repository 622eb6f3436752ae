"""Conditions on an event, ready to be asked: what the operators of `SUBJECT OP VALUE` mean.

A condition is compiled to a function for its kind of subject and value, since a stream has many events.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache, partial
from operator import attrgetter, eq, ge, gt, le, lt
from typing import Any, TypeAlias

import msgspec

from sse_cli.core.extract import NOTHING, Path, getter
from sse_cli.core.items import Event, Json
from sse_cli.core.literals import compile_pattern
from sse_cli.core.logic import And, Not, Or, Tree, leaves

Holds: TypeAlias = Callable[[Event, Json], bool]
"""Tells whether a condition holds for an event and its decoded data: `NOTHING` where that is not JSON."""

Check: TypeAlias = Callable[[Json], bool]
"""Tells whether a condition holds for one value of its subject; it never does for `NOTHING`."""


class EventField(msgspec.Struct, frozen=True):
    """What gives a field of an event, and what it is told to be."""

    get: Callable[[Event], str | int | None]
    unit: str
    doc: str


FIELDS: Mapping[str, EventField] = {
    "event": EventField(attrgetter("type"), "text", "its type, `message` unless it has a name"),
    "data": EventField(attrgetter("data"), "text", "its data, as text"),
    "id": EventField(attrgetter("last_event_id"), "text", "the last event id in force after it"),
    "n": EventField(attrgetter("number"), "count", "its number, from 1"),
    "retry": EventField(attrgetter("retry"), "milliseconds", "the reconnection time that it sets"),
}
"""What an event itself can be asked for."""

_NUMBER = re.compile(r"-?[0-9]+(?P<fraction>\.[0-9]+)?(?P<exponent>[eE][+-]?[0-9]+)?")
_WORDS: Mapping[str, Json] = {"true": True, "false": False, "null": None}


class Literal(msgspec.Struct, frozen=True):
    """A value: its text without quotes, and what that stands for; for a list, a tuple of such values."""

    text: str
    value: Any


class Field(msgspec.Struct, frozen=True):
    """A field of the event, by its name in `FIELDS`."""

    name: str

    def compile(self, operator: "Operator", literal: Literal) -> Holds:
        """Compile the check of the field's value."""
        get, check = FIELDS[self.name].get, text_check(operator, literal)
        return lambda event, _root: check(get(event))

    def existence(self) -> Holds:
        """Compile the test whether the event has the field, and it is not empty."""
        get = FIELDS[self.name].get
        return lambda event, _root: get(event) not in (None, "")


class Query(msgspec.Struct, frozen=True):
    """A JSONPath over the event's data."""

    path: Path

    def compile(self, operator: "Operator", literal: Literal) -> Holds:
        """Compile the check that is to hold for one of the path's matches. The text of JSON says its type."""
        check = operator.check(literal)
        if self.path.singular:
            get = getter(self.path, NOTHING)
            return lambda _event, root: check(get(root))
        find = self.path.find
        return lambda _event, root: root is not NOTHING and any(map(check, find(root)))

    def existence(self) -> Holds:
        """Compile the test whether the path has a match; a null is one."""
        if self.path.singular:
            get = getter(self.path, NOTHING)
            return lambda _event, root: get(root) is not NOTHING
        find = self.path.find
        return lambda _event, root: root is not NOTHING and bool(find(root))


def asker(subject: Field | Query) -> Callable[[Event, Json], Json]:
    """Return what gives the one value of a field or of a singular path, or `NOTHING`."""
    if isinstance(subject, Field):
        field = FIELDS[subject.name].get
        return lambda event, _root: field(event)
    get = getter(subject.path, NOTHING)
    return lambda _event, root: get(root)


class Operator(msgspec.Struct, frozen=True):
    """Makes the check of a literal; `negated` if that is to hold for no value instead.

    It takes one value unless it takes a `pattern`, or a `list`.
    """

    check: Callable[[Literal], Check]
    negated: bool = False
    takes: str = "value"

    def makes_text(self, literal: Literal) -> bool:
        """Tell whether a value is checked as the text that it is, and not for what that stands for."""
        if self.takes == "list":
            return all(isinstance(item.value, str) for item in literal.value)
        return self.takes == "pattern" or isinstance(literal.value, str)


def text_check(operator: Operator, literal: Literal) -> Check:
    """Return the check of a text as it is or, where the literal is none, of what it stands for as well."""
    check = operator.check(literal)
    if operator.makes_text(literal):
        return check
    return lambda value: check(value) or (isinstance(value, str) and check(meaning(value)))


class Existence(msgspec.Struct, frozen=True):
    """`SUBJECT exists`."""

    subject: Field | Query

    def compile(self) -> Holds:
        """Compile the test whether the event has the subject."""
        return self.subject.existence()


class Comparison(msgspec.Struct, frozen=True):
    """`SUBJECT OP VALUE`, the operator by its name in `OPERATORS`."""

    subject: Field | Query
    operator: str
    literal: Literal

    def compile(self) -> Holds:
        """Compile the test whether the operator holds for one of the subject's values."""
        operator = OPERATORS[self.operator]
        holds = self.subject.compile(operator, self.literal)
        return (lambda event, root: not holds(event, root)) if operator.negated else holds


Condition: TypeAlias = Tree[Comparison | Existence]
"""One comparison, or several joined."""


def compile_condition(condition: Condition) -> Holds:
    """Compile the test whether a condition holds for an event."""
    match condition:
        case Not(part):
            inner = compile_condition(part)
            return lambda event, root: not inner(event, root)
        case And(parts):
            all_of = [compile_condition(part) for part in parts]
            return lambda event, root: all(holds(event, root) for holds in all_of)
        case Or(parts):
            any_of = [compile_condition(part) for part in parts]
            return lambda event, root: any(holds(event, root) for holds in any_of)
    return condition.compile()


def subjects_of(condition: Condition) -> tuple[Field | Query, ...]:
    """Return all that a condition asks for."""
    found: Iterator[Comparison | Existence] = leaves(condition)
    return tuple(leaf.subject for leaf in found)


def meaning(text: str) -> Json:
    """Return what a word without quotes stands for: a number, true, false, null, or itself."""
    if not (number := _NUMBER.fullmatch(text)):
        return _WORDS.get(text, text)
    # Python refuses to read more digits than some thousands into an int.
    whole = number["fraction"] is None and number["exponent"] is None and len(text) < 4000
    return int(text) if whole else float(text)


_SIGNS = r"(?:[\w\s/:,_-]|\\[^\w\s])+"
_PLAIN = re.compile(rf"\^(?:\((?P<words>{_SIGNS}(?:\|{_SIGNS})*)\)|(?P<word>{_SIGNS}))(?P<end>\$)?")


@cache
def searcher(pattern: str) -> Callable[[str], object]:
    """Return what searches a regular expression; a bad one raises `Misread`, which points into it."""
    return plain_search(pattern) or compile_pattern(pattern, 0).search


def plain_search(pattern: str) -> Callable[[str], bool] | None:
    """Return what searches a regular expression that is words at a string's beginning, if it is no more.

    It is many times faster than `re`, and needs no compiling, which takes most of a dialect's loading.
    """
    plain = _PLAIN.fullmatch(pattern)
    if plain is None:
        return None
    words = tuple(re.sub(r"\\(.)", r"\1", word) for word in (plain["words"] or plain["word"]).split("|"))
    if plain["end"] is None:
        return lambda text: text.startswith(words)
    # For `re`, a string may end before its last newline.
    return frozenset(words + tuple(f"{word}\n" for word in words)).__contains__


def _is_number(value: Json) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _equals(literal: Literal) -> Check:
    wanted = literal.value
    if isinstance(wanted, bool):
        return lambda value: value is wanted
    if isinstance(wanted, str):
        return partial(eq, wanted)
    return lambda value: not isinstance(value, bool) and bool(value == wanted)  # in Python, True is 1


def _in_order(compare: Callable[[Any, Any], bool]) -> Callable[[Literal], Check]:
    """Return what makes the check of an ordering, which is between two numbers or two strings only."""

    def check(literal: Literal) -> Check:
        wanted = literal.value
        if isinstance(wanted, str):
            return lambda value: isinstance(value, str) and compare(value, wanted)
        return lambda value: _is_number(value) and _is_number(wanted) and compare(value, wanted)

    return check


def _finds(literal: Literal) -> Check:
    search = searcher(literal.text)
    return lambda value: isinstance(value, str) and bool(search(value))


def _is_one_of(literal: Literal) -> Check:
    if all(isinstance(item.value, str) for item in literal.value):
        texts = frozenset(item.value for item in literal.value)
        return lambda value: isinstance(value, str) and value in texts
    checks = [_equals(item) for item in literal.value]
    return lambda value: any(check(value) for check in checks)


def _contains(literal: Literal) -> Check:
    """Return the check that a string has the text in it, an object the key, or a list the value."""
    equals, text = _equals(literal), literal.text

    def check(value: Json) -> bool:
        if isinstance(value, list):
            return any(map(equals, value))
        return isinstance(value, str | dict) and text in value

    return check


OPERATORS: Mapping[str, Operator] = {
    "==": Operator(_equals),
    "!=": Operator(_equals, negated=True),
    "<": Operator(_in_order(lt)),
    "<=": Operator(_in_order(le)),
    ">": Operator(_in_order(gt)),
    ">=": Operator(_in_order(ge)),
    "~": Operator(_finds, takes="pattern"),
    "!~": Operator(_finds, negated=True, takes="pattern"),
    "contains": Operator(_contains),
    "in": Operator(_is_one_of, takes="list"),
}
"""What stands between a subject and a value. `a != b` is the same as not `a == b`: it holds where a path has
no match, too, as it does in RFC 9535. `~` searches a regular expression."""
