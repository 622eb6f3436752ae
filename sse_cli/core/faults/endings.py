"""Faults that end an answer before its end, and the ways in which a connection can break."""

from collections.abc import Iterator

from sse_cli.core.event_units import Piece, Step, Unit, counted, put_together, take_apart, time_of
from sse_cli.core.faults.spec import Alter, Occasion, Spec
from sse_cli.core.recording import End, Entry, Head

CLOSE, RESET, HALF_CLOSE = "close", "reset", "half-close"

BREAKS = {
    CLOSE: "the connection was closed before the body was whole",
    RESET: "the connection broke: Connection reset by peer",
    HALF_CLOSE: "the connection was closed before the body was whole",
}
"""How a connection can break: the `detail` of an `End` whose `reason` is "cut", and what its client is told.

`close` closes both ways, `reset` sends a TCP RST, and `half-close` ends the server's side alone, which goes
on reading. A recording of a real stream has a sentence there instead.
"""


def told(detail: str) -> str:
    """Return the detail of an `End` as people are told it."""
    return BREAKS.get(detail, detail)


def breaks(how: str) -> Alter:
    """Return the fault that breaks the connection `value` bytes after event N, or at the end of it all."""

    def alter(entries: Iterator[Entry], spec: Spec, _occasion: Occasion) -> Iterator[Entry]:
        if spec.number is None:
            return _break_at_end(entries, how)
        return put_together(_break_after(entries, spec.number, spec.value, how))

    return alter


def _break_at_end(entries: Iterator[Entry], how: str) -> Iterator[Entry]:
    at = 0.0
    for entry in entries:
        at = time_of(entry)
        if isinstance(entry, End):
            break
        yield entry
    yield End(at=at, reason="cut", detail=how)


def _break_after(entries: Iterator[Entry], number: int, more: int, how: str) -> Iterator[Step]:
    at, is_due = 0.0, False
    for step, events in counted(take_apart(entries)):
        is_due = events >= number and not isinstance(step, Head)
        if is_due:
            if not (isinstance(step, Unit) and more):
                break
            pieces, more = _first(step.pieces, more)
            step = step._replace(pieces=pieces)
        yield step
        at = time_of(step)
    if is_due:
        yield End(at=at, reason="cut", detail=how)


def _first(pieces: tuple[Piece, ...], size: int) -> tuple[tuple[Piece, ...], int]:
    """Return the first so many bytes of pieces, and how many more were wanted."""
    taken = []
    for piece in pieces:
        if size:
            taken.append(piece._replace(data=piece.data[:size]))
            size -= len(taken[-1].data)
    return tuple(taken), size
