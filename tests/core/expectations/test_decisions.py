"""While a run goes on: what is decided stays decided, and comes as soon as it can be told."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sse_cli.core.expectations.facts import facts_so_far
from sse_cli.core.expectations.judge import Decision, Judge, compile_expectation
from sse_cli.core.expectations.vocabulary import figures
from sse_cli.core.items import Chunk, Opened
from sse_cli.core.meter import Meter
from sse_cli.core.pipeline import Pipeline, Plan
from tests.core.expectations.claims import CLAIMS
from tests.core.expectations.play import ANSWER, HEAD, START, Play, Script, delta, event

OPEN, HOLDS, IMPOSSIBLE = Decision.OPEN, Decision.HOLDS, Decision.IMPOSSIBLE

BLOCKS = st.sampled_from(
    [
        event("a", "start"),
        event({"n": 2}, "token"),
        event({"n": 0, "x": "b"}, "token"),
        event("b", "end"),
        event("[DONE]"),
        delta(content="a"),
        delta(content="bc") * 2,
        delta(reasoning_content="Hm"),
        delta(finish="stop"),
        delta(more={"usage": {"prompt_tokens": 1, "completion_tokens": 3, "total_tokens": 9}}),
        event({"error": {"message": "overloaded", "code": 529}}, "error"),
        b": ping\n\n",
        b"retry: soon\n\n",
    ]
)
SCRIPTS = st.lists(st.tuples(st.sampled_from([0.0, 0.0625, 0.25, 0.5, 1.0]), BLOCKS), max_size=6)


def at_times(steps: Sequence[tuple[float, bytes]]) -> tuple[list[tuple[float, bytes]], float]:
    """Return chunks, each so long after the one before, and the time of the last."""
    at, script = HEAD.at - START, []
    for step, data in steps:
        at += step
        script.append((at, data))
    return script, at


@settings(max_examples=600, deadline=None, database=None)
@given(
    texts=st.lists(CLAIMS, min_size=1, max_size=4),
    steps=SCRIPTS,
    rest=st.sampled_from([0.0, 0.25, 2.0]),
    dialect=st.sampled_from(["openai-chat", "auto", "none"]),
    ending=st.sampled_from(["eof", "cut", "stopped"]),
    reconnects=st.booleans(),
)
def test_what_is_decided_stays_and_is_what_comes_of_it(
    texts: list[str],
    steps: list[tuple[float, bytes]],
    rest: float,
    dialect: str,
    ending: str,
    reconnects: bool,
) -> None:
    script, last = at_times(steps)
    setting = {"end": last + rest, "ending": ending, "reconnects": reconnects, "plan": Plan(dialect=dialect)}
    live = Play(script, *texts, **setting)  # type: ignore[arg-type]
    plain = Play(script, *texts, live=False, **setting)  # type: ignore[arg-type]
    for number, text in enumerate(texts):
        course = [decisions[number] for decisions in live.decisions]
        decided = [decision for decision in course if decision is not OPEN]
        assert len(set(decided)) <= 1, text
        assert not decided or course[-len(decided) :] == decided, text
        assert live.judgements[number].holds == plain.judgements[number].holds, text
        assert not decided or live.judgements[number].holds == (decided[0] is HOLDS), text


VALUES = {
    "seconds": ["0ms", "62.5ms", "125ms", "250ms", "0.3", "500ms", "1s", "1.75s"],
    "count": ["0", "1", "2", "3", "4", "6"],
    "bytes": ["0", "30", "100", "1KB"],
    "number": ["200", "404"],
}
OF_NUMBERS = [
    f"{figure.name} {operator} {f'[{value}]' if operator == 'in' else value}"
    for figure in figures().values()
    for operator in figure.unit.operators
    for value in VALUES.get(figure.unit.name, [])
]


@pytest.mark.parametrize("reconnects", [False, True])
@pytest.mark.parametrize("end", [1.4375, 3.0])
@pytest.mark.parametrize("script", [ANSWER, ANSWER[:2], ANSWER[3:6], [], [(0.25, ANSWER[3][1])] * 3])
def test_of_every_number_what_is_decided_stays(script: Script, end: float, reconnects: bool) -> None:
    live = Play(script, *OF_NUMBERS, end=end, reconnects=reconnects)
    plain = Play(script, *OF_NUMBERS, end=end, reconnects=reconnects, live=False)
    for number, text in enumerate(OF_NUMBERS):
        course = [decisions[number] for decisions in live.decisions]
        decided = [decision for decision in course if decision is not OPEN]
        assert course == [OPEN] * (len(course) - len(decided)) + decided[:1] * len(decided), text
        assert live.judgements[number].holds == plain.judgements[number].holds, text
        assert not decided or live.judgements[number].holds == (decided[0] is HOLDS), text


@settings(max_examples=300, deadline=None, database=None)
@given(text=CLAIMS, steps=SCRIPTS, waits=st.lists(st.sampled_from([0.0, 0.1, 0.7]), min_size=1, max_size=9))
def test_looking_more_often_or_when_the_moment_has_come_changes_nothing(
    text: str, steps: list[tuple[float, bytes]], waits: list[float]
) -> None:
    script, _ = at_times(steps)
    judge = Judge([compile_expectation(text)])
    pipeline = Pipeline(Plan(dialect="openai-chat"), Meter(START))
    pipeline.open(HEAD)
    seen: list[Decision] = []

    def look(at: float) -> None:
        judge.look(facts_so_far(pipeline, HEAD, at))
        seen.extend(judge.decisions)

    look(HEAD.at)
    for number, (at, data) in enumerate(script):
        now = START + at
        while (moment := judge.moment) is not None and moment <= now:
            look(moment)
        look(now - waits[number % len(waits)] * 1e-3)
        for item in pipeline.feed(Chunk(data, now)):
            if hasattr(item, "event"):
                judge.note(item)
        look(now)
    decided = [decision for decision in seen if decision is not OPEN]
    assert not decided or seen[-len(decided) :] == [decided[0]] * len(decided)


TOKEN = event({"n": 1}, "token")
TOKENS = [(0.25, event("a", "start")), (0.5, TOKEN + TOKEN), (1.0, TOKEN), (1.25, event("b", "end"))]

COURSES = {  # what is said at first, after the head, and after each of the reads above
    "events <= 3": [OPEN, OPEN, OPEN, OPEN, IMPOSSIBLE, IMPOSSIBLE],
    "events >= 3": [OPEN, OPEN, OPEN, HOLDS, HOLDS, HOLDS],
    "events == 3": [OPEN, OPEN, OPEN, OPEN, IMPOSSIBLE, IMPOSSIBLE],
    "events != 3": [OPEN, OPEN, OPEN, OPEN, HOLDS, HOLDS],
    "events in [2, 3]": [OPEN, OPEN, OPEN, OPEN, IMPOSSIBLE, IMPOSSIBLE],
    "chunks < 3": [OPEN, OPEN, OPEN, OPEN, IMPOSSIBLE, IMPOSSIBLE],
    "first_event < 300ms": [OPEN, OPEN, HOLDS, HOLDS, HOLDS, HOLDS],
    "first_event < 200ms": [OPEN, OPEN, IMPOSSIBLE, IMPOSSIBLE, IMPOSSIBLE, IMPOSSIBLE],
    "first_content < 1s": [OPEN, OPEN, OPEN, OPEN, IMPOSSIBLE, IMPOSSIBLE],
    "first_content > 1s": [OPEN, OPEN, OPEN, OPEN, OPEN, OPEN],
    "not first_content < 1s": [OPEN, OPEN, OPEN, OPEN, OPEN, OPEN],
    "event_gap.max < 400ms": [OPEN, OPEN, OPEN, OPEN, IMPOSSIBLE, IMPOSSIBLE],
    "event_gap.min > 100ms": [OPEN, OPEN, OPEN, IMPOSSIBLE, IMPOSSIBLE, IMPOSSIBLE],
    "event_gap.mean > 100ms": [OPEN] * 6,
    "longest_silence < 400ms": [OPEN, OPEN, OPEN, OPEN, IMPOSSIBLE, IMPOSSIBLE],
    "end < 1s": [OPEN, OPEN, OPEN, OPEN, IMPOSSIBLE, IMPOSSIBLE],
    "end >= 1s": [OPEN, OPEN, OPEN, OPEN, HOLDS, HOLDS],
    "status == 200": [OPEN, HOLDS, HOLDS, HOLDS, HOLDS, HOLDS],
    "header.nothing == x": [OPEN, IMPOSSIBLE, IMPOSSIBLE, IMPOSSIBLE, IMPOSSIBLE, IMPOSSIBLE],
    "header.nothing == null": [OPEN, HOLDS, HOLDS, HOLDS, HOLDS, HOLDS],
    "connect exists": [OPEN, HOLDS, HOLDS, HOLDS, HOLDS, HOLDS],
    "verdict == complete": [OPEN] * 6,
    "some event == token": [OPEN, OPEN, OPEN, HOLDS, HOLDS, HOLDS],
    "every event == start": [OPEN, OPEN, OPEN, IMPOSSIBLE, IMPOSSIBLE, IMPOSSIBLE],
    "no event == end": [OPEN, OPEN, OPEN, OPEN, OPEN, IMPOSSIBLE],
    "first event == start": [OPEN, OPEN, HOLDS, HOLDS, HOLDS, HOLDS],
    "first event == token": [OPEN, OPEN, IMPOSSIBLE, IMPOSSIBLE, IMPOSSIBLE, IMPOSSIBLE],
    "last event == token": [OPEN] * 6,
    "not some event == token": [OPEN, OPEN, OPEN, IMPOSSIBLE, IMPOSSIBLE, IMPOSSIBLE],
    "count(event == token) > 2": [OPEN, OPEN, OPEN, OPEN, HOLDS, HOLDS],
    "count(event == token) < 2": [OPEN, OPEN, OPEN, IMPOSSIBLE, IMPOSSIBLE, IMPOSSIBLE],
    "count(event == token) == 2": [OPEN, OPEN, OPEN, OPEN, IMPOSSIBLE, IMPOSSIBLE],
    "order: start, token": [OPEN, OPEN, OPEN, HOLDS, HOLDS, HOLDS],
    "order: token, start": [OPEN, OPEN, IMPOSSIBLE, IMPOSSIBLE, IMPOSSIBLE, IMPOSSIBLE],
    "order: start, other, end": [OPEN, OPEN, OPEN, OPEN, OPEN, IMPOSSIBLE],
    "order: start, other": [OPEN] * 6,
    "events >= 3 or verdict == complete": [OPEN, OPEN, OPEN, HOLDS, HOLDS, HOLDS],
    "events <= 3 or verdict == complete": [OPEN] * 6,
    "events <= 3 and verdict == complete": [OPEN, OPEN, OPEN, OPEN, IMPOSSIBLE, IMPOSSIBLE],
    "not (events >= 3 and status == 200)": [OPEN, OPEN, OPEN, IMPOSSIBLE, IMPOSSIBLE, IMPOSSIBLE],
}


@pytest.mark.parametrize("text", COURSES)
def test_it_is_told_as_soon_as_it_is_decided(text: str) -> None:
    play = Play(TOKENS, text)
    assert [decisions[0] for decisions in play.decisions] == COURSES[text]


TALK = [(0.25, delta(role="assistant")), (0.5, delta(content="Pa")), (1.0, delta(content="ris") + b": x\n\n")]
SPOKEN = {
    "text contains Paris": [OPEN, OPEN, OPEN, OPEN, HOLDS],
    "text contains P": [OPEN, OPEN, OPEN, HOLDS, HOLDS],
    "not text contains aris": [OPEN, OPEN, OPEN, OPEN, IMPOSSIBLE],
    "text exists": [OPEN, OPEN, OPEN, HOLDS, HOLDS],
    "text == null": [OPEN, OPEN, OPEN, IMPOSSIBLE, IMPOSSIBLE],
    "text ~ Paris": [OPEN] * 5,
    "reasoning exists": [OPEN] * 5,
    "first_content < 1s": [OPEN, OPEN, OPEN, HOLDS, HOLDS],
    "gap exists": [OPEN, OPEN, OPEN, OPEN, HOLDS],
    "gap.n < 1": [OPEN, OPEN, OPEN, OPEN, IMPOSSIBLE],
    "comments == 0": [OPEN, OPEN, OPEN, OPEN, IMPOSSIBLE],
    "dialect == openai-chat": [OPEN, HOLDS, HOLDS, HOLDS, HOLDS],
    "last_content > 600ms": [OPEN, OPEN, OPEN, OPEN, HOLDS],
    "error == null": [OPEN] * 5,
}


@pytest.mark.parametrize("text", SPOKEN)
def test_of_an_answer_it_is_told_as_soon_as_it_is_decided(text: str) -> None:
    play = Play(TALK, text)
    assert [decisions[0] for decisions in play.decisions] == SPOKEN[text]


@pytest.mark.parametrize("text", ["status == 200", "header.x-region exists", "error == null"])
def test_where_another_connection_may_come_nothing_is_told_of_one_alone(text: str) -> None:
    script = [*TALK, (1.25, event({"error": {"message": "overloaded"}}, "error"))]
    play = Play(script, text, reconnects=True)
    assert {decisions[0] for decisions in play.decisions} == {OPEN}
    assert play.judgements[0].holds == (text != "error == null")


def test_an_error_ends_the_hope_for_none() -> None:
    script = [*TALK, (1.25, event({"error": {"message": "overloaded"}}, "error"))]
    play = Play(script, "error == null", "error contains over")
    assert play.decisions[-1] == [IMPOSSIBLE, HOLDS]
    assert play.decisions[-2] == [OPEN, OPEN]


def look(judge: Judge, at: float, head: Opened | None = HEAD) -> list[Decision]:
    pipeline = Pipeline(Plan(), Meter(None if head is None else START))
    if head is not None:
        pipeline.open(head)
    judge.look(facts_so_far(pipeline, head, at, START))
    return list(judge.decisions)


MOMENTS = {
    "first_content < 500ms": 0.5,
    "first_content <= 500ms": 0.500001,
    "first_content == 500ms": 0.500001,
    "first_content in [1s, 500ms]": 1.000001,
    "end < 2s": 2.0,
    "end > 2s": 2.000001,
    "end >= 2s": 2.0,
    "end != 2s": 2.000001,
    "longest_silence < 300ms": 0.3625,
    "longest_silence >= 300ms": 0.3625,
    "last_content < 500ms": None,
    "gap.max < 500ms": None,
    "connect < 500ms": None,
    "events < 5": None,
    "status == 200": None,
    "some data == x": None,
    "first_event < 2s and first_content < 1s": 1.0,
    "status == 200 or first_content < 1s": None,
    "status == 404 and first_content < 1s": None,
    "not end < 2s": 2.0,
    "first_content exists": None,
    "first_content == null": None,
}


@pytest.mark.parametrize("text", MOMENTS)
def test_the_moment_is_told_at_which_time_alone_decides(text: str) -> None:
    judge = Judge([compile_expectation(text)])
    assert judge.moment is None
    before = look(judge, HEAD.at)
    moment = MOMENTS[text]
    if moment is None:
        assert judge.moment is None
        return
    assert judge.moment == pytest.approx(START + moment, abs=1e-9)
    assert before == [OPEN]
    assert look(judge, START + moment - 2e-6) == [OPEN]
    at = judge.moment
    assert at is not None
    assert look(judge, at) != [OPEN]
    assert judge.moment is None


def test_a_moment_that_decides_nothing_is_followed_by_no_other() -> None:
    judge = Judge([compile_expectation("first_content > 500ms")])
    assert look(judge, START + 0.5) == [OPEN]
    assert judge.moment == pytest.approx(START + 0.500001)
    assert look(judge, START + 0.6) == [OPEN]  # it may be measured never
    assert judge.moment is None


def test_the_clock_runs_before_the_head_has_come() -> None:
    judge = Judge([compile_expectation("headers < 200ms")])
    assert look(judge, START + 0.125, None) == [OPEN]
    assert judge.moment == pytest.approx(START + 0.2)
    assert look(judge, START + 0.25, None) == [IMPOSSIBLE]


def test_what_time_has_decided_is_not_told_to_be_measured() -> None:
    play = Play([(0.25, TOKEN)], "first_content < 500ms", end=0.75)
    (finding,) = play.judgements[0].findings
    assert finding.holds is None
    assert finding.seen == "not measured after 750 ms"
