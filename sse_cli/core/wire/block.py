"""One block of Server-Sent Events: its fields, its beginning and its end, and one that grows large."""

import re
from io import SEEK_END, BytesIO

from sse_cli.core.items import Anomaly, Comment, WireItem
from sse_cli.core.wire.limits import MAX_RETRY_MS

# As numbers, since `10 in data` takes an eighth of the time of `b"\n" in data`.
LF, CR, _COLON = b"\n\r:"
EOL = rb"(?>\r\n?|\n)"  # atomic, so that the two bytes of one CRLF are never taken for two line ends
# At the start of a block, a blank line does nothing and a comment stands for itself.
_LEAD = re.compile(rb"%b++|:[^\r\n]*+%b" % (EOL, EOL))
LEAD_BYTES = frozenset(b":\r\n")


class Block:
    """The fields of one block; comments and anomalies inside it go to `items` as they are met."""

    __slots__ = ("data", "id", "known", "retry", "type")

    def __init__(self, raw: bytes, at: float, items: list[WireItem]) -> None:
        self.type = ""
        self.id: str | None = None
        self.retry: int | None = None
        self.known = False  # whether any line is a field of the standard
        data: list[bytes] = []
        if CR in raw:
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


class LargeBlock:
    """A large block that has begun and not ended, from its first byte on."""

    def __init__(self, first: bytes) -> None:
        self.size = len(first)
        self._held = BytesIO()  # since it gives what it holds without a copy
        self._held.write(first)
        self._leads = first[0] in LEAD_BYTES
        self._has_cr = CR in first
        self._no_lf = 0 if LF in first else None  # before here, no line ends; None while none has

    def ended_by(self, data: bytes, has_cr: bool) -> bool:
        """Take the next bytes; tell whether the block, or what stands before it, ends in them.

        Only what is new, with the byte before it, can hold the end. Looking at no more keeps work linear.
        """
        if not has_cr and LF not in data:
            self.size += self._held.write(data)
            return False
        self._held.seek(-1, SEEK_END)
        seam = self._held.read() + data
        self._has_cr = self._has_cr or has_cr
        if self._no_lf is None:
            self._no_lf = self.size - 1
        self.size += self._held.write(data)
        return self._leads or end_of_blocks(seam) > 0

    def taken(self) -> tuple[bytes, bool, int]:
        """Return all of it, whether there is a CR in it, and before where no line ends."""
        return self._held.getvalue(), self._has_cr, self._no_lf or 0


def end_of_blocks(data: bytes) -> int:
    """Return where the last blank line ends, or 0 if there is none."""
    end = data.rfind(b"\n\n")
    if CR in data:
        end = max(end, data.rfind(b"\n\r", max(0, end)))
        end = max(end, data.rfind(b"\r\r", max(0, end)))
        if end >= 0 and data.startswith(b"\r\n", end + 1):
            end += 1
    return end + 2 if end >= 0 else 0


def skip_lead(raw: bytes, position: int, at: float, items: list[WireItem]) -> int:
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
