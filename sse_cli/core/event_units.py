"""A recording taken apart at its events, and put together again with its chunks as they were.

A unit is what the decoder made something of (an event, a comment), with the bytes that it took, wherever
chunks were cut. Recordings are cut, changed and resumed between units. Nothing is held but the unit that has
begun.
"""

import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple, TypeAlias

import msgspec

from sse_cli.core.items import Chunk, Event, WireItem
from sse_cli.core.recording import Entry, Head
from sse_cli.core.wire.block import EOL
from sse_cli.core.wire.choose import DECODERS, choose
from sse_cli.core.wire.decoder import Decoder

_LINE = re.compile(rb"[^\r\n]*+(?:%b|\Z)" % EOL)
_PIECES = {
    # A comment has its blank line with it, where that comes with it.
    "sse": re.compile(rb":[^\r\n]*+%b%b|[^\r\n]*+(?:%b|\Z)" % (EOL, EOL, EOL)),
    "ndjson": re.compile(rb"[^\n]*+(?:\n|\Z)"),
    "json-array": re.compile(rb"[^}\],\s]*+(?:[}\],\s]|\Z)"),
    "text": re.compile(rb".*+\Z", re.DOTALL),  # a chunk is an event
    "lines": _LINE,
}
"""Where an event may end, by format: each piece that these find is given to the decoder alone."""


class Piece(NamedTuple):
    """Bytes of one chunk; `begins` tells whether a chunk begins with them."""

    data: bytes
    at: float
    begins: bool


class Unit(NamedTuple):
    """What the decoder gave at once, and the pieces it took; `last_event_id` is in force after it.

    `items` are none for bytes at the end of a connection that came to nothing.
    """

    pieces: tuple[Piece, ...]
    items: tuple[WireItem, ...]
    last_event_id: str

    @property
    def events(self) -> int:
        """How many events it is: one, or none for a comment. JSON scalars in a row may be several."""
        return sum(isinstance(item, Event) for item in self.items)

    @property
    def data(self) -> bytes:
        """Its bytes."""
        return b"".join(piece.data for piece in self.pieces)

    @property
    def at(self) -> float:
        """When the last of it came."""
        return self.pieces[-1].at


Step: TypeAlias = Unit | Entry
"""A unit, or an entry that is no chunk."""


def take_apart(entries: Iterable[Entry]) -> Iterator[Step]:
    """Give units in place of the chunks."""
    cutter = _Cutter(None)
    for entry in entries:
        if isinstance(entry, Chunk):
            yield from cutter.feed(entry)
            continue
        yield from cutter.end()
        cutter = _Cutter(content_type(entry) if isinstance(entry, Head) else None)
        yield entry
    yield from cutter.end()


def counted(steps: Iterable[Step]) -> Iterator[tuple[Step, int]]:
    """Give each step with the number of events that came before it."""
    events = 0
    for step in steps:
        yield step, events
        if isinstance(step, Unit):
            events += step.events


def put_together(steps: Iterable[Step]) -> Iterator[Entry]:
    """Give chunks in place of the units: one for each piece that begins one, with what follows it."""
    held: list[bytes] = []
    at = 0.0
    for step in steps:
        if isinstance(step, Unit):
            for piece in step.pieces:
                if piece.begins and held:
                    yield Chunk(b"".join(held), at)
                    held.clear()
                held.append(piece.data)
                at = piece.at
            continue
        if held:
            yield Chunk(b"".join(held), at)
            held.clear()
        yield step
    if held:
        yield Chunk(b"".join(held), at)


def time_of(step: Step) -> float:
    """Return when a step came."""
    if isinstance(step, Head):
        return step.response.at if step.response is not None else 0.0
    return step.at


def at_time(entry: Entry, at: float) -> Entry:
    """Return an entry as one that came at another time; a head without an answer has none."""
    if isinstance(entry, Chunk):
        return Chunk(entry.data, at)
    if not isinstance(entry, Head):
        return msgspec.structs.replace(entry, at=at)
    if entry.response is None:
        return entry
    return msgspec.structs.replace(entry, response=msgspec.structs.replace(entry.response, at=at))


def content_type(head: Head) -> str | None:
    """Return the content type of a connection's answer."""
    headers = head.response.headers if head.response is not None else ()
    return next((value for name, value in headers if name.lower() == "content-type"), None)


def _decoder(wire_format: str) -> Decoder:
    """Return a decoder without a bound: what it reads is in memory already."""
    return DECODERS[wire_format].decoder(max_event_bytes=sys.maxsize)


def format_of(content_type: str | None, body: bytes) -> str:
    """Return the wire format of a whole body, by its name in `DECODERS`."""
    choice = choose(content_type, body, final=True)
    return choice.name if choice is not None else "text"


class _Cutter:
    """Cuts the chunks of one connection."""

    def __init__(self, content_type: str | None) -> None:
        self._content_type = content_type
        self._decoder: Decoder | None = None
        self._cut = _LINE
        self._waiting: list[Chunk] = []  # until it is told what format they are
        self._pieces: list[Piece] = []  # of the unit that has begun
        self._late: Unit | None = None  # one that ends with a CR, to which an LF may belong

    def feed(self, chunk: Chunk) -> Iterator[Unit]:
        """Take a chunk; give the units that it completes."""
        if self._decoder is not None:
            yield from self._read(self._decoder, chunk)
            return
        self._waiting.append(chunk)
        yield from self._begin(final=False)

    def end(self) -> Iterator[Unit]:
        """Give what is left."""
        if self._decoder is None and self._waiting:
            yield from self._begin(final=True)
        yield from self._give_late()
        if self._pieces and self._decoder is not None:
            items = self._decoder.end(self._pieces[-1].at)
            yield self._unit(items, self._decoder)

    def _begin(self, *, final: bool) -> Iterator[Unit]:
        head = b"".join(chunk.data for chunk in self._waiting)
        choice = choose(self._content_type, head, final)
        if choice is None:
            return
        self._decoder, self._cut = _decoder(choice.name), _PIECES[choice.name]
        for chunk in self._waiting:
            yield from self._read(self._decoder, chunk)
        self._waiting.clear()

    def _read(self, decoder: Decoder, chunk: Chunk) -> Iterator[Unit]:
        data, at, begins = chunk.data, chunk.at, True
        start = 0  # of the unit, in this chunk
        if self._late is not None and data.startswith(b"\n"):
            self._late = self._late._replace(pieces=(*self._late.pieces, Piece(b"\n", at, True)))
            decoder.feed(b"\n", at)
            start, begins = 1, False
        yield from self._give_late()
        for match in self._cut.finditer(data, start):
            items = decoder.feed(match[0], at) if match[0] else []
            if items:
                self._pieces.append(Piece(data[start : match.end()], at, begins))
                start, begins = match.end(), False
                unit = self._unit(items, decoder)
                if start == len(data) and data.endswith(b"\r"):
                    self._late = unit
                else:
                    yield unit
        if start < len(data):
            self._pieces.append(Piece(data[start:], at, begins))

    def _unit(self, items: Sequence[WireItem], decoder: Decoder) -> Unit:
        unit = Unit(tuple(self._pieces), tuple(items), decoder.last_event_id)
        self._pieces.clear()
        return unit

    def _give_late(self) -> Iterator[Unit]:
        if self._late is not None:
            yield self._late
            self._late = None
