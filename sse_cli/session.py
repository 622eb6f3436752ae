"""The one loop in which a source, the pipeline and the sinks meet; it decides when to stop, and judges.

source --Chunk--> pipeline.feed --items--> sinks          close --> Evidence --> Verdict --> Summary
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, NoReturn

import msgspec

from sse_cli.backpressure import Backpressure
from sse_cli.core.attempts import Asked
from sse_cli.core.items import ENDED, Chunk, Closed, Fault, Item, Opened, Rejected
from sse_cli.core.pipeline import EXCERPT, Pipeline
from sse_cli.core.summary import Summary, summarize
from sse_cli.core.verdict import Evidence, Verdict, judge
from sse_cli.core.wire.limits import EventTooLarge
from sse_cli.deadlines import Deadlines, Ended, Limits
from sse_cli.errors import ExitCode, SseError, UsageError
from sse_cli.refusal import refusal
from sse_cli.sinks.outlet import OutputFailed, ReaderGone
from sse_cli.sinks.sink import Sink
from sse_cli.sinks.writer import Writer
from sse_cli.sources.source import Cut, RecordedEnd, Source

if TYPE_CHECKING:  # a run that does not reconnect has no use for it
    from sse_cli.following import Following

LAST_WRITES = 1.0
"""Seconds that an interrupted run waits for the reader of its output to take some of what is left."""


class Outcome(msgspec.Struct, frozen=True):
    """What a run came to. `error` is what a person should be told beside the summary, if anything."""

    summary: Summary
    error: SseError | None

    @property
    def exit_code(self) -> int:
        """Return the verdict's exit code, unless output failed or the verdict hides an error."""
        error, code = self.error, self.summary.verdict.exit_code
        return int(error.exit_code if error is not None and code is ExitCode.OK else code)


class Session:
    """One run over one source or, with `reconnecting`, over one after another.

    `run` returns however the run ends, and raises only for bugs. Reading is held up by the `writer` of the
    sinks, or by a `backpressure` of their own.
    """

    def __init__(
        self,
        source: Source,
        pipeline: Pipeline,
        sinks: Sequence[Sink],
        limits: Limits,
        clock: Callable[[], float] | None = None,
        writers: Sequence[Writer] = (),
        reconnecting: "Following | None" = None,
        backpressure: Backpressure | None = None,
    ) -> None:
        self._source = source
        self._pipeline = pipeline
        self._sinks = sinks
        self._clock = clock if clock is not None else source.clock
        self._deadlines = Deadlines(limits, source, pipeline, self._clock)
        self._backpressure = backpressure or Backpressure(writers)
        self._reconnecting = reconnecting
        if reconnecting is not None:
            pipeline.watch()
        pipeline.attempts.begin("", pipeline.last_event_id, _asked(source))
        self._is_between = False  # two connections: the one has ended, the other is waited for
        self._sooner: asyncio.Future[None] | None = None  # ends that wait
        self._opened: Opened | None = None
        self._error: SseError | None = None
        self._bug: Exception | None = None
        self._reasons = b""  # what the body of a refusal says

    async def run(self) -> Outcome:
        """Open, read to the end, close, judge."""
        self._backpressure.start(self._note_trouble)
        if all(sink.takes_streaks for sink in self._sinks):
            self._pipeline.allow_streaks()
        self._schedule_ticks()
        try:
            ended = await self._end_of_run()
        finally:
            await self._source.close()
        if self._bug is not None:
            raise self._bug
        return await self._finish(Closed(ended.reason, ended.detail, self._clock()))

    def reader_gone(self) -> None:
        """End the run, since nobody reads its output any more. May be called from the loop's callbacks."""
        self._deadlines.stop(_reader_gone())

    def stop(self, why: str) -> None:
        """End the run, since its caller wants no more. May be called from the loop's callbacks."""
        self._deadlines.stop(Ended("stopped", why))

    def restart(self) -> None:
        """Drop the connection, or the wait for the next one, and ask again at once, after the last id.

        May be called from the loop's callbacks. Raises `UsageError` where nothing knows how to ask again.
        """
        if self._reconnecting is None:
            raise UsageError("a run that does not reconnect cannot be restarted", "Give it a policy.")
        if self._sooner is None:
            self._deadlines.stop(Ended("restarted", "a restart was asked for"))
        elif not self._sooner.done():
            self._sooner.set_result(None)

    async def _end_of_run(self) -> Ended:
        """Read one connection and, while there is to be another, that; return how the last one ended."""
        ended = await self._end_of(self._loop) or self._proper_end()
        while self._reconnecting is not None and ended.reason in REPEATABLE:
            self._deadlines.pause()
            stopped = await self._end_of(partial(self._go_on, self._reconnecting, ended))
            if stopped is not None:
                return stopped
            ended = await self._end_of(self._loop) or self._proper_end()
        return ended

    async def _end_of(self, work: Callable[[], Awaitable[None]]) -> Ended | None:
        """Do some of the work; translate every way in which it can end the run, None if it does not."""
        try:
            with self._deadlines:
                await work()
            return None
        except Ended as ended:
            self._error = ended.error
            return self._hidden(ended)
        except asyncio.CancelledError:
            return Ended("interrupted", "by Ctrl-C, or another signal to end")
        except ReaderGone:
            return _reader_gone()
        except RecordedEnd as end:
            return Ended(end.reason, end.detail)
        except SseError as error:
            self._error = error
            return self._hidden(Ended(_ending_of(error), error.message, error))

    def _hidden(self, ended: Ended) -> Ended:
        """Return an ending in which no secret is repeated, as servers do of a key that they do not take."""
        hide = self._source.secrets.hide
        ended.detail = hide(ended.detail)
        if ended.error is not None:
            ended.error.message = hide(ended.error.message)
        return ended

    def _proper_end(self) -> Ended:
        if self._opened is None:
            return Ended("eof", "the input ended")
        asked_again = self._reconnecting is not None and self._opened.status == HTTPStatus.NO_CONTENT
        return Ended("eof", NO_CONTENT if asked_again else "")

    async def _go_on(self, reconnecting: "Following", ended: Ended) -> None:
        """Wait, and make ready for another connection; raise how this one ended if there is to be none."""
        self._sooner = sooner = asyncio.get_running_loop().create_future()
        await self._source.close()
        pipeline, now = self._pipeline, self._clock()
        self._show(pipeline.end_connection(now))
        was_sent = self._source.connected_at is not None
        again = reconnecting.ask(ended, self._opened, pipeline, now, was_sent=was_sent)
        if again is None:
            raise ended
        why = ended.detail or ENDED
        self._note_start()
        self._note_attempt(now)
        self._error, self._is_between = None, True
        if ended.reason != "restarted":  # which was no fault
            self._show([Fault(why, again.delay, now, again.failures, again.retries, anew=again.anew)])
        await reconnecting.wait(again, sooner)
        self._source = reconnecting.again(again.resume)
        self._opened, self._reasons, self._is_between, self._sooner = None, b"", False, None
        pipeline.meter.reconnects += 1
        pipeline.reopen(anew=again.anew)
        pipeline.attempts.begin(why, pipeline.last_event_id, _asked(self._source))
        self._deadlines.reopen(self._source)

    def _note_start(self) -> None:
        """Count times from the first request, whether or not it reached anyone."""
        meter = self._pipeline.meter
        if meter.start is None:
            meter.start = self._source.start

    def _note_attempt(self, now: float) -> None:
        meter = self._pipeline.meter
        start = meter.start if meter.start is not None else now
        began = self._source.start if self._source.start is not None else start
        status = self._opened.status if self._opened is not None else None
        failure = self._pipeline.answer.failure
        error = failure.message if failure is not None else None
        self._pipeline.attempts.end(began - start, now - began, status, meter.events, error)

    async def _loop(self) -> None:
        source, pipeline, meter = self._source, self._pipeline, self._pipeline.meter
        opened = await source.open()
        self._note_start()
        if source.connected_at is not None:
            meter.note_connected(source.connected_at)
        if opened is not None:
            self._opened = opened
            pipeline.open(opened)
            self._show([opened])
            if not self._is_read(opened.status):
                await self._read_reasons(opened)
        self._deadlines.note_open(opened.at if opened is not None else None)
        source.on_chunk = self._take_at_once
        while (chunk := await source.read()) is not None:
            if source.is_replay:  # its time may have jumped past a limit
                self._deadlines.check()
            self._take(chunk)
            if self._backpressure.holds:
                await self._wait_for_room()

    def _is_read(self, status: int) -> bool:
        """Tell a status whose body is read."""
        return self._reconnecting.reads(status) if self._reconnecting is not None else 200 <= status < 300

    def _take_at_once(self, chunk: Chunk) -> bool:
        if self._backpressure.holds:
            return False
        self._take(chunk)
        return True

    def _take(self, chunk: Chunk) -> None:
        """Have a chunk read, and show what it gave."""
        pipeline = self._pipeline
        was_over = pipeline.answer.is_over
        self._show(pipeline.feed(chunk))
        pipeline.meter.note_overhead(self._clock() - chunk.at)
        if pipeline.stop is not None:
            raise Ended("stopped", pipeline.stop)
        if pipeline.answer.is_over is not was_over:
            self._deadlines.check()

    async def _wait_for_room(self) -> None:
        """Wait until less is left to write, and note how long that held reading up."""
        since = self._clock()
        await self._backpressure.room()
        self._pipeline.meter.note_overhead(self._clock() - since)

    async def _read_reasons(self, opened: Opened) -> NoReturn:
        """Read the beginning of a refusal's body, which says why, and end the run."""
        self._deadlines.note_refused(opened.at, lambda: self._refusal(opened))
        with suppress(Cut):  # what has come of it is enough
            while len(self._reasons) < EXCERPT and (chunk := await self._source.read()) is not None:
                said = self._without_secrets(chunk.data)
                self._reasons += said
                self._show([Rejected(said, chunk.at)])
        self._pipeline.refuse(self._reasons)
        raise self._refusal(opened)

    def _refusal(self, opened: Opened) -> Ended:
        resume = self._reconnecting.resume if self._reconnecting is not None else None
        return refusal(opened, self._reasons, resume)

    def _without_secrets(self, data: bytes) -> bytes:
        text = data.decode("utf-8", "surrogateescape")
        return self._source.secrets.hide(text).encode("utf-8", "surrogateescape")

    async def _finish(self, closed: Closed) -> Outcome:
        """Give the sinks what was still held, judge, and close them."""
        pipeline = self._pipeline
        # Who interrupts a run whose output nobody reads does not want to wait for that.
        patience = LAST_WRITES if closed.reason == "interrupted" else None
        self._note_start()
        try:
            if closed.reason != "stopped":
                self._show(pipeline.end(closed.at))
            self._show([closed])
        except ReaderGone:
            closed = Closed("stopped", _reader_gone().detail, closed.at)
        except SseError as error:
            self._error = self._error or error
        await self._backpressure.finish(patience)
        evidence = pipeline.close(closed)
        verdict = self._judge(evidence)
        if isinstance(self._error, Cut) and verdict.exit_code is ExitCode.OK:  # it broke after the end marker
            self._error = None
        summary = self._summary(verdict, closed)
        for sink in self._sinks:
            try:
                sink.close(summary)
            except ReaderGone:
                continue
            except SseError as error:
                self._error = self._error or error
        await self._backpressure.finish(patience)
        return Outcome(summary, self._error)

    def _summary(self, verdict: Verdict, closed: Closed) -> Summary:
        pipeline = self._pipeline
        figures = pipeline.meter.figures(closed.at)
        if not self._is_between:
            self._note_attempt(closed.at)
        return summarize(
            verdict,
            self._source.name,
            self._opened,
            pipeline.dialect,
            pipeline.answer,
            figures,
            pipeline.shown,
            pipeline.attempts.all(),
            self._source.secrets,
        )

    def _note_trouble(self, trouble: Exception) -> None:
        """End the run, since something went wrong while writing."""
        if isinstance(trouble, ReaderGone):
            self.reader_gone()
        elif isinstance(trouble, SseError):
            self._error = self._error or trouble
            self._deadlines.stop(Ended(_ending_of(trouble), trouble.message, trouble))
        else:
            self._bug = trouble
            self._deadlines.stop(Ended("stopped", "by a bug"))

    def _judge(self, evidence: Evidence) -> Verdict:
        no_content = self._opened is not None and self._opened.status == HTTPStatus.NO_CONTENT
        if no_content and not evidence.events:
            return Verdict("empty", "the server answered 204 No Content: it has nothing to send")
        verdict = judge(evidence)
        if verdict.name == "not-a-stream":
            hint = 'Does the request need "stream": true?' if self._opened is not None else ""
            excerpt = self._source.secrets.hide(self._pipeline.excerpt)
            message = f"not a stream: {verdict.reason}" + (f"\n{excerpt}" if excerpt else "")
            self._error = self._error or SseError(message, hint, ExitCode.REFUSED)
        why_not = self._reconnecting.why_not if self._reconnecting is not None else ""
        if why_not and self._error is not None:
            first, line_end, more = self._error.message.partition("\n")
            message = f"{first}; {why_not}{line_end}{more}"
            self._error = SseError(message, self._error.hint, self._error.exit_code)
        return Verdict(verdict.name, f"{verdict.reason}; {why_not}") if why_not else verdict

    def _show(self, items: Sequence[Item]) -> None:
        for sink in self._sinks:
            sink.show(items)

    def _schedule_ticks(self) -> None:
        for sink in self._sinks:
            if sink.interval is not None:
                asyncio.get_running_loop().call_soon(self._tick, sink, sink.interval)

    def _tick(self, sink: Sink, interval: float) -> None:
        if not self._deadlines.running:
            return
        try:
            sink.tick(self._clock())
        except ReaderGone:
            self.reader_gone()
        except SseError as error:
            self._deadlines.stop(Ended(_ending_of(error), error.message, error))
        else:
            asyncio.get_running_loop().call_later(interval, self._tick, sink, interval)


REPEATABLE = frozenset(("eof", "cut", "timeout", "unreachable", "refused", "restarted"))
"""How a connection ends after which another may follow; any other ending is that of the run."""

NO_CONTENT = "the server answered 204 No Content: it has no more to send"

READER_GONE = "the reader of the output closed it"


def _asked(source: Source) -> Asked:
    return Asked(source.method, source.name, source.headers)


def _reader_gone() -> Ended:
    return Ended("stopped", READER_GONE)


def _ending_of(error: SseError) -> str:
    if isinstance(error, Cut | EventTooLarge):
        return "cut"
    if isinstance(error, OutputFailed):
        return "unwritten"
    return "unreachable" if error.exit_code is ExitCode.UNREACHABLE else "stopped"
