"""`python -m tests.benchmarks.many_reader URL STREAMS EVENTS [uvloop]`: reads many streams at once, once.

The first line that it prints is its clock, so that the caller sees whether it is the server's. The other one
is what the reading took, as JSON: `cpu` in milliseconds from the last head on; `lag` and `median`, the 99th
and the 50th percentile of how much later than the clock in their data, in milliseconds, events were handed
over; `memory` in kilobytes that a stream added to the process at most; and how the streams ended.
"""

import asyncio
import json
import os
import sys
from array import array
from contextlib import suppress
from pathlib import Path
from time import monotonic_ns, process_time

from sse_cli.core.items import Chunk, Event
from sse_cli.core.wire.sse import SseDecoder
from sse_cli.sources.http import HttpSource
from sse_cli.sources.request import DEFAULT_HEADERS, Request

LOOK = 0.5
"""Seconds between two looks at the memory."""

AT_ONCE = 100
"""Connections that are being made at a time, so that memory is that of streams, not of their beginnings."""


def memory() -> int:
    """Return the bytes of memory that this process has now, where Linux says it."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")


class Lags:
    """How late each event was. Its memory is taken at the start, so that no stream is blamed for it."""

    def __init__(self, room: int) -> None:
        self.count = 0
        self._nanoseconds = array("q", bytes(8 * room))

    def note(self, nanoseconds: int) -> None:
        self._nanoseconds[self.count] = nanoseconds
        self.count += 1

    def percentile(self, share: float) -> float:
        return sorted(self._nanoseconds[: self.count])[int(share * (self.count - 1))] / 1e6


async def read_stream(source: HttpSource, lags: Lags) -> str:
    """Read an open stream; return how many events it had, and the last one's number."""
    feed = SseDecoder().feed
    count, number = 0, ""

    def take(chunk: Chunk) -> bool:
        nonlocal count, number
        for event in feed(chunk.data, chunk.at):
            assert isinstance(event, Event)
            sent, number = event.data[:27].split(" ")
            lags.note(monotonic_ns() - int(sent))
            count += 1
        return True

    source.on_chunk = take
    while (chunk := await source.read()) is not None:
        take(chunk)
    return f"{count} {number}"


async def watch(peak: list[int]) -> None:
    """Keep the most memory that was seen."""
    while True:
        peak[0] = max(peak[0], memory())
        await asyncio.sleep(LOOK)


async def read_all(url: str, streams: int, events: int) -> dict[str, object]:
    """Open all streams, read them side by side, and say what it took."""
    lags, peak = Lags(streams * events), [0]
    request = Request(method="GET", url=url, headers=tuple(DEFAULT_HEADERS.items()))
    before = memory()
    sources = [HttpSource(request) for _ in range(streams)]
    for first in range(0, streams, AT_ONCE):
        await asyncio.gather(*(source.open() for source in sources[first : first + AT_ONCE]))
    watching = asyncio.create_task(watch(peak))
    start = process_time()
    ends = await asyncio.gather(*(read_stream(source, lags) for source in sources))
    cpu = process_time() - start
    watching.cancel()
    with suppress(asyncio.CancelledError):
        await watching
    await asyncio.gather(*(source.close() for source in sources))
    return {
        "cpu": cpu * 1000,
        "lag": lags.percentile(0.99),
        "median": lags.percentile(0.5),
        "memory": (peak[0] - before) / 1024 / streams,
        "ends": sorted(set(ends)),
    }


def uvloop_event_loop() -> asyncio.AbstractEventLoop:
    """Return uvloop's loop."""
    import uvloop

    return uvloop.new_event_loop()


def main() -> None:
    """Read once, on the event loop that is asked for."""
    url, streams, events, *loop = sys.argv[1:]
    factory = uvloop_event_loop if loop == ["uvloop"] else asyncio.new_event_loop
    print(monotonic_ns(), flush=True)
    with asyncio.Runner(loop_factory=factory) as runner:
        print(json.dumps(runner.run(read_all(url, int(streams), int(events)))))


if __name__ == "__main__":
    main()
