"""The rows of the live table: which columns there is room for, and how a row is written in them."""

from collections.abc import Callable, Collection, Sequence

import msgspec

from sse_cli.sinks.rows import Row
from sse_cli.text import figures_text
from sse_cli.text.cells import Line, cut_front, cut_line, on_one_line, pad

_GAP = "  "
_DATA_SHARE = 0.4
"""Columns are left out until the data has this share of the width."""


class Column(msgspec.Struct, frozen=True):
    """A column besides the data.

    `widest` bounds the ones that are as wide as what they hold; `keep_end` tells what of a long value is
    cut off.
    """

    title: str
    text: Callable[[Row, float], str]
    widest: int
    right: bool = False
    style: str = ""
    keep_end: bool = False


COLUMNS = (
    Column("#", lambda row, _: "" if row.number is None else str(row.number), 12, right=True, style="dim"),
    Column("time", lambda row, start: _seconds(row.at - start), 8, right=True, style="dim"),
    Column("gap", lambda row, _: figures_text.duration(row.gap), 7, right=True),
    Column("event", lambda row, _: on_one_line(row.type), 40, style="cyan", keep_end=True),
    Column("id", lambda row, _: on_one_line(row.id), 16, style="dim"),
    Column("source", lambda row, _: on_one_line(row.source), 24, style="cyan", keep_end=True),
    Column("part", lambda row, _: row.part, 14, style="blue"),
)
"""All columns but the data, from left to right."""

_FIRST_TO_GO = ("id", "event", "time", "part", "gap", "source", "#")


def table(
    rows: Collection[Row],
    start: float | None,
    widths: dict[str, int],
    room: int,
    height: int,
    *,
    titled: bool,
) -> list[Line]:
    """Return the newest rows that fit, below their titles; `widths` are of columns that may be empty."""
    height -= titled
    if height <= 0 or not rows:
        return []
    chosen = _choose(widths, room)
    lines: list[Line] = []
    if titled:
        titles = [pad(column.title, cells, right=column.right) for column, cells in chosen]
        lines.append([(_GAP.join((*titles, "data")), "dim")])
    visible = list(rows)[-height:]
    origin = visible[0].at if start is None else start
    return lines + [_line(row, origin, chosen, room) for row in visible]


def _seconds(since: float) -> str:
    """Return a time in its column: fewer decimals after some hours."""
    return f"{since:.{3 if since < 1000 else 1}f}"


def _choose(widths: dict[str, int], room: int) -> list[tuple[Column, int]]:
    """Return the columns that tell something and fit, with their widths."""
    chosen = {}
    for column in COLUMNS:
        known = widths.get(column.title)
        if known is None:
            chosen[column.title] = (column, column.widest)
        elif known:
            most = max(min(column.widest, room // 5), len(column.title))
            chosen[column.title] = (column, max(min(known, most), len(column.title)))
    for title in _FIRST_TO_GO:
        if sum(cells + len(_GAP) for _, cells in chosen.values()) <= room * (1 - _DATA_SHARE):
            break
        chosen.pop(title, None)
    return list(chosen.values())


def _line(row: Row, start: float, chosen: Sequence[tuple[Column, int]], room: int) -> Line:
    line: Line = []
    for column, cells in chosen:
        if row.aside and not column.right:  # an aside has no text but its own: it takes the room
            continue
        text = column.text(row, start)
        text = pad(cut_front(text, cells) if column.keep_end else text, cells, right=column.right)
        line.append((text + _GAP, "dim" if row.aside else column.style))
        room -= cells + len(_GAP)
    # Four characters for a cell leave room for combining marks, and spare the rest of long data.
    data = [(on_one_line(text[: room * 4]), style) for text, style in row.data[: room + 1]]
    if row.aside:
        data.insert(0, (f"{row.type} ", "dim"))
    return [*line, *cut_line(data, room)]
