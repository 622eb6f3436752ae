"""`-r` on answers that are asked for by POST: resumed by their dialect's rule, on real sockets."""

import http.client
import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.e2e.command import Result, sse
from tests.peers.expected import TOKENS_TEXT
from tests.peers.real import mcp_resumable_server
from tests.peers.scripted import Request, ScriptedServer, chunk, close, response

CUT = "the connection was closed before the body was whole"
OWN = ("-H", "X-Mine: x", "--bearer", "T")


def said(number: int, kind: str, **more: object) -> bytes:
    """Return an event of OpenAI's responses, with its name."""
    data = {"type": f"response.{kind}", "sequence_number": number, **more}
    return f"event: response.{kind}\ndata: {json.dumps(data)}\n\n".encode()


CREATED = said(0, "created", response={"id": "resp_1", "background": True})
HELLO = said(1, "output_text.delta", delta="Hello, ")
WORLD = said(2, "output_text.delta", delta="world") + said(3, "completed", response={"status": "completed"})


def broken(*events: bytes) -> list[object]:
    return [response(chunked=True) + chunk(b"retry: 0\n\n" + b"".join(events)), close]


def sent(request: Request) -> tuple[str, str, bytes, dict[str, str]]:
    """Return what of a request its user or a dialect has asked for."""
    ours = {"host", "user-agent", "accept-encoding", "cache-control"}
    return (
        request.method,
        request.path,
        request.body,
        {name: value for name, value in request.headers.items() if name not in ours},
    )


def test_the_rest_of_a_response_is_got_by_its_id_and_number() -> None:
    with ScriptedServer(broken(CREATED, HELLO), [response() + WORLD]) as server:
        url = f"{server.url}/v1/responses?api-version=2"
        result = sse(url, "-r", "-d", '{"stream": true}', *OWN, "-o", "text")
    assert (result.verdict, result.text) == (("complete", 0), "Hello, world")
    first, second = map(sent, server.requests)
    assert (first[0], first[1], first[2]) == ("POST", "/v1/responses?api-version=2", b'{"stream": true}')
    assert second == (
        "GET",
        "/v1/responses/resp_1?api-version=2&stream=true&starting_after=1",
        b"",
        {"accept": "text/event-stream", "authorization": "Bearer T", "x-mine": "x"},
    )
    assert result.err.splitlines()[0] == f"sse: {CUT}; asking again in 0 ms (1 of 5)"
    told = [(each["method"], each["why"], each["missed"]) for each in result.summary["attempts"]]
    assert told == [(None, "", []), ("GET", CUT, [])]
    assert result.summary["attempts"][1]["url"] == f"{server.url}{second[1]}"


def test_a_get_of_a_response_is_gone_on_with_in_its_place() -> None:
    with ScriptedServer(broken(CREATED, HELLO), [response() + WORLD]) as server:
        result = sse(f"{server.url}/v1/responses/resp_1?stream=true&starting_after=-1", "-r", "-o", "text")
    assert (result.verdict, result.text) == (("complete", 0), "Hello, world")
    assert server.requests[1].path == "/v1/responses/resp_1?stream=true&starting_after=1"


@pytest.mark.parametrize("status", [400, 404])
def test_a_response_that_cannot_be_resumed_is_refused(status: int) -> None:
    body = b'{"error": {"message": "Response with id resp_1 not found."}}'
    with ScriptedServer(broken(CREATED, HELLO), [response(status, body=body)]) as server:
        result = sse(server.url, "-r", "-d", "{}", "-o", "text")
    assert (result.verdict, result.text) == (("refused", 4), "Hello, ")
    assert "when asked for the rest, as openai-responses has it" in result.summary["reason"]
    assert '"background": true' in result.err
    assert "Response with id resp_1 not found." in result.err


def test_what_is_cut_before_its_id_came_is_not_resumed() -> None:
    with ScriptedServer(broken(b"event: response.created\ndata: {")) as server:
        result = sse(server.url, "-r", "-d", "{}", "-o", "text", "--dialect", "openai-responses")
    assert (result.verdict, len(server.requests)) == (("truncated", 6), 1)
    told = "openai-responses had not told yet by what to resume a POST (--reconnect-post repeats it)"
    assert result.summary["reason"] == f"{CUT}; not asked again: {told}"
    assert told in result.err


def test_heads_show_what_was_asked_each_time_and_no_secrets() -> None:
    with ScriptedServer(broken(CREATED), [response() + WORLD]) as server:
        result = sse(
            f"{server.url}/v1?key=SECRET", "-r", "-d", "{}", "--bearer", "SECRET", "-v", "-o", "none"
        )
    heads = [line for line in result.err.splitlines() if line.startswith("> ") and line.endswith("HTTP/1.1")]
    assert heads == [
        "> POST /v1?key=*** HTTP/1.1",
        "> GET /v1/resp_1?key=***&stream=true&starting_after=0 HTTP/1.1",
    ]
    assert "SECRET" not in result.err + json.dumps(result.summary)


def test_an_answer_that_is_repeated_begins_on_a_line_of_its_own() -> None:
    say = b'data: {"object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":"%b"}}]}\n\n'
    whole = response() + say % b"Hello" + b"data: [DONE]\n\n"
    with ScriptedServer(broken(say % b"Hel"), [whole]) as server:
        result = sse(server.url, "-r", "--reconnect-post", "-d", "{}", "-o", "text")
    assert (result.verdict, result.text) == (("complete", 0), "Hel\nHello")
    assert f"sse: {CUT}; asking anew in 0 ms (1 of 5)" in result.err


def test_a_run_of_langgraph_is_joined_where_its_response_says() -> None:
    head = response(chunked=True, headers={"Location": "/threads/t/runs/r/stream"})
    partial = b'id: 5\nevent: messages/partial\ndata: [{"type": "ai", "id": "1", "content": "%b"}]\n\n'
    first = [head + chunk(b"retry: 0\n\n" + partial % b"Hello"), close]
    with ScriptedServer(first, [response() + partial % b"Hello, world"]) as server:
        result = sse(f"{server.url}/threads/t/runs/stream?x=1", "-r", "-d", "{}", "-o", "text")
    assert (result.verdict, result.text) == (("complete", 0), "Hello, world")
    method, path, body, headers = sent(server.requests[1])
    assert (method, path, body) == ("GET", "/threads/t/runs/r/stream", b"")
    assert headers == {"accept": "text/event-stream", "last-event-id": "5"}


OWN_DIALECT = """\
name = "mine"
title = "Mercure, with tokens"
recognise = ["$.token exists"]
end.markers = { end = "$.token == ''" }
[resume]
query = { lastEventID = "{id}" }
[[read]]
parts = [{ part = "content", text = "$.token" }]
"""


def test_a_dialect_of_one_s_own_may_say_how_to_resume(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(OWN_DIALECT)
    first = broken(b'id: urn:1\ndata: {"token": "a"}\n\n')
    with ScriptedServer(first, [response() + b'data: {"token": ""}\n\n']) as server:
        result = sse(f"{server.url}/?topic=x", "-r", "-d", "{}", "--dialect", str(file), "-o", "text")
    assert (result.verdict, result.text) == (("complete", 0), "a")
    assert [(each.method, each.path, each.body) for each in server.requests] == [
        ("POST", "/?topic=x", b"{}"),
        ("POST", "/?topic=x&lastEventID=urn%3A1", b"{}"),
    ]


CALL = {"jsonrpc": "2.0", "id": 7, "method": "tools/call"}
BOTH = ("-H", "Accept: application/json, text/event-stream")
SESSION = ("-H", "Mcp-Session-Id: S1", "-H", "MCP-Protocol-Version: 2025-11-25")
PRIMING = b"id: p1\nretry: 0\ndata:\n\n"
RESULT = b'data: {"jsonrpc":"2.0","id":7,"result":{"content":[{"type":"text","text":"done"}]}}\n\n'


def test_an_mcp_stream_is_resumed_by_get_with_the_last_id_and_the_session() -> None:
    progress = b'id: e2\ndata: {"jsonrpc":"2.0","method":"notifications/progress"}\n\n'
    with ScriptedServer([response() + PRIMING], [response() + progress], [response() + RESULT]) as server:
        result = sse(f"{server.url}/mcp", "-r", *BOTH, *SESSION, *OWN, "-d", json.dumps(CALL), "-o", "text")
    assert (result.verdict, result.text) == (("complete", 0), "done")
    assert sent(server.requests[0])[:3] == ("POST", "/mcp", json.dumps(CALL).encode())
    for request, id_ in zip(server.requests[1:], ("p1", "e2"), strict=True):
        assert sent(request) == ("GET", "/mcp", b"", {
            "accept": "text/event-stream",
            "authorization": "Bearer T",
            "last-event-id": id_,
            "mcp-protocol-version": "2025-11-25",
            "mcp-session-id": "S1",
            "x-mine": "x",
        })  # fmt: skip


def test_the_session_that_a_response_begins_is_kept() -> None:
    head = response(headers={"Mcp-Session-Id": "NEW"})
    with ScriptedServer([head + PRIMING], [response() + RESULT]) as server:
        result = sse(server.url, "-r", *BOTH, "-d", '{"jsonrpc": "2.0", "id": 7, "method": "initialize"}')
    assert result.verdict == ("complete", 0)
    assert server.requests[1].headers["mcp-session-id"] == "NEW"


@pytest.mark.parametrize("status", [404, 405])
def test_an_mcp_server_without_resuming_refuses(status: int) -> None:
    with ScriptedServer([response() + PRIMING], [response(status, body=b"no")]) as server:
        result = sse(server.url, "-r", *BOTH, *SESSION, "-d", json.dumps(CALL))
    assert (result.verdict, len(server.requests)) == (("refused", 4), 2)
    assert f"the server answered {status} " in result.summary["reason"]
    assert result.summary["reason"].endswith("when asked for the rest, as mcp has it")
    assert "Does the server keep the events of a session" in result.err


@pytest.fixture(scope="module")
def mcp() -> Iterator[str]:
    with mcp_resumable_server() as url:
        yield f"{url}/mcp"


def ask(url: str, message: dict[str, object], session: str | None = None) -> http.client.HTTPResponse:
    """Send a message to the MCP server; return the response, its body unread."""
    headers = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}
    if session is not None:
        headers |= {"Mcp-Session-Id": session, "MCP-Protocol-Version": "2025-11-25"}
    with closing(http.client.HTTPConnection(urlsplit(url).netloc)) as connection:
        connection.request("POST", urlsplit(url).path, json.dumps({"jsonrpc": "2.0", **message}), headers)
        answer = connection.getresponse()
        answer.read()
        return answer


def call(url: str, tool: str) -> Result:
    params = {
        "protocolVersion": "2025-11-25",
        "capabilities": {},
        "clientInfo": {"name": "t", "version": "1"},
    }
    session = ask(url, {"id": 1, "method": "initialize", "params": params}).headers["mcp-session-id"]
    assert ask(url, {"method": "notifications/initialized"}, session).status == 202
    known = ("-H", f"Mcp-Session-Id: {session}", "-H", "MCP-Protocol-Version: 2025-11-25")
    message = {**CALL, "params": {"name": tool, "arguments": {}, "_meta": {"progressToken": "p"}}}
    return sse(url, "-r", *BOTH, *known, "-d", json.dumps(message), "-o", "text")


@pytest.mark.parametrize("tool", ["poll", "hide"])
def test_the_official_server_s_answer_is_fetched_after_it_has_closed_the_stream(mcp: str, tool: str) -> None:
    result = call(mcp, tool)
    assert (result.verdict, result.text) == (("complete", 0), TOKENS_TEXT)
    assert (result.summary["dialect"], result.summary["finish"]) == ("mcp", "result id=7")
    first, *later = result.summary["attempts"]
    assert (first["method"], first["last_event_id"]) == (None, "")
    assert {each["method"] for each in later} == {"GET"}
    assert all(each["last_event_id"] for each in later)
    assert {each["status"] for each in result.summary["attempts"]} == {200}


def test_the_official_server_forgets_a_session() -> None:
    """A session that the server does not know is refused at once, and resuming has nothing to do with it."""
    with mcp_resumable_server() as url:
        known = ("-H", "Mcp-Session-Id: 0", "-H", "MCP-Protocol-Version: 2025-11-25")
        result = sse(f"{url}/mcp", "-r", *BOTH, *known, "-d", json.dumps(CALL))
    assert result.verdict == ("refused", 4)
    assert "when asked for the rest" not in result.err
