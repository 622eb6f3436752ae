"""Shapes: what is told of values, one by one and merged, and that any value can be told of."""

import json
from functools import reduce
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sse_cli.core.extract import NOTHING
from sse_cli.core.items import Json
from sse_cli.core.snapshots.paths import BadPath, paths_of, shape_at
from sse_cli.core.snapshots.shapes import (
    DEEPEST,
    MOST_KEYS,
    MOST_PATHS,
    Presence,
    Shape,
    as_map,
    cut,
    depth_that_fits,
    fits,
    merge,
    shape_of,
)
from tests.core.snapshots.streams import OBJECTS, VALUES

ABSENT = st.sampled_from([Presence.SOMETIMES, Presence.IN_SOME_RUNS])


def told(*values: Json, absent: Presence = Presence.SOMETIMES) -> dict[str, str]:
    return dict(paths_of(reduce(lambda one, other: merge(one, other, absent), map(shape_of, values))))


ONE = [
    ({}, {"$": "object"}),
    ([], {"$": "array"}),
    (NOTHING, {"$": "text"}),
    ({"a": 1, "b": 1.5, "c": None}, {"$": "object", "$.a": "number", "$.b": "number", "$.c": "null"}),
    ({"at": "2026-01-02T03:04:05Z"}, {"$": "object", "$.at": "string"}),
    ([1, "x", None], {"$": "array", "$[*]": "number | string | null"}),
    (
        [{"a": 1}, {"a": True, "b": []}],
        {"$": "array", "$[*]": "object", "$[*].a": "boolean | number", "$[*].b": "array, optional"},
    ),
    ([[1], []], {"$": "array", "$[*]": "array", "$[*][*]": "number, optional"}),
    ({"a b": {"it's": 1}}, {"$": "object", "$['a b']": "object", r"$['a b']['it\'s']": "number"}),
    ({"a\nb\\": 1}, {"$": "object", r"$['a\u000ab\\']": "number"}),
    ({"*": 1, "[*]": 2}, {"$": "object", "$['*']": "number", "$['[*]']": "number"}),
    ({"content-type": 1, "@id": 2}, {"$": "object", "$.content-type": "number", "$.@id": "number"}),
    ({"17": {"n": 1}, "18": {}}, {"$": "object", "$.*": "object, in some runs", "$.*.n": "number, optional"}),
    (
        {"6fa459ea-ee8a-3ca4-894e-db77e160355e": 1, "all": "x"},
        {"$": "object", "$.*": "number | string, in some runs"},
    ),
    ({"2026-01-02": 1}, {"$": "object", "$.*": "number, in some runs"}),
]


@pytest.mark.parametrize(("value", "paths"), ONE)
def test_one_value(value: Json, paths: dict[str, str]) -> None:
    assert told(value) == paths


SEVERAL = [
    (({"a": 1}, {"a": 1}), {"$": "object", "$.a": "number"}),
    (({"a": 1}, {}), {"$": "object", "$.a": "number, optional"}),
    (({"a": None}, {"a": "x"}), {"$": "object", "$.a": "string | null"}),
    (({"a": [1]}, {"a": []}), {"$": "object", "$.a": "array", "$.a[*]": "number, optional"}),
    (({"a": {"b": 1}}, {"a": "x"}), {"$": "object", "$.a": "object | string", "$.a.b": "number"}),
    ((NOTHING, {"a": 1}), {"$": "object | text", "$.a": "number"}),
    (
        ({"a": {"x": 1}, "b": 1}, {"1": {"y": 1}}),
        {
            "$": "object",
            "$.*": "number | object, in some runs",
            "$.*.x": "number, optional",
            "$.*.y": "number, optional",
        },
    ),
]


@pytest.mark.parametrize(("values", "paths"), SEVERAL)
def test_several_values_whichever_comes_first(values: tuple[Json, ...], paths: dict[str, str]) -> None:
    for order in permutations(values):
        assert told(*order) == paths


def test_what_comes_in_some_runs() -> None:
    assert told({"a": "x", "b": 1}, {"a": None}, absent=Presence.IN_SOME_RUNS) == {
        "$": "object",
        "$.a": "string? | null?",
        "$.b": "number, in some runs",
    }


@given(VALUES, VALUES, ABSENT)
def test_merging_has_no_order(one: Json, other: Json, absent: Presence) -> None:
    first, second = shape_of(one), shape_of(other)
    assert merge(first, second, absent) == merge(second, first, absent)


@given(VALUES, VALUES, VALUES, ABSENT)
def test_merging_has_no_brackets(one: Json, two: Json, three: Json, absent: Presence) -> None:
    a, b, c = shape_of(one), shape_of(two), shape_of(three)
    assert merge(merge(a, b, absent), c, absent) == merge(a, merge(b, c, absent), absent)


@given(VALUES, VALUES, ABSENT)
def test_merging_again_changes_nothing(one: Json, other: Json, absent: Presence) -> None:
    first = shape_of(one)
    both = merge(first, shape_of(other), absent)
    assert merge(first, shape_of(one), absent) == first
    assert merge(both, first, absent) == both


@given(VALUES, VALUES)
def test_a_value_fits_where_merging_it_changes_nothing(known: Json, value: Json) -> None:
    shape = merge(shape_of(known), shape_of(value))
    if fits(shape_of(known), value):
        assert shape == shape_of(known)
    if max(map(len, json.dumps([known, value]).split('"'))) <= 100:  # keys that are cut are never said to fit
        assert fits(shape, value)
        assert fits(shape_of(known), value) == (shape == shape_of(known))


@given(OBJECTS)
def test_the_order_of_keys_does_not_matter(value: dict[str, Json]) -> None:
    assert shape_of(dict(reversed(value.items()))) == shape_of(value)


@given(VALUES, VALUES, ABSENT)
def test_paths_round_trip(one: Json, other: Json, absent: Presence) -> None:
    shape = merge(shape_of(one), shape_of(other), absent)
    paths = dict(paths_of(shape))
    assert shape_at(paths) == shape
    assert shape_at(dict(sorted(paths.items(), reverse=True))) == shape


def test_many_keys_are_a_map_whatever_the_order() -> None:
    few = {f"k{number}": {"n": 1} for number in range(MOST_KEYS)}
    more = few | {"one_more": {"m": "x"}}
    assert len(shape_of(few).below) == MOST_KEYS
    assert told(more)["$.*"] == "object, in some runs"
    assert shape_of(more) == shape_of(dict(reversed(more.items())))
    halves = [dict(list(more.items())[:60]), dict(list(more.items())[60:])]
    assert told(*halves) == told(*reversed(halves)) == told(more)
    assert fits(shape_of(more), {"another": {"n": 2, "m": "y"}})


def test_what_is_deep_is_left_out() -> None:
    value: Json = 1
    for _ in range(500):
        value = {"a": [value]}
    shape = shape_of(value)
    assert len(dict(paths_of(shape))) == DEEPEST + 1
    assert fits(shape, value)


def test_of_what_is_large_the_upper_part_is_kept() -> None:
    value = {f"a{i}": {f"b{j}": {"c": 1} for j in range(50)} for i in range(50)}
    shape = shape_of(value)
    depth = depth_that_fits(shape)
    kept = cut(shape, depth)
    assert depth == 1
    assert len(dict(paths_of(kept))) == 51 <= MOST_PATHS
    assert fits(kept, value, depth)
    assert depth_that_fits(shape_of({"a": {"b": 1}})) == DEEPEST


def test_a_shape_as_a_map() -> None:
    shape = merge(shape_of({"a": 1, "b": None}), shape_of([1]))
    assert dict(paths_of(as_map(shape))) == {
        "$": "array | object",
        "$[*]": "number",
        "$.*": "number | null, in some runs",
    }
    assert as_map(as_map(shape)) == as_map(shape)
    assert as_map(Shape(1)) == Shape(1)


BAD = [
    ({"$.a": "string"}, "$.a", "is missing"),
    ({}, "", "is missing"),
    ({"$": "object", "$.a.b": "string"}, "$.a.b", "what $.a.b is a part of is missing"),
    ({"$": "string", "$.a": "string"}, "$.a", "part of what has none"),
    ({"$": "object", "$[*]": "string"}, "$[*]", "part of what has none"),
    ({"$": "object", "$.a": "string", "$['a']": "null"}, "$['a']", "twice"),
    ({"$": "object", "$.a b": "string"}, "$.a b", "no path"),
    ({"$": "object", "a": "string"}, "a", "no path"),
    ({"$": "object", r"$['\q']": "string"}, r"$['\q']", "is no escape"),
    ({"$": "object"} | {"$" + "[*]" * 17: "string"}, "$" + "[*]" * 17, "no path"),
    ({"$": "thing"}, "$", "no shape: thing"),
    ({"$": "string | "}, "$", "no shape"),
    ({"$": "string, sometimes"}, "$", "no shape"),
    ({"$": 7}, "$", "no shape"),
]


@pytest.mark.parametrize(("paths", "path", "reason"), BAD)
def test_paths_that_are_none(paths: dict[str, Json], path: str, reason: str) -> None:
    with pytest.raises(BadPath) as caught:
        shape_at(paths)
    assert caught.value.path == path
    assert reason in caught.value.reason
    assert caught.value.hint
