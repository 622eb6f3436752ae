"""Rows of record, serve, record again: how far apart are the times of the two recordings?

A server in a process of its own plays the captures, or the tapes of the package where there are none, an
event every so often; this process records them, several at once, has the recordings served, and records
those. The times since the head are compared of each chunk that both have: of two that wait to be read, the
system makes one. The head itself is later each time by what it takes to ask: that was recorded, too.
"""

import asyncio
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from itertools import accumulate
from pathlib import Path
from statistics import median
from typing import NamedTuple
from urllib.parse import quote

from sse_cli.server.bundled import FOLDER as TAPES
from sse_cli.server.load import read_recording
from sse_cli.testing.recording import record, request_of
from tests.benchmarks.row import OURS, Differs, Figures, Goal, Row, Setup, at_most
from tests.benchmarks.serve_clients import percentiles
from tests.benchmarks.stream_server import ROOT
from tests.captures import FOLDER, SIDECARS

INTERVAL = "10ms"

SAME = 0.98
"""The share of all chunks that must at least be the same in both."""

AT_ONCE = 4
"""Streams that are read at the same time."""


@contextmanager
def _served(files: Sequence[Path], *options: str) -> Iterator[str]:
    """Serve files, each at its path; give the server's URL."""
    command = [sys.executable, "-m", "sse_cli", "serve", "-q", *options, *map(str, files)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


async def _record(url: str, names: Sequence[str], folder: Path) -> None:
    turns = asyncio.Semaphore(AT_ONCE)

    async def one(name: str) -> None:
        async with turns:
            await record(request_of(f"{url}/{quote(name)}"), folder / f"{name}.rec")

    await asyncio.gather(*map(one, names))


class Kept(NamedTuple):
    """What a recording holds: its bytes, when the head came, and when each chunk, by where it ends, in ms."""

    body: bytes
    head: float
    times: dict[int, float]


def _kept(file: Path) -> Kept:
    (exchange,) = read_recording(file.read_bytes()).exchanges
    assert exchange.head.response is not None
    head = exchange.head.response.at * 1000
    ends = accumulate(len(chunk.data) for chunk in exchange.chunks)
    times = {end: chunk.at * 1000 - head for end, chunk in zip(ends, exchange.chunks, strict=True)}
    return Kept(b"".join(chunk.data for chunk in exchange.chunks), head, times)


def _apart(pairs: Sequence[tuple[Path, Path]]) -> dict[str, float]:
    """Return by how many milliseconds times differ: percentiles over all chunks, and the median head."""
    apart: list[float] = []
    heads: list[float] = []
    chunks = 0
    for first, again in pairs:
        one, other = _kept(first), _kept(again)
        if one.body != other.body:
            raise Differs(f"{first.name} has other bytes when it is recorded again")
        chunks += len(one.times)
        apart += [abs(other.times[end] - one.times[end]) for end in one.times.keys() & other.times.keys()]
        heads.append(other.head - one.head)
    if len(apart) < SAME * chunks:
        raise Differs(f"of {chunks:,} chunks, {len(apart):,} are the same when they are recorded again")
    return {**percentiles(apart), "head": median(heads)}


@cache
def readings(setup: Setup) -> dict[str, float]:
    """Record all, serve that, record it again; return how far apart the times are, in ms."""
    captures = [FOLDER / sidecar.stem for sidecar in SIDECARS] or sorted(TAPES.glob("*.ndjson"))
    captures = captures[:: setup.pick(1, 10)]
    names = [capture.name for capture in captures]
    with tempfile.TemporaryDirectory() as first, tempfile.TemporaryDirectory() as again:
        with _served(captures, "--interval", INTERVAL) as url:
            asyncio.run(_record(url, names, Path(first)))
        pairs = [(Path(first, f"{name}.rec"), Path(again, f"{name}.rec")) for name in names]
        with _served([recording for recording, _ in pairs]) as url:
            asyncio.run(_record(url, names, Path(again)))
        return _apart(pairs)


def _measure(figure: str) -> Callable[[Setup], Figures]:
    def measure(setup: Setup) -> Figures:
        return Figures({OURS: [readings(setup)[figure]], "the recording": [0.0]})

    return measure


_WORK = {
    "p50": "p50 of how far apart the times of a chunk are",
    "p99": "p99 of how far apart the times of a chunk are",
    "head": "how much later the head comes",
}
_GOALS: dict[str, Goal] = {"p50": at_most(0.5), "p99": at_most(10.0), "head": at_most(5.0)}

ROWS = [
    Row(f"again.{figure}", f"{work}: recorded, served and recorded again", _GOALS[figure], _measure(figure))
    for figure, work in _WORK.items()
]
