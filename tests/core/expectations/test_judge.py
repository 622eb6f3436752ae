"""At the end of a run: whether each expectation holds, what was seen, by how much, and where."""

import operator
from collections.abc import Callable, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sse_cli.core.expectations.facts import facts_of
from sse_cli.core.expectations.judge import Decision, Judge, compile_expectation
from sse_cli.core.expectations.reach import RANGES, reach
from sse_cli.core.expectations.texts import MOST_TEXT, TOO_LONG
from sse_cli.core.items import Content, Event, Reading
from sse_cli.core.logic import FALSE, TRUE
from sse_cli.core.pipeline import Plan
from sse_cli.core.secrets import Secrets
from sse_cli.core.units import excerpt
from tests.core.expectations.play import ANSWER, HEAD, START, Play, delta, event

Seen = tuple[bool | None, str, str, int | None, float | None]
"""Whether it holds, what was seen, the margin, the event's number and the time."""

FOUND: dict[str, Seen] = {
    "first_content < 500ms": (True, "375 ms", "125 ms below the limit, 25 %", None, 0.375),
    "first_content < 250ms": (False, "375 ms", "125 ms above the limit, 50 %", None, 0.25),
    "first_content <= 0.375": (True, "375 ms", "at the limit", None, 0.375),
    "first_content >= 370ms": (True, "375 ms", "5.0 ms above the limit, 1.4 %", None, 0.375),
    "first_content > 0ms": (True, "375 ms", "375 ms above the limit", None, 0.375),
    "first_content == 375ms": (True, "375 ms", "", None, 0.375),
    "first_content != 375ms": (False, "375 ms", "", None, 0.375),
    "first_content in [1s, 0.375]": (True, "375 ms", "", None, 0.375),
    "first_content exists": (True, "375 ms", "", None, 0.375),
    "first_answer < 1s": (True, "500 ms", "500 ms below the limit, 50 %", None, 0.5),
    "end < 1s": (False, "1.50 s", "500 ms above the limit, 50 %", None, 1.0),
    "end < 2s": (True, "1.50 s", "500 ms below the limit, 25 %", None, None),
    "gap.max < 400ms": (False, "500 ms", "100 ms above the limit, 25 %", None, 1.0),
    "gap.n == 4": (True, "4", "", None, None),
    "gap exists": (True, "measured", "", None, 0.5),
    "bytes < 1KB": (False, "1.3 KB", "291 B above the limit, 29 %", None, 1.375),
    "burst.share > 10%": (True, "44.44 %", "34.44 points above the limit", None, None),
    "burst.max <= 2": (True, "2", "at the limit", None, None),
    "tokens.output > 10": (True, "12", "2 above the limit, 20 %", None, None),
    "tokens.estimated == false": (True, "false", "", None, None),
    "tokens_per_second > 10": (True, "14.7/s", "4.67/s above the limit, 47 %", None, None),
    "events <= 5": (False, "9", "4 above the limit, 80 %", 6, 1.125),
    "events >= 9": (True, "9", "at the limit", 9, 1.375),
    "comments == 1": (True, "1", "", None, None),
    "anomalies == 0": (False, "2", "", None, 0.125),
    "reported_tps > 5": (None, "not measured", "", None, None),
    "reported_tps == null": (True, "not measured", "", None, None),
    "reported_tps exists": (False, "not measured", "", None, None),
    "usage exists": (True, "measured", "", None, None),
    "usage.reasoning == 3": (True, "3", "", None, None),
    "usage.raw.total_tokens > 10": (True, "19", "", None, None),
    "usage.raw.nothing > 10": (None, "none", "", None, None),
    "verdict == complete": (True, '"complete"', "", None, None),
    "verdict != complete": (False, '"complete"', "", None, None),
    "exit_code == 0": (True, "0", "", None, None),
    "status == 200": (True, "200", "", None, 0.0625),
    "status >= 400": (False, "200", "200 below the limit, 50 %", None, 0.0625),
    "finish in [stop, length]": (True, '"stop"', "", None, None),
    "finish == length": (False, '"stop"', "", None, None),
    "error == null": (True, "none", "", None, None),
    "error contains x": (None, "none", "", None, None),
    "error.code != 529": (None, "none", "", None, None),
    "dialect == openai-chat": (True, '"openai-chat"', "", None, 0.0625),
    "content_type contains event-stream": (True, '"text/event-stream"', "", None, 0.0625),
    "header.x-region == eu-1": (True, '"eu-1"', "", None, 0.0625),
    "header.X-REGION ~ ^us": (False, '"eu-1"', "", None, 0.0625),
    "header.set-cookie contains abcd": (True, '"***"', "", None, 0.0625),
    "header.nothing == x": (None, "none", "", None, 0.0625),
    "header.nothing exists": (False, "none", "", None, 0.0625),
    "text == 'Rome is hot.'": (True, '"Rome is hot."', "", None, None),
    "text !~ cold": (True, '"Rome is hot."', "", None, None),
    "text contains 'is hot'": (True, '"Rome is hot."', "", None, None),
    "text contains cold": (False, '"Rome is hot."', "", None, None),
    "reasoning ~ '^Hm'": (True, '"Hm, Rome?"', "", None, None),
    "tool_calls[0].name == weather": (True, '"weather"', "", None, None),
    "tool_calls[*].complete == true": (True, "true", "", None, None),
    "tool_calls[1].name == weather": (None, "none", "", None, None),
    "attempts[0].status == 200": (True, "200", "", None, None),
    "some $.usage exists": (True, 'event 8: {"prompt_tokens":7', "", 8, 1.375),
    "some $.error exists": (False, "none of 9 events", "", None, None),
    "no $.error exists": (True, "none of 9 events", "", None, None),
    "no data == [DONE]": (False, 'event 9: "[DONE]"', "", 9, 1.375),
    "every data ~ '^[{[]'": (True, "each of 9 events", "", None, None),
    "every $.choices exists": (False, 'event 9: no $.choices in "[DONE]"', "", 9, 1.375),
    "every ($.choices exists and event == message)": (False, 'event 9: message "[DONE]"', "", 9, 1.375),
    "every $.choices[0].delta.content == hot": (False, 'event 1: ""', "", 1, 0.25),
    "first $.choices[0].delta.role == assistant": (True, 'event 1: "assistant"', "", 1, 0.25),
    "last data == [DONE]": (True, 'event 9: "[DONE]"', "", 9, 1.375),
    "last event == done": (False, 'event 9: "message"', "", 9, 1.375),
    "last n == 9": (True, "event 9: 9", "", 9, 1.375),
    "count($.choices exists) >= 3": (True, "8 events", "5 above the limit, 167 %", 3, 0.5),
    "count($.usage exists) <= 1": (True, "1 event", "at the limit", None, None),
    "count(data == [DONE]) == 2": (False, "1 event", "", None, None),
    "order: message": (True, "message 1", "", 1, 0.25),
    "order: start, message": (False, "event 1 is message, before any start", "", 1, 0.25),
    "order: message, done": (False, "message 1, no done", "", None, None),
    "order: start": (False, "no start", "", None, None),
}


@pytest.mark.parametrize("text", FOUND)
def test_it_is_told_what_was_seen_and_where(text: str) -> None:
    holds, seen, margin, number, at = FOUND[text]
    (judgement,) = Play(ANSWER, text).judgements
    (finding,) = judgement.findings
    assert (finding.holds, finding.margin, finding.event, finding.at) == (holds, margin, number, at)
    assert finding.seen.startswith(seen) if "{" in seen else finding.seen == seen
    assert judgement.holds is (holds is True)


def test_what_was_seen_is_a_value_with_a_unit_as_well() -> None:
    play = Play(
        ANSWER, "first_content < 1s", "bytes < 1MB", "text contains x", "usage exists", "finish == stop"
    )
    values = [(finding.value, finding.unit) for it in play.judgements for finding in it.findings]
    assert values == [
        (0.375, "seconds"),
        (1291, "bytes"),
        (None, "text"),
        (None, "figures"),
        ("stop", "text"),
    ]


WHOLE = {  # of several claims, those that account for it
    "events == 9 and end < 1s and status == 404": (False, ["end < 1s", "status == 404"]),
    "events == 9 and end < 2s": (True, ["events == 9", "end < 2s"]),
    "events == 9 or end < 1s": (True, ["events == 9"]),
    "events == 8 or end < 1s": (False, ["events == 8", "end < 1s"]),
    "not events == 9": (False, ["not events == 9"]),
    "not (events == 9 and end < 2s)": (False, ["not events == 9", "not end < 2s"]),
    "not (events == 9 and end < 1s)": (True, ["not end < 1s"]),
    "not not events == 9": (True, ["events == 9"]),
    "reported_tps > 1 or events == 8": (False, ["reported_tps > 1", "events == 8"]),
    "reported_tps > 1 and events == 9": (False, ["reported_tps > 1"]),
    "not (reported_tps > 1)": (False, ["not reported_tps > 1"]),
    "reported_tps > 1 or events == 9": (True, ["events == 9"]),
}


@pytest.mark.parametrize("text", WHOLE)
def test_of_several_claims_those_are_told_that_account_for_it(text: str) -> None:
    (judgement,) = Play(ANSWER, text).judgements
    assert (judgement.holds, [finding.claim for finding in judgement.findings]) == WHOLE[text]
    assert judgement.text == text


def test_not_turns_what_was_found() -> None:
    (judgement,) = Play(ANSWER, "not events == 9").judgements
    assert [finding.holds for finding in judgement.findings] == [False]
    (judgement,) = Play(ANSWER, "not reported_tps > 1").judgements
    assert [finding.holds for finding in judgement.findings] == [None]


NO_EVENTS = {
    "some data == x": (False, "no events"),
    "no data == x": (True, "no events"),
    "every data == x": (None, "no events"),
    "not every data == x": (None, "no events"),
    "first data == x": (None, "no events"),
    "last data == x": (None, "no events"),
    "count(data == x) == 0": (True, "0 events"),
    "events == 0": (True, "0"),
    "verdict == empty": (True, '"empty"'),
    "first_event < 1s": (None, "not measured after 1.50 s"),
    "text == ''": (True, '""'),
}


@pytest.mark.parametrize("text", NO_EVENTS)
def test_of_no_events_little_can_be_told(text: str) -> None:
    (judgement,) = Play([], text).judgements
    (finding,) = judgement.findings
    assert (finding.holds, finding.seen) == NO_EVENTS[text]


def test_without_a_dialect_there_is_no_text() -> None:
    play = Play(ANSWER, "text !~ x", "text exists", "text == null", plan=Plan(dialect="none"))
    findings = [finding for judgement in play.judgements for finding in judgement.findings]
    assert [finding.holds for finding in findings] == [None, False, True]
    assert {finding.seen for finding in findings} == {"not measured, as in no dialect"}


def test_the_text_is_that_of_the_first_choice_and_what_it_refuses() -> None:
    other = event({"object": "chat.completion.chunk", "choices": [{"index": 1, "delta": {"content": "No"}}]})
    play = Play([(0.25, delta(content="Ye") + other + delta(refusal="s"))], "text == Yes")
    assert play.judgements[0].holds


def test_a_text_beyond_all_bounds_is_not_kept() -> None:
    def reading(text: str) -> Reading:
        return Reading(Event("message", "x", None, "", None, b"", START, 1), (Content(text),))

    texts = ["text contains abc", "text exists", "text !~ zzz", "text contains zzz", "not text ~ x"]
    judge = Judge(map(compile_expectation, texts))
    for piece in ("a" * MOST_TEXT, "ab", "c", "x"):
        judge.note(reading(piece))
    facts = facts_of({**Play([]).facts.said, "dialect": "openai-chat"}, HEAD, START)
    findings = [finding for judgement in judge.close(facts) for finding in judgement.findings]
    assert [finding.holds for finding in findings] == [True, True, None, None, None]
    assert {finding.seen for finding in findings} == {TOO_LONG}


def test_what_is_seen_is_cut_and_hides_secrets() -> None:
    judge = Judge(
        map(compile_expectation, ["last data == x", "last data == y"]), secrets=Secrets(["sk-abcdefgh"])
    )
    judge.note(Reading(Event("message", f"sk-abcdefgh {'é' * 99}", None, "", None, b"", START, 1)))
    seen = judge.close(facts_of(Play([]).summary.as_dict(), HEAD, START))[0].findings[0].seen
    assert seen.startswith('event 1: "*** éé')
    assert seen.endswith("…")
    assert len(seen) < 80


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("a" * 60, f'"{"a" * 60}"'),
        ("a" * 61, f'"{"a" * 59}…'),
        ("\x1b[2J", r'"\u001b[2J"'),
        ("a\udc80", '"a?"'),
        (10**400, f"1{'0' * 59}…"),
        ({"a": [1, None]}, '{"a":[1,null]}'),
    ],
)
def test_what_is_seen_is_harmless_and_short(value: object, shown: str) -> None:
    assert excerpt(value) == shown


def test_a_run_of_several_is_none_of_one() -> None:
    with pytest.raises(ValueError, match="is not of one run"):
        Judge([compile_expectation("success_rate > 5%")])


def test_a_recorded_summary_is_judged_like_a_live_one() -> None:
    texts = [*FOUND]
    play = Play(ANSWER, *texts)
    judge = Judge(map(compile_expectation, texts))
    for item in play.readings:
        judge.note(item)
    for one, other in zip(judge.close(play.facts), play.judgements, strict=True):
        assert one.holds == other.holds, one.text
        assert [it.seen for it in one.findings] == [it.seen for it in other.findings]


OPERATORS: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
    "in": operator.eq,
}
SMALL = st.integers(-3, 3)


@given(name=st.sampled_from([*RANGES]), low=SMALL, more=st.integers(0, 3), limit=SMALL)
def test_what_a_number_may_come_to_is_what_each_of_its_values_does(
    name: str, low: int, more: int, limit: int
) -> None:
    outcomes = {TRUE if OPERATORS[name](low + step / 2, limit) else FALSE for step in range(2 * more + 1)}
    assert reach(name, (limit,), low, low + more) == sum(outcomes)


Plain = Callable[[Sequence[str]], bool]
TYPES = st.lists(st.sampled_from(["a", "b", "c"]), max_size=7)


def in_order(names: Sequence[str]) -> Plain:
    def plain(types: Sequence[str]) -> bool:
        places = [types.index(name) if name in types else len(types) for name in names]
        return places == sorted(places) and all(name in types for name in names)

    return plain


PLAIN: dict[str, Plain] = {
    "some event == a": lambda types: "a" in types,
    "no event == a": lambda types: "a" not in types,
    "every event == a": lambda types: bool(types) and set(types) == {"a"},
    "every not event == a": lambda types: bool(types) and "a" not in types,
    "first event == a": lambda types: bool(types) and types[0] == "a",
    "last event == a": lambda types: bool(types) and types[-1] == "a",
    "not last event == a": lambda types: bool(types) and types[-1] != "a",
    "count(event == a) >= 2": lambda types: types.count("a") >= 2,
    "count(event == a) < 2": lambda types: types.count("a") < 2,
    "count(event != a) == 2": lambda types: len(types) - types.count("a") == 2,
    "count(event in [a, b]) in [1, 3]": lambda types: types.count("a") + types.count("b") in (1, 3),
    "order: a, b": in_order("ab"),
    "order: b, a, c": in_order("bac"),
    "order: c": in_order("c"),
    "events == 3": lambda types: len(types) == 3,
}


@settings(max_examples=200, deadline=None, database=None)
@given(types=TYPES, cut=st.integers(0, 7))
def test_of_events_the_judge_says_what_a_plain_look_at_all_of_them_does(types: list[str], cut: int) -> None:
    blocks = [event("x", type_) for type_ in types]
    script = [(0.25, b"".join(blocks[:cut])), (0.5, b"".join(blocks[cut:]))]
    play = Play(script, *PLAIN)
    for number, (text, plain) in enumerate(PLAIN.items()):
        assert play.judgements[number].holds is plain(types), text
        for decisions in play.decisions:
            assert decisions[number] in (
                Decision.OPEN,
                Decision.HOLDS if plain(types) else Decision.IMPOSSIBLE,
            )


@given(types=TYPES)
def test_an_order_with_a_name_twice_wants_two_turns(types: list[str]) -> None:
    turns, names = 0, ["a", "b", "a"]
    wrong = False
    for type_ in types:
        if turns < 3 and type_ == names[turns]:
            turns += 1
        elif turns < 3 and type_ in names[turns:] and type_ not in names[:turns]:
            wrong = True
            break
    (judgement,) = Play([(0.25, b"".join(event("x", it) for it in types))], "order: a, b, a").judgements
    assert judgement.holds is (turns == 3 and not wrong)
