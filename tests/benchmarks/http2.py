"""Rows of HTTP/2, without TLS on the loopback device: ours, ours over HTTP/1.1, and httpx's with our parser.

Measured is the CPU time of the process that reads; see `connection`.
"""

from collections.abc import Callable
from contextlib import ExitStack

from tests.benchmarks import child
from tests.benchmarks.connection import compare_readers
from tests.benchmarks.http2_server import Http2StreamServer
from tests.benchmarks.row import OURS, Figures, Goal, Row, Setup, times_as_fast, times_as_much
from tests.benchmarks.stream_server import StreamServer


def _measure(shape: str, peer: str) -> Callable[[Setup], Figures]:
    reader, server = _PEERS[peer]

    def measure(setup: Setup) -> Figures:
        events = setup.pick(200_000, 20_000)
        with ExitStack() as stack:
            ours = stack.enter_context(Http2StreamServer(events))
            other = stack.enter_context(server(events))
            starts = {
                OURS: lambda _url: child.python("ours over HTTP/2", f"{ours.url}/{shape}"),
                peer: lambda _url: child.python(reader, f"{other.url}/{shape}"),
            }
            return compare_readers("", starts, setup.pick(7, 3))

    return measure


_PEERS = {"httpx": ("httpx over HTTP/2", Http2StreamServer), "HTTP/1.1": (OURS, StreamServer)}
"""For every peer: the reader, and the server of what it reads."""

_SHAPES = {
    "each": "CPU: 250-byte model events over HTTP/2, each a frame, many of them written together",
    "coalesced": "the same, in full frames",
}


def _row(shape: str, peer: str, goal: Goal) -> Row:
    return Row(f"http2.{shape}.{peer}", f"{_SHAPES[shape]}; {peer}", goal, _measure(shape, peer))


ROWS = [
    _row("each", "httpx", times_as_fast(10)),
    _row("each", "HTTP/1.1", times_as_much(2)),
    _row("coalesced", "httpx", times_as_fast(1.5)),
    _row("coalesced", "HTTP/1.1", times_as_much(1.5)),
]
