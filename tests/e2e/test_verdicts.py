"""How an answer in the shape of OpenAI's chat completions ended, seen from outside."""

import json

import pytest

from tests.e2e.command import Result, sse
from tests.peers.scripted import LAST_CHUNK, ScriptedServer, Step, Wait, chunk, response

DONE = b"data: [DONE]\n\n"
ERROR = {"error": {"message": "the model is overloaded", "type": "server_error", "code": "overloaded"}}


def say(text: str = "", finish: str | None = None) -> bytes:
    choice = {"index": 0, "delta": {"content": text} if text else {}, "finish_reason": finish}
    answer = {"id": "1", "object": "chat.completion.chunk", "model": "m", "choices": [choice]}
    return b"data: %b\n\n" % json.dumps(answer).encode()


def ask(*script: Step) -> Result:
    with ScriptedServer([response(chunked=True), *script]) as server:
        result = sse(server.url, "-o", "text")
    assert result.summary["dialect"] == "openai-chat"
    return result


def test_the_end_marker_makes_it_complete() -> None:
    result = ask(chunk(say("Hi") + say(finish="stop") + DONE) + LAST_CHUNK)
    assert (result.verdict, result.text) == (("complete", 0), "Hi")
    assert result.summary["finish"] == "stop"


def test_without_the_end_marker_it_is_truncated() -> None:
    result = ask(chunk(say("Hi")) + LAST_CHUNK)
    assert (result.verdict, result.text) == (("truncated", 6), "Hi")
    assert "without the end marker of openai-chat" in result.summary["reason"]


@pytest.mark.parametrize("finish", ["length", "content_filter"])
def test_an_answer_that_the_provider_cut_is_incomplete(finish: str) -> None:
    result = ask(chunk(say("Hi") + say(finish=finish) + DONE) + LAST_CHUNK)
    assert (result.verdict, result.text) == (("incomplete", 0), "Hi")
    assert result.summary["finish"] == finish
    assert finish in result.summary["reason"]


@pytest.mark.parametrize("end", [DONE, b""], ids=["marked", "unmarked"])
def test_an_error_in_an_event_is_failed(end: bytes) -> None:
    error = b"data: %b\n\n" % json.dumps(ERROR).encode()
    result = ask(chunk(say("Hi") + error + end) + LAST_CHUNK)
    assert (result.verdict, result.text) == (("failed", 7), "Hi")
    assert result.summary["error"] == {"message": "the model is overloaded", "code": "overloaded"}
    assert "the model is overloaded" in result.summary["reason"]
    assert result.summary["status"] == 200


def test_an_error_in_a_field_that_the_standard_ignores_is_failed() -> None:
    # GPUStack writes a line "error: {…}".
    result = ask(chunk(say("Hi") + b"error: %b\n\n" % json.dumps(ERROR).encode()) + LAST_CHUNK)
    assert (result.verdict, result.text) == (("failed", 7), "Hi")
    assert "the model is overloaded" in result.summary["reason"]


def test_a_server_that_stays_after_the_end_marker_is_left() -> None:
    result = ask(chunk(say("Hi") + say(finish="stop") + DONE), Wait())
    assert (result.verdict, result.text) == (("complete", 0), "Hi")
    assert 1 <= result.summary["end"] - result.summary["last_content"] < 30


def test_a_connection_that_breaks_after_the_end_marker_is_no_matter() -> None:
    result = ask(chunk(say("Hi") + DONE) + b"5\r\nda")
    assert result.verdict == ("complete", 0)


def test_without_its_dialect_the_same_stream_is_complete() -> None:
    with ScriptedServer([response(body=say("Hi"))]) as server:
        result = sse(server.url, "--dialect", "none")
    assert result.verdict == ("complete", 0)
    assert result.summary["dialect"] is None
