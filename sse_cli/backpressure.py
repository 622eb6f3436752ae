"""Keeps reading in step with writing: where the output's reader is slower for good, the server feels it."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

from sse_cli.sinks.writer import Writer

_LOOK_AGAIN = 0.005
"""Seconds between two looks whether there is room: whoever waits for it waits for a slow reader."""


class Backpressure:
    """What a session asks of the writer of its sinks. Without one, writing is done when a sink returns."""

    def __init__(self, writer: Writer | None) -> None:
        self._writer = writer

    def start(self, on_trouble: Callable[[Exception], None]) -> None:
        """Have `on_trouble` called, in the running loop, with what goes wrong while writing."""
        if self._writer is not None:
            loop = asyncio.get_running_loop()
            self._writer.on_trouble = lambda trouble: _tell(loop, lambda: on_trouble(trouble))

    @property
    def holds(self) -> bool:
        """Whether too much is waiting to be written for any more to be read."""
        return self._writer is not None and self._writer.is_full

    async def room(self) -> None:
        """Wait until there is room for more."""
        while self.holds:  # noqa: ASYNC110 - being told of every write would cost more
            await asyncio.sleep(_LOOK_AGAIN)

    async def finish(self, patience: float | None = None) -> None:
        """Wait until all is written; with `patience`, no longer than some of it is within so many seconds."""
        writer = self._writer
        if writer is None or writer.is_idle:
            return
        loop, finished = asyncio.get_running_loop(), asyncio.Event()
        writer.put(lambda: _tell(loop, finished.set))
        while not finished.is_set():
            before = writer.done
            with suppress(TimeoutError):
                await asyncio.wait_for(finished.wait(), patience)
            if writer.done == before and not finished.is_set():
                return


def _tell(loop: asyncio.AbstractEventLoop, callback: Callable[[], object]) -> None:
    with suppress(RuntimeError):  # the loop has ended, and with it whoever would be told
        loop.call_soon_threadsafe(callback)
