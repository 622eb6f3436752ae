"""The layout of the live table: what is known, a width and a height in; lines out. It draws nothing."""

from sse_cli.sinks.columns import table
from sse_cli.sinks.footer import footer
from sse_cli.sinks.view import View
from sse_cli.text.cells import Line, cut_line, on_one_line, width_of

LOW = 12
"""Windows of fewer lines have a header and a footer of one line each, and neither titles nor rules."""
ALL = 10**6
"""More lines than are ever kept of a text."""
WIDE = 120
"""From here on header and footer are one line each: all fits into it."""


def lay_out(view: View, room: int, height: int) -> list[Line]:
    """Return the lines of a frame, at most `height` of them, none wider than `room` cells.

    The final frame has all of the text that is kept, and so may be longer: it is there to be read, and may
    scroll away.
    """
    low = height < LOW
    rule: list[Line] = [] if low else [[("─" * room, "dim")]]
    top = _header(view, room, low)
    bottom: list[Line] = []
    if not view.final and height > 1:
        bottom = footer(view, room, 1 if low or room >= WIDE else 2)
    fixed = len(top) + 2 * len(rule) + len(bottom)
    body = _body(view, room, height - fixed, rule)
    lines = [*top, *(rule if body else []), *body, *(rule if bottom or body else []), *bottom]
    lines = [cut_line(line, room) for line in lines]
    return lines if view.final else lines[: max(height, 0)]


def _header(view: View, room: int, low: bool) -> list[Line]:
    """Return what was asked and what came: on one line if it is wide or if lines are few."""
    asked: Line = [(f"{on_one_line(view.method)} ", "bold"), (on_one_line(view.url), "")]
    answer: Line = []
    for fact in view.answer:
        answer += [(on_one_line(fact), ""), (" · ", "dim")]
    if room < WIDE and not low:
        return [asked, [*answer, view.state]]
    right = [*answer, view.state] if room >= WIDE else [view.state]
    left = max(room - width_of(right) - 2, 0)
    asked = cut_line(asked, left)
    return [[*asked, (" " * (left - width_of(asked) + 2), ""), *right]]


def _body(view: View, room: int, height: int, rule: list[Line]) -> list[Line]:
    """Return rows, and the text below them. Rows yield to the text until both have half of the room."""
    if height <= 0:
        return []
    titled = bool(rule)
    most = ALL if view.final else height
    text = [*view.text.last_lines(room, most), *view.calls.last_lines(room, most)][-most:]
    free = height - len(view.rows) - titled - len(rule)
    share = max((height - len(rule)) // 2, free) if view.rows else height
    if not view.final:
        text = text[len(text) - min(share, len(text)) :]
    if not text:
        return table(view.rows, view.start, view.widths, room, height, titled=titled)
    left = height - min(len(text), share) - len(rule)
    rows = table(view.rows, view.start, view.widths, room, left, titled=titled)
    return [*rows, *(rule if rows else []), *text]
