"""Rows: what they say of each kind of item, and how they stand in a pipe."""

import json
from typing import get_args

import pytest

from sse_cli.core.items import (
    Anomaly,
    Closed,
    Comment,
    Content,
    Event,
    Extracted,
    Finish,
    Opened,
    Part,
    Progress,
    Reading,
    Source,
    ToolCall,
    Usage,
)
from sse_cli.sinks.rows import LOOKS, to_row
from tests.sinks.captured import show


def event(data: str, at: float = 1.0) -> Event:
    return Event("message", data, None, "", None, b"", at, 1)


def said(*parts: Part) -> str:
    return "".join(text for text, _ in to_row(Reading(event("raw"), parts), None).data)


def test_every_part_has_a_look() -> None:
    assert set(LOOKS) == set(get_args(Part))


def test_parts_stand_for_the_data() -> None:
    assert said(Content("Hi"), Finish("length", cut=True)) == "Hi length (cut)"
    assert said(ToolCall(0, name="f", arguments="{}"), ToolCall(0, arguments="x")) == "f {} x"
    assert said(Usage(1, 2000, None, 0, 2001, {})) == "input 1 output 2,000 cached 0"
    assert said() == "raw"


def test_extracted_values_go_before_parts_and_have_names_if_there_are_several() -> None:
    reading = Reading(event("raw"), (Content("Hi"),), (Extracted("a", "x"), Extracted("b", {"c": 1})))
    assert "".join(text for text, _ in to_row(reading, None).data) == 'x {"c":1}'
    assert "".join(text for text, _ in to_row(reading, None, named=True).data) == 'a=x b={"c":1}'


def test_a_row_names_its_parts_once_each() -> None:
    parts = (Content("a"), Content("b"), Finish("stop"))
    assert to_row(Reading(event(""), parts), None).part == "content+finish"


def test_a_row_names_the_choice_unless_it_is_the_first() -> None:
    parts = (Content("a"), Content("b", 1), Finish("stop", 1))
    assert to_row(Reading(event(""), parts), None).part == "content+content[1]+finish[1]"


def test_the_source_is_no_part_of_the_data() -> None:
    row = to_row(Reading(event("raw"), (Source("crm"), Content("Hi"), Progress(1, 4))), None)
    assert (row.source, row.part) == ("crm", "content+progress")
    assert "".join(text for text, _ in row.data) == "Hi 1/4 (25%)"
    assert said(Source("crm")) == "raw"


def test_in_a_pipe_the_source_stands_before_the_data() -> None:
    data = {"content": "Hi", "metadata": {"chunk_index": 1, "source": "crm"}}
    line = show("table", f"data: {json.dumps(data)}\n\n".encode(), dialect="xano").text.splitlines()[1]
    assert line.endswith("  crm: Hi")


def test_a_gap_is_the_time_since_the_row_before() -> None:
    assert to_row(Reading(event("x", at=3.5)), 3.0).gap == 0.5
    assert to_row(Reading(event("x", at=3.5)), None).gap is None


def test_a_limit_holds_for_all_of_the_data() -> None:
    row = to_row(Reading(event(""), (Content("a" * 50), Content("b" * 50))), None, limit=60)
    assert "".join(text for text, _ in row.data) == "a" * 50 + " " + "b" * 9


@pytest.mark.parametrize(
    ("item", "kind", "text"),
    [
        (Comment("ping", 1.0), "comment", "ping"),
        (Anomaly("no-data", "x", 1.0), "anomaly", "no-data: x"),
        (Opened(200, (("Content-Type", "a/b"),), "HTTP/1.1", "u", 1.0), "opened", "200 HTTP/1.1 a/b"),
        (Closed("eof", "", 1.0), "closed", "eof"),
    ],
)
def test_what_is_no_event_is_an_aside(
    item: Comment | Anomaly | Opened | Closed, kind: str, text: str
) -> None:
    row = to_row(item, None)
    assert (row.aside, row.number, row.type, row.data) == (True, None, kind, [(text, "dim")])


def test_plain_rows_stand_in_columns_under_one_header() -> None:
    body = b"event: tick\nid: 7\ndata: one\n\n"
    lines = show("table", body, body * 2).text.splitlines()
    assert lines[0].split() == ["#", "time", "gap", "event", "id", "part", "data"]
    assert [line.split() for line in lines[1:]] == [
        ["1", "1.000", "–", "tick", "7", "one"],
        ["2", "2.000", "1.00", "s", "tick", "7", "one"],
        ["3", "2.000", "0", "ms", "tick", "7", "one"],
    ]
    for title, value in (("event", "tick"), ("id", "7"), ("data", "one")):
        assert {line.index(value) for line in lines[1:]} == {lines[0].index(title)}


def test_plain_columns_hold_with_wide_signs() -> None:
    body = "event: 更新\ndata: one\n\nevent: tick\ndata: one\n\n".encode()
    _, wide, narrow = show("table", body).text.splitlines()
    assert wide.index("one") + 2 == narrow.index("one")  # two signs of two cells each


def test_plain_data_is_whole_and_on_one_line() -> None:
    data = "x" * 500 + "\x1b[2J\ttab"
    out = show("table", f"data: {data}\ndata: second\ndata\n\n".encode()).text
    assert out.splitlines()[1].endswith(f"{data}⏎second⏎")


def test_a_terminal_that_cannot_be_drawn_on_gets_harmless_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "dumb")
    out = show("table", b"data: \x1b[2Jboo\n\n", terminal=True).text
    assert out.splitlines()[1].endswith(r"\x1b[2Jboo")
    assert "\x1b" not in out


def test_a_chunk_is_one_write_in_a_pipe() -> None:
    assert len(show("table", b"data: a\n\ndata: b\n\n", b": no row\n\n").writes) == 1


def test_asides_are_rows_if_all_is_shown() -> None:
    body = b": ping\n\ndata: x\n\n"
    assert [line.split()[-1] for line in show("table", body).text.splitlines()] == ["data", "x"]
    lines = [line.split() for line in show("table", body, show_all=True).text.splitlines()]
    assert [("opened" in line, "comment" in line, "message" in line) for line in lines[1:]] == [
        (True, False, False),
        (False, True, False),
        (False, False, True),
    ]


def test_rows_show_what_a_dialect_reads() -> None:
    chunk = {"object": "chat.completion.chunk", "choices": [{"index": 0, "delta": {"content": "Hi\nyou"}}]}
    line = show("table", f"data: {json.dumps(chunk)}\n\n".encode()).text.splitlines()[1]
    assert line.split()[-2:] == ["content", "Hi⏎you"]
