"""Spreads: exact against numpy's rule, then within the stated error, in bounded memory."""

import random
import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sse_cli.core.samples import EXACT_SAMPLES, SKETCH_ERROR, Samples, percentile


def linear(numbers: list[float], rank: float) -> float:
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
    for rank in (0.5, 0.9, 0.95, 0.99):
        value = getattr(spread, f"p{round(rank * 100)}")
        assert value == pytest.approx(linear(numbers, rank), rel=1e-9, abs=1e-9)
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


def test_past_the_bound_percentiles_keep_to_the_stated_error() -> None:
    source = random.Random(7)
    numbers = [source.lognormvariate(-3, 1) for _ in range(EXACT_SAMPLES * 3)]
    samples = Samples()
    for number in numbers:
        samples.add(number)
    spread = samples.spread()
    assert spread is not None
    assert spread.error == SKETCH_ERROR
    ordered = sorted(numbers)
    for rank in (0.5, 0.9, 0.95, 0.99):
        truth = percentile(ordered, rank)
        assert getattr(spread, f"p{round(rank * 100)}") == pytest.approx(truth, rel=SKETCH_ERROR * 1.05)
    assert (spread.min, spread.max, spread.n) == (ordered[0], ordered[-1], len(numbers))
