"""Rows of the parser, in memory: the same pieces of bytes on every side, and all fields of each event read.

httpx-sse reads an httpx response over the pieces, which is the only door it has; sseclient-py reads the
pieces themselves; eventsource-parser runs, and times itself, in Node.
"""

import json
import os
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterator

import httpx
import httpx_sse
import sseclient

from sse_cli.core.wire.sse import SseDecoder
from tests.benchmarks import data
from tests.benchmarks.node import NodeParser
from tests.benchmarks.row import (
    OURS,
    Differs,
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


Fields = tuple[str, str, str | None, int | str | None]
"""Type, data, id and retry of an event."""


def _ours(pieces: Pieces) -> Iterator[Fields]:
    feed = SseDecoder().feed
    for piece in pieces:
        for event in feed(piece):
            yield event.type, event.data, event.id, event.retry


def _httpx_sse(pieces: Pieces) -> Iterator[Fields]:
    response = httpx.Response(200, headers={"Content-Type": "text/event-stream"}, stream=_Body(pieces))
    for event in httpx_sse.EventSource(response).iter_sse():
        yield event.event, event.data, event.id, event.retry


def _sseclient(pieces: Pieces) -> Iterator[Fields]:
    for event in sseclient.SSEClient(pieces).events():
        yield event.event, event.data, event.id, event.retry


READERS = {OURS: _ours, "httpx-sse": _httpx_sse, "sseclient-py": _sseclient}
"""For every side in Python: the pieces of a stream in, the fields of its events out."""


def read(name: str, pieces: Pieces) -> None:
    """Read a stream to its end, and keep nothing. This is what is timed."""
    deque(READERS[name](pieces), maxlen=0)


def result(name: str, pieces: Pieces) -> list[tuple[str, str, str, int | None]]:
    """Return all events; where libraries differ in how they say "none", they are made to say the same."""
    found = READERS[name](pieces)
    return [
        (kind, text, id_ or "", None if retry is None else int(retry)) for kind, text, id_, retry in found
    ]


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


def _line(megabytes: int) -> Pieces:
    """Return one line in pieces of 1 KB, after a look that it comes out whole."""
    pieces = data.cut(data.one_line(megabytes * MEGABYTE), 1024)
    if [len(event[1]) for event in _ours(pieces)] != [megabytes * MEGABYTE]:
        raise Differs(f"the line of {megabytes} MB did not come out whole")
    return pieces


def time_lines(repeats: int) -> dict[str, list[float]]:
    """Return the runs of both lines, in milliseconds."""
    long, short = _line(10), _line(1)
    sides = {OURS: milliseconds(lambda: read(OURS, long)), "1 MB": milliseconds(lambda: read(OURS, short))}
    return dict(interleave(sides, repeats).runs)


def measure_long_line(setup: Setup) -> Figures:
    """Read both lines by turns, in a process that keeps the memory it once had.

    Where the allocator gives memory back, it does so by size and history: one line is then read in warm
    memory, the other in pages that the system has to clear, and the ratio tells of that alone.
    """
    keep = {"MALLOC_MMAP_THRESHOLD_": str(1 << 30), "MALLOC_TRIM_THRESHOLD_": str(1 << 30)}
    repeats = setup.pick(51, 15)
    code = (
        f"import json; from tests.benchmarks import parser; print(json.dumps(parser.time_lines({repeats})))"
    )
    alone = subprocess.run(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, check=True, env={**os.environ, **keep}
    )
    return Figures(json.loads(alone.stdout))


def _row(
    name: str, work: str, peers: tuple[str, ...], least: float, make: Callable[[int], Pieces], size: int
) -> Row:
    """Return a row whose stream is `size` bytes or, with --quick, a quarter of that."""
    repeats = (25, 7)

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
    _row("multiline", "events of 50 data lines in 64 KB pieces", _HTTPX, 2, _LONG, 8 * MEGABYTE),
    _row("cuts", "model events cut at random, 1 KB on average", _HTTPX, 2, _cut_events, 8 * MEGABYTE),
    _row("crumbs", "model events in 16-byte pieces", _CLIENT, 1, _crumbs, MEGABYTE),
    Row("parser.long", "a line of 10 MB in 1 KB pieces; one of 1 MB", times_as_much(11), measure_long_line),
]
