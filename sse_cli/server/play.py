"""Gives the entries of one answer, each at its time. All times are counted from one start, so that lateness
does not add up."""

from asyncio import TimerHandle
from collections.abc import Callable, Iterator
from typing import Any, Protocol

from sse_cli.core.event_units import time_of
from sse_cli.core.items import Chunk
from sse_cli.core.recording import End, Entry, Head

MOST_AT_ONCE = 32
"""Entries that are given before others have their turn, where they are all due."""


_OVER = End(at=0.0, reason="eof")


class Timer(Protocol):
    """A clock, and what calls back at a time of it: an event loop, or a test's own."""

    def time(self) -> float:
        """Return the time in seconds."""

    def call_at(self, when: float, callback: Callable[..., Any], *args: Any) -> TimerHandle:
        """Call back at this time, or at once if it has passed."""


class Stage(Protocol):
    """Where an answer is played."""

    def begin(self, head: Head) -> None:
        """Take the head."""

    def give(self, data: bytes) -> None:
        """Take a chunk."""

    def finish(self, end: End) -> None:
        """Take the end, after which nothing comes."""


class Play:
    """One answer. `hold` while the client does not read; `stop` when it has gone."""

    def __init__(self, entries: Iterator[Entry], stage: Stage, timer: Timer) -> None:
        self._entries = entries
        self._stage = stage
        self._timer = timer
        self.start = timer.time()
        self.chunks = self.bytes = 0
        self._next: Entry | None = None
        self._handle: TimerHandle | None = None
        self._is_held = self._is_over = False

    @property
    def seconds(self) -> float:
        """How long it has been going on."""
        return self._timer.time() - self.start

    def go_on(self) -> None:
        """Give what is due, and come back for the rest."""
        self._handle = None
        for _ in range(MOST_AT_ONCE):
            if self._is_held or self._is_over:
                return
            entry = self._next or next(self._entries, _OVER)
            due = self.start + time_of(entry)
            if due > self._timer.time():
                self._next = entry
                self._handle = self._timer.call_at(due, self.go_on)
                return
            self._next = None
            self._give(entry)
        if not self._is_over:
            self._handle = self._timer.call_at(self._timer.time(), self.go_on)

    def hold(self) -> None:
        """Give nothing until it is released."""
        self._is_held = True
        self._cancel()

    def release(self) -> None:
        """Go on: what was due in the meantime comes at once."""
        self._is_held = False
        if not self._is_over and self._handle is None:
            self.go_on()

    def stop(self) -> None:
        """Give nothing any more."""
        self._is_over = True
        self._cancel()

    def _cancel(self) -> None:
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None

    def _give(self, entry: Entry) -> None:
        match entry:
            case Chunk(data, _):
                self.chunks += 1
                self.bytes += len(data)
                self._stage.give(data)
            case Head():
                self._stage.begin(entry)
            case End():
                self._is_over = True
                self._stage.finish(entry)
