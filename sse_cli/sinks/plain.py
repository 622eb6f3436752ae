"""The table where no terminal can be drawn on: a line for each row, columns of fixed width, nothing cut."""

from collections.abc import Sequence

from sse_cli.core.items import Chunk, Item, Reading
from sse_cli.sinks import figures_text
from sse_cli.sinks.cells import width
from sse_cli.sinks.rows import Row, to_row
from sse_cli.sinks.sink import Setting, WritingSink

_TITLES = ("#", "time", "gap", "event", "id", "part", "data")
_WIDTHS = (6, 10, 8, 16, 12, 10)
_TO_THE_RIGHT = 3  # the first three columns are numbers


class PlainTable(WritingSink):
    """Writes rows, a line each. Line ends in the text become ⏎, so that a row is a line."""

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        self._named = len(setting.pipeline.plan.paths) > 1
        self._before: float | None = None
        self._begun = False

    def show(self, items: Sequence[Item]) -> None:
        """Write the rows of one batch."""
        lines: list[str] = []
        for item in items:
            if type(item) is Reading or (self.setting.show_all and type(item) is not Chunk):
                row = to_row(item, self._before, named=self._named)
                lines.append(self._line(row))
                self._before = row.at
        if not lines:
            return
        if not self._begun:
            self._begun = True
            lines.insert(0, _join(_TITLES))
        self.out.write_text("\n".join(lines) + "\n")

    def _line(self, row: Row) -> str:
        start = self.setting.pipeline.meter.start
        return _join(
            (
                "" if row.number is None else str(row.number),
                f"{row.at - (row.at if start is None else start):.3f}",
                figures_text.duration(row.gap),
                row.type,
                row.id,
                row.part,
                (f"{row.source}: " if row.source else "") + "".join(text for text, _ in row.data),
            )
        )


def _join(values: Sequence[str]) -> str:
    """Return one line; a value wider than its column takes the room it needs."""
    *columns, data = (value.replace("\r\n", "⏎").replace("\n", "⏎").replace("\r", "⏎") for value in values)
    cells = []
    for place, (value, room) in enumerate(zip(columns, _WIDTHS, strict=True)):
        blank = " " * (room - width(value))
        cells.append(blank + value if place < _TO_THE_RIGHT else value + blank)
    return "  ".join((*cells, data)).rstrip(" ")
