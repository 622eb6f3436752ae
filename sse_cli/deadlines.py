"""What ends a run from outside its loop: the time limits, and whoever calls `stop`. No cost per event."""

import asyncio
from collections.abc import Callable, Iterator
from types import TracebackType

import msgspec

from sse_cli.core.pipeline import Pipeline
from sse_cli.errors import ExitCode, SseError
from sse_cli.sources.source import Source

DONE_GRACE = 1.0
"""Seconds that the server has to end the response after the end marker, or what else ends the answer."""

REFUSED_GRACE = 5.0
"""Seconds that a body which says why a request was refused may take: some servers never end it."""


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """How long to wait, in seconds; None is for ever. Comments and pings do not count as events.

    With `idle_bytes`, any byte counts for `idle`.
    """

    connect: float | None = 30.0
    first: float | None = None
    idle: float | None = None
    idle_bytes: bool = False
    total: float | None = None


class Ended(Exception):
    """The connection is over, for a reason out of `items.ENDINGS`; `error` is what a person should be told.

    Where no other may follow, which is the usual case and always so with `final`, the run is over as well.
    """

    def __init__(
        self, reason: str, detail: str, error: SseError | None = None, *, final: bool = False
    ) -> None:
        super().__init__(detail)
        self.final = final
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
        self._run_begun: float | None = None  # when the first connection began, once there is another
        self._news_before = 0  # events of the connections before this one
        self._pauses = False
        self._open_at: float | None = None
        self._done_at: float | None = None
        self._refusal: Callable[[], Ended] | None = None
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
        ended, self._ended = self._ended, None
        if ended is not None and task is not None and kind is asyncio.CancelledError:
            task.uncancel()
            raise ended

    @property
    def running(self) -> bool:
        """Whether the run is still going on."""
        return self._task is not None and self._ended is None

    def stop(self, ended: Ended) -> None:
        """End the run now. May be called from any callback of the loop, or by the run itself: it raises."""
        if self._task is None or self._ended is not None:
            return
        self._ended = ended
        if asyncio.current_task() is self._task:
            raise ended
        self._task.cancel()

    def pause(self) -> None:
        """The connection ended, and there may be another: until then, only the limit of the run holds."""
        self._run_begun = self._start
        self._pauses = True

    def reopen(self, source: Source) -> None:
        """Another connection begins, for which every other limit starts anew."""
        self._source, self._begun = source, self._clock()
        self._news_before = self._pipeline.meter.news
        self._open_at = self._refusal = None
        self._pauses = False

    def note_open(self, at: float | None) -> None:
        """The source is open, since `at` if that is known: from now on, it is events that are waited for."""
        self._open_at = at if at is not None else self._clock()
        self.check()

    def note_refused(self, at: float, refusal: Callable[[], Ended]) -> None:
        """The server refused: whatever limit passes while its reasons are read, `refusal` is how it ended."""
        self._refusal = refusal
        self.note_open(at)

    def check(self) -> None:
        """See whether a limit has passed, and set the timer for the next that may."""
        if self._task is None or self._ended is not None:
            return
        now = self._clock()
        soonest: float | None = None
        for at, ended in self._deadlines(now):
            if at <= now:
                self.stop((self._refusal or ended)())
                return
            soonest = at if soonest is None else min(soonest, at)
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if soonest is not None:
            self._timer = asyncio.get_running_loop().call_later(soonest - now, self.check)

    @property
    def _start(self) -> float:
        """When the run's first request was sent."""
        if self._run_begun is not None:
            return self._run_begun
        return self._source.start if self._source.start is not None else self._begun

    def _total(self) -> Iterator[tuple[float, Callable[[], Ended]]]:
        limit = self._limits.total
        if limit is not None:
            yield self._start + limit, lambda: _timed_out("total", limit, final=True)

    def _deadlines(self, now: float) -> Iterator[tuple[float, Callable[[], Ended]]]:
        """Give every limit that is running: when it passes, and what it then says."""
        limits, source, meter = self._limits, self._source, self._pipeline.meter
        if self._pauses:
            yield from self._total()
            return
        last_event = meter.last_event_at if meter.news > self._news_before else None
        if self._done_at is None and self._pipeline.answer.is_over:
            self._done_at = last_event  # pings may follow the end marker, and prolong nothing
        if self._done_at is not None:
            yield self._done_at + DONE_GRACE, _done
        if self._refusal is not None and self._open_at is not None:
            yield self._open_at + REFUSED_GRACE, self._refusal
        yield from self._total()
        if limits.connect is not None and self._open_at is None:
            # Nobody tells when a connection begins, and a redirect begins another: so it is looked for again
            # before one that begins after now can be overdue.
            since = source.connecting_since
            yield (
                (now if since is None else since) + limits.connect,
                lambda: _timed_out("connect", limits.connect),
            )
        if limits.first is not None and last_event is None:
            start = source.start if source.start is not None else self._begun
            yield start + limits.first, lambda: _timed_out("first event", limits.first)
        last_sign = meter.last_byte_at if limits.idle_bytes else last_event
        if limits.idle is not None and self._open_at is not None:
            since = self._open_at if last_sign is None else max(self._open_at, last_sign)
            kind = "idle bytes" if limits.idle_bytes else "idle"
            yield since + limits.idle, lambda: _timed_out(kind, limits.idle)


def _done() -> Ended:
    return Ended("eof", "the server left the connection open")


_NO_EVENTS = "; comments and pings do not count as events"
_TIMEOUTS = {
    "total": ("total timeout: the stream was not over after", "--max-time"),
    "connect": ("connect timeout: no connection after", "--connect-timeout"),
    "first event": ("first event timeout: no event after", "--first-timeout" + _NO_EVENTS),
    "idle": ("idle timeout: no event for", "--idle-timeout" + _NO_EVENTS),
    "idle bytes": ("idle timeout: no byte for", "--idle-timeout, with --idle-bytes"),
}
"""For each timeout, its name and what was seen, and the option that sets it."""


def _timed_out(name: str, limit: float | None, *, final: bool = False) -> Ended:
    seen, option = _TIMEOUTS[name]
    message = f"{seen} {limit:g} s"
    return Ended(
        "timeout", message, SseError(message, f"The limit is {option}.", ExitCode.TIMEOUT), final=final
    )
