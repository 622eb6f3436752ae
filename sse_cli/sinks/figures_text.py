"""Figures for people: `412 ms`, `1.24 s`, `18.2 KB`, three digits that mean something. None is a dash."""

from collections.abc import Collection

from sse_cli.core.samples import Spread

UNKNOWN = "–"
FEW = 100
"""A p99 of fewer samples than this is marked: it is hardly more than the largest of them."""

_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_COUNTS = ("", "k", "M", "G", "T", "P")
_BARS = "▁▂▃▄▅▆▇█"


def duration(seconds: float | None) -> str:
    """Return a time: `0 ms`, `412 µs`, `4.1 ms`, `412 ms`, `1.24 s`, `1m30s`, `2h05m`, `3d04h`."""
    if seconds is None:
        return UNKNOWN
    if seconds <= 0:
        return "0 ms"
    if seconds < 0.0009995:
        return f"{seconds * 1e6:.0f} µs"
    if seconds < 0.9995:
        return f"{seconds * 1e3:.{1 if seconds < 0.00995 else 0}f} ms"
    if seconds < 59.95:
        return f"{seconds:.{2 if seconds < 9.995 else 1}f} s"
    return _long(round(seconds))


def size(count: float | None) -> str:
    """Return a number of bytes in decimal units, as the options take them: `980 B`, `18.2 KB`."""
    return UNKNOWN if count is None else _scaled(count, ("B", "KB", "MB", "GB", "TB", "PB"))


def rate(per_second: float | None, unit: str = "") -> str:
    """Return something per second: `103/s`, `4.20/s`, `47.3 tokens/s`."""
    if per_second is None:
        return UNKNOWN
    digits = 0 if per_second >= 99.95 else 1 if per_second >= 9.995 else 2
    return f"{per_second:,.{digits}f}{' ' if unit else ''}{unit}/s"


def count(number: int, name: str) -> str:
    """Return a number of things: `1 event`, `1,200 events`, `2 anomalies`."""
    if number != 1:
        name = f"{name[:-1]}ies" if name.endswith("y") else f"{name}s"
    return f"{number:,} {name}"


def progress(done: float, total: float | None) -> str:
    """Return how far something has come: `42%`, `3/10 (30%)`, `560 M/4.7 G (12%)`, or `240` alone."""
    if not total or total < 0:
        return _scaled(done, _COUNTS)
    part = share_of(done, total)
    share = f"{min(round(part * 100), 99 if part < 1 else 100)}%"  # what is not done is not 100 %
    return share if total == 100 else f"{_scaled(done, _COUNTS)}/{_scaled(total, _COUNTS)} ({share})"


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


def _long(seconds: int) -> str:
    if seconds < _HOUR:
        return f"{seconds // _MINUTE}m{seconds % _MINUTE:02}s"
    if seconds < _DAY:
        return f"{seconds // _HOUR}h{seconds % _HOUR // _MINUTE:02}m"
    return f"{seconds // _DAY}d{seconds % _DAY // _HOUR:02}h"


def _scaled(value: float, units: tuple[str, ...]) -> str:
    if value < 999.5:
        return f"{value:.0f} {units[0]}".rstrip()
    for unit in units[1:]:
        value /= 1000
        if value < 999.5 or unit == units[-1]:
            break
    return f"{value:.{0 if value >= 99.95 else 1}f} {unit}"
