"""Answers that are no stream of events, or an empty one: the status and the body say what the matter is."""

import json

import pytest

from tests.e2e.command import sse
from tests.peers.expected import ERROR
from tests.peers.scripted import ScriptedServer, Wait, chunk, response

PAGE = b"<!doctype html>\n<title>Not here</title>\n" + b"<p>lorem ipsum</p>\n" * 300


def typed(content_type: str | None, body: bytes, status: int = 200) -> bytes:
    return response(status, {"Content-Type": content_type}, body)


REFUSALS = {
    401: ("401 Unauthorized", "--bearer"),
    403: ("403 Forbidden", "Does the key allow this"),
    404: ("404 Not Found", "Is the path right"),
    429: ("429 Too Many Requests", "no credit left"),
    500: ("500 Internal Server Error", "The server's own log may say more."),
}


@pytest.mark.parametrize("status", REFUSALS)
def test_a_refusal_is_told_with_its_body_and_what_to_try(status: int) -> None:
    seen, hint = REFUSALS[status]
    with ScriptedServer([typed("application/json", json.dumps(ERROR).encode(), status)]) as server:
        result = sse(server.url, "-o", "json")
    assert (result.verdict, result.out) == (("refused", 4), b"")
    assert result.summary["status"] == status
    for text in (f"refused: the server answered {seen}", ERROR["error"]["message"], hint):
        assert text in result.err


def test_of_a_long_page_the_beginning_is_shown() -> None:
    with ScriptedServer([typed("text/html", PAGE, 500)]) as server:
        result = sse(server.url)
    assert result.verdict == ("refused", 4)
    lines = PAGE[:2048].decode().splitlines()
    assert "\n     ".join(["500 Internal Server Error", *lines, "The server's own log"]) in result.err


@pytest.mark.parametrize(
    "script",
    [
        [response(503, {"Content-Length": "99"}), b"overloaded"],
        [response(503, {"Content-Encoding": "br"}, b"\x8b\x02")],
        [response(503, chunked=True), chunk(b"overloaded"), b"zz\r\n", Wait()],
    ],
    ids=["short", "coded", "broken"],
)
def test_a_refusal_stays_one_although_its_body_cannot_be_read(script: list[bytes]) -> None:
    with ScriptedServer(script) as server:
        result = sse(server.url)
    assert result.verdict == ("refused", 4)
    assert "503 Service Unavailable" in result.err


def test_a_refusal_stays_one_when_a_limit_passes_before_its_body_ends() -> None:
    with ScriptedServer([response(503) + b"overloaded", Wait()]) as server:
        result = sse(server.url, "--max-time", "100ms")
    assert result.verdict == ("refused", 4)
    assert "overloaded" in result.err


def test_json_is_shown_as_one_event_with_the_likely_reason() -> None:
    body = b'{"id": 1,\n "choices": []}'
    with ScriptedServer([typed("application/json; charset=utf-8", body)]) as server:
        result = sse(server.url, "-o", "json")
    assert result.verdict == ("not-a-stream", 4)
    assert [json.loads(record["data"]) for record in result.records] == [json.loads(body)]
    assert "application/json (25 bytes), shown as one event" in result.err
    assert '"stream": true?' in result.err


def test_a_page_is_not_shown_as_data() -> None:
    with ScriptedServer([typed("text/html; charset=utf-8", PAGE)]) as server:
        result = sse(server.url)
    assert (result.verdict, result.out) == (("not-a-stream", 4), b"")
    assert "text/html (5,740 bytes)" in result.err
    assert "<title>Not here</title>" in result.err


def test_a_picture_is_not_shown_at_all() -> None:
    with ScriptedServer([typed("image/png", b"\x89PNG\r\n\x1a\n" + bytes(range(256)))]) as server:
        result = sse(server.url)
    assert (result.verdict, result.out) == (("not-a-stream", 4), b"")
    assert "image/png" in result.err
    assert "\x1b" not in result.err


def test_no_content_is_empty_and_says_so() -> None:
    with ScriptedServer([response(204, {"Content-Type": None})]) as server:
        result = sse(server.url)
    assert (result.verdict, result.out) == (("empty", 8), b"")
    assert "204 No Content" in result.summary["reason"]


@pytest.mark.parametrize(
    "body", [b"", b": only\n\n: pings\n\n", b"event: a\n\nid: 1\n\n", b"\xef\xbb\xbf\n\n"]
)
def test_a_stream_without_an_event_is_empty(body: bytes) -> None:
    with ScriptedServer([response(body=body)]) as server:
        result = sse(server.url)
    assert (result.verdict, result.out) == (("empty", 8), b"")
    assert "without a single event" in result.summary["reason"]


@pytest.mark.parametrize(("source", "code"), [(b"", 8), (b"data: a\n\n", 0)])
def test_standard_input_is_judged_too(source: bytes, code: int) -> None:
    result = sse("-", stdin=source)
    assert result.code == code
    assert result.summary["url"] == "-"
    assert result.summary["status"] is None


def test_a_stream_without_a_type_is_read_and_that_is_told() -> None:
    with ScriptedServer([typed(None, b"data: a\n\n")]) as server:
        result = sse(server.url, "-o", "json", "-a")
    assert result.verdict == ("complete", 0)
    kinds = [(record["kind"], record.get("anomaly")) for record in result.records]
    assert ("anomaly", "sniffed") in kinds
    assert ("event", None) in kinds
