"""Server-Sent Events: bytes in, events out, exactly as WHATWG's HTML standard says (section 9.2.6).

What the standard tells a parser to drop comes out as an `Anomaly`. The decoder knows one connection:
its state (buffer, BOM) starts anew with the next one, which is given the last event id to go on from.
"""

import re
from collections.abc import Callable
from io import SEEK_END, BytesIO

from sse_cli.core.items import Anomaly, Comment, Event, Streak, WireItem
from sse_cli.core.wire.limits import MAX_EVENT_BYTES, MAX_RETRY_MS, check_size

# As numbers, since `10 in data` takes an eighth of the time of `b"\n" in data`.
_LF, _CR, _COLON = b"\n\r:"
_BOM = b"\xef\xbb\xbf"
_LARGE = 4096  # from here on, a copy less is worth more than it costs to keep books
_EOL = rb"(?>\r\n?|\n)"  # atomic, so that the two bytes of one CRLF are never taken for two line ends


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
_CRLF_BLOCKS = _block_pattern(rb"\r\n", rb"(?: [^\r\n]++%b )*+ %b++" % (_EOL, _EOL))
# Most streams have blocks of one shape. A pattern that looks for no other takes two thirds of the time; of a
# block that has another, it gives the whole alone, its other groups empty. Groups are the same as above, and
# the whole block and the data value.
_EVENT_FIRST_BLOCKS = re.compile(
    rb"((?:event: (.++)\n)(?:id: ([^\n\0]++)\n)?+data: (.++)\n((?:data: .*\n)*+)\n|(?:.++\n)*+\n++)"
)
_PLAIN_BLOCKS = re.compile(rb"(data: (.++)\n\n|(?:.++\n)*+\n++)")
_BLANK_LINE = re.compile(rb"%b{2}" % _EOL)
# At the start of a block, a blank line does nothing and a comment stands for itself.
_LEAD = re.compile(rb"%b++|:[^\r\n]*+%b" % (_EOL, _EOL))
_LEAD_BYTES = frozenset(b":\r\n")


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
        self._large: _LargeBlock | None = None  # the same when it has grown
        self._start: bytes | None = b""  # the first bytes while they may be a BOM; None once that is told

    def feed(self, data: bytes, at: float = 0.0) -> list[WireItem]:
        """Take the next bytes, read at time `at`; return what they complete, in order."""
        if self._start is not None:
            data = self._strip_bom(data)
        has_cr = _CR in data
        no_lf = 0
        if self._large is not None:
            if not self._large.ended_by(data, has_cr):
                check_size(self._large.size, self._max)
                return []
            data, has_cr, no_lf = self._large.taken()
            self._large = None
        elif self._held:
            held, self._held = self._held, b""
            if has_cr or _LF in data:
                has_cr = has_cr or _CR in held
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
            end = _end_of_blocks(data)
        elif data.endswith(b"\n\n"):
            end = len(data)
        elif (blank := data.rfind(b"\n\n")) >= 0:
            end = blank + 2
        items: list[WireItem] = []
        if end:
            self._read_blocks(data, end, has_cr, no_lf, at, items)
        if end < len(data):
            # What stands before a block is given at once: the block after it may be long in coming.
            lead = _skip_lead(data, end, at, items) if data[end] in _LEAD_BYTES else end
            self._hold(data[lead:], told=bool(items))
        return items

    def end(self, at: float = 0.0) -> list[WireItem]:
        """Tell that the stream ended; return what is left to say. An unfinished event is dropped."""
        items: list[WireItem] = []
        # No more may have come than a part of a BOM.
        raw = (self._large.taken()[0] if self._large else self._held) + (self._start or b"")
        self._held, self._large, self._start = b"", None, None
        raw = raw[_skip_lead(raw, 0, at, items) :]
        if raw:
            block = _Block(raw, at, items)
            # A retry holds at once, while the id waits for the end of the block. In a line that has not
            # ended, it may be half a number.
            lines = raw[: max(raw.rfind(b"\n"), raw.rfind(b"\r")) + 1]
            retry = _Block(lines, at, []).retry
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
            self._large = _LargeBlock(rest)

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
        if self.find_streak is not None and end > _LARGE and data.startswith(b"data: "):
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
        elif data.find(_LF, no_lf) != end - 2 or not self._read_line(data, end, at, items):
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
            if value and not (has_cr and (_CR in value or _CR in event_type)):
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
        position = _skip_lead(raw, 0, at, items)
        while blank := _BLANK_LINE.search(raw, position):
            self._read_block(raw[position : blank.end()], at, items)
            position = _skip_lead(raw, blank.end(), at, items)

    def _read_block(self, raw: bytes, at: float, items: list[WireItem]) -> None:
        """Read a block of any shape, line by line, and dispatch its event if it has data."""
        block = _Block(raw, at, items)
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


class _LargeBlock:
    """A large block that has begun and not ended, from its first byte on."""

    def __init__(self, first: bytes) -> None:
        self.size = len(first)
        self._held = BytesIO()  # since it gives what it holds without a copy
        self._held.write(first)
        self._leads = first[0] in _LEAD_BYTES
        self._has_cr = _CR in first
        self._no_lf = 0 if _LF in first else None  # before here, no line ends; None while none has

    def ended_by(self, data: bytes, has_cr: bool) -> bool:
        """Take the next bytes; tell whether the block, or what stands before it, ends in them.

        Only what is new, with the byte before it, can hold the end. Looking at no more keeps work linear.
        """
        if not has_cr and _LF not in data:
            self.size += self._held.write(data)
            return False
        self._held.seek(-1, SEEK_END)
        seam = self._held.read() + data
        self._has_cr = self._has_cr or has_cr
        if self._no_lf is None:
            self._no_lf = self.size - 1
        self.size += self._held.write(data)
        return self._leads or _end_of_blocks(seam) > 0

    def taken(self) -> tuple[bytes, bool, int]:
        """Return all of it, whether there is a CR in it, and before where no line ends."""
        return self._held.getvalue(), self._has_cr, self._no_lf or 0


class _Block:
    """The fields of one block; comments and anomalies inside it go to `items` as they are met."""

    __slots__ = ("data", "id", "known", "retry", "type")

    def __init__(self, raw: bytes, at: float, items: list[WireItem]) -> None:
        self.type = ""
        self.id: str | None = None
        self.retry: int | None = None
        self.known = False  # whether any line is a field of the standard
        data: list[bytes] = []
        if _CR in raw:
            raw = raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        for line in raw.split(b"\n"):
            name, colon, value = line.partition(b":")
            if value.startswith(b" "):
                value = value[1:]
            if name == b"data":
                data.append(value)
            elif name == b"event":
                self.type = _decode(value, at, items)
            elif name == b"id":
                self._read_id(value, at, items)
            elif name == b"retry":
                self._read_retry(value, at, items)
            else:
                if name:
                    items.append(Anomaly("unknown-field", _decode(line, at, items), at))
                elif colon:
                    items.append(Comment(_decode(value, at, items), at))
                continue
            self.known = True
        self.data = _decode(b"\n".join(data), at, items) if data else None

    def _read_id(self, value: bytes, at: float, items: list[WireItem]) -> None:
        if b"\0" in value:
            items.append(Anomaly("nul-in-id", _decode(value, at, items), at))
        else:
            self.id = _decode(value, at, items)

    def _read_retry(self, value: bytes, at: float, items: list[WireItem]) -> None:
        if not value.isdigit():  # of bytes, it knows ASCII digits only
            items.append(Anomaly("bad-retry", _decode(value, at, items), at))
            return
        digits = value.lstrip(b"0") or b"0"
        # Python refuses to read thousands of digits; nobody waits longer than the largest delay.
        self.retry = MAX_RETRY_MS if len(digits) > 15 else min(int(digits), MAX_RETRY_MS)


def _join_data(first: bytes, more: bytes, has_cr: bool) -> bytes:
    """Return the value of several data lines: the first one's, and the others with their names taken out."""
    eol = b"\r\n" if has_cr else b"\n"
    return first + (eol + more).replace(eol + b"data: ", b"\n")[: -len(eol)]


def _end_of_blocks(data: bytes) -> int:
    """Return where the last blank line ends, or 0 if there is none."""
    end = data.rfind(b"\n\n")
    if _CR in data:
        end = max(end, data.rfind(b"\n\r", max(0, end)))
        end = max(end, data.rfind(b"\r\r", max(0, end)))
        if end >= 0 and data.startswith(b"\r\n", end + 1):
            end += 1
    return end + 2 if end >= 0 else 0


def _skip_lead(raw: bytes, position: int, at: float, items: list[WireItem]) -> int:
    """Give the comments from `position` to a block's first field; return where that field starts."""
    while match := _LEAD.match(raw, position):
        if raw[position] == _COLON:
            text = raw[position + 1 : match.end()].rstrip(b"\r\n").removeprefix(b" ")
            items.append(Comment(_decode(text, at, items), at))
        position = match.end()
    return position


def _decode(value: bytes, at: float, items: list[WireItem]) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        text = value.decode("utf-8", "replace")
        items.append(Anomaly("invalid-utf8", text, at))
        return text
