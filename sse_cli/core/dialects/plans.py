"""What of a dialect is to be tried on an event, told by the kind of event that it says it is.

Most formats name the kind in one place, such as `$.type`, and nearly all their conditions ask for it. Those
are answered once for each kind, and what is left of the dialect then is kept: a plan.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple, Protocol, TypeVar

from sse_cli.core.conditions import Field, Holds, Query, asker
from sse_cli.core.dialects.keys import Keys
from sse_cli.core.dialects.parts import Build
from sse_cli.core.dialects.values import Scope
from sse_cli.core.expressions import Expression
from sse_cli.core.extract import NOTHING
from sse_cli.core.items import Done, Event, Json, Part

_MOST_KINDS = 64
_LONGEST_KIND = 100  # a longer text is no kind
Thing = TypeVar("Thing")
Subject = Field | Query


class Step(Protocol):
    """A rule or a group of rules. It finds nothing unless one of the paths in `looked_for` does."""

    @property
    def when(self) -> tuple[Expression, ...]:
        """The conditions on the event, all of which must hold."""

    @property
    def looked_for(self) -> list[str]:
        """The paths; if there are none, the step must always be tried."""

    @property
    def quick(self) -> Build | None:
        """What makes the step's one part in the scope itself, where that is all there is to it."""

    def apply(self, scope: Scope, event: Event, root: Json, seen: Json, parts: list[Part]) -> None:
        """Add what the step finds in a scope to the parts.

        `root` is the event's decoded data, or `NOTHING`; `seen` is what the index has found for the step.
        """


class Plan(NamedTuple):
    """Steps and end markers with the conditions that are left of them, and the index of the steps."""

    steps: list[tuple[list[Holds], Step, Build | None]]
    keys: Keys
    ends: list[tuple[Holds, Done]]


class Plans:
    """The plans of one dialect, made as its kinds of events come."""

    def __init__(self, steps: Sequence[Step], markers: dict[str, Expression]) -> None:
        self._steps = [(step.when, step) for step in steps]
        self._ends = [((test,), Done(name)) for name, test in markers.items()]
        conditions = [*(tests for tests, _ in self._steps), *(tests for tests, _ in self._ends)]
        subjects = [test.subject for tests in conditions for test in tests]
        self._subject = _most_asked(subject for subject in subjects if subject is not None)
        self._ask = asker(self._subject) if self._subject else None
        self._general = self._make(None, NOTHING)
        self._known: dict[Json, Plan] = {}

    def of(self, event: Event, root: Json) -> Plan:
        """Return the plan for an event and its decoded data, which is `NOTHING` if it is not JSON."""
        kind = self._ask(event, root) if self._ask else None
        if type(kind) is not str and kind is not NOTHING:
            return self._general
        return self._known.get(kind) or self._learn(kind, event, root)

    def _learn(self, kind: Json, event: Event, root: Json) -> Plan:
        is_word = kind is NOTHING or len(kind) <= _LONGEST_KIND
        if not is_word or len(self._known) >= _MOST_KINDS:
            return self._general
        plan = self._known[kind] = self._make(event, root)
        return plan

    def _make(self, event: Event | None, root: Json) -> Plan:
        """Return what is left for all events of this one's kind or, without one, for any."""
        steps = [(tests, step, step.quick) for tests, step in self._left(self._steps, event, root)]
        ends = [(left[0] if left else _always, done) for left, done in self._left(self._ends, event, root)]
        return Plan(steps, Keys([step.looked_for for _, step, _ in steps], rooted=True), ends)

    def _left(
        self, rows: Iterable[tuple[tuple[Expression, ...], Thing]], event: Event | None, root: Json
    ) -> Iterator[tuple[list[Holds], Thing]]:
        for tests, thing in rows:
            told = [] if event is None else [test for test in tests if test.subject == self._subject]
            if event is None or all(test.holds(event, root) for test in told):
                yield [test.holds for test in tests if test not in told], thing


def _always(_event: Event, _root: Json) -> bool:
    return True


def _most_asked(subjects: Iterable[Subject]) -> Subject | None:
    """Return what most conditions ask for, of all that has one value; an event's data is never a kind."""
    counts = Counter(subject for subject in subjects if _may_be_kind(subject))
    return counts.most_common(1)[0][0] if counts else None


def _may_be_kind(subject: Subject) -> bool:
    return subject.name == "event" if isinstance(subject, Field) else subject.path.singular
