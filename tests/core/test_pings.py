"""Events that say nothing but that the connection lives: shown and counted, and no news."""

import pytest

from sse_cli.core.items import Chunk, Opened, Reading
from sse_cli.core.meter import Figures, Meter
from sse_cli.core.pipeline import Pipeline, Plan

ONE = b"data: one\n\n"
ANTHROPIC = b'event: content_block_delta\ndata: {"type":"content_block_delta","delta":{"text":"a"}}\n\n'
RESPONSES = b'data: {"type":"response.output_text.delta","sequence_number":1,"delta":"a"}\n\n'


def read(*blocks: bytes, together: bool = False) -> tuple[Pipeline, Figures]:
    """Read blocks that come a second apart, the first a second after the request, or all in one chunk."""
    pipeline = Pipeline(Plan(), Meter(0.0))
    pipeline.open(Opened(200, (("Content-Type", "text/event-stream"),), "HTTP/1.1", "u", 0.0))
    shown = 0
    for at, block in enumerate([b"".join(blocks)] if together else blocks, 1):
        shown += sum(isinstance(item, Reading) for item in pipeline.feed(Chunk(block, float(at))))
    assert shown == len(blocks), "all are shown"
    return pipeline, pipeline.meter.figures(99.0)


@pytest.mark.parametrize("name", ["ping", "keep-alive", "keepalive", "keep_alive", "heartbeat"])
def test_a_ping_is_known_by_its_name(name: str) -> None:
    ping = f"event: {name}\ndata: null\n\n".encode()
    _, figures = read(ping, ONE, ping, ping, ONE)
    assert (figures.events, figures.pings, figures.first_event) == (5, 3, 2)
    assert figures.event_gap is not None
    assert (figures.event_gap.n, figures.event_gap.max) == (1, 3)


@pytest.mark.parametrize(
    ("before", "ping"),
    [
        (ANTHROPIC, b'event: ping\ndata: {"type": "ping"}\n\n'),
        (ANTHROPIC, b'data: {"type": "ping"}\n\n'),
        (RESPONSES, b'data: {"type": "keepalive", "sequence_number": 2}\n\n'),
        (b'data: {"event": "message", "answer": "a"}\n\n', b'data: {"event": "ping"}\n\n'),
    ],
)
def test_a_ping_is_known_by_its_dialect(before: bytes, ping: bytes) -> None:
    pipeline, figures = read(before, ping, before)
    assert pipeline.dialect is not None
    assert (figures.events, figures.pings) == (3, 1)
    assert figures.event_gap is not None
    assert (figures.event_gap.n, figures.event_gap.max) == (1, 2)


def test_what_only_looks_like_a_ping_is_an_event() -> None:
    _, figures = read(ONE, b"event: pinged\ndata: 1\n\n", b'data: {"type": "ping"}\n\n')
    assert figures.pings == 0
    _, figures = read(b'event: ping\ndata: {"error": {"message": "no"}}\n\n')
    assert figures.pings == 0, "an error is news, whatever its name"


def test_pings_among_others_in_one_chunk() -> None:
    ping = b"event: ping\ndata: 1\n\n"
    _, figures = read(ping, ONE, ping, ONE, together=True)
    assert (figures.events, figures.pings, figures.first_event) == (4, 2, 1)
    assert figures.event_gap is not None
    assert figures.event_gap.n == 1
    assert figures.burst is not None
    assert figures.burst.max == 4


def test_a_stream_of_pings_alone_has_no_first_event() -> None:
    pipeline, figures = read(b"event: ping\ndata: 1\n\n", b"event: ping\ndata: 1\n\n")
    assert (figures.events, figures.first_event, figures.event_gap) == (2, None, None)
    assert pipeline.meter.news == 0
