"""Faults of chunks alone: the bytes are the same, and come in other pieces."""

import re
from collections.abc import Iterator

from sse_cli.core.event_units import time_of
from sse_cli.core.faults.spec import Occasion, Spec
from sse_cli.core.faults.timing import later
from sse_cli.core.items import Chunk
from sse_cli.core.recording import Entry

_SEAMS = (
    re.compile(rb"[\xc2-\xf4][\x80-\xbf]+"),  # a character of several bytes
    re.compile(rb"\r\n|\n\n|\r\r"),  # two line ends, or the halves of one
    re.compile(rb"(?m)^(?:data|event|id|retry):"),  # the name of a field
    re.compile(rb"\\u[0-9a-fA-F]{4}"),  # an escape of JSON
)
"""What readers must not take for whole when it comes in two pieces: each match can be cut anywhere inside."""


def split(entries: Iterator[Entry], spec: Spec, occasion: Occasion) -> Iterator[Entry]:
    """Cut each chunk where it hurts: once in each kind of seam that it has, at places that chance chooses.

    Its pieces come so much one after the other, for else they might be read as one.
    """
    last = -spec.value
    for entry in entries:
        if not isinstance(entry, Chunk):
            yield later(entry, max(0.0, last - time_of(entry)))
            continue
        places = {place for seam in _SEAMS if (place := _place(seam, entry.data, occasion)) is not None}
        edges = [0, *sorted(places), len(entry.data)]
        for number, start in enumerate(edges[:-1]):
            last = max(last + (spec.value if number else 0.0), entry.at)
            yield Chunk(entry.data[start : edges[number + 1]], last)


def _place(seam: re.Pattern[bytes], data: bytes, occasion: Occasion) -> int | None:
    """Return a place inside one of the seams of a chunk, if it has any."""
    spans = [match.span() for match in seam.finditer(data)]
    if not spans:
        return None
    start, end = occasion.chance.choice(spans)
    return occasion.chance.randrange(start + 1, end)


def merge(entries: Iterator[Entry], _spec: Spec, _occasion: Occasion) -> Iterator[Entry]:
    """Hold a whole answer back, and give it as one chunk when the last of it has come."""
    held: list[bytes] = []
    at = 0.0
    for entry in entries:
        if isinstance(entry, Chunk):
            held.append(entry.data)
            at = entry.at
            continue
        if held:
            yield Chunk(b"".join(held), at)
            held.clear()
        yield entry
    if held:
        yield Chunk(b"".join(held), at)
