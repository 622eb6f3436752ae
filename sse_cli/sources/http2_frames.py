"""HTTP/2's frames (RFC 9113, sections 4 to 6), cut out of what the reads give, and how much may come.

All but the first few frames of a stream are DATA, often one for each event. They are taken apart here, and
piece by piece as they come: what has arrived of a frame is not held back until the rest of it has.
"""

from collections.abc import Iterator
from struct import Struct

DATA, SETTINGS, GOAWAY, WINDOW_UPDATE = 0, 4, 7, 8
END_STREAM, PADDED = 0x1, 0x8

LARGEST = 16384
"""Bytes that a frame may have beside its head, where its receiver allows no more."""

_HEAD = Struct(">HBBBI")  # length, in 24 bits; type; flags; the stream's number
HEAD_SIZE = _HEAD.size
_NUMBER = 0x7FFFFFFF  # the highest bit is reserved
_FIRST = (0, None, None, SETTINGS, 0, 0, 0, 0, 0)  # the head of a server's first frame


class BadFrame(Exception):
    """What came cannot be a frame: its size is wrong."""


class Frames:
    """The frames of a connection, and the body of the one `stream` that is asked for there."""

    def __init__(self, stream: int) -> None:
        self.end = _HEAD.pack(0, 0, DATA, END_STREAM, stream)
        self._stream = stream
        self._pieces: list[bytes] = []  # of the body
        self._beside = 0  # bytes of DATA that are padding
        self._rest = b""  # the beginning of a frame
        # Of the frame of DATA that is being read: the bytes that are still to come, and those of its padding.
        self._left = self._padding = 0
        self._ends = False  # it is the last one

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Give every whole frame but those of DATA, and `end` where these end. Raises `BadFrame`."""
        if self._rest:
            data, self._rest = self._rest + data, b""
        pieces, unpack, end = self._pieces, _HEAD.unpack_from, len(data)
        at = self._go_on(data, 0)
        while True:
            if self._ends and not self._left and not self._padding:
                self._ends = False
                yield self.end
            inside = at + HEAD_SIZE
            if end < inside:
                break
            high, low, kind, flags, stream = unpack(data, at)
            size = high << 8 | low
            if size > LARGEST:
                raise BadFrame(f"a frame of {size:,} bytes, where {LARGEST:,} are allowed")
            after = inside + size
            if kind != DATA or stream & _NUMBER != self._stream:
                if end < after:
                    break
                yield data[at:after]
                at = after
                continue
            if flags & PADDED:
                if end == inside:
                    break
                at = self._go_on(data, self._begin_padded(size, data, inside))
            elif end < after:
                self._left = size
                at = self._go_on(data, inside)
            else:
                pieces.append(data[inside:after])
                at = after
            self._ends = bool(flags & END_STREAM)
        self._rest = data[at:]

    def body(self) -> tuple[bytes, int]:
        """Take what has come of the body; and how many bytes beside it flow control counts."""
        pieces, beside = self._pieces, self._beside
        body = pieces[0] if len(pieces) == 1 else b"".join(pieces)
        pieces.clear()
        self._beside = 0
        return body, beside

    def _begin_padded(self, size: int, data: bytes, at: int) -> int:
        """Begin with a frame of padded DATA, of which the first byte is there; return where the body is."""
        padding = data[at]
        if padding >= size:
            raise BadFrame(f"a frame of {size:,} bytes with {padding} bytes of padding")
        self._left, self._padding = size - padding - 1, padding
        self._beside += padding + 1
        return at + 1

    def _go_on(self, data: bytes, at: int) -> int:
        """Take what has come of the frame that is being read; return where it ends."""
        if self._left:
            piece = data[at : at + self._left]
            self._pieces.append(piece)
            self._left -= len(piece)
            at += len(piece)
        skipped = min(self._padding, len(data) - at)
        self._padding -= skipped
        return at + skipped


class Window:
    """How many bytes the server may send: at first `size`, and then as many more as were taken."""

    def __init__(self, size: int) -> None:
        self._left = size
        self._enough = size // 4
        self._untold = 0  # bytes that were taken, which the server does not know yet

    def came(self, size: int) -> bool:
        """So many bytes have come; return whether they were allowed."""
        self._left -= size
        return self._left >= 0

    def taken(self, size: int) -> int:
        """So many bytes are not waiting any more; return how many more the server is to be allowed now.

        It is not told of each, but when they are a quarter of the window.
        """
        self._untold += size
        if self._untold < self._enough:
            return 0
        allowed, self._untold = self._untold, 0
        self._left += allowed
        return allowed


def may_begin(first: bytes) -> bool:
    """Tell whether these may be a server's first bytes: those of its settings (section 3.4)."""
    return all(wanted in (None, byte) for wanted, byte in zip(_FIRST, first, strict=False))


def window_update(stream: int, increment: int) -> bytes:
    """Return the frame that allows so many bytes more, on a stream or, as 0, on the connection."""
    return _HEAD.pack(0, 4, WINDOW_UPDATE, 0, stream) + increment.to_bytes(4)


def goaway(frame: bytes) -> tuple[int, int, bytes]:
    """Read a GOAWAY: the last stream that is dealt with, the error's code, and what more is said of it."""
    body = frame[HEAD_SIZE:]
    if len(body) < 8:
        raise BadFrame("a GOAWAY without its error")
    return int.from_bytes(body[:4]) & _NUMBER, int.from_bytes(body[4:8]), body[8:]
