"""The coding br (RFC 7932)."""

import brotli

from sse_cli.core.coding import PIECE
from sse_cli.errors import Cut

_ROOM = PIECE // 4
"""Bytes at which the library ceases to make room; by then it has made room for up to twice as many."""

_SINGLY = 64
"""Bytes that are given one at a time, at the end of what is fed.

The library fails, and loses what it had read, where bytes stand behind the end in the same call.
"""


class Brotli:
    """br, of one part. What follows it is not of the body."""

    def __init__(self) -> None:
        self._inner = brotli.Decompressor()
        self._data = b""  # not decompressed yet
        self._begun = False

    @property
    def eof(self) -> bool:
        """See `Decompressor`."""
        return self._inner.is_finished() or not self._begun

    def feed(self, data: bytes) -> None:
        """See `Decompressor`."""
        self._data += data
        self._begun = True

    def take(self) -> bytes:
        """See `Decompressor`."""
        pieces: list[bytes] = []
        size = 0
        while size < PIECE // 2 and (piece := self._step()) is not None:
            pieces.append(piece)
            size += len(piece)
        return b"".join(pieces)

    def _step(self) -> bytes | None:
        """Return what the next bytes give, None when more are needed. Raises `Cut`."""
        try:
            if self._inner.is_finished():
                self._data = b""
                return None
            piece: bytes = self._inner.process(b"", output_buffer_limit=_ROOM)  # there was no room for it
            if piece or not self._data:
                return piece or None
            size = max(len(self._data) - _SINGLY, 1)
            data, self._data = self._data[:size], self._data[size:]
            piece = self._inner.process(data, output_buffer_limit=_ROOM)
        except brotli.error as error:
            raise Cut(f"the compressed body is broken: {error}") from error
        return piece
