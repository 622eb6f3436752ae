"""The options that say whose text is shown: what they do, and where they would do nothing."""

import json
import subprocess
import sys

import pytest

from tests.e2e.command import sse


def chunk(choice: int = 0, **delta: object) -> str:
    choices = [{"index": choice, "delta": delta}]
    return f"data: {json.dumps({'object': 'chat.completion.chunk', 'choices': choices})}\n\n"


def call(index: int, arguments: str, name: str | None = None) -> dict[str, object]:
    return {"index": index, "function": {"name": name, "arguments": arguments}}


LONG = "x" * 200
BODY = "".join(
    [
        chunk(reasoning_content="hm"),
        chunk(0, content="one"),
        chunk(1, content="two"),
        chunk(tool_calls=[call(0, '{"city":\n', "weather"), call(1, '["', "forecast")]),
        chunk(tool_calls=[call(0, '"Rome"}'), call(1, LONG)]),
        'data: {"object": "chat.completion.chunk", "choices": [{"index": 0, "finish_reason": "stop"}]}\n\n',
        "data: [DONE]\n\n",
    ]
).encode()


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ([], "one"),
        (["--choice", "1"], "two"),
        (["--reasoning"], "hm\n\none"),
        (["--reasoning", "--choice", "1"], "two"),
    ],
)
def test_whose_text_is_shown(options: list[str], text: str) -> None:
    result = sse("-", "--dialect", "openai-chat", "-o", "text", *options, stdin=BODY)
    assert (result.text, result.code) == (text, 0)


def test_tool_calls_are_told_whole_at_the_end() -> None:
    result = sse("-", "--dialect", "openai-chat", "-o", "text", stdin=BODY)
    assert '\n  tool      weather {"city": "Rome"}\n' in result.err
    assert f'\n  tool      forecast ["{LONG} (cut: not valid JSON)\n' in result.err
    told = [(made["name"], made["arguments"], made["complete"]) for made in result.summary["tool_calls"]]
    assert told == [("weather", '{"city":\n"Rome"}', True), ("forecast", f'["{LONG}', False)]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--reasoning"], "--reasoning has no effect on -o data"),
        (["--reasoning", "-o", "json"], "--reasoning has no effect on -o json"),
        (["--reasoning", "-f", "{text}"], "--reasoning has no effect on -f"),
        (["--reasoning", "-o", "text", "-p", "$.a"], "--reasoning has no effect where -p says"),
        (["--choice", "0", "-o", "json"], "--choice has no effect on -o json"),
        (["--choice", "1", "-o", "text", "-p", "$.a"], "--choice has no effect where -p says"),
        (["--choice", "-1", "-o", "text"], "--choice"),
        (["--fields", "n", "-o", "text"], "--fields has no effect on -o text"),
    ],
)
def test_an_option_without_effect_is_a_usage_error(options: list[str], said: str) -> None:
    result = sse("-", *options, stdin=BODY)
    assert (result.code, result.out) == (2, b"")
    assert said in result.err


def test_a_choice_has_no_effect_on_a_table_in_a_pipe() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "sse_cli", "-", "-o", "table", "--choice", "1"],
        input=b"",
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 2
    assert b"--choice has no effect on -o table" in done.stderr
