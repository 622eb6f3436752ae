"""Joins wire, dialect, paths and meter: chunks in, items for the sinks out."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import msgspec

from sse_cli.core.attempts import Attempts
from sse_cli.core.dialects.rules import Dialect
from sse_cli.core.expressions import Expression
from sse_cli.core.extract import NamedPath, Walk, extractor
from sse_cli.core.interpreter import Interpreter
from sse_cli.core.items import (
    Anomaly,
    Chunk,
    Closed,
    Comment,
    Event,
    Extracted,
    Item,
    Json,
    Opened,
    Part,
    Reading,
    Streak,
    WireItem,
)
from sse_cli.core.meter import Meter
from sse_cli.core.metrics import AIPERF, Metrics
from sse_cli.core.payload import LazyPayload
from sse_cli.core.verdict import Evidence
from sse_cli.core.wire.choose import DECODERS, Choice, choose
from sse_cli.core.wire.decoder import Decoder
from sse_cli.core.wire.json_values import JsonDecoder
from sse_cli.core.wire.limits import MAX_EVENT_BYTES
from sse_cli.core.wire.sse import SseDecoder

if TYPE_CHECKING:  # only for a run that reconnects
    from sse_cli.core.resume import Resume
    from sse_cli.core.watch import Watch

EXCERPT = 2048
"""Bytes of a body that are shown where it is no stream."""


def to_excerpt(body: bytes) -> str:
    """Return the beginning of a body as text to be shown; of a binary one, only that it is one."""
    text = body[:EXCERPT].decode("utf-8", "replace").strip()
    return "(binary)" if "\0" in text or text.count("\ufffd") * 4 > len(text) else text


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What is wanted of a stream: how to read it, what to choose, when to stop.

    `dialects` are the user's own: they come before the bundled ones, and replace those of the same name.
    """

    decode: str = "auto"
    dialect: str = "auto"
    dialects: tuple[Dialect, ...] = ()
    metrics: Metrics = AIPERF
    paths: tuple[NamedPath, ...] = ()
    where: tuple[Expression, ...] = ()
    events: frozenset[str] = frozenset()
    until: Expression | None = None
    max_events: int | None = None
    max_bytes: int | None = None
    max_event_bytes: int = MAX_EVENT_BYTES
    last_event_id: str = ""


class Pipeline:
    """Feed it one run: `open` with the response's head, `feed` with each chunk, `end` at the end.

    A run of several connections has `end_connection` and `reopen` between each two: the buffer and the BOM
    start anew, while the last event id and the retry time go on (WHATWG HTML, section 9.2.3).

    `stop` becomes a sentence once one of the plan's limits is reached: the rest of that chunk is dropped.
    """

    def __init__(self, plan: Plan, meter: Meter) -> None:
        self.plan = plan
        self.meter = meter
        meter.metrics = plan.metrics
        self._extract = extractor(plan.paths)
        self._count, self._counts_empty = plan.metrics.count, plan.metrics.counts_empty
        self._takes_all = not (plan.events or plan.where or plan.until or plan.max_events is not None)
        self._interpreter = Interpreter(plan.dialect, plan.dialects)
        self.answer = self._interpreter.answer
        self.stop: str | None = None
        self.shown = 0
        self._decoder: Decoder | None = None
        self._choice: Choice | None = None
        self._content_type: str | None = None
        self._is_response = False  # a file has no content type, which is no anomaly
        self._head = b""
        self._allows_streaks = False
        self._is_cut = False  # whether the stream ended inside an event
        self._excerpt = b""
        self.attempts = Attempts()
        self.last_event_id = plan.last_event_id  # in force when the connection began; see `id_in_force`
        self._retry: int | None = None
        self._watch: Watch | None = None
        self._has_ended = False
        self._bytes_before = self._events_before = 0  # of the connections before this one
        if plan.decode != "auto":
            self._begin(Choice(plan.decode, None, True))

    @property
    def dialect(self) -> str | None:
        """The dialect's name, forced or recognised."""
        known = self._known_dialect
        return known.name if known is not None else None

    @property
    def decoder(self) -> str | None:
        """The wire format's name, once it is known."""
        return self._choice.name if self._choice else None

    @property
    def excerpt(self) -> str:
        """The beginning of a body that is no stream and was not shown as an event."""
        return to_excerpt(self._excerpt) if self._choice else ""

    def open(self, opened: Opened) -> None:
        """The response's head came: its content type says how the body is to be read."""
        self._content_type = opened.header("content-type")
        self._is_response = True
        self.meter.note_opened(opened.at)
        if self._watch is not None:
            self._watch.open(opened)

    def watch(self) -> None:
        """Keep what is needed to go on over several connections; count what comes twice or not at all."""
        from sse_cli.core.watch import Watch  # most runs have one connection

        self._watch = Watch(self.attempts.ids)

    def resume(self) -> "Resume | None":
        """Return how the dialect has the rest asked for; None if it has no way, or does not know it yet."""
        if self._watch is None:
            return None
        if self._interpreter.reader is None:
            self._interpreter.look_at_headers(self._watch.header_names | self.attempts.header_names)
        return self._watch.resume(self.id_in_force, self._known_dialect)

    @property
    def can_resume(self) -> bool:
        """Whether the dialect knows a way to ask for the rest of an answer."""
        return self._known_dialect is not None and self._known_dialect.resume() is not None

    @property
    def has_begun(self) -> bool:
        """Whether some of an answer came, which its dialect reads."""
        return self.dialect is not None and self.meter.events > 0

    @property
    def ends_quietly(self) -> bool:
        """Whether the dialect is known, and whole answers in it have neither end marker nor finish reason."""
        reader = self._interpreter.reader
        return reader is not None and not reader.marker_due and not reader.finish_due

    @property
    def _known_dialect(self) -> Dialect | None:
        reader = self._interpreter.reader
        return reader.dialect if reader is not None else None

    @property
    def id_in_force(self) -> str:
        """The last event id, as the next request has to send it."""
        return self._decoder.last_event_id if self._decoder is not None else self.last_event_id

    @property
    def retry(self) -> int | None:
        """The reconnection time that the server set, in milliseconds, or None."""
        return self._decoder.retry if self._decoder is not None else self._retry

    @property
    def is_event_stream(self) -> bool:
        """Whether the answer is what EventSource reads: its type is that of SSE, or --decode says so."""
        essence = (self._content_type or "").partition(";")[0].strip().lower()
        return self.plan.decode == "sse" or (self.plan.decode == "auto" and essence == "text/event-stream")

    @property
    def is_finished(self) -> bool:
        """Whether the answer is whole, by its end marker or finish reason: it is not asked for again."""
        return self.answer.is_over or self.answer.finish is not None

    @property
    def events_of_connection(self) -> int:
        """How many events this connection gave."""
        return self.meter.events - self._events_before

    def reopen(self, *, anew: bool = False) -> None:
        """Another connection begins: what belongs to one starts anew, and with `anew` the answer does."""
        self.last_event_id, self._retry = self.id_in_force, self.retry
        if self._watch is not None:
            self._watch.reopen(anew=anew)
        if anew:
            self._interpreter.begin_anew()
            self.meter.begin_anew()
        self.answer.go_on()
        self._decoder = self._choice = self._content_type = None
        self._head = self._excerpt = b""
        self._is_cut = self._has_ended = False
        self._bytes_before, self._events_before = self.meter.bytes, self.meter.events
        if self.plan.decode != "auto":
            self._begin(Choice(self.plan.decode, None, True))

    def allow_streaks(self) -> None:
        """Let events that came in one read, and are alike, be given as one item, where the plan allows it."""
        paths = self.plan.paths
        plain = not paths or (len(paths) == 1 and isinstance(paths[0].path, Walk))
        self._allows_streaks = plain and self._takes_all and not self._counts_empty

    def feed(self, chunk: Chunk) -> list[Item]:
        """Take the next bytes; return the chunk itself and what it completed and is chosen."""
        self.meter.note_chunk(len(chunk.data), chunk.at)
        items: list[Item] = [chunk]
        decoder = self._decoder
        data = chunk.data
        if decoder is None:
            self._head += data
            if not self._choose(items, chunk.at, final=False):
                return items
            assert self._decoder is not None
            decoder, data, self._head = self._decoder, self._head, b""
        self._decode(decoder, data, chunk.at, items)
        limit = self.plan.max_bytes
        if limit is not None and self.meter.bytes >= limit and self.stop is None:
            self.stop = f"{self.meter.bytes:,} bytes came (--max-bytes)"
        return items

    def end(self, at: float) -> list[Item]:
        """The stream ended: return what was still held."""
        items = self.end_connection(at)
        if self._decoder is not None and self.stop is None:
            self._interpreter.end()
            self._tell_unlike(at, items)
        return items

    def end_connection(self, at: float) -> list[Item]:
        """The connection ended, and perhaps not the stream: return what was still held."""
        items: list[Item] = []
        if self._has_ended:
            return items
        self._has_ended = True
        if self._decoder is None and self._head and self._choose(items, at, final=True):
            assert self._decoder is not None
            self._decode(self._decoder, self._head, at, items)
        if self._decoder is not None and self.stop is None:
            self._take(self._decoder.end(at), at, items)
            if isinstance(self._decoder, JsonDecoder) and self._decoder.in_array and not self._is_cut:
                self._interpreter.end_array()
        return items

    def refuse(self, body: bytes) -> None:
        """The request was refused; `body` is the beginning of what the server says of it."""
        self._interpreter.read_refusal(body)

    def close(self, closed: Closed) -> Evidence:
        """Return what the whole run gave, for the verdict."""
        self.meter.note_closed(closed.at)
        answer, reader = self.answer, self._interpreter.reader
        ending, detail = closed.reason, closed.detail
        if ending == "eof" and self.meter.bytes > self._bytes_before and not self._is_stream():
            ending, detail = "not-a-stream", self._not_a_stream()
        return Evidence(
            ending=ending,
            detail=detail,
            events=self.meter.events,
            inside_event=self._is_cut,
            dialect=self.dialect,
            marker_due=reader is not None and reader.marker_due,
            finish_due=reader is not None and reader.finish_due,
            done=answer.done is not None,
            finish=answer.finish.reason if answer.finish else None,
            cut=answer.finish is not None and answer.finish.cut,
            error=answer.failure.message if answer.failure else None,
        )

    def _decode(self, decoder: Decoder, data: bytes, at: float, items: list[Item]) -> None:
        if self._choice is not None and not self._choice.stream:  # a page or a picture has no events
            if len(self._excerpt) < EXCERPT:
                self._excerpt += data
            return
        self._take(decoder.feed(data, at), at, items)

    def _choose(self, items: list[Item], at: float, *, final: bool) -> bool:
        choice = choose(self._content_type, self._head, final)
        if choice is None:
            return False
        if choice.sniffed is not None and self._is_response:
            self.meter.anomalies += 1
            items.append(Anomaly("sniffed", choice.sniffed, at))
        self._begin(choice)
        return True

    def _begin(self, choice: Choice) -> None:
        self._choice = choice
        make = DECODERS[choice.name].decoder
        self._decoder = make(
            last_event_id=self.last_event_id,
            number=self.meter.events,
            max_event_bytes=self.plan.max_event_bytes,
        )
        self._decoder.retry = self._retry
        if isinstance(self._decoder, SseDecoder) and self._allows_streaks:
            self._decoder.find_streak = self._find_streak

    def _find_streak(self, blocks: bytes, at: float) -> Streak | None:
        if self._watch is not None and self._watch.reads_data:
            return None
        path = self.plan.paths[0].path if self.plan.paths else None
        way = (*path.steps, *path.tail) if isinstance(path, Walk) else None
        return self._interpreter.find_streak(blocks, at, way)

    def _is_stream(self) -> bool:
        """Tell a stream from a plain answer: a page, a picture, or a body that is one JSON document."""
        if self._choice is None or not self._choice.stream:
            return False
        if isinstance(self._decoder, JsonDecoder) and self.plan.decode == "auto":
            return self._decoder.in_array or self._decoder.values > 1
        return True

    def _not_a_stream(self) -> str:
        shown = ", shown as one event" if self.events_of_connection == 1 else ""
        size = f"({self.meter.bytes - self._bytes_before:,} bytes){shown}"
        if not self._is_response:
            kind = "one JSON document" if shown else "binary, or a page"
            return f"the input is {kind} {size}"
        kind = (self._content_type or "no content type").partition(";")[0].strip()
        return f"the server answered {kind} {size}"

    def _take(self, wire_items: Sequence[WireItem], at: float, items: list[Item]) -> None:
        """Read what one chunk completed, and note its figures: once per chunk, not per event."""
        events = pieces = answers = 0
        interpreter, extract, count = self._interpreter, self._extract, self._count_content
        pings_before = interpreter.pings
        for item in wire_items:
            if isinstance(item, Event):
                events += 1
                get = LazyPayload(item.data)
                parts = interpreter.read(item, get)
                extracted = extract(get) if extract is not None else ()
                if parts or extracted or self._counts_empty:
                    piece, answer = count(parts, extracted, get)
                    pieces += piece
                    answers += answer
                if self._takes_all:
                    self.shown += 1
                    items.append(Reading(item, parts, extracted))
                else:
                    self._choose_reading(Reading(item, parts, extracted), get, items)
                if interpreter.unlike is not None:
                    self._tell_unlike(at, items)
                if self.stop is not None:
                    break
            elif isinstance(item, Streak):
                count_of = len(item.texts)
                piece, answer = self._count((item.kind(item.texts[0], item.choice),), _no_payload)
                events += count_of
                pieces += piece * count_of
                answers += answer * count_of
                self.shown += count_of
                items.append(item)
            else:
                self._take_aside(item, items)
        if self._watch is not None:
            self._watch.note(wire_items, self._known_dialect)
        if events:
            self.meter.note_events(events, at, interpreter.pings - pings_before)
            self._note_words()
        if pieces:
            self.meter.note_content(pieces, answers, at, are_tokens=interpreter.reader is not None)

    def _tell_unlike(self, at: float, items: list[Item]) -> None:
        if self._interpreter.unlike is not None:
            self.meter.anomalies += 1
            items.append(Anomaly("unlike-dialect", self._interpreter.unlike, at))
            self._interpreter.unlike = None

    def _note_words(self) -> None:
        """Note the provider's own word on its tokens and its speed."""
        if self.answer.usage is not None:
            self.meter.output_tokens = self.answer.usage.output
        if self.answer.rate is not None:
            self.meter.reported_tps = self.answer.rate.tokens_per_second

    def _take_aside(self, item: Comment | Anomaly, items: list[Item]) -> None:
        """Note what is no event, and what it says of the whole."""
        items.append(item)
        if type(item) is Anomaly:
            self.meter.anomalies += 1
            self._is_cut = self._is_cut or item.kind == "cut-event"
            self._interpreter.read_anomaly(item)
        else:
            self.meter.comments += 1

    def _choose_reading(self, reading: Reading, get: Callable[[], Json], items: list[Item]) -> None:
        """Add a reading to the items if it is chosen, and see whether it is the last one wanted."""
        plan, event = self.plan, reading.event
        if not plan.events or event.type in plan.events:
            for test in plan.where:
                if not test.test(event, get):
                    break
            else:
                self.shown += 1
                items.append(reading)
        if plan.until is not None and plan.until.test(event, get):
            self.stop = f"event {event.number} met --until {plan.until.text}"
        elif plan.max_events is not None and self.shown >= plan.max_events:
            self.stop = f"{self.shown:,} event{'' if self.shown == 1 else 's'} came (--max-events)"

    def _count_content(
        self, parts: tuple[Part, ...], extracted: tuple[Extracted, ...], get: Callable[[], Json]
    ) -> tuple[int, int]:
        """Return whether an event is output, and whether it is answer text: 1 or 0 each.

        The plan's metrics tell or, where no dialect reads the stream, the user's paths, by finding something.
        """
        if self._interpreter.reader is None:
            found = int(any(each.value not in (None, "") for each in extracted))
            return found, found
        return self._count(parts, get)


def _no_payload() -> Json:
    raise ValueError("a streak has none")
