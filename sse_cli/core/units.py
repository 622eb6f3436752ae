"""What figures are counted in: how a value is written in an expression, and how one that is seen is shown."""

import math
import re
from collections.abc import Callable
from contextlib import suppress
from enum import Enum
from typing import Any

import msgspec

from sse_cli.core import payload
from sse_cli.core.conditions import meaning
from sse_cli.core.items import Json
from sse_cli.core.quantities import format_duration, format_rate, format_size, parse_duration, parse_size
from sse_cli.errors import UsageError

LONGEST = 60
"""Characters that are shown of a text."""

# Every run has figures, and few assert anything of them: what is not compiled costs no start-up time.
_SHARE = r"(-?[0-9]+(?:\.[0-9]+)?)%"
_KINDS = {
    "a duration": r"(?i)(?:[0-9.]+(?:us|µs|ms|s|m|h))+",
    "a size": r"(?i)[0-9.]+(?:[kmg]i?b?|b)(?:/s)?",
    "a percentage": _SHARE,
    "a rate": r"[0-9.]+/s",
}

_ORDERINGS = ("<", "<=", ">", ">=")
_EQUALITY = ("==", "!=", "in")
_OF_TEXT = ("~", "!~", "contains")


class Unit(msgspec.Struct, frozen=True):
    """One kind of value.

    `name` stands in the vocabulary, `a` in sentences. `read` gives what a word stands for, or None; `way`
    says how one is written. `show` makes a value readable. `operators` are those that make sense of it.
    """

    name: str
    a: str
    read: Callable[[str], Json]
    way: str
    show: Callable[[Any], str]
    operators: tuple[str, ...]
    is_number: bool = True


class Course(Enum):
    """How what is known of a figure goes on, once it is known, while the stream does."""

    LATE = "it is known at the end alone"
    ONCE = "it stays"
    TIED = "it stays while there is no other connection"
    OPENED = "it comes with the response's head, there or not, and may change with another connection"
    GROWS = "it stays or grows"
    FALLS = "it stays or falls"
    APPENDS = "more may be put to its end"


class Clock(Enum):
    """The moment from which a time counts that goes on by itself."""

    START = "since the request was sent"
    BYTE = "since the last byte"


class Told(msgspec.Struct, frozen=True):
    """What is told of a figure beside its name: stands with its field, as `Annotated[float, Told(…)]`.

    Without a `unit`, it has that of the figure it is a part of. With a `clock`, it is never less than the
    time that has passed, and will not be if it is not known yet. One that is a word out of few has `choices`.
    """

    unit: Unit | None
    doc: str
    course: Course = Course.LATE
    clock: Clock | None = None
    choices: tuple[str, ...] = ()


def number_of(word: str) -> float | None:
    """Return the number that a word stands for, or None."""
    value = meaning(word)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return value if is_number and math.isfinite(value) else None


def kind_of(word: str) -> str:
    """Return what a bare word looks like: a duration, a size, a percentage, a rate, a number, or a word."""
    found = (kind for kind, pattern in _KINDS.items() if re.fullmatch(pattern, word))
    return next(found, "a word" if number_of(word) is None else "a number")


def excerpt(value: Json) -> str:
    """Return a value as JSON, cut where it is long."""
    if isinstance(value, str):  # which may be long, or hold what an address was given with and no UTF-8 can
        value = value[: LONGEST + 1].encode("utf-8", "replace").decode()
    text = payload.encode(value)
    return f"{text[:LONGEST]}…" if len(text) > LONGEST + 2 else text


def _time(word: str) -> float | None:
    if (seconds := number_of(word)) is not None:
        return seconds
    with suppress(UsageError):
        return _finite(parse_duration(word))
    return None


def _size(word: str) -> float | None:
    if (count := number_of(word)) is not None:
        return count
    with suppress(UsageError):
        return parse_size(word)
    return None


def _share(word: str) -> float | None:
    if percentage := re.fullmatch(_SHARE, word):
        return _finite(float(percentage[1]) / 100)
    share = number_of(word)
    return share if share is not None and 0 <= share <= 1 else None


def _rate(word: str) -> float | None:
    return number_of(word.removesuffix("/s"))


def _size_rate(word: str) -> float | None:
    return _size(word.removesuffix("/s"))


def _flag(word: str) -> bool | None:
    return {"true": True, "false": False}.get(word)


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _show_count(value: float) -> str:
    return f"{value:,}" if isinstance(value, int) else f"{value:,.4g}"


def _show_number(value: float) -> str:
    return str(value) if isinstance(value, int) else f"{value:.6g}"


def show_share(value: float) -> str:
    """Return a share of one as a percentage with the digits that it needs: `99.5 %`."""
    return f"{value * 100:.4g} %"


_NUMBERS = (*_EQUALITY, *_ORDERINGS)
_TEXTS = (*_NUMBERS, *_OF_TEXT)

TIME = Unit("seconds", "a time", _time, "like 250ms, 2s or 1m30s; 0.25 is seconds", format_duration, _NUMBERS)
SIZE = Unit("bytes", "a size", _size, "like 500, 64KB or 10MB", format_size, _NUMBERS)
COUNT = Unit("count", "a count", number_of, "in digits", _show_count, _NUMBERS)
NUMBER = Unit("number", "a number", number_of, "in digits", _show_number, _NUMBERS)
SHARE = Unit("share", "a share", _share, "like 99%, or 0.99", show_share, _NUMBERS)
RATE = Unit("per second", "a rate", _rate, "like 47.5", format_rate, _NUMBERS)
SIZE_RATE = Unit(
    "bytes per second",
    "a rate",
    _size_rate,
    "like 64KB, for each second",
    lambda value: f"{format_size(value)}/s",
    _NUMBERS,
)
TEXT = Unit("text", "a text", meaning, "in quotes, or bare where it has no blanks", excerpt, _TEXTS, False)
WORD = Unit("word", "a word", lambda word: word, "in quotes or bare", excerpt, (*_EQUALITY, *_OF_TEXT), False)
FLAG = Unit("true or false", "true or false", _flag, "without quotes", excerpt, ("==", "!="), False)
JSON = Unit("JSON", "JSON", meaning, "as JSON has it", excerpt, _TEXTS, False)
GROUP = Unit("figures", "several figures", lambda _: None, "as null", excerpt, ("==", "!="), False)
"""What can only be there or not: its figures have names of their own."""
