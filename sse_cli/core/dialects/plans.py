"""What of a dialect is to be tried on an event, told by the kind of event that it says it is.

Most formats name the kind in one place, such as `$.type`, and nearly all their conditions ask for it. They are
answered once for each kind, and what is left of the dialect then is kept: a plan.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple, Protocol

from sse_cli.core.conditions import Asked, Holds
from sse_cli.core.dialects.keys import Keys
from sse_cli.core.dialects.values import Scope
from sse_cli.core.expressions import Expression
from sse_cli.core.extract import NOTHING
from sse_cli.core.items import Done, Event, Json, Part

_MOST_KINDS = 64
_LONGEST_KIND = 100  # a longer text is no kind


class Step(Protocol):
    """A rule or a group of rules. It finds nothing unless one of the paths in `looked_for` does."""

    @property
    def when(self) -> tuple[Expression, ...]:
        """The conditions on the event, all of which must hold."""

    @property
    def looked_for(self) -> list[str]:
        """The paths; if there are none, the step must always be tried."""

    def apply(self, scope: Scope, event: Event, parts: list[Part]) -> None:
        """Add what the step finds to the parts."""


class Plan(NamedTuple):
    """Steps and end markers with the conditions that are left of each, and the index of the steps."""

    steps: list[tuple[list[Holds], Step]]
    keys: Keys
    ends: list[tuple[list[Holds], Done]]


class Plans:
    """The plans of one dialect, made as its kinds of events come."""

    def __init__(self, steps: Sequence[Step], markers: dict[str, Expression]) -> None:
        self._steps = [(step.when, step) for step in steps]
        self._ends = [((test,), Done(name)) for name, test in markers.items()]
        self._kind = _most_asked([test for tests, _ in [*self._steps, *self._ends] for test in tests])
        self._general = self._make(None, NOTHING)
        self._known: dict[Json, Plan] = {}

    def of(self, event: Event, root: Json) -> Plan:
        """Return the plan for an event and its decoded data, which is `NOTHING` if it is not JSON."""
        if self._kind is None:
            return self._general
        kind = self._kind.ask(event, root)
        if type(kind) is not str and kind is not NOTHING:
            return self._general
        plan = self._known.get(kind)
        if plan is None:
            if len(self._known) >= _MOST_KINDS or (kind is not NOTHING and len(kind) > _LONGEST_KIND):
                return self._general
            plan = self._known[kind] = self._make(event, root)
        return plan

    def _make(self, event: Event | None, root: Json) -> Plan:
        """Return what is left for events of the same kind as this one, or for all."""
        steps = list(self._left(self._steps, event, root))
        ends = list(self._left(self._ends, event, root))
        return Plan(steps, Keys([step.looked_for for _, step in steps], rooted=True), ends)
