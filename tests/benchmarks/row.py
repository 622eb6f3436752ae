"""What a row of the table is: sides that do the same work, the figures of each, and a goal."""

import gc
import statistics
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from time import perf_counter

OURS = "ours"

Sides = Mapping[str, Callable[[], float]]
"""For every side, by its name, what runs it once and answers its figure. `OURS` is one of them."""


class Differs(Exception):
    """The sides did not get the same result, so that their figures say nothing."""


class Unmeasured(Exception):
    """A row cannot be measured here, as where Node is not installed."""


@dataclass(frozen=True)
class Setup:
    """How to run: less often and on less with `quick`, and with which programs."""

    quick: bool
    sse: str
    httpie: str

    def pick(self, full: int, quick: int) -> int:
        """Return the one number or the other."""
        return quick if self.quick else full


@dataclass(frozen=True)
class Goal:
    """A bound on what `compare` makes of our figure and the peer's."""

    compare: Callable[[float, float], float]
    least: float | None = None
    most: float | None = None
    form: str = "{:.2f}x"

    def __str__(self) -> str:
        bound = self.most if self.least is None else self.least
        return ("<= " if self.least is None else ">= ") + self.form.format(bound)

    def holds(self, compared: float) -> bool:
        """Tell whether the goal is reached."""
        return (self.least is None or compared >= self.least) and (self.most is None or compared <= self.most)


def times_as_fast(least: float) -> Goal:
    """Return the goal to need at most so many times less time than the peer."""
    return Goal(lambda ours, peer: peer / ours, least=least)


def times_as_much(most: float) -> Goal:
    """Return the goal to need at most so many times what the peer needs."""
    return Goal(lambda ours, peer: ours / peer, most=most)


def at_most(most: float) -> Goal:
    """Return the goal to need at most so many milliseconds, whatever the peer needs."""
    return Goal(lambda ours, _peer: ours, most=most, form="{:.1f} ms")


def more_by(most: float) -> Goal:
    """Return the goal to need at most so much more than the peer."""
    return Goal(lambda ours, peer: ours - peer, most=most, form="{:+.1f} MB")


@dataclass(frozen=True)
class Row:
    """One row. `work` says what every side does; `measure` checks that they do, and then measures."""

    name: str
    work: str
    goal: Goal
    measure: Callable[[Setup], "Figures"]
    unit: str = "ms"


@dataclass(frozen=True)
class Figures:
    """What each side needed in each run, in the row's unit."""

    runs: Mapping[str, list[float]]
    medians: dict[str, float] = field(init=False)

    def __post_init__(self) -> None:
        medians = {name: statistics.median(figures) for name, figures in self.runs.items()}
        object.__setattr__(self, "medians", medians)

    @property
    def ours(self) -> float:
        """Our median."""
        return self.medians[OURS]

    @property
    def peer(self) -> str:
        """The name of the peer that did best."""
        return min((name for name in self.medians if name != OURS), key=self.medians.__getitem__)


def interleave(sides: Sides, repeats: int) -> Figures:
    """Run the sides in turn, A B A B, so that whatever else the machine does hits them alike."""
    runs: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(repeats):
        for name, run in sides.items():
            gc.collect()  # what one side left behind is not to be swept up in the other's time
            runs[name].append(run())
    return Figures(runs)


def milliseconds(work: Callable[[], object]) -> Callable[[], float]:
    """Return what does the work once and answers how long it took."""

    def run() -> float:
        start = perf_counter()
        work()
        return (perf_counter() - start) * 1000

    return run


def check_same(results: Mapping[str, object]) -> None:
    """Raise `Differs` unless all sides got the same."""
    expected = results[OURS]
    for name, result in results.items():
        if result != expected:
            raise Differs(f"{name} got another result: {_first_difference(expected, result)}")


def _first_difference(one: object, other: object) -> str:
    if isinstance(one, list) and isinstance(other, list):
        if len(one) != len(other):
            return f"{len(one):,} events and {len(other):,}"
        one, other = next((a, b) for a, b in zip(one, other, strict=True) if a != b)
    return f"{str(one)[:200]} and {str(other)[:200]}"
