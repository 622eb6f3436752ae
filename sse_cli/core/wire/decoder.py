"""The face that all wire decoders have, and what those share that cut a body into plain records.

A record is an event without fields: its type is "message", and it has no id.
"""

from abc import ABC, abstractmethod
from typing import Protocol

from sse_cli.core.items import Anomaly, Event, WireItem
from sse_cli.core.wire.limits import MAX_EVENT_BYTES, check_size

_BOM = b"\xef\xbb\xbf"


class Decoder(Protocol):
    """Takes the body of one connection in pieces of any size, and gives the items each piece completes.

    `last_event_id` and `retry` (milliseconds, or None) are the values in force. `number` is that of the
    last event. Work is linear in the bytes, however they are cut, and no more than one event is held.
    """

    last_event_id: str
    retry: int | None
    number: int

    def __init__(self, *, last_event_id: str = "", number: int = 0, max_event_bytes: int = ...) -> None: ...

    def feed(self, data: bytes, at: float = 0.0) -> list[WireItem]:
        """Take the next bytes, read at time `at`; return what they complete, in order.

        An event of more than `max_event_bytes` raises `EventTooLarge`.
        """
        ...

    def end(self, at: float = 0.0) -> list[WireItem]:
        """Tell that the stream ended; return what is left to say."""
        ...


class RecordDecoder(ABC):
    """What decoders of records share: the byte order mark, the size bound, the making of events.

    A subclass says in `_read` how to cut, holding in `_held` what is not complete, and in `_finish` what
    becomes of that at the end.
    """

    def __init__(
        self, *, last_event_id: str = "", number: int = 0, max_event_bytes: int = MAX_EVENT_BYTES
    ) -> None:
        self.last_event_id = last_event_id
        self.retry: int | None = None
        self.number = number
        self._max = max_event_bytes
        self._held = bytearray()  # the record that has begun and not ended
        self._start: bytes | None = b""  # the first bytes while they may be a BOM; None once that is told

    def feed(self, data: bytes, at: float = 0.0) -> list[WireItem]:
        """Take the next bytes, read at time `at`; return what they complete, in order."""
        if self._start is not None:
            data = self._strip_bom(data)
        items: list[WireItem] = []
        if data:
            self._read(data, at, items)
            if not items:  # else the next read tells, so that what is whole is not lost
                check_size(len(self._held), self._max)
        return items

    def end(self, at: float = 0.0) -> list[WireItem]:
        """Tell that the stream ended; return what is left to say."""
        items: list[WireItem] = []
        if self._start:
            self._read(self._start, at, items)
        self._start = None
        held = bytes(self._held)
        self._held.clear()
        self._finish(held, at, items)
        return items

    def _strip_bom(self, data: bytes) -> bytes:
        data = (self._start or b"") + data
        if len(data) < len(_BOM) and _BOM.startswith(data):
            self._start = data
            return b""
        self._start = None
        return data.removeprefix(_BOM)

    @abstractmethod
    def _read(self, data: bytes, at: float, items: list[WireItem]) -> None: ...

    @abstractmethod
    def _finish(self, held: bytes, at: float, items: list[WireItem]) -> None: ...

    def _give(self, raw: bytes, data: bytes, at: float, items: list[WireItem]) -> None:
        """Make an event of the record `raw`, whose text is `data`."""
        try:
            text = data.decode()
        except UnicodeDecodeError:
            text = data.decode("utf-8", "replace")
            items.append(Anomaly("invalid-utf8", text, at))
        self._give_text(raw, text, at, items)

    def _give_text(self, raw: bytes, text: str, at: float, items: list[WireItem]) -> None:
        self.number += 1
        items.append(Event("message", text, None, self.last_event_id, None, raw, at, self.number))
