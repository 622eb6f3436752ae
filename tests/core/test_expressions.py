"""Expressions: what they hold for, and where a wrong one is pointed at."""

import json
import re
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sse_cli.core.conditions import Condition
from sse_cli.core.expectations.written import write
from sse_cli.core.expressions import FIELDS, OPERATORS, EventGrammar, compile_expression
from sse_cli.core.items import Event, Reading
from sse_cli.core.literals import Misread
from sse_cli.core.pipeline import Plan
from sse_cli.core.tokens import DEEPEST, Tokens
from sse_cli.errors import ExitCode, UsageError
from tests.captures import FOLDER
from tests.core.dialects.tape import Run

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
    (TOKEN, "event == token and id == 41"),
    (TOKEN, "event == message or id == 41"),
    (TOKEN, "not event == message"),
    (TOKEN, "not not event == token"),
    (TOKEN, "event == message and id == 1 or n == 7"),
    (TOKEN, "n == 7 or event == message and id == 1"),
    (TOKEN, "not event == message and n == 7"),
    (TOKEN, "not (event == token and n == 8)"),
    (TOKEN, "(event == message or n == 7) and (id == 41 or id == 42)"),
    (TOKEN, "((event==token))"),
    (TOKEN, "$.usage.total > 100 and $.flag == true and event != x"),
    (TOKEN, "$.choices[0].delta.content == Hi and not $.missing exists"),
    (TOKEN, "$.missing not exists"),
    (TOKEN, "event in [token, message]"),
    (TOKEN, "event in ['x', \"token\"]"),
    (TOKEN, "event not in [x, y]"),
    (TOKEN, "n in [1, 7]"),
    (TOKEN, "n in ['7', 7]"),
    (TOKEN, "id in [41, x]"),
    (TOKEN, "id in ['41']"),
    (TOKEN, "id in [ '41' , 5 ]"),
    (TOKEN, "$.usage.total in [119, 120.0]"),
    (TOKEN, "$.choices[*].delta.content in [yo]"),
    (TOKEN, "$.choices[0].stop in [null, end]"),
    (TOKEN, "$.missing not in [1]"),
    (TOKEN, "event !~ ^x"),
    (TOKEN, "$.missing !~ x"),
    (TOKEN, "n !~ 7"),
    (TOKEN, "$.tags not contains b"),
    (TOKEN, 'event in ["[", token]'),
    (event(type="and"), "event == and and event in [or, and]"),
    (event(type="not"), "event == not or event == or"),
    (event(type="a]b"), "event == a]b and event in ['a]b']"),
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
    (TOKEN, "event == token and id == 42"),
    (TOKEN, "event == message or id == 42"),
    (TOKEN, "not event == token"),
    (TOKEN, "not (event == token or n == 8)"),
    (TOKEN, "event in [tok, Token]"),
    (TOKEN, "event not in [token]"),
    (TOKEN, "n in ['7']"),
    (TOKEN, "$.text in [5]"),
    (TOKEN, "$.flag in [1]"),
    (TOKEN, "$.missing in [null, x]"),
    (TOKEN, "$.usage in [x]"),
    (TOKEN, "$.choices[*].delta.content not in [yo]"),
    (TOKEN, "event !~ tok"),
    (TOKEN, "$.choices[*].delta.content !~ H"),
    (TOKEN, "$.usage not exists"),
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
    "usage == 1": (0, "`usage` is about the whole run, and this asks of each event", "$.usage"),
    "first_content < 1s": (0, "`first_content` is about the whole run", "event data id n retry"),
    "header.date exists": (0, "`header.date` is about the whole run", ""),
    "success_rate > 5%": (0, "`success_rate` is about the whole run", ""),
    "p95(end) > 1": (0, "`p95` is about the whole run", ""),
    "some data == x": (0, "`some` is about all events, and this asks of each one", "leave it out"),
    "event == x and every data == y": (15, "`every` is about all events", "leave it out"),
    "count(event == x) > 1": (0, "`count` is about all events", ""),
    "order: a, b": (0, "`order:` is about all events", ""),
    "rat == 1": (0, "`rat` is no field", "data"),
    "@.x == 1": (0, "`@.x` is no field", "dialect"),
    "choices[0].x == 1": (0, "`choices[0].x` is no field", "did you mean $.choices[0].x?"),
    ".usage == 1": (0, "`.usage` is no field", "did you mean $.usage?"),
    "event": (5, "an operator is expected", "== != < <= > >= ~ !~ contains in exists"),
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
    "event == a b": (11, "nothing more is expected", "and, or"),
    "event == a AND n == 1": (11, "nothing more is expected", "did you mean and?"),
    "event == a && n == 1": (11, "nothing more is expected", "did you mean and?"),
    "event == a || n == 1": (11, "nothing more is expected", "did you mean or?"),
    "event == a)": (10, "nothing more is expected", ""),
    "event == a and": (14, "a field of the event or a path is expected", ""),
    "event == a or or n == 1": (14, "`or` is no field", ""),
    "not": (3, "a field of the event or a path is expected", ""),
    "! event == x": (0, "a field of the event or a path is expected", "did you mean not?"),
    "()": (1, "a field of the event or a path is expected", ""),
    "(event == x": (11, "the bracket is not closed", ""),
    "(event == x y)": (12, "the bracket is not closed", ""),
    "((event == x)": (13, "the bracket is not closed", ""),
    "event not == x": (10, "`==` is no operator after not", "exists"),
    "event not": (9, "an operator is expected", "contains in exists"),
    "event in x": (9, "a list is expected", '["stop", length]'),
    "event in 'x'": (9, "a list is expected", ""),
    "event in": (8, "a list is expected", ""),
    "event in []": (10, "a value is expected here", ""),
    "event in [ ]": (11, "a value is expected here", ""),
    "event in [a": (11, "a comma or the ] of the list is expected", ""),
    "event in [a b]": (12, "a comma or the ] of the list is expected", ""),
    "event in [a,]": (12, "a value is expected here", ""),
    "event in [a, 'b]": (13, "a value is expected here", ""),
    "event in [a] b": (13, "nothing more is expected", ""),
    "n > 10KB": (4, "`10KB` is a size, and what it is compared with has no unit", "quotes"),
    "$.took < 200ms": (9, "`200ms` is a duration, and what it is compared with has no unit", "quotes"),
    "$.share <= 99%": (11, "`99%` is a percentage, and what it is compared with has no unit", ""),
    "$.rate >= 5/s": (10, "`5/s` is a rate, and what it is compared with has no unit", ""),
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


def test_brackets_go_so_deep_and_no_deeper() -> None:
    deep = "(" * (DEEPEST - 1) + "event == token" + ")" * (DEEPEST - 1)
    assert compile_expression(deep).test(TOKEN, lambda: None)
    for text in (f"({deep})", "(" * 9999, "not " * 9999, "some " * 9999):
        with pytest.raises(UsageError, match=r"nested too deeply|about all events"):
            compile_expression(text)


def test_a_long_chain_is_no_depth() -> None:
    assert compile_expression(" and ".join(["event == token"] * 5000)).test(TOKEN, lambda: None)


def test_of_several_conditions_the_subject_is_told_where_they_have_one() -> None:
    assert compile_expression("event == a or not event == b").subject is not None
    assert compile_expression("event == a or $.x exists").subject is None
    assert len(compile_expression("event == a or $.x exists").subjects) == 2
    assert not compile_expression("event == a or data == b").needs_payload
    assert compile_expression("event == a or not ($.x exists)").needs_payload


def test_a_path_may_begin_with_what_each_found() -> None:
    node = {"type": "text", "n": 2}
    expression = compile_expression("@.type == text and not (@.n > 2 or event == x)", "$@")
    assert expression.root == "@"
    assert expression.holds(TOKEN, node)
    assert compile_expression("$.type == text", "$@").root == "$"
    with pytest.raises(UsageError, match="do not go together"):
        compile_expression("@.type == text and $.n == 1", "$@")


WORDS_OF_ALL = "and | or |not |some |every |last |count(|order: a, b|first_content|p95(end)|200ms|10KB"
ODD_PIECES = "$.a|$['a b']|[?(@.x == 1)]|'x'|1e9| |exists|in [a, 'b']|(|)|@.a"
PIECES = st.sampled_from([*FIELDS, *OPERATORS, *ODD_PIECES.split("|"), *WORDS_OF_ALL.split("|")])
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


def parse(text: str) -> Condition:
    return EventGrammar(Tokens(text), "$@").condition.whole()


@settings(max_examples=300, deadline=None, database=None)
@given(text=st.sampled_from([text for _, text in HOLDS + HOLDS_NOT]) | TEXTS)
def test_what_is_written_again_reads_the_same(text: str) -> None:
    with suppress(Misread):
        condition = parse(text)
        assert parse(write(condition)) == condition


SUBJECTS: dict[str, Callable[[str, str], object]] = {
    "event": lambda type_, _data: type_,
    "data": lambda _type, data: data,
    "$.a": lambda _type, data: get(data),
}
MISSING = object()


def get(data: str) -> object:
    try:
        value = json.loads(data)
    except ValueError:
        return MISSING
    return value.get("a", MISSING) if isinstance(value, dict) else MISSING


TESTS: dict[str, Callable[[object], bool]] = {
    "== 'x'": lambda value: value == "x",
    "!= 'x'": lambda value: value != "x",
    "in ['x', 'y']": lambda value: value in ("x", "y"),
    "contains 'x'": lambda value: isinstance(value, str) and "x" in value,
    "~ '^x|y$'": lambda value: isinstance(value, str) and re.search("^x|y$", value) is not None,
    "exists": lambda value: value not in (MISSING, ""),
}
Plain = Callable[[str, str], bool]


def leaf(subject: str, test: str) -> tuple[str, Plain]:
    return f"{subject} {test}", lambda type_, data: TESTS[test](SUBJECTS[subject](type_, data))


def joined(parts: list[tuple[str, Plain]], word: str) -> tuple[str, Plain]:
    join = all if word == "and" else any
    text = f" {word} ".join(f"({text})" for text, _ in parts)
    return text, lambda type_, data: join(plain(type_, data) for _, plain in parts)


def negated(part: tuple[str, Plain]) -> tuple[str, Plain]:
    return f"not ({part[0]})", lambda type_, data: not part[1](type_, data)


LEAVES = st.builds(leaf, st.sampled_from([*SUBJECTS]), st.sampled_from([*TESTS]))
CONDITIONS = st.recursive(
    LEAVES,
    lambda inner: (
        st.builds(joined, st.lists(inner, min_size=2, max_size=3), st.sampled_from(["and", "or"]))
        | st.builds(negated, inner)
    ),
    max_leaves=6,
)
WORDS = st.sampled_from(["x", "y", "xy", "yx", "z"])
DATA = WORDS | WORDS.map(lambda word: json.dumps({"a": word})) | st.sampled_from(['{"b":1}', "{}", "[]"])


CAPTURES = sorted((FOLDER).glob("openai-chat*.sse")) if FOLDER.exists() else []


@pytest.mark.parametrize("path", CAPTURES, ids=lambda path: path.stem[:60])
def test_where_over_a_recorded_body_is_a_plain_filter(path: Path) -> None:
    text = "$.choices[0].delta.content ~ '^ ' or not ($.choices exists and event == message)"

    def plain(item: Reading) -> bool:
        try:
            value = json.loads(item.event.data)
        except ValueError:
            return True
        if "choices" not in value or item.event.type != "message":
            return True
        delta = value["choices"][0]["delta"] if value["choices"] else {}
        content = delta.get("content")
        return isinstance(content, str) and content.startswith(" ")

    body = path.read_bytes()
    everything = [item for item in Run(body).items if isinstance(item, Reading)]
    run = Run(body, plan=Plan(where=(compile_expression(text),)))
    assert [item for item in run.items if isinstance(item, Reading)] == list(filter(plain, everything))


@settings(max_examples=150, deadline=None, database=None)
@given(condition=CONDITIONS, events=st.lists(st.tuples(WORDS, DATA), max_size=12))
def test_where_is_a_plain_filter(condition: tuple[str, Plain], events: list[tuple[str, str]]) -> None:
    text, plain = condition
    body = "".join(f"event: {type_}\ndata: {data}\n\n" for type_, data in events)
    run = Run(body, plan=Plan(where=(compile_expression(text),)), piece=17)
    chosen = [(item.event.type, item.event.data) for item in run.items if isinstance(item, Reading)]
    assert chosen == [event for event in events if plain(*event)]
