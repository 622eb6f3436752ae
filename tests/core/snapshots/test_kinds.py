"""The kind of an event."""

import json

import pytest

from sse_cli.core.extract import NOTHING
from sse_cli.core.snapshots.kinds import Detail, coarse, is_heartbeat, kind_of
from tests.core.snapshots.streams import event

KINDS = [
    ("token", {"type": "other"}, "token"),
    ("message", {"type": "text-delta", "event": "no"}, "message:text-delta"),
    ("message", {"event_type": "stream-start"}, "message:stream-start"),
    ("message", {"event": "workflow_started"}, "message:workflow_started"),
    ("message", {"object": "chat.completion.chunk"}, "message:chat.completion.chunk"),
    ("message", {"jsonrpc": "2.0", "method": "notifications/message"}, "message:notifications/message"),
    ("message", {"type": "two words", "object": "thing"}, "message:thing"),
    ("message", {"type": 7, "id": "x"}, "message"),
    ("message", {"type": "x" * 101}, "message"),
    ("message", [{"type": "inner"}], "message"),
    ("message", "[DONE]", "message:[DONE]"),
    ("message", "[1]", "message"),
    ("message", "hello", "message"),
    ("done", "[DONE]", "done"),
    ("x" * 101, "", "x" * 100 + "…"),
]


@pytest.mark.parametrize(("type_", "data", "kind"), KINDS)
def test_the_kind_is_the_type_or_what_the_data_says(type_: str, data: object, kind: str) -> None:
    root = NOTHING if isinstance(data, str) else json.loads(json.dumps(data))
    assert kind_of(event((type_, data)), root) == kind


@pytest.mark.parametrize(
    "kind", ["ping", "PING", "heartbeat", "heart-beat", "message:keepalive", "keep_alive"]
)
def test_heartbeats(kind: str) -> None:
    assert is_heartbeat(kind)


@pytest.mark.parametrize("kind", ["message", "pinged", "ping_pong", "message:[DONE]", "pong"])
def test_no_heartbeats(kind: str) -> None:
    assert not is_heartbeat(kind)


@pytest.mark.parametrize(
    ("kind", "types", "none"),
    [
        ("message:a", "message", "*"),
        ("message", "message", "*"),
        ("a", "a", "*"),
        ("message:ping", "message:ping", "*"),
    ],
)
def test_less_detail(kind: str, types: str, none: str) -> None:
    assert [coarse(kind, detail) for detail in Detail] == [kind, types, none]
