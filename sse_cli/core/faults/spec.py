"""`NAME[@N][:VALUE]`, the small language of --fault: from its text to a fault that can be applied."""

import re
from collections.abc import Callable, Iterator, Mapping
from enum import Enum
from random import Random
from typing import Any, NamedTuple, TypeAlias

from sse_cli.core.literals import Misread
from sse_cli.core.quantities import parse_duration, parse_size
from sse_cli.core.recording import Entry
from sse_cli.errors import UsageError

_SPEC = re.compile(r"(?P<name>[^@:]*)(?:@(?P<number>[^:]*))?(?::(?P<value>.*))?", re.DOTALL)
_MOST_DIGITS = 15


class Occasion(NamedTuple):
    """What a fault may ask beside the recording: chance, and which request this is, counted from 1."""

    chance: Random
    request: int = 1


class Value(NamedTuple):
    """A kind of VALUE: how it is called in help, and what reads it, which raises `UsageError`."""

    name: str
    read: Callable[[str], Any]


def _read_rate(text: str) -> int:
    rate = parse_size(text.removesuffix("/s"))
    if not rate:
        raise UsageError("at that rate nothing ever comes", "Rates look like 2KB/s.")
    return rate


def _read_period(text: str) -> float:
    seconds = parse_duration(text)
    if not seconds:
        raise UsageError("that often is without end", "Durations look like 250ms, 2s or 1m30s.")
    return seconds


def _read_status(text: str) -> int:
    if not re.fullmatch(r"[2-5][0-9]{2}", text):
        raise UsageError(f"not a status: {text!r}", "It is a number from 200 to 599, such as 503.")
    return int(text)


TIME = Value("TIME", parse_duration)
PERIOD = Value("TIME", _read_period)
SIZE = Value("SIZE", parse_size)
RATE = Value("RATE", _read_rate)
STATUS = Value("STATUS", _read_status)
TYPE = Value("TYPE", str.strip)


class Number(Enum):
    """Whether @N is written."""

    NEVER = ""
    MAYBE = "[@N]"
    ALWAYS = "@N"


class Kind(NamedTuple):
    """A row of the table of faults: what it does, in a line, and what N and VALUE are, if it takes them.

    `alter` gives the recording as the fault leaves it. An N that is left out is None to it, and a VALUE is
    what `default` stands for; without a default it must be written. `by_chance` tells if it asks chance.
    """

    alter: "Alter"
    doc: str
    number: Number = Number.NEVER
    value: Value | None = None
    default: str | None = None
    by_chance: bool = False

    def usage(self, name: str) -> str:
        """Return how it is written."""
        value = f":{self.value.name}" if self.value is not None else ""
        return name + self.number.value + (value if self.default is None else f"[{value}]")


class Spec(NamedTuple):
    """A fault that was asked for; `text` is how."""

    kind: Kind
    number: int | None
    value: Any
    text: str


Alter: TypeAlias = Callable[[Iterator[Entry], Spec, Occasion], Iterator[Entry]]


def read_spec(text: str, kinds: Mapping[str, Kind]) -> Spec:
    """Read one fault. Raises `UsageError`, with a caret under the place."""
    try:
        return _read(text, kinds)
    except Misread as fault:
        raise fault.usage_error("fault", text) from None


def _read(text: str, kinds: Mapping[str, Kind]) -> Spec:
    match = _SPEC.fullmatch(text)
    assert match is not None  # any text is of that form
    name = match["name"]
    kind = kinds.get(name)
    if kind is None:
        raise Misread(f"there is no fault {name!r}", 0, _hint(name, kinds))
    hint = f"it is written {kind.usage(name)}: {kind.doc}"
    number = _number(match, kind, hint)
    return Spec(kind, number, _value(match, kind, hint), text)


def _number(match: re.Match[str], kind: Kind, hint: str) -> int | None:
    given = match["number"]
    if given is None:
        if kind.number is Number.ALWAYS:
            raise Misread("@N is missing", match.end("name"), hint)
        return None
    if kind.number is Number.NEVER:
        raise Misread("it takes no @N", match.start("number") - 1, hint)
    if not (given.isascii() and given.isdigit() and len(given) <= _MOST_DIGITS):
        raise Misread(f"N is a number, and not {given!r}", match.start("number"), hint)
    return int(given)


def _value(match: re.Match[str], kind: Kind, hint: str) -> Any:
    given = match["value"]
    if kind.value is None:
        if given is not None:
            raise Misread("it takes no value", match.start("value") - 1, hint)
        return None
    if given is None:
        if kind.default is None:
            raise Misread(f":{kind.value.name} is missing", match.end(), hint)
        return kind.value.read(kind.default)
    try:
        return kind.value.read(given)
    except UsageError as error:
        raise Misread(error.message, match.start("value"), error.hint) from None


def _hint(name: str, kinds: Mapping[str, Kind]) -> str:
    from difflib import get_close_matches

    close = get_close_matches(name.lower(), kinds, 1)
    question = f"did you mean {close[0]}? " if close else ""
    return f"{question}there are {' '.join(kinds)}; sse serve --faults tells what they do"
