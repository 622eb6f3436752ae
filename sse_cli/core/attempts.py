"""The connections of one run, as they are told at its end; what their ids say of lost and repeated events."""

from collections import deque
from collections.abc import Iterable

import msgspec

from sse_cli.core.items import Event, WireItem

KEPT = 1000
"""As many of the last connections, and of the last ids, are remembered: memory must not grow with time."""

_STEPS = 2
"""Ids that went up by one so often in a row are a sequence. Others that are numbers may be times."""
_DIGITS = 18


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """One connection: asked for `at` so many seconds after the run's first request, it `took` so many.

    `why` is how the one before it ended, empty for the first, and `waited` the seconds between. The id that
    was sent is `last_event_id`. `duplicates` are events whose id had come on an earlier connection; `jumps`
    are places where numbers were left out of ids that had gone up by one.
    """

    at: float
    took: float
    why: str = ""
    waited: float = 0.0
    last_event_id: str = ""
    status: int | None = None
    events: int = 0
    duplicates: int = 0
    jumps: int = 0


class Ids:
    """Take the ids of each connection; `duplicates` and `jumps` count up."""

    def __init__(self) -> None:
        self.duplicates = self.jumps = 0
        self._earlier: frozenset[str] = frozenset()
        self._recent: deque[str] = deque(maxlen=KEPT)
        self._last: int | None = None
        self._steps = 0

    def reopen(self) -> None:
        """Another connection begins: what is now known is from an earlier one."""
        self._earlier = frozenset(self._recent)

    def note(self, items: Iterable[WireItem]) -> None:
        """Take what one chunk completed."""
        for item in items:
            if isinstance(item, Event) and item.id:
                self._note_id(item.id)

    def _note_id(self, id_: str) -> None:
        if id_ in self._earlier:
            self.duplicates += 1
        self._recent.append(id_)
        number = int(id_) if id_.isascii() and id_.isdigit() and len(id_) <= _DIGITS else None
        if number is None or self._last is None or number <= self._last:
            self._steps = self._steps if number is not None and number == self._last else 0
        elif number == self._last + 1:
            self._steps += 1
        elif self._steps >= _STEPS:
            self.jumps += 1
        self._last = number


class Attempts:
    """The books of a run's connections: `begin` and `end` each, and take the list at any time."""

    def __init__(self) -> None:
        self.ids = Ids()
        self._ended: deque[Attempt] = deque(maxlen=KEPT)
        self._why, self._waited, self._last_event_id = "", 0.0, ""
        self._events = self._duplicates = self._jumps = 0

    def begin(self, why: str, waited: float, last_event_id: str) -> None:
        """Another connection is asked for."""
        self._why, self._waited, self._last_event_id = why, waited, last_event_id

    def end(self, at: float, took: float, status: int | None, events: int) -> Attempt:
        """The connection ended; `events` came in the whole run."""
        ids = self.ids
        attempt = Attempt(
            at=at,
            took=took,
            why=self._why,
            waited=self._waited,
            last_event_id=self._last_event_id,
            status=status,
            events=events - self._events,
            duplicates=ids.duplicates - self._duplicates,
            jumps=ids.jumps - self._jumps,
        )
        self._events, self._duplicates, self._jumps = events, ids.duplicates, ids.jumps
        self._ended.append(attempt)
        return attempt

    def all(self) -> tuple[Attempt, ...]:
        """Return the last connections, in their order."""
        return tuple(self._ended)
