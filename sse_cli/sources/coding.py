"""Content codings that a server may send although it was asked for none."""

import zlib
from typing import Protocol

from sse_cli.sources.source import Cut


class Decompressor(Protocol):
    """Undoes a content coding, piece by piece."""

    @property
    def eof(self) -> bool:
        """Whether the end of the coded data was met."""

    def decompress(self, data: bytes) -> bytes:
        """Return what the next coded bytes give."""


class _Zlib:
    """gzip and deflate (RFC 9110, section 8.4.1); deflate in the raw form, too, which some servers send."""

    def __init__(self) -> None:
        self._inner = zlib.decompressobj(zlib.MAX_WBITS | 32)  # 32: tells gzip and zlib apart itself
        self._first = True

    @property
    def eof(self) -> bool:
        return self._inner.eof or self._first

    def decompress(self, data: bytes) -> bytes:
        first, self._first = self._first, False
        try:
            return self._inner.decompress(data)
        except zlib.error as error:
            if not first:
                raise Cut(f"the compressed body is broken: {error}") from error
        self._inner = zlib.decompressobj(-zlib.MAX_WBITS)
        try:
            return self._inner.decompress(data)
        except zlib.error as error:
            raise Cut(f"the compressed body is broken: {error}") from error


def decompressor(coding: str) -> Decompressor | None:
    """Return what undoes a Content-Encoding, None where nothing is coded. Raises `Cut` for one not known."""
    name = coding.strip().lower()
    if name in {"", "identity"}:
        return None
    if name in {"gzip", "x-gzip", "deflate"}:
        return _Zlib()
    raise Cut(
        f"the body's content coding cannot be read: {name}",
        "The request asked for none; send -H 'Accept-Encoding: gzip' if the server will not do without.",
    )
