"""Spreads: exact against numpy's rule, then within the stated error, in bounded memory."""

import math
import random
import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sse_cli.core.samples import (
    EXACT_SAMPLES,
    LINEAR,
    NEAREST_RANK,
    SKETCH_ERROR,
    Percentile,
    Samples,
    linear,
    nearest_rank,
)

RANKS = (0.5, 0.9, 0.95, 0.99)


def by_definition(numbers: list[float], rank: float) -> float:
    """The definition: statistics' inclusive method is numpy's linear one."""
    if len(numbers) == 1:
        return numbers[0]
    return statistics.quantiles(numbers, n=100, method="inclusive")[round(rank * 100) - 1]


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=300))
def test_small_spreads_are_exact(numbers: list[float]) -> None:
    samples = Samples()
    for number in numbers:
        samples.add(number)
    spread = samples.spread()
    assert spread is not None
    assert spread.n == len(numbers)
    assert (spread.min, spread.max) == (min(numbers), max(numbers))
    assert spread.mean == pytest.approx(statistics.fmean(numbers), abs=1e-6)
    assert spread.stdev == pytest.approx(statistics.pstdev(numbers), rel=1e-6, abs=1e-3)
    for rank in RANKS:
        value = getattr(spread, f"p{round(rank * 100)}")
        assert value == pytest.approx(by_definition(numbers, rank), rel=1e-9, abs=1e-9)
    assert spread.error == 0.0


def test_nothing_has_no_spread() -> None:
    assert Samples().spread() is None


def test_several_equal_numbers_at_once_are_as_many_one_by_one() -> None:
    at_once, one_by_one = Samples(), Samples()
    at_once.add(3.0)
    at_once.add(0.0, 4)
    for number in (3.0, 0.0, 0.0, 0.0, 0.0):
        one_by_one.add(number)
    first, second = at_once.spread(), one_by_one.spread()
    assert first is not None
    assert second is not None
    assert first.mean == pytest.approx(second.mean)
    assert first.stdev == pytest.approx(second.stdev)
    assert (first.n, first.p50, first.p99) == (second.n, second.p50, second.p99)


@pytest.mark.parametrize("method", [LINEAR, NEAREST_RANK], ids=["linear", "nearest rank"])
def test_past_the_bound_percentiles_keep_to_the_stated_error(method: Percentile) -> None:
    source = random.Random(7)
    numbers = [source.lognormvariate(-3, 1) for _ in range(EXACT_SAMPLES * 3)]
    samples = Samples()
    for number in numbers:
        samples.add(number)
    spread = samples.spread(method)
    assert spread is not None
    assert spread.error == SKETCH_ERROR
    ordered = sorted(numbers)
    for rank in RANKS:
        truth = method.exact(ordered, rank)
        assert getattr(spread, f"p{round(rank * 100)}") == pytest.approx(truth, rel=SKETCH_ERROR * 1.001)
    assert (spread.min, spread.max, spread.n) == (ordered[0], ordered[-1], len(numbers))


@pytest.mark.parametrize("method", [LINEAR, NEAREST_RANK], ids=["linear", "nearest rank"])
@pytest.mark.parametrize("more", [2, 3, 5, 101, 10_000])
def test_past_the_bound_a_leap_between_neighbours_is_found(method: Percentile, more: int) -> None:
    n = EXACT_SAMPLES + more
    for low in (n // 2, n // 2 + 1, (n * 9) // 10, (n * 99) // 100 + 1):
        samples = Samples()
        samples.add(0.0, low)
        samples.add(100.0, n - low)
        spread = samples.spread(method)
        assert spread is not None
        assert spread.error == SKETCH_ERROR
        ordered = [0.0] * low + [100.0] * (n - low)
        for rank in RANKS:
            place = method.position(n, rank)
            below = int(place)
            above = min(below + 1, n - 1)
            truth = ordered[below] + (ordered[above] - ordered[below]) * (place - below)
            found = getattr(spread, f"p{round(rank * 100)}")
            assert found == pytest.approx(truth, rel=SKETCH_ERROR * 1.001), (low, rank)


TENTHS = [0.1, 0.2, 0.30000000000000004, 0.4, 0.7, 0.8, 0.9, 1.1, 1.3, 1.7]


def test_linear_is_numpys_to_the_last_digit() -> None:
    # numpy 2: [numpy.percentile(TENTHS, p) for p in (50, 90, 95, 99)]
    assert [linear(TENTHS, rank) for rank in RANKS] == [0.75, 1.3399999999999999, 1.5199999999999996, 1.664]


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        (TENTHS, [0.7, 1.7, 1.7, 1.7]),  # and not 1.3 at p90: nine times 0.1 is less than 0.9
        (TENTHS[:9], [0.7, 1.3, 1.3, 1.3]),
        ([0.0] * 7 + [0.5] * 3, [0.0, 0.5, 0.5, 0.5]),
        ([0.1], [0.1, 0.1, 0.1, 0.1]),
    ],
)
def test_nearest_rank_is_guidellms(numbers: list[float], expected: list[float]) -> None:
    # guidellm 0.8.1: p50, p90, p95 and p99 of DistributionSummary.from_values(numbers).percentiles
    assert [nearest_rank(numbers, rank) for rank in RANKS] == expected


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=300))
def test_nearest_rank_is_that_of_the_definition_or_the_next(numbers: list[float]) -> None:
    ordered = sorted(numbers)
    for rank in RANKS:
        at = math.ceil(rank * len(ordered)) - 1
        assert nearest_rank(ordered, rank) in ordered[at : at + 2]
