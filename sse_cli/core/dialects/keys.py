"""Which rules are worth a try: told by the names that stand in a node.

An event carries a few of the many things that a dialect knows. Trying every rule on every event costs ten
times what it takes to look at the names that are there. Those are the same from event to event, mostly, so
that what they call for is kept by them.
"""

import re
from collections.abc import Iterable, Sequence
from functools import cache
from operator import itemgetter
from typing import NamedTuple, TypeAlias

from sse_cli.core.extract import NOTHING
from sse_cli.core.items import Json

_NAME = re.compile(r"\.([A-Za-z_]\w*)|\['([^'\\]+)'\]")
_MOST_SHAPES = 64
_MOST_NAMES = 32  # an object with more is rather a table, whose names differ each time

Found: TypeAlias = dict[int, Json]
"""Rules that may find something, each with what stands at the one path of its paths where something is, as
far as that has plain names. `NOTHING` where there are several, or none that can be told."""

Likely: TypeAlias = Iterable[tuple[int, Json]]
"""The same in the order of the rules."""


class _Place:
    """What is looked for under one name: `rules` take anything, `inside` a list or an object."""

    def __init__(self) -> None:
        self.rules: list[int] = []
        self.inside: list[int] = []
        self.below = Level()


class _Shape(NamedTuple):
    """The places that stand in objects with the same names: names with rules, or with a level below.

    `ascends` tells whether the rules are found in their order.
    """

    rules: list[tuple[str, int]]
    inside: list[tuple[str, list[int]]]
    below: "list[tuple[str, Level]]"
    ascends: bool


class Level:
    """The places in one object by their names; `shapes` keeps those that are there, by all of its names."""

    def __init__(self) -> None:
        self.places: dict[str, _Place] = {}
        self.shapes: dict[tuple[str, ...], _Shape] = {}

    def collect(self, node: dict[str, Json], found: Found) -> bool:
        """Add the rules that may find something in an object; tell whether that is in their order."""
        names = tuple(node)
        rules, inside, levels, ascends = self.shapes.get(names) or self._shape(names)
        for name, number in rules:
            value = node[name]
            if value is not None and value != "":
                found[number] = NOTHING if number in found else value
        for name, numbers in inside:
            value = node[name]
            if type(value) is list or type(value) is dict:
                for number in numbers:
                    found[number] = NOTHING if number in found else value
        for name, level in levels:
            value = node[name]
            if type(value) is dict:
                level.collect(value, found)
        return ascends

    def _shape(self, names: tuple[str, ...]) -> _Shape:
        there = [(name, self.places[name]) for name in names if name in self.places]
        rules = sorted(((name, number) for name, place in there for number in place.rules), key=itemgetter(1))
        inside = [(name, place.inside) for name, place in there if place.inside]
        below = [(name, place.below) for name, place in there if place.below.places]
        order = [number for _, number in rules] + [number for _, numbers in inside for number in numbers]
        shape = _Shape(rules, inside, below, ascends=not below and order == sorted(order))
        if len(self.shapes) < _MOST_SHAPES and len(names) <= _MOST_NAMES:
            self.shapes[names] = shape
        return shape


class Keys:
    """An index of rules by the names that their paths begin with."""

    def __init__(self, paths_of_rules: Sequence[Sequence[str]], *, rooted: bool) -> None:
        """Index rules by their paths. `$` stands for the node itself where the node is `rooted`."""
        self._always: Found = {}  # rules of which nothing can be told
        self._top = Level()
        for number, paths in enumerate(paths_of_rules):
            starts = [_names(path) if rooted or path.startswith("@") else ((), False) for path in paths]
            if not starts or not all(names for names, _ in starts):
                self._always[number] = NOTHING
                continue
            for names, goes_on in starts:
                self._insert(names, number, goes_on)

    def likely(self, node: Json) -> Likely:
        """Return the rules that may find something in a node."""
        found = self._always.copy()
        ascends = type(node) is dict and self._top.collect(node, found)
        if len(found) < 2 or (ascends and not self._always):
            return found.items()
        return sorted(found.items(), key=itemgetter(0))

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
