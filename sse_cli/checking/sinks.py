"""What a check has its session show: a judge that ends the run once all is told, and who takes captures."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Sequence

import msgspec

from sse_cli.core import payload
from sse_cli.core.expectations.facts import facts_of, facts_so_far
from sse_cli.core.expectations.judge import Decision, Expectation, Finding, Judge, Judgement
from sse_cli.core.extract import Path
from sse_cli.core.items import Chunk, Item, Json, Opened, Reading
from sse_cli.core.pipeline import Pipeline
from sse_cli.core.summary import Summary
from sse_cli.sinks.lines import to_text
from sse_cli.sources.source import Source

LAST_EVENTS = 5
"""As many of the last events are kept, for who has to find out why a check failed."""
_EVENT_CHARACTERS = 2000


class Capture(msgspec.Struct, frozen=True):
    """A value that later checks use by its `name`: the first match of a path, whose `text` is kept."""

    name: str
    text: str
    path: Path


class JudgeSink:
    """Holds a run against expectations while it goes on, and has it stopped once they are decided.

    All hold: nothing more is wanted. One cannot hold any more: with `fail_fast`, nothing more is, either.
    It is to be the last of a run's sinks, since a run that is stopped shows nothing to those behind.
    """

    interval: float | None = None
    takes_streaks = False

    def __init__(
        self,
        expectations: Sequence[Expectation],
        source: Source,
        pipeline: Pipeline,
        *,
        reconnects: bool = False,
        fail_fast: bool = True,
        is_wanted: Callable[[], bool] = lambda: False,
    ) -> None:
        self.judgements: Sequence[Judgement] = ()
        self.has_given_up = False
        self.last_events: deque[str] = deque(maxlen=LAST_EVENTS)
        self._expectations = expectations
        self._judge = Judge(expectations, reconnects=reconnects, secrets=source.secrets)
        self._source = source
        self._pipeline = pipeline
        self._fail_fast = fail_fast
        self._is_wanted = is_wanted
        self._head: Opened | None = None
        self._stop: Callable[[str], None] = lambda _why: None
        self._timer: asyncio.TimerHandle | None = None

    def begin(self, stop: Callable[[str], None]) -> None:
        """The run begins, in the running loop; `stop` ends it."""
        self._stop = stop
        self._timer = asyncio.get_running_loop().call_soon(self._look_at_clock)  # type: ignore[assignment]

    def show(self, items: Sequence[Item]) -> None:
        """Take what one chunk completed."""
        now = None
        for item in items:
            if type(item) is Reading:
                self._judge.note(item)
                self.last_events.append(self._source.secrets.hide(_text(item)))
            elif type(item) is Chunk:
                now = item.at
            elif type(item) is Opened:
                self._head, now = item, item.at
        if now is not None:
            self._look(now)

    def tick(self, _now: float) -> None:
        """Do nothing."""

    def close(self, summary: Summary) -> None:
        """The run is over: judge it."""
        self._set_timer(None, 0.0)
        start, decisions = self._pipeline.meter.start, self._judge.decisions
        judged = self._judge.close(facts_of(summary.as_dict(), self._head, start))
        if self.has_given_up:
            both = zip(judged, decisions, strict=True)
            judged = [_untold(each) if told is Decision.OPEN else each for each, told in both]
        self.judgements = judged

    def _look_at_clock(self) -> None:
        self._look(self._source.clock())

    def _look(self, now: float) -> None:
        """See what is decided by what came until now, and by the time that has passed."""
        source = self._source
        self._judge.look(facts_so_far(self._pipeline, self._head, now, source.start, source.secrets))
        self._set_timer(self._judge.moment, now)
        decisions = self._judge.decisions
        if self._fail_fast and Decision.IMPOSSIBLE in decisions:
            lost = self._expectations[list(decisions).index(Decision.IMPOSSIBLE)]
            self.has_given_up = True
            self._stop(f"this can no longer hold: {lost.text}")
        elif all(decision is Decision.HOLDS for decision in decisions) and not self._is_wanted():
            self._stop("all that is expected holds")

    def _set_timer(self, moment: float | None, now: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if moment is None:
            self._timer = None
        else:
            # The moment itself may still be in time; what comes after it is not.
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(max(moment - now, 0.0) + 0.0005, self._look_at_clock)


class CaptureSink:
    """Takes the first value that each capture finds. `values` has them by their names, as texts."""

    interval: float | None = None
    takes_streaks = False

    def __init__(self, captures: Iterable[Capture]) -> None:
        self.values: dict[str, str] = {}
        self.missing = list(captures)
        """What was not found yet."""

    def show(self, items: Sequence[Item]) -> None:
        """Take what one chunk completed."""
        if self.missing:
            for item in items:
                if type(item) is Reading:
                    self._take(item)

    def tick(self, _now: float) -> None:
        """Do nothing."""

    def close(self, _summary: Summary) -> None:
        """Do nothing."""

    def _take(self, reading: Reading) -> None:
        try:
            data: Json = payload.decode(reading.event.data)
        except ValueError:
            return
        for capture in list(self.missing):
            value = capture.path.first(data)
            if value is not None:
                self.values[capture.name] = to_text(value)
                self.missing.remove(capture)


def _untold(judgement: Judgement) -> Judgement:
    """Return what is left of a judgement by what came until nothing more was wanted."""
    finding = Finding(claim=judgement.claim, holds=None, seen="not known: the run was ended")
    return Judgement(judgement.text, judgement.claim, None, (finding,))


def _text(reading: Reading) -> str:
    """Return an event for a report: its type, unless that says nothing, and its data."""
    event = reading.event
    head = "" if event.type == "message" else f"{event.type}: "
    return head + event.data[:_EVENT_CHARACTERS]
