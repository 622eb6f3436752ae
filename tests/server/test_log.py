"""What the server tells of its requests: for people, and as NDJSON; and never a secret."""

import json
from datetime import UTC, datetime

from sse_cli.server.log import Came, Line, Went, as_json, as_text
from tests.server.house import House, request

NOW = datetime(2026, 1, 2, 3, 4, 5, 678_000, tzinfo=UTC)
SECRETS = ("Authorization: Bearer hush-hush", "X-Api-Key: hush-hush", "X-Own: 1")


def lines_of(*requests: bytes, faults: tuple[str, ...] = ()) -> list[Line]:
    house = House(faults=faults)
    house.answers(*requests)
    return house.lines


def test_a_request_and_the_end_of_its_answer_are_told() -> None:
    came, went = lines_of(
        request("GET", "/a?b=1&api_key=hush", "Last-Event-ID: 7"), faults=("dup@1", "drop@2")
    )
    assert isinstance(came, Came)
    text = as_text(came, NOW).replace(came.client, "127.0.0.1:5")
    assert text == (
        "03:04:05.678 #1 127.0.0.1:5 GET /a?b=1&api_key=*** 200 tape after id 7 with dup@1 drop@2\n"
    )
    assert as_text(went, NOW) == "03:04:05.678 #1 cut: closed: 2 chunks, 18 bytes, 0.500 s\n"


def test_heads_are_told_with_their_secrets_masked() -> None:
    came, _ = lines_of(request("GET", "/", *SECRETS))
    text = as_text(came, NOW, heads=True)
    assert "> Authorization: Bearer ***\n> X-Api-Key: ***\n> X-Own: 1\n>\n" in text
    assert "hush" not in text + as_json(came, NOW)


def test_as_json_a_line_is_an_object() -> None:
    came, went = (json.loads(as_json(line, NOW)) for line in lines_of(request("POST", "/a", body=b"{}")))
    assert came.pop("client").startswith("127.0.0.1:")
    assert came.pop("headers")[0] == ["Host", "x"]
    assert came == {
        "kind": "request",
        "at": "2026-01-02T03:04:05.678+00:00",
        "number": 1,
        "method": "POST",
        "target": "/a",
        "last_event_id": "",
        "status": 200,
        "tape": "tape",
        "faults": [],
    }
    assert went == {
        "kind": "end",
        "at": "2026-01-02T03:04:05.678+00:00",
        "number": 1,
        "how": "end",
        "chunks": 2,
        "bytes": 20,
        "seconds": 2.5,
    }


def test_an_error_is_told_without_an_end() -> None:
    (came,) = lines_of(b"nonsense\r\n\r\n")
    assert isinstance(came, Came)
    assert (came.status, came.tape) == (400, "")
    assert not any(isinstance(line, Went) for line in lines_of(request("OPTIONS", "/")))
