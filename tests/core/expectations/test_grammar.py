"""Expectations as texts: what is read of them, and where a wrong one is pointed at."""

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sse_cli.core.conditions import FIELDS, OPERATORS
from sse_cli.core.expectations.claims import QUANTIFIERS
from sse_cli.core.expectations.grammar import parse_claim
from sse_cli.core.expectations.judge import Judge, SeriesJudge, compile_expectation
from sse_cli.core.expectations.vocabulary import FUNCTIONS, RATES, figures
from sse_cli.core.expectations.written import write
from sse_cli.errors import ExitCode, UsageError

RIGHT = {
    "first_content < 500ms": "first_content < 500ms",
    "first_content<0.5": "first_content < 0.5",
    "gap.p99 <= 1m30s": "gap.p99 <= 1m30s",
    "bytes > 10KB": "bytes > 10KB",
    "bytes > 5e3": "bytes > 5e3",
    "bytes_per_second >= 64KiB": "bytes_per_second >= 64KiB",
    "bytes_per_second >= 64KB/s": "bytes_per_second >= 64KB/s",
    "tokens_per_second > 47.5/s": "tokens_per_second > 47.5/s",
    "burst.share < 10%": "burst.share < 10%",
    "burst.share < 0.1": "burst.share < 0.1",
    "status in [200, 201]": "status in [200, 201]",
    "first_content in [1s, 0.5]": "first_content in [1s, 0.5]",
    "verdict == complete": 'verdict == "complete"',
    "verdict in [complete, 'stopped']": 'verdict in ["complete", "stopped"]',
    "verdict ~ ^comp": 'verdict ~ "^comp"',
    "finish not in [length]": 'not finish in ["length"]',
    "finish == 5": "finish == 5",
    "finish == '5'": 'finish == "5"',
    "error == null": "error == null",
    "error exists": "error exists",
    "error not exists": "not error exists",
    "usage != null": "usage != null",
    "error.code == 429": "error.code == 429",
    "tokens.estimated == false": "tokens.estimated == false",
    "header.X-Region ~ '^eu'": 'header.X-Region ~ "^eu"',
    "header.content-length > 5": "header.content-length > 5",
    "tool_calls[0].name == weather": 'tool_calls[0].name == "weather"',
    "tool_calls[?(@.name == 'x')].id exists": "tool_calls[?(@.name == 'x')].id exists",
    "usage.raw['a b'] > 5": "usage.raw['a b'] > 5",
    "text contains 'a \"b\" \\\\ c'": 'text contains "a \\"b\\" \\\\ c"',
    "text !~ sorry": 'text !~ "sorry"',
    "some $.usage exists": "some $.usage exists",
    "every data ~ '^\\{'": 'every data ~ "^\\\\{"',
    "last data == [DONE]": 'last data == "[DONE]"',
    "first (event == start)": 'first event == "start"',
    "no(event==error)": 'no event == "error"',
    "some (event == a and $.x > 1)": 'some (event == "a" and $.x > 1)',
    "some not event == a": 'some not event == "a"',
    "count(event == token) >= 10": 'count(event == "token") >= 10',
    "count(event == a or event == b) in [1, 2]": 'count(event == "a" or event == "b") in [1, 2]',
    "order: start, token, end": 'order: "start", "token", "end"',
    "order:start,token": 'order: "start", "token"',
    "order : a": 'order: "a"',
    "(order: 'a b', c) and events > 1": 'order: "a b", "c" and events > 1',
    "order: a, b and events > 1": 'order: "a", "b" and events > 1',
    "not (events > 1 or end < 1s) and chunks > 1": "not (events > 1 or end < 1s) and chunks > 1",
    "p95(first_content) < 500ms": "p95(first_content) < 500ms",
    "n(end) == 5": "n(end) == 5",
    "mean(usage.raw.cost) <= 0.5": "mean(usage.raw.cost) <= 0.5",
    "max( gap.max ) < 2s and success_rate >= 99%": "max(gap.max) < 2s and success_rate >= 99%",
    "p50(itl) exists": "p50(itl) exists",
}


@pytest.mark.parametrize("text", RIGHT)
def test_it_is_read(text: str) -> None:
    assert write(parse_claim(text)) == RIGHT[text]
    assert parse_claim(RIGHT[text]) == parse_claim(text)


WRONG = {
    "": (0, "something to expect is expected here", "first_content < 500ms"),
    "not": (3, "something to expect is expected here", ""),
    "! verdict == complete": (0, "something to expect is expected here", "did you mean not?"),
    "'text' == x": (0, "something to expect is expected here", ""),
    "frist_content < 1s": (0, "there is no `frist_content`", "did you mean first_content?"),
    "ttft < 1s": (0, "there is no `ttft`", "did you mean first_content?"),
    "gap.p98 < 1s": (0, "there is no `gap.p98`", "did you mean gap.p9"),
    "finish_reason == stop": (0, "there is no `finish_reason`", "did you mean finish?"),
    "sucess_rate > 5%": (0, "there is no `sucess_rate`", "did you mean success_rate?"),
    "all data == x": (0, "there is no `all`", "did you mean every?"),
    "verdict == complete and dta == 1": (24, "there is no `dta`", "did you mean data?"),
    "zzzzz == 1": (0, "there is no `zzzzz`", "--vocabulary"),
    "a.b.c == 1": (0, "there is no `a.b.c`", "some $.a.b.c"),
    "header == x": (0, "there is no `header`", "header.content-type"),
    "tool_calls[ == 1": (12, "`==` is not expected here", ""),
    "events > 1 and tool_calls[ == 1": (27, "`==` is not expected here", ""),
    "data == x": (0, "`data` is of an event, and it is not said of which", "some data …"),
    "$.a.b exists": (0, "`$.a.b` is of an event, and it is not said of which", "last $.a.b …"),
    "verdict == complete or id == 5": (23, "`id` is of an event", "every id …"),
    "some data == x and $.y == 1": (19, "`$.y` is of an event", ""),
    "some first_content < 1s": (5, "`first_content` is about the whole run, and `some` asks", "$.first"),
    "every some data == x": (6, "`some` is about all events, and `every` asks of each one", "leave it out"),
    "count(verdict == x) > 1": (6, "`verdict` is about the whole run, and `count` asks", ""),
    "count(count(data == x) > 1) > 1": (6, "`count` is about all events", ""),
    "last": (4, "a field of the event or a path is expected", ""),
    "last data": (9, "an operator is expected", ""),
    "some ()": (6, "a field of the event or a path is expected", ""),
    "first_content < 10KB": (16, "first_content is a time, and `10KB` is a size", "250ms"),
    "first_content < 50%": (16, "first_content is a time, and `50%` is a percentage", ""),
    "first_content < fast": (16, "first_content is a time, and `fast` is a word", ""),
    "first_content < '1s'": (16, "first_content is a time, and no text", "quotes"),
    "first_content in [1s, 2KB]": (22, "first_content is a time, and `2KB` is a size", ""),
    "events < 200ms": (9, "events is a count, and `200ms` is a duration", "digits"),
    "events < 1e999": (9, "events is a count, and `1e999` is a word", ""),
    "bytes > 5s": (8, "bytes is a size, and `5s` is a duration", "64KB"),
    f"bytes > {'9' * 400}KB": (8, "bytes is a size", ""),
    f"end < {'9' * 400}s": (6, "end is a time", ""),
    "tokens_per_second > 5KB": (20, "tokens_per_second is a rate, and `5KB` is a size", ""),
    "success_rate >= 99": (16, "success_rate is a share, and `99` is a number", "99%, or 0.99"),
    "burst.share < 5ms": (14, "burst.share is a share, and `5ms` is a duration", ""),
    "tokens.estimated == 5": (20, "tokens.estimated is true or false, and `5` is a number", ""),
    "tokens.estimated == 'true'": (20, "tokens.estimated is true or false, and no text", ""),
    "header.age < 5m": (13, "`5m` is a duration, and what it is compared with has no unit", ""),
    "verdict == completed": (11, "verdict is never 'completed'", "did you mean complete?"),
    "verdict in [complete, fail]": (22, "verdict is never 'fail'", "did you mean failed?"),
    "metrics == vlm": (11, "metrics is never 'vlm'", "did you mean vllm?"),
    "verdict < failed": (8, "`<` does not go with verdict, which is a word", "== != in"),
    "events ~ 5": (7, "`~` does not go with events, which is a count", "== != in < <= > >= exists"),
    "end contains 5": (4, "`contains` does not go with end, which is a time", ""),
    "gap < 1s": (4, "`<` does not go with gap, which is several figures", "gap.p99"),
    "usage == 5": (9, "usage is several figures, and `5` is a number", "usage.input"),
    "first_content < null": (16, "null is neither more nor less", "== or !="),
    "finish in [stop, null]": (17, "null is neither more nor less", ""),
    "count(data == x) == null": (20, "count(…) is never null", ""),
    "success_rate != null": (16, "success_rate is never null", ""),
    "count(data == x) exists": (17, "count(…) is always there", ""),
    "runs exists": (5, "runs is always there", ""),
    "count(data) > 1": (10, "an operator is expected", ""),
    "count(data == x > 1": (16, "the bracket is not closed", ""),
    "p95(verdict) > 1": (4, "p95 is of numbers, and verdict is a word", ""),
    "p95(gap) > 1": (4, "p95 is of numbers, and gap is several figures", ""),
    "p95(data) > 1": (4, "there is no `data`", ""),
    "p95() > 1": (4, "the name of a figure is expected", "p95(first_content)"),
    "p95(end > 1": (8, "the bracket is not closed", ""),
    "p96(end) > 1": (0, "there is no `p96(…)`", "p99"),
    "avg(end) > 1": (0, "there is no `avg(…)`", "did you mean mean?"),
    "p95(end) < 5KB": (11, "p95(end) is a time, and `5KB` is a size", ""),
    "n(end) < 5s": (9, "n(end) is a count, and `5s` is a duration", ""),
    "verdict == complete and p95(end) < 1": (24, "`verdict` is of each run, and `p95(end)` of all", "two"),
    "success_rate > 5% and some data == x": (22, "`some` is of each run, and `success_rate` of all", ""),
    "runs == 5 or order: a": (13, "`order` is of each run, and `runs` of all", ""),
    "order start": (5, "a : is expected after order", "order: start, token, end"),
    "order:": (6, "an event type is expected here", ""),
    "order: a,": (9, "an event type is expected here", ""),
    "order: a b": (9, "nothing more is expected", ""),
    "order: a, 'b": (10, "an event type is expected here", ""),
    "events > 1 x": (11, "nothing more is expected", ""),
    "(events > 1": (11, "the bracket is not closed", ""),
    "text ~ '('": (7, "not a regular expression", ""),
    r"text == 'a\q'": (10, r"`\q` is no escape", ""),
    "text == 'x": (8, "the ' is not closed", ""),
}


@pytest.mark.parametrize("text", WRONG)
def test_a_wrong_expectation_is_pointed_at(text: str) -> None:
    column, reason, hint = WRONG[text]
    with pytest.raises(UsageError) as caught:
        compile_expectation(text)
    what, line, caret = caught.value.message.split("\n")
    assert what.startswith(f"bad expectation: {reason}")
    assert line == f"  {text}"
    assert caret == f"  {' ' * column}^"
    assert hint in caught.value.hint
    assert caught.value.hint
    assert caught.value.exit_code is ExitCode.USAGE


@pytest.mark.parametrize("name", [*figures(), *RATES, *(f"{function}(end)" for function in FUNCTIONS)])
def test_every_name_goes_with_each_of_its_operators(name: str) -> None:
    figure = figures().get(name)
    if name not in RATES:
        compile_expectation(f"{name} exists")
    if figure is not None:
        compile_expectation(f"{name} == null")
        for operator in figure.unit.operators:
            value = {"~": "x", "!~": "x", "in": f"[{sample(name)}]"}.get(operator, sample(name))
            compile_expectation(f"{name} {operator} {value}")


def sample(name: str) -> str:
    figure = figures()[name]
    if figure.told.choices:
        return figure.told.choices[0]
    words = {"seconds": "5ms", "bytes": "5KB", "share": "5%", "true or false": "true", "figures": "null"}
    return words.get(figure.unit.name, "5")


WORDS = [*QUANTIFIERS, *figures(), *OPERATORS, *FIELDS, *RATES, "and", "or", "not", "exists", "order:"]
VALUES = "200ms|10KB|99%|5|complete|null|true|[a, 5]|'x y'|^a|$.a|$.b[*]|count(|p95(end)|n(|(|)|,|\"|header.x"
PIECES = st.sampled_from([*WORDS, *VALUES.split("|")])
TEXTS = st.lists(PIECES | st.text("$.[]()'\"`\\=!<>~ -0aé\n\0,:", max_size=3), max_size=9)


@settings(max_examples=400, deadline=None, database=None)
@given(text=st.text(max_size=20) | TEXTS.map(" ".join) | TEXTS.map("".join))
def test_any_text_is_an_expectation_or_a_usage_error(text: str) -> None:
    with suppress(UsageError):
        expectation = compile_expectation(text)
        assert parse_claim(write(expectation.claim)) == expectation.claim
        if expectation.is_over_runs:
            SeriesJudge([expectation]).close()
        else:
            assert Judge([expectation]).decisions
