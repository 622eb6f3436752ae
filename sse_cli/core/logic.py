"""`and`, `or` and `not`: how they join conditions, and which outcomes are left while some are not known.

An outcome is true, false or untold: of what was not measured nothing can be said, nor of its opposite
(Kleene's strong logic). While a stream goes on, what it may come to is a set of outcomes, which only shrinks.
"""

from collections.abc import Callable, Iterable, Iterator
from functools import reduce
from typing import Generic, TypeAlias, TypeVar

import msgspec

T = TypeVar("T")
U = TypeVar("U")


class Not(msgspec.Struct, Generic[T], frozen=True):
    """Holds where its part does not."""

    part: T


class And(msgspec.Struct, Generic[T], frozen=True):
    """Holds where all of its parts do, two at least."""

    parts: tuple[T, ...]


class Or(msgspec.Struct, Generic[T], frozen=True):
    """Holds where one of its parts does, of two at least."""

    parts: tuple[T, ...]


Tree: TypeAlias = T | Not["Tree[T]"] | And["Tree[T]"] | Or["Tree[T]"]
"""Something, or several joined."""

Outcomes: TypeAlias = int
"""A set of outcomes: some of `TRUE`, `FALSE` and `UNTOLD`, or-ed together. A single one is final."""

TRUE: Outcomes = 1
FALSE: Outcomes = 2
UNTOLD: Outcomes = 4
EITHER = TRUE | FALSE
ANY = TRUE | FALSE | UNTOLD


def outcome(holds: bool) -> Outcomes:
    """Return the outcome of a test that could be made."""
    return TRUE if holds else FALSE


def is_final(outcomes: Outcomes) -> bool:
    """Tell whether there is but one outcome left."""
    return outcomes in (TRUE, FALSE, UNTOLD)


def opposite(outcomes: Outcomes) -> Outcomes:
    """Return what `not` makes of them."""
    return outcomes & UNTOLD | (outcomes & TRUE and FALSE) | (outcomes & FALSE and TRUE)


def both(one: Outcomes, other: Outcomes) -> Outcomes:
    """Return what `and` makes of each of the one with each of the other."""
    untold = (one & UNTOLD and other & (TRUE | UNTOLD)) or (other & UNTOLD and one & TRUE)
    return one & other & TRUE | (one | other) & FALSE | (UNTOLD if untold else 0)


def either(one: Outcomes, other: Outcomes) -> Outcomes:
    """Return what `or` makes of each of the one with each of the other."""
    return opposite(both(opposite(one), opposite(other)))


def leaves(tree: Tree[T]) -> Iterator[T]:
    """Give the leaves of a tree, from left to right."""
    match tree:
        case Not(part):
            yield from leaves(part)
        case And(parts) | Or(parts):
            for part in parts:
                yield from leaves(part)
        case _:
            yield tree


def mapped(tree: Tree[T], change: Callable[[T], U]) -> Tree[U]:
    """Return a tree of the same shape, each leaf of it changed."""
    match tree:
        case Not(part):
            return Not(mapped(part, change))
        case And(parts):
            return And(tuple(mapped(part, change) for part in parts))
        case Or(parts):
            return Or(tuple(mapped(part, change) for part in parts))
    return change(tree)


def resolve(tree: Tree[T], ask: Callable[[T], Outcomes]) -> Outcomes:
    """Return the outcomes of a tree; `ask` gives those of a leaf."""
    match tree:
        case Not(part):
            return opposite(resolve(part, ask))
        case And(parts):
            return _fold(both, parts, ask)
        case Or(parts):
            return _fold(either, parts, ask)
    return ask(tree)


def _fold(
    join: Callable[[Outcomes, Outcomes], Outcomes], parts: Iterable[Tree[T]], ask: Callable[[T], Outcomes]
) -> Outcomes:
    return reduce(join, (resolve(part, ask) for part in parts))
