"""`sse` against servers that stream in a format of their own: LiteLLM, MCP, the AI SDK, LangServe."""

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import NamedTuple

import pytest

from tests.e2e.command import Result, sse
from tests.peers.expected import ERROR, TOKENS, TOKENS_TEXT, Block, wire
from tests.peers.real import AI_SDK_USAGE, ai_sdk_server, langserve_server, litellm_proxy, mcp_server
from tests.peers.scripted import Script, ScriptedServer, chunk, reset, response

MESSAGE = ERROR["error"]["message"]
PART = wire(TOKENS[:4])
PART_TEXT = "Streams ripple –"

UPSTREAMS: dict[str, Script] = {
    "whole": [response(body=wire(TOKENS))],
    "fails": [response(body=PART + wire([Block(data=json.dumps(ERROR))]))],
    "breaks": [response(chunked=True), chunk(PART), reset],
    "refuses": [response(500, {"Content-Type": "application/json"}, json.dumps(ERROR).encode())],
}
"""What the model behind the proxy does, by the model's name."""

# More than enough: the proxy asks each for its models, and then what is asked of it.
ASKED = 6


class Shape(NamedTuple):
    """One of the formats in which the proxy gives the same answer."""

    path: str
    dialect: str
    finish: str


SHAPES = [
    Shape("/v1/chat/completions", "openai-chat", "stop"),
    Shape("/v1/messages", "anthropic-messages", "end_turn"),
]


class Proxy(NamedTuple):
    url: str
    token: str

    def ask(self, shape: Shape, model: str) -> Result:
        message = {"role": "user", "content": "?"}
        body = {"model": model, "stream": True, "max_tokens": 50, "messages": [message]}
        if shape.dialect == "openai-chat":
            body["stream_options"] = {"include_usage": True}
        return sse(
            f"{self.url}{shape.path}",
            "--bearer",
            "env:PROXY_TOKEN",
            "--json",
            json.dumps(body),
            "-o",
            "text",
            env={"PROXY_TOKEN": self.token},
        )


@contextmanager
def litellm() -> Iterator[Proxy]:
    with ExitStack() as stack:
        servers = {
            name: stack.enter_context(ScriptedServer(*[script] * ASKED)) for name, script in UPSTREAMS.items()
        }
        yield Proxy(*stack.enter_context(litellm_proxy({name: s.url for name, s in servers.items()})))


@pytest.fixture(scope="module")
def mcp() -> Iterator[str]:
    with mcp_server() as url:
        yield url


@pytest.fixture(scope="module")
def ai_sdk() -> Iterator[str]:
    with ai_sdk_server() as url:
        yield url


@pytest.fixture(scope="module")
def langserve() -> Iterator[str]:
    with langserve_server() as url:
        yield url


# One test, because the proxy is slow to start and each worker that runs a test would start one.
def test_litellm() -> None:
    with litellm() as proxy:
        for shape in SHAPES:
            litellm_gives_an_answer(proxy, shape)
            litellm_fails_in_the_middle(proxy, shape)
            litellm_is_refused(proxy, shape)
        litellm_tells_of_a_broken_connection(proxy)


def litellm_gives_an_answer(proxy: Proxy, shape: Shape) -> None:
    result = proxy.ask(shape, "whole")
    summary = result.summary
    assert (result.verdict, result.text) == (("complete", 0), TOKENS_TEXT)
    assert (summary["dialect"], summary["finish"]) == (shape.dialect, shape.finish)
    assert (summary["usage"]["input"], summary["usage"]["output"]) == (5, 7)
    assert proxy.token not in json.dumps(summary) + result.err


def litellm_fails_in_the_middle(proxy: Proxy, shape: Shape) -> None:
    result = proxy.ask(shape, "fails")
    assert (result.verdict, result.text) == (("failed", 7), PART_TEXT)
    assert (result.summary["status"], result.summary["dialect"]) == (200, shape.dialect)
    assert MESSAGE in result.summary["error"]["message"]


def litellm_is_refused(proxy: Proxy, shape: Shape) -> None:
    result = proxy.ask(shape, "refuses")
    assert result.verdict == ("refused", 4)
    assert MESSAGE in result.err


def litellm_tells_of_a_broken_connection(proxy: Proxy) -> None:
    # In the other format, it answers 500 or 200 by what had come when the connection broke.
    result = proxy.ask(SHAPES[1], "breaks")
    assert result.verdict == ("failed", 7)
    assert PART_TEXT.startswith(result.text)


def call(url: str, method: str, **params: object) -> Result:
    message = {"jsonrpc": "2.0", "id": 7, "method": method, "params": params}
    accept = "Accept: application/json, text/event-stream"
    return sse(f"{url}/mcp", "-H", accept, "-d", json.dumps(message), "-o", "text")


def test_mcp_initialize(mcp: str) -> None:
    client = {"name": "peer", "version": "1"}
    result = call(mcp, "initialize", protocolVersion="2025-06-18", capabilities={}, clientInfo=client)
    assert (result.verdict, result.text) == (("complete", 0), "")
    assert (result.summary["dialect"], result.summary["finish"]) == ("mcp", "result id=7")


@pytest.mark.parametrize(("tool", "events"), [("say", 1), ("count", 3)], ids=["alone", "after progress"])
def test_mcp_gives_a_tools_text(mcp: str, tool: str, events: int) -> None:
    result = call(mcp, "tools/call", name=tool, arguments={}, _meta={"progressToken": "p"})
    assert (result.verdict, result.text) == (("complete", 0), TOKENS_TEXT)
    assert (result.summary["dialect"], result.summary["events"]) == ("mcp", events)


@pytest.mark.parametrize(
    ("method", "params", "error"),
    [
        (
            "tools/call",
            {"name": "fail", "arguments": {}},
            {"message": "Error executing tool fail", "code": None},
        ),
        ("tools/none", {}, {"message": "Method not found", "code": "-32601"}),
    ],
    ids=["a tool", "a method"],
)
def test_mcp_fails(mcp: str, method: str, params: dict[str, object], error: dict[str, object]) -> None:
    result = call(mcp, method, **params)
    assert result.verdict == ("failed", 7)
    assert result.summary["error"] == error


def test_mcp_refuses_who_does_not_accept_both_types(mcp: str) -> None:
    result = sse(f"{mcp}/mcp", "-d", '{"jsonrpc": "2.0", "id": 7, "method": "tools/list"}')
    assert result.verdict == ("refused", 4)
    assert "Accept: application/json, text/event-stream" in result.err


def test_ai_sdk_gives_an_answer(ai_sdk: str) -> None:
    result = sse(f"{ai_sdk}/tokens", "-o", "text")
    summary = result.summary
    assert (result.verdict, result.text) == (("complete", 0), TOKENS_TEXT)
    assert (summary["dialect"], summary["finish"]) == ("ai-sdk-ui", "tool-calls")
    assert [
        (c["id"], c["name"], json.loads(c["arguments"]), c["complete"]) for c in summary["tool_calls"]
    ] == [("call-1", "look", {"at": "water"}, True)]


def test_ai_sdk_counts_tokens_where_the_server_hands_them_on(ai_sdk: str) -> None:
    usage = sse(f"{ai_sdk}/tokens", "-o", "none").summary["usage"]
    assert {name: usage[name] for name in AI_SDK_USAGE} == AI_SDK_USAGE


def test_ai_sdk_gives_reasoning(ai_sdk: str) -> None:
    records = sse(f"{ai_sdk}/tokens", "-o", "json").records
    parts = [part for record in records for part in record.get("parts", [])]
    assert [part["text"] for part in parts if part["part"] == "reasoning"] == ["hm"]


def test_ai_sdk_says_that_an_answer_is_cut(ai_sdk: str) -> None:
    result = sse(f"{ai_sdk}/cut", "-o", "text")
    assert (result.verdict, result.text) == (("incomplete", 0), TOKENS_TEXT)


@pytest.mark.parametrize(("path", "text"), [("/late", "Streams"), ("/early", "")])
def test_ai_sdk_fails(ai_sdk: str, path: str, text: str) -> None:
    result = sse(f"{ai_sdk}{path}", "-o", "text")
    assert (result.verdict, result.text) == (("failed", 7), text)
    assert result.summary["dialect"] == "ai-sdk-ui"
    assert result.summary["error"]["message"] == MESSAGE


def test_langserve_gives_an_answer(langserve: str) -> None:
    result = sse(f"{langserve}/tokens/stream", "-d", '{"input": "?"}', "-o", "text")
    assert (result.verdict, result.text) == (("complete", 0), TOKENS_TEXT)
    assert result.summary["dialect"] == "langserve"


@pytest.mark.parametrize("path", ["/late", "/early"])
def test_langserve_fails(langserve: str, path: str) -> None:
    result = sse(f"{langserve}{path}/stream", "-d", '{"input": "?"}')
    assert result.verdict == ("failed", 7)
    assert result.summary["status"] == 200
    assert result.summary["error"]["message"] == "Internal Server Error"


def test_langserve_gives_the_text_before_it_fails(langserve: str) -> None:
    result = sse(f"{langserve}/late/stream", "-d", '{"input": "?"}', "-o", "text")
    assert (result.text, result.summary["error"]["code"]) == ("Streams", "500")
