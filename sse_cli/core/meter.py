"""Times and counts in, figures out, under the field's names; where tools differ, by the rules of one of them.

The meter reads no clock: every time is an argument, in seconds of the monotonic clock. What was not
measured is None, never 0.
"""

from typing import Annotated, Any

import msgspec

from sse_cli.core.metrics import AIPERF, METRICS, Metrics, Output, per_later_token
from sse_cli.core.samples import Samples, Spread
from sse_cli.core.units import (
    COUNT,
    FLAG,
    GROUP,
    RATE,
    SHARE,
    SIZE,
    SIZE_RATE,
    TIME,
    WORD,
    Clock,
    Course,
    Told,
)


class Burst(msgspec.Struct, frozen=True, gc=False):
    """Events per chunk; `share` is that of the events which came in chunks of more than one."""

    mean: Annotated[float, Told(COUNT, "mean")]
    max: Annotated[int, Told(COUNT, "most", Course.GROWS)]
    share: Annotated[float, Told(SHARE, "share of those that came in a chunk of several")]


class Tokens(msgspec.Struct, frozen=True, gc=False):
    """Output tokens: the provider's count or, `estimated`, the number of events with output."""

    output: Annotated[int | None, Told(COUNT, "the provider's count or, estimated, of events with output")]
    estimated: Annotated[bool, Told(FLAG, "whether nobody but us counted")]


class Overhead(msgspec.Struct, frozen=True, gc=False):
    """What the program itself spent between a read and being ready for the next, in seconds."""

    p99: Annotated[float, Told(TIME, "99th percentile")]
    max: Annotated[float, Told(TIME, "greatest", Course.GROWS)]


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """All figures of one stream, by the rules of `metrics`. Times are seconds since the request was sent.

    What stands with each is told to those who assert something of it: see `vocabulary`.
    """

    metrics: Annotated[
        str, Told(WORD, "tool by whose rules it is measured", Course.ONCE, choices=tuple(METRICS))
    ]
    connect: Annotated[float | None, Told(TIME, "connected, TLS included", Course.ONCE)]
    headers: Annotated[float | None, Told(TIME, "head of the response", Course.ONCE, Clock.START)]
    first_byte: Annotated[float | None, Told(TIME, "first byte of the body", Course.ONCE, Clock.START)]
    first_event: Annotated[float | None, Told(TIME, "first event", Course.ONCE, Clock.START)]
    first_content: Annotated[float | None, Told(TIME, "first text or reasoning", Course.ONCE, Clock.START)]
    first_answer: Annotated[
        float | None, Told(TIME, "first text that is no reasoning", Course.ONCE, Clock.START)
    ]
    last_content: Annotated[float | None, Told(TIME, "last text or reasoning", Course.GROWS)]
    end: Annotated[float | None, Told(TIME, "end of the stream", Course.GROWS, Clock.START)]
    gap: Annotated[Spread | None, Told(TIME, "times between pieces of text", Course.ONCE)]
    event_gap: Annotated[Spread | None, Told(TIME, "times between events", Course.ONCE)]
    burst: Annotated[Burst | None, Told(GROUP, "events in one chunk", Course.ONCE)]
    tokens: Annotated[Tokens, Told(GROUP, "output tokens")]
    itl: Annotated[float | None, Told(TIME, "latency between tokens")]
    tpot: Annotated[float | None, Told(TIME, "time per output token")]
    tokens_per_second: Annotated[float | None, Told(RATE, "output tokens after the first")]
    reported_tps: Annotated[float | None, Told(RATE, "output tokens, in the server's own words")]
    events: Annotated[int, Told(COUNT, "events", Course.GROWS)]
    chunks: Annotated[int, Told(COUNT, "reads that gave something", Course.GROWS)]
    bytes: Annotated[int, Told(SIZE, "bytes of the body", Course.GROWS)]
    pings: Annotated[int, Told(COUNT, "events that only say that the connection lives", Course.GROWS)]
    comments: Annotated[int, Told(COUNT, "comments", Course.GROWS)]
    anomalies: Annotated[int, Told(COUNT, "what a parser must drop or work around", Course.GROWS)]
    reconnects: Annotated[int, Told(COUNT, "connections after the first", Course.GROWS)]
    events_per_second: Annotated[float | None, Told(RATE, "events since the first byte")]
    bytes_per_second: Annotated[float | None, Told(SIZE_RATE, "bytes since the first byte")]
    longest_silence: Annotated[
        float | None, Told(TIME, "longest time without a byte", Course.GROWS, Clock.BYTE)
    ]
    overhead: Annotated[
        Overhead | None, Told(GROUP, "what the program itself cost between two reads", Course.ONCE)
    ]


class Meter:
    """Note what happens, when it happens; ask for the figures at any time.

    `start` is the time right before the request was sent; for a file, leave it None and the first chunk
    is the start. What `metrics` takes for output is for the caller to count.
    """

    def __init__(self, start: float | None = None, metrics: Metrics = AIPERF) -> None:
        self.start = start
        self.metrics = metrics
        self.events = self.pings = self.chunks = self.bytes = 0
        self.comments = self.anomalies = self.reconnects = 0
        self.reported_tps: float | None = None
        self.output_tokens: int | None = None
        self.last_event_at: float | None = None
        self._connected: float | None = None
        self.opened_at: float | None = None
        self._first_byte: float | None = None
        self._first_event: float | None = None
        self._first_content: float | None = None
        self._first_answer: float | None = None
        self._last_content: float | None = None
        self.last_byte_at: float | None = None
        self._closed: float | None = None
        self._silence = 0.0
        self._pieces = 0
        self._gaps = Samples()
        self._event_gaps = Samples()
        self._overheads = Samples()
        self._busy_chunks = 0
        self._largest_burst = 0
        self._burst_events = 0

    def note_connected(self, at: float) -> None:
        """The first connection stands, TLS included."""
        if self._connected is None:
            self._connected = at

    def note_opened(self, at: float) -> None:
        """A response's head came; `headers` is the time of the first."""
        if self.opened_at is None:
            self.opened_at = at
            if self.start is not None:  # a proxy that cuts idle connections counts from the request
                self._silence = at - self.start
        elif self.last_byte_at is not None:
            self._silence = max(self._silence, at - self.last_byte_at)
        self.last_byte_at = at

    def note_chunk(self, size: int, at: float) -> None:
        """One read of the body gave `size` bytes."""
        if self.start is None:
            self.start = at
        if self._first_byte is None:
            self._first_byte = at
        if self.last_byte_at is not None:
            self._silence = max(self._silence, at - self.last_byte_at)
        self.last_byte_at = at
        self.chunks += 1
        self.bytes += size

    @property
    def news(self) -> int:
        """How many events came that are no pings."""
        return self.events - self.pings

    def note_events(self, count: int, at: float, pings: int = 0) -> None:
        """One chunk completed `count` events; of those, `pings` only say that the connection lives."""
        self.events += count
        self.pings += pings
        self._busy_chunks += 1
        self._largest_burst = max(self._largest_burst, count)
        if count > 1:
            self._burst_events += count
        if count > pings:
            if self._first_event is None:
                self._first_event = at
            _add_gaps(self._event_gaps, self.last_event_at, count - pings, at)
            self.last_event_at = at

    def note_content(self, count: int, answers: int, at: float, *, are_tokens: bool = True) -> None:
        """One chunk completed `count` events with output, `answers` of them with more than reasoning.

        They stand for tokens where nobody counts those, unless they are not of a model's answer.
        """
        if answers and self._first_answer is None:
            self._first_answer = at
        if self._first_content is None:
            self._first_content = at
        _add_gaps(self._gaps, self._last_content, count, at)
        self._last_content = at
        if are_tokens:
            self._pieces += count

    def begin_anew(self) -> None:
        """Another answer begins: what its text and its tokens tell is no more the one before's."""
        self._first_content = self._first_answer = self._last_content = None
        self.output_tokens = self.reported_tps = None
        self._pieces, self._gaps = 0, Samples()

    def note_overhead(self, seconds: float) -> None:
        """The program took so long from a read to being ready for the next."""
        self._overheads.add(seconds)

    def note_closed(self, at: float) -> None:
        """The stream ended."""
        self._closed = at
        if self.last_byte_at is not None:
            self._silence = max(self._silence, at - self.last_byte_at)

    def figures(self, now: float) -> Figures:
        """Return the figures as of `now`; a closed stream's do not depend on it."""
        end = self._closed if self._closed is not None else now
        overhead = self._overheads.spread()
        metrics, gap = self.metrics, self._gaps.spread(self.metrics.percentile)
        output = self._output(gap)
        later = per_later_token(output) if output else None
        return Figures(
            metrics=metrics.name,
            connect=self._since_start(self._connected),
            headers=self._since_start(self.opened_at),
            first_byte=self._since_start(self._first_byte),
            first_event=self._since_start(self._first_event),
            first_content=self._since_start(self._first_content),
            first_answer=self._since_start(self._first_answer),
            last_content=self._since_start(self._last_content),
            end=self._since_start(end),
            gap=gap,
            event_gap=self._event_gaps.spread(metrics.percentile),
            burst=self._burst(),
            tokens=self._tokens(),
            itl=metrics.itl(output) if output else None,
            tpot=metrics.tpot(output) if output else None,
            tokens_per_second=1 / later if later else None,
            reported_tps=self.reported_tps,
            events=self.events,
            chunks=self.chunks,
            bytes=self.bytes,
            pings=self.pings,
            comments=self.comments,
            anomalies=self.anomalies,
            reconnects=self.reconnects,
            events_per_second=self._per_second(self.events, end),
            bytes_per_second=self._per_second(self.bytes, end),
            longest_silence=self._longest_silence(end),
            overhead=Overhead(overhead.p99, overhead.max) if overhead else None,
        )

    def so_far(self, now: float) -> dict[str, Any]:
        """Return the figures that are more than a guess while the stream goes on, cheaply, as of `now`.

        They are in plain values under their own names: all that do not come `LATE`.
        """
        end = self._closed if self._closed is not None else now
        overhead = self._overheads.extent
        times = {
            "connect": self._connected,
            "headers": self.opened_at,
            "first_byte": self._first_byte,
            "first_event": self._first_event,
            "first_content": self._first_content,
            "first_answer": self._first_answer,
            "last_content": self._last_content,
            "end": end,
        }
        return {
            "metrics": self.metrics.name,
            **{name: plain(self._since_start(at)) for name, at in times.items()},
            "gap": _extent(self._gaps),
            "event_gap": _extent(self._event_gaps),
            "burst": {"max": self._largest_burst} if self._busy_chunks else None,
            "events": self.events,
            "chunks": self.chunks,
            "bytes": self.bytes,
            "pings": self.pings,
            "comments": self.comments,
            "anomalies": self.anomalies,
            "reconnects": self.reconnects,
            "longest_silence": plain(self._longest_silence(end)),
            "overhead": overhead and {"max": plain(overhead[2])},
        }

    def _longest_silence(self, end: float) -> float | None:
        return None if self.last_byte_at is None else max(self._silence, end - self.last_byte_at)

    def _since_start(self, at: float | None) -> float | None:
        return None if at is None or self.start is None else at - self.start

    def _per_second(self, count: int, end: float) -> float | None:
        if self._first_byte is None or end <= self._first_byte:
            return None
        return count / (end - self._first_byte)

    def _tokens(self) -> Tokens:
        if self.output_tokens is not None:
            return Tokens(self.output_tokens, estimated=False)
        return Tokens(self._pieces or None, estimated=self._pieces > 0)

    def _output(self, gap: Spread | None) -> Output | None:
        first, last = self._since_start(self._first_content), self._since_start(self._last_content)
        if first is None or last is None:
            return None
        return Output(first, last, self._tokens().output, gap)

    def _burst(self) -> Burst | None:
        if not self._busy_chunks:
            return None
        return Burst(self.events / self._busy_chunks, self._largest_burst, self._burst_events / self.events)


def plain(value: Any) -> Any:
    """Return a figure for JSON, times to the microsecond: more digits would be noise."""
    if isinstance(value, msgspec.Struct):
        return {name: plain(inner) for name, inner in msgspec.structs.asdict(value).items()}
    return round(value, 6) if isinstance(value, float) else value


def _extent(samples: Samples) -> dict[str, float] | None:
    extent = samples.extent
    return extent and dict(zip(("n", "min", "max"), map(plain, extent), strict=True))


def _add_gaps(samples: Samples, last: float | None, count: int, at: float) -> None:
    """Add the gaps before `count` pieces that came together: one to the last piece, and none between them."""
    if last is not None:
        samples.add(at - last)
    if count > 1:
        samples.add(0.0, count - 1)
