"""What each fault makes of a recording, and what holds for all of them however its chunks are cut."""

from collections.abc import Iterator, Sequence
from itertools import count, pairwise
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sse_cli.core.event_units import time_of
from sse_cli.core.faults.endings import BREAKS, told
from sse_cli.core.faults.table import FAULTS, apply, listing, read_faults
from sse_cli.core.items import Chunk, Event, Fault
from sse_cli.core.recording import Answered, Asked, End, Entry, Head, first_head
from sse_cli.core.wire.choose import DECODERS

ASKED = Asked(method="GET", url="/events")
SSE = (("Content-Type", "text/event-stream"),)
BODY = "".join(f"id: {number}\r\ndata: Grüße {number}, 流\r\n\r\n: c\n\n" for number in range(1, 7)).encode()
EVENTS = 6


def head(headers: tuple[tuple[str, str], ...] = SSE, at: float = 0.25) -> Head:
    return first_head("2026-01-02T03:04:05Z", ASKED, Answered(status=200, headers=headers, at=at))


def recording(*data: bytes, headers: tuple[tuple[str, str], ...] = SSE) -> list[Entry]:
    """Return a recording of so many chunks, a second apart, and an end a second after the last."""
    chunks = [Chunk(each, float(number)) for number, each in enumerate(data, 1)]
    return [head(headers), *chunks, End(at=len(data) + 1.0, reason="eof")]


def cut(body: bytes, places: Sequence[int]) -> list[bytes]:
    edges = sorted({0, len(body), *(place % len(body) for place in places)})
    return [body[start:end] for start, end in pairwise(edges)]


def altered(entries: Sequence[Entry], *faults: str, seed: int = 1, request: int = 1) -> list[Entry]:
    return list(apply(read_faults(faults), entries, Random(seed), request))


def chunks_of(entries: Sequence[Entry]) -> list[tuple[bytes, float]]:
    return [(entry.data, round(entry.at, 6)) for entry in entries if isinstance(entry, Chunk)]


def body_of(entries: Sequence[Entry]) -> bytes:
    return b"".join(entry.data for entry in entries if isinstance(entry, Chunk))


def events_of(entries: Sequence[Entry]) -> list[str]:
    """Return the data of the events that a reader of the body sees."""
    decoder = DECODERS["sse"].decoder()
    items = [*decoder.feed(body_of(entries)), *decoder.end()]
    return [item.data for item in items if isinstance(item, Event)]


def end_of(entries: Sequence[Entry]) -> End:
    end = entries[-1]
    assert isinstance(end, End)
    return end


ALL = [
    "drop@3:7", "reset", "half-close@2", "no-end", "status@1:503", "type:text/html", "wait:2s", "stall@2:3s",
    "slow:100B/s", "jitter:2s", "comment:400ms", "split", "merge", "dup@2", "lose@4", "garbage@5",
]  # fmt: skip
places = st.lists(st.integers(0, 500), max_size=12)
some_faults = st.lists(st.sampled_from(ALL), max_size=4)


def test_each_fault_is_tried_here() -> None:
    assert [text.partition("@")[0].partition(":")[0] for text in ALL] == list(FAULTS)


@given(places, some_faults, st.integers(0, 100))
def test_they_keep_order_and_repeat_for_a_seed(places: list[int], faults: list[str], seed: int) -> None:
    entries = recording(*cut(BODY, places))
    found = altered(entries, *faults, seed=seed)
    assert found == altered(entries, *faults, seed=seed)
    assert isinstance(found[0], Head)
    assert [isinstance(entry, End) for entry in found] == [False] * (len(found) - 1) + [True]
    times = [time_of(entry) for entry in found]
    assert times == sorted(times)


@given(places, st.sampled_from(["split", "split:0s", "merge"]), st.integers(0, 100))
def test_chunks_alone_leave_the_bytes_as_they_are(places: list[int], fault: str, seed: int) -> None:
    entries = recording(*cut(BODY, places))
    assert body_of(altered(entries, fault, seed=seed)) == BODY


@given(places, st.integers(0, EVENTS), st.sampled_from(["drop", "reset", "half-close"]))
def test_a_break_keeps_so_many_events(places: list[int], number: int, name: str) -> None:
    found = altered(recording(*cut(BODY, places)), f"{name}@{number}")
    assert len(events_of(found)) == number
    assert BODY.startswith(body_of(found))
    assert end_of(found).reason == "cut"


@given(places, st.integers(1, EVENTS))
def test_events_are_counted_whatever_the_cuts(places: list[int], number: int) -> None:
    entries = recording(*cut(BODY, places))
    every = events_of(entries)
    at = number - 1
    assert events_of(altered(entries, f"dup@{number}")) == [*every[:number], every[at], *every[number:]]
    assert events_of(altered(entries, f"lose@{number}")) == [*every[:at], *every[number:]]
    with_garbage = events_of(altered(entries, f"garbage@{number}"))
    assert [*with_garbage[:number], *with_garbage[number + 1 :]] == every


@given(places, st.sampled_from(["stall@2:3s", "wait:3s", "slow:50B/s", "jitter:5s"]))
def test_time_alone_leaves_the_bytes_as_they_are(places: list[int], fault: str) -> None:
    assert body_of(altered(recording(*cut(BODY, places)), fault)) == BODY


A, B, C = b"data: a\n\n", b"data: b\n\n", b"data: c\n\n"


def test_a_break_comes_in_the_middle_of_a_chunk_and_of_an_event() -> None:
    entries = recording(A + B, C)
    assert altered(entries, "drop@1")[1:] == [Chunk(A, 1.0), End(at=1.0, reason="cut", detail="close")]
    assert chunks_of(altered(entries, "drop@1:4B")) == [(A + B[:4], 1.0)]
    assert chunks_of(altered(entries, "reset@1:12")) == [(A + B, 1.0), (C[:3], 2.0)]
    assert altered(entries, "half-close@0")[1:] == [End(at=0.25, reason="cut", detail="half-close")]


def test_a_break_without_a_number_comes_at_the_end() -> None:
    found = altered(recording(A, B), "reset")
    assert chunks_of(found) == [(A, 1.0), (B, 2.0)]
    assert found[-1] == End(at=3.0, reason="cut", detail="reset")


def test_a_break_after_more_events_than_there_are_does_not_come() -> None:
    entries = recording(A, B)
    assert altered(entries, "drop@3") == entries
    assert end_of(altered(entries, "drop@2")).reason == "cut"


def test_a_break_is_told_as_the_client_would() -> None:
    assert {told(how) for how in BREAKS} == set(BREAKS.values())
    assert told("the connection broke: no route") == "the connection broke: no route"


def test_a_stall_moves_what_comes_after_it() -> None:
    found = altered(recording(A + B, C), "stall@1:10s")
    assert chunks_of(found) == [(A, 1.0), (B, 11.0), (C, 12.0)]
    assert end_of(found).at == 13.0
    assert chunks_of(altered(recording(A, B), "stall:10s")) == [(A, 11.0), (B, 12.0)]
    assert chunks_of(altered(recording(A, B), "stall@2:10s")) == [(A, 1.0), (B, 2.0)]


def test_waiting_moves_the_head_as_well() -> None:
    found = altered(recording(A), "wait:2s")
    assert [time_of(entry) for entry in found] == [2.25, 3.0, 4.0]


def test_a_slow_link_gives_small_pieces_at_its_rate() -> None:
    found = altered(recording(b"x" * 30, b"y" * 10), "slow:100B/s")
    pieces = [(b"x" * 10, 1.1), (b"x" * 10, 1.2), (b"x" * 10, 1.3), (b"y" * 10, 2.1)]
    assert chunks_of(found) == pieces
    found = altered(recording(b"x" * 30, b"y" * 10), "slow:10B/s")
    assert len(found) == 42
    assert chunks_of(found)[29:31] == [(b"x", 4.0), (b"y", 4.1)]
    assert end_of(found).at == pytest.approx(5.0)


def test_comments_come_in_silence_and_never_inside_an_event() -> None:
    keep_alive = b": keep-alive\n\n"
    found = altered(recording(A, B[:4], B[4:] + C), "comment:700ms")
    assert chunks_of(found) == [
        (keep_alive, 0.95),
        (A, 1.0),
        (keep_alive, 1.65),
        (B[:4], 2.0),
        (B[4:], 3.0),
        (keep_alive, 3.0),
        (C, 3.0),
        (keep_alive, 3.7),
    ]


def test_formats_without_comments_have_none() -> None:
    lines = recording(b'{"a":1}\n', headers=(("Content-Type", "application/x-ndjson"),))
    assert body_of(altered(lines, "comment:600ms")) == b'\n{"a":1}\n\n'
    text = recording(b"a", headers=(("Content-Type", "text/plain"),))
    assert altered(text, "comment:100ms") == text


@given(st.integers(0, 100))
def test_split_cuts_inside_every_kind_of_seam(seed: int) -> None:
    found = chunks_of(altered(recording("data: é\r\n".encode()), "split", seed=seed))
    first, *rest = [piece for piece, _ in found]
    assert first in (b"d", b"da", b"dat", b"data")
    assert rest[1:] == [b"\xa9\r", b"\n"]
    assert [at for _, at in found] == [1.0, 1.002, 1.004, 1.006]


def test_merge_waits_for_the_last() -> None:
    assert chunks_of(altered(recording(A, B), "merge")) == [(A + B, 2.0)]
    open_end = recording(A, B)[:-1]
    assert chunks_of(altered(open_end, "merge")) == [(A + B, 2.0)]


def test_garbage_is_an_event_that_is_neither_text_nor_json() -> None:
    body = body_of(altered(recording(A, B), "garbage@1:8"))
    assert body.startswith(A)
    assert body.endswith(B)
    garbage = body[len(A) : -len(B)]
    assert garbage.startswith(b"data: \xff")
    assert len(garbage) == len(b"data: \n\n") + 8
    lines = recording(b'{"a":1}\n', headers=(("Content-Type", "application/x-ndjson"),))
    assert body_of(altered(lines, "garbage@1:1B")) == b'{"a":1}\n\xff\n'


def test_a_status_takes_the_place_of_one_answer_or_of_all() -> None:
    entries = recording(A)
    assert altered(entries, "status@2:429") == entries
    for found in (altered(entries, "status@2:429", request=2), altered(entries, "status:429", request=7)):
        answer, error, end = found
        assert isinstance(answer, Head)
        assert answer.response == Answered(
            status=429, headers=(("Content-Type", "application/json"),), at=0.25
        )
        assert b'"code":429' in body_of([error])
        assert end == End(at=0.25, reason="eof")


def test_the_content_type_is_another_or_none() -> None:
    for text, headers in (("type:text/html", (("Content-Type", "text/html"),)), ("type", ())):
        answer = altered(recording(A), text)[0]
        assert isinstance(answer, Head)
        assert answer.response is not None
        assert answer.response.headers == headers


DELTA = b'data: {"object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":"a"}}]}\n\n'
MARKED = {
    "openai-chat": (DELTA, b"data: [DONE]\n\n"),
    "anthropic-messages": (
        b'event: message_start\ndata: {"type":"message_start","message":{"id":"m"}}\n\n',
        b'event: message_stop\ndata: {"type":"message_stop"}\n\n',
    ),
    "gemini": (
        b'data: {"candidates":[{"content":{"parts":[{"text":"a"}]}}]}\r\n\r\n',
        b'data: {"candidates":[{"content":{"parts":[{"text":""}]},"finishReason":"STOP"}]}\r\n\r\n',
    ),
    "flowise": (b'message:\ndata:{"event":"token","data":"a"}\n\n', b"event: end\n\n"),
    "none": (A, b""),
}


@pytest.mark.parametrize("dialect", MARKED)
@given(places)
def test_no_end_leaves_out_what_the_dialect_says_is_the_end(dialect: str, places: list[int]) -> None:
    text, end = MARKED[dialect]
    found = altered(recording(*cut(text * 2 + end, places)), "no-end")
    assert body_of(found) == text * 2
    assert end_of(found).reason == "eof"


def test_faults_are_applied_in_their_order() -> None:
    entries = recording(A, B, C)
    assert chunks_of(altered(entries, "dup@1", "drop@2")) == [(A, 1.0), (A, 1.0)]
    assert chunks_of(altered(entries, "drop@2", "dup@1")) == [(A, 1.0), (A, 1.0), (B, 2.0)]


def test_events_are_counted_over_all_connections() -> None:
    again = Head(request=ASKED, response=Answered(status=200, headers=SSE, at=5.0))
    entries = [*recording(A, B)[:-1], Fault("cut", 1.0, 3.0), again, Chunk(C, 6.0), End(at=7.0, reason="eof")]
    found = altered(entries, "stall@2:2s")
    assert [time_of(entry) for entry in found] == [0.25, 1.0, 2.0, 5.0, 7.0, 8.0, 9.0]
    assert altered(entries, "drop@2")[-1] == End(at=2.0, reason="cut", detail="close")
    assert events_of(altered(entries, "drop@3")) == ["a", "b", "c"]


def test_they_are_lazy() -> None:
    taken: list[Entry] = []

    def source() -> Iterator[Entry]:
        yield head()
        for number in count(1):
            taken.append(Chunk(A, float(number)))
            yield taken[-1]

    hold = {"merge", "reset", "status@1:503", "drop@3:7"}
    faults = read_faults([*(text for text in ALL if text not in hold), "drop@3"])
    found = list(apply(faults, source(), Random(1)))
    assert isinstance(found[-1], End)
    assert len(taken) < 10


def test_the_listing_has_a_line_for_each() -> None:
    lines = listing().splitlines()
    assert len(lines) == len(FAULTS)
    assert lines[0].startswith("drop[@N][:SIZE] ")
    assert all(len(line) <= 110 for line in lines)


def test_the_readme_lists_what_there_is() -> None:
    readme = (Path(__file__).parents[3] / "README.md").read_text(encoding="utf-8")
    assert f"$ sse serve --faults\n{listing()}```\n" in readme
