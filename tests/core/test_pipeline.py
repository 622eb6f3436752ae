"""Choosing, stopping and reading in the pipeline: what the sinks get to see of a chunk."""

import pytest

from sse_cli.core.expressions import compile_expression
from sse_cli.core.extract import parse_named
from sse_cli.core.items import Anomaly, Chunk, Closed, Comment, Extracted, Item, Opened, Reading
from sse_cli.core.meter import Meter
from sse_cli.core.pipeline import Pipeline, Plan
from sse_cli.core.verdict import judge

TICKS = b"".join(b"event: tick\ndata: %d\n\n" % number for number in range(5))


def opened(content_type: str | None = "text/event-stream") -> Opened:
    headers = () if content_type is None else (("Content-Type", content_type),)
    return Opened(200, headers, "HTTP/1.1", "http://h/", 0.5)


def run(
    plan: Plan, *chunks: bytes, content_type: str | None = "text/event-stream"
) -> tuple[Pipeline, list[Item]]:
    pipeline = Pipeline(plan, Meter(0.0))
    pipeline.open(opened(content_type))
    items: list[Item] = []
    for number, data in enumerate(chunks, 1):
        items += pipeline.feed(Chunk(data, float(number)))
    return pipeline, items + pipeline.end(9.0)


def shown(items: list[Item]) -> list[str]:
    return [item.event.data for item in items if isinstance(item, Reading)]


def test_the_chunk_comes_first_and_then_what_it_completed() -> None:
    _, items = run(Plan(), b": hi\ndata: a\n\nda", b"ta: b\n\n")
    kinds = [type(item) for item in items]
    assert kinds == [Chunk, Comment, Reading, Chunk, Reading]


def test_the_limit_cuts_inside_a_chunk() -> None:
    pipeline, items = run(Plan(max_events=2), TICKS)
    assert shown(items) == ["0", "1"]
    assert pipeline.stop is not None
    assert pipeline.meter.events == 2


def test_only_chosen_events_count_for_the_limit() -> None:
    pipeline, items = run(Plan(where=(compile_expression("$ >= 2"),), max_events=2), TICKS)
    assert shown(items) == ["2", "3"]
    assert pipeline.meter.events == 4


def test_until_shows_the_event_that_ends_it() -> None:
    pipeline, items = run(Plan(until=compile_expression("data == 1")), TICKS)
    assert shown(items) == ["0", "1"]
    assert pipeline.stop is not None


def test_until_looks_at_events_that_are_not_chosen() -> None:
    pipeline, items = run(
        Plan(until=compile_expression("data == 3"), where=(compile_expression("$ < 2"),)), TICKS
    )
    assert shown(items) == ["0", "1"]
    assert pipeline.stop is not None


def test_events_are_chosen_by_type() -> None:
    _, items = run(Plan(events=frozenset({"b"})), b"event: a\ndata: 1\n\nevent: b\ndata: 2\n\n")
    assert shown(items) == ["2"]


def test_max_bytes_ends_after_the_chunk_that_reaches_it() -> None:
    pipeline, _ = run(Plan(max_bytes=10), b"data: 1\n\n")
    assert pipeline.stop is None
    pipeline, _ = run(Plan(max_bytes=9), b"data: 1\n\n")
    assert pipeline.stop is not None


def test_paths_extract_every_match_under_their_names() -> None:
    paths = (parse_named("$.a[*]"), parse_named("last=$.a[-1]"))
    _, items = run(Plan(paths=paths), b'data: {"a": [1, 2]}\n\ndata: no json\n\n')
    readings = [item for item in items if isinstance(item, Reading)]
    assert readings[0].extracted == (Extracted("$.a[*]", 1), Extracted("$.a[*]", 2), Extracted("last", 2))
    assert readings[1].extracted == ()


def test_extracted_values_are_the_content_where_no_dialect_is() -> None:
    pipeline, _ = run(Plan(paths=(parse_named("$.v"),)), b'data: {"v": ""}\n\n', b'data: {"v": "x"}\n\n')
    assert pipeline.meter.figures(9.0).first_content == 2.0


@pytest.mark.parametrize(
    ("content_type", "body", "verdict"),
    [
        ("text/event-stream", b"data: 1\n\n", "complete"),
        ("TEXT/Event-Stream;charset=x", b"data: 1\n\n", "complete"),
        ("application/json", b'{"error": "no"}', "not-a-stream"),
        ("application/json", b'[{"a": 1}, {"a": 2}]', "complete"),
        ("application/json", b'{"a": 1}\n{"a": 2}\n', "complete"),
        ("text/html", b"<html></html>", "not-a-stream"),
        ("application/x-ndjson", b'{"a": 1}\n', "complete"),
        ("text/plain", b"data: 1\n\n", "complete"),
        (None, b"just words", "complete"),
        ("image/png", b"\x89PNG\r\n\x1a\n\0\0", "not-a-stream"),
        ("text/event-stream", b"", "empty"),
        ("text/event-stream", b": only comments\n\n", "empty"),
    ],
)
def test_what_is_a_stream(content_type: str | None, body: bytes, verdict: str) -> None:
    pipeline, _ = run(Plan(), body, content_type=content_type)
    assert judge(pipeline.close(Closed("eof", "", 9.0))).name == verdict


def test_a_json_answer_is_shown_as_one_event() -> None:
    _, items = run(Plan(), b'{"answer":', b" 42}", content_type="application/json")
    assert shown(items) == ['{"answer": 42}']


def test_a_page_is_kept_for_the_message_and_not_shown() -> None:
    pipeline, items = run(Plan(), b"<html>" + b"x" * 5000, content_type="text/html")
    assert shown(items) == []
    assert pipeline.excerpt.startswith("<html>x")
    assert len(pipeline.excerpt) == 2048


def test_a_body_that_begins_like_sse_is_read_as_sse_and_says_so() -> None:
    pipeline, items = run(Plan(), b"da", b"ta: 1\n\n", content_type="text/plain")
    assert shown(items) == ["1"]
    assert [item.kind for item in items if isinstance(item, Anomaly)] == ["sniffed"]
    assert pipeline.decoder == "sse"


def test_a_forced_format_wins() -> None:
    pipeline, items = run(Plan(decode="lines"), b"data: 1\n\n")
    assert shown(items) == ["data: 1"]
    assert pipeline.decoder == "lines"


def test_comments_and_anomalies_are_counted_and_shown() -> None:
    pipeline, items = run(Plan(), b": a\nfoo: 1\ndata: x\n\nid: 7\n\n")
    assert [item.kind for item in items if isinstance(item, Anomaly)] == ["unknown-field", "no-data"]
    figures = pipeline.meter.figures(9.0)
    assert (figures.comments, figures.anomalies, figures.events) == (1, 2, 1)
