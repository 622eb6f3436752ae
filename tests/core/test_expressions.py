"""Expressions: what they hold for, and where a wrong one is pointed at."""

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sse_cli.core.expressions import FIELDS, OPERATORS, compile_expression
from sse_cli.core.items import Event
from sse_cli.errors import ExitCode, UsageError

PAYLOAD = {
    "type": "delta",
    "choices": [{"delta": {"content": "Hi"}, "stop": None}, {"delta": {"content": "yo"}, "stop": "end"}],
    "usage": {"total": 120, "cost": 0.5, "cached": 0},
    "tags": ["a", 5, True, "1"],
    "flag": True,
    "a b": [{"x": 1, "y": 2}, {"x": 2, "y": 3}],
    "größe": "grün=1",
    "text": "5",
}


def event(
    data: str = "", type: str = "message", last_event_id: str = "", retry: int | None = None, number: int = 1
) -> Event:
    return Event(type, data, None, last_event_id, retry, b"", 0.0, number)


def decode(text: str) -> Any:
    return json.loads(text)  # its JSONDecodeError is a ValueError


TOKEN = event(json.dumps(PAYLOAD), "token", "41", 3000, 7)
DONE = event("[DONE]")
NUMBER = event("5")
WORDS = event('say "a = b"', "content_block.delta", "2024-01-01")

HOLDS = [
    (TOKEN, "event == token"),
    (TOKEN, "event==token"),
    (TOKEN, " event  ==  'token' "),
    (TOKEN, 'event == "token"'),
    (TOKEN, r'event == "to\u006ben"'),
    (TOKEN, "event ~ ^tok"),
    (TOKEN, r"event ~ '^\w+$'"),
    (TOKEN, r"event ~ '^\\w+$'"),
    (TOKEN, "event < v"),
    (TOKEN, "event contains oke"),
    (TOKEN, "event exists"),
    (TOKEN, "id == 41"),
    (TOKEN, "id == 41.0"),
    (TOKEN, "id == '41'"),
    (TOKEN, "id > 5"),
    (TOKEN, "id contains 4"),
    (TOKEN, "id exists"),
    (TOKEN, "n == 7"),
    (TOKEN, "n >= 7"),
    (TOKEN, "n <= 7e0"),
    (TOKEN, "retry == 3000"),
    (TOKEN, "retry exists"),
    (TOKEN, "data contains choices"),
    (TOKEN, "$.type == delta"),
    (TOKEN, "$.usage.total>100"),
    (TOKEN, "$.usage.total == 120.0"),
    (TOKEN, "$.usage.cost < 1"),
    (TOKEN, "$.usage.cost > -1.5e3"),
    (TOKEN, "$.usage contains total"),
    (TOKEN, "$.tags contains 5"),
    (TOKEN, "$.tags contains a"),
    (TOKEN, "$.tags contains true"),
    (TOKEN, "$.flag == true"),
    (TOKEN, "$.flag != 1"),
    (TOKEN, "$.choices[0].stop == null"),
    (TOKEN, "$.choices[0].stop exists"),
    (TOKEN, "$.choices[*].delta.content == yo"),
    (TOKEN, "$.choices[*].stop == null"),
    (TOKEN, "$.choices[*].delta.content ~ i$"),
    (TOKEN, "$['a b'][?(@.x == 1)].y == 2"),
    (TOKEN, "$['a b'][?(@.x == 1)].y==2"),
    (TOKEN, "$['größe'] contains '='"),
    (TOKEN, "$.größe == 'grün=1'"),
    (TOKEN, "$.tags.`len` == 4"),
    (TOKEN, "$.usage.total|$.usage.cost == 0.5"),
    (TOKEN, "$.missing != 1"),
    (TOKEN, "$.missing != null"),
    (TOKEN, "$ exists"),
    (DONE, "data == [DONE]"),
    (DONE, "$.a != 1"),
    (DONE, "retry != 1"),
    (DONE, "retry == null"),
    (DONE, "id == ''"),
    (NUMBER, "data == 5"),
    (NUMBER, "data == 5.0"),
    (NUMBER, "data == '5'"),
    (NUMBER, "data < 10"),
    (NUMBER, "data > '10'"),
    (NUMBER, "$ == 5"),
    (WORDS, "data contains 'a = b'"),
    (WORDS, r'data == "say \"a = b\""'),
    (WORDS, "event == content_block.delta"),
    (WORDS, "id == 2024-01-01"),
    (WORDS, "id > '2023'"),
    (event("true"), "data == true"),
    (event("null"), "data == null"),
    (event("9" * 5000), f"data == {'9' * 5000}"),
]

HOLDS_NOT = [
    (TOKEN, "event == message"),
    (TOKEN, "event == Token"),
    (TOKEN, "event != token"),
    (TOKEN, "event > v"),
    (TOKEN, "event > 1"),
    (TOKEN, "event ~ ^oken"),
    (TOKEN, "n == '7'"),
    (TOKEN, "n < 7"),
    (TOKEN, "n ~ 7"),
    (TOKEN, "n contains 7"),
    (TOKEN, "$.text == 5"),
    (TOKEN, "$.text > 4"),
    (TOKEN, "$.usage.total == '120'"),
    (TOKEN, "$.usage.total ~ 1"),
    (TOKEN, "$.usage.cached == false"),
    (TOKEN, "$.flag == 1"),
    (TOKEN, "$.flag > 0"),
    (TOKEN, "$.flag == 'true'"),
    (TOKEN, "$.tags contains 1"),
    (TOKEN, "$.tags contains 'true'"),
    (TOKEN, "$.tags contains b"),
    (TOKEN, "$.tags == a"),
    (TOKEN, "$.usage contains 120"),
    (TOKEN, "$.choices[*].delta.content != Hi"),
    (TOKEN, "$.choices[0].stop > 0"),
    (TOKEN, "$.missing == null"),
    (TOKEN, "$.missing exists"),
    (DONE, "id exists"),
    (DONE, "id != ''"),
    (DONE, "retry exists"),
    (DONE, "retry < 1"),
    (DONE, "$.a exists"),
    (DONE, "$.a == 1"),
    (DONE, "$ exists"),
    (NUMBER, "data < '10'"),
    (NUMBER, "data > 10"),
    (WORDS, "id > 2023"),
    (event(""), "data exists"),
    (event("1_0"), "data == 10"),
    (event("٣"), "data == 3"),
    (event("nan"), "data < 1"),
]


@pytest.mark.parametrize(("given", "text"), HOLDS, ids=lambda value: str(value)[:40])
def test_it_holds(given: Event, text: str) -> None:
    assert compile_expression(text).test(given, lambda: decode(given.data)) is True


@pytest.mark.parametrize(("given", "text"), HOLDS_NOT, ids=lambda value: str(value)[:40])
def test_it_does_not_hold(given: Event, text: str) -> None:
    assert compile_expression(text).test(given, lambda: decode(given.data)) is False


@pytest.mark.parametrize("text", [*(f"{field} == 1" for field in FIELDS), "data exists", "data ~ x$"])
def test_a_field_does_without_the_payload(text: str) -> None:
    expression = compile_expression(text)
    assert not expression.needs_payload
    expression.test(TOKEN, lambda: pytest.fail("the payload was asked for"))


def test_a_path_needs_the_payload() -> None:
    expression = compile_expression("$.type == delta")
    assert expression.needs_payload
    assert expression.text == "$.type == delta"


WRONG = {
    "": (0, "a field of the event or a path is expected", "event == error"),
    "   ": (3, "a field of the event or a path is expected", "event == error"),
    "== x": (0, "a field of the event or a path is expected", "event == error"),
    "'event' == x": (0, "a field of the event or a path is expected", ""),
    "evnt == x": (0, "`evnt` is no field", "did you mean event?"),
    "Event == x": (0, "`Event` is no field", "did you mean event?"),
    "dta == x": (0, "`dta` is no field", "did you mean data?"),
    "type == x": (0, "`type` is no field", "did you mean event?"),
    "last_event_id == x": (0, "`last_event_id` is no field", "did you mean id?"),
    "usage == 1": (0, "`usage` is no field", "$.usage"),
    "choices[0].x == 1": (0, "`choices[0].x` is no field", "did you mean $.choices[0].x?"),
    ".usage == 1": (0, "`.usage` is no field", "did you mean $.usage?"),
    "event": (5, "an operator is expected", "== != < <= > >= ~ contains exists"),
    "event 'x'": (6, "an operator is expected", "contains"),
    "event = x": (6, "`=` is no operator", "did you mean ==?"),
    "event === x": (6, "`===` is no operator", "did you mean ==?"),
    "event =~ x": (6, "`=~` is no operator", "did you mean ~?"),
    "event <> x": (6, "`<>` is no operator", "did you mean !=?"),
    "event contain x": (6, "`contain` is no operator", "did you mean contains?"),
    "event exist": (6, "`exist` is no operator", "did you mean exists?"),
    "event matches x": (6, "`matches` is no operator", "did you mean ~?"),
    "event frobs x": (6, "`frobs` is no operator", "There are == !="),
    "$.größe equals x": (8, "`equals` is no operator", "did you mean ==?"),
    "event ==": (8, "a value is expected after ==", "quotes"),
    "event == == x": (9, "a value is expected after ==", "quotes"),
    "event == $.x": (9, "a value is expected after ==", "quotes"),
    "data ~ (a)": (7, "a value is expected after ~", "quotes"),
    "event == a b": (11, "nothing more is expected", "quotes"),
    "data contains a=b": (15, "nothing more is expected", "quotes"),
    "data exists 1": (12, "nothing more is expected", "quotes"),
    "event == 'x": (9, "the ' is not closed", ""),
    r"event == 'a\q'": (11, r"`\q` is no escape", ""),
    "data ~ *a": (7, "not a regular expression", ""),
    "data ~ '('": (7, "not a regular expression", ""),
    "data ~ a{99999999999999999999}": (7, "not a regular expression", ""),
    "$.a[ == 1": (5, "`==` is not expected here", ""),
    " $.a[?(@.b > 1] == 1": (14, "`]` is not expected here", ""),
    "$['a == 1": (2, "the ' is not closed", ""),
    "$. == 1": (2, "it ends too early", ""),
}


@pytest.mark.parametrize("text", WRONG)
def test_a_wrong_expression_is_pointed_at(text: str) -> None:
    column, reason, hint = WRONG[text]
    with pytest.raises(UsageError) as caught:
        compile_expression(text)
    what, line, caret = caught.value.message.split("\n")
    assert what.startswith(f"bad expression: {reason}")
    assert line == f"  {text}"
    assert caret == f"  {' ' * column}^"
    assert hint in caught.value.hint
    assert caught.value.hint
    assert caught.value.exit_code is ExitCode.USAGE


PIECES = st.sampled_from(
    [*FIELDS, *OPERATORS, "exists", "$.a", "$['a b']", "[?(@.x == 1)]", "'x'", "1e9", " "]
)
TEXTS = st.lists(PIECES | st.text("$.[]()'\"`\\=!<>~ -0aé\n\0", max_size=3), max_size=6).map("".join)


@settings(max_examples=200, deadline=None, database=None)
@given(text=st.text(max_size=20) | TEXTS)
def test_any_text_is_an_expression_or_a_usage_error(text: str) -> None:
    with suppress(UsageError):
        assert compile_expression(text).test(TOKEN, lambda: PAYLOAD) in (True, False)


@settings(max_examples=100, deadline=None, database=None)
@given(data=st.text(max_size=20), value=st.text(max_size=20))
def test_any_value_can_be_quoted(data: str, value: str) -> None:
    given = event(data)
    equals = compile_expression(f"data == {json.dumps(value)}")
    unequal = compile_expression(f"data != {json.dumps(value)}")
    assert compile_expression(f"data == {json.dumps(data)}").test(given, lambda: None)
    assert equals.test(given, lambda: None) is (data == value)
    assert unequal.test(given, lambda: None) is (data != value)
