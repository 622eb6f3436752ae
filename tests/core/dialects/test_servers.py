"""Tapes of inference servers, SDKs and protocols, for shapes of which there is no recording."""

import json

import pytest

from sse_cli.core.pipeline import Plan
from tests.core.dialects.tape import DONE, Run, sse


def lines(*payloads: object) -> str:
    return "".join(json.dumps(payload) + "\n" for payload in payloads)


def typed(kind: str, **fields: object) -> dict[str, object]:
    return {"type": kind, **fields}


def tgi(text: str, *, special: bool = False, **more: object) -> str:
    token = {"id": 1, "text": text, "logprob": -0.1, "special": special}
    return "data:" + json.dumps({"index": 1, "token": token, "generated_text": None, **more}) + "\n\n"


def choice(finish: str | None = None, **delta: object) -> dict[str, object]:
    choices = [{"index": 0, "delta": delta, "finish_reason": finish}]
    return {"object": "chat.completion.chunk", "choices": choices}


PULLED = {"status": "pulling 8eeb52dfb3bb", "digest": "sha256:8eeb", "total": 9, "completed": 9}
CALL = {"function": {"name": "f", "arguments": {"x": 1}}}
COUNTS = {"done": True, "done_reason": "stop", "prompt_eval_count": 1, "eval_count": 2}
DETAILS = {"finish_reason": "length", "generated_tokens": 2}

SSE = {
    "tgi": (
        "tgi",
        tgi("Hel") + tgi("lo") + tgi("</s>", special=True, generated_text="Hello", details=DETAILS),
        {"text": "Hello", "usage": (None, 2, None), "finish": "length", "done": "generated_text"},
        "incomplete",
    ),
    "tgi, an error": (
        "tgi",
        tgi("Hel") + 'data:{"error":"boom","error_type":"generation"}\n\n',
        {"text": "Hel", "error": "boom", "code": "generation"},
        "failed",
    ),
    "llama.cpp": (
        "llama-cpp",
        sse({"content": "Hel", "stop": False}, {"content": "lo", "stop": False})
        + sse(
            {"content": "", "stop": True, "stop_type": "limit", "tokens_predicted": 2, "tokens_evaluated": 1}
        ),
        {"text": "Hello", "usage": (1, 2, None), "finish": "limit", "done": "stop:true"},
        "incomplete",
    ),
    "llama.cpp, an old one": (
        "llama-cpp",
        sse({"content": "Hi", "stop": False}, {"content": "", "stop": True, "stopped_limit": True}),
        {"text": "Hi", "finish": "limit", "done": "stop:true"},
        "incomplete",
    ),
    "llama.cpp, an error in a field of its own": (
        "llama-cpp",
        sse({"content": "Hi", "stop": False}) + 'error: {"code": 500, "message": "boom", "type": "t"}\n\n',
        {"text": "Hi", "error": "boom", "code": "500"},
        "failed",
    ),
    "workers ai": (
        "workers-ai",
        sse({"response": "Hel", "p": "abc"}, {"response": "lo", "p": "a"})
        + sse({"response": "", "usage": {"prompt_tokens": 1, "completion_tokens": 2}}, end=DONE),
        {"text": "Hello", "usage": (1, 2, None), "done": "[DONE]"},
        "complete",
    ),
    "workers ai, with a native event at the end": (
        "openai-chat",
        sse(choice(content="Hel"), choice(content="lo"), choice("stop"))
        + sse({"response": "", "usage": {"prompt_tokens": 1, "completion_tokens": 2}}, end=DONE),
        {"text": "Hello", "usage": (1, 2, None), "finish": "stop", "done": "[DONE]"},
        "complete",
    ),
    "ai sdk": (
        "ai-sdk-ui",
        sse(typed("start", messageId="m"), typed("start-step"), typed("reasoning-delta", id="r", delta="hm"))
        + sse(typed("text-delta", id="t", delta="Hel"), typed("text-delta", id="t", delta="lo"))
        + sse(typed("tool-input-start", toolCallId="c", toolName="f"))
        + sse(typed("tool-input-delta", toolCallId="c", inputTextDelta='{"x"'))
        + sse(typed("tool-input-available", toolCallId="c", toolName="f", input={"x": 1}))
        + sse(typed("data-weather", data={"text": "no"}), typed("finish", finishReason="stop"), end=DONE),
        {
            "reasoning": "hm",
            "text": "Hello",
            "calls": [("c", "f", '{"x":1}')],
            "finish": "stop",
            "done": "[DONE]",
        },
        "complete",
    ),
    "ai sdk, an error": (
        "ai-sdk-ui",
        sse(typed("start"), typed("error", errorText="boom"), end=DONE),
        {"error": "boom", "done": "[DONE]"},
        "failed",
    ),
    "ai sdk, an abort": (
        "ai-sdk-ui",
        sse(typed("text-delta", id="t", delta="Hi"), typed("abort", reason="user"), end=DONE),
        {"text": "Hi", "finish": "abort", "done": "[DONE]"},
        "incomplete",
    ),
    "replicate, an error": (
        "replicate",
        "event: output\nid: 1:0\ndata:  Hi\n\n"
        'event: error\nid: 1:1\ndata: {"detail":"boom"}\n\n'
        'event: done\nid: 1:2\ndata: {"reason":"error"}\n\n',
        {"text": " Hi", "finish": "error", "error": "boom", "done": "event: done"},
        "failed",
    ),
    "watsonx": (
        "watsonx",
        sse({"results": [{"generated_text": "Hel", "input_token_count": 5, "stop_reason": "not_finished"}]})
        + sse(
            {"results": [{"generated_text": "lo", "generated_token_count": 2, "stop_reason": "max_tokens"}]}
        ),
        {"text": "Hello", "usage": (5, 2, None), "finish": "max_tokens"},
        "incomplete",
    ),
    "mcp, notifications first": (
        "mcp",
        "id: 1\r\ndata:\r\n\r\n: ping - 2026\r\n\r\n"
        + sse(("message", {"jsonrpc": "2.0", "method": "notifications/progress", "params": {}}), eol="\r\n")
        + sse(
            {"jsonrpc": "2.0", "id": 3, "result": {"content": [{"type": "text", "text": "Hi"}]}}, eol="\r\n"
        ),
        {"text": "Hi", "finish": "result id=3"},
        "complete",
    ),
    "mcp, an error": (
        "mcp",
        sse({"jsonrpc": "2.0", "id": 3, "error": {"code": -32602, "message": "boom"}}),
        {"error": "boom", "code": "-32602"},
        "failed",
    ),
    "mcp, no result": (
        "mcp",
        sse({"jsonrpc": "2.0", "method": "notifications/progress", "params": {}}),
        {},
        "truncated",
    ),
}
NDJSON = {
    "ollama, a chat with tools": (
        "ollama",
        lines(
            {"model": "m", "message": {"role": "assistant", "content": "", "thinking": "hm"}, "done": False},
            {
                "model": "m",
                "message": {"role": "assistant", "content": "", "tool_calls": [CALL]},
                "done": False,
            },
            {"model": "m", "message": {"role": "assistant", "content": "Hi"}, **COUNTS},
        ),
        {
            "reasoning": "hm",
            "text": "Hi",
            "calls": [(None, "f", '{"x":1}')],
            "usage": (1, 2, None),
            "finish": "stop",
            "done": "done:true",
        },
        "complete",
    ),
    "ollama, an error": (
        "ollama",
        lines({"model": "m", "response": "Hel", "done": False}, {"error": "boom"}),
        {"text": "Hel", "error": "boom"},
        "failed",
    ),
    "ollama, a pull": (
        "ollama",
        lines({"status": "pulling manifest"}, PULLED, {"status": "success"}),
        {"done": "status:success"},
        "complete",
    ),
    "cohere v1, an error": (
        "cohere-v1",
        lines({"event_type": "text-generation", "text": "Hi"})
        + lines({"event_type": "stream-end", "finish_reason": "ERROR", "error": "boom"}),
        {"text": "Hi", "finish": "ERROR", "error": "boom", "done": "stream-end"},
        "failed",
    ),
}


@pytest.mark.parametrize(("dialect", "body", "outcome", "verdict"), SSE.values(), ids=SSE)
def test_events(dialect: str, body: str, outcome: dict[str, object], verdict: str) -> None:
    assert Run(body).outcome() == {"dialect": dialect, **outcome, "verdict": verdict}


@pytest.mark.parametrize(("dialect", "body", "outcome", "verdict"), NDJSON.values(), ids=NDJSON)
def test_lines(dialect: str, body: str, outcome: dict[str, object], verdict: str) -> None:
    run = Run(body, content_type="application/x-ndjson")
    assert run.outcome() == {"dialect": dialect, **outcome, "verdict": verdict}


def test_old_workers_ai_by_name() -> None:
    run = Run(sse({"response": "Hi"}, end=DONE), plan=Plan(dialect="workers-ai"))
    assert run.outcome() == {"dialect": "workers-ai", "text": "Hi", "done": "[DONE]", "verdict": "complete"}
