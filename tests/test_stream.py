"""The library's face, in virtual time: what a caller gets, when, and what is left when he goes."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, cast

import pytest

from sse_cli import stream as library
from sse_cli.core.items import Closed, Fault, Item, Reading
from sse_cli.core.pipeline import Plan
from sse_cli.core.reconnect import Policy
from sse_cli.deadlines import Limits
from sse_cli.errors import UsageError
from sse_cli.reconnecting import Reconnecting
from sse_cli.sources.source import Cut
from sse_cli.stream import MOST_BYTES, MOST_ITEMS, Stream
from tests.sources.in_memory import FOR_EVER, MemorySource, Step, VirtualLoop
from tests.test_reconnecting import CUT, ONE, TWO, Connections, body, status

Caller = Callable[[Stream], Awaitable[None]]


class Streamed:
    """One stream with its caller, in virtual time. `took` is how many seconds the caller went on."""

    def __init__(
        self,
        caller: Caller,
        *sources: MemorySource,
        policy: Policy | None = None,
        limits: Limits | None = None,
    ) -> None:
        self.connections = Connections(*sources)
        again = None if policy is None else Reconnecting(policy, self.connections.again, lambda: 0.0)
        self.loop = VirtualLoop()

        async def go() -> None:
            self.stream = Stream(self.connections.first, Plan(), limits or Limits(), again, self.loop.time)
            await asyncio.sleep(0)
            begun = self.loop.time()
            try:
                await caller(self.stream)
            finally:
                self.took = self.loop.time() - begun
                await self.stream.close()
                assert asyncio.all_tasks() == {asyncio.current_task()}

        try:
            self.loop.run_until_complete(go())
        finally:
            self.loop.close()
        assert all(source.closed for source in sources[: len(self.connections.ids) + 1])

    @property
    def verdict(self) -> str:
        return self.stream.summary.verdict.name


async def read(stream: Stream) -> list[Item]:
    return [item async for item in stream]


def data(items: list[Item]) -> list[str]:
    return [item.event.data for item in items if isinstance(item, Reading)]


def test_all_that_comes_is_given_in_order_and_then_the_summary() -> None:
    items: list[Item] = []

    async def caller(stream: Stream) -> None:
        with pytest.raises(asyncio.InvalidStateError):
            _ = stream.summary
        items.extend(await read(stream))
        assert stream.summary.figures.events == 2
        assert [item async for item in stream] == [], "an end stays one"

    streamed = Streamed(caller, body(ONE, 2, TWO))
    kinds = [type(item).__name__ for item in items]
    assert kinds == ["Opened", "Chunk", "Reading", "Chunk", "Reading", "Closed"]
    assert (streamed.verdict, streamed.took, streamed.stream.error) == ("complete", 2, None)


def test_an_item_is_given_when_it_comes() -> None:
    times: list[float] = []

    async def caller(stream: Stream) -> None:
        now = asyncio.get_running_loop().time
        times.extend([now() - item.event.at async for item in stream if isinstance(item, Reading)])

    Streamed(caller, body(1, ONE, 1, TWO, FOR_EVER), limits=Limits(idle=5))
    assert times == [0, 0]


def test_what_goes_wrong_raises_nothing_and_is_told() -> None:
    items: list[Item] = []

    async def caller(stream: Stream) -> None:
        items.extend(await read(stream))

    streamed = Streamed(caller, body(ONE, CUT), status(404), policy=Policy())
    assert data(items) == ["one"]
    assert [item.error for item in items if isinstance(item, Fault)] == ["the connection broke"]
    assert isinstance(items[-1], Closed)
    assert streamed.verdict == "refused"
    assert streamed.stream.error is not None
    assert "404" in streamed.stream.error.message


@pytest.mark.parametrize("how", ["break", "raise", "cancel"])
def test_a_caller_who_goes_ends_the_run(how: str) -> None:
    async def caller(stream: Stream) -> None:
        async for item in stream:
            if isinstance(item, Reading) and how == "break":
                break
            if isinstance(item, Reading) and how == "raise":
                raise KeyError
            if isinstance(item, Reading):
                task = asyncio.current_task()
                assert task is not None
                asyncio.get_running_loop().call_later(3, task.cancel)

    def go() -> Streamed:
        return Streamed(caller, body(ONE, FOR_EVER))

    raised = {"raise": KeyError, "cancel": asyncio.CancelledError}.get(how)
    if raised is not None:
        with pytest.raises(raised):
            go()
        return
    streamed = go()
    assert streamed.verdict == "stopped"
    assert streamed.stream.summary.verdict.reason == "the caller closed the stream"


@pytest.mark.parametrize("at_once", [False, True])
@pytest.mark.parametrize(
    ("chunk", "most"),
    [(b"data: x\n\n" * 300, MOST_ITEMS + 2 * 301), (b"data: " + b"x" * MOST_BYTES + b"\n\n", 4)],
)
def test_a_slow_caller_holds_reading_up(chunk: bytes, most: int, at_once: bool) -> None:
    left = 50
    given: list[Step] = [chunk] * left
    source = MemorySource(given, at_once=at_once)
    most_seen = events = 0

    async def caller(stream: Stream) -> None:
        nonlocal most_seen, events
        inbox = cast(Any, stream)._inbox
        async for item in stream:
            most_seen = max(most_seen, len(inbox.items))
            events += isinstance(item, Reading)
            await asyncio.sleep(0.01)

    streamed = Streamed(caller, source)
    assert events == left * (300 if len(chunk) < MOST_BYTES else 1)
    assert most_seen <= most
    assert streamed.verdict == "complete"


def test_a_caller_who_takes_nothing_can_go() -> None:
    async def caller(stream: Stream) -> None:
        await asyncio.sleep(9)

    assert Streamed(caller, body(*[b"data: x\n\n" * 300] * 50)).verdict == "stopped"


def test_a_restart_asks_at_once_after_the_last_id() -> None:
    items: list[Item] = []

    async def caller(stream: Stream) -> None:
        async for item in stream:
            items.append(item)
            if isinstance(item, Reading) and item.event.data == "one":
                stream.restart()
                stream.restart()  # which has nothing to add

    streamed = Streamed(caller, body(ONE, FOR_EVER), body(TWO), status(204), policy=Policy(delay=5.0))
    assert (data(items), streamed.connections.ids) == (["one", "two"], ["1", "2"])
    assert [item.error for item in items if isinstance(item, Fault)] == ["the server ended the response"]
    assert (streamed.verdict, streamed.took) == ("complete", 5)
    assert streamed.stream.summary.attempts[1].why == "a restart was asked for"


def test_a_restart_needs_a_policy() -> None:
    async def caller(stream: Stream) -> None:
        with pytest.raises(UsageError, match="cannot be restarted"):
            stream.restart()

    assert Streamed(caller, body(ONE, FOR_EVER)).verdict == "stopped"


def test_a_restart_of_what_is_over_does_nothing() -> None:
    async def caller(stream: Stream) -> None:
        await read(stream)
        stream.restart()

    assert Streamed(caller, body(ONE), status(204), policy=Policy()).verdict == "complete"


def test_a_bug_is_raised_where_items_are_taken() -> None:
    async def caller(stream: Stream) -> None:
        await read(stream)

    with pytest.raises(ZeroDivisionError):
        Streamed(caller, body(ONE, ZeroDivisionError()))


def test_a_cut_is_no_bug() -> None:
    async def caller(stream: Stream) -> None:
        assert data(await read(stream)) == ["one"]

    streamed = Streamed(caller, body(ONE, CUT))
    assert streamed.verdict == "truncated"
    assert isinstance(streamed.stream.error, Cut)


def test_all_public_names_are_there() -> None:
    assert [name for name in library.__all__ if not hasattr(library, name)] == []
