"""A recording in other pieces, and at another pace."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sse_cli.core.event_units import time_of
from sse_cli.core.items import Chunk
from sse_cli.core.pace import Pace, read_rechunk, read_speed
from sse_cli.core.recording import Answered, Asked, End, Entry, Head, first_head
from sse_cli.errors import UsageError

SSE = (("Content-Type", "text/event-stream"),)
HEAD = first_head("x", Asked(method="GET", url="/"), Answered(status=200, headers=SSE, at=0.5))
A, B = b"data: a\n\n", b"data: b\n\n"
ENTRIES: list[Entry] = [HEAD, Chunk(A + B[:2], 1.0), Chunk(B[2:], 3.0), End(at=4.0, reason="eof")]


def chunks_of(pace: Pace) -> list[tuple[bytes, float]]:
    return [(entry.data, entry.at) for entry in pace.play(ENTRIES) if isinstance(entry, Chunk)]


def times_of(pace: Pace) -> list[float]:
    return [time_of(entry) for entry in pace.play(ENTRIES)]


def test_without_a_wish_it_is_as_it_was() -> None:
    assert list(Pace().play(ENTRIES)) == ENTRIES


def test_speed_divides_all_times() -> None:
    assert times_of(Pace(speed=2)) == [0.25, 0.5, 1.5, 2.0]
    assert times_of(Pace(speed=0)) == [0.0] * 4


def test_an_interval_takes_the_place_of_the_times() -> None:
    assert times_of(Pace(interval=0.1)) == [0.5, 0.5, 0.6, 0.6]
    assert times_of(Pace(interval=0.1, speed=2)) == [0.25, 0.25, 0.3, 0.3]


def test_an_event_is_a_chunk_when_the_last_of_it_came() -> None:
    assert chunks_of(Pace(rechunk="event")) == [(A, 1.0), (B, 3.0)]


def test_chunks_of_a_size_go_on_over_those_recorded() -> None:
    assert chunks_of(Pace(rechunk=8)) == [(A[:8], 1.0), (A[8:] + B[:7], 3.0), (B[7:], 3.0)]
    assert len(chunks_of(Pace(rechunk=1))) == len(A + B)


@given(st.integers(1, 30))
def test_the_bytes_are_the_same(size: int) -> None:
    pieces = [data for data, _ in chunks_of(Pace(rechunk=size))]
    assert b"".join(pieces) == A + B
    assert {len(piece) for piece in pieces[:-1]} <= {size}


def test_a_connection_without_an_answer_stays_one() -> None:
    unanswered = [Head(request=HEAD.request), End(at=2.0, reason="cut")]
    assert list(Pace(speed=2).play(unanswered)) == [unanswered[0], End(at=1.0, reason="cut")]


def test_what_options_say_is_read() -> None:
    assert [read_rechunk(text) for text in ("event", "byte", "16")] == ["event", 1, 16]
    assert [read_speed(text) for text in ("0", "0.5", "10", "10x")] == [0.0, 0.5, 10.0, 10.0]


@pytest.mark.parametrize("text", ["", "0", "-1", "events", "1.5", "٣", "9" * 20])
def test_no_other_rechunk_is_taken(text: str) -> None:
    with pytest.raises(UsageError, match="not a way to cut chunks"):
        read_rechunk(text)


@pytest.mark.parametrize("text", ["", "-1", "fast", "nan", "inf", "1/2"])
def test_no_other_speed_is_taken(text: str) -> None:
    with pytest.raises(UsageError, match="not a speed"):
        read_speed(text)
