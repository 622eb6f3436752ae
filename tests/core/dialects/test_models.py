"""Tapes of the large providers' own formats, for shapes of which there is no recording."""

import json

import pytest

from tests.core.dialects.tape import Run, sse


def named(*payloads: dict[str, object]) -> str:
    """Write events whose name is the type in their data."""
    return sse(*((payload["type"], payload) for payload in payloads))


def typed(kind: str, **fields: object) -> dict[str, object]:
    return {"type": kind, **fields}


def start(tokens: int) -> dict[str, object]:
    usage = {"input_tokens": tokens, "output_tokens": 1}
    return typed("message_start", message={"model": "m", "usage": usage})


def block(text: str) -> dict[str, object]:
    return typed("content_block_delta", index=0, delta={"type": "text_delta", "text": text})


def gemini(*texts: str, finish: str | None = None, **more: object) -> dict[str, object]:
    candidate: dict[str, object] = {"content": {"parts": [{"text": text} for text in texts], "role": "model"}}
    return {"candidates": [candidate | ({"finishReason": finish} if finish else {})], **more}


def responses(*payloads: dict[str, object]) -> str:
    return named(typed("response.created", response={"status": "in_progress"}), *payloads)


SAID = typed("response.output_text.delta", delta="Hi")
OVERLOADED = typed("error", error={"type": "overloaded_error", "message": "Overloaded"})
COHERE_CALL = {"id": "c", "type": "function", "function": {"name": "f", "arguments": ""}}

SSE = {
    "anthropic, an error": (
        "anthropic-messages",
        named(start(5), block("Hel"), OVERLOADED),
        {"text": "Hel", "usage": (5, 1, None), "error": "Overloaded", "code": "overloaded_error"},
        "failed",
    ),
    "anthropic, an error at once": (
        "anthropic-messages",
        named(OVERLOADED),
        {"error": "Overloaded", "code": "overloaded_error"},
        "failed",
    ),
    "anthropic, a retry spliced in": (
        "anthropic-messages",
        named(start(5), block("Hel"), start(6), block("Hello"))
        + named(typed("message_delta", delta={"stop_reason": "end_turn"}, usage={"output_tokens": 9}))
        + named(typed("message_stop")),
        {"text": "HelHello", "usage": (6, 9, None), "finish": "end_turn", "done": "message_stop"},
        "complete",
    ),
    "anthropic, a tool that comes whole": (
        "anthropic-messages",
        named(start(1))
        + named(
            typed(
                "content_block_start",
                index=1,
                content_block={"type": "tool_use", "id": "c", "name": "f", "input": {"x": 1}},
            )
        )
        + named(typed("message_delta", delta={"stop_reason": "tool_use"}), typed("message_stop")),
        {
            "usage": (1, 1, None),
            "calls": [("c", "f", '{"x":1}')],
            "finish": "tool_use",
            "done": "message_stop",
        },
        "complete",
    ),
    "responses, incomplete": (
        "openai-responses",
        responses(SAID)
        + named(
            typed(
                "response.incomplete",
                response={
                    "status": "incomplete",
                    "incomplete_details": {"reason": "max_output_tokens"},
                    "usage": {"input_tokens": 1, "output_tokens": 2, "total_tokens": 3},
                },
            )
        ),
        {"text": "Hi", "usage": (1, 2, 3), "finish": "max_output_tokens", "done": "response.incomplete"},
        "incomplete",
    ),
    "responses, failed": (
        "openai-responses",
        responses(SAID)
        + named(
            typed("response.failed", response={"status": "failed", "error": {"code": "c", "message": "boom"}})
        ),
        {"text": "Hi", "finish": "failed", "error": "boom", "code": "c", "done": "response.failed"},
        "failed",
    ),
    "responses, a flat error": (
        "openai-responses",
        responses(SAID, typed("error", code="c", message="boom", param=None, sequence_number=2)),
        {"text": "Hi", "error": "boom", "code": "c"},
        "failed",
    ),
    "responses, a refusal": (
        "openai-responses",
        responses(typed("response.refusal.delta", delta="no"))
        + named(typed("response.completed", response={"status": "completed"})),
        {"refusal": "no", "finish": "completed", "done": "response.completed"},
        "complete",
    ),
    "responses, cut": ("openai-responses", responses(SAID), {"text": "Hi"}, "truncated"),
    "gemini, blocked": (
        "gemini",
        sse({"promptFeedback": {"blockReason": "SAFETY"}}, eol="\r\n"),
        {"finish": "blocked:SAFETY"},
        "incomplete",
    ),
    "gemini, too long": (
        "gemini",
        sse(
            gemini("Hel"), gemini("lo", finish="MAX_TOKENS", usageMetadata={"totalTokenCount": 3}), eol="\r\n"
        ),
        {"text": "Hello", "usage": (None, None, 3), "finish": "MAX_TOKENS"},
        "incomplete",
    ),
    "gemini, cut": ("gemini", sse(gemini("Hel"), eol="\r\n"), {"text": "Hel"}, "truncated"),
    "gemini, an error that is no event": (
        "gemini",
        sse(gemini("Hel"), eol="\r\n")
        + json.dumps({"error": {"code": 499, "message": "boom", "status": "CANCELLED"}}, indent=2),
        {"text": "Hel", "error": "boom", "code": "499"},
        "failed",
    ),
    "cohere": (
        "cohere-v2",
        named(typed("message-start", delta={"message": {"content": []}}))
        + named(typed("content-delta", index=0, delta={"message": {"content": {"thinking": "hm"}}}))
        + named(typed("content-delta", index=1, delta={"message": {"content": {"text": "Hi"}}}))
        + named(typed("tool-call-start", index=0, delta={"message": {"tool_calls": COHERE_CALL}}))
        + named(
            typed(
                "tool-call-delta",
                index=0,
                delta={"message": {"tool_calls": {"function": {"arguments": "{}"}}}},
            )
        )
        + named(typed("message-end", delta={"finish_reason": "TOOL_CALL"})),
        {
            "reasoning": "hm",
            "text": "Hi",
            "calls": [("c", "f", "{}")],
            "finish": "TOOL_CALL",
            "done": "message-end",
        },
        "complete",
    ),
    "cohere, an error": (
        "cohere-v2",
        named(typed("content-delta", index=0, delta={"message": {"content": {"text": "Hi"}}}))
        + named(typed("message-end", delta={"finish_reason": "ERROR", "error": "boom"})),
        {"text": "Hi", "finish": "ERROR", "error": "boom", "done": "message-end"},
        "failed",
    ),
}


@pytest.mark.parametrize(("dialect", "body", "outcome", "verdict"), SSE.values(), ids=SSE)
def test_events(dialect: str, body: str, outcome: dict[str, object], verdict: str) -> None:
    assert Run(body).outcome() == {"dialect": dialect, **outcome, "verdict": verdict}
