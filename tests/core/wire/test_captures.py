"""Recorded bodies of real servers: what comes out is what their sidecars say, however they are cut."""

import json
from pathlib import Path
from typing import Any

import pytest

from sse_cli.core.items import WireItem
from sse_cli.core.wire.choose import DECODERS, choose
from tests.core.wire import cuts

FOLDER = Path(__file__).parents[4] / "shared" / "captures"
FORMATS = {".sse": "sse", ".ndjson": "ndjson", ".json_stream": "json-array"}
CAPTURES = sorted(path for path in FOLDER.glob("*") if path.suffix in FORMATS)

pytestmark = pytest.mark.skipif(not CAPTURES, reason="the captures are not here")


def sidecar(path: Path) -> dict[str, Any]:
    return json.loads(path.with_name(path.name + ".json").read_text("utf-8"))


def decode(path: Path, pieces: list[bytes]) -> list[WireItem]:
    return cuts.run(DECODERS[FORMATS[path.suffix]].decoder(), pieces)


@pytest.mark.parametrize("path", CAPTURES, ids=lambda path: path.name)
def test_items_do_not_depend_on_the_cuts(path: Path) -> None:
    body = path.read_bytes()
    whole, *others = (decode(path, pieces) for pieces in cuts.many_ways(body))
    for items in others:
        assert cuts.texts(items) == cuts.texts(whole)
        assert cuts.comments(items) == cuts.comments(whole)
        assert cuts.anomalies(items) == cuts.anomalies(whole)


@pytest.mark.parametrize(
    "path", [path for path in CAPTURES if path.suffix == ".sse"], ids=lambda path: path.name
)
def test_events_of_an_sse_body(path: Path) -> None:
    framing = sidecar(path)["framing"]
    items = decode(path, [path.read_bytes()])
    # The sidecars count an event that the body ends in. The standard drops it.
    cut = [] if framing["last_event_terminated"] else ["cut-event"]
    types = [event.type for event in cuts.events(items)]
    assert len(types) == framing["events"] - len(cut)
    named = {name or "message": count for name, count in framing["event_names"].items()}
    assert sum(named.values()) - len(cut) == len(types)
    assert all(types.count(name) in (count, count - len(cut)) for name, count in named.items())
    assert len(cuts.comments(items)) == framing["comments"]
    kinds = [kind for kind, _ in cuts.anomalies(items)]
    assert (
        kinds.count("unknown-field") == sum(framing["unknown_fields"].values()) + framing["non_field_lines"]
    )
    assert [kind for kind in kinds if kind in ("cut-event", "bad-retry", "nul-in-id", "invalid-utf8")] == cut


@pytest.mark.parametrize(
    "path", [path for path in CAPTURES if path.suffix == ".ndjson"], ids=lambda path: path.name
)
def test_records_of_an_ndjson_body(path: Path) -> None:
    items = decode(path, [path.read_bytes()])
    assert len([json.loads(text) for text in cuts.texts(items)]) == sidecar(path)["framing"]["records"]
    assert cuts.anomalies(items) == []


@pytest.mark.parametrize(
    "path", [path for path in CAPTURES if path.suffix == ".json_stream"], ids=lambda path: path.name
)
def test_elements_of_a_json_body(path: Path) -> None:
    body = path.read_bytes()
    items = decode(path, [body])
    assert [json.loads(text) for text in cuts.texts(items)] == json.loads(body)
    assert cuts.anomalies(items) == []


@pytest.mark.parametrize("path", CAPTURES, ids=lambda path: path.name)
def test_the_format_is_chosen(path: Path) -> None:
    body = path.read_bytes()
    chosen = choose(sidecar(path)["content_type"], body[:4096], final=False)
    assert chosen is not None
    assert (chosen.name, chosen.stream) == (FORMATS[path.suffix], True)
