"""Server-Sent Events: bytes in, events out, exactly as WHATWG's HTML standard says (section 9.2.6).

What the standard tells a parser to drop comes out as an `Anomaly`. The decoder knows one connection:
its state (buffer, BOM) starts anew with the next one, which is given the last event id to go on from.
"""

import re
from collections.abc import Callable

from sse_cli.core.items import Anomaly, Event, Streak, WireItem
from sse_cli.core.wire.block import CR, EOL, LEAD_BYTES, LF, Block, LargeBlock, end_of_blocks, skip_lead
from sse_cli.core.wire.limits import MAX_EVENT_BYTES, check_size

_BOM = b"\xef\xbb\xbf"
_LARGE = 4096  # from here on, a copy less is worth more than it costs to keep books


def _block_pattern(eol: bytes, other: bytes) -> re.Pattern[bytes]:
    """Return the pattern that cuts a buffer into blocks and reads those of the usual shape on the way.

    Usual are at most one event and one id line before one or more data lines, all with line end `eol`.
    Groups: the whole block; event, id and first data value, empty where the block has another shape; the
    further data lines. A dot stands for anything but LF, since the engine passes over it six times faster
    than over `[^\r\n]`.
    """
    usual = rb"""
        (?: (?(2)(?!)) event:\ ?+(.*)EOL | (?(3)(?!)) id:\ ?+([^\r\n\0]++)EOL )*+
        data:\ ?+(.+)EOL
        ( (?: data:\ .*EOL )*+ )
        EOL
    """.replace(b"EOL", eol)
    return re.compile(rb"( %b | %b )" % (usual, other), re.VERBOSE)


_LF_BLOCKS = _block_pattern(rb"\n", rb"(?: .++\n )*+ \n++")
_CRLF_BLOCKS = _block_pattern(rb"\r\n", rb"(?: [^\r\n]++%b )*+ %b++" % (EOL, EOL))
# Most streams have blocks of one shape. A pattern that looks for no other takes two thirds of the time; of a
# block that has another, it gives the whole alone, its other groups empty. Groups are the same as above, and
# the whole block and the data value.
_EVENT_FIRST_BLOCKS = re.compile(
    rb"((?:event: (.++)\n)(?:id: ([^\n\0]++)\n)?+data: (.++)\n((?:data: .*\n)*+)\n|(?:.++\n)*+\n++)"
)
_PLAIN_BLOCKS = re.compile(rb"(data: (.++)\n\n|(?:.++\n)*+\n++)")
_BLANK_LINE = re.compile(rb"%b{2}" % EOL)


class SseDecoder:
    """Feed it the body of one connection, in pieces of any size; it gives the items each piece completes.

    `last_event_id` and `retry` (milliseconds, or None) are the values in force. `number` is that of the
    last event. Work is linear in the bytes, however they are cut, and no more than one event is held:
    a larger one than `max_event_bytes` raises `EventTooLarge`. `find_streak` is asked first for many blocks
    that came at once; where it answers None, they are read.
    """

    find_streak: Callable[[bytes, float], Streak | None] | None = None

    def __init__(
        self, *, last_event_id: str = "", number: int = 0, max_event_bytes: int = MAX_EVENT_BYTES
    ) -> None:
        self.last_event_id = last_event_id
        self.retry: int | None = None
        self.number = number
        self._max = max_event_bytes
        self._small = min(_LARGE, max_event_bytes + 1)
        self._held = b""  # the block that has begun and not ended, while it is small
        self._large: LargeBlock | None = None  # the same when it has grown
        self._start: bytes | None = b""  # the first bytes while they may be a BOM; None once that is told

    def feed(self, data: bytes, at: float = 0.0) -> list[WireItem]:
        """Take the next bytes, read at time `at`; return what they complete, in order."""
        if self._start is not None:
            data = self._strip_bom(data)
        has_cr = CR in data
        no_lf = 0
        if self._large is not None:
            if not self._large.ended_by(data, has_cr):
                check_size(self._large.size, self._max)
                return []
            data, has_cr, no_lf = self._large.taken()
            self._large = None
        elif self._held:
            held, self._held = self._held, b""
            if has_cr or LF in data:
                has_cr = has_cr or CR in held
                data = held + data
            else:
                held += data
                if len(held) < self._small:
                    self._held = held
                else:
                    self._hold(held)
                return []
        end = 0
        if has_cr:
            end = end_of_blocks(data)
        elif data.endswith(b"\n\n"):
            end = len(data)
        elif (blank := data.rfind(b"\n\n")) >= 0:
            end = blank + 2
        items: list[WireItem] = []
        if end:
            self._read_blocks(data, end, has_cr, no_lf, at, items)
        if end < len(data):
            # What stands before a block is given at once: the block after it may be long in coming.
            lead = skip_lead(data, end, at, items) if data[end] in LEAD_BYTES else end
            self._hold(data[lead:], told=bool(items))
        return items

    def end(self, at: float = 0.0) -> list[WireItem]:
        """Tell that the stream ended; return what is left to say. An unfinished event is dropped."""
        items: list[WireItem] = []
        # No more may have come than a part of a BOM.
        raw = (self._large.taken()[0] if self._large else self._held) + (self._start or b"")
        self._held, self._large, self._start = b"", None, None
        raw = raw[skip_lead(raw, 0, at, items) :]
        if raw:
            block = Block(raw, at, items)
            # A retry holds at once, while the id waits for the end of the block. In a line that has not
            # ended, it may be half a number.
            lines = raw[: max(raw.rfind(b"\n"), raw.rfind(b"\r")) + 1]
            retry = Block(lines, at, []).retry
            if retry is not None:
                self.retry = retry
            if block.known:
                items.append(Anomaly("cut-event", raw.decode("utf-8", "replace"), at))
        return items

    def _hold(self, rest: bytes, *, told: bool = False) -> None:
        """Keep the block that has begun. Where this read has `told` items, the next one tells of its size."""
        size = len(rest)
        if size > self._max and not told:
            check_size(size, self._max)
        if size < self._small:
            self._held = rest
        else:
            self._large = LargeBlock(rest)

    def _strip_bom(self, data: bytes) -> bytes:
        data = (self._start or b"") + data
        if len(data) < len(_BOM) and _BOM.startswith(data):
            self._start = data
            return b""
        self._start = None
        return data.removeprefix(_BOM)

    def _read_blocks(
        self, data: bytes, end: int, has_cr: bool, no_lf: int, at: float, items: list[WireItem]
    ) -> None:
        """Read the whole blocks up to `end`; before `no_lf` no line ends. This is where the time goes."""
        if self.find_streak is not None and end > _LARGE and not has_cr:
            streak = self.find_streak(data[:end], at)
            if streak is not None:
                self.number += len(streak.texts)
                items.append(streak)
                return
        if has_cr:
            self._read_any(_CRLF_BLOCKS, data, end, at, items)
        elif data.startswith(b"event: "):
            self._read_any(_EVENT_FIRST_BLOCKS, data, end, at, items)
        elif not data.startswith(b"data: "):
            self._read_any(_LF_BLOCKS, data, end, at, items)
        elif data.find(LF, no_lf) != end - 2 or not self._read_line(data, end, at, items):
            self._read_plain(data, end, at, items)

    def _read_plain(self, data: bytes, end: int, at: float, items: list[WireItem]) -> None:
        """Read blocks of which most have one data line and nothing else."""
        number, last_event_id = self.number, self.last_event_id
        for raw, value in _PLAIN_BLOCKS.findall(data, 0, end):
            if value:
                try:
                    text = value.decode()
                except UnicodeDecodeError:
                    pass
                else:
                    number += 1
                    items.append(Event("message", text, None, last_event_id, None, raw, at, number))
                    continue
            self.number = number
            self._read_any(_LF_BLOCKS, raw, len(raw), at, items)
            number, last_event_id = self.number, self.last_event_id
        self.number = number

    def _read_any(
        self, pattern: re.Pattern[bytes], data: bytes, end: int, at: float, items: list[WireItem]
    ) -> None:
        """Read blocks of any shape; best those of the shape that `pattern` looks for."""
        has_cr = pattern is _CRLF_BLOCKS
        number = self.number
        for raw, event_type, event_id, value, more in pattern.findall(data, 0, end):
            if more:
                value = _join_data(value, more, has_cr)
            if value and not (has_cr and (CR in value or CR in event_type)):
                try:
                    text = value.decode()
                    type_ = event_type.decode() if event_type else "message"
                    id_ = event_id.decode() if event_id else None
                except UnicodeDecodeError:
                    pass
                else:
                    number += 1
                    if id_ is not None:
                        self.last_event_id = id_
                    items.append(Event(type_, text, id_, self.last_event_id, None, raw, at, number))
                    continue
            self.number = number
            if pattern is _EVENT_FIRST_BLOCKS:
                self._read_any(_LF_BLOCKS, raw, len(raw), at, items)
            else:
                self._read_unusual(raw, at, items)
            number = self.number
        self.number = number

    def _read_line(self, data: bytes, end: int, at: float, items: list[WireItem]) -> bool:
        """Read one block that is one data line; tell whether it could be read so.

        That is what a read gives of a live stream, and what is left to read of an event that is large.
        """
        try:
            text = data[6 : end - 2].decode() if end < _LARGE else str(memoryview(data)[6 : end - 2], "utf-8")
        except UnicodeDecodeError:
            return False
        raw = data[:end]
        self.number += 1
        items.append(Event("message", text, None, self.last_event_id, None, raw, at, self.number))
        return True

    def _read_unusual(self, raw: bytes, at: float, items: list[WireItem]) -> None:
        """Read what is one block, or, where lone CRs stand among CRLFs, several."""
        position = skip_lead(raw, 0, at, items)
        while blank := _BLANK_LINE.search(raw, position):
            self._read_block(raw[position : blank.end()], at, items)
            position = skip_lead(raw, blank.end(), at, items)

    def _read_block(self, raw: bytes, at: float, items: list[WireItem]) -> None:
        """Read a block of any shape, line by line, and dispatch its event if it has data."""
        block = Block(raw, at, items)
        if block.retry is not None:
            self.retry = block.retry
        if block.id is not None:
            self.last_event_id = block.id  # by a block that is not dispatched, too
        if block.data is not None:
            self.number += 1
            type_ = block.type or "message"
            items.append(
                Event(type_, block.data, block.id, self.last_event_id, block.retry, raw, at, self.number)
            )
        elif block.known:
            items.append(Anomaly("no-data", block.type, at))


def _join_data(first: bytes, more: bytes, has_cr: bool) -> bytes:
    """Return the value of several data lines: the first one's, and the others with their names taken out."""
    eol = b"\r\n" if has_cr else b"\n"
    return first + (eol + more).replace(eol + b"data: ", b"\n")[: -len(eol)]
