"""A server in a thread of its own, so that the client under test may block, or have a loop of its own."""

import asyncio
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from typing import TypeAlias

import msgspec

from sse_cli.core.faults.spec import Spec
from sse_cli.core.faults.table import read_faults
from sse_cli.core.pace import Pace, read_rechunk, read_speed
from sse_cli.core.quantities import parse_duration
from sse_cli.errors import UsageError
from sse_cli.server.http import serve
from sse_cli.server.load import load
from sse_cli.server.loop import new_event_loop
from sse_cli.server.request import Request
from sse_cli.server.routes import Routes, read_match

Texts: TypeAlias = str | Sequence[str]

Listens: TypeAlias = Future[tuple[str, Callable[[], object]]]
"""Comes with the URL and with what ends the server, once it listens."""


class Serving(msgspec.Struct, frozen=True):
    """What is served and how, read and found to be right."""

    routes: Routes
    faults: tuple[Spec, ...]
    seed: int


def read_serving(
    files: Sequence[str],
    fault: Texts = (),
    speed: float = 1,
    interval: str | float | None = None,
    rechunk: str | int | None = None,
    match: Texts = (),
    seed: int = 0,
) -> Serving:
    """Read what `sse serve` takes; an interval that is a number is in seconds. Raises `SseError`."""
    if not files:
        raise UsageError("there is no file to serve", 'It looks like sse_server("answer.rec").')
    if isinstance(interval, float | int):
        interval = f"{interval}s"
    pace = Pace(
        speed=read_speed(str(speed)),
        interval=parse_duration(interval) if interval is not None else None,
        rechunk=read_rechunk(str(rechunk)) if rechunk is not None else None,
    )
    matches = [read_match(text) for text in _texts(match)]
    return Serving(Routes(load(files, pace), matches), read_faults(_texts(fault)), seed)


def _texts(given: Texts) -> Sequence[str]:
    return [given] if isinstance(given, str) else given


class Server:
    """A server on a free port of 127.0.0.1 until it is closed. Raises `SseError` if it cannot listen.

    `url` has no path. `requests` are those that came, in their order, as they were: each has a `method`, a
    `path`, a `query`, `headers` in pairs, `header(name)`, a `body` of bytes and a `last_event_id`.
    """

    def __init__(self, serving: Serving) -> None:
        self.requests: list[Request] = []
        self._serving = serving
        listens: Listens = Future()
        # A daemon, so that a test run which is broken off does not wait for it.
        self._thread = threading.Thread(target=self._run, args=(listens,), name="sse_server", daemon=True)
        self._thread.start()
        self.url, self._end = listens.result()

    def __str__(self) -> str:
        return self.url

    def close(self) -> None:
        """Cut what is being played, and end. May be called twice."""
        with suppress(RuntimeError):  # the loop has ended
            self._end()
        self._thread.join()

    def _run(self, listens: Listens) -> None:
        try:
            with asyncio.Runner(loop_factory=new_event_loop) as runner:
                runner.run(self._serve(listens))
        except BaseException as error:
            if listens.done():
                raise
            listens.set_exception(error)

    async def _serve(self, listens: Listens) -> None:
        serving, over = self._serving, asyncio.Event()
        async with serve(
            serving.routes, faults=serving.faults, seed=serving.seed, on_request=self.requests.append
        ) as server:
            end = partial(asyncio.get_running_loop().call_soon_threadsafe, over.set)
            listens.set_result((server.url, end))
            await over.wait()
