"""Rows of `sse serve`: many clients of one tape at once. Are its pauses kept, and is memory level?

The tape has an event every so often, in whose data stands when it is due after the head. The clients are a
process of their own (serve_clients.py) and stamp what they read: what they and the system cost is in it.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from itertools import repeat
from pathlib import Path
from typing import Any, NamedTuple

from sse_cli.core.items import Chunk
from sse_cli.core.recording import Answered, Asked, End, encode, first_head
from tests.benchmarks.data import EVENT_BYTES
from tests.benchmarks.many import _raise_limit
from tests.benchmarks.row import OURS, Differs, Figures, Goal, Row, Setup, Unmeasured, at_most, more_by
from tests.benchmarks.stream_server import ROOT

CLIENTS, RATE = 500, 20
"""How many there are, and how many events a second each is sent: as many as models send that are not slow."""

LOOK = 0.5
"""Seconds between two looks at the server's memory."""


class Reading(NamedTuple):
    """What the clients saw, as they say it, and the server's memory from one look to the next, in MB."""

    seen: dict[str, Any]
    memory: list[float]


def tape(seconds: int) -> bytes:
    """Return a recording of so many seconds."""
    answered = Answered(status=200, headers=(("Content-Type", "text/event-stream"),))
    head = first_head("2026-01-01T00:00:00Z", Asked(method="GET", url="/"), answered)
    times = [number / RATE for number in range(1, RATE * seconds + 1)]
    chunks = [Chunk((b"data: due %09.6f " % at).ljust(EVENT_BYTES - 2, b"x") + b"\n\n", at) for at in times]
    return b"".join(map(encode, [head, *chunks, End(at=float(seconds), reason="eof")]))


@contextmanager
def _served(seconds: int) -> Iterator[tuple[int, int]]:
    """Serve the tape; give the server's process id and its port."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "tape.ndjson")
        file.write_bytes(tape(seconds))
        command = [sys.executable, "-m", "sse_cli", "serve", "-q", str(file)]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            try:
                yield process.pid, int(process.stdout.readline().rpartition(":")[2])
            finally:
                process.terminate()


def _read(pid: int, port: int, seconds: int) -> Reading:
    command = [sys.executable, "-m", "tests.benchmarks.serve_clients", str(port), str(CLIENTS)]
    memory: list[float] = []
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        while process.poll() is None:
            memory.append(_resident(pid))
            with suppress(subprocess.TimeoutExpired):
                process.wait(LOOK)
        assert process.stdout is not None
        said = process.stdout.read()
    if process.returncode:
        raise Unmeasured("the clients failed, as said above")
    seen = json.loads(said)
    if seen["fewest"] != RATE * seconds:
        raise Differs(f"a client got {seen['fewest']} of {RATE * seconds} events")
    return Reading(seen, memory)


def _resident(pid: int) -> float:
    """Return the megabytes of memory that a process has, where Linux says it."""
    pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1024 / 1024


@cache
def readings(setup: Setup) -> list[Reading]:
    """Serve all clients, as often as the setup has it."""
    seconds = setup.pick(10, 2)
    _raise_limit(CLIENTS + 100)
    with _served(seconds) as (pid, port):
        return [_read(pid, port, seconds) for _ in repeat(None, setup.pick(3, 1))]


def _measure(figure: str) -> Callable[[Setup], Figures]:
    def measure(setup: Setup) -> Figures:
        return Figures({OURS: [one.seen["late"][figure] for one in readings(setup)], "the tape": [0.0]})

    return measure


def _measure_memory(setup: Setup) -> Figures:
    """Compare the end of the last reading with its second quarter, when all clients are there."""
    memory = readings(setup)[-1].memory
    return Figures({OURS: [memory[-1]], "early in it": [memory[len(memory) // 4]]})


_WORK = f"`sse serve`, {CLIENTS} clients at once, {RATE} events a second each"
# All are due at nearly the same moment, and sending to one takes the system some 15 µs.
_GOALS: dict[str, Goal] = {"p50": at_most(0.5), "p99": at_most(20.0)}


def _row(figure: str, goal: Goal) -> Row:
    work = f"{figure} of how much later than recorded a chunk comes: {_WORK}"
    return Row(f"serve.{figure}", work, goal, _measure(figure))


ROWS = [
    *(_row(figure, goal) for figure, goal in _GOALS.items()),
    Row("serve.memory", f"memory at the end, and early: {_WORK}", more_by(1.0), _measure_memory, "MB"),
]
