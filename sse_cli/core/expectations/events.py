"""Trials of what is claimed of events: told of each in turn, and at the end that no more will come."""

from abc import ABC, abstractmethod
from typing import ClassVar

from sse_cli.core.conditions import FIELDS, Condition, Field, Query, compile_condition, subjects_of
from sse_cli.core.expectations.claims import QUANTIFIERS, Assertion, Count, Order, Quantified
from sse_cli.core.expectations.reach import reach
from sse_cli.core.expectations.trial import Trial, limits_of, margin
from sse_cli.core.items import Event, Json
from sse_cli.core.logic import EITHER, FALSE, TRUE, outcome
from sse_cli.core.payload import LazyPayload
from sse_cli.core.units import COUNT, excerpt

_MOST_SHOWN = 3


class EventTrial(Trial, ABC):
    """On trial before each event, until it is final or, if it `goes_on`, to the end."""

    needs_payload: bool = False
    goes_on: ClassVar[bool] = False

    @abstractmethod
    def note(self, event: Event, root: Json) -> None:
        """An event came; `root` is its decoded data, or `NOTHING`."""

    @abstractmethod
    def end(self) -> None:
        """No more will come."""


class QuantifiedTrial(EventTrial):
    """`every CONDITION` and the like."""

    def __init__(self, leaf: Quantified) -> None:
        self._rule = rule = QUANTIFIERS[leaf.quantifier]
        self._left = rule.by_hit | rule.by_miss | rule.at_end
        super().__init__(leaf, self._left | rule.of_none)
        self.needs_payload = needs_payload(leaf.condition)
        self._condition = leaf.condition
        self._holds = compile_condition(leaf.condition)
        self._count = 0
        self._was_hit = False

    def note(self, event: Event, root: Json) -> None:
        """See whether the event decides."""
        self._count += 1
        self._was_hit = self._holds(event, root)
        decided = self._rule.by_hit if self._was_hit else self._rule.by_miss
        self.outcomes = decided or self._left
        if decided or self._rule.at_end == EITHER:
            self.event = event

    def end(self) -> None:
        """Decide by the last event, or by there having been none that decides."""
        if not self.is_final:
            left = self._rule.at_end if self._count else self._rule.of_none
            self.outcomes = outcome(self._was_hit) if left == EITHER else left
        if self.event is not None:
            self.seen = f"event {self.event.number}: {show_event(self._condition, self.event)}"
        elif self._count:
            every = self._rule.by_miss and self.outcomes == TRUE
            self.seen = f"{'each' if every else 'none'} of {count_of(self._count)}"
        else:
            self.seen = "no events"


class CountTrial(EventTrial):
    """`count(CONDITION) OP VALUE`. It goes on counting, since it is asked for the number."""

    goes_on = True

    def __init__(self, leaf: Assertion, subject: Count) -> None:
        self._operator, self._limits = leaf.operator, limits_of(leaf.literal)
        super().__init__(leaf, reach(leaf.operator, self._limits, 0))
        self.unit = COUNT
        self.needs_payload = needs_payload(subject.condition)
        self._holds = compile_condition(subject.condition)
        self._count = 0

    def note(self, event: Event, root: Json) -> None:
        """Count the event, if it is to be."""
        if not self._holds(event, root):
            return
        self._count += 1
        if not self.is_final:
            self.outcomes = reach(self._operator, self._limits, self._count)
            self.event = event if self.is_final else None

    def end(self) -> None:
        """The count is final."""
        count = self.value = self._count
        if not self.is_final:
            self.outcomes = reach(self._operator, self._limits, count, count)
        self.seen = count_of(count)
        self.margin = margin(COUNT, self._operator, count, self._limits[0])


class OrderTrial(EventTrial):
    """`order: TYPE, TYPE, …`."""

    def __init__(self, leaf: Order) -> None:
        super().__init__(leaf, EITHER)
        self._types = leaf.types
        self._places: list[int] = []  # the numbers of the events that had their turn

    def note(self, event: Event, _root: Json) -> None:
        """See whether it is the event's turn, and nobody's before it."""
        turn, types = len(self._places), self._types
        if event.type == types[turn]:
            self._places.append(event.number)
            if turn + 1 == len(types):
                self.outcomes, self.event = TRUE, event
        elif event.type in types[turn:] and event.type not in types[:turn]:
            self.outcomes, self.event = FALSE, event

    def end(self) -> None:
        """Whatever had no turn yet is missing."""
        turn = len(self._places)
        turns = [f"{type_} {number}" for type_, number in zip(self._types, self._places, strict=False)]
        if self.outcomes == FALSE and self.event is not None:
            self.seen = f"event {self.event.number} is {self.event.type}, before any {self._types[turn]}"
        elif turn < len(self._types):
            self.outcomes = FALSE
            self.seen = ", ".join([*turns, f"no {self._types[turn]}"])
        else:
            self.seen = ", ".join(turns)


def needs_payload(condition: Condition) -> bool:
    """Tell whether a condition asks for the decoded data."""
    return any(isinstance(subject, Query) for subject in subjects_of(condition))


def show_event(condition: Condition, event: Event) -> str:
    """Return what a condition asks for in an event or, where that is more than one thing, type and data."""
    subjects = subjects_of(condition)
    if subjects.count(subjects[0]) < len(subjects):
        return f"{event.type} {excerpt(event.data)}"
    subject = subjects[0]
    if isinstance(subject, Field):
        return excerpt(FIELDS[subject.name].get(event))
    try:
        found = subject.path.find(LazyPayload(event.data)())
    except ValueError:
        found = []
    shown = [excerpt(value) for value in found[:_MOST_SHOWN]]
    more = ["…"] if len(found) > _MOST_SHOWN else []
    return ", ".join([*shown, *more]) or f"no {subject.path.text} in {excerpt(event.data)}"


def count_of(number: int) -> str:
    """Return a number of events."""
    return f"{number:,} event{'' if number == 1 else 's'}"
