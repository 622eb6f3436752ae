"""The rows of the live table: which columns there is room for, and how a row is written in them."""

from collections.abc import Callable, Sequence

import msgspec

from sse_cli.sinks import figures_text
from sse_cli.sinks.cells import Line, cut_line, on_one_line, pad
from sse_cli.sinks.rows import Row

_GAP = "  "
_LEAST_DATA = 16
"""Columns are left out until the data has so many cells."""


class Column(msgspec.Struct, frozen=True):
    """A column besides the data. `widest` bounds the ones that are as wide as what they hold."""

    title: str
    text: Callable[[Row, float], str]
    widest: int
    right: bool = False
    style: str = ""


COLUMNS = (
    Column("#", lambda row, _: "" if row.number is None else str(row.number), 6, right=True, style="dim"),
    Column("time", lambda row, start: f"{row.at - start:.3f}", 8, right=True, style="dim"),
    Column("gap", lambda row, _: figures_text.duration(row.gap), 7, right=True),
    Column("event", lambda row, _: on_one_line(row.type), 26, style="cyan"),
    Column("id", lambda row, _: on_one_line(row.id), 16, style="dim"),
    Column("part", lambda row, _: row.part, 14, style="blue"),
)
"""All columns but the data, from left to right."""

_FIRST_TO_GO = ("id", "time", "event", "part", "gap", "#")


def table(
    rows: Sequence[Row], start: float | None, widths: dict[str, int], room: int, height: int, *, titled: bool
) -> list[Line]:
    """Return the newest rows that fit, below their titles. `widths` are those of columns that may be empty."""
    height -= titled
    if height <= 0 or not rows:
        return []
    chosen = _choose(rows, widths, room)
    lines: list[Line] = []
    if titled:
        titles = [pad(column.title, cells, right=column.right) for column, cells in chosen]
        lines.append([(_GAP.join((*titles, "data")), "dim")])
    visible = list(rows)[-height:]
    origin = visible[0].at if start is None else start
    return lines + [_line(row, origin, chosen, room) for row in visible]


def _choose(rows: Sequence[Row], widths: dict[str, int], room: int) -> list[tuple[Column, int]]:
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
        if sum(cells + len(_GAP) for _, cells in chosen.values()) <= room - _LEAST_DATA:
            break
        chosen.pop(title, None)
    return list(chosen.values())


def _line(row: Row, start: float, chosen: Sequence[tuple[Column, int]], room: int) -> Line:
    line: Line = []
    for column, cells in chosen:
        text = pad(column.text(row, start), cells, right=column.right)
        line.append((text + _GAP, "dim" if row.aside else column.style))
        room -= cells + len(_GAP)
    # Four characters for a cell leave room for combining marks, and spare the rest of long data.
    data = [(on_one_line(text[: room * 4]), style) for text, style in row.data[: room + 1]]
    if row.aside and row.number is None:
        data.insert(0, (f"{row.type} ", "dim"))
    return [*line, *cut_line(data, room)]
