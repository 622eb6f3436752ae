"""The words of expectations: every figure by its name, with its unit and a line on what it is.

Whatever a summary shows can be asserted. So the words are not listed here: they are read off the summary and
the figures themselves. What is added are the heads' fields, and the texts that are too long for a summary.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from types import UnionType
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import msgspec

from sse_cli.core.conditions import FIELDS
from sse_cli.core.extract import Path, read_path
from sse_cli.core.items import Json
from sse_cli.core.literals import Misread
from sse_cli.core.meter import Figures
from sse_cli.core.samples import Spread
from sse_cli.core.summary import WORDS
from sse_cli.core.units import COUNT, GROUP, JSON, NUMBER, SHARE, TEXT, Course, Told, Unit

HEADER = "header"
"""What stands before a header's name: `header.content-type`."""

TEXTS = ("text", "reasoning")
"""What is gathered out of the events, and stands in no summary."""


class Figure(msgspec.Struct, frozen=True):
    """A figure of a run. Among what a summary says, it stands at `way`; `below` that, a path goes on."""

    name: str
    told: Told
    unit: Unit
    way: tuple[str, ...]
    below: Path | None = None
    parts: tuple[str, ...] = ()

    def values(self, said: Json) -> list[Json]:
        """Return what is said of it, in what a summary says: one value or, on a path, several; no nulls."""
        for name in self.way:
            said = said.get(name) if isinstance(said, Mapping) else None
        found = [said] if self.below is None else self.below.find(said)
        return [value for value in found if value is not None]


class Rate(msgspec.Struct, frozen=True):
    """A figure of several runs together: in how many something `holds`, of each, by what its summary says."""

    name: str
    unit: Unit
    doc: str
    holds: Callable[[Mapping[str, Json]], bool]


class Entry(msgspec.Struct, frozen=True):
    """A line of the vocabulary."""

    name: str
    unit: str
    doc: str


FUNCTIONS: Sequence[str] = tuple(name for name in Spread.__struct_fields__ if name != "error")
"""What can be asked of a figure over several runs: `p95(first_content)`."""

RATES: Mapping[str, Rate] = {
    rate.name: rate
    for rate in (
        Rate("runs", COUNT, "how many there are", lambda _: True),
        Rate(
            "success_rate",
            SHARE,
            "runs that were complete, or stopped",
            lambda said: said["verdict"] in ("complete", "stopped"),
        ),
        Rate("reconnect_rate", SHARE, "runs with a reconnect", lambda said: said["reconnects"] > 0),
    )
}
"""What can be asked of several runs together: a count of all, and shares of them."""


@cache
def figures() -> Mapping[str, Figure]:
    """Return all figures but those of headers, by their names."""
    return {figure.name: figure for figure in (*_of_summary(), *_of_meter(), *_of_texts())}


def find_figure(name: str) -> Figure | None:
    """Return the figure of this name, which may go on into JSON: `tool_calls[0].name`.

    Raises `Misread`, with a column in the name, where what goes on is no path.
    """
    if (known := figures().get(name)) is not None:
        return known
    if name.startswith(f"{HEADER}.") and len(name) > len(HEADER) + 1:
        return _header(name)
    for figure in figures().values():
        if figure.unit is JSON and name.startswith((f"{figure.name}.", f"{figure.name}[")):
            return _below(figure, name)
    return None


def vocabulary() -> Mapping[str, Sequence[Entry]]:
    """Return all words there are, with their units, under what they are words of."""
    header = Entry(f"{HEADER}.NAME", TEXT.name, "a header of the response, its name in any case")
    of_run = [Entry(figure.name, figure.unit.name, figure.told.doc) for figure in figures().values()]
    return {
        "a run": [*of_run, header],
        "an event": [
            *(Entry(name, field.unit, field.doc) for name, field in FIELDS.items()),
            Entry("$.PATH", JSON.name, "a JSONPath over its data, decoded"),
        ],
        "several runs": [
            *(Entry(f"{name}(FIGURE)", _unit_name(name), _doc(name)) for name in FUNCTIONS),
            *(Entry(rate.name, rate.unit.name, rate.doc) for rate in RATES.values()),
        ],
    }


def unit_over_runs(function: str, unit: Unit) -> Unit:
    """Return the unit of a function of a figure that has this unit."""
    told = _members(Spread)[function][1]
    return told.unit or (NUMBER if unit is JSON else unit)


def _unit_name(function: str) -> str:
    unit = _members(Spread)[function][1].unit
    return unit.name if unit is not None else "its own"


def _doc(function: str) -> str:
    return f"{_members(Spread)[function][1].doc}, of the runs in which it was measured"


def _of_summary() -> Iterator[Figure]:
    for name, word in WORDS.items():
        parts = tuple(f"{name}.{member}" for member in word.members)
        # What an error says is what people mean by it.
        way = (name, "message") if word.members and word.told.unit is TEXT else (name,)
        yield Figure(name, word.told, _unit(word.told), way, parts=parts)
        for member, told in word.members.items():
            yield _member(name, word.told, member, told)


def _of_meter() -> Iterator[Figure]:
    for name, (kind, told) in _members(Figures).items():
        if kind is None:
            yield Figure(name, told, _unit(told), (name,))
            continue
        members = _members(kind)
        yield Figure(name, told, GROUP, (name,), parts=tuple(f"{name}.{member}" for member in members))
        for member, (_, part) in members.items():
            yield _member(name, told, member, part)


def _of_texts() -> Iterator[Figure]:
    docs = {"text": "text of the answer, of its first choice", "reasoning": "reasoning, of the first choice"}
    for name in TEXTS:
        yield Figure(name, Told(TEXT, docs[name], Course.APPENDS), TEXT, (name,))


def _member(name: str, told: Told, member: str, part: Told) -> Figure:
    doc = f"{told.doc}: {part.doc}"
    unit = part.unit or _unit(told)
    return Figure(f"{name}.{member}", msgspec.structs.replace(part, doc=doc), unit, (name, member))


def _unit(told: Told) -> Unit:
    assert told.unit is not None, told.doc
    return told.unit


def _header(name: str) -> Figure:
    field = name.removeprefix(f"{HEADER}.").lower()
    return Figure(name, Told(TEXT, "a header", Course.OPENED), TEXT, (HEADER, field))


def _below(figure: Figure, name: str) -> Figure:
    try:
        path = read_path("$" + name.removeprefix(figure.name))
    except Misread as fault:
        raise Misread(fault.reason, fault.position + len(figure.name) - 1, fault.hint) from None
    return Figure(name, figure.told, JSON, figure.way, path)


@cache
def _members(kind: type[msgspec.Struct]) -> Mapping[str, tuple[type[msgspec.Struct] | None, Told]]:
    """Return what is told of the fields of a struct, and of which struct each is, if it is of one."""
    hints = get_type_hints(kind, include_extras=True)
    return {name: _kind_and_told(hints[name]) for name in kind.__struct_fields__}


def _kind_and_told(hint: Any) -> tuple[type[msgspec.Struct] | None, Told]:
    assert get_origin(hint) is Annotated
    plain, told = get_args(hint)
    kinds = get_args(plain) if isinstance(plain, UnionType) else (plain,)
    structs = (kind for kind in kinds if isinstance(kind, type) and issubclass(kind, msgspec.Struct))
    return next(structs, None), told
