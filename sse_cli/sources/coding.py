"""Content codings that a server may send although it was asked for none."""

import zlib
from typing import Any, Protocol

from sse_cli.sources.source import Cut

PIECE = 1024 * 1024
"""Bytes that are given at once: a few that are compressed may stand for a thousand times as many."""

_GZIP_MAGIC = b"\x1f\x8b"


class Decompressor(Protocol):
    """Undoes a content coding, piece by piece: `feed` coded bytes, then `take` until it gives none."""

    @property
    def eof(self) -> bool:
        """Whether the coded data may end here."""

    def feed(self, data: bytes) -> None:
        """Take the next coded bytes."""

    def take(self) -> bytes:
        """Return what they give, a piece at most; nothing when more are needed. Raises `Cut`."""


class _Zlib:
    """gzip and deflate (RFC 9110, section 8.4.1); deflate in the raw form, too, which some servers send."""

    def __init__(self, *, gzip: bool) -> None:
        self._gzip = gzip
        self._data = b""  # not decompressed yet
        self._inner: Any = None  # none before the first two bytes, and after each part
        self._parts = 0  # that have ended: gzip may have several

    @property
    def eof(self) -> bool:
        return self._inner is None and (self._parts > 0 or not self._data)

    def feed(self, data: bytes) -> None:
        self._data += data

    def take(self) -> bytes:
        while len(self._data) >= (1 if self._inner else 2):
            if self._inner is None:
                self._begin()
            elif piece := self._decompress():
                return piece
        return b""

    def _begin(self) -> None:
        """Tell the kinds apart by two bytes (RFC 1950, section 2.2; RFC 1952, section 2.3.1)."""
        if self._parts and not (self._gzip and self._data.startswith(_GZIP_MAGIC)):
            self._data = b""  # not of the body, and let go
            return
        is_zlib = self._data[0] & 15 == 8 and int.from_bytes(self._data[:2]) % 31 == 0
        kind = 16 + zlib.MAX_WBITS if self._gzip else zlib.MAX_WBITS if is_zlib else -zlib.MAX_WBITS
        self._inner = zlib.decompressobj(kind)

    def _decompress(self) -> bytes:
        inner = self._inner
        try:
            piece: bytes = inner.decompress(self._data, PIECE)
        except zlib.error as error:
            raise Cut(f"the compressed body is broken: {error}") from error
        self._data = inner.unconsumed_tail
        if inner.eof:
            self._data, self._inner = inner.unused_data, None
            self._parts += 1
        return piece


def decompressor(coding: str) -> Decompressor:
    """Return what undoes a Content-Encoding. Raises `Cut` for one that is not known."""
    if coding in {"gzip", "x-gzip", "deflate"}:
        return _Zlib(gzip=coding != "deflate")
    raise Cut(
        f"the body's content coding cannot be read: {coding}",
        "The request asked for none; send -H 'Accept-Encoding: gzip' if the server will not do without.",
    )
