"""What is expected of several runs together."""

import pytest

from sse_cli.core.expectations.judge import SeriesJudge, compile_expectation
from tests.core.expectations.play import ANSWER, HEAD, Play, delta

LATE = [(0.75, delta(content="Hi")), (1.0, delta(content="!", finish="stop"))]
SAID = [
    *(Play(ANSWER).facts.said, Play(LATE).facts.said, Play([]).facts.said),
    Play(ANSWER[:3], ending="stopped").facts.said,
]
"""Of four runs, one is truncated and one is empty; text comes first after 0.375 s, 0.75 s and 0.375 s."""

FOUND = {
    "p50(first_content) < 500ms": (True, "375 ms (n 3 of 4)", "125 ms below the limit, 25 %"),
    "p95(first_content) < 500ms": (False, "712 ms (n 3 of 4)", "213 ms above the limit, 43 %"),
    "mean(first_content) == 0.5": (True, "500 ms (n 3 of 4)", ""),
    "max(first_content) <= 750ms": (True, "750 ms (n 3 of 4)", "at the limit"),
    "min(end) > 1s": (True, "1.50 s (n 4)", "500 ms above the limit, 50 %"),
    "stdev(end) == 0ms": (True, "0 ms (n 4)", ""),
    "n(first_content) == 4": (False, "3 of 4", ""),
    "n(end) >= 4": (True, "4", "at the limit"),
    "p50(events) >= 3": (False, "2 (n 4)", "1 below the limit, 33 %"),
    "mean(usage.raw.total_tokens) == 19": (True, "19 (n 1 of 4)", ""),
    "mean(attempts[0].status) == 200": (True, "200 (n 4)", ""),
    "p95(reported_tps) < 5": (None, "not measured", ""),
    "not p95(reported_tps) < 5": (None, "not measured", ""),
    "p95(reported_tps) exists": (False, "not measured", ""),
    "p95(reported_tps) == null": (True, "not measured", ""),
    "p95(end) != null": (True, "1.50 s (n 4)", ""),
    "runs == 4": (True, "4", ""),
    "runs in [1, 4]": (True, "4", ""),
    "success_rate >= 99%": (False, "50 % (2 of 4)", "49 points below the limit"),
    "success_rate >= 0.49": (True, "50 % (2 of 4)", "1 point above the limit"),
    "reconnect_rate == 0%": (True, "0 % (0 of 4)", ""),
    "success_rate > 99% or max(end) < 2s": (True, "1.50 s (n 4)", "500 ms below the limit, 25 %"),
}


@pytest.mark.parametrize("text", FOUND)
def test_runs_are_judged_together(text: str) -> None:
    expectation = compile_expectation(text)
    assert expectation.is_over_runs
    judge = SeriesJudge([expectation])
    for said in SAID:
        judge.note(said)
    (judgement,) = judge.close()
    (finding,) = judgement.findings
    holds = FOUND[text][0]
    assert (finding.holds, finding.seen, finding.margin) == FOUND[text]
    assert judgement.holds is (holds is True)
    assert (finding.event, finding.at) == (None, None)


def test_it_can_be_asked_after_every_run() -> None:
    judge = SeriesJudge(map(compile_expectation, ["runs >= 2", "success_rate == 100%"]))
    held = [[judgement.holds for judgement in judge.close()]]
    for said in SAID[:3]:
        judge.note(said)
        held.append([judgement.holds for judgement in judge.close()])
    assert held == [[False, False], [False, True], [True, False], [True, False]]


def test_a_number_beyond_all_bounds_is_none() -> None:
    judge = SeriesJudge([compile_expectation("max(usage.input) > 5")])
    judge.note({"usage": {"input": 10**400}})
    judge.note({"usage": {"input": 7}})
    assert judge.close()[0].findings[0].seen == "7 (n 1 of 2)"
    huge = Play([(0.25, delta(more={"usage": {"prompt_tokens": 10**400}}))], "usage.input > 1.5", head=HEAD)
    assert huge.judgements[0].holds
