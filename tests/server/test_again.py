"""Recorded, served and recorded again, over real HTTP: the same bytes in the same chunks.

The server's clock stands until its client has what was sent, so that each chunk is awaited by itself: what
waits to be read the system gives as one. How well times are kept is told by rows of the benchmarks.
"""

import asyncio
from collections.abc import Sequence
from itertools import accumulate
from pathlib import Path

import pytest

from sse_cli.core.items import Chunk, Item
from sse_cli.core.meter import Meter
from sse_cli.core.pace import Pace
from sse_cli.core.pipeline import Pipeline, Plan
from sse_cli.core.recording import Recording
from sse_cli.core.summary import Summary
from sse_cli.deadlines import Limits
from sse_cli.server.bundled import TAPES
from sse_cli.server.http import serve
from sse_cli.server.load import load, read_recording
from sse_cli.server.routes import Routes
from sse_cli.server.tape import Start, Tape
from sse_cli.session import Session
from sse_cli.sinks.recording import RecordFile, RecordingSink
from sse_cli.sources.http import HttpSource
from sse_cli.sources.request import Request
from tests.captures import FOLDER, SIDECARS
from tests.server.house import Turnstile

ONE_BY_ONE = Pace(interval=1.0)
"""A time for each chunk: those that are due at once are written at once, and may be read as one."""

LARGE = 16 * 1024
"""Bytes of a chunk that the system may cut, or the client, who reads 64 KB at once."""


class Gate:
    """A sink that lets the server's clock go on whenever a whole chunk of the tape has come."""

    interval: float | None = None
    takes_streaks = True

    def __init__(self, sizes: Sequence[int], timer: Turnstile) -> None:
        self._ends = set(accumulate(sizes))
        self._last = sum(sizes)
        self._timer = timer
        self._came = 0

    def show(self, items: Sequence[Item]) -> None:
        for item in items:
            if type(item) is Chunk:
                self._came += len(item.data)
        if self._came in self._ends and self._came < self._last:
            self._timer.let()

    def tick(self, _now: float) -> None:
        """Do nothing."""

    def close(self, _summary: Summary) -> None:
        """Do nothing."""


async def record(source: str, file: Path, pace: Pace) -> None:
    """Serve a file or a tape, each chunk when the one before it has come, and record that."""
    (tape,) = load([source], pace)
    timer = Turnstile()
    async with serve(Routes([tape]), timer=timer) as server:
        asked = HttpSource(Request.of(server.url))
        pipeline = Pipeline(Plan(), Meter())
        gate = Gate([len(data) for data in chunks(tape)], timer)
        sink = RecordingSink(RecordFile(str(file)), pipeline, asked.asked)
        run = asyncio.create_task(Session(asked, pipeline, [sink, gate], Limits()).run())
        if head_at(tape) > 0:
            await timer.reached.wait()
            timer.let()
        await run


def head_at(tape: Tape) -> float:
    response = tape.connections[0].head.response
    assert response is not None
    return response.at


def chunks(tape: Tape) -> list[bytes]:
    return [entry.data for entry in tape.entries(Start(0)) if isinstance(entry, Chunk)]


def pieces(recording: Recording) -> list[bytes]:
    (exchange,) = recording.exchanges
    return [chunk.data for chunk in exchange.chunks]


def both(source: str, folder: Path, pace: Pace = ONE_BY_ONE) -> tuple[Recording, Recording]:
    """Record what is served of a source, and then what is served of that recording."""
    first, again = folder / "first.rec", folder / "again.rec"
    asyncio.run(record(source, first, pace))
    asyncio.run(record(str(first), again, ONE_BY_ONE))
    return read_recording(first.read_bytes()), read_recording(again.read_bytes())


@pytest.mark.parametrize("name", TAPES)
def test_a_tape_is_recorded_again_as_it_was(name: str, tmp_path: Path) -> None:
    first, again = both(name, tmp_path)
    (tape,) = load([name], Pace())
    assert pieces(first) == chunks(tape)
    assert pieces(again) == pieces(first)


@pytest.mark.parametrize("size", [1, 7, 1024])
def test_chunks_of_any_cut_are_kept(size: int, tmp_path: Path) -> None:
    body = "".join(f"id: {number}\ndata: 流 {'x' * number}\n\n" for number in range(40)).encode()
    file = tmp_path / "plain.sse"
    file.write_bytes(body)
    first, again = both(str(file), tmp_path, ONE_BY_ONE._replace(rechunk=size))
    assert pieces(first) == [body[start : start + size] for start in range(0, len(body), size)]
    assert pieces(again) == pieces(first)


@pytest.mark.skipif(not SIDECARS, reason="there are no captures here")
def test_all_captures_are_recorded_again_as_they_were(tmp_path: Path) -> None:
    large = 0
    for sidecar in SIDECARS:
        capture = FOLDER / sidecar.stem
        first, again = both(str(capture), tmp_path)
        body = capture.read_bytes()
        assert b"".join(pieces(first)) == b"".join(pieces(again)) == body, capture.name
        (tape,) = load([str(capture)], Pace())
        if max(map(len, chunks(tape)), default=0) > LARGE:
            large += 1
            continue
        assert pieces(first) == chunks(tape), capture.name
        assert pieces(again) == pieces(first), capture.name
    assert large < len(SIDECARS) / 10
