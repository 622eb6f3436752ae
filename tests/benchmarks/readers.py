"""`python -m tests.benchmarks.readers NAME URL`: reads a stream over HTTP, and takes its own CPU time.

It answers each line on standard input: `digest` with the number of events and a digest of their data; `cpu`
with the milliseconds of CPU, user and system of all threads, from before the connection is made to the end of
the stream; `late` with the median of how much later than the clock in their data events were handed over.
"""

import asyncio
import hashlib
import statistics
import sys
from collections.abc import Callable, Coroutine, Sequence
from functools import partial
from time import monotonic_ns, process_time
from typing import Any, TypeAlias

import httpx

from sse_cli.core.wire.sse import SseDecoder
from sse_cli.sources.http import HttpSource
from sse_cli.sources.request import DEFAULT_HEADERS, Request
from sse_cli.sources.route import DIRECT, Route
from sse_cli.sources.transport import StreamTransport

Events: TypeAlias = Sequence[Any]
"""Of any library; all call what is in them `data`."""


class Tally:
    """What one reading gave. A reader calls `begin` before it connects, and `take` with its events."""

    def __init__(self, note: Callable[[Events], None] | None = None) -> None:
        self.count = 0
        self.began = 0.0
        self._note = note

    def begin(self) -> None:
        self.began = process_time()

    def take(self, events: Events) -> None:
        self.count += len(events)
        if self._note is not None:
            self._note(events)


async def _ours(url: str, tally: Tally, route: Route = DIRECT) -> None:
    headers = tuple(DEFAULT_HEADERS.items())
    source = HttpSource(Request(method="GET", url=url, headers=headers, route=route))
    feed = SseDecoder().feed
    tally.begin()
    await source.open()
    while (chunk := await source.read()) is not None:
        tally.take(feed(chunk.data, chunk.at))
    await source.close()


async def _httpx_sse(url: str, tally: Tally) -> None:
    import httpx_sse

    with httpx.Client(trust_env=False) as client:
        tally.begin()
        with httpx_sse.connect_sse(client, "GET", url) as source:
            for event in source.iter_sse():
                tally.take((event,))


async def _httpx_sse_async(url: str, tally: Tally) -> None:
    import httpx_sse

    async with httpx.AsyncClient(trust_env=False) as client:
        tally.begin()
        async with httpx_sse.aconnect_sse(client, "GET", url) as source:
            async for event in source.aiter_sse():
                tally.take((event,))


async def _aiohttp(url: str, tally: Tally) -> None:
    import aiohttp

    feed = SseDecoder().feed
    async with aiohttp.ClientSession() as client:
        tally.begin()
        async with client.get(url, headers=DEFAULT_HEADERS) as response:
            async for piece in response.content.iter_any():
                tally.take(feed(piece))


def _by_transport(make: Callable[[], httpx.AsyncBaseTransport]) -> "Reader":
    """Return the reader of an httpx client over a transport, with our parser: only the transport differs."""

    async def read(url: str, tally: Tally) -> None:
        feed = SseDecoder().feed
        async with httpx.AsyncClient(transport=make(), trust_env=False) as client:
            tally.begin()
            async with client.stream("GET", url, headers=DEFAULT_HEADERS) as response:
                async for piece in response.aiter_raw():
                    tally.take(feed(piece))

    return read


def pyreqwest_transport() -> httpx.AsyncBaseTransport:
    from pyreqwest.compatibility.httpx import HttpxTransport

    return HttpxTransport()


def aiohttp_transport() -> httpx.AsyncBaseTransport:
    from httpx_aiohttp import AiohttpTransport

    return AiohttpTransport()


Reader = Callable[[str, Tally], Coroutine[Any, Any, None]]

HTTP2 = Route(http2="known")

READERS: dict[str, Reader] = {
    "ours": _ours,
    "ours over HTTP/2": partial(_ours, route=HTTP2),
    "httpx over HTTP/2": _by_transport(partial(httpx.AsyncHTTPTransport, http1=False, http2=True)),
    "httpx-sse": _httpx_sse,
    "httpx-sse async": _httpx_sse_async,
    "aiohttp": _aiohttp,
    "transport of ours": _by_transport(StreamTransport),
    "transport of httpx": _by_transport(httpx.AsyncHTTPTransport),
    "transport of pyreqwest": _by_transport(pyreqwest_transport),
    "transport of httpx-aiohttp": _by_transport(aiohttp_transport),
}


def _digest(read: Reader, url: str) -> str:
    digest = hashlib.sha256()
    tally = Tally(lambda events: digest.update("".join(f"{event.data}\n" for event in events).encode()))
    asyncio.run(read(url, tally))
    return f"{tally.count} {digest.hexdigest()}"


def _cpu(read: Reader, url: str) -> str:
    tally = Tally()
    asyncio.run(read(url, tally))
    return str((process_time() - tally.began) * 1000)


def _late(read: Reader, url: str) -> str:
    lags: list[float] = []

    def note(events: Events) -> None:
        now = monotonic_ns()
        lags.extend((now - int(event.data)) / 1e6 for event in events)

    asyncio.run(read(url, Tally(note)))
    return f"{len(lags)} {statistics.median(lags)}"


ANSWERS: dict[str, Callable[[Reader, str], str]] = {"digest": _digest, "cpu": _cpu, "late": _late}


def main() -> None:
    """Answer until standard input ends."""
    name, url = sys.argv[1:]
    for line in sys.stdin:
        print(ANSWERS[line.strip()](READERS[name], url), flush=True)


if __name__ == "__main__":
    main()
