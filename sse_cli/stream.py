"""One run as an asynchronous iterator: the library's way to a stream.

async with connect("https://host/events", reconnect=Policy()) as stream:
    async for item in stream:
        match item:
            case Reading(event=event):
                print(event.type, event.data)
            case Fault(error=error, retry_in=seconds):
                print(f"{error}; again in {seconds:g} s")
print(stream.summary.verdict.name)
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from time import perf_counter

import msgspec

from sse_cli.backpressure import Backpressure
from sse_cli.core.items import Anomaly, Chunk, Closed, Comment, Fault, Item, Opened, Reading
from sse_cli.core.meter import Meter
from sse_cli.core.pipeline import Pipeline, Plan
from sse_cli.core.reconnect import Policy
from sse_cli.core.summary import Summary
from sse_cli.deadlines import Limits
from sse_cli.errors import SseError
from sse_cli.reconnecting import Reconnecting
from sse_cli.session import Outcome, Session
from sse_cli.sources.http import HttpSource
from sse_cli.sources.request import Request
from sse_cli.sources.source import Source

__all__ = [
    "Anomaly",
    "Chunk",
    "Closed",
    "Comment",
    "Fault",
    "Item",
    "Limits",
    "Opened",
    "Plan",
    "Policy",
    "Reading",
    "Request",
    "SseError",
    "Stream",
    "Summary",
    "connect",
]

MOST_ITEMS = 1000
MOST_BYTES = 1024 * 1024
"""What may have come and wait to be taken; with more, nothing is read, and the server feels it."""


def connect(
    request: Request | str,
    *,
    plan: Plan | None = None,
    reconnect: Policy | None = None,
    limits: Limits | None = None,
) -> AbstractAsyncContextManager["Stream"]:
    """Return what asks for a stream, and reads it until its end or that of the block. Raises `UsageError`.

    A text is a URL, of which `Request.of` makes the request. Without a policy it is asked for once; with one,
    any method is repeated, a POST as well. An id that the plan or the request names as the last one is sent,
    and is in force until the stream has another.
    """
    asked = Request.of(request) if isinstance(request, str) else request
    plan = plan or Plan()
    id_ = plan.last_event_id or asked.last_event_id
    if id_:
        asked, plan = asked.after(id_), msgspec.structs.replace(plan, last_event_id=id_)
    source = HttpSource(asked)
    reconnecting = _reconnecting(reconnect, source) if reconnect is not None else None
    return _connected(source, plan, limits or Limits(), reconnecting)


def _reconnecting(policy: Policy, source: HttpSource) -> Reconnecting:
    return Reconnecting(policy, source.again, method=source.method, repeats=True)


@asynccontextmanager
async def _connected(
    source: Source, plan: Plan, limits: Limits, reconnecting: Reconnecting | None
) -> AsyncIterator["Stream"]:
    stream = Stream(source, plan, limits, reconnecting)
    try:
        await asyncio.sleep(0)  # what has begun can be stopped and restarted
        yield stream
    finally:
        await stream.close()


class Stream:
    """The items of one run, in their order, by `async for`. It ends with the run, however that ends.

    Made in a running loop, it reads from then on. What goes wrong raises nothing: a connection that is asked
    for again gives a `Fault`, and the run's end a `Closed`; `summary` and `error` tell of it.
    """

    def __init__(
        self,
        source: Source,
        plan: Plan,
        limits: Limits,
        reconnecting: Reconnecting | None = None,
        clock: Callable[[], float] = perf_counter,
    ) -> None:
        self._inbox = _Inbox()
        self._session = Session(
            source,
            Pipeline(plan, Meter()),
            [self._inbox],
            limits,
            clock,
            backpressure=self._inbox,
            reconnecting=reconnecting,
        )
        self._run: asyncio.Task[Outcome] = asyncio.get_running_loop().create_task(self._session.run())
        self._run.add_done_callback(lambda _run: self._inbox.arrived.set())

    def __aiter__(self) -> "Stream":
        return self

    async def __anext__(self) -> Item:
        inbox = self._inbox
        while not inbox.items:
            if self._run.done():
                self._run.result()  # raises what was a bug
                raise StopAsyncIteration
            inbox.arrived.clear()
            await inbox.arrived.wait()
        return inbox.take()

    def restart(self) -> None:
        """Drop the connection, and ask at once for what comes after the last id. Raises `UsageError`."""
        self._session.restart()

    async def close(self) -> None:
        """End the run, if it is not over, and wait until it is."""
        self._session.stop("the caller closed the stream")
        await asyncio.wait((self._run,))

    @property
    def summary(self) -> Summary:
        """The whole run in one value. Raises `asyncio.InvalidStateError` while it goes on."""
        return self._run.result().summary

    @property
    def error(self) -> SseError | None:
        """What a person should be told beside the summary. Raises as `summary` does."""
        return self._run.result().error


class _Inbox(Backpressure):
    """A sink that keeps what has come until it is taken, and holds reading up while that is too much."""

    interval: float | None = None
    takes_streaks = False

    def __init__(self) -> None:
        super().__init__(())
        self.items: deque[Item] = deque()
        self.arrived = asyncio.Event()
        self._taken = asyncio.Event()
        self._bytes = 0

    def show(self, items: Sequence[Item]) -> None:
        """Keep what one chunk completed."""
        self._bytes += sum(len(item.data) for item in items if type(item) is Chunk)
        self.items += items
        self.arrived.set()

    def tick(self, _now: float) -> None:
        """Do nothing."""

    def close(self, _summary: Summary) -> None:
        """Do nothing: the run returns it."""

    def take(self) -> Item:
        """Return the first item that there is."""
        item = self.items.popleft()
        if type(item) is Chunk:
            self._bytes -= len(item.data)
        if not self.holds:
            self._taken.set()
        return item

    @property
    def holds(self) -> bool:
        """Whether so much waits that no more should be read."""
        return len(self.items) > MOST_ITEMS or self._bytes > MOST_BYTES

    async def room(self) -> None:
        """Wait until there is room for more."""
        while self.holds:
            self._taken.clear()
            await self._taken.wait()
