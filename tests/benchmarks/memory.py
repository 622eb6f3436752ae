"""The row of memory: what a long stream leaves behind in the process must not grow with its length."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.benchmarks import data
from tests.benchmarks.row import OURS, Differs, Figures, Row, Setup, Unmeasured, interleave, more_by

FEW = 10_000

# A small process in between: to the peak of a program the system counts what its process was before it became
# that program, and the benchmark itself is large.
_PEAK_OF = """
import resource, subprocess, sys
code = subprocess.call(sys.argv[1:])
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
print(code, peak if sys.platform == "darwin" else peak * 1024)
"""


def peak_megabytes(sse: str, events: int, folder: str) -> float:
    """Pipe so many events through `sse -o none -`, check that all were read, return its peak memory."""
    summary = Path(folder, "summary.json")
    command = [sys.executable, "-S", "-c", _PEAK_OF, sse, "-q", "-o", "none", "--summary", str(summary), "-"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=False) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        _feed(process.stdin.fileno(), events)
        process.stdin.close()
        code, peak = process.stdout.read().split()
    read = json.loads(summary.read_text(encoding="utf-8"))["events"]
    if int(code) or read != events:
        raise Differs(f"of {events:,} events {read:,} were read, and the exit code is {int(code)}")
    return int(peak) / 1024 / 1024


def _feed(fd: int, events: int) -> None:
    """Write tiny events as fast as they are taken, in blocks that are made once."""
    per_block = data.PIECE // 9
    block = b"".join(data.tiny_events(per_block))
    blocks, rest = divmod(events, per_block)
    for _ in range(blocks):
        _write_all(fd, block)
    _write_all(fd, block[: rest * 9])


def _write_all(fd: int, block: bytes) -> None:
    view = memoryview(block)
    while view:
        view = view[os.write(fd, view) :]


def measure(setup: Setup) -> Figures:
    """Compare many events with few; the number of events read is checked in every run."""
    if os.name == "nt":
        raise Unmeasured("Windows does not tell the peak of a process that has ended")
    many = setup.pick(10_000_000, 1_000_000)
    with tempfile.TemporaryDirectory() as folder:
        sides = {
            OURS: lambda: peak_megabytes(setup.sse, many, folder),
            "few events": lambda: peak_megabytes(setup.sse, FEW, folder),
        }
        return interleave(sides, 1)


ROWS = [
    Row("memory", "peak memory after 10 million events and after 10 thousand", more_by(5.0), measure, "MB"),
]
