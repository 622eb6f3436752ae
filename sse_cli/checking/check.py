"""One check: what is run, how often, and what is expected; how a run of it is made and judged."""

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from sse_cli.checking.ending import Ending
from sse_cli.checking.keeping import Keeping
from sse_cli.checking.sinks import Capture, CaptureSink, JudgeSink
from sse_cli.checking.snapshot import SnapshotSink, SnapshotTest
from sse_cli.core.expectations.facts import facts_of
from sse_cli.core.expectations.judge import Expectation, SeriesJudge
from sse_cli.core.meter import Meter
from sse_cli.core.pipeline import Pipeline, Plan
from sse_cli.core.results import CheckResult, Outcome, Run
from sse_cli.deadlines import Limits
from sse_cli.errors import SseError
from sse_cli.session import Session
from sse_cli.sinks.sink import Sink
from sse_cli.sources.source import Source

if TYPE_CHECKING:
    from sse_cli.following import Following

EXPECTED = ("verdict == complete",)
"""What is expected of a stream of which nothing is said."""


class Opening(NamedTuple):
    """What a run is made of. `expectations` are of this run alone, beside those of the check."""

    source: Source
    plan: Plan
    limits: Limits
    following: "Following | None" = None
    expectations: tuple[Expectation, ...] = ()


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """What is run and what is expected of it.

    `open` makes what a run needs, out of the values captured so far, and raises `SseError` where it cannot.
    A run that does not pass is run again up to `retries` times. Those of `needs` must have been captured.
    `snapshot` compares them with an earlier one.
    """

    name: str
    source: str
    open: Callable[[Mapping[str, str]], Opening]
    expectations: tuple[Expectation, ...]
    repeat: int = 1
    retries: int = 0
    fail_fast: bool = True
    captures: tuple[Capture, ...] = ()
    snapshot: SnapshotTest | None = None
    needs: frozenset[str] = frozenset()
    tags: tuple[str, ...] = ()
    command: str = ""
    file: str = ""
    line: int = 0

    @property
    def of_runs(self) -> list[Expectation]:
        """What is expected of each run."""
        return [expectation for expectation in self.expectations if not expectation.is_over_runs]

    @property
    def over_runs(self) -> list[Expectation]:
        """What is expected of all runs together."""
        return [expectation for expectation in self.expectations if expectation.is_over_runs]


class Made(NamedTuple):
    """A run, and what was captured in it."""

    run: Run
    captured: Mapping[str, str]


async def make_run(check: Check, number: int, captured: Mapping[str, str], keeping: Keeping) -> Made:
    """Run a check once. Never raises but for bugs: what goes wrong is told in the run."""
    started, begun = datetime.now(UTC).isoformat(timespec="milliseconds"), time.perf_counter()

    def told(error: SseError | None, **more: Any) -> Run:
        message, hint = (error.message, error.hint) if error is not None else ("", "")
        seconds = time.perf_counter() - begun
        return Run(number=number, started=started, seconds=seconds, error=message, hint=hint, **more)

    try:
        opening = check.open(captured)
        pipeline = Pipeline(opening.plan, Meter())
        pipeline.watch()  # `attempts[0].jumps == 0` must not hold for ids that nobody looked at
        captures, watching = CaptureSink(check.captures), SnapshotSink()
        judge = JudgeSink(
            [*check.of_runs, *opening.expectations],
            opening.source,
            pipeline,
            reconnects=opening.following is not None,
            fail_fast=check.fail_fast,
            # What is expected of all runs together may be told of by the end of each.
            is_wanted=lambda: bool(captures.missing or check.over_runs or check.snapshot),
        )
        kept = keeping.begin(check.name, number, opening.source, pipeline)
    except SseError as error:
        return Made(told(error, outcome=Outcome.ERRORED, exit_code=int(error.exit_code)), {})
    looking = [watching] if check.snapshot is not None else []
    sinks: list[Sink] = [*kept.sinks, *looking, captures, judge]
    session = Session(opening.source, pipeline, sinks, opening.limits, reconnecting=opening.following)
    judge.begin(session.stop)
    ended = await session.run()
    ending = Ending(ended, judge.judgements, captures.missing, [*check.expectations, *opening.expectations])
    outcome = ending.outcome
    run = told(
        ending.error,
        outcome=outcome,
        exit_code=ended.exit_code if outcome is Outcome.ERRORED else int(outcome is Outcome.FAILED),
        judgements=tuple(judge.judgements),
        summary=ended.summary,
        recording=kept.end(keep=outcome is not Outcome.PASSED),
        last_events=tuple(judge.last_events),
        observed=watching.observed if check.snapshot is not None and not judge.has_given_up else None,
    )
    return Made(run, captures.values)


def result_of(check: Check, runs: Sequence[Run]) -> CheckResult:
    """Put together what a check came to."""
    judge, snapshot = SeriesJudge(check.over_runs), check.snapshot
    for run in runs:
        if not run.retried and run.summary is not None:
            judge.note(facts_of(run.summary.as_dict(), None).said)
    over_runs = judge.close() if runs else []
    if snapshot is not None:
        over_runs = [*over_runs, *snapshot.judge(runs)]
    return CheckResult(
        name=check.name,
        source=check.source,
        runs=tuple(runs),
        over_runs=tuple(over_runs),
        command=check.command,
        file=check.file,
        line=check.line,
        tags=check.tags,
    )
