"""One thing that is claimed of a run, on trial while the run goes on: what it can still come to, and why."""

from sse_cli.core.conditions import Literal
from sse_cli.core.expectations.claims import Leaf
from sse_cli.core.items import Event, Json
from sse_cli.core.logic import ANY, TRUE, Outcomes, is_final
from sse_cli.core.units import SHARE, Unit, show_share

_ORDERINGS = ("<", "<=", ">", ">=")


class Trial:
    """Told of what comes, in its order. Its `outcomes` only ever shrink; a single one is final.

    `event` is the event that it hangs on and `at` when it was decided, where that can be told. When it is
    over, `value` is what was seen of its subject, in its `unit`, `seen` is that in words, and `margin` by how
    much it holds or fails.
    """

    def __init__(self, leaf: Leaf, outcomes: Outcomes = ANY) -> None:
        self.leaf = leaf
        self.outcomes = outcomes
        self.event: Event | None = None
        self.at: float | None = None
        self.value: Json = None
        self.unit: Unit | None = None
        self.seen = ""
        self.margin = ""

    @property
    def is_final(self) -> bool:
        """Whether nothing that may come can change it."""
        return is_final(self.outcomes)

    @property
    def is_decided(self) -> bool:
        """Whether it holds, or can no longer hold, whatever comes."""
        return self.outcomes == TRUE or not self.outcomes & TRUE


def limits_of(literal: Literal) -> tuple[Json, ...]:
    """Return the value that a comparison is with, or the values."""
    value = literal.value
    return tuple(item.value for item in value) if isinstance(value, tuple) else (value,)


def margin(unit: Unit, operator: str, value: float, limit: float) -> str:
    """Return how far a number is from its limit: `88 ms below the limit, 18 %`. Nothing where it has none."""
    if operator not in _ORDERINGS:
        return ""
    try:
        distance = abs(value - limit)
        share = distance / abs(limit) if limit else None
    except OverflowError:  # a server may say any number
        return ""
    if not distance:
        return "at the limit"
    side = "below" if value < limit else "above"
    if unit is SHARE:
        points = f"{distance * 100:.4g}"
        return f"{points} point{'' if points == '1' else 's'} {side} the limit"
    part = f", {share_text(share)}" if share is not None else ""
    return f"{unit.show(distance)} {side} the limit{part}"


def share_text(share: float) -> str:
    """Return a share in whole percents, unless it is small."""
    return show_share(round(share, 2 if share >= 0.1 else 3))
