"""Rows of the truth: our time stamps against the server's own clock, whatever becomes of the output.

The server writes its time into each event right before it sends it (loopback.py), a thousand events a second.
The program runs as users run it, with a sink more, which keeps the time stamps of the events that the others
show. All of what lies between counts: the system's sockets, the reading, and whatever held that up.
"""

import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

from sse_cli.core.items import Item, Reading
from sse_cli.sinks.sink import Sink
from tests.benchmarks.loopback import STAMP, STAMP_DIGITS, Loopback
from tests.benchmarks.row import OURS, Differs, Figures, Row, Setup, Unmeasured, at_most

_RATE, _SECONDS = 1000, 5
_STAMPED = re.compile(f"{STAMP.decode()}([0-9]{{{STAMP_DIGITS}}})")
_OUTPUTS = {"data": "data", "table": "table", "slow": "data"}
"""For each row, the output. `slow` is a pipe of which a kilobyte is read in a second."""


class _Recorder:
    """A sink that keeps by how much each event was stamped late, and writes that to a file."""

    interval: float | None = None
    takes_streaks = False

    def __init__(self, file: str) -> None:
        self._file = Path(file)
        self.late_ms: list[float] = []

    def show(self, items: Sequence[Item]) -> None:
        for item in items:
            if type(item) is Reading and (sent := _STAMPED.search(item.event.data)):
                self.late_ms.append(item.event.at * 1e3 - int(sent[1]) / 1e6)

    def tick(self, _now: float) -> None:
        """Do nothing."""

    def close(self, _summary: object) -> None:
        self._file.write_text(json.dumps(self.late_ms), encoding="utf-8")


def run_recorded(file: str, arguments: list[str]) -> None:
    """Run the program with a recorder beside its sinks."""
    from sse_cli.cli.main import main
    from sse_cli.cli.show import Show

    recorder, make = _Recorder(file), Show.sinks

    def sinks(show: Show, *values: object) -> list[list[Sink]]:
        return [[recorder, *own] for own in make(show, *values)]  # type: ignore[arg-type]

    Show.sinks = sinks  # type: ignore[method-assign, assignment]
    sys.argv = ["sse", *arguments]
    main()


@contextmanager
def _stdout(kind: str) -> Iterator[int]:
    """Give a file descriptor to write to, whose other end is read as the row has it."""
    if kind == "table":
        import pty

        reader, fd = pty.openpty()
    else:
        reader, fd = os.pipe()
    over = threading.Event()
    thread = threading.Thread(target=_drain, args=(reader, over if kind == "slow" else None), daemon=True)
    thread.start()
    try:
        yield fd
    finally:
        over.set()
        os.close(fd)
        thread.join()
        os.close(reader)


def _drain(reader: int, over: threading.Event | None) -> None:
    """Read all: at once or, until it is `over`, a kilobyte a second."""
    with suppress(OSError):  # how a terminal says that its other end was closed
        while os.read(reader, 1024 if over is not None else 65536):
            if over is not None:
                over.wait(1.0)


def lateness(kind: str, url: str, folder: str, seconds: float = _SECONDS) -> list[float]:
    """Return by how many milliseconds each event of a stream was stamped late that goes on for `seconds`."""
    file = Path(folder, "late.json")
    arguments = ["-q", "-o", _OUTPUTS[kind], url]
    code = f"from tests.benchmarks.truth import run_recorded; run_recorded({str(file)!r}, {arguments!r})"
    env = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "120", "LINES": "40"}
    with _stdout(kind) as fd:
        process = subprocess.Popen(
            [sys.executable, "-c", code], stdin=subprocess.DEVNULL, stdout=fd, stderr=subprocess.PIPE, env=env
        )
        if kind == "slow":
            time.sleep(seconds + 1.5)  # what has not been written by then is let out at once
        else:
            process.wait()
    _, said = process.communicate()
    late: list[float] = json.loads(file.read_text(encoding="utf-8")) if file.exists() else []
    if len(late) != _RATE * seconds:
        raise Differs(f"{len(late):,} of {_RATE * seconds:,} events were stamped; {said.decode()[-200:]}")
    return late


@cache
def _measured(kind: str, repeats: int) -> tuple[list[float], list[float]]:
    """Return p50 and p99 of each run."""
    if time.get_clock_info("perf_counter").implementation != time.get_clock_info("monotonic").implementation:
        raise Unmeasured("here, our clock is not the server's")
    if kind == "table" and os.name == "nt":
        raise Unmeasured("Windows has no pseudo-terminals")
    with Loopback() as server, tempfile.TemporaryDirectory() as folder:
        url = server.url("paced", _RATE, _RATE * _SECONDS)
        quantiles = [statistics.quantiles(lateness(kind, url, folder), n=100) for _ in range(repeats)]
    return [cuts[49] for cuts in quantiles], [cuts[98] for cuts in quantiles]


def _measure(kind: str, percentile: int) -> Callable[[Setup], Figures]:
    def measure(setup: Setup) -> Figures:
        p50s, p99s = _measured(kind, setup.pick(5, 1))
        return Figures({OURS: p50s if percentile == 50 else p99s, "the server": [0.0]})

    return measure


_WORK = {
    "data": "-o data into a pipe",
    "table": "the live table on a terminal",
    "slow": "-o data into a pipe of which 1 KB is read in a second",
}
ROWS = [
    Row(
        f"truth.{kind}.p{percentile}",
        f"our time stamps less the server's, at {_RATE:,} events/s, p{percentile}; {_WORK[kind]}",
        at_most(goal),
        _measure(kind, percentile),
    )
    for kind in _OUTPUTS
    for percentile, goal in ((50, 0.1), (99, 1.0))
]
