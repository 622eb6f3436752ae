"""Checks in virtual time: how they come out, when they end, how often they run, and in which order."""

import asyncio
from collections.abc import Callable, Mapping, Sequence

import pytest

from sse_cli.checking.check import Check, Opening
from sse_cli.checking.keeping import KeepNothing
from sse_cli.checking.runner import Runner
from sse_cli.checking.sinks import Capture
from sse_cli.core.expectations.judge import compile_expectation
from sse_cli.core.extract import compile_path
from sse_cli.core.pipeline import Plan
from sse_cli.core.results import CheckResult, Outcome, Run
from sse_cli.deadlines import Limits
from sse_cli.errors import UsageError
from sse_cli.sources.source import Cut, Unreachable
from tests.sources.in_memory import FOR_EVER, MemorySource, Step, VirtualLoop

TICK = b"event: tick\ndata: {}\n\n"
DONE = b'data: {"object":"chat.completion.chunk","choices":[{"delta":{"content":"a"}}]}\n\ndata: [DONE]\n\n'


def check(
    *bodies: Sequence[Step] | MemorySource,
    expect: Sequence[str] = ("verdict == complete",),
    name: str = "it",
    limits: Limits | None = None,
    plan: Plan | None = None,
    **more: object,
) -> Check:
    """Return a check whose runs read the bodies, one after another."""
    sources = iter(body if isinstance(body, MemorySource) else MemorySource(body) for body in bodies)

    def open_next(_captured: Mapping[str, str]) -> Opening:
        return Opening(next(sources), plan or Plan(), limits or Limits())

    expectations = tuple(compile_expectation(text) for text in expect)
    values = {"open": open_next, "expectations": expectations, "name": name, "source": "memory", **more}
    return Check(**values)  # type: ignore[arg-type]


class Ran:
    """Checks that were run; `took` is how long that was, in virtual time."""

    def __init__(
        self,
        *checks: Check,
        parallel: int = 1,
        meanwhile: Callable[[VirtualLoop, "asyncio.Task[list[CheckResult]]"], None] | None = None,
    ) -> None:
        self.told: list[str] = []
        loop = VirtualLoop()
        begun = loop.time()

        async def run() -> list[CheckResult]:
            runner = Runner(checks, KeepNothing(), parallel, lambda result: self.told.append(result.name))
            return await runner.run()

        try:
            task = loop.create_task(run())
            if meanwhile is not None:
                meanwhile(loop, task)
            self.results = loop.run_until_complete(task)
        finally:
            loop.close()
        self.took = round(loop.time() - begun, 2)

    @property
    def result(self) -> CheckResult:
        return self.results[0]

    @property
    def run(self) -> Run:
        return self.result.runs[0]


OUTCOMES: dict[str, tuple[Sequence[Step] | MemorySource, Sequence[str], Outcome, int]] = {
    "a good stream": ([TICK], ["verdict == complete"], Outcome.PASSED, 0),
    "a cut one": ([TICK, Cut("broken")], ["verdict == complete"], Outcome.FAILED, 1),
    "one that was to be cut": ([TICK, Cut("broken")], ["verdict == truncated"], Outcome.PASSED, 0),
    "nobody there": (MemorySource(opening=[Unreachable("gone")]), ["events > 0"], Outcome.ERRORED, 3),
    "nobody, as expected": (
        MemorySource(opening=[Unreachable("gone")]),
        ["verdict == unreachable"],
        Outcome.PASSED,
        0,
    ),
    "a refusal": (MemorySource([b"no"], status=401), ["verdict == complete"], Outcome.FAILED, 1),
    "a refusal, as expected": (MemorySource([b"no"], status=401), ["status == 401"], Outcome.PASSED, 0),
    "one of two does not hold": ([TICK], ["events == 1", "events == 2"], Outcome.FAILED, 1),
}


def test_a_success_rate_counts_who_was_not_reached() -> None:
    gone = MemorySource(opening=[Unreachable("gone")])
    ran = Ran(check(gone, [TICK], [TICK], [TICK], expect=["success_rate >= 75%"], repeat=4))
    assert (ran.result.outcome, ran.result.exit_code) == (Outcome.PASSED, 0)


TOLD_WHY = {"a cut one", "nobody there", "a refusal"}


@pytest.mark.parametrize("name", OUTCOMES)
def test_how_a_run_comes_out(name: str) -> None:
    body, expect, outcome, code = OUTCOMES[name]
    ran = Ran(check(body, expect=expect))
    assert (ran.result.outcome, ran.result.exit_code) == (outcome, code)
    assert (ran.run.error != "") is (name in TOLD_WHY)


ENDS: dict[str, tuple[Sequence[Step], Sequence[str], Outcome, float]] = {
    "what has come is enough": ([1, TICK, FOR_EVER], ["events >= 1"], Outcome.PASSED, 1),
    "all of it is wanted": ([1, TICK, 4, TICK], ["events >= 1", "verdict == complete"], Outcome.PASSED, 5),
    "too much came": ([1, TICK, 1, TICK, FOR_EVER], ["events <= 1"], Outcome.FAILED, 2),
    "time has passed": ([FOR_EVER], ["first_event < 500ms"], Outcome.FAILED, 0.5),
    "it was in time": ([0.4, TICK, 9], ["first_event < 500ms"], Outcome.PASSED, 0.4),
    "a wrong event came": ([1, TICK, 1, b"event: x\ndata: a\n\n", 9], ["no event == x"], Outcome.FAILED, 2),
    "the end never came": ([1, TICK, FOR_EVER], ["end < 3s"], Outcome.FAILED, 3),
}


@pytest.mark.parametrize("name", ENDS)
def test_it_ends_as_soon_as_all_is_told(name: str) -> None:
    body, expect, outcome, seconds = ENDS[name]
    ran = Ran(check(body, expect=expect))
    assert ran.result.outcome is outcome
    assert ran.took == pytest.approx(seconds, abs=0.01)


def test_what_was_not_known_when_it_ended_neither_holds_nor_fails() -> None:
    expect = ["events <= 1", "first_event < 9s", "last event == tick", "events <= 5"]
    ran = Ran(check([1, TICK + TICK, FOR_EVER], expect=expect))
    assert [judgement.holds for judgement in ran.run.judgements] == [False, True, None, None]


def test_without_fail_fast_it_goes_on() -> None:
    ran = Ran(check([1, TICK, 1, TICK, 7], expect=["events <= 1"], fail_fast=False))
    assert (ran.result.outcome, ran.took) == (Outcome.FAILED, 9)
    (judgement,) = ran.run.judgements
    assert judgement.findings[0].seen == "2"


def test_repeats_are_judged_each_and_together() -> None:
    bodies = [[0.1 * number, TICK] for number in range(1, 6)]
    ran = Ran(check(*bodies, expect=["max(first_event) < 600ms", "runs == 5"], repeat=5))
    assert ran.result.outcome is Outcome.PASSED
    assert [run.number for run in ran.result.runs] == [1, 2, 3, 4, 5]
    assert ran.took == pytest.approx(1.5)
    late = Ran(check(*bodies, expect=["max(first_event) < 400ms"], repeat=5))
    assert (late.result.outcome, late.result.exit_code) == (Outcome.FAILED, 1)
    assert [run.outcome for run in late.result.runs] == [Outcome.PASSED] * 5


def test_what_did_not_pass_is_run_again() -> None:
    ran = Ran(check([Cut("one")], [Cut("two")], [TICK], retries=2))
    assert ran.result.outcome is Outcome.PASSED
    assert [run.retried for run in ran.result.runs] == [True, True, False]
    assert [run.number for run in ran.result.runs] == [1, 1, 1]
    never = Ran(check([Cut("one")], [Cut("two")], retries=1))
    assert never.result.outcome is Outcome.FAILED
    assert len(never.result.runs) == 2


def test_checks_run_one_after_another_or_side_by_side() -> None:
    checks = lambda: [check([1, TICK], name=name) for name in "abc"]  # noqa: E731
    assert Ran(*checks()).took == 3
    assert Ran(*checks(), parallel=2).took == 2
    assert Ran(*checks(), parallel=3).took == 1
    slow_first = Ran(check([3, TICK], name="slow"), check([1, TICK], name="fast"), parallel=2)
    assert slow_first.told == ["fast", "slow"]
    assert [result.name for result in slow_first.results] == ["slow", "fast"]


def capture(name: str, path: str) -> Capture:
    return Capture(name, path, compile_path(path))


def test_values_are_captured_and_given_to_who_needs_them() -> None:
    seen: list[Mapping[str, str]] = []

    def open_with(captured: Mapping[str, str]) -> Opening:
        seen.append(captured)
        return Opening(MemorySource([TICK]), Plan(), Limits())

    giver = check(
        [b"data: x\n\n", 1, b'data: {"id": 7}\n\n', FOR_EVER],
        expect=["events >= 1"],
        name="giver",
        captures=(capture("id", "$.id"),),
    )
    taker = check(name="taker", needs=frozenset({"id"}), open=open_with)
    ran = Ran(giver, taker, parallel=2)
    assert [result.outcome for result in ran.results] == [Outcome.PASSED, Outcome.PASSED]
    assert seen == [{"id": "7"}]
    assert ran.took == 1, "the stream was kept open for it, and no longer"


def test_who_needs_what_was_not_captured_is_skipped() -> None:
    giver = check([TICK], name="giver", captures=(capture("id", "$.id"),))
    taker = check([TICK], name="taker", needs=frozenset({"id"}))
    ran = Ran(giver, taker)
    assert [result.outcome for result in ran.results] == [Outcome.FAILED, Outcome.SKIPPED]
    assert "nothing was captured for id ($.id)" in ran.run.error


def test_what_cannot_be_opened_is_told() -> None:
    def fail(_captured: Mapping[str, str]) -> Opening:
        raise UsageError("not a URL: x", "It should look like https://host/path.")

    ran = Ran(check(open=fail))
    assert (ran.result.outcome, ran.result.exit_code) == (Outcome.ERRORED, 2)
    assert (ran.run.error, ran.run.hint) == ("not a URL: x", "It should look like https://host/path.")


def test_ctrl_c_ends_what_runs_and_leaves_out_the_rest() -> None:
    def cancel(loop: VirtualLoop, task: "asyncio.Task[list[CheckResult]]") -> None:
        loop.call_later(2, task.cancel)

    ran = Ran(
        check([TICK], name="over"),
        check([TICK, FOR_EVER], name="runs", repeat=2),
        check([TICK], name="waits"),
        meanwhile=cancel,
    )
    over, runs, waits = ran.results
    assert over.outcome is Outcome.PASSED
    assert (runs.outcome, runs.exit_code, len(runs.runs)) == (Outcome.ERRORED, 130, 1)
    assert waits.outcome is Outcome.SKIPPED
    assert ran.took == 2


def test_the_last_events_are_kept() -> None:
    events = [b"event: x\ndata: %d\n\n" % number for number in range(9)]
    ran = Ran(check([*events, b"data: " + b"y" * 5000 + b"\n\n"], expect=["events == 0"], fail_fast=False))
    assert ran.run.last_events[:4] == ("x: 5", "x: 6", "x: 7", "x: 8")
    assert len(ran.run.last_events[4]) == 2000


def test_ids_are_looked_at_without_reconnecting() -> None:
    ids = [b"id: %d\ndata: x\n\n" % number for number in (1, 2, 3, 5)]
    assert Ran(check(ids[:3], expect=["attempts[0].jumps == 0"])).result.outcome is Outcome.PASSED
    ran = Ran(check(ids, expect=["attempts[0].jumps == 0"]))
    assert (ran.result.outcome, ran.run.judgements[0].findings[0].seen) == (Outcome.FAILED, "1")


def test_the_end_marker_is_no_end_before_all_is_told() -> None:
    ran = Ran(check([DONE], expect=["verdict == complete", "last data == '[DONE]'"]))
    assert ran.result.outcome is Outcome.PASSED
