"""Text on a terminal: its width, how it is cut and wrapped, and the tail that is kept of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import get_character_cell_size

from sse_cli.sinks.tail import PARAGRAPH_CHARACTERS, PARAGRAPHS, Tail
from sse_cli.text.cells import cut, cut_front, on_one_line, pad, width, wrap

ODD = st.text(
    st.sampled_from("a b\t\n\r\x1b\x9b日本👩‍👦❤️🇩🇪é\u0301\u200d\ufe0f\u202e\u2028\ud800{}"), max_size=300
)


def lines_of(tail: Tail, room: int, most: int) -> list[str]:
    return ["".join(text for text, _ in line) for line in tail.last_lines(room, most)]


def test_line_ends_are_seen() -> None:
    assert on_one_line("a\nb\r\nc\r\r\nd\u2028e\tf") == r"a⏎b⏎c\x0d⏎d⏎e f"


@given(st.text() | ODD)
def test_widths_are_at_least_the_tables(text: str) -> None:
    text = on_one_line(text)
    assert width(text) >= sum(map(get_character_cell_size, text))
    assert width(text + text) == 2 * width(text)


@given(st.text() | ODD, st.integers(0, 40))
def test_cutting_and_filling(text: str, room: int) -> None:
    text = on_one_line(text)
    assert width(pad(text, room)) == width(pad(text, room, right=True)) == room
    for part, ends in ((cut(text, room), text.startswith), (cut_front(text, room), text.endswith)):
        assert width(part) <= room
        assert part == text if width(text) <= room else "…" in part or not room
        assert part == text or ends(part.replace("…", "", 1)) or "…" in text


@given(st.text() | ODD, st.integers(2, 40))
def test_wrapping_loses_blanks_alone(text: str, room: int) -> None:
    text = on_one_line(text)
    pieces = [text[start:end] for start, end in wrap(text, room)]
    assert "".join("".join(pieces).split()) == "".join(text.split())
    assert all(width(piece) <= room for piece in pieces)


def test_lines_break_at_blanks_and_inside_words_that_are_too_long() -> None:
    def lines(text: str, room: int) -> list[str]:
        return [text[start:end] for start, end in wrap(text, room)]

    assert lines("the quick brown fox", 10) == ["the quick", "brown fox"]
    assert lines("    indented", 20) == ["    indented"]
    assert lines("a " + "x" * 12, 5) == ["a xxx", "xxxxx", "xxxx"]
    assert lines("日本語日本語", 5) == ["日本", "語日", "本語"]
    assert lines("", 5) == [""]


@given(st.lists(st.tuples(st.text("ab \n", max_size=30), st.sampled_from(["", "dim"])), max_size=40))
def test_the_tail_is_the_end_of_the_text(pieces: list[tuple[str, str]]) -> None:
    tail = Tail()
    for text, style in pieces:
        tail.add(text, style)
    whole = "".join(text for text, _ in pieces).removesuffix("\n")
    expected = [line.rstrip() for line in whole.split("\n")] if any(text for text, _ in pieces) else []
    assert lines_of(tail, 5000, 2000) == expected
    assert lines_of(tail, 5000, 2) == expected[-2:]


def characters(tail: Tail) -> int:
    tail.last_lines(80, 1)
    return sum(len(run.text) for runs in tail._paragraphs for run in runs)


@pytest.mark.parametrize("piece", ["word ", "日本", "line\n", "\n", "x" * 100_000])
def test_an_endless_text_is_kept_to_its_end(piece: str) -> None:
    tail = Tail()
    for number in range(2_000):
        tail.add(piece, "dim" if number % 7 else "")
    tail.add("the end")
    assert "the end" in lines_of(tail, 80, 5)[-1]
    assert characters(tail) <= (PARAGRAPHS + 1) * PARAGRAPH_CHARACTERS * 2
    assert len(tail._paragraphs) <= PARAGRAPHS
    if "\n" not in piece:
        assert characters(tail) <= 2 * PARAGRAPH_CHARACTERS
