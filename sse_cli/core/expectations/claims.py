"""What an expectation says of a run, as a tree: of its figures, or of all its events together.

`SUBJECT OP VALUE` as everywhere, the subject a figure of the vocabulary; a condition on events after one of
`some every no first last`, or counted; an order of event types. Joined by `and`, `or`, `not`.
"""

from collections.abc import Iterator, Mapping
from typing import TypeAlias

import msgspec

from sse_cli.core.conditions import Condition, Literal
from sse_cli.core.expectations.vocabulary import (
    FUNCTIONS,
    HEADER,
    RATES,
    Figure,
    Rate,
    figures,
    unit_over_runs,
)
from sse_cli.core.logic import EITHER, FALSE, TRUE, UNTOLD, Outcomes, Tree, leaves
from sse_cli.core.units import COUNT, Unit


class Quantifier(msgspec.Struct, frozen=True):
    """What a condition on events comes to: once an event meets it, once one does not, and at the end.

    Where that decides nothing, it is 0. `at_end` is what is left where no event has decided, or `EITHER` if
    the last one does; `of_none` is what there is to say where none came.
    """

    by_hit: Outcomes
    by_miss: Outcomes
    at_end: Outcomes
    of_none: Outcomes
    doc: str


QUANTIFIERS: Mapping[str, Quantifier] = {
    "some": Quantifier(TRUE, 0, FALSE, FALSE, "one event or more"),
    "every": Quantifier(0, FALSE, TRUE, UNTOLD, "each event; where none came, nothing is told"),
    "no": Quantifier(FALSE, 0, TRUE, TRUE, "none of the events"),
    "first": Quantifier(TRUE, FALSE, 0, UNTOLD, "the first event"),
    "last": Quantifier(0, 0, EITHER, UNTOLD, "the last event"),
}
"""What stands before a condition on events."""

ORDER, COUNTER = "order", "count"


class Quantified(msgspec.Struct, frozen=True):
    """`every CONDITION`."""

    quantifier: str
    condition: Condition


class Order(msgspec.Struct, frozen=True):
    """`order: TYPE, TYPE, …`: each comes, and none comes before the one that is named before it.

    Once a type has had its turn it may come again, and types that are not named may come at any time.
    """

    types: tuple[str, ...]


class Count(msgspec.Struct, frozen=True):
    """`count(CONDITION)`: how many events meet it."""

    condition: Condition
    unit: Unit = COUNT


class Aggregate(msgspec.Struct, frozen=True):
    """`p95(FIGURE)`: a figure's spread over several runs."""

    function: str
    figure: Figure

    @property
    def unit(self) -> Unit:
        """What it is counted in."""
        return unit_over_runs(self.function, self.figure.unit)


Subject: TypeAlias = Figure | Count | Aggregate | Rate


class Assertion(msgspec.Struct, frozen=True):
    """`SUBJECT OP VALUE`."""

    subject: Subject
    operator: str
    literal: Literal


class Presence(msgspec.Struct, frozen=True):
    """`SUBJECT exists`: it was measured, and is not empty."""

    subject: Figure | Aggregate


Leaf: TypeAlias = Assertion | Presence | Quantified | Order

Claim: TypeAlias = Tree[Leaf]
"""What can be said of a run: one thing, or several joined."""


def name_of(subject: Subject) -> str:
    """Return the name of a subject, for people."""
    match subject:
        case Count():
            return f"{COUNTER}(…)"
        case Aggregate(function, figure):
            return f"{function}({figure.name})"
    return subject.name


def figures_in(claim: Claim) -> Iterator[str]:
    """Give the names of the figures that a claim is about."""
    for leaf in leaves(claim):
        if isinstance(leaf, Assertion | Presence):
            subject = leaf.subject.figure if isinstance(leaf.subject, Aggregate) else leaf.subject
            if isinstance(subject, Figure | Rate):
                yield subject.name


def is_over_events(word: str) -> bool:
    """Tell whether a word begins what is said of all events together."""
    return word in QUANTIFIERS or word.partition(":")[0] in (ORDER, COUNTER)


def is_of_run(word: str) -> bool:
    """Tell whether a word begins what is said of a run, or of several."""
    is_header = word.startswith(f"{HEADER}.")
    return word in figures() or word in RATES or word in FUNCTIONS or is_header
