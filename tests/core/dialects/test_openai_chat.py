"""The openai-chat dialect: shapes of which there is no recording."""

import pytest

from sse_cli.core.items import Content, Failure, Finish, Reasoning, Refusal, Usage
from sse_cli.core.pipeline import Plan
from tests.core.dialects.tape import DONE, Run
from tests.core.dialects.tape import sse as tape


def sse(*payloads: object, done: bool = True) -> bytes:
    return tape(*payloads, end=DONE if done else "").encode()


def delta(finish: str | None = None, index: int = 0, **fields: object) -> dict[str, object]:
    choice = {"index": index, "delta": fields, "finish_reason": finish}
    return {"object": "chat.completion.chunk", "model": "m", "choices": [choice]}


def test_choices_that_interleave_are_kept_apart() -> None:
    run = Run(
        sse(delta(content="a"), delta(content="x", index=1), delta(content="b"), delta(content="y", index=1))
    )
    assert (run.text(Content), run.text(Content, 1)) == ("ab", "xy")


def test_a_refusal_has_a_text_of_its_own() -> None:
    run = Run(sse(delta(content=""), delta(refusal="I "), delta(refusal="won't"), delta(finish="stop")))
    assert run.text(Refusal) == "I won't"
    assert run.text(Content) == ""
    assert run.verdict().name == "complete"


def test_a_relative_that_sends_no_marker_has_a_finish_reason() -> None:
    whole = [{**delta(content="a"), "model_id": "x"}, {**delta(finish="stop"), "model_id": "x"}]
    assert Run(sse(*whole, done=False)).verdict().name == "complete"
    assert Run(sse(whole[0], done=False)).verdict().name == "truncated"


def test_usage_inside_a_choice() -> None:
    choice = {"index": 0, "delta": {}, "finish_reason": "stop", "usage": {"prompt_tokens": 1}}
    run = Run(sse(delta(content="a"), {"object": "chat.completion.chunk", "choices": [choice]}))
    assert run.pipeline.answer.usage == Usage(1, None, None, None, None, {"prompt_tokens": 1})


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
        {**delta(finish="error"), "error": {"code": 502, "message": "boom"}},
        {"choices": [{"index": 0, "delta": {}, "error": {"code": 502, "message": "boom"}}]},
        ("error", {"error": {"message": "boom", "type": "x", "status_code": 400}}),
    ],
    ids=["openai", "a string", "vllm", "openrouter", "with a finish", "in a choice", "groq"],
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


def test_a_finish_reason_that_is_an_error() -> None:
    assert Run(sse(delta(content="a"), delta(finish="error"))).verdict().name == "failed"


def test_an_error_before_anything_else() -> None:
    run = Run(sse({"error": {"message": "boom", "code": "x"}}, done=False))
    assert run.pipeline.answer.failure == Failure("boom", "x")


def test_a_stream_of_something_else_has_no_dialect() -> None:
    run = Run(sse(*({"price": number} for number in range(30)), done=False))
    assert run.pipeline.dialect is None
    assert run.parts == []
    assert run.verdict().name == "complete"


def test_a_dialect_can_be_forbidden() -> None:
    run = Run(sse(delta(content="a")), plan=Plan(dialect="none"))
    assert run.parts == []
