"""Files as they lie on the disk: their bytes, unpacked where they are packed, and their lines."""

import os
from collections.abc import Iterable, Iterator

from sse_cli.sources.source import Cut

PIECE = 64 * 1024

_MAGICS = {b"\x1f\x8b": "gzip", b"\x28\xb5\x2f\xfd": "zstd"}
"""What a packed file begins with (RFC 1952, section 2.3.1; RFC 8878, section 3.1.1), and its coding."""


def unpacked(fd: int) -> Iterator[bytes]:
    """Give the bytes of an open file, piece by piece. Raises `Cut` where they are packed and not whole."""
    data = os.read(fd, PIECE)
    coding = next((coding for magic, coding in _MAGICS.items() if data.startswith(magic)), None)
    if coding is None:
        while data:
            yield data
            data = os.read(fd, PIECE)
        return
    from sse_cli.sources.coding import decompressor

    inner = decompressor([coding])
    while data:
        inner.feed(data)
        while piece := inner.take():
            yield piece
        data = os.read(fd, PIECE)
    if not inner.eof:
        raise Cut("the packed file ended before it was whole")


def lines(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Give lines with their ends; the last may have none."""
    begun: list[bytes] = []
    for piece in pieces:
        *whole, rest = piece.split(b"\n")
        for line in whole:
            yield b"".join((*begun, line, b"\n"))
            begun.clear()
        if rest:
            begun.append(rest)
    if begun:
        yield b"".join(begun)
