"""What a file is by its first bytes, whatever it is called: packed, a recording, an archive of a browser."""

import re
from collections.abc import Iterable, Iterator
from itertools import chain

from sse_cli.errors import Cut

PACKED = (".gz", ".zst")
"""How the names of packed files end."""

_MAGICS = {b"\x1f\x8b": "gzip", b"\x28\xb5\x2f\xfd": "zstd"}
"""What a packed file begins with (RFC 1952, section 2.3.1; RFC 8878, section 3.1.1), and its coding."""

_KINDS = {
    rb'\{"version":"sse-recording/': "recording",
    rb'(?:\xef\xbb\xbf)?\s*\{\s*"log"\s*:\s*\{': "har",
}
"""What files that hold times begin with."""

_NUMBERED = re.compile(r"(.+)#([1-9][0-9]{0,5})")


def unpacked(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Give the bytes of a file, unpacked if it is packed. Raises `Cut` where it is packed and not whole."""
    pieces = iter(pieces)
    first = next(pieces, b"")
    coding = next((coding for magic, coding in _MAGICS.items() if first.startswith(magic)), None)
    if coding is None:
        yield from chain([first] if first else [], pieces)
        return
    from sse_cli.core.coding import decompressor

    inner = decompressor([coding])
    for data in chain([first], pieces):
        inner.feed(data)
        while piece := inner.take():
            yield piece
    if not inner.eof:
        raise Cut("the packed file ended before it was whole")


def kind_of(begin: bytes) -> str | None:
    """Return what a file with times is, `recording` or `har`, by its first bytes; None for any other."""
    return next((kind for mark, kind in _KINDS.items() if re.match(mark, begin)), None)


def with_number(name: str) -> tuple[str, int | None]:
    """Take apart `FILE#2`, which is one of several streams in a file."""
    match = _NUMBERED.fullmatch(name)
    return (match[1], int(match[2])) if match is not None else (name, None)
