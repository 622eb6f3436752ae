"""Recordings taken apart at their events, however their chunks are cut, and put together again."""

from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sse_cli.core.event_units import Unit, put_together, take_apart
from sse_cli.core.items import Anomaly, Chunk, Comment, Event
from sse_cli.core.recording import Answered, Asked, End, Entry, first_head
from sse_cli.core.wire.choose import DECODERS

TYPES = {
    "sse": "text/event-stream",
    "ndjson": "application/x-ndjson",
    "json-array": "application/json",
    "text": "text/plain",
}
BODIES = {
    "sse": (
        "retry: 5\n\n: hi\ndata: é\r\n\r\nid: 7\n\nevent: a\rdata: 流\r\r"
        ":c\n\ndata: b\n: in it\ndata: c\n\n\ndata: cut"
    ).encode(),
    "ndjson": '{"a": 1}\r\n\n{"b": "é"}\n{"c": 3}'.encode(),
    "json-array": '[{"a": "}, \\" é"},\r\n{"b": [1, {}]}\n, 7, "x"]'.encode(),
}


def recording(body: bytes, wire_format: str, cuts: Sequence[int] = ()) -> list[Entry]:
    """Return a recording of a body, cut into chunks a second apart."""
    edges = sorted({0, len(body), *(cut % len(body) for cut in cuts)})
    chunks = [Chunk(body[start:end], float(number)) for number, (start, end) in enumerate(pairwise(edges), 1)]
    answered = Answered(status=200, headers=(("Content-Type", TYPES[wire_format]),))
    head = first_head("2026-01-02T03:04:05Z", Asked(method="GET", url="/"), answered)
    return [head, *chunks, End(at=99.0, reason="eof")]


def units_of(entries: Sequence[Entry]) -> list[Unit]:
    return [step for step in take_apart(entries) if isinstance(step, Unit)]


cuts = st.lists(st.integers(0, 200), max_size=12)


@pytest.mark.parametrize("wire_format", BODIES)
@given(cuts)
def test_it_comes_together_as_it_was(wire_format: str, cuts: list[int]) -> None:
    entries = recording(BODIES[wire_format], wire_format, cuts)
    assert list(put_together(take_apart(entries))) == entries


@pytest.mark.parametrize("wire_format", BODIES)
@given(cuts)
def test_a_unit_holds_what_the_decoder_makes_of_its_bytes(wire_format: str, cuts: list[int]) -> None:
    body = BODIES[wire_format]
    decoder = DECODERS[wire_format].decoder()
    whole = [*decoder.feed(body), *decoder.end()]
    units = units_of(recording(body, wire_format, cuts))
    found = [item for unit in units for item in unit.items]
    assert [_bare(item) for item in found] == [_bare(item) for item in whole]
    assert b"".join(unit.data for unit in units) == body
    assert all(unit.events <= 1 for unit in units)
    for unit in units:
        for item in unit.items:
            if isinstance(item, Event) and item.data != "7":
                assert item.data.split("\n")[0].encode() in unit.data


def _bare(item: object) -> object:
    """Return an item without its time and its bytes: a CRLF that is cut in two ends its event at the CR."""
    match item:
        case Event():
            return item.type, item.data, item.id, item.last_event_id, item.retry, item.number
        case Comment(text, _):
            return text
        case Anomaly(kind, detail, _):
            return kind, detail
    raise AssertionError(item)


def test_an_id_without_data_is_in_force_after_its_unit() -> None:
    units = units_of(recording(b"id: 1\ndata: a\n\nid: 2\n\ndata: b\n\n", "sse"))
    assert [(unit.last_event_id, unit.events) for unit in units] == [("1", 1), ("2", 0), ("2", 1)]


def test_a_text_without_a_format_is_cut_at_its_chunks() -> None:
    units = units_of(recording("eine Gruppe von Wörtern".encode(), "text", [5, 14]))
    assert [unit.data for unit in units] == [b"eine ", b"Gruppe vo", "n Wörtern".encode()]


def test_bytes_are_cut_before_their_format_is_told() -> None:
    head, *rest = recording(b"data: a\n\ndata: b\n\n", "text", [1, 2])
    units = units_of([head, *rest])
    assert [unit.data for unit in units] == [b"data: a\n\n", b"data: b\n\n"]
    assert [piece.at for piece in units[0].pieces] == [1.0, 2.0, 3.0]


def test_each_connection_is_read_anew() -> None:
    head, *rest = recording(b"data: a\n\nda", "sse")
    units = units_of([head, *rest[:-1], head, *rest])
    assert [unit.data for unit in units] == [b"data: a\n\n", b"da"] * 2
