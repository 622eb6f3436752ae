"""Streams of no dialect: what merely looks alike is not taken for one, and an error is told all the same."""

import json

import pytest

from sse_cli.core.pipeline import Plan
from tests.core.dialects.tape import Run, sse

WIKIMEDIA = ":ok\n\n" + "".join(
    f'event: message\nid: [{{"topic":"t","partition":0,"offset":{n}}}]\n'
    f'data: {{"$schema":"/mediawiki/recentchange/1.0.0","type":"edit","title":"T{n}"}}\n\n'
    for n in range(20)
)
STRANGERS = {
    "wikimedia": WIKIMEDIA,
    "mercure": 'id: urn:uuid:1\ndata: {"@id": "/books/1", "status": "OutOfStock"}\n\n',
    "flags": sse(("put", {"path": "/", "data": {"features": {}}}), ("patch", {"path": "/a", "data": 1})),
    "numbers": sse(*({"value": n} for n in range(20))),
    "numbers in quotes": sse(*({"value": f"{n}.5"} for n in range(20))),
    "response": sse(*({"response": f"r{n}"} for n in range(20))),
    "content": sse(*({"content": f"c{n}"} for n in range(20))),
    "type and content": sse({"type": "error_rate", "content": "1"}, {"type": "completion", "n": 1}),
    "status": sse({"status": "success"}, {"status": "verifying"}),
    "candidates": sse({"candidates": 5}, {"candidates": []}, {"candidates": [{"name": "A"}]}),
    "usage": sse({"usageMetadata": None}, {"promptFeedback": "none"}),
    "done": sse({"done": False, "n": 1}),
    "stop": sse({"content": "x", "stop": "Main Street"}),
    "token": sse({"token": {"text": "x"}}, {"token": "x", "user": "u"}, ("token", {"jwt": "x"})),
    "names": sse(
        ("data", {"x": 1}), ("output", "x"), ("updates", {"x": 1}), ("custom", "x"), ("values", [1])
    ),
    "events inside": sse({"event": "start", "data": "x"}, {"event": "end", "data": 1}),
    "events with a text": sse({"event": "message", "text": "x"}, {"event": "ping"}),
    "types": sse({"type": "start"}, {"type": "message_start"}, {"type": "item", "content": "x"}),
    "errors of a log": sse({"error": "x", "host": "h", "count": 3}, {"level": "error", "message": "x"}),
    "nothing wrong": sse({"error": None, "value": 1}, {"error": ""}, {"error": {}}),
    "words": sse("hello", "world", "[DONE]"),
}


@pytest.mark.parametrize("body", STRANGERS.values(), ids=STRANGERS)
def test_a_stranger_is_left_alone(body: str) -> None:
    assert Run(body).outcome() == {"verdict": "complete"}


def test_lines_of_a_log_are_left_alone() -> None:
    run = Run("first [DONE] second\nthird\n", content_type="text/plain")
    assert run.outcome() == {"verdict": "complete"}


ERRORS = {
    "a named event": (sse({"x": 1}, ("error", {"message": "boom", "code": 5})), "5"),
    "a named event with text": (sse({"x": 1}, ("error", "boom")), None),
    "a named event after many": (sse(*[{"x": 1}] * 40, ("error", "boom")), None),
    "data that is nothing else": (sse({"error": {"message": "boom", "type": "t"}}), "t"),
    "over several lines": ('data: {\ndata:   "error": "boom"\ndata: }\n\n', None),
    "a list of errors": (sse(("error", {"errors": [{"code": "c", "message": "boom"}], "trace": "t"})), "c"),
    "an unknown field": ('data: 1\n\nerror: {"error": {"message": "boom", "code": 500}}\n\n', "500"),
    "in a stream of a dialect": (
        sse({"object": "chat.completion.chunk", "choices": []}, ("error", {"message": "boom"})),
        None,
    ),
}


@pytest.mark.parametrize(("body", "code"), ERRORS.values(), ids=ERRORS)
def test_an_error_is_told_without_a_dialect(body: str, code: str | None) -> None:
    found = Run(body).outcome()
    assert (found["error"], found.get("code"), found["verdict"]) == ("boom", code, "failed")


def test_a_dialect_of_none_hears_no_error() -> None:
    """For streams in which an event named error is nothing but news, such as the lines of a log."""
    run = Run(sse(("error", "boom"), {"error": "boom"}), plan=Plan(dialect="none"))
    assert run.outcome() == {"verdict": "complete"}


@pytest.mark.parametrize("content_type", ["application/x-ndjson", "application/json"])
def test_an_error_alone_on_a_line(content_type: str) -> None:
    body = json.dumps({"n": 1}) + "\n" + json.dumps({"error": "boom"}) + "\n"
    assert Run(body, content_type=content_type).verdict().name == "failed"
