"""JSON values one after another, whatever the line breaks: the elements of an array, or values in a row.

It finds where values begin and end and does not decode them. Nor does it judge what separates them:
a comma too many or too few does no harm to the values.
"""

import re
from enum import Enum, auto

from sse_cli.core import payload
from sse_cli.core.items import Anomaly, WireItem
from sse_cli.core.wire.decoder import RecordDecoder
from sse_cli.core.wire.limits import MAX_EVENT_BYTES

_QUOTE = b'"'[0]
_OPENING, _CLOSING = frozenset(b"{["), frozenset(b"}]")
# The record separator is that of RFC 7464.
_BEGIN = re.compile(rb"[^ \t\r\n,\x1e]")
_IN_STRING = rb'[^"\\]*+(?:\\.[^"\\]*+)*+'
_STRING_REST = re.compile(_IN_STRING, re.DOTALL)
# A quote without a backslash before it ends a string for sure, and the engine finds it twice as fast.
_STRING = rb'"(?:[^"]*+(?<!\\)"|%b")' % _IN_STRING
# A quote that it stops at is that of a string whose end has not come.
_NEXT_BRACKET = re.compile(rb'[^"{}\[\]]*+(?:%b[^"{}\[\]]*+)*+["{}\[\]]' % _STRING, re.DOTALL)
_WORDS_END = re.compile(rb'["{}\[\],\r\n\x1e]')


class _Within(Enum):
    """Where the bytes that come next belong."""

    NOTHING = auto()  # between two values
    BRACKETS = auto()
    STRING = auto()
    ESCAPE = auto()  # in a string, after its backslash
    WORDS = auto()  # numbers, true, false, null, or what is no JSON


class JsonDecoder(RecordDecoder):
    """A `Decoder` of JSON values. An array at the top is taken apart: each element is an event.

    `values` counts the events of this body and `in_array` tells whether any array was taken apart: one
    value and no array is a single document rather than a stream.
    """

    def __init__(
        self, *, last_event_id: str = "", number: int = 0, max_event_bytes: int = MAX_EVENT_BYTES
    ) -> None:
        super().__init__(last_event_id=last_event_id, number=number, max_event_bytes=max_event_bytes)
        self.in_array = False
        self._number_before = number
        self._array_open = False
        self._within = _Within.NOTHING
        self._depth = 0

    @property
    def values(self) -> int:
        """How many values this body has given."""
        return self.number - self._number_before

    def _read(self, data: bytes, at: float, items: list[WireItem]) -> None:
        position = 0
        while position < len(data):
            if self._within is _Within.NOTHING:
                position = self._begin(data, position, at, items)
                continue
            end = self._find_end(data, position)
            if end < 0:
                self._held += data[position:]
                return
            self._held += data[position:end]
            raw = bytes(self._held)
            self._held.clear()
            position = end
            if self._within is _Within.WORDS:
                self._give_words(raw, at, items)
            else:
                self._give(raw, raw, at, items)
            self._within = _Within.NOTHING

    def _finish(self, held: bytes, at: float, items: list[WireItem]) -> None:
        if self._within is _Within.WORDS and not self._array_open:
            self._give_words(held, at, items)
        elif held:
            items.append(Anomaly("cut-event", held.decode("utf-8", "replace"), at))
        if self._array_open:
            items.append(Anomaly("cut-event", "array not closed", at))

    def _begin(self, data: bytes, position: int, at: float, items: list[WireItem]) -> int:
        """Go on to the next value and hold its first byte; return where the rest of it starts."""
        match = _BEGIN.search(data, position)
        if not match:
            return len(data)
        first = match[0]
        if first == b"[" and not self._array_open:
            self._array_open = self.in_array = True
        elif first == b"]" and self._array_open:
            self._array_open = False
        elif first[0] in _CLOSING:
            items.append(Anomaly("bad-json", first.decode(), at))
        else:
            self._held += first
            self._within = _beginning(first[0])
            self._depth = int(self._within is _Within.BRACKETS)
        return match.end()

    def _find_end(self, data: bytes, position: int) -> int:
        """Return where the value ends that was begun, or -1 if its end has not come."""
        if self._within is _Within.WORDS:
            match = _WORDS_END.search(data, position)
            return match.start() if match else -1
        if self._within is not _Within.BRACKETS:
            position = self._find_end_of_string(data, position)
            if position < 0 or not self._depth:
                return position
        return self._find_closing(data, position)

    def _find_closing(self, data: bytes, position: int) -> int:
        depth = self._depth
        while match := _NEXT_BRACKET.match(data, position):
            position = match.end()
            byte = data[position - 1]
            if byte in _OPENING:
                depth += 1
            elif byte in _CLOSING:
                depth -= 1
                if not depth:
                    return position
            else:
                self._find_end_of_string(data, position)
                break
        self._depth = depth
        return -1

    def _find_end_of_string(self, data: bytes, position: int) -> int:
        """Return where the string ends that `position` is in, or -1; keep what the next bytes belong to."""
        if self._within is _Within.ESCAPE:
            position += 1
        match = _STRING_REST.match(data, position)
        end = match.end() if match else position
        if end == len(data):
            self._within = _Within.STRING
            return -1
        if data[end] != _QUOTE:  # then it is the backslash of an escape that is cut in two
            self._within = _Within.ESCAPE
            return -1
        self._within = _Within.BRACKETS
        return end + 1

    def _give_words(self, raw: bytes, at: float, items: list[WireItem]) -> None:
        """Give each word as a value, or the whole as garbage if one of them is no JSON."""
        words = raw.split()
        if all(_is_json(word) for word in words):
            for word in words:
                self._give(word, word, at, items)
        else:
            items.append(Anomaly("bad-json", raw.strip().decode("utf-8", "replace"), at))


def _beginning(first: int) -> _Within:
    if first in _OPENING:
        return _Within.BRACKETS
    return _Within.STRING if first == _QUOTE else _Within.WORDS


def _is_json(word: bytes) -> bool:
    try:
        payload.decode(word)
    except payload.NotJson:
        return False
    return True
