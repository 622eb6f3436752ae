"""Faults of events: what comes twice or not at all, what is nonsense, and an end without its marker."""

from collections.abc import Callable, Iterator
from random import Random

from sse_cli.core.event_units import (
    Piece,
    Step,
    Unit,
    content_type,
    counted,
    format_of,
    put_together,
    take_apart,
)
from sse_cli.core.faults.spec import Alter, Occasion, Spec
from sse_cli.core.interpreter import Interpreter
from sse_cli.core.items import Anomaly, Done, Event, Finish, WireItem
from sse_cli.core.payload import LazyPayload
from sse_cli.core.recording import Entry, Head

_AROUND = {"sse": (b"data: ", b"\n\n")}
"""What makes an event of bytes, by format; in others a line is one."""


def at_event(change: Callable[[Unit, Spec, Random, str], Iterator[Unit]]) -> Alter:
    """Return the fault that changes event N alone; `change` is told the wire format, too."""

    def alter(entries: Iterator[Entry], spec: Spec, occasion: Occasion) -> Iterator[Entry]:
        def steps() -> Iterator[Step]:
            wire_format = "text"
            for step, events in counted(take_apart(entries)):
                if isinstance(step, Head):
                    wire_format = format_of(content_type(step), b"")
                if isinstance(step, Unit) and events < (spec.number or 0) <= events + step.events:
                    yield from change(step, spec, occasion.chance, wire_format)
                else:
                    yield step

        return put_together(steps())

    return alter


def twice(unit: Unit, _spec: Spec, _chance: Random, _wire_format: str) -> Iterator[Unit]:
    """Give the event, and once more in a chunk of its own."""
    yield unit
    yield Unit((Piece(unit.data, unit.at, True),), unit.items, unit.last_event_id)


def never(_unit: Unit, _spec: Spec, _chance: Random, _wire_format: str) -> Iterator[Unit]:
    """Leave the event out."""
    return iter(())


def and_garbage(unit: Unit, spec: Spec, chance: Random, wire_format: str) -> Iterator[Unit]:
    """Give the event, and then one of nonsense: neither UTF-8 nor JSON, and no line end in it."""
    yield unit
    noise = bytes(chance.choice(_NOISE) for _ in range(max(0, spec.value - 1)))
    before, after = _AROUND.get(wire_format, (b"", b"\n"))
    yield Unit((Piece(before + b"\xff" + noise + after, unit.at, True),), (), unit.last_event_id)


_NOISE = bytes(set(range(256)) - set(b"\r\n"))


def no_end(entries: Iterator[Entry], _spec: Spec, _occasion: Occasion) -> Iterator[Entry]:
    """Leave out the events in which the dialect sees an end: its marker or, if none is due, its finish."""

    def steps() -> Iterator[Step]:
        interpreter = Interpreter("auto")
        for step in take_apart(entries):
            if not (isinstance(step, Unit) and _is_end(step, interpreter)):
                yield step

    return put_together(steps())


def _is_end(unit: Unit, interpreter: Interpreter) -> bool:
    """Tell whether a unit is an end; each must be shown, in order."""
    return True in [_says_end(item, interpreter) for item in unit.items]


def _says_end(item: WireItem, interpreter: Interpreter) -> bool:
    if isinstance(item, Anomaly):  # SSE does not dispatch an end that has no data
        before = interpreter.answer.done
        interpreter.read_anomaly(item)
        return interpreter.answer.done is not before
    if not isinstance(item, Event):
        return False
    parts = interpreter.read(item, LazyPayload(item.data))
    reader = interpreter.reader
    ends = (Done, Finish) if reader is not None and not reader.marker_due else Done
    return any(isinstance(part, ends) for part in parts)
