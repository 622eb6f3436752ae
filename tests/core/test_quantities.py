"""Durations and sizes."""

import pytest

from sse_cli.core.quantities import parse_duration, parse_size
from sse_cli.errors import UsageError


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("250ms", 0.25), ("2s", 2), ("1m30s", 90), ("1.5h", 5400), ("7", 7), ("0.5", 0.5), ("10µs", 1e-5)],
)
def test_durations(text: str, seconds: float) -> None:
    assert parse_duration(text) == pytest.approx(seconds)


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("500", 500),
        ("10KB", 10_000),
        ("10kb", 10_000),
        ("1.5MB", 1_500_000),
        ("64MiB", 2**26),
        ("2G", 2 * 10**9),
    ],
)
def test_sizes(text: str, size: int) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["", "fast", "-1s", "1x", "ms", "1 2s"])
def test_what_is_no_duration(text: str) -> None:
    with pytest.raises(UsageError, match="duration"):
        parse_duration(text)


@pytest.mark.parametrize("text", ["", "big", "-1", "1XB"])
def test_what_is_no_size(text: str) -> None:
    with pytest.raises(UsageError, match="size"):
        parse_size(text)
