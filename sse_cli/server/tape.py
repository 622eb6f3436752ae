"""What is played: a recording, or a plain file made one, and where in it the answer to a request begins."""

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

import msgspec

from sse_cli.core.event_units import Unit, at_time, take_apart, time_of
from sse_cli.core.items import ENDED, Chunk, Event, Fault
from sse_cli.core.pace import Pace
from sse_cli.core.recording import End, Entry, Exchange, Recording, gather


class Start(NamedTuple):
    """Where an answer begins: in which connection, after how many bytes of its body, and at what time."""

    connection: int
    offset: int = 0
    at: float = 0.0


class _Place(NamedTuple):
    """What follows an event: where it is, and whether another event follows in the same connection."""

    start: Start
    has_more: bool


class Tape:
    """One recording, ready to be played. `name` is what people call it.

    Each connection's times are counted from its own request. `methods` are None where any is answered.
    """

    def __init__(self, name: str, connections: Sequence[Exchange], methods: frozenset[str] | None) -> None:
        asked = connections[0].head.request
        parts = urlsplit(asked.url)
        self.name = name
        self.connections = connections
        self.methods = methods
        self.path = unquote(parts.path) or "/"
        self.query = parts.query
        self.body = asked.body

    def starts(self, last_event_id: str) -> Sequence[Start]:
        """Return where requests with this id begin, each a turn further on; nowhere if there is no more.

        An id leads to what comes after its event; without one that is known, it is the first connection.
        Connections that gave no id, such as a refusal, leave their client as it was, and come in turn.
        """
        place = self._places.get(last_event_id) if last_event_id else None
        if place is None:
            return self._from(0)
        return [place.start] if place.has_more else self._from(place.start.connection + 1)

    def knows(self, last_event_id: str) -> bool:
        """Tell whether it has an event with this id."""
        return bool(last_event_id) and last_event_id in self._places

    def entries(self, start: Start) -> Iterator[Entry]:
        """Give the head, the chunks and the end of an answer, its times counted from the request."""
        connection = self.connections[start.connection]
        head, end = connection.head, connection.end
        assert isinstance(end, End)
        if not start.offset:
            yield head
            yield from connection.chunks
            yield end
            return
        yield at_time(head, 0.0)
        left = start.offset
        for chunk in connection.chunks:
            data = chunk.data[left:] if left else chunk.data
            left = max(0, left - len(chunk.data))
            if data:
                yield Chunk(data, chunk.at - start.at)
        yield at_time(end, end.at - start.at)

    def _from(self, first: int) -> list[Start]:
        last = len(self.connections) - 1
        starts = []
        for number in range(first, last + 1):
            starts.append(Start(number))
            if number < last and number in self._with_ids:  # of one alone, nothing is looked for
                break
        return starts

    @cached_property
    def _places(self) -> dict[str, _Place]:
        """The place after each id; where one comes twice, its last."""
        places: dict[str, _Place] = {}
        for number, connection in enumerate(self.connections):
            places |= _places_of(number, connection)
        return places

    @cached_property
    def _with_ids(self) -> frozenset[int]:
        return frozenset(place.start.connection for place in self._places.values())


def _places_of(number: int, connection: Exchange) -> dict[str, _Place]:
    starts: dict[str, Start] = {}
    offset = last_event = 0
    before = ""
    for unit in take_apart((connection.head, *connection.chunks)):
        if not isinstance(unit, Unit):
            continue
        offset += len(unit.data)
        if unit.events:
            last_event = offset
        # Of two events with one id, what comes after the second is meant. A block without data sets it, too.
        if any(isinstance(item, Event) and item.id for item in unit.items) or unit.last_event_id != before:
            starts[unit.last_event_id] = Start(number, offset, unit.at)
        before = unit.last_event_id
    return {id_: _Place(start, start.offset < last_event) for id_, start in starts.items() if id_}


def tape_of(name: str, recording: Recording, pace: Pace, *, any_method: bool = False) -> Tape:
    """Return a recording as it is to be played."""
    connections, begun = [], 0.0
    for exchange in recording.exchanges:
        connections.append(_ready(exchange, begun, pace))
        if isinstance(exchange.end, Fault):
            begun = exchange.end.at + exchange.end.retry_in
    methods = frozenset(exchange.head.request.method for exchange in recording.exchanges)
    return Tape(name, connections, None if any_method else methods)


def _ready(exchange: Exchange, begun: float, pace: Pace) -> Exchange:
    """Return a connection as it is played, with times from when it was `begun`."""
    entries: tuple[Entry, ...] = (exchange.head, *exchange.chunks, _end_of(exchange))
    own_times = (at_time(entry, max(0.0, time_of(entry) - begun)) for entry in entries)
    return gather(pace.play(own_times)).exchanges[0]


def _end_of(exchange: Exchange) -> End:
    """Return how a connection ended; if that is not known, as a run that was interrupted."""
    match exchange.end:
        case End() as end:
            return msgspec.structs.replace(end, summary=None)
        case Fault(error, _, at):
            return End(at=at, reason="eof" if error == ENDED else "cut", detail=error)
    return End(at=exchange.chunks[-1].at if exchange.chunks else 0.0, reason="interrupted")
