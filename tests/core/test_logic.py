"""`and`, `or` and `not` of what is true, false or untold, and of sets of these."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sse_cli.core.logic import (
    ANY,
    FALSE,
    TRUE,
    UNTOLD,
    And,
    Not,
    Or,
    Outcomes,
    both,
    either,
    is_final,
    leaves,
    mapped,
    opposite,
    resolve,
)

SINGLE = (FALSE, UNTOLD, TRUE)
"""In their order: `and` is the least, `or` the greatest, `not` the one across."""

SETS = st.integers(1, ANY)


def members(outcomes: Outcomes) -> list[Outcomes]:
    return [one for one in SINGLE if one & outcomes]


@pytest.mark.parametrize(("one", "other"), [*product(SINGLE, SINGLE)])
def test_single_outcomes_are_joined_as_kleene_says(one: Outcomes, other: Outcomes) -> None:
    places = SINGLE.index(one), SINGLE.index(other)
    assert both(one, other) == SINGLE[min(places)]
    assert either(one, other) == SINGLE[max(places)]
    assert opposite(one) == SINGLE[2 - places[0]]


@given(one=SETS, other=SETS)
def test_sets_are_joined_member_by_member(one: Outcomes, other: Outcomes) -> None:
    pairs = [*product(members(one), members(other))]
    assert members(both(one, other)) == sorted({both(*pair) for pair in pairs}, key=SINGLE.index)
    assert members(either(one, other)) == sorted({either(*pair) for pair in pairs}, key=SINGLE.index)
    assert opposite(opposite(one)) == one
    assert is_final(one) == (len(members(one)) == 1)


def test_trees_are_gone_through_leaf_by_leaf() -> None:
    tree = Or((And(("a", Not("b"))), "c"))
    assert list(leaves(tree)) == ["a", "b", "c"]
    assert mapped(tree, str.upper) == Or((And(("A", Not("B"))), "C"))
    assert resolve(tree, {"a": TRUE, "b": FALSE, "c": UNTOLD}.__getitem__) == TRUE
    assert resolve(tree, {"a": TRUE, "b": UNTOLD, "c": FALSE}.__getitem__) == UNTOLD
    assert resolve(tree, {"a": FALSE, "b": UNTOLD, "c": FALSE}.__getitem__) == FALSE
