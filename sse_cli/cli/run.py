"""From options to a run and its exit code: what every command that shows streams has in common."""

import asyncio
import contextlib
import gc
import os
import signal
import stat
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from typing import TYPE_CHECKING, NamedTuple

from sse_cli.cli import build, plain, resume
from sse_cli.cli.main import report
from sse_cli.cli.options import Groups, RequestOptions
from sse_cli.cli.prepare import prepare as prepare_stream
from sse_cli.cli.show import Show, Stream, Writers, tell
from sse_cli.core.meter import Meter
from sse_cli.core.pipeline import Pipeline, Plan
from sse_cli.deadlines import Limits
from sse_cli.session import Outcome, Session
from sse_cli.sinks.outlet import OutputFailed
from sse_cli.sinks.sink import Sink
from sse_cli.sinks.summary_file import SummaryFile
from sse_cli.sources.lookup import DaemonThreads

if TYPE_CHECKING:  # only for who asks for it
    from sse_cli.sinks.state_file import StateFile

GC_AFTER = 0.5
"""Seconds: the first events are on the screen by then."""

Host = Callable[[], AbstractAsyncContextManager[str]]
"""Starts a server and gives the URL to tail, as `sse demo` needs."""


class Job(NamedTuple):
    """One source, and how it is asked, read and shown.

    `name` is what the user calls it; `label` is short, and for one of several.
    """

    where: str | Host
    groups: Groups
    name: str = ""
    label: str = ""


class Ready(NamedTuple):
    """A job of which all is found to be right but its connection."""

    job: Job
    request: RequestOptions
    plan: Plan
    limits: Limits
    state: "StateFile | None"


def run(job: Job) -> int:
    """Run one stream and return the exit code. Raises `SseError` for what is wrong before it begins."""
    ready = prepare(job)
    show = Show.of(job.groups.output, job.groups.choosing, has_paths=bool(ready.plan.paths))
    summary_file = SummaryFile(job.groups.output.summary)
    (outcome,) = asyncio.run(run_sessions([ready], show, _run_alone))
    error = tell(outcome, show, summary_file)
    if error is not None:
        report(error)
    return int(error.exit_code) if isinstance(error, OutputFailed) else outcome.exit_code


def prepare(job: Job) -> Ready:
    """Build what a job needs before anything is connected. Raises `UsageError`."""
    return Ready(job, *prepare_stream(job.groups))


async def run_sessions(
    jobs: Sequence[Ready], show: Show, conduct: Callable[[Sequence[Session]], Awaitable[list[Outcome]]]
) -> list[Outcome]:
    """Put a session together for each job, and have `conduct` run them. Raises `UsageError`."""
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    assert task is not None
    loop.call_later(GC_AFTER, _collect_garbage)
    loop.set_default_executor(DaemonThreads())
    async with AsyncExitStack() as stack:
        streams = [await _stream(ready, stack) for ready in jobs]
        writers = stack.enter_context(show.writing())
        sessions = [
            _session(ready, stream, sinks, writers, show)
            for ready, stream, sinks in zip(jobs, streams, show.sinks(streams, writers), strict=True)
        ]
        with contextlib.suppress(NotImplementedError):  # Windows has neither
            loop.add_signal_handler(signal.SIGTERM, task.cancel)
            if _is_pipe(show.out.fd):
                # The writing end of a pipe becomes "readable" when its reader goes: `| head -1` then ends
                # at once, and not with the next event.
                loop.add_reader(show.out.fd, _tell_reader_gone, sessions)
        return await conduct(sessions)


async def _run_alone(sessions: Sequence[Session]) -> list[Outcome]:
    return [await sessions[0].run()]


async def _stream(ready: Ready, stack: AsyncExitStack) -> Stream:
    job = ready.job
    where = job.where if isinstance(job.where, str) else await stack.enter_async_context(job.where())
    source = build.source(where, ready.request, job.groups.reading, job.groups.faults)
    if not job.groups.output.quiet and ready.request.unix_socket is None:
        plain.warn(source)
    plan = resume.plan_of(source, ready.plan)
    return Stream(source, Pipeline(plan, Meter()), job.name or where, job.label)


def _session(ready: Ready, stream: Stream, sinks: list[Sink], writers: Writers, show: Show) -> Session:
    following = resume.reconnecting(stream.source, stream.pipeline.plan, ready.job.groups.reconnecting)
    if ready.state is not None:
        sinks.append(resume.state_sink(ready.state, stream.pipeline, writers.output))
    if following is not None and ready.job.groups.reconnecting.reconnect and show.tells_waits:
        sinks.append(resume.waits_sink(show.err, stream.label))
    busy = [writer for writer in writers if writer is not None]
    return Session(stream.source, stream.pipeline, sinks, ready.limits, writers=busy, reconnecting=following)


def _tell_reader_gone(sessions: Sequence[Session]) -> None:
    for session in sessions:
        session.reader_gone()


def _collect_garbage() -> None:
    """Switch the collector on, which `__main__` has switched off."""
    gc.freeze()  # what is imported by now stays
    gc.enable()


def _is_pipe(fd: int) -> bool:
    try:
        return stat.S_ISFIFO(os.fstat(fd).st_mode)
    except OSError:
        return False
