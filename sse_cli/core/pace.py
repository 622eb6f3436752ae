"""In what pieces and at what pace a recording is played: functions from a recording to a recording."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from sse_cli.core.event_units import Piece, Step, Unit, at_time, put_together, take_apart, time_of
from sse_cli.core.items import Chunk
from sse_cli.core.recording import Entry, Head
from sse_cli.errors import UsageError

INTERVAL = 0.05
"""Seconds from one event to the next of what has no times of its own: the pace of a quick model."""

EVENT = "event"
SIZES = {"byte": 1}


class Pace(NamedTuple):
    """`rechunk` is `EVENT`, or how many bytes a chunk has; None leaves the chunks as they were recorded.

    With an `interval`, chunks come so many seconds apart, whatever was recorded. Then the times are divided
    by `speed`; with speed 0, all comes at once.
    """

    speed: float = 1.0
    interval: float | None = None
    rechunk: str | int | None = None

    def play(self, entries: Iterable[Entry]) -> Iterator[Entry]:
        """Give a recording as it is to be played."""
        played = iter(entries)
        if self.rechunk == EVENT:
            played = put_together(_by_event(played))
        elif isinstance(self.rechunk, int):
            played = _by_size(played, self.rechunk)
        if self.interval is not None:
            played = _at_interval(played, self.interval)
        return played if self.speed == 1.0 else _at_speed(played, self.speed)


def read_rechunk(text: str) -> str | int:
    """Read --rechunk: `event`, `byte` or a number of bytes. Raises `UsageError`."""
    if text == EVENT:
        return text
    size = SIZES.get(text) or (int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0)
    if not size:
        raise UsageError(f"not a way to cut chunks: {text!r}", "It is event, byte, or a number of bytes.")
    return size


def read_speed(text: str) -> float:
    """Read --speed: how many times as fast. Raises `UsageError`."""
    try:
        speed = float(text.removesuffix("x"))
    except ValueError:
        speed = -1.0
    if not 0 <= speed < float("inf"):
        raise UsageError(
            f"not a speed: {text!r}", "10 is ten times as fast, 0.5 half as fast; 0 sends all at once."
        )
    return speed


def _by_event(entries: Iterator[Entry]) -> Iterator[Step]:
    """Give each event, and each comment, as a chunk of its own, when the last of it came."""
    for step in take_apart(entries):
        if isinstance(step, Unit):
            step = step._replace(pieces=(Piece(step.data, step.at, True),))
        yield step


def _by_size(entries: Iterator[Entry], size: int) -> Iterator[Entry]:
    """Give chunks of so many bytes, each when the last of it came; only the last of all may be smaller."""
    held, at = bytearray(), 0.0
    for entry in entries:
        if isinstance(entry, Chunk):
            held += entry.data
            at = entry.at
            whole = len(held) - len(held) % size
            yield from (Chunk(bytes(held[start : start + size]), at) for start in range(0, whole, size))
            del held[:whole]
            continue
        if held:
            yield Chunk(bytes(held), at)
            held.clear()
        yield entry
    if held:
        yield Chunk(bytes(held), at)


def _at_interval(entries: Iterator[Entry], interval: float) -> Iterator[Entry]:
    """Give the first chunk with the head, and each one so long after the one before."""
    start, number, at = 0.0, 0, 0.0
    for entry in entries:
        if isinstance(entry, Head):
            start, number = time_of(entry), 0
            at = start
            yield entry
        elif isinstance(entry, Chunk):
            at = start + number * interval
            number += 1
            yield Chunk(entry.data, at)
        else:
            yield at_time(entry, at)


def _at_speed(entries: Iterator[Entry], speed: float) -> Iterator[Entry]:
    return (at_time(entry, time_of(entry) / speed if speed else 0.0) for entry in entries)
