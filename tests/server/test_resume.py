"""Where an answer begins: after the client's last event, and where several connections were recorded."""

import pytest

from sse_cli.core.items import Chunk, Fault
from sse_cli.core.recording import End, Entry
from sse_cli.server.tape import Start
from tests.server.house import A, House, JumpingTimer, head, request, tape, unframed

EVENTS = [b"id: 1\ndata: a\n\n", b"id: 2\ndata: b\n\n", b"data: no id\n\n", b"id: 4\ndata: d\n\n: bye\n\n"]
ENTRIES: list[Entry] = [
    head(),
    Chunk(EVENTS[0] + EVENTS[1], 1.0),
    Chunk(EVENTS[2], 2.0),
    Chunk(EVENTS[3], 4.0),
    End(at=5.0, reason="eof"),
]


def after(last_event_id: str, *entries: Entry, timer: JumpingTimer | None = None) -> bytes:
    asked = request("GET", "/", f"Last-Event-ID: {last_event_id}")
    return House(tape(*(entries or ENTRIES)), timer=timer).answers(asked)[0]


@pytest.mark.parametrize(
    ("last_event_id", "events"),
    [("", EVENTS), ("unknown", EVENTS), ("1", EVENTS[1:]), ("2", EVENTS[2:])],
)
def test_what_comes_after_an_event_is_played(last_event_id: str, events: list[bytes]) -> None:
    assert unframed(after(last_event_id)) == b"".join(events)


def test_times_are_counted_from_the_event_on() -> None:
    timer = JumpingTimer()
    after("2", timer=timer)
    assert timer.waits == [1.0, 2.0, 1.0]


def test_there_is_no_content_after_the_last_event() -> None:
    assert after("4").startswith(b"HTTP/1.1 204 No Content\r\n")


def test_ids_are_sent_as_utf_8() -> None:
    entries = [head(), Chunk("id: ü\ndata: a\n\n".encode() + A, 0.0)]
    asked = request("GET", "/", "Last-Event-ID: \u00c3\u00bc").decode().encode("latin-1")
    assert unframed(House(tape(*entries)).answers(asked)[0]) == A


def test_an_id_without_data_counts_and_one_that_comes_again_moves_on() -> None:
    entries = [head(), Chunk(b"id: 1\n\n" + A + b"id: 1\ndata: b\n\n" + A + b"id: 2\n\n" + A, 0.0)]
    assert unframed(after("1", *entries)) == A + b"id: 2\n\n" + A
    assert unframed(after("2", *entries)) == A


def test_an_event_that_is_cut_into_chunks_is_found() -> None:
    body = b"".join(EVENTS)
    entries: list[Entry] = [head(), *(Chunk(body[at : at + 1], float(at)) for at in range(len(body)))]
    assert unframed(after("2", *entries)) == b"".join(EVENTS[2:])


def test_faults_are_counted_in_what_is_played() -> None:
    house = House(tape(*ENTRIES), faults=["drop@1"])
    asked = [request("GET", "/", f"Last-Event-ID: {id_}") for id_ in ("", "1", "2")]
    assert [unframed(answer) for answer in house.answers(*asked)] == EVENTS[:3]


BROKEN: list[Entry] = [
    head(status=503),
    Fault("refused", 1.0, 0.5),
    head(),
    Chunk(EVENTS[0] + EVENTS[1] + b"data: ha", 2.0),
    Fault("it broke", 1.0, 3.0),
    head(status=429),
    Fault("refused", 1.0, 4.5),
    head(),
    Chunk(EVENTS[3], 6.0),
    End(at=7.0, reason="eof"),
]


def test_requests_go_through_the_connections_as_they_did() -> None:
    recorded = tape(*BROKEN)
    assert recorded.starts("") == recorded.starts("x") == [Start(0), Start(1)]
    assert recorded.starts("1") == [Start(1, len(EVENTS[0]), 0.5)]
    assert recorded.starts("2") == [Start(2), Start(3)]
    assert recorded.starts("4") == []
    ids = ["", "", "1", "2", "2", "4"]
    answers = House(recorded).answers(*[request("GET", "/", f"Last-Event-ID: {id_}") for id_ in ids])
    assert [int(answer.split(b" ")[1]) for answer in answers] == [503, 200, 200, 429, 200, 204]
    assert [unframed(answers[number]) for number in (1, 2, 4)] == [
        EVENTS[0] + EVENTS[1] + b"data: ha",
        EVENTS[1] + b"data: ha",
        EVENTS[3],
    ]


def test_connections_without_ids_come_in_turn() -> None:
    fault = Fault("it broke", 1.0, 1.0)
    recorded = tape(head(), Chunk(A, 0.5), fault, head(status=204), End(at=2.0, reason="eof"))
    answers = House(recorded).answers(*[request("GET", "/")] * 3)
    assert [int(answer.split(b" ")[1]) for answer in answers] == [200, 204, 200]


def test_looking_alone_moves_nothing_on() -> None:
    house = House(tape(*BROKEN))
    answers = house.answers(*[request("HEAD", "/")] * 2, request("GET", "/"))
    assert [int(answer.split(b" ")[1]) for answer in answers] == [503, 503, 503]
