"""Runs for snapshots: events out of a few words, and what was observed of them."""

import json
from collections.abc import Iterable

from hypothesis import strategies as st

from sse_cli.core.items import Event, Reading
from sse_cli.core.snapshots.observed import Observed
from sse_cli.core.snapshots.recorder import SnapshotRecorder
from sse_cli.core.snapshots.snapshot import Snapshot

Given = str | tuple[str, object]
"""An event's type, or that and its data: text as it is, all else as JSON."""


def event(given: Given, number: int = 1) -> Event:
    type_, data = given if isinstance(given, tuple) else (given, {})
    text = data if isinstance(data, str) else json.dumps(data)
    return Event(type_, text, None, "", None, b"", 1.0, number)


def watched(run: Iterable[Given]) -> SnapshotRecorder:
    recorder = SnapshotRecorder()
    for number, given in enumerate(run, 1):
        recorder.note(Reading(event(given, number)))
    return recorder


def observed(run: Iterable[Given], *, ended: bool = True) -> Observed:
    return watched(run).observed(ended=ended)


def snapshot(run: Iterable[Given], *, ended: bool = True) -> Snapshot:
    return watched(run).snapshot(ended=ended)


_KEYS = st.sampled_from("abc") | st.sampled_from(["a b", "*", "[*]", "it's", "", "7", "x" * 200]) | st.text()
_SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(0, 9)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=3)
)

VALUES = st.recursive(
    _SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=4),
    max_leaves=12,
)
"""Any JSON, with keys that meet again and keys that are hard to write."""

OBJECTS = st.dictionaries(_KEYS, VALUES, max_size=4)
RUNS = st.lists(st.tuples(st.sampled_from(["message", "a", "b", "c d", "ping", "…"]), VALUES), max_size=12)
