"""Which tape answers: path, method, query, and rules about the body; and what is said where none does."""

import json

import pytest

from sse_cli.core.items import Chunk
from sse_cli.errors import UsageError
from sse_cli.server.routes import Routes, read_match
from sse_cli.server.tape import Tape
from tests.server.house import A, House, head, request, tape, unframed


def answering(text: str, method: str = "GET", url: str = "/a", body: str | None = None) -> Tape:
    data = f"data: {text}\n\n".encode()
    return tape(head(method, url, body=body), Chunk(data, 0.0), name=f"{text}.ndjson")


def texts(house: House, *requests: bytes) -> list[str]:
    return [unframed(answer).decode().removeprefix("data: ").strip() for answer in house.answers(*requests)]


def errors(house: House, *requests: bytes) -> list[tuple[int, dict[str, object]]]:
    answers = house.answers(*requests)
    return [
        (int(answer.split(b" ")[1]), json.loads(answer.partition(b"\r\n\r\n")[2])["error"])
        for answer in answers
    ]


def test_several_are_told_apart_by_path_and_method() -> None:
    house = House(answering("get"), answering("post", "POST"), answering("b", url="http://host/b%20c?x=y"))
    asked = (request("GET", "/a?q"), request("POST", "/a", body=b"1"), request("GET", "/b%20c"))
    assert texts(house, *asked) == ["get", "post", "b"]


def test_what_matches_nothing_is_told_what_there_is() -> None:
    house = House(answering("get"), answering("post", "POST"), answering("any", url="/c?x=1"))
    ((status, error),) = errors(house, request("GET", "/nothing?api_key=hush"))
    assert status == 404
    assert error["message"] == "there is no GET /nothing?api_key=*** here"
    assert error["routes"] == ["GET /a: get.ndjson", "POST /a: post.ndjson", "GET /c?x=1: any.ndjson"]


def test_another_method_is_told_which_there_are() -> None:
    house = House(answering("get"), answering("post", "POST"))
    (answer,) = house.answers(request("DELETE", "/a"))
    assert answer.startswith(b"HTTP/1.1 405 Method Not Allowed\r\n")
    assert b"\r\nAllow: GET, POST, HEAD, OPTIONS\r\n" in answer


def test_one_alone_answers_whatever_is_asked() -> None:
    house = House(answering("one"))
    assert texts(house, request("PUT", "/x", body=b"{}"), request("GET", "/")) == ["one", "one"]


def test_plain_files_answer_any_method() -> None:
    plain = tape(head("GET", "/p"), Chunk(A, 0.0), any_method=True, name="p")
    house = House(plain, answering("a"))
    assert texts(house, request("POST", "/p", body=b"1"), request("GET", "/p")) == ["a", "a"]
    assert errors(house, request("GET", "/x"))[0][1]["routes"] == ["any method /p: p", "GET /a: a.ndjson"]


def test_those_of_one_route_come_in_turn() -> None:
    house = House(answering("1"), answering("2"), answering("3"), answering("else", url="/b"))
    assert texts(house, *[request("GET", "/a")] * 4, request("GET", "/b")) == ["1", "2", "3", "1", "else"]


def test_the_same_query_goes_before_turns() -> None:
    house = House(answering("x", url="/a?t=x&key=***"), answering("y", url="/a?t=y&key=***"))
    asked = [request("GET", f"/a?t={query}&key=hush") for query in ("y", "y", "x", "z", "z")]
    assert texts(house, *asked) == ["y", "y", "x", "x", "y"]


def test_a_path_chooses_what_was_asked_with_the_same_value() -> None:
    house = House(
        answering("small", "POST", body='{"model":"small","n":1}'),
        answering("large", "POST", body='{"model":"large"}'),
        answering("none", "POST"),
        matches=[read_match("$.model")],
    )
    bodies = [b'{"model": "large"}', b'{"model": "small", "n": 2}', b"{}", b"no json"]
    assert texts(house, *[request("POST", "/a", body=body) for body in bodies]) == [
        "large",
        "small",
        "none",
        "none",
    ]
    assert errors(house, request("POST", "/a", body=b'{"model": "other"}'))[0][0] == 404


def test_a_condition_says_which_bodies_a_file_answers() -> None:
    house = House(
        answering("opus", "POST"),
        answering("tools", "POST"),
        answering("rest", "POST"),
        matches=[
            read_match("opus: $.model contains opus"),
            read_match("tools.ndjson: $.tools exists"),
            read_match("tools: data contains weather"),
        ],
    )
    bodies = [b'{"model":"opus-4"}', b'{"tools":[]}', b"the weather", b"{}"]
    assert texts(house, *[request("POST", "/a", body=body) for body in bodies]) == [
        "opus",
        "tools",
        "tools",
        "rest",
    ]
    assert errors(house, request("GET", "/x"))[0][1]["routes"] == [
        "POST /a where $.model contains opus: opus.ndjson",
        "POST /a where $.tools exists: tools.ndjson",
        "POST /a where data contains weather: tools.ndjson",
        "POST /a: rest.ndjson",
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "not a way to match"),
        ("model", "not a way to match"),
        (": $.a == 1", "not a way to match"),
        ("$.a[", "bad path"),
        ("file: $.a ==", "bad expression"),
    ],
)
def test_a_wrong_rule_is_told(text: str, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        read_match(text)


def test_a_rule_of_a_file_that_is_not_there_is_told() -> None:
    with pytest.raises(UsageError, match="--match speaks of other, which is not served") as caught:
        Routes([answering("one")], [read_match("other: $.a exists")])
    assert "one.ndjson" in caught.value.hint


def test_who_knows_the_last_event_goes_before_turns() -> None:
    first = tape(head("GET", "/a"), Chunk(b"id: 1\ndata: x\n\ndata: y\n\n", 0.0), name="first")
    house = House(first, answering("second"))
    asked = [request("GET", "/a", *headers) for headers in ((), ("Last-Event-ID: 1",), ())]
    assert texts(house, *asked) == ["id: 1\ndata: x\n\ndata: y", "y", "second"]
