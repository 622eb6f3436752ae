"""Trials of what is claimed of figures: told of the facts as they become known, and at the end of all."""

from abc import ABC, abstractmethod
from math import inf

from sse_cli.core.conditions import OPERATORS, Check, text_check
from sse_cli.core.expectations.claims import Assertion, Presence
from sse_cli.core.expectations.facts import Facts
from sse_cli.core.expectations.reach import reach
from sse_cli.core.expectations.trial import Trial, limits_of, margin
from sse_cli.core.expectations.vocabulary import HEADER, Figure
from sse_cli.core.items import Event, Json
from sse_cli.core.logic import ANY, EITHER, TRUE, UNTOLD, Outcomes, outcome
from sse_cli.core.secrets import mask_headers
from sse_cli.core.units import GROUP, JSON, Clock, Course

MICROSECOND = 1e-6
"""Times are told to the microsecond, so a limit is passed by that at least."""

NOT_MEASURED, NONE = "not measured", "none"


class FigureTrial(Trial, ABC):
    """On trial before the facts, until it is final. With `reconnects`, other connections may follow."""

    def __init__(
        self, leaf: Assertion | Presence, figure: Figure, reconnects: bool, outcomes: Outcomes = ANY
    ) -> None:
        super().__init__(leaf, outcomes)
        self.figure = figure
        self.unit = figure.unit
        self._course = _course(figure, reconnects)

    def look(self, facts: Facts) -> None:
        """More is known."""
        values = self.figure.values(facts.said)
        if self._course is Course.OPENED:
            if HEADER in facts.said:
                self.outcomes = self._outcome(values)
        elif self._course is not Course.LATE:
            self.outcomes = self._outcomes(values, facts)
        if self.at is None and self.is_decided:
            self.at = facts.at

    def hear(self, piece: str) -> None:
        """More of a text came, where the figure is one."""

    def end(self, facts: Facts) -> None:
        """All is known."""
        values = self.figure.values(facts.said)
        if not self.is_final:
            self.outcomes = self._outcome(values)
        if self._course is not Course.APPENDS and self.unit is not GROUP:  # whole texts are long
            self.value = _masked(self.figure, values[0]) if len(values) == 1 else values or None
        self.seen = self._show(values, facts)

    def moment(self, _facts: Facts) -> float | None:
        """Return when it may have another outcome for no other reason than that time goes on."""
        return None

    @abstractmethod
    def _outcome(self, values: list[Json]) -> Outcomes:
        """Return the outcome for what is known at the end."""

    @abstractmethod
    def _outcomes(self, values: list[Json], facts: Facts) -> Outcomes:
        """Return the outcomes for what is known so far."""

    def _show(self, values: list[Json], facts: Facts) -> str:
        figure = self.figure
        if not values and not figure.unit.is_number and figure.unit is not GROUP:
            return NONE
        if not values:
            late = figure.told.clock is Clock.START and facts.said.get("end")
            return f"{NOT_MEASURED} after {figure.unit.show(late)}" if late else NOT_MEASURED
        if figure.unit is GROUP:
            return "measured"
        return ", ".join(figure.unit.show(_masked(figure, value)) for value in values)


class PresenceTrial(FigureTrial):
    """`FIGURE exists`."""

    def __init__(self, leaf: Presence, figure: Figure, reconnects: bool) -> None:
        super().__init__(leaf, figure, reconnects, EITHER)

    def hear(self, _piece: str) -> None:
        """It is there."""
        self.outcomes = TRUE

    def _outcome(self, values: list[Json]) -> Outcomes:
        return outcome(is_something(values))

    def _outcomes(self, values: list[Json], _facts: Facts) -> Outcomes:
        return TRUE if is_something(values) else EITHER


class NullTrial(FigureTrial):
    """`FIGURE == null`, or `!=`: whether it was measured."""

    def __init__(self, leaf: Assertion, figure: Figure, reconnects: bool) -> None:
        super().__init__(leaf, figure, reconnects, EITHER)
        self._is_wanted = leaf.operator == "!="

    def hear(self, piece: str) -> None:
        """It is there."""
        self.outcomes = self._outcome([piece])

    def _outcome(self, values: list[Json]) -> Outcomes:
        return outcome(bool(values) == self._is_wanted)

    def _outcomes(self, values: list[Json], _facts: Facts) -> Outcomes:
        return self._outcome(values) if values else EITHER


class NumberTrial(FigureTrial):
    """A comparison of a figure that is a number."""

    def __init__(self, leaf: Assertion, figure: Figure, reconnects: bool) -> None:
        super().__init__(leaf, figure, reconnects)
        self._operator, self._limits = leaf.operator, limits_of(leaf.literal)

    def end(self, facts: Facts) -> None:
        """All is known."""
        super().end(facts)
        if self.value is not None:
            self.margin = margin(self.figure.unit, self._operator, self.value, self._limits[0])

    def count(self, event: Event) -> None:
        """The figure is that of events, and this one came: it can be told which of a read's decides."""
        self.outcomes = self._reach(event.number)
        if self.is_final:
            self.event = event

    def moment(self, facts: Facts) -> float | None:
        """Return when the time that goes on reaches a limit, or passes it."""
        clock = self.figure.told.clock
        since = facts.start if clock is Clock.START else facts.quiet_since if clock is Clock.BYTE else None
        if since is None or self.is_final:
            return None
        for limit in sorted(self._limits):
            for passed in (limit, limit + MICROSECOND):
                if since + passed > facts.at and self._reach(passed) | UNTOLD != self.outcomes | UNTOLD:
                    return float(since + passed)
        return None

    def _outcome(self, values: list[Json]) -> Outcomes:
        return self._reach(values[0], values[0]) if values else UNTOLD

    def _outcomes(self, values: list[Json], facts: Facts) -> Outcomes:
        if not values:
            passed = facts.said.get("end") if self.figure.told.clock is Clock.START else None
            return ANY if passed is None else self._reach(passed) | UNTOLD
        match self._course:
            case Course.GROWS:
                return self._reach(values[0])
            case Course.FALLS:
                return self._reach(-inf, values[0])
        return self._outcome(values)

    def _reach(self, low: float, high: float = inf) -> Outcomes:
        return reach(self._operator, self._limits, low, high)


class ValueTrial(FigureTrial):
    """A comparison of a figure that is a text, or JSON: one of its values is enough."""

    def __init__(self, leaf: Assertion, figure: Figure, reconnects: bool) -> None:
        super().__init__(leaf, figure, reconnects)
        self._check = check_of(leaf, figure)

    def _outcome(self, values: list[Json]) -> Outcomes:
        return outcome(self._check(values)) if values else UNTOLD

    def _outcomes(self, values: list[Json], _facts: Facts) -> Outcomes:
        return self._outcome(values) if values else ANY


def check_of(leaf: Assertion, figure: Figure) -> Check:
    """Return the check of a list of values, one of which is enough."""
    operator = OPERATORS[leaf.operator]
    check = operator.check(leaf.literal) if figure.unit is JSON else text_check(operator, leaf.literal)
    return lambda values: any(map(check, values)) != operator.negated


def is_something(values: list[Json]) -> bool:
    """Tell whether there is a value that is not empty."""
    return any(value not in ("", [], {}) for value in values)


def _course(figure: Figure, reconnects: bool) -> Course:
    """Return how a figure goes on, in a run that may have several connections."""
    course = figure.told.course
    if course in (Course.TIED, Course.OPENED) and reconnects:
        return Course.LATE
    return Course.ONCE if course is Course.TIED else course


def _masked(figure: Figure, value: Json) -> Json:
    if figure.way[0] != HEADER:
        return value
    return mask_headers([(figure.way[1], value)])[0][1]
