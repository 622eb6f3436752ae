"""Rows of one connection: what it costs to receive and decode a stream over HTTP/1.1 on the loopback device.

Measured is CPU time, user and system of the process that reads, since a clock on the wall would see what else
the machine does, and the server. Every side reads in a process of its own that has read the stream before.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack

from tests.benchmarks import child, data
from tests.benchmarks.child import Child
from tests.benchmarks.node import _installed_module
from tests.benchmarks.row import (
    OURS,
    Differs,
    Figures,
    Goal,
    Row,
    Setup,
    Unmeasured,
    check_same,
    interleave,
    times_as_fast,
    times_as_much,
)
from tests.benchmarks.stream_server import StreamServer

Start = Callable[[str], Child]
"""What starts a reader of a URL."""


def _python(name: str) -> Start:
    return lambda url: child.python(name, url)


def _node(url: str) -> Child:
    return Child("node", str(child.HERE / "connection_fetch.mjs"), str(_installed_module()), url)


STARTS: dict[str, Start] = {
    OURS: _python(OURS),
    "httpx-sse": _python("httpx-sse"),
    "httpx-sse async": _python("httpx-sse async"),
    "aiohttp": _python("aiohttp"),
    "fetch in Node": _node,
}


def compare_readers(url: str, starts: dict[str, Start], repeats: int) -> Figures:
    """Check that all readers get the same events, which also warms them up; then take their CPU time."""
    with ExitStack() as stack:
        readers = {name: stack.enter_context(start(url)) for name, start in starts.items()}
        check_same({name: reader.ask("digest") for name, reader in readers.items()})
        return interleave({name: reader.cpu for name, reader in readers.items()}, repeats)


def _measure(shape: str, peers: Sequence[str]) -> Callable[[Setup], Figures]:
    def measure(setup: Setup) -> Figures:
        starts = {name: STARTS[name] for name in (OURS, *peers)}
        with StreamServer(_events(setup)) as server:
            return compare_readers(f"{server.url}/{shape}", starts, setup.pick(7, 3))

    return measure


def _events(setup: Setup) -> int:
    return setup.pick(200_000, 20_000)


def _curl_cpu(url: str, size: int) -> float:
    """Return the CPU time of a whole curl, some 6 ms of start-up included, if it read so many bytes."""
    command = ["curl", "-sN", "-w", "%{stderr}%{size_download}", url]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    with process.stderr as said:
        read = said.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode or int(read) != size:
        raise Differs(f"curl read {read} of {size} bytes, and its exit code is {process.returncode}")
    return (usage.ru_utime + usage.ru_stime) * 1000


def measure_curl(setup: Setup) -> Figures:
    """The same with curl, which parses no event, so that what it read is compared by its size."""
    if sys.platform == "win32" or shutil.which("curl") is None:
        raise Unmeasured("curl is not installed, or its CPU time cannot be taken here")
    events = _events(setup)
    with StreamServer(events) as server, child.python(OURS, url := f"{server.url}/each") as reader:
        if int(reader.ask("digest").split()[0]) != events:
            raise Differs(f"not all of {events:,} events were read")
        sides = {OURS: reader.cpu, "curl": lambda: _curl_cpu(url, events * data.EVENT_BYTES)}
        return interleave(sides, setup.pick(15, 5))


_SHAPES = {
    "each": "CPU: 250-byte model events over HTTP, each a chunk, many of them written together",
    "write": "the same, each written alone; how many a read gives is left to the system",
    "coalesced": "the same, in chunks of 64 KB",
}
_HTTPX = ("httpx-sse", "httpx-sse async")


def _row(shape: str, name: str, goal: Goal, peers: Sequence[str]) -> Row:
    return Row(f"connection.{shape}.{name}", f"{_SHAPES[shape]}; {name}", goal, _measure(shape, peers))


ROWS = [
    _row("each", "httpx", times_as_fast(10), _HTTPX),
    _row("each", "aiohttp", times_as_fast(2), ("aiohttp",)),
    _row("each", "node", times_as_fast(2), ("fetch in Node",)),
    Row("connection.each.curl", f"{_SHAPES['each']}; a whole curl", times_as_much(2), measure_curl),
    _row("write", "httpx", times_as_fast(3), _HTTPX),
    _row("coalesced", "httpx", times_as_fast(3), _HTTPX),
]
