"""A source whose script is data, a sink that keeps what it is shown, and a loop whose time costs none."""

import asyncio
import math
import selectors
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from sse_cli.core.items import Chunk, Item, Opened
from sse_cli.core.meter import Meter
from sse_cli.core.pipeline import Pipeline, Plan
from sse_cli.core.recording import Asked
from sse_cli.core.secrets import NO_SECRETS
from sse_cli.core.summary import Summary
from sse_cli.deadlines import Limits
from sse_cli.reconnecting import Reconnecting
from sse_cli.session import Outcome, Session
from sse_cli.sources.source import OnChunk

FOR_EVER = math.inf
STREAM = (("Content-Type", "text/event-stream"),)

Step = bytes | float | Exception
"""Bytes come at once; a number is a pause in seconds; an exception is raised."""


class _JumpingSelector(selectors.DefaultSelector):
    """Where a loop would sleep until its next timer, the time is that timer's at once."""

    now = 1000.0

    def select(self, timeout: float | None = None) -> list[Any]:
        assert timeout is not None, "the run waits for what will never come"
        self.now += timeout
        return super().select(0)


class VirtualLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self.selector = _JumpingSelector()
        super().__init__(self.selector)

    def time(self) -> float:
        return self.selector.now


class MemorySource:
    """Opens after the steps of `opening` with a head of `status`, None for none; then gives `body`.

    It is given to who reads or, with `at_once`, to `on_chunk`.
    """

    name, method, headers, secrets = "http://memory/", "GET", (), NO_SECRETS
    asked = Asked(method=method, url=name)
    is_replay = False

    def __init__(
        self,
        body: Iterable[Step] = (),
        *,
        opening: Sequence[Step] = (),
        status: int | None = 200,
        at_once: bool = False,
    ) -> None:
        self.start: float | None = None
        self.on_chunk: OnChunk | None = None
        self._at_once = at_once
        self.clock = lambda: asyncio.get_running_loop().time()
        self.connecting_since: float | None = None
        self.connected_at: float | None = None
        self.closed = 0
        self._opening, self._body, self._status = iter(opening), iter(body), status

    async def open(self) -> Opened | None:
        now = asyncio.get_running_loop().time
        if self._status is not None:
            self.start = self.connecting_since = now()
        for step in self._opening:
            await self._take(step)
        self.connecting_since = None
        if self._status is None:
            return None
        self.connected_at = now()
        return Opened(self._status, STREAM, "HTTP/1.1", self.name, now())

    async def read(self) -> Chunk | None:
        for step in self._body:
            if isinstance(step, bytes):
                chunk = Chunk(step, asyncio.get_running_loop().time())
                if not (self._at_once and self.on_chunk is not None and self.on_chunk(chunk)):
                    return chunk
            else:
                await self._take(step)
        return None

    async def close(self) -> None:
        self.closed += 1

    async def _take(self, step: Step) -> None:
        if isinstance(step, Exception):
            raise step
        assert isinstance(step, float | int)
        if step == FOR_EVER:
            await asyncio.get_running_loop().create_future()
        await asyncio.sleep(step)


class MemorySink:
    """Keeps what it is shown; calls `on_show` with it and `on_tick` with the time, which may raise."""

    def __init__(
        self,
        on_show: Callable[[Sequence[Item]], None] | None = None,
        on_tick: Callable[[float], None] | None = None,
        interval: float | None = None,
    ) -> None:
        self.takes_streaks = False
        self.items: list[Item] = []
        self.summaries: list[Summary] = []
        self.interval = interval
        self._on_show, self._on_tick = on_show, on_tick

    def show(self, items: Sequence[Item]) -> None:
        if self._on_show is not None:
            self._on_show(items)
        self.items += items

    def tick(self, now: float) -> None:
        if self._on_tick is not None:
            self._on_tick(now)

    def close(self, summary: Summary) -> None:
        self.summaries.append(summary)

    def of(self, kind: type) -> list[Any]:
        return [item for item in self.items if type(item) is kind]


class Run:
    """One session over a source in memory, in virtual time. `took` is how many seconds it went on."""

    def __init__(
        self,
        source: MemorySource,
        *sinks: MemorySink,
        limits: Limits | None = None,
        plan: Plan | None = None,
        meanwhile: Callable[["Run"], None] | None = None,
        reconnecting: Reconnecting | None = None,
    ) -> None:
        self.loop = VirtualLoop()
        self.source = source
        self.sinks = sinks or (MemorySink(),)
        self.sink = self.sinks[0]
        pipeline = Pipeline(plan or Plan(), Meter())
        self.session = Session(
            source, pipeline, self.sinks, limits or Limits(), self.loop.time, reconnecting=reconnecting
        )
        begun = self.loop.time()
        try:
            self.task = self.loop.create_task(self.session.run())
            if meanwhile is not None:
                meanwhile(self)
            self.outcome: Outcome = self.loop.run_until_complete(self.task)
        finally:
            self.loop.close()
        self.took = round(self.loop.time() - begun, 6)

    @property
    def verdict(self) -> tuple[str, int]:
        return self.outcome.summary.verdict.name, self.outcome.exit_code

    @property
    def reason(self) -> str:
        return self.outcome.summary.verdict.reason
