"""The connections of one run, as they are told at its end; what their ids say of lost and repeated events."""

from collections import deque
from collections.abc import Set

import msgspec

from sse_cli.core.secrets import mask_url

KEPT = 1000
"""As many of the last connections, and of the last ids, are remembered: memory must not grow with time."""

MOST_MISSED = 20
"""As many places where numbers are missing are kept of one connection; `jumps` counts them all."""

_STEPS = 2
"""Ids that went up by one so often in a row are a sequence. Others that are numbers may be times."""
_DIGITS = 18


class Asked(msgspec.Struct, frozen=True):
    """A request as it is sent. Its headers and its URL may hold secrets."""

    method: str
    url: str
    headers: tuple[tuple[str, str], ...] = ()


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """One connection: asked for `at` so many seconds after the run's first request, it `took` so many.

    `why` is how the one before it ended, empty for the first, and `waited` the seconds between. The id that
    was sent is `last_event_id`; `method` and `url` are None where they are those of the first. `duplicates`
    are events whose id or number had come on an earlier connection; `jumps` are places where numbers were
    left out of what goes up by one, and `missed` those numbers, such as `4-5`. `error` is what the stream
    itself said went wrong.
    """

    at: float
    took: float
    why: str = ""
    waited: float = 0.0
    method: str | None = None
    url: str | None = None
    last_event_id: str = ""
    status: int | None = None
    error: str | None = None
    events: int = 0
    duplicates: int = 0
    jumps: int = 0
    missed: tuple[str, ...] = ()


class Ids:
    """Take the ids of each connection; `duplicates` and `jumps` count up, `missed` is of this one."""

    def __init__(self) -> None:
        self.duplicates = self.jumps = 0
        self.missed: list[str] = []
        self.forget()

    def forget(self) -> None:
        """What comes now has nothing to do with what came."""
        self._earlier: frozenset[str] = frozenset()
        self._recent: deque[str] = deque(maxlen=KEPT)
        self._earlier_most = self._most = -1
        self._last: int | None = None
        self._steps = 0

    def reopen(self) -> None:
        """Another connection begins: what is now known is from an earlier one."""
        self._earlier, self._earlier_most = frozenset(self._recent), self._most
        self.missed = []

    def note_id(self, id_: str) -> None:
        """Take the id that an event's own block sent."""
        if id_ in self._earlier:
            self.duplicates += 1
        self._recent.append(id_)
        number = int(id_) if id_.isascii() and id_.isdigit() and len(id_) <= _DIGITS else None
        if number is None or self._last is None or number <= self._last:
            self._steps = self._steps if number is not None and number == self._last else 0
        elif number == self._last + 1:
            self._steps += 1
        elif self._steps >= _STEPS:
            self._note_jump(self._last, number)
        self._last = number

    def note_number(self, number: int) -> None:
        """Take the number of an event, which goes up by one, as its dialect says."""
        if number <= self._earlier_most:
            self.duplicates += 1
        elif self._last is not None and number > self._last + 1:
            self._note_jump(self._last, number)
        self._last = number
        self._most = max(self._most, number)

    def _note_jump(self, last: int, number: int) -> None:
        self.jumps += 1
        if len(self.missed) < MOST_MISSED:
            first, most = last + 1, number - 1
            self.missed.append(str(first) if first == most else f"{first}-{most}")


class Attempts:
    """The books of a run's connections: `begin` and `end` each, and take the list at any time.

    `asked` is the request of the one that goes on.
    """

    def __init__(self) -> None:
        self.ids = Ids()
        self.asked: Asked | None = None
        self._first: Asked | None = None
        self._ended: deque[Attempt] = deque(maxlen=KEPT)
        self._why, self._last_event_id = "", ""
        self._over_at = 0.0  # when the one before ended
        self._events = self._duplicates = self._jumps = 0

    @property
    def method(self) -> str | None:
        """The method of the request that was sent last, if one was."""
        return self.asked.method if self.asked is not None else None

    @property
    def header_names(self) -> Set[str]:
        """The names of the headers that were sent, in lower case."""
        return {name.lower() for name, _ in self.asked.headers} if self.asked is not None else set()

    def begin(self, why: str, last_event_id: str, asked: Asked | None = None) -> None:
        """Another connection is asked for."""
        self._why, self._last_event_id = why, last_event_id
        self.asked = asked
        self._first = self._first or asked

    def end(
        self, at: float, took: float, status: int | None, events: int, error: str | None = None
    ) -> Attempt:
        """The connection ended; `events` came in the whole run, and the stream told of an `error`."""
        ids, asked, first = self.ids, self.asked, self._first
        attempt = Attempt(
            at=at,
            took=took,
            why=self._why,
            waited=at - self._over_at if self._ended else 0.0,
            method=asked.method if asked and first and asked.method != first.method else None,
            url=mask_url(asked.url) if asked and first and asked.url != first.url else None,
            last_event_id=self._last_event_id,
            status=status,
            error=error,
            events=events - self._events,
            duplicates=ids.duplicates - self._duplicates,
            jumps=ids.jumps - self._jumps,
            missed=tuple(ids.missed),
        )
        self._events, self._duplicates, self._jumps = events, ids.duplicates, ids.jumps
        self._ended.append(attempt)
        self._over_at = at + took
        return attempt

    def all(self) -> tuple[Attempt, ...]:
        """Return the last connections, in their order."""
        return tuple(self._ended)
