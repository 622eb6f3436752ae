"""Events that are like one before are answered from it: with just what reading them gives."""

import json
from collections.abc import Sequence
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sse_cli.core import payload
from sse_cli.core.dialects import alike
from sse_cli.core.dialects.alike import Alike
from sse_cli.core.dialects.plans import Plans
from sse_cli.core.dialects.recognise import dialect
from sse_cli.core.dialects.rules import Reader
from sse_cli.core.items import Content, Event, Json, Part
from sse_cli.core.payload import LazyPayload
from tests import captures
from tests.captures import SIDECARS

OPENAI = {
    "id": "1",
    "model": "m",
    "choices": [{"index": 0, "delta": {"content": "a", "role": None}, "finish_reason": None}],
}
ANTHROPIC = {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "a"}}
GEMINI = {
    "candidates": [{"content": {"parts": [{"text": "a"}], "role": "model"}, "index": 0}],
    "modelVersion": "m",
}
OLLAMA = {"model": "m", "message": {"role": "assistant", "content": "a"}, "done": False}
RESPONSES = {"type": "response.output_text.delta", "output_index": 0, "content_index": 0, "delta": "a"}
COHERE = {"type": "content-delta", "index": 0, "delta": {"message": {"content": {"text": "a"}}}}
BASES = {
    "openai-chat": OPENAI,
    "anthropic-messages": ANTHROPIC,
    "gemini": GEMINI,
    "ollama": OLLAMA,
    "openai-responses": RESPONSES,
    "cohere-v2": COHERE,
}
VALUES: st.SearchStrategy[Json] = st.one_of(
    st.sampled_from(
        ["a", "b", "", "m", "stop", "length", "error", None, 2, True, [], {}, ["a"], {"text": "a"}]
    ),
    st.sampled_from(
        [{"message": "no"}, {"content": "a"}, [{"type": "text", "text": "a"}], {"total_tokens": 3}]
    ),
)
NAMES = st.sampled_from(
    [
        "content",
        "reasoning_content",
        "text",
        "error",
        "usage",
        "delta",
        "finish_reason",
        "model",
        "index",
        "type",
    ]
)


def read(name: str, payloads: Sequence[Json]) -> list[tuple[Part, ...]]:
    reader = Reader(dialect(name))
    texts = [payload.encode(value) for value in payloads]
    return [
        reader.read(Event("message", text, None, "", None, b"", 0.0, number), LazyPayload(text))
        for number, text in enumerate(texts, 1)
    ]


def objects(value: Json) -> list[dict[str, Json]]:
    """Return all objects in a value, itself among them."""
    if isinstance(value, list):
        return [found for inner in value for found in objects(inner)]
    if not isinstance(value, dict):
        return []
    return [value, *(found for inner in value.values() for found in objects(inner))]


@st.composite
def streams(draw: st.DrawFn) -> tuple[str, list[Json]]:
    """Give events of a dialect, most of them as they are, some with something else in them."""
    name = draw(st.sampled_from(sorted(BASES)))
    events = []
    for _ in range(draw(st.integers(2, 24))):
        event = json.loads(json.dumps(BASES[name]).replace('"a"', json.dumps(draw(st.sampled_from("abc")))))
        if draw(st.booleans()):
            target = draw(st.sampled_from(objects(event)))
            known = draw(st.booleans()) and target
            target[draw(st.sampled_from(sorted(target)) if known else NAMES)] = draw(VALUES)
        events.append(event)
    return name, events


@pytest.mark.parametrize("worth", [1, alike.WORTH_AN_OUTLINE])
@given(stream=streams())
def test_a_reader_gives_what_it_gives_without_a_memory(worth: int, stream: tuple[str, list[Json]]) -> None:
    with patch.object(alike, "WORTH_AN_OUTLINE", worth):
        found = read(*stream)
    with patch.object(Alike, "read", lambda *_: None):
        assert found == read(*stream)


@pytest.mark.parametrize("name", sorted(BASES))
def test_usual_events_need_no_reading(name: str) -> None:
    texts = [f"word {number}" for number in range(40)]
    events = [json.loads(json.dumps(BASES[name]).replace('"a"', json.dumps(text))) for text in texts]
    with patch.object(Plans, "of", autospec=True, side_effect=Plans.of) as read_anew:
        assert read(name, events)[-1] == (Content("word 39"),)
    assert read_anew.call_count < 12  # the first, and those that are looked at for what relative it is


@pytest.mark.skipif(not SIDECARS, reason="the recorded bodies are not here")
@pytest.mark.parametrize("path", SIDECARS, ids=lambda path: path.stem)
def test_a_recorded_body_is_read_the_same_without_a_memory(path: Path) -> None:
    found = captures.read(path)
    with patch.object(alike, "WORTH_AN_OUTLINE", 1):
        soon = captures.read(path)
    with patch.object(Alike, "read", lambda *_: None):
        again = captures.read(path)
    assert (found.parts, found.outcome()) == (again.parts, again.outcome())
    assert (soon.parts, soon.outcome()) == (again.parts, again.outcome())
