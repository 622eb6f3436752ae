"""Rows of many streams at once in one process: its CPU time, how late events are, and the memory of a stream.

One server serves every side in turn, by the same timetable. Both sides compare a clock in the data with their
own, which must be the same: the monotonic one of the system. Rows of one event loop share their runs.
"""

import json
import subprocess
import sys
from collections.abc import Callable
from functools import cache, partial
from importlib.util import find_spec
from itertools import repeat
from time import monotonic_ns
from typing import Self

from tests.benchmarks.child import HERE
from tests.benchmarks.node import _installed_module
from tests.benchmarks.row import OURS, Differs, Figures, Row, Setup, Unmeasured, times_as_much
from tests.benchmarks.stream_server import ROOT

RATE = 50
"""Events a second of each stream: what a quick model sends."""

LATE = 100.0
"""Milliseconds that the server itself may be late. It needs a third of a core; else the machine is busy."""

TRIES = 3
"""How often a reading is repeated in which the server was late."""

NODE = "http in Node"
Reading = dict[str, float]
"""What a reader measured, by the reader's names for it."""


class ManyServer:
    """The server, its address, and what it says of itself after each time that it served all streams."""

    def __init__(self, streams: int, seconds: int) -> None:
        arguments = [str(streams), str(RATE), str(seconds)]
        self._command = [sys.executable, "-m", "tests.benchmarks.many_server", *arguments]

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(self._command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        self.url = f"http://127.0.0.1:{self._said()}/"
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()

    def late(self) -> float:
        """Return by how many milliseconds it was behind its timetable at most."""
        return float(self._said().split()[0])

    def _said(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()


def _reader(name: str) -> list[str]:
    if name == NODE:
        return ["node", str(HERE / "many_http.mjs"), str(_installed_module())]
    return [sys.executable, "-m", "tests.benchmarks.many_reader"]


def _read(name: str, server: ManyServer, streams: int, events: int, *loop: str) -> Reading:
    """Have all streams read once; check that each was read to its end, and that the clock is the server's."""
    command = [*_reader(name), server.url, str(streams), str(events), *loop]
    before = monotonic_ns()
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    clock = process.stdout.readline()
    after = monotonic_ns()
    said, _ = process.communicate()
    if process.returncode:
        raise Unmeasured(f"{name} failed, as said above")
    if not before < int(clock) < after:
        raise Unmeasured(f"the clock of {name} is not the one of the server")
    reading = json.loads(said)
    if (ends := reading.pop("ends")) != [f"{events} {events - 1:06}"]:
        raise Differs(f"{name} read no {events} events of each stream: {ends[:5]}")
    return dict(reading)


def _read_in_time(server: ManyServer, read: Callable[[], Reading]) -> Reading:
    """Read until the server was in time; else return the reading in which it was the least late."""
    tries: list[tuple[float, Reading]] = []
    for _ in repeat(None, TRIES):
        reading = read()
        tries.append((server.late(), reading))
        if tries[-1][0] <= LATE:
            return reading
    late, reading = min(tries, key=lambda one: one[0])
    print(f"(the server was {late:.0f} ms late: this machine is busy, and the lags say little)", flush=True)
    return reading


@cache
def readings(setup: Setup, *loop: str) -> dict[str, list[Reading]]:
    """Read on both sides in turn, ours on the event loop named, if one is."""
    streams, seconds = setup.pick(2_000, 500), setup.pick(6, 2)
    events = RATE * seconds
    _raise_limit(streams + 100)
    with ManyServer(streams, seconds) as server:
        sides = {
            OURS: partial(_read, OURS, server, streams, events, *loop),
            NODE: partial(_read, NODE, server, streams, events),
        }
        found: dict[str, list[Reading]] = {name: [] for name in sides}
        for _ in repeat(None, setup.pick(3, 1)):
            for name, read in sides.items():
                found[name].append(_read_in_time(server, read))
    return found


def _raise_limit(wanted: int) -> None:
    """Allow so many connections, here and in the processes that are started from here."""
    if sys.platform != "linux":
        raise Unmeasured("the memory of a process is looked up as Linux tells it")
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < wanted:
        if hard < wanted:
            raise Unmeasured(f"no more than {hard} connections are allowed here")
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _measure(figure: str, loop: tuple[str, ...], setup: Setup) -> Figures:
    if loop and find_spec(loop[0]) is None:
        raise Unmeasured(f"{loop[0]} is not installed")
    found = readings(setup, *loop)
    return Figures({name: [reading[figure] for reading in runs] for name, runs in found.items()})


_WORK = f"2,000 streams in one process, {RATE} events a second each"
_FIGURES = {
    "cpu": (f"CPU: {_WORK}", 1, "ms"),
    "lag": (f"p99 of how late an event is handed over: {_WORK}", 1, "ms"),
    "memory": (f"memory that a stream adds: {_WORK}", 0.3, "KB"),
}


def _rows(name: str, *loop: str) -> list[Row]:
    return [
        Row(f"{name}.{figure}", work, times_as_much(most), partial(_measure, figure, loop), unit)
        for figure, (work, most, unit) in _FIGURES.items()
    ]


ROWS = [*_rows("many"), *_rows("many.uvloop", "uvloop")]
