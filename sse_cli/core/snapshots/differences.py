"""What is different in a run from the snapshot of an earlier one, and whether it may break who reads it."""

from collections import Counter
from collections.abc import Iterable, Iterator, Set
from enum import Enum
from typing import TypeAlias

import msgspec

from sse_cli.core.snapshots.paths import types_of, words_of
from sse_cli.core.snapshots.sequence import Chain, kinds_in, optional_in, orders_in, repeated_in
from sse_cli.core.snapshots.shapes import (
    MEMBER,
    NULL,
    ROOT,
    TEXT,
    Presence,
    Shape,
    as_map,
    holder_of,
)
from sse_cli.core.snapshots.snapshot import Snapshot

_MOST_NAMED = 3


class Change(Enum):
    """What became of something."""

    REMOVED = "removed"
    ADDED = "added"
    CHANGED = "changed"
    REORDERED = "reordered"
    OPTIONAL = "optional now"
    REPEATED = "repeated now"


class Difference(msgspec.Struct, frozen=True):
    """One difference: of the events of a kind or, with a `path`, of what is there in their data.

    `was` and `now` tell in words what that was and is: what was added has no `was`, what was removed no
    `now`.
    """

    change: Change
    kind: str
    path: str
    was: str
    now: str
    is_breaking: bool


def compare(old: Snapshot, new: Snapshot) -> tuple[Difference, ...]:
    """Return what is different in the new one, by kinds, their order, and their shapes.

    Whatever the old one allows for is no difference, except that something is not there at all.
    """
    shared = sorted(old.events.keys() & new.events.keys())
    shapes = (_of_shapes(kind, ROOT, old.events[kind], new.events[kind]) for kind in shared)
    return (*_of_kinds(old, new), *_of_sequence(old, new), *(each for found in shapes for each in found))


def failing(differences: Iterable[Difference]) -> tuple[Difference, ...]:
    """Return the differences with which a run fails: those that may break who reads it."""
    return tuple(each for each in differences if each.is_breaking)


def _of_kinds(old: Snapshot, new: Snapshot) -> Iterator[Difference]:
    for kind in kinds_in(old.sequence):
        presence = old.events[kind].presence
        if kind not in new.events and presence is not Presence.IN_SOME_RUNS:
            yield Difference(Change.REMOVED, kind, "", _place(kind, old.sequence), "", True)
    for kind in kinds_in(new.sequence):
        if kind not in old.events:
            yield Difference(Change.ADDED, kind, "", "", _place(kind, new.sequence), False)


def _place(kind: str, sequence: Chain) -> str:
    """Return where in a sequence a kind comes: after which others, or among which."""
    orders = set(orders_in(sequence))
    before = {one for one, other in orders if other == kind and (kind, one) not in orders}
    nearest = {one for one in before if not any((one, other) in orders for other in before - {one})}
    if nearest or before:
        return f"after {_listed(nearest or before)}"
    among = {one for one, other in orders if other == kind}
    return f"among {_listed(among)}" if among else "first"


def _listed(kinds: Iterable[str]) -> str:
    names = sorted(kinds)
    return ", ".join(names[:_MOST_NAMED]) + (" and more" if len(names) > _MOST_NAMED else "")


Pairs: TypeAlias = set[tuple[str, str]]
"""Kinds of which the first may come before the second."""


def _of_sequence(old: Snapshot, new: Snapshot) -> Iterator[Difference]:
    was, now = set(orders_in(old.sequence)), set(orders_in(new.sequence))
    swapped = {pair for pair in was if _turned(pair) in now and _turned(pair) not in was}
    yield from _moves(swapped, now)
    same = set(kinds_in(old.sequence)) - {kind for pair in swapped for kind in pair}
    yield from _news(
        Change.REPEATED, ("once", "several times"), same, repeated_in(old.sequence), repeated_in(new.sequence)
    )
    same -= {kind for kind, shape in new.events.items() if shape.presence is Presence.IN_SOME_RUNS}
    yield from _news(
        Change.OPTIONAL,
        ("every time", "not every time"),
        same,
        optional_in(old.sequence),
        optional_in(new.sequence),
    )


def _turned(pair: tuple[str, str]) -> tuple[str, str]:
    return pair[1], pair[0]


def _moves(swapped: Pairs, now: Pairs) -> Iterator[Difference]:
    """Give as few kinds as account for all swapped pairs, those first that moved most."""
    while swapped:
        counts = Counter(kind for pair in swapped for kind in pair)
        kind = min(counts, key=lambda each: (-counts[each], each))
        behind = {other for one, other in swapped if one == kind}
        ahead = {one for one, other in swapped if other == kind}
        also = "also " if any(kind in pair and pair in now for pair in swapped) else ""
        was = [f"before {_listed(behind)}"] * bool(behind) + [f"after {_listed(ahead)}"] * bool(ahead)
        is_ = [f"after {_listed(behind)}"] * bool(behind) + [f"before {_listed(ahead)}"] * bool(ahead)
        yield Difference(Change.REORDERED, kind, "", ", ".join(was), also + ", ".join(is_), True)
        swapped = {pair for pair in swapped if kind not in pair}


def _news(
    change: Change, words: tuple[str, str], among: Set[str], old: Iterable[str], new: Iterable[str]
) -> Iterator[Difference]:
    """Give the kinds that were not of the old ones, and are of the new ones."""
    for kind in sorted((set(new) - set(old)) & among):
        yield Difference(change, kind, "", *words, False)


def _of_shapes(kind: str, path: str, old: Shape, new: Shape) -> Iterator[Difference]:
    """Give the differences at a path, and those below it as far as both have something there."""
    yield from _of_types(kind, path, old, new)
    if new.presence > old.presence:
        was, now = _PRESENCES[old.presence], _PRESENCES[new.presence]
        is_breaking = new.presence is Presence.IN_SOME_RUNS
        yield Difference(Change.OPTIONAL, kind, path, was, now, is_breaking)
    if (MEMBER in old.below) != (MEMBER in new.below):
        old, new = as_map(old), as_map(new)
    for step in sorted(old.below.keys() | new.below.keys()):
        if old.types & new.types & holder_of(step):
            yield from _of_step(kind, path + step, old.below.get(step), new.below.get(step))


_PRESENCES = {
    Presence.ALWAYS: "always",
    Presence.SOMETIMES: "not always",
    Presence.IN_SOME_RUNS: "in some runs",
}


def _of_step(kind: str, path: str, old: Shape | None, new: Shape | None) -> Iterator[Difference]:
    if old is not None and new is not None:
        yield from _of_shapes(kind, path, old, new)
    elif old is None and new is not None:
        yield Difference(Change.ADDED, kind, path, "", words_of(new), False)
    elif old is not None and old.presence is not Presence.IN_SOME_RUNS:
        yield Difference(Change.REMOVED, kind, path, words_of(old), "", True)


def _of_types(kind: str, path: str, old: Shape, new: Shape) -> Iterator[Difference]:
    """Give what another type means.

    A null beside what there was breaks nobody who looks, as little as a key that may be missing; where there
    was nothing else, nobody knew the type. A text may be anything. Nothing but null is as good as nothing.
    """
    gained, lost = new.types & ~old.types, old.sure & ~new.types
    is_gone = bool(new.types & NULL and not new.sure & ~NULL and old.sure & ~NULL)
    if gained or lost & ~NULL or is_gone:
        is_known = old.types != NULL and not old.types & TEXT
        is_breaking = is_gone or (is_known and bool(gained & ~NULL))
        yield Difference(Change.CHANGED, kind, path, types_of(old), types_of(new), is_breaking)
