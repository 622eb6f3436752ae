"""The layout of the live table: pure functions of what is known, a width and a height."""

import re
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sse_cli.core.items import Content, Event, Item, Progress, Reading, Reasoning, Source
from sse_cli.core.meter import Figures, Meter
from sse_cli.sinks.board import ROW_CHARACTERS, ROWS, Board
from sse_cli.sinks.footer import flow
from sse_cli.sinks.frame import LOW, WIDE, lay_out
from sse_cli.sinks.tail import Tail
from sse_cli.sinks.view import View
from sse_cli.text.cells import Line, width, width_of
from tests.sinks.test_cells import ODD

CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def reading(number: int, text: str, kind: str = "message", event_id: str | None = None) -> Reading:
    return Reading(Event(kind, "raw", event_id, "", None, b"", number / 10, number), (Content(text),))


def board(*items: Item, named: bool = False, show_all: bool = False, choice: int | None = None) -> Board:
    made = Board(show_all=show_all, named=named, choice=choice)
    made.take(items)
    return made


def figures() -> Figures:
    meter = Meter(0.0)
    for number in range(1, 200):
        meter.note_chunk(80, number / 10)
        meter.note_events(1, number / 10)
        meter.note_content(1, 1, number / 10)
    meter.anomalies = 2
    return meter.figures(20.0)


def view(known: Board, height: int = 60, **fields: object) -> View:
    shown: dict[str, object] = {
        "method": "POST",
        "url": "http://h/v1/chat",
        "answer": ("200 text/event-stream", "HTTP/2", "openai-chat"),
        "state": ("● streaming", "bold green"),
        "rows": known.rows(known.newest(height)),
        "widths": known.widths,
        "text": known.text,
        "calls": Tail(),
        "start": 0.0,
        "figures": figures(),
        "elapsed": 20.0,
        "silence": None,
        "gaps": known.content_gaps,
    }
    return View(**(shown | fields))  # type: ignore[arg-type]


def plain(lines: list[Line]) -> list[str]:
    return ["".join(text for text, _ in line) for line in lines]


def drawn(known: Board, room: int = 80, height: int = 23, **fields: object) -> list[str]:
    return plain(lay_out(view(known, **fields), room, height))


@settings(max_examples=150)
@given(text=st.text() | ODD, room=st.integers(1, 220), height=st.integers(0, 60), final=st.booleans())
def test_no_frame_is_larger_than_the_window_or_drives_it(
    text: str, room: int, height: int, final: bool
) -> None:
    known = board(*[reading(n, text, text or "message", text) for n in range(30)])
    odd = {"method": text, "url": text, "answer": (text, text), "final": final, "silence": 3.0}
    lines = drawn(known, room, height, **odd)
    assert final or len(lines) <= height
    for line in lines:
        assert width(line) <= room
        assert not CONTROLS.search(line)


def test_what_was_asked_and_what_came_is_on_top() -> None:
    assert drawn(board())[:2] == [
        "POST http://h/v1/chat",
        "200 text/event-stream · HTTP/2 · openai-chat · ● streaming",
    ]


def test_a_wide_header_is_one_line_from_edge_to_edge() -> None:
    (first, *_) = drawn(board(), WIDE)
    assert first.startswith("POST http://h/v1/chat  ")
    assert first.endswith("openai-chat · ● streaming")
    assert width(first) == WIDE


def test_rows_stand_in_columns_below_their_titles() -> None:
    lines = drawn(board(reading(1, "Hello"), reading(2, " you\n")))
    assert lines[3:6] == [
        "  #      time      gap  part     data",
        "  1     0.100        –  content  Hello",
        "  2     0.200   100 ms  content   you⏎",
    ]


def test_columns_that_would_tell_nothing_are_left_out() -> None:
    raw = Reading(Event("message", "{}", None, "", None, b"", 0.1, 1))
    assert drawn(board(raw))[3].split() == ["#", "time", "gap", "data"]
    ticks = Reading(Event("tick", "{}", "7", "", None, b"", 0.1, 1))
    assert drawn(board(ticks))[3].split() == ["#", "time", "gap", "event", "id", "data"]


@pytest.mark.parametrize(
    ("room", "titles"),
    [
        (140, "# time gap event id part data"),
        (110, "# time gap event part data"),
        (80, "# time gap part data"),
        (40, "# gap part data"),
        (24, "# gap data"),
        (12, "# data"),
    ],
)
def test_columns_yield_to_the_data(room: int, titles: str) -> None:
    known = board(reading(1, "x", "response.output_text.delta", "chatcmpl-0123456789"))
    assert " ".join(drawn(known, room)[3 if room < WIDE else 2].split()) == titles


def test_a_long_event_type_keeps_its_end() -> None:
    event = Event("response.reasoning_summary_text.delta", "{}", None, "", None, b"", 0.1, 1)
    assert "  …mary_text.delta  {}" in drawn(board(Reading(event)), 80)[4]


def test_the_newest_rows_are_shown() -> None:
    raw = [Reading(Event("message", f"<{n}>", None, "", None, b"", n / 10, n)) for n in range(50)]
    lines = drawn(board(*raw), height=23)
    assert len(lines) == 23
    assert "<49>" in lines[-4]
    assert "<34>" in lines[4]


def test_rows_and_text_share_the_room() -> None:
    known = board(*[reading(n, f"line {n}\n") for n in range(50)])
    lines = drawn(known, height=24)
    assert len(lines) == 24
    assert sum(" content " in line for line in lines) in (7, 8)
    assert sum(line.startswith("line ") for line in lines) in (7, 8)
    assert "line 49" in lines


def test_short_text_leaves_the_room_to_the_rows() -> None:
    lines = drawn(board(*[reading(n, "word ") for n in range(50)]), height=40)
    assert sum(" content " in line for line in lines) > 20


def test_a_low_window_has_neither_rules_nor_titles() -> None:
    known = board(*[reading(n, "word ") for n in range(50)])
    lines = drawn(known, 40, LOW - 1)
    assert lines[0] == "POST http://h/v1/chat        ● streaming"
    assert lines[-1].startswith("20.0 s  199 events")
    assert not any("─" in line or "data" in line for line in lines)
    assert len(lines) == LOW - 1


def test_a_very_low_window_keeps_its_header_and_its_footer() -> None:
    known = board(reading(1, "x"))
    assert len(drawn(known, 80, 2)) == 2
    assert drawn(known, 80, 1) == [drawn(known, 80, 2)[0]]


def test_the_footer_has_the_figures() -> None:
    lines = drawn(board(*[reading(n, "x") for n in range(9)]), 80)
    assert lines[-2:] == [
        "20.0 s  199 events  first_content 100 ms  ~10.0 tokens/s  10.0 events/s  800 B/s",
        "gap p50 100 ms p99 100 ms  " + "█" * 8 + "  2 anomalies",
    ]


def test_a_figure_that_finds_no_room_is_left_out_and_not_cut() -> None:
    items: list[Line] = [[("a" * 6, "")], [("b" * 6, "")], [("c", "")]]
    assert plain(flow(items, 10, 1)) == ["aaaaaa  c"]
    assert plain(flow(items, 10, 2)) == ["aaaaaa  c", "bbbbbb"]


def test_a_silence_is_told() -> None:
    assert "20.0 s  silent for 4.20 s  199 events" in drawn(board(), silence=4.2)[-2]


def test_the_last_frame_has_no_footer() -> None:
    lines = drawn(board(reading(1, "Hello")), final=True)
    assert not any("events" in line for line in lines)
    assert lines[-2:] == ["Hello", "─" * 80]


def said(*parts: Content | Reasoning, choice: int | None = None) -> list[str]:
    event = Event("message", "", None, "", None, b"", 0.0, 1)
    return plain(board(Reading(event, parts), choice=choice).text.last_lines(80, 20))


def test_text_that_is_thought_stands_apart_and_dimmed() -> None:
    known = board(
        Reading(
            Event("message", "", None, "", None, b"", 0.0, 1),
            (Reasoning("hm"), Reasoning("m"), Content("Hi")),
        )
    )
    assert known.text.last_lines(80, 9) == [[("hmm", "dim")], [("Hi", "")]]


def test_tool_calls_stand_below_the_text() -> None:
    calls = Tail()
    calls.add("f {}\ng {}\n")
    lines = drawn(board(reading(1, "So:")), calls=calls)
    assert lines[lines.index("So:") :][:3] == ["So:", "f {}", "g {}"]
    assert drawn(board(reading(1, "So:")), height=11, calls=calls)[-3:-1] == ["f {}", "g {}"]


def test_of_several_choices_one_is_read() -> None:
    assert said(Content("a", 1), Content("x", 2), Content("b", 1)) == ["ab"]  # alone, as far as is known
    assert said(Content("a", 1), Content("x", 0), Content("b", 1), Content("y", 0)) == ["xy"]
    assert said(Content("a", 1), Content("x", 0), Content("b", 1), choice=1) == ["ab"]
    assert said(Content("a", 1), choice=0) == []


def test_each_source_has_lines_and_a_column_of_its_own() -> None:
    def of(source: str, number: int, text: str) -> Reading:
        event = Event("message", "", None, "", None, b"", number / 10, number)
        return Reading(event, (Source(source), Content(text)))

    known = board(of("crm", 1, "a "), of("crm", 2, "b"), of("web\x1b", 3, "c"))
    assert plain(known.text.last_lines(80, 9)) == ["crm: a b", r"web\x1b: c"]
    lines = drawn(known)
    assert lines[3].split() == ["#", "time", "gap", "source", "part", "data"]
    assert lines[4].split()[-3:] == ["crm", "content", "a"]


@pytest.mark.parametrize(
    ("progress", "text"),
    [
        (Progress(42, 100), "█" * 8 + "░" * 12 + " 42%"),
        (Progress(3, 10), "█" * 6 + "░" * 14 + " 3/10 (30%)"),
        (Progress(999, 1000), "█" * 19 + "░ 999/1.0 k (99%)"),
        (Progress(5, 4), "█" * 20 + " 5/4 (100%)"),
        (Progress(560e6, 4.7e9), "██" + "░" * 18 + " 560 M/4.7 G (12%)"),
        (Progress(240, None), "progress 240"),
        (Progress(240, 0), "progress 240"),
    ],
)
def test_progress_has_a_bar_where_its_end_is_known(progress: Progress, text: str) -> None:
    assert f"20.0 s  {text}  199 events" in drawn(board(), progress=progress)[-2]


def test_the_newest_progress_is_the_one_shown() -> None:
    event = Event("message", "", None, "", None, b"", 0.0, 1)
    known = board(Reading(event, (Progress(1, 2),)), Reading(event, (Progress(2, 2), Content("x"))))
    known.take([reading(3, "no word of it")])
    assert known.progress == Progress(2, 2)


def test_tabs_and_line_ends_of_the_text() -> None:
    assert said(Content("a\tb\r"), Content("\nc\x1b[2J\n")) == ["a    b", r"c\x1b[2J"]


def test_an_endless_stream_is_kept_to_its_last_rows() -> None:
    known = board(show_all=True)
    big: Callable[[int], Reading] = lambda n: Reading(  # noqa: E731
        Event("message", "x" * 100_000, None, "", None, b"", n / 10, n)
    )
    for number in range(ROWS + 100):
        known.take([big(number)])
    rows = known.rows(known.newest(10 * ROWS))
    assert [row.number for row in rows] == list(range(100, ROWS + 100))
    assert not any(isinstance(item, Reading) for item, _ in known._kept)
    assert all(width_of(row.data) <= ROW_CHARACTERS for row in rows)
    assert len(known.event_gaps) < ROWS
