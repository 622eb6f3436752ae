"""Events that come in one read and are alike are given as one item, which says what reading each would."""

import json
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from sse_cli.core.extract import parse_named
from sse_cli.core.items import Chunk, Closed, Content, Item, Opened, Reading, Reasoning, Streak
from sse_cli.core.meter import Meter
from sse_cli.core.metrics import METRICS
from sse_cli.core.pipeline import Pipeline, Plan
from sse_cli.core.verdict import judge
from sse_cli.sinks import OUTPUTS
from tests.captures import SIDECARS, sidecar_of
from tests.sinks.captured import show

PATH = (parse_named("$.choices[0].delta.content"),)


def event(text: str | None, number: int = 0, **others: Any) -> bytes:
    choice = {"index": 0, "delta": {"content": text}, "finish_reason": None}
    chunk = {
        "id": f"c{number}",
        "object": "chat.completion.chunk",
        "model": "m",
        "choices": [choice],
        **others,
    }
    return b"data: %b\n\n" % json.dumps(chunk, separators=(",", ":")).encode()


def read(bodies: Sequence[bytes], plan: Plan, *, streaks: bool) -> tuple[list[Item], Pipeline]:
    pipeline = Pipeline(plan, Meter(0.0))
    if streaks:
        pipeline.allow_streaks()
    pipeline.open(Opened(200, (("content-type", "text/event-stream"),), "HTTP/1.1", "u", 0.0))
    items = [item for at, body in enumerate(bodies, 1) for item in pipeline.feed(Chunk(body, float(at)))]
    return items + pipeline.end(99.0), pipeline


def text_of(items: Sequence[Item]) -> str:
    """Return the text of readings and streaks, reasoning in brackets."""
    said = []
    for item in items:
        if isinstance(item, Streak):
            said += [(item.kind, text, item.choice) for text in item.texts]
        elif isinstance(item, Reading):
            said += [(type(p), p.text, p.choice) for p in item.parts if isinstance(p, Content | Reasoning)]
    return repr(said)


def data_of(items: Sequence[Item]) -> list[str]:
    data: list[str] = []
    for item in items:
        if isinstance(item, Streak):
            data += [block.partition("data: ")[2] for block in item.raw.decode()[:-2].split("\n\n")]
        elif isinstance(item, Reading):
            data.append(item.event.data)
    return data


def same(bodies: Sequence[bytes], plan: Plan) -> list[Streak]:
    """Check that a stream is the same with streaks as without; return those."""
    items, pipeline = read(bodies, plan, streaks=True)
    others, other = read(bodies, plan, streaks=False)
    closed = Closed("eof", "", 100.0)
    assert text_of(items) == text_of(others)
    assert data_of(items) == data_of(others)
    assert pipeline.shown == other.shown
    assert judge(pipeline.close(closed)) == judge(other.close(closed))
    assert pipeline.meter.figures(100.0) == other.meter.figures(100.0)
    return [item for item in items if isinstance(item, Streak)]


def alike(count: int, begin: int = 0) -> list[bytes]:
    return [event(f'word "{number}" é\n', number) for number in range(begin, begin + count)]


@pytest.mark.parametrize("plan", [Plan(), Plan(paths=PATH), Plan(metrics=METRICS["guidellm"])])
def test_events_that_are_alike_are_a_streak(plan: Plan) -> None:
    streaks = same([b"".join(alike(100)), b"".join(alike(100, 100)), b"data: [DONE]\n\n"], plan)
    assert [len(streak.texts) for streak in streaks] == [100]
    assert streaks[0].texts[0] == 'word "100" é\n'


def typed(text: str) -> bytes:
    delta = {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": text}}
    return b"event: content_block_delta\ndata: %b\n\n" % json.dumps(delta).encode()


@pytest.mark.parametrize(
    "odd",
    [b"", b"event: ping\ndata: {}\n\n", typed("x")[27:], b"id: 1\n" + typed("x"), b"event: e\n" + typed("x")],
)
def test_events_with_a_type_are_a_streak(odd: bytes) -> None:
    events = [typed(f"word {number}") for number in range(100)]
    streaks = same([b"".join(events), b"".join(events), b"".join([*events[:50], odd, *events[50:]])], Plan())
    assert [len(streak.texts) for streak in streaks] == [100] * (1 if odd else 2)


@pytest.mark.parametrize(
    "odd",
    [
        b": ping\n\n",
        b"id: 7\n" + event("x"),
        b"event: error\ndata: no\n\n",
        b"retry: 10\n\n",
        b"data: [DONE]\n\n",
        b"data: \n\n",
        b"\n",
        b"data: a\ndata: b\n\n",
        event(""),
        event(None),
        event("x", model="other"),
        event("x", usage={"completion_tokens": 7}),
        event("x", error={"message": "no"}),
        event("x").replace(b'"x"', b'"\\ud83c"'),
        event("x").replace(b'"x"', b'"\xff"'),
        event("x").replace(b'"c0"', b'"\xff"'),
        event("x").replace(b"\n\n", b"\r\n\r\n"),
        event("x")[:-1],
    ],
    ids=repr,
)
@pytest.mark.parametrize("place", [0, 50, 100])
def test_one_that_is_not_alike_is_read_as_ever(odd: bytes, place: int) -> None:
    events = alike(100, 100)
    events.insert(place, odd)
    same([b"".join(alike(100)), b"".join(events), b"".join(alike(100, 200)), event("end")], Plan())


@pytest.mark.parametrize(
    "plan",
    [
        Plan(max_events=150),
        Plan(events=frozenset(["message"])),
        Plan(paths=(parse_named("$.id"),)),
        Plan(paths=(parse_named("$.choices[*].delta.content"),)),
        Plan(paths=(*PATH, parse_named("$.id"))),
        Plan(metrics=METRICS["vllm"]),
        Plan(dialect="none", paths=PATH),
    ],
    ids=["limit", "filter", "another path", "a wildcard", "two paths", "vllm", "no dialect"],
)
def test_where_each_event_counts_there_are_no_streaks(plan: Plan) -> None:
    items, _ = read([b"".join(alike(100)), b"".join(alike(100, 100))], plan, streaks=True)
    assert not [item for item in items if isinstance(item, Streak)]


@pytest.mark.parametrize("terminal", [False, True])
@pytest.mark.parametrize("paths", [(), ("$.choices[0].delta.content",)])
@pytest.mark.parametrize("output", sorted(OUTPUTS))
def test_no_output_shows_the_difference(output: str, paths: tuple[str, ...], terminal: bool) -> None:
    if terminal and output == "table":
        return  # it is drawn by a timer
    bodies = [b"".join(alike(60)), b"".join(alike(60, 60)), event("\x1b[1m") + b"data: [DONE]\n\n"]
    with_streaks = show(output, *bodies, paths=paths, terminal=terminal, streaks=True)
    assert with_streaks.text == show(output, *bodies, paths=paths, terminal=terminal).text


def test_streams_of_all_sorts_are_the_same() -> None:
    dice = random.Random(7)
    for _ in range(40):
        bodies = []
        for _ in range(6):
            events = alike(40)
            if dice.random() < 0.5:
                events[dice.randrange(40)] = event(None, usage={"total_tokens": 1})
            whole = b"".join(events)
            cut = dice.randrange(len(whole)) if dice.random() < 0.5 else len(whole)
            bodies += [whole[:cut], whole[cut:]]
        same(bodies, Plan())


@pytest.mark.skipif(not SIDECARS, reason="the recorded bodies are not here")
@pytest.mark.parametrize("path", SIDECARS, ids=lambda path: path.stem)
def test_a_recorded_body_is_the_same(path: Path) -> None:
    if (sidecar_of(path)["content_type"] or "").startswith("text/event-stream"):
        body = path.with_suffix("").read_bytes()
        same([body[: len(body) // 3], body[len(body) // 3 :]], Plan())
