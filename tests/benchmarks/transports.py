"""Rows of transports: ours and the ready ones, each under the same httpx client and with the same parser.

Beside the cost of an event and of the start they show how late an event is handed over that comes alone: a
transport that waits for more before it gives what it has is quick, and of no use for a live stream. Such is
pyreqwest's: it fills 64 KB before it gives the response, and for each piece, and has no option for less.
"""

import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from importlib.util import find_spec

from tests.benchmarks import child
from tests.benchmarks.connection import Start, compare_readers
from tests.benchmarks.row import (
    OURS,
    Differs,
    Figures,
    Row,
    Setup,
    Unmeasured,
    at_most,
    interleave,
    times_as_much,
)
from tests.benchmarks.stream_server import ROOT, TICKS, StreamServer

_MAKE = {
    OURS: "from sse_cli.sources.transport import StreamTransport as Transport",
    "httpx": "from httpx import AsyncHTTPTransport as Transport",
    "pyreqwest": "from pyreqwest.compatibility.httpx import HttpxTransport as Transport",
    "httpx-aiohttp": "from httpx_aiohttp import AiohttpTransport as Transport",
}
_MODULES = {"pyreqwest": "pyreqwest", "httpx-aiohttp": "httpx_aiohttp"}
_START = """
import asyncio, sys
import httpx
from time import perf_counter

async def main():
    start = perf_counter()
    {make}
    transport = Transport()
    response = await transport.handle_async_request(httpx.Request("GET", sys.argv[1]))
    taken = perf_counter() - start
    assert response.status_code == 200
    await response.aclose()
    await transport.aclose()
    return taken * 1000

print(asyncio.run(main()))
"""


def _starts(peer: str) -> dict[str, Start]:
    _check_installed(peer)
    return {name: partial(child.python, f"transport of {name}") for name in (OURS, peer)}


def _check_installed(peer: str) -> None:
    if peer in _MODULES and find_spec(_MODULES[peer]) is None:
        raise Unmeasured(f"{peer} is not installed")


def measure_cpu(peer: str, setup: Setup) -> Figures:
    """Take the CPU time of an event in microseconds."""
    events = setup.pick(200_000, 20_000)
    with StreamServer(events) as server:
        figures = compare_readers(f"{server.url}/each", _starts(peer), setup.pick(5, 3))
    return Figures({name: [run * 1000 / events for run in runs] for name, runs in figures.runs.items()})


def _start_anew(name: str, url: str) -> float:
    command = [sys.executable, "-c", _START.format(make=_MAKE[name]), url]
    return float(subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True).stdout)


def measure_start(peer: str, setup: Setup) -> Figures:
    """Import, make and use a transport, each time in a process of its own that has imported httpx."""
    _check_installed(peer)
    with StreamServer(1) as server:
        sides = {name: partial(_start_anew, name, f"{server.url}/each") for name in (OURS, peer)}
        return interleave(sides, setup.pick(15, 5))


def _lateness(reader: child.Child) -> float:
    count, median = reader.ask("late").split()
    if int(count) != TICKS:
        raise Differs(f"of {TICKS} events {count} were read")
    return float(median)


def measure_late(peer: str, setup: Setup) -> Figures:
    """Take the median of how late events are that come one at a time; the first reading warms up."""
    with ExitStack() as stack:
        url = f"{stack.enter_context(StreamServer(0)).url}/ticks"
        readers = {name: stack.enter_context(start(url)) for name, start in _starts(peer).items()}
        sides = {name: partial(_lateness, reader) for name, reader in readers.items()}
        interleave(sides, 1)
        return interleave(sides, setup.pick(5, 2))


def _row(
    kind: str, peer: str, work: str, measure: Callable[[str, Setup], Figures], most: float, unit: str = "ms"
) -> Row:
    goal = at_most(most) if kind == "late" else times_as_much(most)
    return Row(f"transports.{kind}.{peer}", f"{work}; {peer}", goal, partial(measure, peer), unit)


_CPU = "CPU of a 250-byte event, each a chunk, through httpx and our parser"
_FIRST = "from the import of the transport to the head of its first response"
_LATE = "how late an event is handed over when one comes every 20 ms"

ROWS = [
    *[_row("cpu", peer, _CPU, measure_cpu, 1, "µs") for peer in ("httpx", "httpx-aiohttp", "pyreqwest")],
    *[_row("start", peer, _FIRST, measure_start, 1) for peer in ("httpx", "httpx-aiohttp", "pyreqwest")],
    *[_row("late", peer, _LATE, measure_late, 1) for peer in ("httpx", "httpx-aiohttp", "pyreqwest")],
]
