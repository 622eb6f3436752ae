"""What ends a run from outside its loop: the time limits, and whoever calls `stop`. No cost per event."""

import asyncio
from collections.abc import Callable, Iterator
from types import TracebackType

import msgspec

from sse_cli.core.pipeline import Pipeline
from sse_cli.errors import ExitCode, SseError
from sse_cli.sources.source import Source

DONE_GRACE = 1.0
"""Seconds that the server has to end the response after the dialect's end marker, which ends the answer."""


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """How long to wait, in seconds; None is for ever. Comments and pings do not count as events."""

    connect: float | None = 30.0
    first: float | None = None
    idle: float | None = None
    total: float | None = None


class Ended(Exception):
    """The run is over, for a reason out of `items.ENDINGS`; `error` is what a person should be told."""

    def __init__(self, reason: str, detail: str, error: SseError | None = None) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail
        self.error = error


class Deadlines:
    """As a context manager, around the awaits that it may have to break off: those then raise `Ended`."""

    def __init__(
        self, limits: Limits, source: Source, pipeline: Pipeline, clock: Callable[[], float]
    ) -> None:
        self._limits = limits
        self._source = source
        self._pipeline = pipeline
        self._clock = clock
        self._begun = clock()
        self._task: asyncio.Task[object] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._ended: Ended | None = None

    def __enter__(self) -> "Deadlines":
        self._task = asyncio.current_task()
        self.check()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        task, self._task = self._task, None
        if self._timer is not None:
            self._timer.cancel()
        if self._ended is not None and task is not None and kind is asyncio.CancelledError:
            task.uncancel()
            raise self._ended

    @property
    def running(self) -> bool:
        """Whether the run is still going on."""
        return self._task is not None and self._ended is None

    def stop(self, ended: Ended) -> None:
        """End the run now. May be called from any callback of the loop."""
        if self._task is not None and self._ended is None:
            self._ended = ended
            self._task.cancel()

    def check(self) -> None:
        """See whether a limit has passed, and set the timer for the next that may."""
        if self._task is None:
            return
        now = self._clock()
        soonest: float | None = None
        for at, ended in self._deadlines():
            if at <= now:
                self.stop(ended())
                return
            soonest = at if soonest is None else min(soonest, at)
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if soonest is not None:
            self._timer = asyncio.get_running_loop().call_later(soonest - now, self.check)

    def _deadlines(self) -> Iterator[tuple[float, Callable[[], Ended]]]:
        """Give every limit that is running: when it passes, and what it then says."""
        limits, source, meter = self._limits, self._source, self._pipeline.meter
        start = source.start if source.start is not None else self._begun
        last_event = meter.last_event_at
        if self._pipeline.answer.done is not None and last_event is not None:
            yield last_event + DONE_GRACE, _done
        if limits.total is not None:
            yield start + limits.total, lambda: _timed_out("total", limits.total, "--max-time")
        if limits.connect is not None and source.start is not None and source.connected_at is None:
            yield start + limits.connect, lambda: _timed_out("connect", limits.connect, "--connect-timeout")
        if limits.first is not None and last_event is None:
            yield start + limits.first, lambda: _timed_out("first event", limits.first, "--first-timeout")
        idle_since = last_event if last_event is not None else meter.opened_at
        if limits.idle is not None and idle_since is not None:
            yield idle_since + limits.idle, lambda: _timed_out("idle", limits.idle, "--idle-timeout")


def _done() -> Ended:
    return Ended("eof", "the end marker came, and the server left the connection open")


_SAW = {
    "total": "the stream was not over after",
    "connect": "no connection after",
    "first event": "no event after",
    "idle": "no event for",
}


def _timed_out(name: str, limit: float | None, option: str) -> Ended:
    message = f"{name} timeout: {_SAW[name]} {limit:g} s"
    hint = f"The limit is {option}; comments and pings do not count as events."
    return Ended("timeout", message, SseError(message, hint, ExitCode.TIMEOUT))
