"""Durations and sizes as people write them: `250ms`, `1m30s`, `10MB`."""

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
    return int(float(match[1]) * _BYTES[unit if unit in _BYTES else unit + "b"])
