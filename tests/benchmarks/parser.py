"""Rows of the parser, in memory: the same pieces of bytes on every side, and all fields of each event read.

httpx-sse reads an httpx response over the pieces, which is the only door it has; sseclient-py reads the
pieces themselves; eventsource-parser runs, and times itself, in Node.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from operator import attrgetter
from typing import Any

import httpx
import httpx_sse
import sseclient

from sse_cli.core.wire.sse import SseDecoder
from tests.benchmarks import data
from tests.benchmarks.node import NodeParser
from tests.benchmarks.row import (
    OURS,
    Figures,
    Row,
    Setup,
    check_same,
    interleave,
    milliseconds,
    times_as_fast,
    times_as_much,
)

MEGABYTE = 1024 * 1024
Pieces = list[bytes]


class _Body(httpx.SyncByteStream):
    def __init__(self, pieces: Pieces) -> None:
        self._pieces = pieces

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._pieces)


def _ours(pieces: Pieces) -> Iterable[Any]:
    return chain.from_iterable(map(SseDecoder().feed, pieces))


def _httpx_sse(pieces: Pieces) -> Iterable[Any]:
    response = httpx.Response(200, headers={"Content-Type": "text/event-stream"}, stream=_Body(pieces))
    return httpx_sse.EventSource(response).iter_sse()


def _sseclient(pieces: Pieces) -> Iterable[Any]:
    return sseclient.SSEClient(pieces).events()


_NAMES_OF_OTHERS = attrgetter("event", "data", "id", "retry")
READERS: dict[str, tuple[Callable[[Pieces], Iterable[Any]], Callable[[Any], tuple[Any, ...]]]] = {
    OURS: (_ours, attrgetter("type", "data", "id", "retry")),
    "httpx-sse": (_httpx_sse, _NAMES_OF_OTHERS),
    "sseclient-py": (_sseclient, _NAMES_OF_OTHERS),
}
"""For every side in Python: pieces to events, and an event to its four fields."""


def read(name: str, pieces: Pieces) -> None:
    """Read a stream to its end, and every field of every event. This is what is timed."""
    events_of, fields_of = READERS[name]
    for event in events_of(pieces):
        fields_of(event)


def result(name: str, pieces: Pieces) -> list[tuple[str, str, str, int | None]]:
    """Return all events; where libraries differ in how they say "none", they are made to say the same."""
    events_of, fields_of = READERS[name]
    found = map(fields_of, events_of(pieces))
    return [(kind, text, id_ or "", retry and int(retry)) for kind, text, id_, retry in found]


def compare(pieces: Pieces, peers: tuple[str, ...], repeats: int) -> Figures:
    """Check that all sides get the same out of the pieces; then measure."""
    names = (OURS, *peers)
    check_same({name: result(name, pieces) for name in names})
    return interleave({name: milliseconds(lambda name=name: read(name, pieces)) for name in names}, repeats)


def compare_with_node(pieces: Pieces, repeats: int) -> Figures:
    """The same with Node. Its text is compared by a digest, its times are its own."""
    with NodeParser(pieces) as node:
        check_same({OURS: node.digest_of(result(OURS, pieces)), node.name: node.digest()})
        node.warm_up()
        return interleave({OURS: milliseconds(lambda: read(OURS, pieces)), node.name: node.time}, repeats)


def measure_long_line(setup: Setup) -> Figures:
    """Ten short lines are read at a time and counted as one, so that there is enough to measure."""
    short, long = (data.cut(data.one_line(size * MEGABYTE), 1024) for size in (1, 10))
    for size, pieces in ((1, short), (10, long)):
        check_same({OURS: [size * MEGABYTE], "the line": [len(event[1]) for event in result(OURS, pieces)]})
    ten_short = milliseconds(lambda: [read(OURS, short) for _ in range(10)])
    sides = {OURS: milliseconds(lambda: read(OURS, long)), "1 MB": lambda: ten_short() / 10}
    return interleave(sides, setup.pick(21, 7))


def _row(
    name: str, work: str, peers: tuple[str, ...], least: float, make: Callable[[int], Pieces], size: int
) -> Row:
    """Return a row whose stream is `size` bytes or, with --quick, a quarter of that."""
    repeats = (15, 5)

    def measure(setup: Setup) -> Figures:
        pieces = make(setup.pick(size, size // 4))
        if peers == ("node",):
            return compare_with_node(pieces, setup.pick(*repeats))
        return compare(pieces, peers, setup.pick(*repeats))

    return Row(f"parser.{name}", work, times_as_fast(least), measure)


def _in_reads(make: Callable[[int], list[bytes]]) -> Callable[[int], Pieces]:
    return lambda size: data.cut(b"".join(make(size)), data.PIECE)


def _crlf_events(size: int) -> list[bytes]:
    return data.with_crlf(data.typed_events(size))


def _cut_events(size: int) -> Pieces:
    return data.cut_at_random(b"".join(data.model_events(size)), 1024)


def _crumbs(size: int) -> Pieces:
    return data.cut(b"".join(data.model_events(size)), 16)


_MODEL, _TYPED = _in_reads(data.model_events), _in_reads(data.typed_events)
_CRLF, _LONG = _in_reads(_crlf_events), _in_reads(data.long_events)
_TINY = _in_reads(lambda size: data.tiny_events(size // 9))
_EACH = data.model_events
_HTTPX, _CLIENT, _BOTH, _NODE = ("httpx-sse",), ("sseclient-py",), ("httpx-sse", "sseclient-py"), ("node",)

ROWS = [
    _row("model", "250-byte model events, data alone, in 64 KB pieces", _HTTPX, 3, _MODEL, 8 * MEGABYTE),
    _row("model.node", "the same, with eventsource-parser in Node", _NODE, 1, _MODEL, 8 * MEGABYTE),
    _row("typed", "250-byte model events with type and id, in 64 KB", _HTTPX, 3, _TYPED, 8 * MEGABYTE),
    _row("typed.node", "the same, with eventsource-parser in Node", _NODE, 1, _TYPED, 8 * MEGABYTE),
    _row("each", "250-byte model events, each a piece of its own", _BOTH, 2, _EACH, 4 * MEGABYTE),
    _row("tiny", "9-byte events in 64 KB pieces", _HTTPX, 2, _TINY, 2 * MEGABYTE),
    _row("crlf", "typed model events with CRLF, in 64 KB pieces", _HTTPX, 2, _CRLF, 8 * MEGABYTE),
    _row("lines", "events of 50 data lines in 64 KB pieces", _HTTPX, 2, _LONG, 8 * MEGABYTE),
    _row("cuts", "model events cut at random, 1 KB on average", _HTTPX, 2, _cut_events, 8 * MEGABYTE),
    _row("crumbs", "model events in 16-byte pieces", _CLIENT, 1, _crumbs, MEGABYTE),
    Row("parser.line", "a line of 10 MB in 1 KB pieces; one of 1 MB", times_as_much(11), measure_long_line),
]
