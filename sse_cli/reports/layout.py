"""How claims and labelled text are laid out on the lines of a terminal."""

from collections.abc import Iterator, Sequence

from sse_cli.text.cells import Line, Span, cut, cut_line, pad, width, wrap

_GAP = 2
_SHARE = 0.45
"""Of the room, so much is for the claims: what was seen begins behind the longest of those that fit."""
_LONG_SHARE = 0.7
"""Of a single line, so much is for a claim that is longer, before it is cut."""
_SECOND = 12
"""What follows a value begins here, if that is not longer: then most of it stands in a column."""
LABEL = 13


def column_for(texts: Sequence[str], room: int) -> int:
    """Return how many cells claims have before what was seen of them begins."""
    most = max(int(room * _SHARE), 1)
    return max((cells for text in texts if (cells := width(text)) <= most), default=most)


def claim(sign: Span, text: str, pieces: Line, column: int, room: int) -> Iterator[Line]:
    """Give the lines of a claim and what was seen of it, as many as it takes."""
    pieces = [piece for piece in pieces if piece[0]]
    if width(text) > column:
        yield from _hanging([sign, (" ", "")], [[(part, "")] for part in wrapped(text, room - 2)], 2)
        yield from _hanging([], side_by_side(pieces, room - 4, _SECOND), 4)
    else:
        seen = side_by_side(pieces, room - 2 - column - _GAP, _SECOND) or [[]]
        head: Line = [sign, (f" {pad(text, column)}", ""), (" " * _GAP, "")]
        yield from _hanging(head, seen, 2 + column + _GAP)


def short_claim(sign: Span, text: str, pieces: Line, column: int, room: int) -> Line:
    """Return the line of a claim; what finds no room on it is left out or cut, the last first."""
    column = max(column, min(width(text), int(room * _LONG_SHARE)))
    head: Line = [sign, (f" {pad(text, column)}", ""), (" " * _GAP, "")]
    left = room - 2 - column - _GAP
    (value, style), *others = [piece for piece in pieces if piece[0]] or [("", "")]
    seen = side_by_side([(cut(value, left), style), *others], left, _SECOND)[:1]
    return cut_line([*head, *(span for line in seen for span in line)], room)


def labelled(label: str, texts: Sequence[str]) -> Iterator[Line]:
    """Give texts below each other, `LABEL` cells in, after their label."""
    for number, text in enumerate(texts):
        yield [(f"{'' if number else label:<{LABEL}}", "dim"), (text, "")]


def wrapped(text: str, room: int) -> list[str]:
    """Return the lines of a paragraph."""
    return [text[start:end] for start, end in wrap(text, max(room, 1))]


def side_by_side(pieces: Line, room: int, second: int = 0) -> list[Line]:
    """Return pieces beside each other, on as many lines as they take; the second at a column, or behind."""
    lines: list[Line] = []
    used = 0
    for text, style in pieces:
        gap = max(_GAP, second - used) if lines and len(lines[-1]) == 1 else _GAP
        if lines and used + gap + width(text) <= room:
            lines[-1] += [(" " * gap, ""), (text, style)]
            used += gap + width(text)
        else:
            lines += [[(part, style)] for part in wrapped(text, room)]
            used = width(lines[-1][0][0])
    return lines


def _hanging(head: Line, lines: Sequence[Line], indent: int) -> Iterator[Line]:
    """Give lines behind a head, the further ones below the first."""
    for number, line in enumerate(lines):
        yield [*(head if head and not number else [(" " * indent, "")]), *line]
