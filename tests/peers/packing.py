"""Content codings as servers apply them to a stream: what is packed is flushed, so that it can be read."""

import zlib
from collections.abc import Callable, Iterable
from functools import reduce
from typing import Protocol

import brotli

from sse_cli.core.coding.zstd import zstd


class Packer(Protocol):
    """Codes a stream."""

    def pack(self, data: bytes) -> bytes:
        """Return bytes from which all of the data can be read."""

    def end(self) -> bytes:
        """Return what ends the stream."""


class _Zlib:
    def __init__(self, wbits: int) -> None:
        self._inner = zlib.compressobj(wbits=wbits)

    def pack(self, data: bytes) -> bytes:
        return self._inner.compress(data) + self._inner.flush(zlib.Z_SYNC_FLUSH)

    def end(self) -> bytes:
        return self._inner.flush()


class _Brotli:
    def __init__(self) -> None:
        self._inner = brotli.Compressor()

    def pack(self, data: bytes) -> bytes:
        return self._inner.process(data) + self._inner.flush()

    def end(self) -> bytes:
        return self._inner.finish()


class _Zstd:
    def __init__(self) -> None:
        self._inner = zstd.ZstdCompressor()

    def pack(self, data: bytes) -> bytes:
        return self._inner.compress(data, self._inner.FLUSH_BLOCK)

    def end(self) -> bytes:
        return self._inner.flush()


class _Upon:
    def __init__(self, first: Packer, then: Packer) -> None:
        self._first, self._then = first, then

    def pack(self, data: bytes) -> bytes:
        return self._then.pack(self._first.pack(data))

    def end(self) -> bytes:
        return self._then.pack(self._first.end()) + self._then.end()


PACKERS: dict[str, Callable[[], Packer]] = {
    "gzip": lambda: _Zlib(16 + zlib.MAX_WBITS),
    "deflate": lambda: _Zlib(zlib.MAX_WBITS),
    "br": _Brotli,
    "zstd": _Zstd,
}


def packer(codings: str) -> Packer:
    """Return what applies codings, as a Content-Encoding names them."""
    return reduce(_Upon, (PACKERS[coding]() for coding in codings.split(", ")))


def packed(codings: str, texts: Iterable[bytes]) -> bytes:
    """Return a whole body, which is flushed after each text."""
    it = packer(codings)
    return b"".join(map(it.pack, texts)) + it.end()
