"""Every figure by its formula, on runs small enough to check by hand."""

import pytest

from sse_cli.core.meter import Meter


def test_times_count_from_the_request() -> None:
    meter = Meter(10.0)
    meter.note_connected(10.1)
    meter.note_opened(10.2)
    meter.note_chunk(100, 10.5)
    meter.note_events(1, 10.5)
    meter.note_chunk(50, 11.0)
    meter.note_events(2, 11.0)
    meter.note_content(2, 1, 11.0)
    meter.note_chunk(50, 12.0)
    meter.note_events(1, 12.0)
    meter.note_content(1, 1, 12.0)
    meter.note_closed(14.0)
    figures = meter.figures(99.0)
    seconds = (
        figures.connect,
        figures.headers,
        figures.first_byte,
        figures.first_event,
        figures.first_content,
        figures.first_answer,
        figures.last_content,
        figures.end,
    )
    assert seconds == pytest.approx((0.1, 0.2, 0.5, 0.5, 1.0, 1.0, 2.0, 4.0))
    assert (figures.events, figures.chunks, figures.bytes) == (4, 3, 200)
    assert figures.events_per_second == pytest.approx(4 / 3.5)
    assert figures.bytes_per_second == pytest.approx(200 / 3.5)
    assert figures.longest_silence == pytest.approx(2.0)


def test_pieces_of_one_chunk_share_its_time() -> None:
    meter = Meter(0.0)
    for at, count in ((1.0, 3), (2.0, 1)):
        meter.note_chunk(1, at)
        meter.note_events(count, at)
        meter.note_content(count, count, at)
    figures = meter.figures(2.0)
    assert figures.gap is not None
    assert figures.gap.n == 3
    assert (figures.gap.min, figures.gap.max) == (0.0, 1.0)
    assert figures.burst is not None
    assert (figures.burst.mean, figures.burst.max) == (2.0, 3)
    assert figures.burst.share == pytest.approx(3 / 4)


def test_reasoning_counts_for_first_content_and_not_for_first_answer() -> None:
    meter = Meter(0.0)
    meter.note_content(1, 0, 1.0)
    meter.note_content(1, 1, 3.0)
    figures = meter.figures(3.0)
    assert (figures.first_content, figures.first_answer) == (1.0, 3.0)


def test_latency_between_tokens_is_over_all_but_the_first() -> None:
    meter = Meter(0.0)
    meter.note_content(1, 1, 1.0)
    meter.note_content(1, 1, 2.0)
    assert meter.figures(2.0).tokens.estimated
    assert meter.figures(2.0).itl == pytest.approx(1.0)
    meter.output_tokens = 11
    figures = meter.figures(2.0)
    assert (figures.tokens.output, figures.tokens.estimated) == (11, False)
    assert figures.itl == pytest.approx(0.1)
    assert figures.tokens_per_second == pytest.approx(10)


def test_one_token_has_no_latency() -> None:
    meter = Meter(0.0)
    meter.note_content(1, 1, 1.0)
    assert meter.figures(2.0).itl is None
    assert meter.figures(2.0).tokens_per_second is None


def test_what_was_not_measured_is_none() -> None:
    figures = Meter().figures(5.0)
    for name in ("connect", "headers", "first_byte", "first_event", "first_content", "gap", "burst", "end"):
        assert getattr(figures, name) is None, name
    assert figures.tokens.output is None


def test_a_file_counts_from_its_first_chunk() -> None:
    meter = Meter()
    meter.note_chunk(10, 100.0)
    meter.note_events(1, 100.0)
    assert meter.figures(101.0).first_event == 0.0


def test_a_running_stream_is_measured_to_now() -> None:
    meter = Meter(0.0)
    meter.note_opened(1.0)
    assert meter.figures(5.0).longest_silence == 4.0
    assert meter.figures(6.0).end == 6.0
    meter.note_closed(7.0)
    assert meter.figures(99.0).end == 7.0


def test_overhead_is_what_was_noted() -> None:
    meter = Meter(0.0)
    for cost in (0.001, 0.003):
        meter.note_overhead(cost)
    overhead = meter.figures(1.0).overhead
    assert overhead is not None
    assert overhead.max == 0.003
