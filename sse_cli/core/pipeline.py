"""Joins wire, dialect, paths and meter: chunks in, items for the sinks out."""

from collections.abc import Callable, Sequence
from contextlib import suppress

import msgspec

from sse_cli.core import payload
from sse_cli.core.answer import Answer
from sse_cli.core.dialects.recognise import Recogniser, dialect
from sse_cli.core.dialects.rules import Reader
from sse_cli.core.expressions import Expression
from sse_cli.core.extract import NamedPath
from sse_cli.core.items import (
    Anomaly,
    Chunk,
    Closed,
    Comment,
    Content,
    Done,
    Event,
    Extracted,
    Item,
    Json,
    Opened,
    Part,
    Rate,
    Reading,
    Reasoning,
    Usage,
    WireItem,
)
from sse_cli.core.meter import Meter
from sse_cli.core.verdict import Evidence
from sse_cli.core.wire.choose import DECODERS, Choice, choose
from sse_cli.core.wire.decoder import Decoder
from sse_cli.core.wire.json_values import JsonDecoder
from sse_cli.core.wire.limits import MAX_EVENT_BYTES
from sse_cli.core.wire.sse import SseDecoder

EXCERPT = 2048
"""Bytes of a body that are shown where it is no stream."""


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What is wanted of a stream: how to read it, what to choose, when to stop."""

    decode: str = "auto"
    dialect: str = "auto"
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

    `stop` becomes a sentence once one of the plan's limits is reached: the rest of that chunk is dropped.
    """

    def __init__(self, plan: Plan, meter: Meter) -> None:
        self.plan = plan
        self.meter = meter
        self.answer = Answer()
        self.stop: str | None = None
        self.shown = 0
        self._decoder: Decoder | None = None
        self._choice: Choice | None = None
        self._content_type: str | None = None
        self._head = b""
        self._is_cut = False  # whether the stream ended inside an event
        self._excerpt = b""
        self._reader: Reader | None = None
        self._recogniser: Recogniser | None = None
        if plan.dialect == "auto":
            self._recogniser = Recogniser()
        elif plan.dialect != "none":
            self._reader = Reader(dialect(plan.dialect))
        if plan.decode != "auto":
            self._begin(Choice(plan.decode, None, True))

    @property
    def dialect(self) -> str | None:
        """The dialect's name, forced or recognised."""
        return self._reader.dialect.name if self._reader else None

    @property
    def decoder(self) -> str | None:
        """The wire format's name, once it is known."""
        return self._choice.name if self._choice else None

    @property
    def excerpt(self) -> str:
        """The beginning of a body that is no stream and was not shown as an event."""
        return self._excerpt[:EXCERPT].decode("utf-8", "replace").strip() if self._choice else ""

    def open(self, opened: Opened) -> None:
        """The response's head came: its content type says how the body is to be read."""
        self._content_type = opened.header("content-type")
        self.meter.note_opened(opened.at)

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
        items: list[Item] = []
        if self._decoder is None and self._head and self._choose(items, at, final=True):
            assert self._decoder is not None
            self._decode(self._decoder, self._head, at, items)
        if self._decoder is not None and self.stop is None:
            self._take(self._decoder.end(at), at, items)
        return items

    def close(self, closed: Closed) -> Evidence:
        """Return what the whole run gave, for the verdict."""
        self.meter.note_closed(closed.at)
        answer, reader = self.answer, self._reader
        ending, detail = closed.reason, closed.detail
        if ending == "eof" and self.meter.bytes and not self._is_stream():
            ending, detail = "not-a-stream", self._not_a_stream()
        return Evidence(
            ending=ending,
            detail=detail,
            events=self.meter.events,
            inside_event=self._is_cut,
            dialect=self.dialect,
            marker_due=reader is not None and reader.marker_due,
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
        if choice.sniffed is not None:
            self.meter.anomalies += 1
            items.append(Anomaly("sniffed", choice.sniffed, at))
        self._begin(choice)
        return True

    def _begin(self, choice: Choice) -> None:
        self._choice = choice
        make = DECODERS[choice.name].decoder
        self._decoder = make(last_event_id=self.plan.last_event_id, max_event_bytes=self.plan.max_event_bytes)

    def _is_stream(self) -> bool:
        """Tell a stream from a plain answer: a page, a picture, or a body that is one JSON document."""
        if self._choice is None or not self._choice.stream:
            return False
        if isinstance(self._decoder, JsonDecoder) and self.plan.decode == "auto":
            return self._decoder.in_array or self._decoder.values > 1
        return True

    def _not_a_stream(self) -> str:
        kind = (self._content_type or "no content type").partition(";")[0].strip()
        shown = ", shown as one event" if self.meter.events == 1 else ""
        return f"the server answered {kind} ({self.meter.bytes:,} bytes){shown}"

    def _take(self, wire_items: Sequence[WireItem], at: float, items: list[Item]) -> None:
        """Read what one chunk completed, and note its figures: once per chunk, not per event."""
        events = pieces = answers = 0
        for item in wire_items:
            if isinstance(item, Event):
                events += 1
                get = _Payload(item.data)
                reading = self._read(item, get)
                if reading.parts or reading.extracted:
                    piece, answer = self._count_content(reading)
                    pieces += piece
                    answers += answer
                self._show(reading, get, items)
                if self.stop is not None:
                    break
            else:
                self._note_aside(item)
                items.append(item)
                if type(item) is Anomaly and self._reader is not None:
                    self._read_ignored(item)
        if events:
            self.meter.note_events(events, at)
        if pieces:
            self.meter.note_content(pieces, answers, at)

    def _note_aside(self, item: Comment | Anomaly) -> None:
        if isinstance(item, Comment):
            self.meter.comments += 1
        else:
            self.meter.anomalies += 1
            self._is_cut = self._is_cut or item.kind == "cut-event"

    def _read(self, event: Event, get: Callable[[], Json]) -> Reading:
        reader = self._reader
        if reader is None and self._recogniser is not None:
            reader = self._recognise(event, get)
        parts: tuple[Part, ...] = ()
        if reader is not None:
            parts = reader.read(event, get)
            if parts:
                self._note_parts(parts)
        extracted = self._extract(get) if self.plan.paths else ()
        return Reading(event, parts, extracted)

    def _recognise(self, event: Event, get: Callable[[], Json]) -> Reader | None:
        assert self._recogniser is not None
        known = self._recogniser.look(event, get)
        if known is not None:
            self._reader = Reader(known)
        if known is not None or self._recogniser.tired:
            self._recogniser = None
        return self._reader

    def _read_ignored(self, anomaly: Anomaly) -> None:
        """Read what SSE ignores and the dialect does not: a field of its own, an event without data."""
        assert self._reader is not None
        if anomaly.kind == "unknown-field":
            name, _, data = anomaly.detail.partition(":")
            if name not in self._reader.dialect.fields:
                return
        elif anomaly.kind == "no-data":
            name, data = anomaly.detail, ""
        elif anomaly.kind == "cut-event":
            self._read_cut_marker(anomaly)
            return
        else:
            return
        event = Event(name, data.strip(), None, "", None, b"", anomaly.at, 0)
        self._note_parts(self._reader.read(event, _Payload(event.data)))

    def _read_cut_marker(self, anomaly: Anomaly) -> None:
        """Take the end marker for come where only the blank line after it is missing."""
        assert self._reader is not None
        for item in SseDecoder().feed(anomaly.detail.encode() + b"\n\n", anomaly.at):
            if isinstance(item, Event):
                parts = self._reader.read(item, _Payload(item.data))
                self._note_parts([part for part in parts if type(part) is Done])

    def _note_parts(self, parts: Sequence[Part]) -> None:
        for part in parts:
            self.answer.take(part)
            if type(part) is Usage:
                self.meter.output_tokens = part.output
            elif type(part) is Rate:
                self.meter.reported_tps = part.tokens_per_second

    def _extract(self, get: Callable[[], Json]) -> tuple[Extracted, ...]:
        try:
            value = get()
        except ValueError:
            return ()
        return tuple(
            Extracted(named.name, found) for named in self.plan.paths for found in named.path.find(value)
        )

    def _show(self, reading: Reading, get: Callable[[], Json], items: list[Item]) -> None:
        """Add a chosen reading to the items, and see whether it is the last one wanted."""
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

    def _count_content(self, reading: Reading) -> tuple[int, int]:
        """Return how many pieces of a reading count for the gaps, and how many of them are answer text.

        Those are a dialect's non-empty content and reasoning or, where no dialect reads the stream, what
        the user's paths found.
        """
        if self._reader is None:
            found = sum(1 for extracted in reading.extracted if extracted.value not in (None, ""))
            return found, found
        content = sum(1 for part in reading.parts if type(part) is Content)
        return content + sum(1 for part in reading.parts if type(part) is Reasoning), content


class _Payload:
    """An event's data, decoded when it is first asked for and at most once. Raises ValueError if not JSON."""

    __slots__ = ("_data", "_value")

    def __init__(self, data: str) -> None:
        self._data: str | None = data
        self._value: Json = None

    def __call__(self) -> Json:
        if self._data is not None:
            self._value = _NOT_JSON
            data, self._data = self._data, None
            if data[:1] in _JSON_STARTS:
                with suppress(ValueError):
                    self._value = payload.decode(data)
        if self._value is _NOT_JSON:
            raise payload.NotJson("the data is not JSON")
        return self._value


_NOT_JSON = object()
_JSON_STARTS = frozenset('{["-0123456789tfn \n\t')
