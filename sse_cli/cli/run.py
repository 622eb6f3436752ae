"""From options to a run and its exit code: what every command that shows a stream has in common."""

import asyncio
import contextlib
import gc
import os
import signal
import stat
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TYPE_CHECKING

from sse_cli.cli import build, resume
from sse_cli.cli.main import report
from sse_cli.cli.options import (
    ChoosingOptions,
    OutputOptions,
    ReadingOptions,
    ReconnectingOptions,
    RequestOptions,
    StoppingOptions,
)
from sse_cli.cli.show import Show, tell
from sse_cli.core.meter import Meter
from sse_cli.core.pipeline import Pipeline, Plan
from sse_cli.deadlines import Limits
from sse_cli.session import Outcome, Session
from sse_cli.sinks.outlet import OutputFailed
from sse_cli.sinks.summary_file import SummaryFile
from sse_cli.sources.lookup import DaemonThreads
from sse_cli.sources.source import Source

if TYPE_CHECKING:  # only for who asks for it
    from sse_cli.reconnecting import Reconnecting
    from sse_cli.sinks.state_file import StateFile

_ONCE = ReconnectingOptions()

GC_AFTER = 0.5
"""Seconds: the first events are on the screen by then."""

Host = Callable[[], AbstractAsyncContextManager[str]]
"""Starts a server and gives the URL to tail, as `sse demo` needs."""


def run(
    where: str | Host,
    request: RequestOptions,
    reading: ReadingOptions,
    stopping: StoppingOptions,
    choosing: ChoosingOptions,
    output: OutputOptions,
    reconnecting: ReconnectingOptions = _ONCE,
) -> int:
    """Run one stream and return the exit code. Raises `SseError` for what is wrong before it begins."""
    state = resume.state(reconnecting)
    request = resume.resumed(request, reconnecting, state)
    plan = build.plan(request, reading, stopping, choosing)
    limits = build.limits(stopping)
    show = Show.of(output, choosing, has_paths=bool(plan.paths))
    summary_file = SummaryFile(output.summary)

    async def go() -> Outcome:
        async with _url_of(where) as url:
            source = build.source(url, request)
            again = resume.reconnecting(source, plan, reconnecting)
            return await _run_session(source, plan, limits, show, again, state)

    outcome = asyncio.run(go())
    error = tell(outcome, show, summary_file)
    if error is not None:
        report(error)
    return int(error.exit_code) if isinstance(error, OutputFailed) else outcome.exit_code


def _collect_garbage() -> None:
    """Switch the collector on, which `__main__` has switched off."""
    gc.freeze()  # what is imported by now stays
    gc.enable()


async def _run_session(
    source: Source,
    plan: Plan,
    limits: Limits,
    show: Show,
    again: "Reconnecting | None",
    state: "StateFile | None",
) -> Outcome:
    asyncio.get_running_loop().call_later(GC_AFTER, _collect_garbage)
    pipeline = Pipeline(plan, Meter())
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    assert task is not None
    loop.set_default_executor(DaemonThreads())
    with show.writing() as writer:
        sinks = show.sinks(pipeline, source)
        if state is not None:
            sinks.append(resume.state_sink(state, pipeline, writer))
        if again is not None and show.tells_waits:
            sinks.append(resume.waits_sink(show.err))
        session = Session(source, pipeline, sinks, limits, writer=writer, reconnecting=again)
        with contextlib.suppress(NotImplementedError):  # Windows has neither
            loop.add_signal_handler(signal.SIGTERM, task.cancel)
            if _is_pipe(show.out.fd):
                # The writing end of a pipe becomes "readable" when its reader goes: `| head -1` then ends
                # at once, and not with the next event.
                loop.add_reader(show.out.fd, session.reader_gone)
        return await session.run()


@asynccontextmanager
async def _url_of(where: str | Host) -> AsyncIterator[str]:
    if isinstance(where, str):
        yield where
        return
    async with where() as url:
        yield url


def _is_pipe(fd: int) -> bool:
    try:
        return stat.S_ISFIFO(os.fstat(fd).st_mode)
    except OSError:
        return False
