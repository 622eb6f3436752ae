"""Rows of the parser, in memory: the same pieces of bytes on every side, and all fields of each event read.

httpx-sse reads an httpx response over the pieces, which is the only door it has; sseclient-py reads the
pieces themselves; eventsource-parser runs, and times itself, in Node.
"""

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


def time_line(megabytes: int) -> float:
    """Return the milliseconds that one line takes us in pieces of 1 KB."""
    pieces = data.cut(data.one_line(megabytes * MEGABYTE), 1024)
    found: list[Fields] = []
    taken = milliseconds(lambda: found.extend(_ours(pieces)))()
    if [len(event[1]) for event in found] != [megabytes * MEGABYTE]:
        raise Differs(f"the line of {megabytes} MB did not come out whole")
    return taken


def _time_line_anew(megabytes: int) -> float:
    code = f"from tests.benchmarks.parser import time_line; print(time_line({megabytes}))"
    return float(subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, check=True).stdout)


def measure_long_line(setup: Setup) -> Figures:
    """Read each line in a process of its own, where all memory is new.

    In one process the short line is read in memory that is used again and again, while the long one is given
    new pages by the system each time, and the ratio then says more of the allocator than of the parser.
    """
    return interleave(
        {OURS: lambda: _time_line_anew(10), "1 MB": lambda: _time_line_anew(1)}, setup.pick(15, 7)
    )


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
