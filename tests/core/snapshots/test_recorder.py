"""What is observed of runs: the same of long and short ones, bounded, and merged over several."""

from functools import reduce
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sse_cli.core.snapshots.kinds import Detail
from sse_cli.core.snapshots.observed import MOST_KINDS, Observed, snapshot_of
from sse_cli.core.snapshots.paths import paths_of
from sse_cli.core.snapshots.sequence import write
from sse_cli.core.snapshots.shapes import MOST_PATHS, Shape, merge, shape_of
from sse_cli.core.snapshots.snapshot import Snapshot
from tests.core.snapshots.streams import RUNS, Given, observed, snapshot, watched

DELTA: Given = ("delta", {"text": "a", "usage": None})


def answer(deltas: int) -> list[Given]:
    return ["start", *[DELTA] * deltas, ("delta", {"text": "", "usage": {"total": deltas}}), "stop"]


def sequence(seen: Snapshot) -> str:
    return " ".join(map(write, seen.sequence))


def test_a_hundred_deltas_are_as_good_as_a_hundred_and_twenty() -> None:
    assert snapshot(answer(100)) == snapshot(answer(120))
    assert sequence(snapshot(answer(100))) == "start delta+ stop"
    assert dict(paths_of(snapshot(answer(100)).events["delta"])) == {
        "$": "object",
        "$.text": "string",
        "$.usage": "object | null",
        "$.usage.total": "number",
    }


@given(RUNS)
def test_shapes_are_those_of_all_events_of_a_kind(run: list[Given]) -> None:
    objects: list[Given] = [(kind, {"is": data}) for kind, data in run]
    shapes: dict[str, Shape] = {}
    for kind, data in objects:
        shape = shape_of(data)
        shapes[kind] = merge(shapes[kind], shape) if kind in shapes else shape
    assert {kind: known.shape for kind, known in observed(objects).known.items()} == shapes


def test_what_is_no_object_and_no_array_is_text() -> None:
    for data in ("hello", "", "1", "null", '"quoted"', "{broken", "[DON"):
        assert snapshot([("token", data)]) == snapshot([("token", "hello")])
    assert snapshot([("token", "hello"), ("token", "7")]) == snapshot([("token", "hello")] * 2)


def test_heartbeats_have_no_place_and_need_not_come() -> None:
    seen = snapshot(["ping", "start", "ping", "delta", "ping", "delta", "stop", "ping"])
    assert sequence(seen) == "start delta+ stop"
    assert dict(paths_of(seen.events["ping"])) == {"$": "object, in some runs"}


@pytest.mark.parametrize(
    ("run", "kinds", "text"),
    [
        ([("message", {"type": f"t{n}"}) for n in range(MOST_KINDS)], MOST_KINDS, None),
        ([("message", {"type": f"t{n}"}) for n in range(500)], 1, "message+"),
        (["a", *[("message", {"type": f"t{n}"}) for n in range(500)], "b"], 3, "a message+ b"),
        ([f"t{n}" for n in range(500)], 1, "*+"),
        (["ping", *[("message", {"type": f"t{n}"}) for n in range(500)]], 2, "message+"),
    ],
)
def test_of_too_many_kinds_less_is_told(run: list[Given], kinds: int, text: str | None) -> None:
    seen = snapshot(run)
    assert len(seen.events) == kinds
    assert text is None or " ".join(map(write, seen.sequence)).replace('"*"', "*") == text


def test_an_endless_stream_takes_no_more_than_a_short_one() -> None:
    recorder = watched(
        ("message", {"type": f"t{n % 7}", f"key{n}": {f"k{n % 300}_{j}": n for j in range(99)}})
        for n in range(3000)
    )
    seen = recorder.observed()
    assert len(seen.known) == 7
    assert sum(1 for known in seen.known.values() for _ in paths_of(known.shape)) <= 7 * MOST_PATHS


def test_a_run_that_has_not_ended_is_open() -> None:
    assert snapshot("ab", ended=False).is_open
    assert not snapshot("ab").is_open
    assert snapshot_of([observed("ab"), observed("ab", ended=False)]).is_open


def test_several_runs() -> None:
    with_tool: list[Given] = ["start", DELTA, ("tool", {"id": "x", "name": "y"}), "stop"]
    seen = snapshot_of(
        [observed(with_tool), observed(answer(1)), observed(["start", ("tool", {"id": None}), "stop"])]
    )
    assert sequence(seen) == "start delta* tool? stop"
    assert dict(paths_of(seen.events["tool"])) == {
        "$": "object, in some runs",
        "$.id": "string? | null?",
        "$.name": "string, in some runs",
    }
    assert dict(paths_of(seen.events["delta"]))["$.usage.total"] == "number"
    assert dict(paths_of(seen.events["start"])) == {"$": "object"}


_MANY = st.lists(
    st.tuples(st.sampled_from(["message", "a"]), st.fixed_dictionaries({"type": st.text("abc", min_size=1)}))
)


@given(st.lists(RUNS.map(observed) | _MANY.map(observed), min_size=2, max_size=3))
def test_runs_are_merged_in_any_order(runs: list[Observed]) -> None:
    merged = reduce(Observed.merged, runs)
    for order in permutations(runs):
        assert reduce(Observed.merged, order) == merged
        assert order[0].merged(reduce(Observed.merged, order[1:])) == merged


def test_runs_with_too_many_kinds_together_are_told_in_less_detail() -> None:
    runs = [observed([("message", {"type": f"{run}{n}"}) for n in range(40)]) for run in "abc"]
    merged = reduce(Observed.merged, runs)
    assert merged.detail is Detail.TYPES
    assert sequence(merged.snapshot()) == "message+"
    assert merged == runs[2].merged(runs[0].merged(runs[1]))
