"""What is claimed of several runs together: told of each run in turn."""

from collections.abc import Mapping
from math import isfinite
from typing import Protocol

from sse_cli.core.expectations.claims import Aggregate, Assertion, Leaf, Presence
from sse_cli.core.expectations.figures import NOT_MEASURED
from sse_cli.core.expectations.reach import reach
from sse_cli.core.expectations.trial import Trial, limits_of, margin
from sse_cli.core.expectations.vocabulary import Rate
from sse_cli.core.items import Json
from sse_cli.core.logic import UNTOLD, Outcomes, outcome
from sse_cli.core.meter import plain
from sse_cli.core.samples import Samples
from sse_cli.core.units import COUNT, Unit


class Total(Protocol):
    """What runs amount to."""

    unit: Unit

    def note(self, said: Mapping[str, Json]) -> None:
        """Take what the summary of a run says."""

    def value(self) -> float | None:
        """Return what the runs so far amount to."""

    def show(self, value: float) -> str:
        """Return that for people, with the number of runs."""


class SpreadOfRuns:
    """`p95(FIGURE)` and the like, over the runs in which it was measured."""

    def __init__(self, aggregate: Aggregate) -> None:
        self.unit = aggregate.unit
        self._aggregate = aggregate
        self._samples = Samples()
        self._runs = self._measured = 0

    def note(self, said: Mapping[str, Json]) -> None:
        """Add the figure of a run, if it has it as a number."""
        self._runs += 1
        numbers = [_number(value) for value in self._aggregate.figure.values(said)]
        measured = [number for number in numbers if number is not None]
        self._measured += bool(measured)
        for number in measured:
            self._samples.add(number)

    def value(self) -> float | None:
        """Return it, to the microsecond where it is a time."""
        spread = self._samples.spread()
        if self._aggregate.function == "n":
            return self._measured
        return None if spread is None else plain(getattr(spread, self._aggregate.function))

    def show(self, value: float) -> str:
        """Return it with how many of the runs it was measured in."""
        of = f"{self._measured} of {self._runs}" if self._measured < self._runs else str(self._runs)
        return of if self._aggregate.function == "n" else f"{self.unit.show(value)} (n {of})"


class RateOfRuns:
    """`success_rate` and the like."""

    def __init__(self, rate: Rate) -> None:
        self.unit = rate.unit
        self._rate = rate
        self._runs = self._hits = 0

    def note(self, said: Mapping[str, Json]) -> None:
        """See whether the run is one of them."""
        self._runs += 1
        self._hits += self._rate.holds(said)

    def value(self) -> float | None:
        """Return how many there are of them or, of a share, of how many."""
        if self.unit is COUNT:
            return self._hits
        return self._hits / self._runs if self._runs else None

    def show(self, value: float) -> str:
        """Return it with the numbers that it is made of."""
        if self.unit is COUNT:
            return self.unit.show(value)
        return f"{self.unit.show(value)} ({self._hits} of {self._runs})"


class RunsTrial(Trial):
    """On trial before all the runs there are."""

    def __init__(self, leaf: Leaf) -> None:
        super().__init__(leaf)
        assert isinstance(leaf, Assertion | Presence)
        subject = leaf.subject
        assert isinstance(subject, Aggregate | Rate)
        self._of: Total = SpreadOfRuns(subject) if isinstance(subject, Aggregate) else RateOfRuns(subject)
        self.unit = self._of.unit

    def note(self, said: Mapping[str, Json]) -> None:
        """Take what the summary of a run says."""
        self._of.note(said)

    def end(self) -> None:
        """There are no more runs."""
        value = self.value = self._of.value()
        self.outcomes = self._outcome(value)
        self.seen = NOT_MEASURED if value is None else self._of.show(value)
        if value is not None and isinstance(self.leaf, Assertion) and self.leaf.literal.value is not None:
            limit = limits_of(self.leaf.literal)[0]
            self.margin = margin(self._of.unit, self.leaf.operator, value, limit)

    def _outcome(self, value: float | None) -> Outcomes:
        leaf = self.leaf
        if isinstance(leaf, Presence):
            return outcome(value is not None)
        assert isinstance(leaf, Assertion)
        if leaf.literal.value is None:
            return outcome((value is None) == (leaf.operator == "=="))
        return UNTOLD if value is None else reach(leaf.operator, limits_of(leaf.literal), value, value)


def _number(value: Json) -> float | None:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if isfinite(number) else None
