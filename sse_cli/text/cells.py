"""How much room text takes on a terminal, and how it is made to fit. The only importer of rich's cell tables.

Widths are upper bounds, and that of a whole is the sum of its parts: terminals disagree on joined emoji and
on variation selectors, and a line that is a cell short does less harm than one that wraps.
"""

import re

from rich.cells import get_character_cell_size

from sse_cli.text.escape import escape, whole

Span = tuple[str, str]
"""A piece of text and its style, in rich's words: `dim`, `bold red`, or nothing."""
Line = list[Span]

_WIDENS = "\ufe0f"  # variation selector 16 asks for the wide form of the sign before it
_MOST_SIGNS = 10_000
_BREAKS = str.maketrans({"\n": "⏎", "\t": " ", "\u2028": "⏎", "\u2029": "⏎"})
_WORD = re.compile(r"\S+\s*|\s+")


def on_one_line(text: str) -> str:
    """Return wire text fit for a line of a terminal: it drives nothing, and its line ends are seen as ⏎."""
    if text.isascii() and text.isprintable():
        return text
    return whole(escape(text).replace("\r\n", "⏎").translate(_BREAKS))


def width(text: str) -> int:
    """Return the cells that text takes at most. It holds no control characters."""
    return len(text) if text.isascii() else sum(map(_cells, text))


def width_of(line: Line) -> int:
    """Return the cells that a line takes at most."""
    return sum(width(text) for text, _ in line)


def cut(text: str, room: int) -> str:
    """Return text that takes `room` cells at most, with … where something is missing."""
    if width(text) <= room:
        return text
    return text[: _fitting(text, room - 1)] + "…" if room > 0 else ""


def cut_front(text: str, room: int) -> str:
    """Return the end of text, `room` cells at most, with … where something is missing before it."""
    if width(text) <= room:
        return text
    return "…" + text[len(text) - _fitting(text[::-1], room - 1) :] if room > 0 else ""


def cut_line(line: Line, room: int) -> Line:
    """Return a line that takes `room` cells at most."""
    kept: Line = []
    for text, style in line:
        cells = width(text)
        if cells > room:
            return [*kept, (cut(text, room), style)]
        kept.append((text, style))
        room -= cells
    return kept


def pad(text: str, room: int, *, right: bool = False) -> str:
    """Return text that takes exactly `room` cells, cut or filled; `right` puts it at the right."""
    text = cut(text, room)
    blank = " " * (room - width(text))
    return blank + text if right else text + blank


def wrap(text: str, room: int) -> list[tuple[int, int]]:
    """Return where the lines of a paragraph begin and end, none wider than `room` cells.

    Lines break at blanks, and inside a word only where it is wider than a line. A sign wider than the
    room has a line of its own.
    """
    lines: list[tuple[int, int]] = []
    start = 0
    while True:
        window = text[start : start + room + 1]
        following = _break_ascii(text, start, window, room) if window.isascii() else _break(text, start, room)
        end = len(text) if following is None else following
        lines.append((start, start + len(text[start:end].rstrip())))
        if following is None:
            return lines
        start = following


def _break_ascii(text: str, start: int, window: str, room: int) -> int | None:
    """Return where the next line begins, or None: told by the `window` of the first `room` signs and one."""
    if len(window) <= room:
        return None
    word = start + window.rfind(" ") + 1  # the word at the window's end, which may be begun or be past it
    while text.startswith(" ", word):
        word += 1
    if word > start + room:  # all of the line fits, and there may be nothing but blanks after it
        return word if word < len(text) else None
    end = text.find(" ", word, word + room + 1)
    wide = (len(text) if end < 0 else end) - word > room
    return start + max(room, 1) if wide or word == start else word


def _break(text: str, start: int, room: int) -> int | None:
    """Return where the line after the one from `start` begins, or None if that is the last."""
    used = 0
    for match in _WORD.finditer(text, start):
        word = match[0].rstrip()
        position = match.start()
        cells = width(word)
        if used and used + cells > room and cells <= room:
            return position
        if used + cells > room:
            # One sign at least, or a room of one cell and a sign of two would never end.
            fitting = _fitting(text, room - used, position, position + len(word)) or (0 if used else 1)
            if position + fitting < len(text):
                return position + fitting
        used += cells + width(match[0][len(word) :])
    return None


class _Widths(dict[str, int]):
    """The width of each sign that was met: three times as fast as rich's own cache, and bounded as well."""

    def __missing__(self, sign: str) -> int:
        if len(self) > _MOST_SIGNS:
            self.clear()
        cells = self[sign] = 1 if sign == _WIDENS else get_character_cell_size(sign)
        return cells


_cells = _Widths().__getitem__


def _fitting(text: str, room: int, start: int = 0, end: int | None = None) -> int:
    """Return how many signs from `start` on fit into `room` cells."""
    end = len(text) if end is None else end
    if text.isascii():
        return max(0, min(end - start, room))
    for place in range(start, end):
        room -= _cells(text[place])
        if room < 0:
            return place - start
    return end - start
