"""One body, cut in many ways: what comes out must not depend on how the network cuts it."""

import random
from collections.abc import Iterator
from itertools import pairwise

import msgspec

from sse_cli.core.items import Anomaly, Comment, Event, WireItem
from sse_cli.core.wire.decoder import Decoder


def at_positions(body: bytes, positions: list[int]) -> list[bytes]:
    """Cut `body` at each of `positions`, which may repeat: then a piece is empty."""
    edges = [0, *sorted(min(position, len(body)) for position in positions), len(body)]
    return [body[start:end] for start, end in pairwise(edges)]


def byte_by_byte(body: bytes) -> list[bytes]:
    return [body[i : i + 1] for i in range(len(body))]


def at_random(body: bytes, seed: int) -> list[bytes]:
    numbers = random.Random(seed)
    return at_positions(body, numbers.choices(range(len(body) + 1), k=len(body) // 40 + 3))


def many_ways(body: bytes, seeds: int = 3) -> Iterator[list[bytes]]:
    """Give the body whole, byte by byte, and cut at random."""
    yield [body]
    yield byte_by_byte(body)
    for seed in range(seeds):
        yield at_random(body, seed)


def run(decoder: Decoder, pieces: list[bytes]) -> list[WireItem]:
    """Feed all pieces to the decoder and end it; return everything it gave."""
    items: list[WireItem] = []
    for piece in pieces:
        items += decoder.feed(piece)
    return items + decoder.end()


def events(items: list[WireItem]) -> list[Event]:
    return [item for item in items if isinstance(item, Event)]


def texts(items: list[WireItem]) -> list[str]:
    """Return the data of each event."""
    return [event.data for event in events(items)]


def comments(items: list[WireItem]) -> list[str]:
    return [item.text for item in items if isinstance(item, Comment)]


def anomalies(items: list[WireItem]) -> list[tuple[str, str]]:
    return [(item.kind, item.detail) for item in items if isinstance(item, Anomaly)]


def without_last_lf(items: list[WireItem]) -> list[WireItem]:
    """An event whose last CR has come is given at once: its raw lacks the LF that comes with a later read."""
    return [
        msgspec.structs.replace(item, raw=item.raw.removesuffix(b"\n")) if isinstance(item, Event) else item
        for item in items
    ]
