"""Judges runs by what is expected of them: at any time what can be told already, and at the end why.

A run is told as it goes: `note` each event, `look` at the facts after each read, and first of all at the
beginning, so that the clock runs, and when a moment has come, `close` at the end. One that is over, as in a
recording, needs no `look`. Several runs together are told by what the summary of each says.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import Enum

import msgspec

from sse_cli.core.expectations.claims import (
    Aggregate,
    Assertion,
    Claim,
    Count,
    Leaf,
    Order,
    Presence,
    Quantified,
)
from sse_cli.core.expectations.events import CountTrial, EventTrial, OrderTrial, QuantifiedTrial
from sse_cli.core.expectations.facts import Facts
from sse_cli.core.expectations.figures import FigureTrial, NullTrial, NumberTrial, PresenceTrial, ValueTrial
from sse_cli.core.expectations.grammar import parse_claim
from sse_cli.core.expectations.runs import RunsTrial
from sse_cli.core.expectations.texts import ContainsTrial, Transcript
from sse_cli.core.expectations.trial import Trial
from sse_cli.core.expectations.vocabulary import TEXTS, Figure, Rate
from sse_cli.core.expectations.written import write
from sse_cli.core.extract import NOTHING
from sse_cli.core.items import Event, Json, Reading
from sse_cli.core.logic import FALSE, TRUE, And, Not, Or, Outcomes, Tree, leaves, mapped, resolve
from sse_cli.core.payload import LazyPayload
from sse_cli.core.secrets import NO_SECRETS, Secrets


class Expectation(msgspec.Struct, frozen=True):
    """A compiled expectation, of each run or `is_over_runs`: of all of them together."""

    text: str
    claim: Claim
    is_over_runs: bool


class Decision(Enum):
    """What can be told of an expectation while a run goes on. Nothing that is decided is ever taken back."""

    OPEN = "it may hold, or not"
    HOLDS = "it holds, whatever comes"
    IMPOSSIBLE = "it can no longer hold"


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """What was found of one claim of an expectation.

    It holds, or not, or is None where what it is about was not measured. `seen` is the value in words, with
    its unit; `margin` is how far it is from the limit. `value` is in the `unit`, or None where it is long or
    not one value. `event` is the number of the event that it hangs on,
    and `at` the time of that or of the moment when it was decided, in seconds since the request.
    """

    claim: str
    holds: bool | None
    seen: str
    value: Json = None
    unit: str = ""
    margin: str = ""
    event: int | None = None
    at: float | None = None


class Judgement(msgspec.Struct, frozen=True):
    """Whether an expectation holds, and why: the findings that tell, the first the one to look at.

    It is None where the run was ended before that was known, since something else did not hold.
    `text` is the expectation as it was given, and `claim` the same as findings write it.
    """

    text: str
    claim: str
    holds: bool | None
    findings: tuple[Finding, ...]


def compile_expectation(text: str) -> Expectation:
    """Compile an expectation; a wrong one raises `UsageError`, with a caret under the place."""
    claim = parse_claim(text)
    all_leaves: Iterator[Leaf] = leaves(claim)
    return Expectation(text, claim, any(_is_over_runs(leaf) for leaf in all_leaves))


class _Case(msgspec.Struct, frozen=True):
    """An expectation, with each of its claims on trial."""

    expectation: Expectation
    tree: Tree[Trial]

    @property
    def decision(self) -> Decision:
        outcomes = _outcomes(self.tree)
        if outcomes == TRUE:
            return Decision.HOLDS
        return Decision.OPEN if outcomes & TRUE else Decision.IMPOSSIBLE

    def trials(self) -> Iterator[Trial]:
        return leaves(self.tree)

    def judgement(self, start: float | None, secrets: Secrets) -> Judgement:
        telling = _telling(self.tree)
        found = tuple(_finding(trial, is_negated, start, secrets) for trial, is_negated in telling)
        holds, expected = self.decision is Decision.HOLDS, self.expectation
        return Judgement(expected.text, write(expected.claim), holds, found)


class Judge:
    """Judges one run. `reconnects` tells whether connections may follow on each other in it.

    It takes events one by one, so no sink that feeds it may take streaks. What was seen is told without the
    `secrets`.
    """

    def __init__(
        self, expectations: Iterable[Expectation], *, reconnects: bool = False, secrets: Secrets = NO_SECRETS
    ) -> None:
        self._secrets = secrets
        self._cases = [
            _Case(expectation, mapped(expectation.claim, lambda leaf: _trial(leaf, reconnects)))
            for expectation in expectations
        ]
        trials = [trial for case in self._cases for trial in case.trials()]
        of_figures = [trial for trial in trials if isinstance(trial, FigureTrial)]
        self._of_events = [trial for trial in trials if isinstance(trial, EventTrial)]
        self._of_figures = [trial for trial in of_figures if trial.figure.name not in TEXTS]
        numbers = [trial for trial in of_figures if isinstance(trial, NumberTrial)]
        self._counters = [trial for trial in numbers if trial.figure.name == "events"]
        self._transcripts = [
            Transcript(name, heard)
            for name in TEXTS
            if (heard := [trial for trial in of_figures if trial.figure.name == name])
        ]
        self._facts: Facts | None = None

    def note(self, reading: Reading) -> None:
        """An event came."""
        event, root = reading.event, NOTHING
        waiting = [trial for trial in self._of_events if trial.goes_on or not trial.is_final]
        if any(trial.needs_payload for trial in waiting):
            root = _decoded(event)
        for trial in waiting:
            trial.note(event, root)
        for counter in self._counters:
            if not counter.is_final:
                counter.count(event)
        for transcript in self._transcripts:
            transcript.note(reading.parts)

    def look(self, facts: Facts) -> None:
        """So much is known by now; all that came before is noted."""
        self._facts = facts
        for trial in self._of_figures:
            if not trial.is_final:
                trial.look(facts)

    @property
    def decisions(self) -> Sequence[Decision]:
        """What can be told of each expectation, in their order."""
        return [case.decision for case in self._cases]

    @property
    def moment(self) -> float | None:
        """When to `look` again, even if nothing comes: an open expectation may be decided by time alone.

        It is of the monotonic clock; None where no time limit is running.
        """
        if self._facts is None:
            return None
        open_cases = [case for case in self._cases if case.decision is Decision.OPEN]
        trials = [trial for case in open_cases for trial in case.trials()]
        moments = [trial.moment(self._facts) for trial in trials if isinstance(trial, FigureTrial)]
        return min((moment for moment in moments if moment is not None), default=None)

    def close(self, facts: Facts) -> Sequence[Judgement]:
        """The run is over; return how each expectation fares."""
        for trial in self._of_events:
            trial.end()
        for figure in self._of_figures:
            figure.end(facts)
        for transcript in self._transcripts:
            transcript.end(facts)
        return [case.judgement(facts.start, self._secrets) for case in self._cases]


class SeriesJudge:
    """Judges several runs together."""

    def __init__(self, expectations: Iterable[Expectation]) -> None:
        self._cases = [
            _Case(expectation, mapped(expectation.claim, RunsTrial)) for expectation in expectations
        ]
        self._trials = [
            trial for case in self._cases for trial in case.trials() if isinstance(trial, RunsTrial)
        ]

    def note(self, said: Mapping[str, Json]) -> None:
        """A run is over; `said` is what its summary says, as in `Facts`."""
        for trial in self._trials:
            trial.note(said)

    def close(self) -> Sequence[Judgement]:
        """Return how each expectation fares, by the runs so far."""
        for trial in self._trials:
            trial.end()
        return [case.judgement(None, NO_SECRETS) for case in self._cases]


def _trial(leaf: Leaf, reconnects: bool) -> Trial:
    match leaf:
        case Quantified():
            return QuantifiedTrial(leaf)
        case Order():
            return OrderTrial(leaf)
        case Presence(subject=Figure() as figure):
            return PresenceTrial(leaf, figure, reconnects)
        case Assertion(subject=Count() as count):
            return CountTrial(leaf, count)
        case Assertion(subject=Figure() as figure):
            return _comparison(leaf, figure)(leaf, figure, reconnects)
    raise ValueError(f"{write(leaf)} is not of one run")


def _comparison(leaf: Assertion, figure: Figure) -> type[NullTrial | NumberTrial | ValueTrial]:
    if leaf.literal.value is None:
        return NullTrial
    if figure.unit.is_number:
        return NumberTrial
    return ContainsTrial if leaf.operator == "contains" and figure.name in TEXTS else ValueTrial


def _is_over_runs(leaf: Leaf) -> bool:
    return isinstance(leaf, Assertion | Presence) and isinstance(leaf.subject, Aggregate | Rate)


def _outcomes(tree: Tree[Trial]) -> Outcomes:
    return resolve(tree, lambda trial: trial.outcomes)


def _telling(tree: Tree[Trial], is_negated: bool = False) -> Iterator[tuple[Trial, bool]]:
    """Give the trials that account for how a tree came out, each with whether the opposite is claimed.

    All of `and` that holds and of `or` that does not; else those alone that make it so.
    """
    match tree:
        case Not(part):
            yield from _telling(part, not is_negated)
        case And(parts) | Or(parts):
            is_and, holds = isinstance(tree, And), _outcomes(tree) == TRUE
            for part in parts:
                if is_and == holds or (_outcomes(part) == TRUE) == holds:
                    yield from _telling(part, is_negated)
        case _:
            yield tree, is_negated


def _finding(trial: Trial, is_negated: bool, start: float | None, secrets: Secrets) -> Finding:
    event = trial.event
    at = event.at if event is not None else trial.at
    holds = {TRUE: True, FALSE: False}.get(trial.outcomes)
    claim: Claim = Not(trial.leaf) if is_negated else trial.leaf
    return Finding(
        claim=write(claim),
        holds=None if holds is None else holds != is_negated,
        seen=secrets.hide(trial.seen),
        value=secrets.hide(trial.value) if isinstance(trial.value, str) else trial.value,
        unit=trial.unit.name if trial.unit is not None else "",
        margin=trial.margin,
        event=event.number if event is not None else None,
        at=round(at - start, 6) if at is not None and start is not None else None,
    )


def _decoded(event: Event) -> Json:
    try:
        return LazyPayload(event.data)()
    except ValueError:
        return NOTHING
