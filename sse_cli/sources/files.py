"""Files as they lie on the disk: their bytes, unpacked where they are packed, and their lines."""

import os
from collections.abc import Iterable, Iterator

from sse_cli.core import files

PIECE = 64 * 1024


def unpacked(fd: int) -> Iterator[bytes]:
    """Give the bytes of an open file, piece by piece. Raises `Cut` where they are packed and not whole."""
    return files.unpacked(iter(lambda: os.read(fd, PIECE), b""))


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
