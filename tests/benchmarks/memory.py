"""Rows of memory: what a long stream leaves behind in the process must not grow with its length.

`memory` is of the smallest events, which nothing is made of. The others are of a model's events, a row for
every output: each is given as many as it takes in some twenty seconds, and writes to a pipe that is read, or
to a terminal.
"""

import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path

from tests.benchmarks import data
from tests.benchmarks.row import OURS, Differs, Figures, Row, Setup, Unmeasured, interleave, more_by

FEW = 10_000
MILLION = 1_000_000

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


# The same beside an output that is not ours: what is to be told goes to a file.
_TELL_PEAK_OF = _PEAK_OF.replace("sys.argv[1:]", "sys.argv[2:]").replace(
    "peak * 1024)", "peak * 1024, file=open(sys.argv[1], 'w'))"
)


@contextmanager
def _pipe() -> Iterator[int]:
    """Give the writing end of a pipe that is read."""
    reads, writes = os.pipe()
    with _drained(reads):
        try:
            yield writes
        finally:
            os.close(writes)


@contextmanager
def _terminal() -> Iterator[int]:
    """Give a terminal whose screen is read."""
    import pty  # there is none on Windows
    import termios

    screen, terminal = pty.openpty()
    termios.tcsetwinsize(terminal, (24, 80))
    with _drained(screen):
        try:
            yield terminal
        finally:
            os.close(terminal)


@contextmanager
def _drained(fd: int) -> Iterator[None]:
    """Read all that comes, until nobody can write any more."""

    def drain() -> None:
        with suppress(OSError):  # how a terminal says that it was closed
            while os.read(fd, data.PIECE):
                pass

    thread = threading.Thread(target=drain)
    thread.start()
    try:
        yield
    finally:
        thread.join()
        os.close(fd)


def peak_of_output(command: list[str], events: int, to: Callable[[], AbstractContextManager[int]]) -> float:
    """Pipe so many model events through a command, check that all were read, return its peak memory."""
    with tempfile.TemporaryDirectory() as folder, to() as stdout:
        told, summary = Path(folder, "peak"), Path(folder, "summary.json")
        measured = [sys.executable, "-S", "-c", _TELL_PEAK_OF, str(told), *command]
        measured += ["-q", "--summary", str(summary), "-"]
        with subprocess.Popen(measured, stdin=subprocess.PIPE, stdout=stdout) as process:
            assert process.stdin is not None
            _feed_model(process.stdin.fileno(), events)
            process.stdin.close()
        code, peak = map(int, told.read_text().split())
        read = json.loads(summary.read_text(encoding="utf-8"))["events"]
    # The last event is the end marker.
    if code or read != events + 1:
        raise Differs(f"of {events:,} events {read - 1:,} were read, and the exit code is {code}")
    return peak / 1024 / 1024


def _feed_model(fd: int, events: int) -> None:
    per_block = FEW
    made = data.model_events(per_block * data.EVENT_BYTES)
    block = b"".join(made)
    for _ in range(events // per_block):
        _write_all(fd, block)
    _write_all(fd, b"".join(made[: events % per_block]) + b"data: [DONE]\n\n")


def _output(name: str, options: list[str], millions: int, *, live: bool = False) -> Row:
    """Return the row of an output, given a number of events that takes it some twenty seconds."""

    def measure(setup: Setup) -> Figures:
        if os.name == "nt":
            raise Unmeasured("Windows does not tell the peak of a process that has ended")
        command, to = [setup.sse, *options], _terminal if live else _pipe
        many = setup.pick(millions * MILLION, MILLION // 4)
        sides = {
            OURS: lambda: peak_of_output(command, many, to),
            "few events": lambda: peak_of_output(command, FEW, to),
        }
        return interleave(sides, 1)

    place = "a terminal" if live else "a pipe"
    work = (
        f"{' '.join(options)} to {place}: peak after {millions} million model events, and after 10 thousand"
    )
    return Row(f"memory.{name}", work, more_by(5.0), measure, "MB")


ROWS = [
    Row("memory", "peak memory after 10 million events and after 10 thousand", more_by(5.0), measure, "MB"),
    _output("text", ["-o", "text"], 4),
    _output("lines", ["-o", "lines", "-p", "$['choices'][0]['delta']['content']"], 4),
    _output("data", ["-o", "data"], 4),
    _output("json", ["-o", "json"], 2),
    _output("raw", ["-o", "raw"], 5),
    _output("sse", ["-o", "sse"], 4),
    _output("none", ["-o", "none"], 5),
    _output("table", ["-o", "table"], 2),
    _output("live", ["-o", "table"], 3, live=True),
]
