"""What checks came to: a tree of frozen values, report -> checks -> runs -> judgements."""

from enum import Enum

import msgspec

from sse_cli.core.expectations.judge import Judgement
from sse_cli.core.snapshots.observed import Observed
from sse_cli.core.summary import Summary
from sse_cli.errors import ExitCode


class Outcome(Enum):
    """How a run, a check or a whole report went: the worst of what it is made of, in this order."""

    ERRORED = "errored"  # it could not be judged: nobody was reached, or it was interrupted
    FAILED = "failed"  # an expectation does not hold
    PASSED = "passed"
    SKIPPED = "skipped"  # it was not run, since what it needs was not captured


def worst(outcomes: "list[Outcome]") -> Outcome:
    """Return the worst of outcomes; none at all is one that passed."""
    order = list(Outcome)
    return min(outcomes, key=order.index, default=Outcome.PASSED)


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """One run of a check, the `number`th from 1.

    `started` is when, as ISO 8601 has it, and `seconds` how long it took. `error` says why it could not be
    judged. `recording` is the file that keeps it, and `last_events` are the last ones, as they came. A run
    that was `retried` failed and was run again: it does not count. `observed` is what a snapshot is made of,
    if one is wanted and the run was not ended before its time.
    """

    number: int
    started: str
    seconds: float
    outcome: Outcome
    exit_code: int
    judgements: tuple[Judgement, ...] = ()
    summary: Summary | None = None
    error: str = ""
    hint: str = ""
    recording: str = ""
    last_events: tuple[str, ...] = ()
    retried: bool = False
    observed: Observed | None = None


class CheckResult(msgspec.Struct, frozen=True, kw_only=True):
    """What a check came to: its runs, and the judgements over all of them together.

    `command` runs this one alone. `file` and `line` are where it is written, if it is in a file. One that was
    skipped has a `reason`.
    """

    name: str
    source: str
    runs: tuple[Run, ...]
    over_runs: tuple[Judgement, ...] = ()
    command: str = ""
    file: str = ""
    line: int = 0
    tags: tuple[str, ...] = ()
    reason: str = ""

    @property
    def counted(self) -> tuple[Run, ...]:
        """The runs that count: all but those that were run again."""
        return tuple(run for run in self.runs if not run.retried)

    @property
    def outcome(self) -> Outcome:
        """How it went; without any run it was skipped."""
        if not self.runs:
            return Outcome.SKIPPED
        over = [Outcome.PASSED if judgement.holds else Outcome.FAILED for judgement in self.over_runs]
        return worst([*(run.outcome for run in self.counted), *over])

    @property
    def seconds(self) -> float:
        """How long its runs took together."""
        return sum(run.seconds for run in self.runs)

    @property
    def exit_code(self) -> int:
        """1 where an expectation does not hold; of what could not be judged, its own."""
        if self.outcome is Outcome.FAILED:
            return int(ExitCode.CHECK_FAILED)
        errored = [run.exit_code for run in self.counted if run.outcome is Outcome.ERRORED]
        return errored[0] if errored else int(ExitCode.OK)


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """All checks of one call, in their order. `started` and `seconds` are those of the whole."""

    checks: tuple[CheckResult, ...]
    started: str
    seconds: float

    @property
    def outcome(self) -> Outcome:
        """How it went as a whole: what was skipped counts as an error, since nobody knows."""
        found = [check.outcome for check in self.checks]
        return worst([Outcome.ERRORED if each is Outcome.SKIPPED else each for each in found])

    @property
    def exit_code(self) -> int:
        """1 where any check failed; else that of the first which could not be judged, 0 where all passed."""
        codes = [check.exit_code for check in self.checks]
        if ExitCode.CHECK_FAILED in codes or self.outcome is Outcome.PASSED:
            return int(self.outcome is not Outcome.PASSED)
        return next((code for code in codes if code), int(ExitCode.CHECK_FAILED))

    def count(self, outcome: Outcome) -> int:
        """Return how many checks went so."""
        return sum(check.outcome is outcome for check in self.checks)
