"""Many numbers in little memory: exact percentiles up to a bound, then a sketch.

The only importer of ddsketch.
"""

import math
from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable
from itertools import accumulate
from typing import Annotated, Any

import msgspec

from sse_cli.core.units import COUNT, SHARE, Course, Told

EXACT_SAMPLES = 10_000
"""Up to here percentiles are exact."""
SKETCH_ERROR = 0.01
"""From there on their relative error is at most this."""


class Percentile(msgspec.Struct, frozen=True):
    """A way to take percentiles, at ranks from 0 to 1.

    `exact` finds one in ascending numbers. `position` says where one stands among so many of them, from 0:
    all that a sketch can be asked. Half-way between two places is half-way between their numbers.
    """

    exact: Callable[[list[float], float], float]
    position: Callable[[int, float], float]


class Spread(msgspec.Struct, frozen=True, gc=False):
    """What a row of samples looks like.

    `error` is the percentiles' relative error: 0 while they are exact. `stdev` is of the population.
    """

    n: Annotated[int, Told(COUNT, "how many", Course.GROWS)]
    mean: Annotated[float, Told(None, "mean")]
    min: Annotated[float, Told(None, "least", Course.FALLS)]
    p50: Annotated[float, Told(None, "median")]
    p90: Annotated[float, Told(None, "90th percentile")]
    p95: Annotated[float, Told(None, "95th percentile")]
    p99: Annotated[float, Told(None, "99th percentile")]
    max: Annotated[float, Told(None, "greatest", Course.GROWS)]
    stdev: Annotated[float, Told(None, "standard deviation")]
    error: Annotated[float, Told(SHARE, "relative error of the percentiles")] = 0.0


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

    @property
    def extent(self) -> tuple[int, float, float] | None:
        """How many were added, the least and the greatest of them; None if nothing was."""
        return (self._n, self._min, self._max) if self._n else None

    def spread(self, percentile: Percentile | None = None) -> Spread | None:
        """Return the spread of what was added, or None if nothing was. Percentiles are linear unless said."""
        if not self._n:
            return None
        p50, p90, p95, p99 = self._percentiles(percentile or LINEAR, (0.5, 0.9, 0.95, 0.99))
        stdev = math.sqrt(max(self._squares / self._n, 0.0))
        if self._sketch is not None:
            mean, error = self._mean, SKETCH_ERROR
        else:  # the running mean is rounded at every step
            mean, error = math.fsum(self._exact) / self._n, 0.0
        return Spread(self._n, mean, self._min, p50, p90, p95, p99, self._max, stdev, error)

    def _percentiles(self, percentile: Percentile, ranks: tuple[float, ...]) -> list[float]:
        if self._sketch is not None:
            return [self._sketched(percentile.position(self._n, rank)) for rank in ranks]
        ordered = sorted(self._exact)
        return [percentile.exact(ordered, rank) for rank in ranks]

    def _sketched(self, position: float) -> float:
        """Return what stands at a position, within the sketch's error."""
        below = math.floor(position)
        number = self._sketched_at(below)
        if position == below:
            return number
        return _between(number, self._sketched_at(below + 1), position - below)

    def _sketched_at(self, index: int) -> float:
        # The sketch multiplies by n - 1 and rounds down: without the half it may end at the number before.
        found: float = self._sketch.get_quantile_value(min((index + 0.5) / (self._n - 1), 1.0))
        return min(max(found, self._min), self._max)

    def _begin_sketch(self) -> None:
        from ddsketch import LogCollapsingLowestDenseDDSketch

        self._sketch = LogCollapsingLowestDenseDDSketch(SKETCH_ERROR)
        for value in self._exact:
            self._sketch.add(value)
        self._exact = array("d")


def linear(ordered: list[float], rank: float) -> float:
    """Return what stands at rank × (n - 1), interpolated between its neighbours: numpy's default."""
    position = rank * (len(ordered) - 1)
    below = math.floor(position)
    above = min(below + 1, len(ordered) - 1)
    return _between(ordered[below], ordered[above], position - below)


def nearest_rank(ordered: list[float], rank: float) -> float:
    """Return the first number with which the share of all up to it reaches `rank`: guidellm's `Percentiles`.

    Shares are added up as floats, as there: nine times 0.1 is less than 0.9, and so p90 of ten is the tenth.
    """
    shares = Counter(ordered)
    reached = list(accumulate(count / len(ordered) for count in shares.values()))
    return list(shares)[min(bisect_left(reached, rank), len(shares) - 1)]


def _between(below: float, above: float, share: float) -> float:
    """Return the number at a share of the way, counted from the nearer end, as numpy does."""
    way = above - below
    return below + way * share if share < 0.5 else above - way * (1 - share)


LINEAR = Percentile(linear, lambda n, rank: rank * (n - 1))
NEAREST_RANK = Percentile(nearest_rank, lambda n, rank: math.ceil(rank * n) - 1)
