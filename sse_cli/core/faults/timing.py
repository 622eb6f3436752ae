"""Faults of time: what comes late, slowly, or with nothing but comments in between."""

from collections.abc import Iterator

from sse_cli.core.event_units import (
    Piece,
    Step,
    Unit,
    at_time,
    content_type,
    counted,
    format_of,
    put_together,
    take_apart,
    time_of,
)
from sse_cli.core.faults.spec import Occasion, Spec
from sse_cli.core.items import Chunk
from sse_cli.core.recording import Entry, Head

SLICES = 10
"""How often in a second a slow link gives something."""

_COMMENTS = {"sse": b": keep-alive\n\n", "ndjson": b"\n", "json-array": b"\n"}
"""What says nothing, in the formats that have such a thing."""


def later(entry: Entry, seconds: float) -> Entry:
    """Return an entry so much later."""
    return at_time(entry, time_of(entry) + seconds)


def wait(entries: Iterator[Entry], spec: Spec, _occasion: Occasion) -> Iterator[Entry]:
    """Have the answer's head, and all after it, come so much later."""
    return (later(entry, spec.value) for entry in entries)


def stall(entries: Iterator[Entry], spec: Spec, _occasion: Occasion) -> Iterator[Entry]:
    """Be silent for so long after event N, or before the first byte of the body."""

    def steps() -> Iterator[Step]:
        is_after = False
        for step, events in counted(take_apart(entries)):
            is_first = not is_after
            is_after = is_after or (events >= (spec.number or 0) and not isinstance(step, Head))
            if not is_after:
                yield step
            elif isinstance(step, Unit):
                yield _unit_later(step, spec.value, breaks=is_first)
            else:
                yield later(step, spec.value)

    return put_together(steps())


def _unit_later(unit: Unit, seconds: float, *, breaks: bool) -> Unit:
    """Return a unit so much later; a chunk begins with it if it `breaks` the one it is in."""
    pieces = [piece._replace(at=piece.at + seconds) for piece in unit.pieces]
    pieces[0] = pieces[0]._replace(begins=pieces[0].begins or breaks)
    return unit._replace(pieces=tuple(pieces))


def slow(entries: Iterator[Entry], spec: Spec, _occasion: Occasion) -> Iterator[Entry]:
    """Let no more than so many bytes a second through, in small pieces."""
    size = max(1, spec.value // SLICES)
    free = 0.0  # when the link has given what came before
    for entry in entries:
        if not isinstance(entry, Chunk):
            yield later(entry, max(0.0, free - time_of(entry)))
            continue
        for start in range(0, len(entry.data), size):
            data = entry.data[start : start + size]
            at = max(entry.at, free)
            free = at + len(data) / spec.value
            yield Chunk(data, free)


def jitter(entries: Iterator[Entry], spec: Spec, occasion: Occasion) -> Iterator[Entry]:
    """Have each chunk come up to so much later, by chance; what comes after one comes after it still."""
    last = 0.0
    for entry in entries:
        if isinstance(entry, Chunk):
            last = max(last, entry.at + occasion.chance.uniform(0.0, spec.value))
            yield Chunk(entry.data, last)
        else:
            yield later(entry, max(0.0, last - time_of(entry)))


def comment(entries: Iterator[Entry], spec: Spec, _occasion: Occasion) -> Iterator[Entry]:
    """Send a comment every so often, between two events."""

    def steps() -> Iterator[Step]:
        text, due = b"", 0.0
        for step in take_apart(entries):
            if isinstance(step, Head):
                text, due = _comment_of(step), time_of(step) + spec.value
                yield step
                continue
            begun = step.pieces[0].at if isinstance(step, Unit) else step.at
            is_due = bool(text) and due <= begun
            while text and due <= begun:
                yield Unit((Piece(text, due, True),), (), "")
                due += spec.value
            yield _unit_later(step, 0.0, breaks=is_due) if isinstance(step, Unit) else step
            due = max(due, time_of(step))  # one that was due within the event comes after it

    return put_together(steps())


def _comment_of(head: Head) -> bytes:
    """Return what a comment is in the format that a head tells of; nothing where there is no such thing."""
    return _COMMENTS.get(format_of(content_type(head), b""), b"")
