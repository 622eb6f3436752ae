"""Sequences: what order of events amounts to, as a person reads it; written and read again."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sse_cli.core.literals import Misread
from sse_cli.core.snapshots.follows import sequence_of
from sse_cli.core.snapshots.sequence import (
    Chain,
    Count,
    Group,
    Kind,
    kinds_in,
    optional_in,
    orders_in,
    parse,
    repeated_in,
    write,
)
from tests.core.snapshots.streams import observed


def sequence(run: str, *, ended: bool = True) -> Chain:
    """The sequence of a run, in which each letter is an event."""
    return sequence_of(observed(run, ended=ended).follows)


def told(run: str, *, ended: bool = True) -> str:
    return " ".join(map(write, sequence(run, ended=ended)))


RUNS = [
    ("", ""),
    ("a", "a"),
    ("aaa", "a+"),
    ("abc", "a b c"),
    ("sdddde", "s d+ e"),
    ("sbdddcbdce", "s (b d+ c)+ e"),
    ("sbdddcbce", "s (b d* c)+ e"),
    ("sbdcbde", "s (b d c?)+ e"),  # the last turn is cut
    ("soxxpoyype", "s (o (x+ | y+) p)+ e"),
    ("soaabpoaabpoxpe", "s (o (a+ b | x) p)+ e"),
    ("sbxyxycbxyce", "s (b (x y)+ c)+ e"),
    ("sxabcabxe", "s (a b c? | x)+ e"),  # x may come around what has an order
    ("xabcx", "(a b c | x)+"),
    ("dsd", "(d | s)+"),  # and not d+ s
    ("aabcabc", "(a | b c)+"),
    ("abab", "(a b)+"),
]


@pytest.mark.parametrize(("run", "text"), RUNS)
def test_what_comes_after_what(run: str, text: str) -> None:
    assert told(run) == text


@pytest.mark.parametrize(("run", "text"), [("dsd", "(d s)+"), ("sabcab", "s (a b c)+"), ("aba", "(a b)+")])
def test_of_a_run_that_has_not_ended_the_last_turn_goes_on(run: str, text: str) -> None:
    assert told(run, ended=False) == text


@pytest.mark.parametrize("seed", range(20))
def test_what_comes_by_chance_has_no_order(seed: int) -> None:
    source = random.Random(seed)
    assert told("".join(source.choices("ptu", k=60)), ended=False) == "(p | t | u)+"


@given(st.integers(2, 9), st.integers(2, 9), st.lists(st.integers(2, 5), min_size=2, max_size=5))
def test_how_often_something_comes_does_not_matter(head: int, tail: int, turns: list[int]) -> None:
    body = "".join(f"b{'d' * count}c" for count in turns)
    assert told(f"s{'p' * head}{body}{'q' * tail}e") == "s p+ (b d+ c)+ q+ e"


@given(st.text("abcdef", min_size=1, max_size=30), st.booleans())
def test_each_kind_has_one_place(run: str, ended: bool) -> None:
    assert sorted(kinds_in(sequence(run, ended=ended))) == sorted(set(run))


@given(st.text("abcdef", min_size=1, max_size=30), st.booleans())
def test_what_comes_before_all_of_another_stands_before_it(run: str, ended: bool) -> None:
    orders = set(orders_in(sequence(run, ended=ended)))
    for place in range(1, len(run)):
        if not set(run[:place]) & set(run[place:]):  # the run falls into two parts
            for one in run[:place]:
                for other in run[place:]:
                    assert (one, other) in orders
                    assert (other, one) not in orders


@given(st.text("abcdef", min_size=1, max_size=30))
def test_what_comes_twice_is_said_to_repeat(run: str) -> None:
    several = {kind for kind in run if run.count(kind) > 1}
    assert several <= set(repeated_in(sequence(run)))


def test_very_many_kinds_at_random_are_no_trouble() -> None:
    source = random.Random(1)
    kinds = [chr(0x4E00 + number) for number in range(64)]
    (group,) = sequence("".join(source.choices(kinds, k=20_000)))
    assert isinstance(group, Group)
    assert len(group.choices) == 64


def test_kinds_orders_and_counts_of_a_sequence() -> None:
    chain = parse("s (b d* c)+ (x | y z)? e")
    assert list(kinds_in(chain)) == list("sbdcxyze")
    assert set(repeated_in(chain)) == set("bdc")
    assert set(optional_in(chain)) == set("dxyz")
    orders = set(orders_in(chain))
    assert {("b", "c"), ("s", "e"), ("d", "x"), ("y", "z")} <= orders
    assert not {("c", "b"), ("x", "y"), ("y", "x"), ("z", "y")} & orders
    assert {("a", "b"), ("b", "a")} <= set(orders_in(parse("(a | b)+")))


_NAMES = st.sampled_from(
    ["a", "b.c", "message:[DONE]", "a b", 'say "x"', "…", "(", "|", "\n", "é", "*"]
) | st.text(min_size=1, max_size=3)
_COUNTS = st.sampled_from(Count)
_TERMS = st.recursive(
    st.builds(Kind, _NAMES, _COUNTS),
    lambda inner: st.builds(
        Group,
        st.lists(st.lists(inner, min_size=1, max_size=3).map(tuple), min_size=1, max_size=3).map(tuple),
        _COUNTS,
    ),
    max_leaves=8,
)


@given(st.lists(_TERMS, min_size=1, max_size=3))
def test_what_is_written_is_read_again(terms: list[Kind | Group]) -> None:
    assert parse(" ".join(map(write, terms))) == tuple(terms)


BAD = [
    ("", 0, "`the end`"),
    ("a (b", 4, "`the end`"),
    ("a )", 2, "`)`"),
    ("(a | )", 5, "`)`"),
    ("()", 1, "`)`"),
    ("a ++", 3, "`+`"),
    ("| a", 0, "`|`"),
    ('a "b', 2, '`"b`'),
    (r'"\q"', 0, r'`"\q"`'),
    ("a, b", 1, "`, b`"),
    ("(" * 5000 + "a", 101, "`(`"),
]


@pytest.mark.parametrize(("text", "position", "seen"), BAD, ids=range(len(BAD)))
def test_what_is_no_sequence(text: str, position: int, seen: str) -> None:
    with pytest.raises(Misread) as caught:
        parse(text)
    assert caught.value.position == position
    assert caught.value.reason.startswith(seen)


@given(st.text('ab+*?()| "\\', max_size=12))
def test_any_text_is_read_or_misread(text: str) -> None:
    try:
        chain = parse(text)
    except Misread:
        return
    assert parse(" ".join(map(write, chain))) == chain
