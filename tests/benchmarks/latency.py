"""Rows of latency: from the server's write of an event to its bytes being read from the reader's pipe.

The server writes its time into each event (loopback.py); this process waits in `read` and notes when that
returns. Both clocks are the system's monotonic one. Sides take turns, a run each; the figure of a row is the
median over the runs of each run's percentile.
"""

import gc
import os
import re
import shutil
import statistics
import subprocess
import tempfile
from collections.abc import Callable
from functools import cache
from time import monotonic_ns

from tests.benchmarks.loopback import STAMP, STAMP_DIGITS, Loopback
from tests.benchmarks.process import quiet_environment
from tests.benchmarks.row import OURS, Differs, Figures, Row, Setup, Unmeasured, times_as_much

_WARM_UP = 0.6  # seconds of events that do not count: a client's first ones come while it still imports
_STAMPED = re.compile(rb"%b([0-9]{%d})" % (STAMP, STAMP_DIGITS))
_SECONDS = {50: 6, 1000: 4}
_OUTPUTS = ("data", "raw")

Percentiles = dict[str, dict[int, list[float]]]
"""For every side, for the percentiles 50 and 99, the microseconds of each run."""


def _read(command: list[str], env: dict[str, str]) -> list[tuple[int, bytes]]:
    """Run a command; return what each read gave, and when."""
    reads = []
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, env=env) as process:
        assert process.stdout is not None
        fd = process.stdout.fileno()
        gc.disable()
        try:
            while piece := os.read(fd, 65536):
                reads.append((monotonic_ns(), piece))
        finally:
            gc.enable()
    if process.returncode:
        raise Differs(f"{command[0]} ended with the exit code {process.returncode}")
    return reads


def _latencies(reads: list[tuple[int, bytes]]) -> list[float]:
    """Return the microseconds of each event: it is there once the read is that gave its last byte."""
    stamps = [
        (match.end(), int(match[1])) for match in _STAMPED.finditer(b"".join(data for _, data in reads))
    ]
    ends, latencies = iter(reads), []
    at, position = 0, 0
    for end, stamp in stamps:
        while position < end:
            at, data = next(ends)
            position += len(data)
        latencies.append((at - stamp) / 1000)
    return latencies


def _text(reads: list[tuple[int, bytes]]) -> list[bytes]:
    """Return the data of all events, less their times, which no two runs share."""
    whole = _STAMPED.sub(b"", b"".join(data for _, data in reads))
    return [line.removeprefix(b"data: ") for line in whole.split(b"\n") if line]


@cache
def _percentiles(setup: Setup, rate: int) -> Percentiles:
    """Run all sides by turns. The rows of one rate are of the same runs."""
    if shutil.which("curl") is None:
        raise Unmeasured("curl is not installed")
    count = setup.pick(_SECONDS[rate], 2) * rate
    with Loopback() as server, tempfile.TemporaryDirectory() as folder:
        env, url = quiet_environment(folder), server.url("paced", rate, count)
        commands = {name: [setup.sse, "-q", "-o", name, url] for name in _OUTPUTS}
        commands["curl"] = ["curl", "-sN", url]
        found: Percentiles = {name: {50: [], 99: []} for name in commands}
        for _ in range(setup.pick(7, 2)):
            texts = {}
            for name, command in commands.items():
                reads = _read(command, env)
                texts[name] = _text(reads)
                _add(found[name], _latencies(reads)[int(_WARM_UP * rate) :])
            _check(texts, count)
    return found


def _add(found: dict[int, list[float]], latencies: list[float]) -> None:
    hundredths = statistics.quantiles(latencies, n=100, method="inclusive")
    for percentile, runs in found.items():
        runs.append(hundredths[percentile - 1])


def _check(texts: dict[str, list[bytes]], count: int) -> None:
    for name, lines in texts.items():
        if len(lines) != count + 1 or lines != texts["curl"]:
            raise Differs(f"{name} gave {len(lines):,} events of {count + 1:,}, or others than curl")


def _measure(output: str, rate: int, percentile: int) -> Callable[[Setup], Figures]:
    def measure(setup: Setup) -> Figures:
        found = _percentiles(setup, rate)
        return Figures({OURS: found[output][percentile], "curl": found["curl"][percentile]})

    return measure


def _row(rate: int, output: str, percentile: int) -> Row:
    work = f"p{percentile} from the server's write to the reader of -o {output}, at {rate} events/s; curl -sN"
    name = f"latency.{rate}.{output}.{percentile}"
    return Row(name, work, times_as_much(1.5), _measure(output, rate, percentile), "µs")


ROWS = [_row(rate, output, percentile) for rate in _SECONDS for output in _OUTPUTS for percentile in (50, 99)]
