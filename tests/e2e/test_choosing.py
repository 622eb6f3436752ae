"""What of a stream is shown, in which shape, and when it is enough."""

import json

import pytest

from tests.e2e.command import sse
from tests.peers.scripted import ScriptedServer, Wait, response

EVENTS = [
    ("start", "1", {"n": 1, "who": "ada", "tags": ["a", "b"]}),
    ("message", "2", {"n": 2, "who": "ben"}),
    ("message", "3", {"n": 3, "who": "ada", "deep": {"er": [True, None]}}),
    ("end", "4", {"n": 4}),
]
BODY = "".join(
    f"event: {type_}\nid: {id_}\ndata: {json.dumps(data)}\n\n" for type_, id_, data in EVENTS
).encode()


def show(*args: str) -> list[str]:
    result = sse("-", *args, stdin=BODY)
    assert result.verdict in {("complete", 0), ("stopped", 0)}, result.err
    return result.text.splitlines()


def numbers(*args: str) -> list[int]:
    return [json.loads(line)["n"] for line in show("-o", "data", *args)]


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        ((), [1, 2, 3, 4]),
        (("--event", "message"), [2, 3]),
        (("--event", "start", "--event", "end"), [1, 4]),
        (("--where", "$.who == 'ada'"), [1, 3]),
        (("--where", "$.who == 'ada'", "--where", "$.n > 1"), [3]),
        (("--where", "$.who exists", "--event", "start"), [1]),
        (("--where", "$.who == ada and $.n > 1"), [3]),
        (("--where", "event in [start, 'end'] or not ($.who == ben or $.tags exists)"), [1, 3, 4]),
        (("-n", "2"), [1, 2]),
        (("-n", "2", "--event", "message"), [2, 3]),
        (("--until", "$.n == 3"), [1, 2, 3]),
        (("--until", "event == 'message'", "--event", "start"), [1]),
        (("--until", "$.n >= 2 and $.who !~ '^b'"), [1, 2, 3]),
        (("--until", "id == '9'"), [1, 2, 3, 4]),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_events_are_chosen(args: tuple[str, ...], expected: list[int]) -> None:
    assert numbers(*args) == expected


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        (("-p", "$.who"), ["ada", "ben", "ada"]),
        (("-p", "$.n", "-p", "name=$.who"), ["1", "ada", "2", "ben", "3", "ada", "4"]),
        (("-p", "$.tags[*]"), ["a", "b"]),
        (("-p", "$.deep"), ['{"er":[true,null]}']),
        (("-p", "$.who", "-o", "text"), ["adabenada"]),
        (
            ("-f", "{n}:{event}:{id}:{$.who}"),
            ["1:start:1:ada", "2:message:2:ben", "3:message:3:ada", "4:end:4:"],
        ),
        (("-p", "name=$.who", "-f", "<{name}>", "-n", "2"), ["<ada>", "<ben>"]),
        (("-f", "{$.n:>3}|", "-n", "1"), ["  1|"]),
        (("-o", "json", "--fields", "n,event,id", "-n", "1"), ['{"n":1,"event":"start","id":"1"}']),
        (("-o", "none"), []),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_what_is_chosen_is_shown(args: tuple[str, ...], expected: list[str]) -> None:
    assert show(*args) == expected


def test_named_values_stand_in_json() -> None:
    (record,) = map(json.loads, show("-p", "who=$.who", "-p", "$.n", "-o", "json", "-n", "1"))
    assert record["extracted"] == [{"name": "who", "value": "ada"}, {"name": "$.n", "value": 1}]
    assert record["json"] == EVENTS[0][2]


@pytest.mark.parametrize(
    ("args", "reason"),
    [
        (("-n", "1"), "--max-events"),
        (("--max-bytes", "10"), "--max-bytes"),
        (("--until", "$.n == 1"), "--until $.n == 1"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_a_limit_ends_the_run_although_the_server_does_not(args: tuple[str, ...], reason: str) -> None:
    with ScriptedServer([response() + BODY, Wait()]) as server:
        result = sse(server.url, *args)
    assert result.verdict == ("stopped", 0)
    assert reason in result.summary["reason"]
    assert json.loads(result.text.splitlines()[0])["n"] == 1
