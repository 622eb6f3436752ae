"""The live table of several sources, read back by a terminal emulator."""

import json

import pytest

from sse_cli.core.items import Fault
from tests.sinks.terminal import Terminals


def content(text: str) -> str:
    piece = {"object": "chat.completion.chunk", "choices": [{"index": 0, "delta": {"content": text}}]}
    return f"data: {json.dumps(piece)}\n\n"


def test_each_source_has_a_line_that_says_how_it_stands() -> None:
    terminals = Terminals("one", "second", "third")
    terminals.tick()
    assert [row.split()[:3] for row in terminals.rows[:3]] == [
        ["○", "connecting", label] for label in ("one", "second", "third")
    ]
    terminals.open("one")
    terminals.send("one", "data: 1\n\ndata: 2\n\n")
    terminals.faces["second"].show([Fault("broken", 1.0, terminals.now)])
    terminals.close("third", "refused")
    terminals.tick()
    stands = [row.split()[:5] for row in terminals.rows[:3]]
    assert stands[0] == ["●", "streaming", "one", "2", "events"]
    assert stands[1][:3] == ["○", "reconnecting", "second"]
    assert stands[2][:3] == ["✗", "refused", "third"]
    assert "3 sources  2 events" in terminals.rows[-1]


def test_rows_stand_in_the_order_in_which_they_came_with_their_source() -> None:
    terminals = Terminals("one", "two")
    terminals.open("one")
    terminals.open("two")
    for number, label in enumerate(["one", "two", "two", "one"]):
        terminals.send(label, f"data: {number}\n\n")
    terminals.tick()
    titles = next(row for row in terminals.rows if " source" in row)
    rows = terminals.rows[terminals.rows.index(titles) + 1 :][:4]
    assert [(row.split()[-2], row.split()[-1]) for row in rows] == [
        ("one", "0"),
        ("two", "1"),
        ("two", "2"),
        ("one", "3"),
    ]
    times = [float(row.split()[1]) for row in rows]
    assert times == sorted(times), "counted from one start"


def test_the_text_of_each_stands_below_its_name() -> None:
    terminals = Terminals("one", "two", "three")
    for label in ("one", "two"):
        terminals.open(label)
        terminals.send(label, content(f"I am {label}"))
    terminals.tick()
    rows = terminals.rows
    assert rows[rows.index("one") + 1] == "I am one"
    assert rows[rows.index("two") + 1] == "I am two"
    assert "three" not in rows, "who says nothing has no text"


def test_the_last_frame_comes_with_the_last_source_and_has_all_of_the_text() -> None:
    terminals = Terminals("one", "two", lines=12)
    for label in ("one", "two"):
        terminals.open(label)
        terminals.send(label, content("".join(f"{label} line {number}\n" for number in range(30))))
    terminals.tick()
    assert len(terminals.rows) <= 12
    terminals.close("one")
    assert terminals.terminal.screen.cursor.hidden, "two goes on"
    terminals.tick()
    terminals.close("two", "truncated")
    assert not terminals.terminal.screen.cursor.hidden
    everything = [row.rstrip() for row in terminals.terminal.everything]
    assert [row for row in everything if row.startswith("one line")] == [f"one line {n}" for n in range(30)]
    assert any(row.startswith("✗ truncated") for row in everything)


@pytest.mark.parametrize(("columns", "lines"), [(20, 4), (40, 8), (80, 24), (200, 50), (1, 1), (80, 3)])
def test_no_frame_is_larger_than_the_window(columns: int, lines: int) -> None:
    labels = [f"source-{number}" for number in range(12)]
    terminals = Terminals(*labels, columns=columns, lines=lines)
    for label in labels:
        terminals.open(label)
        terminals.send(label, content("some text\n" * 5) + "data: 流れ 🌊\n\n")
        terminals.tick()
        terminals.tick()
    assert not terminals.terminal.screen.history.top, "nothing was scrolled away"
    if 6 < lines < 36:
        assert any("more" in row for row in terminals.rows), "not all twelve have a line"


def test_one_frame_is_drawn_for_all_of_them() -> None:
    terminals = Terminals("one", "two", "three")
    terminals.tick()
    before = len(terminals.terminal.writes)
    terminals.tick()
    assert len(terminals.terminal.writes) == before + 1
