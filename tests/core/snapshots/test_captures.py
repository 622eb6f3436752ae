"""Snapshots of recorded bodies: they survive their text, and the good runs of an endpoint agree."""

from collections import defaultdict
from functools import cache
from pathlib import Path

import pytest

from sse_cli.core.items import Reading
from sse_cli.core.snapshots.differences import compare
from sse_cli.core.snapshots.observed import Observed, snapshot_of
from sse_cli.core.snapshots.recorder import SnapshotRecorder
from sse_cli.core.snapshots.sequence import write
from sse_cli.core.snapshots.text import decode, encode
from tests.captures import FOLDER, SIDECARS, expected_verdict, read, sidecar_of

pytestmark = pytest.mark.skipif(not SIDECARS, reason="there are no recorded bodies here")

STREAMS = [path for path in SIDECARS if sidecar_of(path)["http_status"] == 200]
GOOD = [path for path in STREAMS if expected_verdict(sidecar_of(path)) == "complete"]


@cache
def readings(path: Path) -> tuple[Reading, ...]:
    return tuple(item for item in read(path).items if isinstance(item, Reading))


def watched(events: tuple[Reading, ...]) -> Observed:
    recorder = SnapshotRecorder()
    for reading in events:
        recorder.note(reading)
    return recorder.observed()


@pytest.mark.parametrize("path", STREAMS, ids=lambda path: path.stem)
def test_a_snapshot_is_read_as_it_was_written_and_has_no_differences(path: Path) -> None:
    seen = watched(readings(path)).snapshot()
    assert decode(encode(seen)) == seen
    assert compare(seen, watched(readings(path)).snapshot()) == ()


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.stem)
def test_a_longer_answer_has_the_same_snapshot(path: Path) -> None:
    """Each delta but the first and the last comes twice: those of its kind are all around it."""
    events = readings(path)
    kinds = [set(watched((event,)).known) for event in events]
    longer: list[Reading] = []
    for place, event in enumerate(events):
        inside = 0 < place < len(events) - 1 and kinds[place - 1] == kinds[place] == kinds[place + 1]
        longer += [event] * (1 + inside)
    assert watched(tuple(longer)).snapshot() == watched(events).snapshot()


def _endpoints() -> list[tuple[str, list[Path]]]:
    endpoints = defaultdict(list)
    for path in GOOD:
        endpoints["__".join(path.name.split("__")[:2])].append(path)
    return sorted((name, paths) for name, paths in endpoints.items() if len(paths) > 1)


@pytest.mark.parametrize(
    ("name", "paths"), _endpoints(), ids=lambda value: value if isinstance(value, str) else ""
)
def test_each_run_of_an_endpoint_is_as_they_are_together(name: str, paths: list[Path]) -> None:
    """Of other models and requests, even: what they do not share is known to come in some runs."""
    runs = [watched(readings(path)) for path in paths]
    together = snapshot_of(runs)
    assert together == snapshot_of(reversed(runs))
    for run in runs:
        assert compare(together, run.snapshot()) == ()


SEQUENCES = {
    "anthropic-messages__anthropic": (
        "message_start+ (content_block_start content_block_delta* content_block_stop)+ "
        "message_delta message_stop?"
    ),
    "openai-chat__openai": "message:chat.completion.chunk+ message:[DONE]",
    "gemini-interactions__gemini": (
        "interaction.created interaction.status_update (step.start step.delta+ step.stop)+ "
        "interaction.completed done?"
    ),
    "cohere-v2__cohere": (
        "message-start ((content-start (citation-start citation-end | content-delta)+ content-end)+ "
        "| tool-plan-delta+ (tool-call-start tool-call-delta* tool-call-end)+) message-end message:[DONE]?"
    ),
    "ollama-ndjson__ollama": "message+",
}
"""What the runs of an endpoint amount to: its protocol, as its documents have it."""


@pytest.mark.parametrize("name", SEQUENCES)
def test_the_runs_of_an_endpoint_tell_its_protocol(name: str) -> None:
    paths = dict(_endpoints())[name]
    seen = snapshot_of([watched(readings(path)) for path in paths])
    assert " ".join(map(write, seen.sequence)) == SEQUENCES[name]


def test_the_order_of_events_is_never_another_in_a_good_run() -> None:
    """Whichever of two runs comes first, of one provider: what differs is what there is, not its order."""
    for _, paths in _endpoints():
        seen = [watched(readings(path)).snapshot() for path in paths]
        changes = {each.change.value for old in seen for new in seen for each in compare(old, new)}
        assert "reordered" not in changes


def test_a_cut_answer_is_told_from_a_whole_one() -> None:
    path = FOLDER / "anthropic-messages__anthropic__claude-haiku-4-5-20251001__03.sse.json"
    events = readings(path)
    whole, cut = watched(events).snapshot(), watched(events[:-2]).snapshot()
    assert [(each.change.value, each.kind, each.is_breaking) for each in compare(whole, cut)] == [
        ("removed", "message_delta", True),
        ("removed", "message_stop", True),
    ]
