"""How numbers compare, and how they still may: what a comparison can come to while its value may move.

The value is somewhere from `low` to `high`, both included. Where those are one number, that is the outcome.
"""

from collections.abc import Callable, Mapping, Sequence
from math import inf
from typing import TypeAlias

from sse_cli.core.logic import FALSE, TRUE, Outcomes

May: TypeAlias = Callable[[float, float, Sequence[float]], bool]
"""Tells whether something may be so of a value from low to high, compared with limits: one, or a list."""


def reach(operator: str, limits: Sequence[float], low: float, high: float = inf) -> Outcomes:
    """Return what a comparison of a number can come to."""
    may_hold, may_fail = RANGES[operator]
    return (TRUE if may_hold(low, high, limits) else 0) | (FALSE if may_fail(low, high, limits) else 0)


def _meets(low: float, high: float, limits: Sequence[float]) -> bool:
    return any(low <= limit <= high for limit in limits)


def _misses(low: float, high: float, limits: Sequence[float]) -> bool:
    return low != high or low not in limits


RANGES: Mapping[str, tuple[May, May]] = {
    "<": (lambda low, _, limits: low < limits[0], lambda _, high, limits: high >= limits[0]),
    "<=": (lambda low, _, limits: low <= limits[0], lambda _, high, limits: high > limits[0]),
    ">": (lambda _, high, limits: high > limits[0], lambda low, _, limits: low <= limits[0]),
    ">=": (lambda _, high, limits: high >= limits[0], lambda low, _, limits: low < limits[0]),
    "==": (_meets, _misses),
    "in": (_meets, _misses),
    "!=": (_misses, _meets),
}
"""For each operator of numbers: when it may hold, and when it may not."""
