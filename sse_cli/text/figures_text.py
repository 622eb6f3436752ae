"""Figures for people: `412 ms`, `1.24 s`, `18.2 KB`, three digits that mean something. None is a dash."""

from collections.abc import Collection

from sse_cli.core.quantities import format_duration, format_rate, format_size, scaled
from sse_cli.core.samples import Spread

UNKNOWN = "–"
FEW = 100
"""A p99 of fewer samples than this is marked: it is hardly more than the largest of them."""

_COUNTS = ("", "k", "M", "G", "T", "P")
_BARS = "▁▂▃▄▅▆▇█"


def duration(seconds: float | None) -> str:
    """Return a time, as `format_duration` does."""
    return UNKNOWN if seconds is None else format_duration(seconds)


def size(count: float | None) -> str:
    """Return a number of bytes, as `format_size` does."""
    return UNKNOWN if count is None else format_size(count)


def rate(per_second: float | None, unit: str = "") -> str:
    """Return something per second, as `format_rate` does."""
    return UNKNOWN if per_second is None else format_rate(per_second, unit)


def count(number: int, name: str) -> str:
    """Return a number of things: `1 event`, `1,200 events`, `2 anomalies`."""
    if number != 1:
        name = f"{name[:-1]}ies" if name.endswith("y") else f"{name}s"
    return f"{number:,} {name}"


def progress(done: float, total: float | None) -> str:
    """Return how far something has come: `42%`, `3/10 (30%)`, `560 M/4.7 G (12%)`, or `240` alone."""
    if not total or total < 0:
        return scaled(done, _COUNTS)
    part = share_of(done, total)
    share = f"{min(round(part * 100), 99 if part < 1 else 100)}%"  # what is not done is not 100 %
    return share if total == 100 else f"{scaled(done, _COUNTS)}/{scaled(total, _COUNTS)} ({share})"


def share_of(done: float, total: float) -> float:
    """Return a share between 0 and 1, whatever a server says."""
    return min(max(done / total, 0.0), 1.0)


def bar(share: float, room: int) -> str:
    """Return a bar of `room` cells, full only where all is done."""
    full = int(share * room)
    return "█" * full + "░" * (room - full)


def p99(spread: Spread) -> str:
    """Return the 99th percentile, with * where it is one of few samples."""
    return duration(spread.p99) + ("*" if spread.n < FEW else "")


def sparkline(values: Collection[float]) -> str:
    """Return one bar for each value, the highest for their maximum."""
    top = max(values, default=0.0)
    if top <= 0:
        return _BARS[0] * len(values)
    return "".join(_BARS[min(int(value / top * len(_BARS)), len(_BARS) - 1)] for value in values)
