"""The expectations of a check, each with how it fared in every run that counts, or over all together."""

from collections.abc import Iterator

import msgspec

from sse_cli.core.expectations.judge import Finding, Judgement
from sse_cli.core.results import CheckResult, Outcome, Report, Run


class Judged(msgspec.Struct, frozen=True):
    """One judgement of an expectation: that of a run or, without one, over all runs."""

    judgement: Judgement
    run: Run | None = None


class Case(msgspec.Struct, frozen=True):
    """An expectation, with each time that it was judged: once at least."""

    text: str
    judged: tuple[Judged, ...]

    @property
    def failed(self) -> tuple[Judged, ...]:
        """The times that it did not hold."""
        return tuple(each for each in self.judged if each.judgement.holds is False)

    @property
    def held(self) -> tuple[Judged, ...]:
        """The times that it held."""
        return tuple(each for each in self.judged if each.judgement.holds)

    @property
    def outcome(self) -> Outcome:
        """How it went: it is skipped if each run was ended before that was known."""
        if self.failed:
            return Outcome.FAILED
        return Outcome.PASSED if self.held else Outcome.SKIPPED

    @property
    def telling(self) -> Judged:
        """The time to look at: the first that it did not hold, if there is one."""
        return (*self.failed, *self.held, *self.judged)[0]


IS_JUDGED = "is judged"


class Point(msgspec.Struct, frozen=True):
    """What other formats call a test, and how it went.

    It is an expectation, or whether a check could be judged at all: that is told where it could not, or where
    nothing else can be told. `reason` is why it was skipped.
    """

    name: str
    outcome: Outcome
    case: Case | None = None
    reason: str = ""


UNTOLD = "the run was ended before this was known"


def points(check: CheckResult) -> list[Point]:
    """Return the tests that a check amounts to: one at least."""
    found = [Point(case.text, case.outcome, case, UNTOLD) for case in cases(check)]
    if not found or check.outcome in (Outcome.ERRORED, Outcome.SKIPPED):
        found.append(Point(IS_JUDGED, check.outcome, reason=check.reason))
    return found


def cases(check: CheckResult) -> list[Case]:
    """Return the expectations of a check, in their order; those over its runs come last."""
    columns: dict[int, list[Judged]] = {}
    for run in judged_runs(check):
        for place, judgement in enumerate(run.judgements):
            columns.setdefault(place, []).append(Judged(judgement, run))
    all_judged = [*columns.values(), *([Judged(judgement)] for judgement in check.over_runs)]
    return [Case(judged[0].judgement.text, tuple(judged)) for judged in all_judged]


def judged_runs(check: CheckResult) -> list[Run]:
    """Return the runs that count and could be judged."""
    return [run for run in check.counted if run.outcome in (Outcome.PASSED, Outcome.FAILED)]


def failed_runs(check: CheckResult) -> list[Run]:
    """Return the runs that count and failed."""
    return [run for run in check.counted if run.outcome is Outcome.FAILED]


def errored_runs(check: CheckResult) -> list[Run]:
    """Return the runs that count and could not be judged."""
    return [run for run in check.counted if run.outcome is Outcome.ERRORED]


def bad_runs(check: CheckResult) -> list[Run]:
    """Return the runs that count and did not pass: first those that could not be judged."""
    return [*errored_runs(check), *failed_runs(check)]


def retried_runs(check: CheckResult) -> list[Run]:
    """Return the runs that were run again, and do not count."""
    return [run for run in check.runs if run.retried]


def all_cases(report: Report) -> Iterator[Case]:
    """Give the expectations of all checks."""
    for check in report.checks:
        yield from cases(check)


def is_plain(judgement: Judgement) -> bool:
    """Tell whether all that there is to say of a judgement is one finding, of the whole expectation."""
    findings = judgement.findings
    return len(findings) == 1 and findings[0].claim == judgement.claim


def spread(case: Case) -> list[Finding]:
    """Return the findings with the least, the middle and the greatest value, if all have comparable ones."""
    found = [each.judgement.findings[0] for each in case.judged if is_plain(each.judgement)]
    if len(found) < len(case.judged) or len({finding.unit for finding in found}) > 1:
        return []
    numbers = [(finding.value, place) for place, finding in enumerate(found) if _is_number(finding.value)]
    if len(numbers) < len(found):
        return []
    in_order = [found[place] for _, place in sorted(numbers)]
    return [in_order[0], in_order[(len(in_order) - 1) // 2], in_order[-1]]


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
