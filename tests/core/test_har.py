"""HTTP archives: what is a stream in them, which times they have, and what cannot be read."""

import base64
import json
from typing import Any

import pytest

from sse_cli.core.har import streams
from sse_cli.core.items import Chunk
from sse_cli.errors import UsageError

START = "2026-01-02T03:04:05.000Z"
SINCE_1970 = 1767323045.0
BODY = "event: x\nid: 1\ndata: one\n\n: a comment\n\ndata: two\ndata: lines\n\n"


def entry(
    text: str | None = BODY, messages: list[dict[str, Any]] | None = None, **more: Any
) -> dict[str, Any]:
    content = {"size": 0, "mimeType": "text/event-stream; charset=utf-8", "text": text}
    found = {
        "startedDateTime": START,
        "time": 5000,
        "request": {
            "method": "POST",
            "url": "https://h/events?key=hush",
            "headers": [{"name": ":path", "value": "/"}, {"name": "Authorization", "value": "Bearer hush"}],
            "postData": {"mimeType": "application/json", "text": '{"token": "hush", "model": "m"}'},
        },
        "response": {
            "status": 200,
            "httpVersion": "h2",
            "headers": [{"name": "Content-Type", "value": "text/event-stream"}],
            "content": {**content, **more},
        },
        "timings": {
            "blocked": 10,
            "dns": -1,
            "connect": 100,
            "ssl": 60,
            "send": 1,
            "wait": 139,
            "receive": 4750,
        },
    }
    return found if messages is None else {**found, "_eventSourceMessages": messages}


def archive(*entries: dict[str, Any]) -> bytes:
    return json.dumps({"log": {"version": "1.2", "creator": {}, "entries": entries}}).encode()


def message(at: float, data: str, name: str = "message", id_: str = "") -> dict[str, Any]:
    return {"time": SINCE_1970 + at, "eventName": name, "eventId": id_, "data": data}


def chunks(*entries: dict[str, Any]) -> list[Chunk]:
    (recording,) = streams(archive(*entries))
    return [Chunk(chunk.data, round(chunk.at, 6)) for chunk in recording.exchanges[0].chunks]


def test_the_head_and_the_end_have_their_times_and_secrets_are_masked() -> None:
    (recording,) = streams(archive(entry()))
    (exchange,) = recording.exchanges
    asked, answered = exchange.head.request, exchange.head.response
    assert asked.headers == (("Authorization", "Bearer ***"),)
    assert (asked.url, asked.body) == ("https://h/events?key=***", '{"token": "***", "model": "m"}')
    assert answered is not None
    assert (answered.at, answered.http_version) == (0.25, "HTTP/2")
    assert exchange.end is not None
    assert exchange.end.at == 5.0


def test_without_times_of_messages_the_body_comes_whole_at_the_end() -> None:
    assert chunks(entry()) == [Chunk(BODY.encode(), 5.0)]
    coded = base64.b64encode(b"data: \xff\n\n").decode()
    assert chunks(entry(coded, encoding="base64")) == [Chunk(b"data: \xff\n\n", 5.0)]


def test_with_times_of_messages_the_body_is_cut_behind_each_event() -> None:
    times = [message(1.0, "one", "x", "1"), message(2.5, "two\nlines")]
    first, second = BODY.partition("\n\n")[0] + "\n\n", BODY.partition("\n\n")[2]
    assert chunks(entry(messages=times)) == [Chunk(first.encode(), 1.0), Chunk(second.encode(), 2.5)]
    more = [*times, message(3.0, "three")]
    assert chunks(entry(messages=more)) == [Chunk(BODY.encode(), 5.0)], "they do not fit the body"


def test_without_a_body_messages_are_written_as_events() -> None:
    times = [message(1.0, "one", "x", "1"), message(2.5, "two\nlines")]
    expected = [Chunk(b"event: x\nid: 1\ndata: one\n\n", 1.0), Chunk(b"data: two\ndata: lines\n\n", 2.5)]
    assert chunks(entry(None, times)) == expected


def test_only_streams_are_taken() -> None:
    page, json_ = entry(mimeType="text/html"), entry(mimeType="application/json")
    lines = entry('{"a": 1}\n', mimeType="application/x-ndjson")
    assert len(streams(archive(page, entry(), json_, lines))) == 2


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        b'{"log": {}}',
        b'{"log": {"entries": [1]}}',
        archive({**entry(), "startedDateTime": "yesterday"}),
        archive(entry("%%", encoding="base64")),
    ],
)
def test_what_is_no_archive_is_told(data: bytes) -> None:
    with pytest.raises(UsageError, match="not an HTTP archive") as caught:
        streams(data)
    assert caught.value.hint
