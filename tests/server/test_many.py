"""Many clients at once: each is played the whole, by its own clock, on whatever loop."""

import asyncio
from collections.abc import Callable

import pytest

from sse_cli.core.items import Chunk
from sse_cli.core.recording import End
from sse_cli.server.http import serve
from sse_cli.server.log import Line, Went
from sse_cli.server.loop import new_event_loop
from sse_cli.server.routes import Routes
from tests.server.house import CLOSING, ask, head, tape, unframed

CLIENTS = 200
PIECES = [f"data: {number}\n\n".encode() for number in range(20)]
TAPE = tape(
    head(), *(Chunk(data, number / 100) for number, data in enumerate(PIECES)), End(at=0.2, reason="eof")
)


@pytest.mark.parametrize("loop", [asyncio.new_event_loop, new_event_loop])
def test_nobody_starves_and_no_pause_is_cut_short(loop: Callable[[], asyncio.AbstractEventLoop]) -> None:
    lines: list[Line] = []

    async def test() -> list[bytes]:
        async with serve(Routes([TAPE]), log=lines.append) as server:
            return await asyncio.gather(*(ask(server.url, CLOSING) for _ in range(CLIENTS)))

    with asyncio.Runner(loop_factory=loop) as runner:
        answers = runner.run(test())
    assert {unframed(answer) for answer in answers} == {b"".join(PIECES)}
    ends = [line for line in lines if isinstance(line, Went)]
    assert [line.how for line in ends] == ["end"] * CLIENTS
    assert min(line.seconds for line in ends) >= 0.2
    assert {line.chunks for line in ends} == {len(PIECES)}


def test_an_exact_loop_wakes_in_time_and_for_whatever_comes_before() -> None:
    async def test() -> None:
        loop = asyncio.get_running_loop()
        begun = loop.time()
        await asyncio.sleep(0.0107)
        assert loop.time() - begun >= 0.0107
        called = loop.create_future()
        loop.call_later(3600, called.set_exception, AssertionError("it waited for the timer"))
        loop.run_in_executor(None, loop.call_soon_threadsafe, called.set_result, None)
        await called

    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        runner.run(test())
