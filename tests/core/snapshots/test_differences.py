"""What is different between two runs, what of it breaks, and how people are told."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sse_cli.core.items import Json
from sse_cli.core.snapshots.differences import Difference, compare, failing
from sse_cli.core.snapshots.observed import snapshot_of
from sse_cli.core.snapshots.shapes import Presence, merge, shape_of
from sse_cli.core.snapshots.snapshot import Snapshot
from tests.core.snapshots.streams import OBJECTS, RUNS, VALUES, Given, observed, snapshot
from tests.core.snapshots.told import write_differences


def told(old: Snapshot, new: Snapshot) -> list[str]:
    """The lines, with single spaces, and no heading of kinds."""
    lines = [" ".join(line.split()) for line in write_differences(compare(old, new))]
    return [line for line in lines if line not in ("kinds of events", "e")]


ORDERS = [
    ("sdddce", "sdce", []),
    ("sdce", "sdddce", ["× d once → several times"]),
    ("sdce", "sde", ["! - c after d"]),
    ("sdce", "dce", ["! - s first"]),
    ("sde", "sdce", ["+ c after d"]),
    ("sde", "asde", ["+ a first"]),
    ("sdce", "scde", ["! ↕ c after d → before d"]),
    ("sdddce", "sddcdde", ["! ↕ c after d → also before d"]),
    ("sabcde", "sbcdae", ["! ↕ a before b, c, d → after b, c, d"]),
    ("sabcdeft", "sbcdefat", ["! ↕ a before b, c, d and more → after b, c, d and more"]),
    ("sabcde", "sdabce", ["! ↕ d after a, b, c → before a, b, c"]),
    (
        "abcd",
        "dcba",
        [
            "! ↕ a before b, c, d → after b, c, d",
            "! ↕ b before c, d → after c, d",
            "! ↕ c before d → after d",
        ],
    ),
    (
        "sbdce",
        "sbdcbdce",
        ["× b once → several times", "× c once → several times", "× d once → several times"],
    ),
    ("sbdcbdce", "sbdce", []),
    ("sbdcbdce", "sbdcbcbdce", ["? d every time → not every time"]),
    ("sbdcbcbdce", "sbdcbdce", []),
    ("sbdcbdce", "sbcdbcde", ["! ↕ c after d → before d"]),
    ("sabababe", "sbabae", ["! ↕ a before b → after b"]),
    ("saabbabe", "sbbaae", []),
    ("", "a", ["+ a first"]),
    ("a", "", ["! - a first"]),
    (
        "abc",
        "xyz",
        ["! - a first", "! - b after a", "! - c after b", "+ x first", "+ y after x", "+ z after y"],
    ),
]


@pytest.mark.parametrize(("old", "new", "lines"), ORDERS)
def test_kinds_and_their_order(old: str, new: str, lines: list[str]) -> None:
    assert told(snapshot(old), snapshot(new)) == lines


SHAPES: list[tuple[list[Json], list[Json], list[str]]] = [
    ([{"a": 1}], [{"a": 2.5}], []),
    ([{"a": 1}], [{}], ["! - $.a number"]),
    ([{}], [{"a": {"b": 1}}], ["+ $.a object"]),
    ([{"a": 1}, {}], [{}], ["! - $.a number, optional"]),
    ([{"a": 1}], [{"a": 1}, {}], ["? $.a always → not always"]),
    ([{"a": 1}, {}], [{"a": 1}], []),
    ([{"a": 1}], [{"a": "1"}], ["! ~ $.a number → string"]),
    ([{"a": 1}], [{"a": 1}, {"a": "1"}], ["! ~ $.a number → number | string"]),
    ([{"a": 1}], [{"a": 1}, {"a": None}], ["~ $.a number → number | null"]),
    ([{"a": 1}, {"a": None}], [{"a": 1}], []),
    ([{"a": 1}, {"a": None}], [{"a": None}], ["! ~ $.a number | null → null"]),
    ([{"a": None}], [{"a": {"b": 1}}], ["~ $.a null → object"]),
    ([{"a": 1}, {"a": "1"}], [{"a": 1}], ["~ $.a number | string → number"]),
    ([{"a": {"b": 1}}], [{"a": [1]}], ["! ~ $.a object → array"]),
    ([{"a": [{"b": 1, "c": 2}]}], [{"a": [{"b": 1}]}], ["! - $.a[*].c number"]),
    ([{"a": [1]}], [{"a": []}], ["! - $.a[*] number"]),
    ([{"a": [1]}], [{"a": []}, {"a": [2]}], ["? $.a[*] always → not always"]),
    ([{"a": 1}], [[1]], ["! ~ $ object → array"]),
    (["text"], ["text", [1]], ["~ $ text → array | text"]),
    ([{"a": 1}], ["text"], ["! ~ $ object → text"]),
    ([{"u": {"1": {"n": 1}}}], [{"u": {"2": {"n": 1}, "x": {"n": 1}}}], []),
    (
        [{"u": {"x": {"n": 1}}}],
        [{"u": {"2": {"n": 1}, "3": {"m": 1}}}],
        ["+ $.u.*.m number, optional", "? $.u.*.n always → not always"],
    ),
    ([{"a": 1, "b": {"c": 1}}], [{"b": {"d": 1}}], ["! - $.a number", "! - $.b.c number", "+ $.b.d number"]),
]


def of_kind(values: list[Json]) -> Snapshot:
    return snapshot([("e", value) for value in values])


@pytest.mark.parametrize(("old", "new", "lines"), SHAPES, ids=range(len(SHAPES)))
def test_shapes(old: list[Json], new: list[Json], lines: list[str]) -> None:
    found = told(of_kind(old), of_kind(new))
    assert [line for line in found if not line.startswith("× e once")] == lines


SEVERAL: list[tuple[list[list[Given]], list[list[Given]], list[str]]] = [
    ([["a", "t", "b"], ["a", "b"]], [["a", "b"]], []),
    ([["a", "t", "b"], ["a", "b"]], [["a", "t", "b"]], []),
    ([["a", "t", "b"]], [["a", "t", "b"], ["a", "b"]], ["t", "! ? $ always → in some runs"]),
    ([[("e", {"a": 1, "n": None})], [("e", {"n": "x"})]], [[("e", {"n": None})]], []),
    ([[("e", {"a": 1})]], [[("e", {"a": 1})], [("e", {})]], ["! ? $.a always → in some runs"]),
    ([[("e", {"a": 1})]], [[("e", {"a": 1})], [("e", {"a": None})]], ["! ~ $.a number → number? | null?"]),
]


def of_runs(runs: list[list[Given]]) -> Snapshot:
    return snapshot_of([observed(run) for run in runs])


@pytest.mark.parametrize(("old", "new", "lines"), SEVERAL, ids=range(len(SEVERAL)))
def test_several_runs(old: list[list[Given]], new: list[list[Given]], lines: list[str]) -> None:
    assert told(of_runs(old), of_runs(new)) == lines


@given(RUNS, st.booleans())
def test_a_run_is_not_different_from_itself(run: list[Given], ended: bool) -> None:
    assert compare(snapshot(run, ended=ended), snapshot(run, ended=ended)) == ()


@given(RUNS, RUNS)
def test_a_difference_has_two_sides_and_a_line(one: list[Given], other: list[Given]) -> None:
    found = compare(snapshot(one), snapshot(other))
    assert len(set(found)) == len(found)
    assert all(each.was or each.now for each in found)
    headings = {each.kind if each.path else "" for each in found}
    assert len(write_differences(found)) == len(found) + len(headings)


@given(st.lists(OBJECTS, min_size=1, max_size=3), st.lists(OBJECTS, max_size=2))
def test_what_the_old_one_has_seen_is_nothing_new(values: list[Json], more: list[Json]) -> None:
    old = snapshot([("e", value) for value in [*values, *more]])
    found = compare(old, snapshot([("e", value) for value in values]))
    assert {each.change.value for each in found} <= {"removed", "changed"}  # something may not have come


@given(st.lists(OBJECTS, min_size=1, max_size=3))
def test_each_of_several_runs_is_as_they_are_together(values: list[Json]) -> None:
    runs: list[list[Given]] = [[("e", value)] for value in values]
    together = of_runs(runs)
    assert [compare(together, snapshot(run)) for run in runs] == [()] * len(runs)


@given(VALUES, VALUES)
def test_what_merging_adds_is_added_or_optional(one: Json, other: Json) -> None:
    old, new = shape_of(one), merge(shape_of(one), shape_of(other), Presence.SOMETIMES)
    for each in compare(Snapshot((), {"ping": old}), Snapshot((), {"ping": new})):
        assert each.change.value in ("added", "optional now", "changed")


def test_what_a_run_fails_with() -> None:
    found = compare(of_kind([{"a": 1}]), of_kind([{"b": 1}]))
    assert [each.path for each in failing(found)] == ["$.a"]


def test_how_people_are_told() -> None:
    old = snapshot([("start", {"id": "x"}), ("delta", {"text": "a", "index": 1}), "usage", "stop"])
    new = snapshot(
        [("start", {"id": 7}), "note", ("delta", {"text": None, "more": {}}), ("delta", {}), "stop"]
    )
    assert write_differences(compare(old, new)) == [
        "kinds of events",
        "! - usage  after delta",
        "  + note   after start",
        "  × delta  once → several times",
        "delta",
        "! - $.index  number",
        "  + $.more   object, optional",
        "! ~ $.text   string → null",
        "  ? $.text   always → not always",
        "start",
        "! ~ $.id  string → number",
    ]


def test_a_difference_as_a_value() -> None:
    (found,) = compare(of_kind([{"a": 1}]), of_kind([{}]))
    assert isinstance(found, Difference)
    assert (found.change.value, found.kind, found.path) == ("removed", "e", "$.a")
    assert (found.was, found.now, found.is_breaking) == ("number", "", True)


def chunk(finish: str | None = None, **more: Json) -> Given:
    choice = {"index": 0, "delta": {} if finish else {"content": "a"}, "finish_reason": finish}
    return ("message", {"object": "chat.completion.chunk", "choices": [choice], "usage": None, **more})


DELTAS = [chunk()] * 5
END = [chunk("stop"), chunk(choices=[], usage={"total": 7}), ("message", "[DONE]")]
FAILURE: Given = ("message", {"error": {"message": "overloaded"}})

BROKEN: dict[str, tuple[list[Given], list[str]]] = {
    "longer": (DELTAS * 9 + END, []),
    "with pings": (["ping", *DELTAS, ("message", {"type": "ping"}), *END], []),
    "cut": (DELTAS, ["[DONE] removed!", "$.choices[*].finish_reason changed!", "$.usage changed!"]),
    "without the end marker": (DELTAS + END[:-1], ["[DONE] removed!"]),
    "with the end marker twice": (DELTAS + END + END[-1:], ["[DONE] repeated now"]),
    "with the end marker among the deltas": (DELTAS + END[-1:] + END, ["[DONE] reordered!"]),
    "without usage": ([*DELTAS, END[0], END[2]], ["$.usage changed!"]),
    "without a finish reason": (DELTAS + END[1:], ["$.choices[*].finish_reason changed!"]),
    "with an error for an answer": ([FAILURE], ["chunk removed!", "[DONE] removed!", "message added"]),
    "with an error after an answer": ([*DELTAS, *END, FAILURE], ["message added"]),
    "with text where JSON was": ([("message", "hello"), END[-1]], ["chunk removed!", "message added"]),
}
"""What is different from a good answer; `!` is where that breaks."""


@pytest.mark.parametrize("name", BROKEN)
def test_what_a_broken_stream_lacks(name: str) -> None:
    run, expected = BROKEN[name]
    found = compare(snapshot(DELTAS + END), snapshot(run))
    short = {"message:chat.completion.chunk": "chunk", "message:[DONE]": "[DONE]"}
    assert [
        f"{each.path or short.get(each.kind, each.kind)} {each.change.value}{'!' * each.is_breaking}"
        for each in found
    ] == expected
