"""A made-up report that has everything: what passed, failed, was run again, skipped, could not be judged."""

from typing import Any

from sse_cli.core.attempts import Attempt
from sse_cli.core.expectations.judge import Finding, Judgement, compile_expectation
from sse_cli.core.expectations.written import write
from sse_cli.core.items import Usage
from sse_cli.core.meter import Meter
from sse_cli.core.results import CheckResult, Outcome, Report, Run
from sse_cli.core.summary import Summary
from sse_cli.core.verdict import Verdict

STARTED = "2026-03-01T09:30:00.125+01:00"

HOSTILE = (
    "a|b `c` <b>&amp; ]]> \x1b[31mred\x07\x00 \u202eback\u2028 ::error::no %0A%25, *x* [y](z)\r\n"
    "::set-output name=x::y\nnot ok 1 - no # SKIP\n...\n---\n1..0\nBail out!\n```\n</pre></details>\ufffe"
)
"""Text that means something in each format."""


def finding(claim: str, seen: str, *, holds: bool | None = True, **fields: Any) -> Finding:
    return Finding(claim=claim, holds=holds, seen=seen, **fields)


def judgement(text: str, *findings: Finding, holds: bool | None = True) -> Judgement:
    return Judgement(text, write(compile_expectation(text).claim), holds, findings)


def plain(text: str, seen: str, *, holds: bool | None = True, **fields: Any) -> Judgement:
    """Return a judgement of one claim, which is the whole expectation."""
    return judgement(text, finding(text, seen, holds=holds, **fields), holds=holds)


def verdict(name: str = "complete") -> Judgement:
    return plain('verdict == "complete"', f'"{name}"', holds=name == "complete", value=name, unit="word")


def first_content(seconds: float, event: int | None = 3) -> Judgement:
    distance = round((seconds - 0.5) * 1000)
    side = "above" if distance > 0 else "below"
    return plain(
        "first_content < 500ms",
        f"{seconds * 1000:.0f} ms",
        holds=seconds < 0.5,
        value=seconds,
        unit="seconds",
        margin=f"{abs(distance)} ms {side} the limit, {abs(distance) / 5:.0f} %",
        event=event,
        at=seconds,
    )


def summary(first: float = 0.412, name: str = "complete", events: int = 41) -> Summary:
    meter = Meter(10.0)
    meter.note_connected(10.03)
    meter.note_opened(10.1)
    for number in range(events):
        at = 10.0 + first + number * 0.02
        meter.note_chunk(100, at)
        meter.note_events(1, at)
        meter.note_content(1, 1, at)
    meter.note_closed(10.0 + first + events * 0.02)
    return Summary(
        verdict=Verdict(name, "the end marker came"),
        url="https://api.example.com/v1/chat/completions",
        status=200,
        content_type="text/event-stream",
        http_version="HTTP/2",
        dialect="openai-chat",
        finish="stop",
        error=None,
        usage=Usage(12, 40, None, None, 52, {"total_tokens": 52}),
        tool_calls=(),
        attempts=(Attempt(at=0.0, took=1.24, status=200, events=events),),
        shown=events,
        figures=meter.figures(0.0),
    )


def run(number: int = 1, *judgements: Judgement, **fields: Any) -> Run:
    """Return a run; it failed if one of its judgements does not hold."""
    failed = any(not each.holds for each in judgements)
    known: dict[str, Any] = {
        "number": number,
        "started": STARTED,
        "seconds": 1.24,
        "outcome": Outcome.FAILED if failed else Outcome.PASSED,
        "exit_code": int(failed),
        "judgements": judgements,
        "summary": summary(),
    }
    return Run(**(known | fields))


LAST = (
    'data: {"choices":[{"index":0,"delta":{"content":" The answer is long."},"finish_reason":null}]}\n\n',
    'event: error\ndata: {"message": "overloaded"}\n\n',
    "data: [DONE]\n\n",
)

PASSED = CheckResult(
    name="ticker",
    source="https://example.com/ticker",
    runs=(
        run(
            1,
            verdict(),
            plain(
                "gap.max < 2s",
                "1.02 s",
                value=1.02,
                unit="seconds",
                margin="980 ms below the limit, 49 %",
                event=7,
                at=6.1,
            ),
            plain("some event == tick", "event 1", value="tick", event=1, at=0.2),
            judgement(
                "status == 200 and header.content-type contains event-stream",
                finding("status == 200", "200", value=200, unit="number", at=0.1),
                finding('header.content-type contains "event-stream"', '"text/event-stream"', at=0.1),
            ),
        ),
    ),
    command="sse check smoke.toml ticker",
    file="smoke.toml",
    line=3,
    tags=("fast",),
)

FAILED = CheckResult(
    name="chat",
    source="https://user:secret@api.example.com/v1/chat/completions?key=abcdefghijkl",
    runs=(
        run(
            1,
            verdict("failed"),
            first_content(0.812),
            plain(
                r'every data ~ "^\\{"',
                '"[DONE]"',
                holds=False,
                value="[DONE]",
                event=41,
                at=1.2,
            ),
            judgement(
                "tokens.output > 10 and (gap.p99 < 1s or some $.usage.completion_tokens_details.x exists)",
                finding(
                    "gap.p99 < 1s",
                    "1.40 s",
                    holds=False,
                    value=1.4,
                    unit="seconds",
                    margin="400 ms above the limit, 40 %",
                ),
                finding(
                    "some $.usage.completion_tokens_details.x exists",
                    "none of 41 events",
                    holds=False,
                    at=1.24,
                ),
                holds=False,
            ),
            plain("tokens_per_second > 20", "not measured", holds=False),
            summary=summary(0.812, "failed"),
            recording="failures/chat-1.jsonl.gz",
            last_events=LAST,
        ),
    ),
    command="sse check smoke.toml chat",
    file="smoke.toml",
    line=12,
)

AGAIN = CheckResult(
    name="flaky",
    source="https://example.com/flaky",
    runs=(
        run(1, verdict("truncated"), retried=True, last_events=LAST[-1:]),
        run(
            2,
            retried=True,
            outcome=Outcome.ERRORED,
            exit_code=3,
            error="cannot connect to example.com:443: refused",
        ),
        run(3, verdict()),
    ),
    command="sse check smoke.toml flaky",
    file="smoke.toml",
    line=20,
)

_TIMES = (0.18, 0.2, 0.21, 0.25, 0.31, 0.33, 0.4, 0.44, 0.612, 0.812)

SEVERAL = CheckResult(
    name="load",
    source="https://example.com/load",
    runs=(
        *(
            run(
                number,
                verdict("truncated" if number == 10 else "complete"),
                first_content(time),
                summary=summary(time, "truncated" if number == 10 else "complete"),
                recording=f"failures/load-{number}.jsonl.gz" if time > 0.5 else "",
                last_events=LAST[:1] if time > 0.5 else (),
            )
            for number, time in enumerate(_TIMES, 1)
        ),
        run(
            11,
            outcome=Outcome.ERRORED,
            exit_code=5,
            summary=None,
            seconds=30.0,
            error="timeout: no connection to example.com:443 within 30 s",
            hint="Is there a firewall between? See --connect-timeout.",
        ),
    ),
    over_runs=(
        plain(
            "p95(first_content) < 500ms",
            "722 ms (n 10)",
            holds=False,
            value=0.722,
            unit="seconds",
            margin="222 ms above the limit, 44 %",
        ),
        plain(
            "success_rate >= 80%",
            "81.8 % (9 of 11)",
            value=0.818,
            unit="share",
            margin="1.8 points above the limit",
        ),
    ),
    command="sse check smoke.toml load --repeat 11",
    file="smoke.toml",
    line=28,
)

ERRORED = CheckResult(
    name="down",
    source="http://127.0.0.1:9/",
    runs=(
        run(
            1,
            outcome=Outcome.ERRORED,
            exit_code=3,
            summary=None,
            seconds=0.003,
            error="cannot connect to 127.0.0.1:9: connection refused",
            hint="Is the server running, and on this port?",
        ),
    ),
    command="sse check smoke.toml down",
    file="smoke.toml",
    line=40,
)

SKIPPED = CheckResult(
    name="resume",
    source="http://127.0.0.1:9/?id={{id}}",
    runs=(),
    reason="{{id}} was not captured, since down could not be judged",
    command="sse check smoke.toml resume",
    file="smoke.toml",
    line=48,
)

WIRE = CheckResult(
    name="hostile",
    source="http://127.0.0.1:8000/hostile",
    runs=(
        run(
            1,
            plain('last data == "[DONE]"', HOSTILE, holds=False, value=HOSTILE, event=10**9, at=1e9),
            plain("events < 10", f"{10**30:,}", holds=False, value=10**30, unit="count"),
            plain('error !~ "x"', "x" * 10_000, holds=False, value="x" * 10_000),
            error="",
            recording="failures/hostile 1.jsonl.gz",
            last_events=(HOSTILE, "data: " + "y" * 10_000 + "\n\n", "data: 1\n" * 1000),
        ),
        run(
            2,
            outcome=Outcome.ERRORED,
            exit_code=4,
            error=f"refused: the server answered 500:\n{HOSTILE}",
            hint=HOSTILE,
        ),
    ),
    command="sse check http://127.0.0.1:8000/hostile -e 'last data == \"[DONE]\"' -e 'events < 10'",
)

REPORT = Report(
    checks=(PASSED, FAILED, AGAIN, SEVERAL, ERRORED, SKIPPED, WIRE), started=STARTED, seconds=42.5
)
"""All of them."""
