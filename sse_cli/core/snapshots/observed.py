"""What was observed of a run, in a form that what was observed of other runs can be merged with."""

from collections.abc import Iterable, Mapping
from functools import reduce

import msgspec
from msgspec.structs import replace

from sse_cli.core.snapshots.follows import Follows, sequence_of
from sse_cli.core.snapshots.kinds import Detail, coarse, is_heartbeat
from sse_cli.core.snapshots.shapes import DEEPEST, Presence, Shape, cut, depth_that_fits, merge
from sse_cli.core.snapshots.snapshot import Snapshot

MOST_KINDS = 64
"""The richest protocol of a model's provider has some fifty."""


class Known(msgspec.Struct, frozen=True):
    """What is known of the data of one kind of event: its shape, down to a depth."""

    shape: Shape
    depth: int = DEEPEST

    def merged(self, other: "Known", absent: Presence = Presence.SOMETIMES) -> "Known":
        """Return what is known from both."""
        depth = min(self.depth, other.depth)
        return bounded(merge(cut(self.shape, depth), cut(other.shape, depth), absent), depth)


def bounded(shape: Shape, depth: int = DEEPEST) -> Known:
    """Return as much of a shape, which has that depth, as may be kept."""
    depth = min(depth, depth_that_fits(shape))
    return Known(cut(shape, depth), depth)


class Observed(msgspec.Struct, frozen=True):
    """All that was observed of a run, or of several. All kinds but heartbeats are in `follows`."""

    known: Mapping[str, Known]
    follows: Follows
    is_open: bool = False
    detail: Detail = Detail.WORDS

    def snapshot(self) -> Snapshot:
        """Return it in the form to keep."""
        events = {kind: _presented(kind, known.shape) for kind, known in self.known.items()}
        return Snapshot(sequence_of(self.follows), events, self.is_open)

    def merged(self, other: "Observed") -> "Observed":
        """Return what was observed of both: what one of them lacks comes in some runs."""
        detail = min(self.detail, other.detail)
        one, two = self.coarser(detail), other.coarser(detail)
        kinds = one.known.keys() | two.known.keys()
        known = {kind: _in_both(one.known.get(kind), two.known.get(kind)) for kind in kinds}
        follows = Follows(
            _united(one.follows.after, two.follows.after),
            one.follows.first | two.follows.first,
            one.follows.last | two.follows.last,
        )
        return Observed(known, follows, one.is_open or two.is_open, detail).bounded()

    def bounded(self) -> "Observed":
        """Return it in as little detail as keeps the kinds from being too many."""
        found = self
        while len(found.known) > MOST_KINDS:
            found = found.coarser(Detail(found.detail - 1))
        return found

    def coarser(self, detail: Detail) -> "Observed":
        """Return it with the kinds told apart in no more than this detail."""
        if detail == self.detail:
            return self

        def renamed(kinds: Iterable[str]) -> frozenset[str]:
            return frozenset(coarse(kind, detail) for kind in kinds)

        known: dict[str, Known] = {}
        for kind, each in self.known.items():
            name = coarse(kind, detail)
            known[name] = known[name].merged(each) if name in known else each
        after: list[Mapping[str, frozenset[str]]] = [
            {coarse(kind, detail): renamed(kinds)} for kind, kinds in self.follows.after.items()
        ]
        nothing: dict[str, frozenset[str]] = {kind: frozenset() for kind in known if not is_heartbeat(kind)}
        follows = Follows(_united(nothing, *after), renamed(self.follows.first), renamed(self.follows.last))
        return Observed(known, follows, self.is_open, detail)


def snapshot_of(runs: Iterable[Observed]) -> Snapshot:
    """Return the snapshot of several good runs, one at least; what some of them lack comes in some runs."""
    return reduce(Observed.merged, runs).snapshot()


def _presented(kind: str, shape: Shape) -> Shape:
    return replace(shape, presence=Presence.IN_SOME_RUNS) if is_heartbeat(kind) else shape


def _in_both(one: Known | None, other: Known | None) -> Known:
    """Return what two runs, or as many sets of them, tell of a kind; one of them may lack it."""
    if one is not None and other is not None:
        return one.merged(other, Presence.IN_SOME_RUNS)
    known = one or other
    assert known is not None
    return replace(known, shape=replace(known.shape, presence=Presence.IN_SOME_RUNS))


def _united(*maps: Mapping[str, frozenset[str]]) -> dict[str, frozenset[str]]:
    united: dict[str, frozenset[str]] = {}
    for each in maps:
        for kind, kinds in each.items():
            united[kind] = united.get(kind, frozenset()) | kinds
    return united
