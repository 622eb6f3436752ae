"""Files as they lie on the disk: their bytes, unpacked where they are packed, and their lines."""

import errno
import os
import stat
from collections.abc import Iterable, Iterator

from sse_cli.core import files
from sse_cli.sources.source import Unreachable

PIECE = 64 * 1024


def open_file(path: str) -> int:
    """Open a file and return its descriptor. Raises `Unreachable`."""
    try:
        fd = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
        if stat.S_ISDIR(os.fstat(fd).st_mode):
            os.close(fd)
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    except OSError as error:
        raise Unreachable(
            f"cannot read {path}: {error.strerror}", "A source is a URL, a file, or - for standard input."
        ) from error
    return fd


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
