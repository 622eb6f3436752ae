"""The live table on a terminal, read back by a terminal emulator."""

import os
import re

import pyte
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sse_cli.core.items import Fault
from sse_cli.core.meter import Figures, Meter
from sse_cli.core.pipeline import Pipeline, Plan
from sse_cli.sinks import watch
from sse_cli.sinks.live import LiveTable
from sse_cli.sinks.outlet import Outlet, ReaderGone
from sse_cli.sinks.plain import PlainTable
from sse_cli.sinks.screen import Screen
from sse_cli.sinks.sink import Setting
from sse_cli.sinks.table import make
from tests.sinks.captured import Captured
from tests.sinks.terminal import Terminal

# All that a frame may write besides text: colours, the cursor, wiping, and how the terminal is to behave.
OURS = re.compile(r"\x1b\[(?:[\d;]*m|\d+A|[KJ]|\?(?:25|7|2026)[hl])")
BOMB = "\x1b[2J\x1b]0;pwned\x07\x9b31m\x1b]52;c;cHduZWQ=\x07\r\x08\x00"


def content(text: str) -> str:
    from json import dumps

    chunk = {"object": "chat.completion.chunk", "choices": [{"index": 0, "delta": {"content": text}}]}
    return f"data: {dumps(chunk, ensure_ascii=False)}\n\n"


def test_there_is_life_before_the_answer() -> None:
    terminal = Terminal()
    terminal.tick()
    assert terminal.rows[1] == "○ connecting"
    terminal.tick(1.5)
    assert terminal.rows[-1].startswith("1.50 s  0 events")
    terminal.pipeline.meter.start = 10.0
    terminal.pipeline.meter.note_connected(11.0)
    terminal.tick()
    assert terminal.rows[1] == "○ waiting"


def test_another_connection_is_a_row_and_a_state() -> None:
    terminal = Terminal()
    terminal.open()
    terminal.send("data: one\n\n")
    terminal.table.show([Fault("the connection broke", 1.5, terminal.now)])
    terminal.tick()
    assert terminal.rows[1].endswith("○ reconnecting")
    assert "the connection broke; again in 1.50 s" in terminal.rows[5]
    terminal.open()
    terminal.send("data: two\n\n")
    terminal.tick()
    assert terminal.rows[1].endswith("● streaming")
    assert terminal.rows[6].endswith("two")


def test_the_text_of_an_answer_that_begins_anew_takes_the_place_of_what_came() -> None:
    terminal = Terminal()
    terminal.open()
    terminal.send(content("Hel"))
    terminal.table.show([Fault("the connection broke", 1.5, terminal.now, 1, 5, anew=True)])
    terminal.tick()
    assert "the connection broke; anew in 1.50 s (1 of 5)" in terminal.rows[5]
    terminal.open()
    terminal.send(content("Hello"))
    terminal.tick()
    assert "Hello" in terminal.rows
    assert not any("HelHello" in row for row in terminal.rows)


def test_a_stream_from_its_answer_to_its_verdict() -> None:
    terminal = Terminal()
    terminal.tick()
    terminal.open()
    terminal.tick()
    assert terminal.rows[1] == "200 text/event-stream · HTTP/1.1 · ○ waiting"
    terminal.send(content("Hello "))
    terminal.send(content("you"))
    terminal.tick()
    assert terminal.rows[1] == "200 text/event-stream · HTTP/1.1 · openai-chat · ● streaming"
    assert terminal.rows[4].split() == ["1", "0.370", "–", "content", "Hello"]
    assert terminal.rows[5].split() == ["2", "0.390", "20", "ms", "content", "you"]
    assert "Hello you" in terminal.rows
    assert "first_content 370 ms" in terminal.rows[-2]
    terminal.close("truncated")
    assert terminal.rows[1].endswith("· ✗ truncated")
    assert "✗ truncated: as made up" in terminal.rows
    assert "Hello you" in terminal.rows
    assert "".join(terminal.rows).count("first_content") == 1  # the footer gives way to the summary


def test_what_follows_stands_below_the_last_frame() -> None:
    terminal = Terminal()
    terminal.open()
    for number in range(40):
        terminal.send(content(f"{number} "))
        terminal.tick()
        assert terminal.screen.cursor.hidden
    terminal.close()
    assert not terminal.screen.cursor.hidden
    assert terminal.screen.cursor.x == 0
    assert terminal.screen.cursor.y == len(terminal.rows)
    frame, below = terminal.rows.index("─" * 80), terminal.rows.index("✓ complete: as made up")
    assert frame < below
    assert "39" in "".join(terminal.rows[:below])
    assert pyte.modes.DECAWM in terminal.screen.mode


def test_a_run_that_nothing_was_seen_of_draws_nothing() -> None:
    terminal = Terminal()
    terminal.table.close(terminal.summary("unreachable"))
    assert terminal.writes == []


def test_the_verdict_takes_the_place_of_the_state() -> None:
    terminal = Terminal()
    terminal.tick()
    terminal.table.close(terminal.summary("refused"))
    assert terminal.rows[1] == "✗ refused"


def test_secrets_of_the_url_are_masked() -> None:
    terminal = Terminal()
    terminal.open(url="http://h/?api_key=hush")
    terminal.tick()
    assert terminal.rows[0] == "GET http://h/?api_key=***"


def test_a_run_that_is_over_before_the_first_frame_is_drawn_whole() -> None:
    terminal = Terminal()
    terminal.open()
    terminal.send("data: one\n\n")
    terminal.close()
    assert terminal.rows[4].endswith("one")
    assert not terminal.screen.cursor.hidden


@pytest.mark.parametrize(("columns", "lines"), [(80, 24), (200, 50), (40, 10), (24, 4)])
def test_frames_never_scroll_one_another_away(columns: int, lines: int) -> None:
    terminal = Terminal(columns, lines)
    terminal.screen.cursor_position(lines, 1)  # as after many commands: every new line scrolls
    terminal.open()
    for number in range(100):
        terminal.send(content(f"word{number} 日本 "))
        terminal.tick()
        assert terminal.screen.cursor.x == 0
    shown = [line for line in terminal.everything if line.strip()]
    assert sum(line.startswith("GET"[:columns]) for line in shown) == 1
    assert len(shown) < lines


def test_a_new_size_leaves_nothing_of_the_old_frame() -> None:
    terminal = Terminal(80, 24)
    terminal.open()
    for number, (columns, lines) in enumerate([(80, 24), (40, 24), (40, 12), (120, 30), (80, 24)]):
        terminal.screen.resize(lines, columns)
        terminal.send(content(f"word{number} "))
        terminal.tick()
        assert sum(line.startswith("GET") for line in terminal.rows) == 1
        assert sum("first_content" in line for line in terminal.rows) == 1


def test_a_line_that_the_terminal_thinks_too_wide_does_not_wrap() -> None:
    terminal = Terminal(20, 5)
    screen = Screen(terminal, False)
    for _ in range(3):
        screen.draw([[("x" * 25, "")], [("second", "")]])
    assert terminal.rows == ["x" * 20, "second"]


def test_each_frame_is_one_write() -> None:
    terminal = Terminal(color=True)
    terminal.open()
    for number in range(5):
        terminal.send(content("x"))
        terminal.tick()
        assert len(terminal.writes) == number + 1


def test_showing_draws_nothing() -> None:
    terminal = Terminal()
    terminal.open()
    terminal.send("data: x\n\n" * 1000)
    assert terminal.writes == []


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=60) | st.text(st.sampled_from(BOMB + "日👩‍👦 ab"), max_size=60))
def test_no_event_drives_the_terminal(text: str) -> None:
    terminal = Terminal(60, 14, color=True, show_all=True)
    terminal.open(content_type=text)
    terminal.send(content(text) + f"event: {text}\nid: {text}\ndata: {text}\n\n: {text}\n\n{text}: x\n\n")
    terminal.tick()
    frames = len(terminal.writes) + 1
    terminal.close()
    assert b"\n" not in b"".join(terminal.writes[:frames]).replace(b"\r\n", b"")
    written = re.sub("\r?\n", "", OURS.sub("", terminal.text)).replace("\r", "", frames)
    assert not re.search("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", written)


def test_a_bomb_is_spelt() -> None:
    terminal = Terminal(200, 30)
    terminal.open()
    terminal.send(f"event: {BOMB}\ndata: {BOMB}\n\n")
    terminal.tick()
    assert r"\x1b[2J\x1b]0;pwned\x07" in "".join(terminal.rows)
    assert terminal.screen.title == ""


def test_without_color_there_is_none() -> None:
    terminal = Terminal(show_all=True)
    terminal.open()
    terminal.send(content("x"))
    terminal.tick()
    terminal.close()
    assert not re.search(r"\x1b\[[\d;]*m", terminal.text)


def test_with_color_asides_are_dim_and_verdicts_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")  # whoever made the setting has read it already
    terminal = Terminal(color=True, show_all=True)
    terminal.open()
    terminal.send(": ping\n\n")
    terminal.tick()
    assert "\x1b[2mping\x1b[0m" in terminal.text
    terminal.close("failed")
    assert "\x1b[1;31m✗ failed\x1b[0m" in terminal.text


def test_asides_are_rows_if_all_is_shown() -> None:
    shown = {}
    for show_all in (False, True):
        terminal = Terminal(show_all=show_all)
        terminal.open()
        terminal.send(": ping\n\nodd: x\n\ndata: x\n\n")
        terminal.tick()
        shown[show_all] = [
            word for word in ("opened", "comment", "anomaly") if word in "".join(terminal.rows[3:-2])
        ]
    assert shown == {False: [], True: ["opened", "comment", "anomaly"]}


def test_the_text_is_what_the_users_paths_find() -> None:
    terminal = Terminal(paths=("$.v",))
    terminal.open()
    terminal.send('data: {"v": "a "}\n\ndata: {"v": "b"}\n\ndata: {"v": 1}\n\ndata: {"v": 2}\n\n')
    terminal.tick()
    assert terminal.rows[terminal.rows.index("a b") + 1 :][:2] == ["1", "2"]


def call(index: int, arguments: str, name: str | None = None, choice: int = 0) -> str:
    from json import dumps

    piece = {"index": index, "function": {"name": name, "arguments": arguments}}
    delta = {"index": choice, "delta": {"tool_calls": [piece]}}
    return f"data: {dumps({'object': 'chat.completion.chunk', 'choices': [delta]})}\n\n"


def test_tool_calls_are_put_together_although_their_pieces_come_mixed() -> None:
    terminal = Terminal(80, 40)
    terminal.open()
    terminal.send(content("So:"))
    for number, pieces in enumerate([('{"a"', "[1"), (":1}", ",2")]):
        for index, piece in enumerate(pieces):
            terminal.send(call(index, piece, None if number else "fg"[index]))
    terminal.send(call(0, "{}", "not_chosen", choice=1))
    terminal.tick()
    start = terminal.rows.index("So:")
    assert terminal.rows[start + 1 :][:3] == ['f {"a":1}', "g [1,2", "─" * 80]
    terminal.close()
    start = terminal.rows.index("So:")
    assert terminal.rows[start + 1 :][:3] == ['f {"a":1}', "g [1,2", "─" * 80]
    assert "  tool      g [1,2 (cut: not valid JSON)" in terminal.rows


def test_the_text_is_of_the_choice_that_is_asked_for() -> None:
    for choice, shown in ((None, "one"), (0, "one"), (1, "two")):
        terminal = Terminal(choice=choice)
        terminal.open()
        terminal.send(content("two").replace('"index": 0', '"index": 1') + content("one"))
        terminal.tick()
        assert [word for word in ("one", "two") if word in terminal.rows] == [shown]


def test_progress_moves_the_bar() -> None:
    terminal = Terminal()
    terminal.open("application/x-ndjson")
    for completed, bar in (("", ""), (', "completed": 25', "█" * 10 + "░" * 10 + " 25/50 (50%)")):
        terminal.send(f'{{"status": "pulling aa", "digest": "sha256:aa", "total": 50{completed}}}\n')
        terminal.tick()
        assert bar in "".join(terminal.rows)
    assert "status=pulling aa" in "".join(terminal.rows)


def test_a_silence_is_told_once_it_is_long() -> None:
    terminal = Terminal()
    terminal.open()
    terminal.send("data: x\n\n")
    terminal.tick(watch.SILENCE - 0.1)
    assert "silent" not in "".join(terminal.rows)
    terminal.tick(2.2)
    assert "silent for 4.10 s" in "".join(terminal.rows)


def test_figures_of_many_events_are_worked_out_twice_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    terminal.open()
    asked: list[float] = []
    figures = terminal.pipeline.meter.figures

    def count(now: float) -> Figures:
        asked.append(now)
        return figures(now)

    monkeypatch.setattr(terminal.pipeline.meter, "figures", count)
    terminal.send("data: x\n\n" * watch.FEW_EVENTS)
    for _ in range(20):
        terminal.tick(0.1)
    assert 4 <= len(asked) <= 5


def test_a_reader_that_is_gone_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()

    def fail(data: bytes) -> None:
        raise ReaderGone

    monkeypatch.setattr(terminal, "write", fail)
    with pytest.raises(ReaderGone):
        terminal.tick()


def test_the_sink_suits_its_output(monkeypatch: pytest.MonkeyPatch) -> None:
    def sink(is_terminal: bool) -> object:
        pipeline = Pipeline(Plan(), Meter())
        out = Captured(is_terminal)
        return make(Setting(out=out, err=out, pipeline=pipeline, method="GET", url="http://h/"))

    monkeypatch.setenv("TERM", "xterm-256color")
    assert type(sink(True)) is LiveTable
    assert type(sink(False)) is PlainTable
    monkeypatch.setenv("TERM", "dumb")
    assert type(sink(True)) is PlainTable


def test_the_size_is_the_terminals_own() -> None:
    termios = pytest.importorskip("termios")
    ours, theirs = os.openpty()
    try:
        termios.tcsetwinsize(theirs, (17, 43))
        screen = Screen(Outlet(theirs, "terminal"), False)
        assert screen.size == (43, 17)
        termios.tcsetwinsize(theirs, (0, 0))
        assert screen.size == (80, 24)
    finally:
        os.close(ours)
        os.close(theirs)


def test_the_whole_text_stays_when_the_run_is_over() -> None:
    terminal = Terminal(80, 24)
    terminal.open()
    for number in range(60):
        terminal.send(content(f"line {number}\n"))
        terminal.tick()
    assert "line 0" not in terminal.everything
    terminal.close()
    assert [line.rstrip() for line in terminal.everything if line.startswith("line ")] == [
        f"line {number}" for number in range(60)
    ]
