"""Many connections, cut at random or a thousand in a row: each event comes once, and nothing is left."""

import asyncio
import gc
import os
import re
import socket
import threading
import tracemalloc
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sse_cli.core import attempts
from sse_cli.stream import Item, Policy, Reading, connect
from tests.e2e.heard import AT_ONCE
from tests.peers.scripted import LAST_CHUNK, LINGER, chunk, response

HEAD, CHUNKED = response(), response(chunked=True)


def sized(length: int, body: bytes) -> bytes:
    return response(headers={"Content-Length": str(length)}) + body


@asynccontextmanager
async def answering(answer: Callable[[bytes], tuple[bytes, str]]) -> AsyncIterator[str]:
    """Serve in this loop, with nothing kept: to a request `answer` gives what is sent, and how it then ends.

    That is `close`, `reset`, or `wait` for the client to close.
    """

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        data, how = answer(await reader.readuntil(b"\r\n\r\n"))
        writer.write(data)
        if how == "wait":
            await reader.read()
        if how == "reset":
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER)
            writer.transport.abort()
        writer.close()

    async with await asyncio.start_server(converse, "127.0.0.1") as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"


EVENTS = [
    b": hello\n\nid: %d\ndata: %d\n\n",
    b"id: %d\r\ndata: %d\r\n\r\n",
    "event: é\ndata: %%d\nid: %d\n\n".encode().replace(b"%%d", b"x"),
    b"\n\nid: %d\n: ping\ndata: a\ndata: %d\nretry: 0\n\n",
]
Fate = tuple[str, int, str]
"""How a body is framed, how many bytes of it are sent, and how the connection then ends."""


def event_of(number: int) -> bytes:
    shape = EVENTS[number % len(EVENTS)]
    return shape % ((number,) * shape.count(b"%d"))


ALL = 20


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["until close", "chunked", "sized"]),
            st.integers(0, 700),
            st.sampled_from(["close", "reset"]),
        ),
        max_size=12,
    )
)
@settings(max_examples=200)
def test_wherever_connections_are_cut_each_event_comes_once(fates: list[Fate]) -> None:
    """The server cuts each connection as fate has it, and then sends the rest, and then 204."""
    left = iter(fates)

    def answer(request: bytes) -> tuple[bytes, str]:
        after = re.search(rb"\r\nLast-Event-ID: ([0-9]+)\r\n", request)
        body = b"".join(map(event_of, range(int(after[1]) + 1 if after else 1, ALL + 1)))
        framing, most, how = next(left, ("sized", len(body), "close"))
        if not body:
            return response(204), "close"
        if framing == "until close":
            return HEAD + body[:most], how
        if framing == "chunked":
            return (CHUNKED + chunk(body[:99]) + chunk(body[99:]) + LAST_CHUNK)[: len(CHUNKED) + most], how
        return sized(len(body), body[:most]), how

    async def listen() -> list[Item]:
        policy = Policy(delay=0.0, retries=len(fates) + 1)
        async with answering(answer) as url, connect(url, reconnect=policy) as stream:
            items = [item async for item in stream]
        assert stream.summary.verdict.name == "complete"
        assert stream.summary.figures.events == ALL
        return items

    items = asyncio.run(listen())
    assert [item.event.id for item in items if isinstance(item, Reading)] == list(map(str, range(1, ALL + 1)))


CONNECTIONS, MEASURED_FROM = 1000, 200
LEFT = 64 * 1024
"""Bytes: a connection that left one object behind would leave more with 800 of them."""


def kinds_of_answer() -> Callable[[bytes], tuple[bytes, str]]:
    """Let connections end in several ways, each with one event."""
    numbers = count(1)

    def answer(_: bytes) -> tuple[bytes, str]:
        number = next(numbers)
        event = b"id: %d\ndata: x\n\n" % number
        kinds = (
            (HEAD + event, "close"),
            (CHUNKED + chunk(event) + LAST_CHUNK, "wait"),
            (CHUNKED + chunk(event), "close"),
            (sized(999, event), "close"),
        )
        return kinds[number % len(kinds)]

    return answer


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="counts descriptors by /proc")
def test_a_thousand_connections_leave_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    # Of the last connections and ids so many are kept on purpose: here, fewer than are measured.
    monkeypatch.setattr(attempts, "KEPT", 50)
    found: dict[int, tuple[int, int, int, int]] = {}

    def measure() -> tuple[int, int, int, int]:
        gc.collect()
        descriptors = len(os.listdir("/proc/self/fd"))
        memory = tracemalloc.get_traced_memory()[0]
        return descriptors, len(asyncio.all_tasks()), threading.active_count(), memory

    async def listen() -> list[str]:
        events = 0
        async with answering(kinds_of_answer()) as url, connect(url, reconnect=AT_ONCE) as stream:
            async for item in stream:
                if isinstance(item, Reading):
                    events += 1
                    assert item.event.id == str(events)
                    if events in (MEASURED_FROM, CONNECTIONS):
                        found[events] = measure()
                    if events == CONNECTIONS:
                        break
        return [each.last_event_id for each in stream.summary.attempts]

    tracemalloc.start()
    try:
        last_ids = asyncio.run(listen())
    finally:
        tracemalloc.stop()
    *before, memory_before = found[MEASURED_FROM]
    *after, memory_after = found[CONNECTIONS]
    # The last few connections may not have ended yet on the server's side.
    assert all(count <= count_before + 3 for count, count_before in zip(after, before, strict=True))
    assert memory_after - memory_before < LEFT
    assert last_ids == [str(number) for number in range(CONNECTIONS - 50, CONNECTIONS)]
