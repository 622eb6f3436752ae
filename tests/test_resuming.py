"""A session whose first request is no GET, in virtual time: what is asked for again, how, and what counts."""

import json

import pytest

from sse_cli.core.items import Content, Fault, Reading
from sse_cli.core.pipeline import Plan
from sse_cli.core.reconnect import Policy
from sse_cli.core.resume import Resume
from sse_cli.reconnecting import Reconnecting
from tests.sources.in_memory import MemorySink, MemorySource, Run, Step
from tests.test_reconnecting import CUT, DONE, Connections, body, status, unreachable

CHAT = b'data: {"object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":"%b"}}]}\n\n'
PRIMING = b"id: 7\nretry: 3000\ndata: \n\n"
RESULT = b'data: {"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"text","text":"done"}]}}\n\n'
PROGRESS = b'id: 8\ndata: {"jsonrpc":"2.0","method":"notifications/progress"}\n\n'


def say(number: int, kind: str, **more: object) -> bytes:
    """Return an event of OpenAI's responses."""
    return f"data: {json.dumps({'type': f'response.{kind}', 'sequence_number': number, **more})}\n\n".encode()


CREATED = say(0, "created", response={"id": "resp_1"})
COMPLETED = say(3, "completed", response={"id": "resp_1", "status": "completed"})


def delta(number: int, text: str) -> bytes:
    return say(number, "output_text.delta", delta=text, output_index=0)


def post(
    *sources: MemorySource, repeats: bool = False, plan: Plan | None = None, policy: Policy | None = None
) -> tuple[Run, list[Resume]]:
    """Run a POST, or what else the first source's method is; return how each later one was asked for."""
    connections = Connections(*sources)
    reconnecting = Reconnecting(
        policy or Policy(), connections.again, lambda: 0.0, method="POST", repeats=repeats
    )
    run = Run(connections.first, plan=plan, reconnecting=reconnecting)
    assert len(connections.asked) == len(sources) - 1, "every source was asked"
    return run, connections.asked


def text(run: Run) -> str:
    parts = [part for reading in run.sink.of(Reading) for part in reading.parts]
    return "".join(part.text for part in parts if isinstance(part, Content))


def by_number(number: int) -> Resume:
    rule = Resume(path="/resp_1", query=(("stream", "true"), ("starting_after", str(number))))
    return Resume(method="GET", path=rule.path, query=rule.query, dialect="openai-responses", hint=HINT)


HINT = 'Only a response of background mode can be resumed: does the request say "background": true?'


def test_the_rest_of_an_answer_is_asked_for_by_its_number() -> None:
    run, asked = post(body(CREATED, delta(1, "a"), CUT), body(delta(2, "b"), CUT), body(COMPLETED))
    assert asked == [by_number(1), by_number(2)]
    assert (run.verdict, text(run)) == (("complete", 0), "ab")
    assert [(fault.failures, fault.anew) for fault in run.sink.of(Fault)] == [(1, False), (2, False)]
    assert run.outcome.summary.figures.reconnects == 2
    assert [(each.duplicates, each.jumps) for each in run.outcome.summary.attempts] == [(0, 0)] * 3


def test_what_came_twice_and_what_is_missing_is_told_by_number() -> None:
    run, asked = post(
        body(CREATED, delta(1, "a"), delta(2, "b"), CUT),
        body(delta(1, "a"), delta(2, "b"), delta(3, "c"), CUT),
        body(delta(6, "d"), say(9, "completed", response={})),
    )
    assert asked == [by_number(2), by_number(3)]
    told = [(each.duplicates, each.missed) for each in run.outcome.summary.attempts]
    assert told == [(0, ()), (2, ()), (0, ("4-5", "7-8"))]


def test_the_proper_end_of_an_answer_that_is_not_whole_is_resumed() -> None:
    run, asked = post(body(CREATED, delta(1, "a")), body(delta(2, "b"), COMPLETED))
    assert (asked, run.verdict, text(run)) == ([by_number(1)], ("complete", 0), "ab")


def test_a_streak_of_events_hides_no_number() -> None:
    sink = MemorySink()
    sink.takes_streaks = True
    few, many = (
        b"".join(delta(number, "x") for number in numbers) for numbers in (range(1, 40), range(40, 200))
    )
    connections = Connections(body(CREATED, few, many, CUT), body(say(200, "completed", response={})))
    run = Run(connections.first, sink, reconnecting=Reconnecting(Policy(), connections.again, method="POST"))
    assert (connections.asked, run.verdict) == ([by_number(199)], ("complete", 0))


NOT_AGAIN: dict[str, tuple[list[Step], str, str]] = {
    "no dialect": (
        [b"data: 1\n\n", CUT],
        "the connection broke; not asked again: no way is known to resume a POST", "truncated",
    ),
    "no dialect, and a proper end": (
        [b"data: 1\n\n"],
        "the server ended the response; not asked again: no way is known to resume a POST", "complete",
    ),
    "a dialect without a rule": (
        [CHAT % b"a", CUT],
        "the connection broke; not asked again: openai-chat has no way to resume a POST", "truncated",
    ),
    "nothing to resume by": (
        [delta(1, "a"), CUT],
        "the connection broke; not asked again: openai-responses had not told yet by what to resume a POST",
        "truncated",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", NOT_AGAIN)
def test_a_request_that_may_cost_money_is_not_repeated_and_that_is_said(name: str) -> None:
    steps, reason, verdict = NOT_AGAIN[name]
    run, _ = post(body(*steps))
    assert (run.verdict[0], run.took) == (verdict, 0)
    assert run.reason == f"{reason} (--reconnect-post repeats it)"
    error = run.outcome.error
    assert error is None if verdict == "complete" else error is not None and error.message == run.reason


def test_where_nothing_was_to_be_had_none_of_that_is_said() -> None:
    for steps in ([DONE], [DONE, CUT], [CHAT % b"a" + b"data: [DONE]\n\n"]):
        run, _ = post(body(*steps))
        assert run.reason == "the end marker came"
    run, _ = post(status(404, b"no"))
    assert run.reason == "the server answered 404 Not Found"


def test_a_refusal_says_it_before_the_body_s_beginning() -> None:
    run, _ = post(status(503, b"busy"))
    assert run.outcome.error is not None
    first, second = run.outcome.error.message.split("\n")
    assert first == "refused: " + run.reason
    assert second == "busy"


def test_a_request_that_was_never_sent_is_asked_again() -> None:
    run, asked = post(unreachable(), unreachable(), body(DONE))
    assert (asked, run.verdict, run.took) == ([Resume(goes_on=False)] * 2, ("complete", 0), 3)


def test_one_that_may_have_been_received_is_not() -> None:
    run, _ = post(unreachable(), MemorySource([CUT]))
    assert run.verdict == ("truncated", 6)
    assert "no way is known" in run.reason


def test_the_rest_is_asked_for_again_when_nobody_was_there() -> None:
    run, asked = post(body(CREATED, CUT), unreachable(), unreachable(), body(COMPLETED))
    assert (asked, run.verdict) == ([by_number(0)] * 3, ("complete", 0))


def test_a_refusal_to_resume_ends_it_and_says_what_was_asked() -> None:
    run, _ = post(body(CREATED, CUT), status(404, b'{"error": {"message": "not found"}}'))
    assert run.verdict == ("refused", 4)
    assert (
        run.reason == "the server answered 404 Not Found when asked for the rest, as openai-responses has it"
    )
    assert run.outcome.error is not None
    assert run.outcome.error.hint == HINT
    assert [each.error for each in run.outcome.summary.attempts] == [None, "not found"]


def test_a_busy_server_is_asked_for_the_rest_again() -> None:
    run, asked = post(body(CREATED, CUT), status(503, b"", Retry_After="7"), body(COMPLETED))
    assert (asked, run.verdict, run.took) == ([by_number(0)] * 2, ("complete", 0), 8)


@pytest.mark.parametrize("repeats", [False, True])
def test_who_is_busy_may_be_asked_for_the_rest_later(repeats: bool) -> None:
    busy = status(429, b'{"jsonrpc": "2.0", "id": 1, "error": {"message": "slow"}}', Retry_After="1")
    run, asked = post(body(PROGRESS), busy, body(RESULT), repeats=repeats)
    assert [each.dialect for each in asked] == ["mcp", "mcp"]
    assert (run.verdict, text(run)) == (("complete", 0), "done")
    assert [each.error for each in run.outcome.summary.attempts] == [None, "slow", None]


def test_where_it_may_be_repeated_that_follows_a_refusal_to_resume() -> None:
    run, asked = post(
        body(CREATED, delta(1, "a"), CUT), status(404), body(CREATED, CUT), body(COMPLETED), repeats=True
    )
    assert asked == [by_number(1), Resume(goes_on=False), Resume(goes_on=False)]
    assert run.verdict == ("complete", 0)
    assert [fault.anew for fault in run.sink.of(Fault)] == [False, True, True]


def test_a_server_that_polls_is_come_back_to_before_it_has_said_anything() -> None:
    first = body(PRIMING)
    first.headers = (("Accept", "text/event-stream"), ("MCP-Protocol-Version", "2025-11-25"))
    run, asked = post(first, body(PROGRESS), body(RESULT), policy=Policy(retries=0))
    assert [(each.method, each.last_event_id, each.dialect) for each in asked] == [
        ("GET", "7", "mcp"),
        ("GET", "8", "mcp"),
    ]
    assert dict(asked[1].headers) == {"Accept": "text/event-stream", "Last-Event-ID": "8"}
    assert (run.verdict, text(run), run.took) == (("complete", 0), "done", 6)
    assert run.outcome.summary.dialect == "mcp"


@pytest.mark.parametrize("answer", [RESULT, b'data: {"jsonrpc":"2.0","id":1,"error":{"message":"no"}}\n\n'])
def test_the_response_to_an_mcp_request_is_the_last_of_it(answer: bytes) -> None:
    run, _ = post(body(PROGRESS, answer, 99), plan=Plan(dialect="mcp"))
    assert run.verdict == (("complete", 0) if answer is RESULT else ("failed", 7))
    assert run.took == 1, "the server may leave the connection open"


def test_an_answer_that_ends_quietly_is_whole() -> None:
    said = b'event: messages/partial\ndata: [{"type": "ai", "content": "a", "id": "1"}]\n\n'
    run, _ = post(body(said), repeats=True)
    assert run.verdict == ("complete", 0)
    assert "not asked again" not in run.reason


def anew(*sources: MemorySource) -> Run:
    run, asked = post(*sources, repeats=True)
    assert not any(resume.goes_on for resume in asked)
    return run


def test_an_error_that_was_got_over_is_told_of_its_attempt_alone() -> None:
    failed = b'data: {"error": {"message": "overloaded"}}\n\n'
    run = anew(body(CHAT % b"a", failed), body(DONE))
    assert run.verdict == ("complete", 0)
    summary = run.outcome.summary
    assert summary.error is None
    assert [each.error for each in summary.attempts] == ["overloaded", None]
    run = anew(*[body(CHAT % b"a", failed) for _ in range(6)])
    assert (run.verdict, run.took) == (("failed", 7), 31), "each of them counts as a failure"


def test_an_error_of_a_stream_without_an_answer_is_got_over_as_well() -> None:
    connections = Connections(body(b"event: error\ndata: x\n\n"), body(b"data: 1\n\n"), status(204))
    run = Run(connections.first, reconnecting=Reconnecting(Policy(), connections.again, lambda: 0.0))
    assert run.verdict == ("complete", 0)
    assert [each.error for each in run.outcome.summary.attempts] == ["x", None, None]


CALL = (
    b'data: {"object":"chat.completion.chunk","choices":[{"index":0,"delta":{"tool_calls":'
    b'[{"index":0,"id":"%b","function":{"name":"f","arguments":"%b"}}]}}]}\n\n'
)
USED = b'data: {"object":"chat.completion.chunk","choices":[],"usage":{"completion_tokens":%d}}\n\n'


def test_what_came_of_an_answer_that_begins_anew_is_forgotten() -> None:
    run = anew(
        body(CALL % (b"1", b"{"), USED % 9, 1, CUT), body(1, CHAT % b"b", 1, CALL % (b"2", b"{}"), DONE)
    )
    summary = run.outcome.summary
    assert [(call.id, call.arguments) for call in summary.tool_calls] == [("2", "{}")]
    assert (summary.usage, summary.figures.tokens.output, summary.figures.tokens.estimated) == (None, 3, True)
    assert summary.figures.first_content == 3
    assert summary.figures.gap is not None
    assert (summary.figures.gap.n, summary.figures.gap.max) == (2, 1)
    assert summary.figures.events == 6, "what came is counted all the same"


def test_what_came_of_an_answer_that_goes_on_is_kept() -> None:
    run, _ = post(
        body(CREATED, say(1, "output_item.added", output_index=0, item=ITEM), arguments(2, "{"), CUT),
        body(arguments(3, "}"), say(4, "completed", response={})),
    )
    assert [call.arguments for call in run.outcome.summary.tool_calls] == ["{}"]


ITEM = {"type": "function_call", "call_id": "c", "name": "f", "arguments": ""}


def arguments(number: int, piece: str) -> bytes:
    return say(number, "function_call_arguments.delta", output_index=0, delta=piece)


def test_a_repeated_answer_is_a_failure_each_time_it_is_not_whole() -> None:
    run = anew(*[body(CHAT % b"a") for _ in range(6)])
    assert (run.verdict, run.took) == (("truncated", 6), 31)


def test_a_stream_that_is_no_answer_goes_on_however_often_it_is_asked_for() -> None:
    run, asked = post(*[body(b"data: 1\n\n") for _ in range(9)], status(204), repeats=True)
    assert (run.verdict, run.took) == (("complete", 0), 9)
    assert not any(fault.anew for fault in run.sink.of(Fault))
    assert len(asked) == 9


def test_an_id_has_the_answer_go_on() -> None:
    run, asked = post(body(b"id: 7\n" + CHAT % b"a", CUT), body(DONE), repeats=True)
    assert (asked, run.verdict) == ([Resume(last_event_id="7")], ("complete", 0))
