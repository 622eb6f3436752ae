"""Durations and sizes as people write and read them: `250ms`, `1m30s`, `10MB`; `412 ms`, `18.2 KB`."""

import math
import re

from sse_cli.errors import UsageError

_SECONDS = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
_BYTES = {
    "": 1,
    "b": 1,
    "kb": 1000,
    "mb": 1000**2,
    "gb": 1000**3,
    "kib": 1024,
    "mib": 1024**2,
    "gib": 1024**3,
}
_DURATION = re.compile(r"(?:\d+(?:\.\d+)?(?:us|µs|ms|s|m|h))+")
_DURATION_PIECE = re.compile(r"(\d+(?:\.\d+)?)(us|µs|ms|s|m|h)")
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([a-z]*)")


def parse_duration(text: str) -> float:
    """Return seconds. A bare number is seconds, as with curl. Raises `UsageError`."""
    text = text.strip().lower()
    if re.fullmatch(r"\d+(?:\.\d+)?", text):
        return float(text)
    if not _DURATION.fullmatch(text):
        raise UsageError(f"not a duration: {text!r}", "Durations look like 250ms, 2s or 1m30s.")
    return sum(
        float(number) * _SECONDS[unit.replace("µ", "u")] for number, unit in _DURATION_PIECE.findall(text)
    )


def parse_size(text: str) -> int:
    """Return bytes; `KB` is 1000 and `KiB` 1024. Raises `UsageError`."""
    match = _SIZE.fullmatch(text.strip().lower())
    unit = match[2] if match else ""
    if match is None or (unit not in _BYTES and unit + "b" not in _BYTES):
        raise UsageError(f"not a size: {text!r}", "Sizes look like 500, 64KB or 10MB.")
    size = float(match[1]) * _BYTES[unit if unit in _BYTES else unit + "b"]
    if math.isinf(size):
        raise UsageError(f"not a size: {text[:20]!r}… is beyond all numbers", "Sizes look like 500 or 10MB.")
    return int(size)


_MINUTE, _HOUR, _DAY = 60, 3600, 86400


def format_duration(seconds: float) -> str:
    """Return a time: `0 ms`, `412 µs`, `4.1 ms`, `412 ms`, `1.24 s`, `1m30s`, `2h05m`, `3d04h`."""
    if seconds <= 0:
        return "0 ms"
    if seconds < 0.0009995:
        return f"{seconds * 1e6:.0f} µs"
    if seconds < 0.9995:
        return f"{seconds * 1e3:.{1 if seconds < 0.00995 else 0}f} ms"
    if seconds < 59.95:
        return f"{seconds:.{2 if seconds < 9.995 else 1}f} s"
    return _long(round(seconds))


def format_size(count: float) -> str:
    """Return a number of bytes in decimal units, as the options take them: `980 B`, `18.2 KB`."""
    return scaled(count, ("B", "KB", "MB", "GB", "TB", "PB"))


def format_rate(per_second: float, unit: str = "") -> str:
    """Return something per second: `103/s`, `4.20/s`, `47.3 tokens/s`."""
    digits = 0 if per_second >= 99.95 else 1 if per_second >= 9.995 else 2
    return f"{per_second:,.{digits}f}{' ' if unit else ''}{unit}/s"


def scaled(value: float, units: tuple[str, ...]) -> str:
    """Return a number in the largest unit, each a thousand of the one before, of which there is one."""
    if value < 999.5:
        return f"{value:.0f} {units[0]}".rstrip()
    for unit in units[1:]:
        value /= 1000
        if value < 999.5 or unit == units[-1]:
            break
    return f"{value:.{0 if value >= 99.95 else 1}f} {unit}"


def _long(seconds: int) -> str:
    if seconds < _HOUR:
        return f"{seconds // _MINUTE}m{seconds % _MINUTE:02}s"
    if seconds < _DAY:
        return f"{seconds // _HOUR}h{seconds % _HOUR // _MINUTE:02}m"
    return f"{seconds // _DAY}d{seconds % _DAY // _HOUR:02}h"
