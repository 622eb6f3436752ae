"""The openai-chat dialect: recorded bodies, and shapes of which there is no recording."""

import json
from pathlib import Path
from typing import Any

import pytest

from sse_cli.core.items import (
    Chunk,
    Closed,
    Content,
    Failure,
    Finish,
    Item,
    Opened,
    Part,
    Reading,
    Reasoning,
    Refusal,
    Usage,
)
from sse_cli.core.meter import Meter
from sse_cli.core.pipeline import Pipeline, Plan
from sse_cli.core.verdict import Verdict, judge

CAPTURES = Path(__file__).parents[3] / "shared" / "captures"
SIDECARS = sorted(CAPTURES.glob("openai-chat__*.json"))


class Run:
    """A body read in pieces, and what came of it."""

    def __init__(self, body: bytes, piece: int = 700, plan: Plan | None = None) -> None:
        self.pipeline = Pipeline(plan or Plan(), Meter(0.0))
        self.pipeline.open(Opened(200, (("content-type", "text/event-stream"),), "HTTP/1.1", "u", 0.0))
        items: list[Item] = []
        for start in range(0, len(body), piece):
            items += self.pipeline.feed(Chunk(body[start : start + piece], 1.0))
        items += self.pipeline.end(2.0)
        self.parts: list[Part] = [p for item in items if isinstance(item, Reading) for p in item.parts]

    def text(self, kind: type[Content] | type[Reasoning] | type[Refusal], choice: int = 0) -> str:
        return "".join(part.text for part in self.parts if type(part) is kind and part.choice == choice)

    def verdict(self) -> Verdict:
        return judge(self.pipeline.close(Closed("eof", "", 2.0)))


def expected_verdict(sidecar: dict[str, Any]) -> str:
    """What the sidecar says of the end: an error, no end marker where one was due, or a finish that cuts."""
    if sidecar["errors"]:
        return "failed"
    if sidecar["terminator"] == "eof" and sidecar["finish"] is None:
        return "truncated"
    return "incomplete" if sidecar["finish"] == "length" else "complete"


@pytest.mark.skipif(not SIDECARS, reason="the recorded bodies are not here")
@pytest.mark.parametrize("path", SIDECARS, ids=lambda path: path.stem.removeprefix("openai-chat__"))
def test_recorded_bodies(path: Path) -> None:
    sidecar = json.loads(path.read_text(encoding="utf-8"))
    run = Run(path.with_suffix("").read_bytes())
    answer = run.pipeline.answer
    assert run.pipeline.dialect == "openai-chat"
    assert run.text(Content) == sidecar["your_text"]
    assert run.text(Reasoning) == (sidecar["reasoning_text"] or "")
    assert run.text(Refusal) == (sidecar.get("refusal") or "")
    calls = [{"id": c.id, "name": c.name, "arguments": c.arguments} for c in answer.tool_calls]
    assert calls == sidecar["tool_calls"]
    assert (answer.usage.raw if answer.usage else None) == sidecar["usage"]
    assert (answer.finish.reason if answer.finish else None) == sidecar["finish"]
    assert (answer.failure is not None) == bool(sidecar["errors"])
    if sidecar["terminator"] in {"[DONE]", "chat.completion.done"}:
        assert answer.done is not None
        assert answer.done.marker == sidecar["terminator"]
    else:
        assert answer.done is None
    assert run.verdict().name == expected_verdict(sidecar)


def sse(*payloads: object, done: bool = True) -> bytes:
    blocks = [f"data: {json.dumps(payload)}\n\n" for payload in payloads]
    return "".join(blocks + ["data: [DONE]\n\n"] * done).encode()


def delta(finish: str | None = None, index: int = 0, **fields: object) -> dict[str, object]:
    choice = {"index": index, "delta": fields, "finish_reason": finish}
    return {"object": "chat.completion.chunk", "model": "m", "choices": [choice]}


def test_choices_that_interleave_are_kept_apart() -> None:
    run = Run(
        sse(delta(content="a"), delta(content="x", index=1), delta(content="b"), delta(content="y", index=1))
    )
    assert (run.text(Content), run.text(Content, 1)) == ("ab", "xy")


def test_content_that_is_a_list_of_typed_parts() -> None:
    thinking = {"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]}
    run = Run(
        sse(delta(content=[thinking]), delta(content=[{"type": "text", "text": "a"}]), delta(content="b"))
    )
    assert (run.text(Reasoning), run.text(Content)) == ("hm", "ab")


def test_text_under_two_names_counts_once() -> None:
    run = Run(sse(delta(reasoning="why", reasoning_details=[{"type": "reasoning.text", "text": "why"}])))
    assert run.text(Reasoning) == "why"


def test_usage_under_one_set_of_names() -> None:
    usage = {
        "prompt_tokens": 5,
        "completion_tokens": 7,
        "total_tokens": 12,
        "completion_tokens_details": {"reasoning_tokens": 3},
        "prompt_tokens_details": {"cached_tokens": 2},
    }
    run = Run(sse(delta(content="a"), {"object": "chat.completion.chunk", "choices": [], "usage": usage}))
    assert [part for part in run.parts if type(part) is Usage] == [Usage(5, 7, 3, 2, 12, usage)]
    assert run.pipeline.meter.figures(3.0).tokens.output == 7


@pytest.mark.parametrize(
    "error",
    [
        {"error": {"message": "boom", "type": "server_error", "code": None}},
        {"error": "boom"},
        {"object": "error", "message": "boom", "type": "BadRequestError", "code": 400},
        {"choices": [], "object": "chat.completion.chunk", "error": {"code": 502, "message": "boom"}},
    ],
    ids=["openai", "a string", "vllm", "openrouter"],
)
def test_an_error_in_the_stream(error: dict[str, object]) -> None:
    run = Run(sse(delta(content="a"), error))
    failures = [part for part in run.parts if type(part) is Failure]
    assert [failure.message for failure in failures] == ["boom"]
    assert run.verdict().name == "failed"


def test_an_error_in_a_field_that_sse_does_not_know() -> None:
    run = Run(sse(delta(content="a"), done=False) + b'error: {"error": {"message": "boom", "code": 500}}\n\n')
    assert run.pipeline.answer.failure == Failure("boom", "500")


@pytest.mark.parametrize("error", [None, {}, ""])
def test_an_error_field_that_says_nothing_is_none(error: object) -> None:
    assert Run(sse({**delta(content="a"), "error": error})).verdict().name == "complete"


def test_a_finish_that_cuts_the_answer() -> None:
    run = Run(sse(delta(content="a"), delta(finish="length")))
    assert [part for part in run.parts if type(part) is Finish] == [Finish("length", 0, True)]
    assert run.verdict().name == "incomplete"


def test_tool_calls_are_merged_by_their_index() -> None:
    def piece(index: int | None, id_: str | None, name: str | None, arguments: str) -> dict[str, object]:
        function = {"arguments": arguments} | ({"name": name} if name else {})
        call = (
            {"function": function}
            | ({} if index is None else {"index": index})
            | ({"id": id_} if id_ else {})
        )
        return delta(tool_calls=[call])

    run = Run(
        sse(
            piece(0, "a", "f", '{"x"'),
            piece(1, "b", "g", "{"),
            piece(0, "", None, ":1}"),
            piece(1, None, None, "}"),
        )
    )
    calls = [(call.id, call.name, call.arguments) for call in run.pipeline.answer.tool_calls]
    assert calls == [("a", "f", '{"x":1}'), ("b", "g", "{}")]
    unnumbered = Run(sse(piece(None, "a", "f", "{}"), piece(None, "b", "g", "{}")))
    assert [call.id for call in unnumbered.pipeline.answer.tool_calls] == ["a", "b"]


def test_the_model_is_told_once() -> None:
    run = Run(sse(delta(content="a"), delta(content="b"), {**delta(content="c"), "model": "n"}))
    assert [part.value for part in run.parts if type(part).__name__ == "Meta"] == ["m", "n"]


def test_a_stream_of_something_else_has_no_dialect() -> None:
    run = Run(sse(*({"price": number} for number in range(30)), done=False))
    assert run.pipeline.dialect is None
    assert run.parts == []
    assert run.verdict().name == "complete"


def test_a_dialect_can_be_forbidden() -> None:
    run = Run(sse(delta(content="a")), plan=Plan(dialect="none"))
    assert run.parts == []
