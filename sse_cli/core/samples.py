"""Many numbers in little memory: exact percentiles up to a bound, then a sketch.

The only importer of ddsketch.
"""

import math
from array import array
from typing import Any

import msgspec

EXACT_SAMPLES = 10_000
"""Up to here percentiles are exact."""
SKETCH_ERROR = 0.01
"""From there on their relative error is at most this."""


class Spread(msgspec.Struct, frozen=True, gc=False):
    """What a row of samples looks like. Percentiles are linear, as numpy's default.

    `error` is the percentiles' relative error: 0 while they are exact. `stdev` is of the population.
    """

    n: int
    mean: float
    min: float
    p50: float
    p90: float
    p95: float
    p99: float
    max: float
    stdev: float
    error: float = 0.0


class Samples:
    """Add numbers one by one; ask for their spread at any time. Memory is bounded."""

    def __init__(self) -> None:
        self._exact = array("d")
        self._sketch: Any = None
        self._n = 0
        self._mean = 0.0
        self._squares = 0.0  # sum of squared distances from the mean (Welford)
        self._min = math.inf
        self._max = -math.inf

    def add(self, value: float, times: int = 1) -> None:
        """Add `value`, `times` times over."""
        self._n += times
        distance = value - self._mean
        self._mean += distance * times / self._n
        self._squares += times * distance * (value - self._mean)
        if value < self._min:
            self._min = value
        if value > self._max:
            self._max = value
        if self._sketch is not None:
            self._sketch.add(value, times)
        elif times == 1:
            self._exact.append(value)
        else:
            self._exact.extend([value] * times)
        if len(self._exact) > EXACT_SAMPLES:
            self._begin_sketch()

    def spread(self) -> Spread | None:
        """Return the spread of what was added, or None if nothing was."""
        if not self._n:
            return None
        p50, p90, p95, p99 = self._percentiles((0.5, 0.9, 0.95, 0.99))
        stdev = math.sqrt(max(self._squares / self._n, 0.0))
        error = SKETCH_ERROR if self._sketch is not None else 0.0
        return Spread(self._n, self._mean, self._min, p50, p90, p95, p99, self._max, stdev, error)

    def _percentiles(self, ranks: tuple[float, ...]) -> list[float]:
        if self._sketch is not None:
            return [min(max(self._sketch.get_quantile_value(rank), self._min), self._max) for rank in ranks]
        ordered = sorted(self._exact)
        return [percentile(ordered, rank) for rank in ranks]

    def _begin_sketch(self) -> None:
        from ddsketch import LogCollapsingLowestDenseDDSketch

        self._sketch = LogCollapsingLowestDenseDDSketch(SKETCH_ERROR)
        for value in self._exact:
            self._sketch.add(value)
        self._exact = array("d")


def percentile(ordered: list[float], rank: float) -> float:
    """Return the percentile at `rank` (0 to 1) of ascending numbers, interpolated linearly."""
    position = rank * (len(ordered) - 1)
    below = math.floor(position)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (position - below)
