"""Tapes of the systems around the models: agents, flows, chat services. There is no recording of most."""

import json

import pytest

from tests.core.dialects.tape import DONE, Run, sse


def flowise(*events: tuple[str, object], start: str = "message:\ndata:") -> str:
    return "".join(f"{start}{json.dumps({'event': event, 'data': data})}\n\n" for event, data in events)


ENDED = ("end", "[DONE]")
SAID = [("start", "Hel"), ("token", "Hel"), ("token", "lo")]
FLOWISE = {
    "a chatflow": (
        ":heartbeat\n\n"
        + flowise(
            *SAID,
            ("usedTools", [{"tool": "calc", "toolInput": {"x": 1}, "toolOutput": "2"}]),
            ("sourceDocuments", [{"pageContent": "p"}]),
            ("usageMetadata", {"input_tokens": 1, "output_tokens": 2, "total_tokens": 3}),
            ("metadata", {"chatId": "c"}),
            ENDED,
        ),
        {"text": "Hello", "calls": [(None, "calc", '{"x":1}')], "usage": (1, 2, 3), "done": "end"},
        "complete",
    ),
    "an agentflow": (
        flowise(
            ("agentFlowEvent", "INPROGRESS"),
            ("nextAgentFlow", {"nodeId": "n", "status": "INPROGRESS"}),
            ("thinking", "hm"),
            ("token", "Hi"),
            ("agentFlowExecutedData", [{"nodeId": "n", "data": {"output": {"content": "Hi"}}}]),
            ("agentFlowEvent", "FINISHED"),
            ("metadata", {"chatId": "c"}),
            ENDED,
        ),
        {"text": "Hi", "reasoning": "hm", "finish": "FINISHED", "done": "end"},
        "complete",
    ),
    "an agentflow that fails": (
        flowise(
            ("agentFlowEvent", "INPROGRESS"),
            ("nextAgentFlow", {"nodeId": "n", "status": "ERROR", "error": "boom"}),
            ("agentFlowEvent", "ERROR"),
            ("error", "boom"),
            ENDED,
        ),
        {"error": "boom", "done": "end"},
        "failed",
    ),
    "an error, then the end": (
        flowise(*SAID, ("error", "boom"), ENDED),
        {"text": "Hello", "error": "boom", "done": "end"},
        "failed",
    ),
    "a wrong key": (
        flowise(("error", "Unauthorized"), ENDED),
        {"error": "Unauthorized", "done": "end"},
        "failed",
    ),
    "an abort": (
        flowise(*SAID, ("abort", "[DONE]"), ENDED),
        {"text": "Hello", "finish": "abort", "done": "end"},
        "incomplete",
    ),
    "the old frames": (
        flowise(*SAID) + flowise(ENDED, start="message\ndata:"),
        {"text": "Hello", "done": "end"},
        "complete",
    ),
    "cut before the end": (flowise(*SAID), {"text": "Hello"}, "truncated"),
    "named events": (
        sse(("start", "Hel"), ("token", "Hel"), ("token", "lo {"), ("usedTools", [{"tool": "t"}]))
        + sse(("metadata", {"chatId": "c"}), ("end", "[DONE]")),
        {"text": "Hello {", "calls": [(None, "t", "{}")], "done": "event: end"},
        "complete",
    ),
    "data of nothing but a token, and an end without data": (
        sse({"token": "Hel"}, {"token": "lo"}) + "event: end\n\n",
        {"text": "Hello", "done": "event: end"},
        "complete",
    ),
    "a named error, and an end without data": (
        sse({"token": "Hel"}, ("error", {"message": "boom"})) + "event: end\n\n",
        {"text": "Hel", "error": "boom", "done": "event: end"},
        "failed",
    ),
    "a named error in plain words": (
        sse(("token", "Hel"), ("error", "boom"), ("end", "x")),
        {"text": "Hel", "error": "boom", "done": "event: end"},
        "failed",
    ),
}


@pytest.mark.parametrize(("body", "outcome", "verdict"), FLOWISE.values(), ids=FLOWISE)
@pytest.mark.parametrize("piece", [1, 7000])
def test_flowise(body: str, outcome: dict[str, object], verdict: str, piece: int) -> None:
    assert Run(body, piece=piece).outcome() == {"dialect": "flowise", **outcome, "verdict": verdict}


def xano(content: str, index: int = 1, **more: object) -> dict[str, object]:
    return {"content": content, "metadata": {"chunk_index": index, "source": "a", **more}}


def chat(event: str, **fields: object) -> tuple[str, dict[str, object]]:
    return event, fields


def dify(event: str, **fields: object) -> dict[str, object]:
    return {"event": event, "task_id": "t", **fields}


def n8n(kind: str, node: str, content: str | None = None) -> str:
    said = {} if content is None else {"content": content}
    return json.dumps({"type": kind, **said, "metadata": {"nodeId": node, "nodeName": node}}) + "\n"


DIFY_USAGE = {"usage": {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}}
CHUNK = {"type": "AIMessageChunk", "id": "m", "content": "Hel"}
TOOL_CHUNK = {"index": 0, "id": "c", "name": "f", "args": "{}"}

APPS = {
    "xano, ended by DONE": (
        "xano",
        sse(xano("Hel"), xano("lo", 2), xano("[DONE]", 3)),
        {"text": "Hello", "done": "[DONE]"},
        "complete",
    ),
    "xano, ended by a bare DONE": (
        "xano",
        sse(xano("Hel"), xano("lo", 2), end=DONE),
        {"text": "Hello", "done": "[DONE]"},
        "complete",
    ),
    "xano, ended by COMPLETE": (
        "xano",
        sse(xano("Hi"), {"content": "[COMPLETE]", "metadata": {"total_records": 1, "status": "ok"}}),
        {"text": "Hi", "done": "[COMPLETE]"},
        "complete",
    ),
    "xano, an error": (
        "xano",
        sse(xano("Hi"), {"content": "boom", "metadata": {"type": "error", "recoverable": True}}, end=DONE),
        {"text": "Hi", "error": "boom", "done": "[DONE]"},
        "failed",
    ),
    "xano, an error at the top": (
        "xano",
        sse(xano("Hi"), {"type": "error", "message": "boom", "recoverable": True, "retry_after": 5}),
        {"text": "Hi", "error": "boom"},
        "failed",
    ),
    "xano, cut": ("xano", sse(xano("Hi")), {"text": "Hi"}, "truncated"),
    "chat service": (
        "chat-service",
        sse(chat("reasoning", text="hm"), chat("content", text="Hel"), chat("content", text="lo"))
        + sse(chat("tps", tps=45.2), chat("usage", input_tokens=1, output_tokens=2), chat("done")),
        {"reasoning": "hm", "text": "Hello", "usage": (1, 2, None), "done": "event: done"},
        "complete",
    ),
    "chat service, an error": (
        "chat-service",
        sse(chat("content", text="Hel"), chat("error", message="boom")),
        {"text": "Hel", "error": "boom"},
        "failed",
    ),
    "dify, a chat": (
        "dify",
        "event: ping\n\n"
        + sse(dify("message", answer="Hel"), dify("message", answer="lo"))
        + "event: ping\n\n"
        + sse(dify("message_end", metadata=DIFY_USAGE)),
        {"text": "Hello", "usage": (1, 2, 3), "done": "message_end"},
        "complete",
    ),
    "dify, an agent": (
        "dify",
        sse(dify("agent_thought", id="i", thought=""), dify("agent_message", answer="Hi"))
        + sse(dify("agent_thought", id="i", thought="hm"), dify("agent_thought", id="i", thought="hm"))
        + sse(dify("message_end", metadata={})),
        {"text": "Hi", "reasoning": "hm", "done": "message_end"},
        "complete",
    ),
    "dify, a workflow": (
        "dify",
        sse(dify("workflow_started", data={}), dify("text_chunk", data={"text": "Hi"}))
        + sse(dify("node_finished", data={"status": "failed", "error": "tried again"}))
        + sse(
            dify("workflow_finished", data={"status": "succeeded", "outputs": {"text": "Hi"}, "error": None})
        ),
        {"text": "Hi", "finish": "succeeded", "done": "workflow_finished"},
        "complete",
    ),
    "dify, a workflow that fails": (
        "dify",
        sse(dify("workflow_started"), dify("workflow_finished", data={"status": "failed", "error": "boom"})),
        {"finish": "failed", "error": "boom", "done": "workflow_finished"},
        "failed",
    ),
    "dify, an error": (
        "dify",
        sse({"event": "error", "status": 400, "code": "invalid_param", "message": "boom"}),
        {"error": "boom", "code": "invalid_param"},
        "failed",
    ),
    "langserve": (
        "langserve",
        sse(("metadata", {"run_id": "r"}), ("data", '"Hel"'), ("data", {"content": "lo"}), eol="\r\n")
        + ": ping - 2026\r\n\r\nevent: end\r\n\r\n",
        {"text": "Hello", "done": "event: end"},
        "complete",
    ),
    "langserve, an error": (
        "langserve",
        sse(("metadata", {"run_id": "r"}), ("data", '"Hel"'), eol="\r\n")
        + sse(("error", {"status_code": 500, "message": "Internal Server Error"}), eol="\r\n"),
        {"text": "Hel", "error": "Internal Server Error", "code": "500"},
        "failed",
    ),
    "langgraph, pieces": (
        "langgraph",
        sse(("metadata", {"run_id": "r", "attempt": 1}), ("messages", [CHUNK, {}]))
        + sse(("messages|node:1", [{**CHUNK, "content": [{"type": "text", "text": "lo"}]}, {}]))
        + sse(("messages", [{**CHUNK, "content": "", "tool_call_chunks": [TOOL_CHUNK]}, {}]))
        + sse(("messages", [{"type": "human", "content": "no"}, {}])),
        {"text": "Hello", "calls": [("c", "f", "{}")]},
        "complete",
    ),
    "langgraph, the whole each time": (
        "langgraph",
        sse(("messages/metadata", {"m": {"metadata": {}}}))
        + sse(*(("messages/partial", [{"type": "ai", "id": "m", "content": t}]) for t in ("He", "Hello")))
        + sse(("messages/complete", [{"type": "ai", "id": "m", "content": "Hello"}]), ("end", "null")),
        {"text": "Hello", "done": "event: end"},
        "complete",
    ),
    "langgraph, an error": (
        "langgraph",
        sse(
            ("metadata", {"run_id": "r", "attempt": 1}), ("error", {"error": "ValueError", "message": "boom"})
        ),
        {"error": "boom", "code": "ValueError"},
        "failed",
    ),
}


@pytest.mark.parametrize(("dialect", "body", "outcome", "verdict"), APPS.values(), ids=APPS)
def test_an_app(dialect: str, body: str, outcome: dict[str, object], verdict: str) -> None:
    assert Run(body).outcome() == {"dialect": dialect, **outcome, "verdict": verdict}


def test_xano_as_plain_text_brings_its_end_along() -> None:
    run = Run("Hello world\n[DONE]", content_type="text/plain; charset=utf-8")
    assert run.outcome() == {
        "dialect": "xano",
        "text": "Hello world",
        "done": "[DONE]",
        "verdict": "complete",
    }


@pytest.mark.parametrize("content_type", ["application/json", "application/x-ndjson", "text/plain"])
def test_n8n_has_several_ends(content_type: str) -> None:
    body = n8n("begin", "a") + n8n("item", "a", "Hel") + n8n("end", "a")
    body += n8n("begin", "b") + n8n("item", "b", "lo")
    whole = Run(body + n8n("end", "b"), content_type=content_type).outcome()
    assert whole == {"dialect": "n8n", "text": "Hello", "finish": "end", "verdict": "complete"}
    failed = Run(body + n8n("error", "b", "boom"), content_type=content_type).outcome()
    assert (failed["error"], failed["verdict"]) == ("boom", "failed")
    assert (
        Run(n8n("begin", "a") + n8n("item", "a", "x"), content_type=content_type).verdict().name
        == "truncated"
    )
