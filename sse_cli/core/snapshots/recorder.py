"""Watches a run as it goes on, for a snapshot of it. What it keeps is bounded, however long that takes."""

from sse_cli.core.extract import NOTHING
from sse_cli.core.items import Event, Json, Reading
from sse_cli.core.payload import LazyPayload
from sse_cli.core.snapshots.follows import Follows
from sse_cli.core.snapshots.kinds import Detail, coarse, is_heartbeat, kind_of
from sse_cli.core.snapshots.observed import MOST_KINDS, Known, Observed, bounded
from sse_cli.core.snapshots.shapes import fits, shape_of
from sse_cli.core.snapshots.snapshot import Snapshot


class SnapshotRecorder:
    """Takes the readings of one run, in their order. It needs each of them, so no streaks."""

    def __init__(self) -> None:
        self._detail = Detail.WORDS
        self._known: dict[str, Known] = {}
        self._after: dict[str, set[str]] = {}
        self._first: str | None = None
        self._last: str | None = None

    def note(self, reading: Reading) -> None:
        """An event came."""
        root = _decoded(reading.event)
        kind = coarse(kind_of(reading.event, root), self._detail)
        known = self._known.get(kind)
        if known is None:
            kind = self._add(kind, root)
        elif not fits(known.shape, root, known.depth):
            self._known[kind] = known.merged(Known(shape_of(root)))
        if kind in self._after:  # it is no heartbeat
            self._follow(kind)

    def observed(self, *, ended: bool = True) -> Observed:
        """Return what was observed so far; `ended` tells whether the stream came to an end of its own."""
        after = {kind: frozenset(kinds) for kind, kinds in self._after.items()}
        first = frozenset({self._first} if self._first is not None else ())
        last = frozenset({self._last} if self._last is not None and ended else ())
        return Observed(dict(self._known), Follows(after, first, last), not ended, self._detail)

    def snapshot(self, *, ended: bool = True) -> Snapshot:
        """Return what was observed so far as a snapshot; `ended` is as for `observed`."""
        return self.observed(ended=ended).snapshot()

    def _follow(self, kind: str) -> None:
        if self._last is None:
            self._first = kind
        else:
            self._after[self._last].add(kind)
        self._last = kind

    def _add(self, kind: str, root: Json) -> str:
        """Take up a kind, and return how it is called: less closely than before if they are too many."""
        self._known[kind] = bounded(shape_of(root))
        if not is_heartbeat(kind):
            self._after[kind] = set()
        if len(self._known) > MOST_KINDS:
            self._take(self.observed().bounded())
        return coarse(kind, self._detail)

    def _take(self, observed: Observed) -> None:
        self._detail, self._known = observed.detail, dict(observed.known)
        self._after = {kind: set(kinds) for kind, kinds in observed.follows.after.items()}
        self._first = next(iter(observed.follows.first), None)
        self._last = next(iter(observed.follows.last), None)


def _decoded(event: Event) -> Json:
    """Return an event's data if it is an object or an array: a bare `1` may be a piece of a text."""
    try:
        root = LazyPayload(event.data)()
    except ValueError:
        return NOTHING
    return root if isinstance(root, dict | list) else NOTHING
