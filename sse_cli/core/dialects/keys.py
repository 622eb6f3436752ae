"""Which rules are worth a try: told by the names that stand in a node.

An event carries a few of the many things that a dialect knows. Trying every rule on every event costs ten
times what it takes to look at the names that are there. Those are the same from event to event, mostly, so
that what they call for is kept by them.
"""

import re
from collections.abc import Sequence
from functools import cache
from typing import TypeAlias

from sse_cli.core.extract import NOTHING
from sse_cli.core.items import Json

_NAME = re.compile(r"\.([A-Za-z_]\w*)|\['([^'\\]+)'\]")
_MOST_SHAPES = 64
_MOST_NAMES = 32  # an object with more is rather a table, whose names differ each time

Found: TypeAlias = dict[int, Json]
"""Rules that may find something, each with what stands at the one path of its paths where something is, as
far as that has plain names. `NOTHING` where there are several, or none that can be told."""


class _Place:
    """What is looked for under one name: `rules` take anything, `inside` a list or an object."""

    def __init__(self) -> None:
        self.rules: list[int] = []
        self.inside: list[int] = []
        self.below = _Level()


_Known: TypeAlias = tuple[str, list[int], list[int], "_Level | None"]


class _Level:
    """The places in one object by their names; `shapes` keeps those that are there, by all of its names."""

    def __init__(self) -> None:
        self.places: dict[str, _Place] = {}
        self.shapes: dict[tuple[str, ...], list[_Known]] = {}

    def collect(self, node: dict[str, Json], found: Found) -> None:
        """Add the rules that may find something in an object."""
        names = tuple(node)
        for name, rules, inside, below in self.shapes.get(names) or self._known(names):
            value = node[name]
            if value is None or value == "":
                continue
            for number in rules:
                found[number] = NOTHING if number in found else value
            if inside and (type(value) is list or type(value) is dict):
                for number in inside:
                    found[number] = NOTHING if number in found else value
            if below is not None and type(value) is dict:
                below.collect(value, found)

    def _known(self, names: tuple[str, ...]) -> list[_Known]:
        there = [(name, self.places[name]) for name in names if name in self.places]
        known = [
            (name, place.rules, place.inside, place.below if place.below.places else None)
            for name, place in there
        ]
        if len(self.shapes) < _MOST_SHAPES and len(names) <= _MOST_NAMES:
            self.shapes[names] = known
        return known


class Keys:
    """An index of rules by the names that their paths begin with; it cannot tell of those in `always`."""

    def __init__(self, paths_of_rules: Sequence[Sequence[str]], *, rooted: bool) -> None:
        """Index rules by their paths. `$` stands for the node itself where the node is `rooted`."""
        self.always: Found = {}
        self._top = _Level()
        for number, paths in enumerate(paths_of_rules):
            starts = [_names(path) if rooted or path.startswith("@") else ((), False) for path in paths]
            if not starts or not all(names for names, _ in starts):
                self.always[number] = NOTHING
                continue
            for names, goes_on in starts:
                self._insert(names, number, goes_on)

    def likely(self, node: Json) -> Found:
        """Return the rules that may find something in a node, in any order."""
        found = self.always.copy()
        if type(node) is dict:
            self._top.collect(node, found)
        return found

    def _insert(self, names: Sequence[str], number: int, goes_on: bool) -> None:
        level = self._top
        for name in names:
            place = level.places.setdefault(name, _Place())
            level = place.below
        (place.inside if goes_on else place.rules).append(number)


@cache
def _names(path: str) -> tuple[tuple[str, ...], bool]:
    """Return the plain names that a path begins with, and whether it goes on after them."""
    names = []
    position = 1
    while match := _NAME.match(path, position):
        names.append(match[1] or match[2])
        position = match.end()
    return tuple(names), position < len(path)
