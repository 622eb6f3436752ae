"""The table where no terminal can be drawn on: a line for each row, columns of fixed width, nothing cut."""

from collections.abc import Sequence

import msgspec

from sse_cli.core.items import Chunk, Item, Reading
from sse_cli.sinks.rows import Row, to_row
from sse_cli.sinks.sink import Setting, WritingSink
from sse_cli.text import figures_text
from sse_cli.text.cells import width

_COLUMNS = {"#": 6, "time": 10, "gap": 8, "event": 16, "id": 12, "part": 10}
"""The columns before the data, and how wide they are; those of `_TO_THE_RIGHT` hold numbers."""
_TO_THE_RIGHT = frozenset(("#", "time", "gap"))


class Common(msgspec.Struct):
    """What the rows of several sources share: their titles, a column for the source, and one time."""

    room: int = 0
    begun: bool = False
    start: float | None = None


class PlainTable(WritingSink):
    """Writes rows, a line each. Line ends in the text become ⏎, so that a row is a line."""

    def __init__(self, setting: Setting, common: Common | None = None) -> None:
        super().__init__(setting)
        self._common = common or Common()
        self._columns = {"source": self._common.room, **_COLUMNS} if setting.label else _COLUMNS
        self._named = len(setting.pipeline.plan.paths) > 1
        self._before: float | None = None

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
        if not self._common.begun:
            self._common.begun = True
            lines.insert(0, self._join((*self._columns, "data")))
        self.out.write_text("\n".join(lines) + "\n")

    def _line(self, row: Row) -> str:
        start = self._start()
        return self._join(
            (
                *((self.setting.label,) if self.setting.label else ()),
                "" if row.number is None else str(row.number),
                f"{row.at - (row.at if start is None else start):.3f}",
                figures_text.duration(row.gap),
                row.type,
                row.id,
                row.part,
                (f"{row.source}: " if row.source else "") + "".join(text for text, _ in row.data),
            )
        )

    def _start(self) -> float | None:
        """Return when the run began: with the first request of any source that has told one."""
        common = self._common
        if common.start is None:
            common.start = self.setting.pipeline.meter.start
        return common.start

    def _join(self, values: Sequence[str]) -> str:
        """Return one line; a value wider than its column takes the room it needs."""
        *before, data = (value.replace("\r\n", "⏎").replace("\n", "⏎").replace("\r", "⏎") for value in values)
        cells = []
        for value, (title, room) in zip(before, self._columns.items(), strict=True):
            blank = " " * (room - width(value))
            cells.append(blank + value if title in _TO_THE_RIGHT else value + blank)
        return "  ".join((*cells, data)).rstrip(" ")
