"""Server-Sent Events: against the standard's own algorithm, and each point readers get wrong, by example."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sse_cli.core.items import Anomaly, Event
from sse_cli.core.wire.limits import MAX_RETRY_MS, EventTooLarge
from sse_cli.core.wire.sse import SseDecoder
from tests.core.wire import cuts
from tests.core.wire.reference import Reference

FRAGMENTS = [
    *(b"\n", b"\r", b"\r\n", b"\n\n", b"\r\r", b"\r\n\r\n", b"\n\r\n", b"\r\n\r"),
    *(b"data", b"data:", b"data: ", b"data:  ", b"data:\t", b"data: x", b"data:y", b" data: x", b"Data: x"),
    *(b"event", b"event:", b"event: a", b"event:b ", b"event: a\rdata: y\r\n", b"eventx: z"),
    *(b"id", b"id:", b"id: 1", b"id:\xc3\xa9", b"id: a\0b", b"id:  2"),
    *(b"retry", b"retry:", b"retry: 007", b"retry:+5", b"retry: 1_0", b"retry:\xc2\xb2", b"retry: 5 "),
    *(b"retry: 12", b"retry: " + b"9" * 5000),
    *(b":", b": c", b":c", b":\xff", b"message:", b"error: e", b"unknown", b"\0"),
    *(b"\xef\xbb\xbf", b"\xef", b"\xbb", b"\xbf", b"\xff", b"\xe2\x82", b"\xac", "é€😀".encode()),
    *("\u2028\u2029\u0085".encode(), b"\x0b", b"\x0c", b"\x1c\x1d\x1e", b" ", b"x", b":x"),
    *(b"data: one\n\n", b"data: one\r\n\r\n", b"event: e\ndata: one\ndata: two\n\n", b"id: 7\ndata: p\n\n"),
    *(b"event: e\r\nid: 8\r\ndata: one\r\ndata: two\r\n\r\n", b"data: one\r\r", b"id: 9\n\n", b": ping\n\n"),
]
BODIES = st.lists(st.sampled_from(FRAGMENTS), max_size=25).map(b"".join)
POSITIONS = st.lists(st.integers(0, 200), max_size=8)


def check_against_reference(body: bytes, pieces: list[bytes]) -> list[Event]:
    """Decode the pieces, and compare all that the standard defines; return the events."""
    reference = Reference(body, last_event_id="before")
    decoder = SseDecoder(last_event_id="before", number=10)
    items = cuts.run(decoder, pieces)
    events = cuts.events(items)
    assert [(e.type, e.data, e.last_event_id) for e in events] == [d[:3] for d in reference.dispatched]
    assert [event.number for event in events] == list(range(11, 11 + len(events)))
    assert cuts.comments(items) == reference.comments
    assert (decoder.last_event_id, decoder.number) == (reference.last_event_id, 10 + len(events))
    return events


@given(BODIES, POSITIONS)
def test_events_are_those_of_the_standard_however_the_body_is_cut(body: bytes, positions: list[int]) -> None:
    for pieces in ([body], cuts.byte_by_byte(body), cuts.at_positions(body, positions)):
        check_against_reference(body, pieces)


@given(BODIES, POSITIONS)
def test_items_do_not_depend_on_the_cuts(body: bytes, positions: list[int]) -> None:
    whole = cuts.without_last_lf(cuts.run(SseDecoder(), [body]))
    assert cuts.without_last_lf(cuts.run(SseDecoder(), cuts.byte_by_byte(body))) == whole
    assert cuts.without_last_lf(cuts.run(SseDecoder(), cuts.at_positions(body, positions))) == whole


@given(BODIES)
def test_retry_in_force_is_that_of_the_standard(body: bytes) -> None:
    decoder = SseDecoder()
    in_force = []
    for line in body.splitlines(keepends=True):
        in_force += [decoder.retry for _ in cuts.events(decoder.feed(line))]
    decoder.end()
    reference = Reference(body)
    assert in_force == [dispatched.retry for dispatched in reference.dispatched]
    assert decoder.retry == reference.retry


@given(BODIES)
def test_each_raw_block_read_alone_gives_its_event_again(body: bytes) -> None:
    for event in cuts.events(cuts.run(SseDecoder(), [body])):
        (again,) = cuts.events(SseDecoder().feed(b"\n" + event.raw))
        assert (again.type, again.data, again.id, again.retry) == (
            event.type,
            event.data,
            event.id,
            event.retry,
        )


BLOCKS = [
    b"data: a\n\n",
    b"id: 1\r\ndata:\xff\r\n\r\n",
    b"data:e\rretry: 5\r\r",
    b": inside\n",
    b"data\ndata:\n\n",
]


@given(st.lists(st.sampled_from(BLOCKS), max_size=9))
def test_raws_and_comments_are_the_whole_body(blocks: list[bytes]) -> None:
    body = b"".join(blocks)
    items = cuts.run(SseDecoder(), [body])
    parts = [
        item.raw if isinstance(item, Event) else b": inside\n"
        for item in items
        if not isinstance(item, Anomaly)
    ]
    assert b"".join(parts) == body


def test_a_lone_cr_in_a_value_is_a_line_end_among_crlfs() -> None:
    body = b"event: a\rdata: y\r\nevent: b\r\ndata: x\r\n\r\n"
    (event,) = check_against_reference(body, [body])
    assert (event.type, event.data) == ("b", "y\nx")


DISPATCHED = {
    "one space after the colon goes, no more": (b"data:  x \n\n", " x "),
    "no space needed": (b"data:x\n\n", "x"),
    "a tab stays": (b"data:\tx\n\n", "\tx"),
    "data without a colon": (b"data\n\n", ""),
    "data with nothing": (b"data:\n\n", ""),
    "two empty data lines": (b"data\ndata\n\n", "\n"),
    "lines are joined with LF": (b"data: a\r\ndata: b\r\n\r\n", "a\nb"),
    "colons in the value": (b"data: a:b: c\n\n", "a:b: c"),
    "only three line ends": (
        "data: \u2028\u2029\x85\x0b\x0c\x1c\x1d\x1e|\n\n".encode(),
        "\u2028\u2029\x85\x0b\x0c\x1c\x1d\x1e|",
    ),
    "NUL in data": (b"data: \0\n\n", "\0"),
    "a BOM at the start": (b"\xef\xbb\xbfdata: x\n\n", "x"),
    "a BOM in data": (b"data: \xef\xbb\xbfx\n\n", "\ufeffx"),
    "a comment inside": (b"data: a\n: c\ndata: b\n\n", "a\nb"),
    "CR alone": (b"data: x\r\r", "x"),
    "CR alone in a CRLF block": (b"data: a\rdata: b\r\n\r\n", "a\nb"),
    "CR alone after an event type": (b"event: e\rdata: a\r\ndata: b\r\n\r\n", "a\nb"),
    "line ends mixed": (b"data: a\rdata: b\ndata: c\r\n\n", "a\nb\nc"),
}


@pytest.mark.parametrize(("body", "data"), DISPATCHED.values(), ids=DISPATCHED)
def test_data(body: bytes, data: str) -> None:
    for pieces in cuts.many_ways(body):
        assert cuts.texts(cuts.run(SseDecoder(), pieces)) == [data]


NOT_DISPATCHED = {
    "names are case-sensitive": (b"Data: x\n\n", ("unknown-field", "Data: x")),
    "no spaces before a name": (b" data: x\n\n", ("unknown-field", " data: x")),
    "no spaces after a name": (b"data : x\n\n", ("unknown-field", "data : x")),
    "a second BOM": (b"\xef\xbb\xbf\xef\xbb\xbfdata: x\n\n", ("unknown-field", "\ufeffdata: x")),
    "a BOM later": (b"\n\xef\xbb\xbfdata: x\n\n", ("unknown-field", "\ufeffdata: x")),
    "an error as a field": (b'error: {"detail": 1}\n\n', ("unknown-field", 'error: {"detail": 1}')),
    "bare JSON": (b'{"error": 1}\n\n', ("unknown-field", '{"error": 1}')),
    "a block without data": (b"event: end\n\n", ("no-data", "end")),
    "an id alone": (b"id: 1\n\n", ("no-data", "")),
    "the end inside a block": (b"data: x\n", ("cut-event", "data: x\n")),
    "the end inside a line": (b"id: 1\ndata: {", ("cut-event", "id: 1\ndata: {")),
    "the end inside an unknown field": (b"oops", ("unknown-field", "oops")),
    "the end inside a CRLF block": (b"data: x\r\n", ("cut-event", "data: x\r\n")),
}


@pytest.mark.parametrize(("body", "anomaly"), NOT_DISPATCHED.values(), ids=NOT_DISPATCHED)
def test_what_the_standard_drops_is_told(body: bytes, anomaly: tuple[str, str]) -> None:
    for pieces in cuts.many_ways(body):
        items = cuts.run(SseDecoder(), pieces)
        assert (cuts.texts(items), cuts.anomalies(items)) == ([], [anomaly])


NOTED = {
    "NUL in an id": (b"id: a\0b\ndata: x\n\n", ("nul-in-id", "a\0b")),
    "bytes that are not UTF-8": (b"data: \xffx\n\n", ("invalid-utf8", "\ufffdx")),
    "half a character": (b"data: \xe2\x82\n\n", ("invalid-utf8", "\ufffd")),
    "in the first of two event types": (b"event: \xff\nevent: e\ndata: x\n\n", ("invalid-utf8", "\ufffd")),
    "in the first of two ids": (b"id: \xff\nid: 1\ndata: x\n\n", ("invalid-utf8", "\ufffd")),
    "in a comment": (b":\xff\ndata: x\n\n", ("invalid-utf8", "\ufffd")),
    "Flowise's field": (b"message:\ndata:x\n\n", ("unknown-field", "message:")),
}


@pytest.mark.parametrize(("body", "anomaly"), NOTED.values(), ids=NOTED)
def test_what_is_odd_in_an_event_is_told_before_it(body: bytes, anomaly: tuple[str, str]) -> None:
    for pieces in cuts.many_ways(body):
        items = cuts.run(SseDecoder(), pieces)
        assert cuts.anomalies(items) == [anomaly]
        assert isinstance(items[-1], Event)


GOOD_RETRIES = {
    b"0": 0,
    b"3000": 3000,
    b"007": 7,
    b"0" * 5000: 0,
    b"9" * 12: MAX_RETRY_MS,
    b"9" * 5000: MAX_RETRY_MS,
}


@pytest.mark.parametrize(("value", "milliseconds"), GOOD_RETRIES.items())
def test_retry(value: bytes, milliseconds: int) -> None:
    decoder = SseDecoder()
    items = decoder.feed(b"retry: %b\ndata: x\n\ndata: y\n\n" % value)
    assert [event.retry for event in cuts.events(items)] == [milliseconds, None]
    assert decoder.retry == milliseconds


@pytest.mark.parametrize("value", ["", " 5", "5 ", "+5", "-5", "1_0", "1.0", "0x1", "²", "٣٠", "5\0"])
def test_a_retry_of_other_than_ascii_digits_is_ignored_and_told(value: str) -> None:
    decoder = SseDecoder()
    decoder.feed(b"retry: 9\n\n")
    items = decoder.feed(f"retry: {value}\ndata: x\n\n".encode())
    assert cuts.anomalies(items) == [("bad-retry", value)]
    assert [event.retry for event in cuts.events(items)] == [None]
    assert decoder.retry == 9


def test_a_retry_at_the_end_of_the_stream_holds_if_its_line_ended() -> None:
    decoder = SseDecoder()
    cuts.run(decoder, [b"data: x\nretry: 3000\r\nretry: 40"])
    assert decoder.retry == 3000


IDS = {
    "kept by later events": (b"id: 1\ndata: a\n\ndata: b\n\n", [("1", "1"), (None, "1")]),
    "of a block without data": (b"id: 2\n\ndata: a\n\n", [(None, "2")]),
    "cleared by an empty one": (b"id\ndata: a\n\n", [("", "")]),
    "the last one of a block": (b"id: 1\nid: 2\ndata: a\n\n", [("2", "2")]),
    "ignored with a NUL": (b"id: 1\0\ndata: a\n\n", [(None, "0")]),
    "beyond ASCII": ("id: é\ndata: a\n\n".encode(), [("é", "é")]),
    "dropped with a cut block": (b"data: a\n\nid: 1\ndata: b\n", [(None, "0")]),
}


@pytest.mark.parametrize(("body", "ids"), IDS.values(), ids=IDS)
def test_ids(body: bytes, ids: list[tuple[str | None, str]]) -> None:
    for pieces in cuts.many_ways(body):
        decoder = SseDecoder(last_event_id="0")
        events = cuts.events(cuts.run(decoder, pieces))
        assert [(event.id, event.last_event_id) for event in events] == ids
        assert decoder.last_event_id == ids[-1][1]


def test_a_cr_dispatches_at_once_and_the_lf_after_it_is_no_blank_line() -> None:
    decoder = SseDecoder()
    assert cuts.texts(decoder.feed(b"data: a\r\n\r")) == ["a"]
    assert decoder.feed(b"\n") == []
    assert cuts.texts(decoder.feed(b"data: b\r")) == []
    assert cuts.texts(decoder.feed(b"\ndata: c\r\r")) == ["b\nc"]


def test_a_comment_is_given_at_once() -> None:
    decoder = SseDecoder()
    assert cuts.comments(decoder.feed(b": ping\n")) == ["ping"]
    assert cuts.comments(decoder.feed(b"data: x\n\n: pong\r")) == ["pong"]
    assert cuts.comments(decoder.feed(b"\n:half")) == []
    assert cuts.comments(decoder.end()) == ["half"]


def test_a_comment_after_an_id_is_no_event() -> None:
    items = cuts.run(SseDecoder(), [b"id: 1\ndata: x\n\n: ping\n\n: ping\n\n"])
    assert (cuts.texts(items), cuts.comments(items)) == (["x"], ["ping", "ping"])


def test_items_carry_the_time_of_the_piece_that_completed_them() -> None:
    decoder = SseDecoder()
    items = decoder.feed(b"data: a\n", 1.0) + decoder.feed(b"\n: c\n", 2.5) + decoder.feed(b"x\n\ndata", 3.0)
    assert [item.at for item in items + decoder.end(4.0)] == [2.5, 2.5, 3.0, 4.0]


def test_each_connection_starts_anew_but_for_id_and_number() -> None:
    first = SseDecoder()
    cuts.run(first, [b"id: 1\ndata: a\n\nevent: lost\ndata: lo\xe2"])
    second = SseDecoder(last_event_id=first.last_event_id, number=first.number)
    (event,) = cuts.events(second.feed(b"\xef\xbb\xbfdata: b\n\n"))
    assert (event.type, event.data, event.last_event_id, event.number) == ("message", "b", "1", 2)


def test_a_line_of_5_mib_in_small_pieces() -> None:
    line = b"x" * (5 << 20)
    body = b"data: " + line + b"\n\n"
    items = cuts.run(SseDecoder(), [body[i : i + 1024] for i in range(0, len(body), 1024)])
    assert cuts.texts(items) == [line.decode()]


def test_10_000_data_lines_one_by_one() -> None:
    items = cuts.run(SseDecoder(), [b"data: x\n"] * 10_000 + [b"\n"])
    assert cuts.texts(items) == ["\n".join("x" * 10_000)]


def test_5_000_events_in_one_piece() -> None:
    body = b"".join(b"id: %d\ndata: x\n\n" % n for n in range(5_000))
    assert [event.id for event in cuts.events(SseDecoder().feed(body))] == [str(n) for n in range(5_000)]


@pytest.mark.parametrize("piece", [b"data: xxxx", b"data: x\n", b":xxxxxxxx"])
def test_an_event_beyond_the_bound_is_refused(piece: bytes) -> None:
    with pytest.raises(EventTooLarge, match="1,000"):
        cuts.run(SseDecoder(max_event_bytes=1000), [piece] * 1000)


def test_the_bound_is_for_one_event_and_not_for_the_stream() -> None:
    decoder = SseDecoder(max_event_bytes=10)
    assert len(cuts.events(decoder.feed(b"data: x\n\n" * 100 + b"data: xxxx"))) == 100
    assert cuts.texts(decoder.feed(b"\n\n")) == ["xxxx"]
