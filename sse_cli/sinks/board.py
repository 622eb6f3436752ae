"""What the live table knows of a stream: the newest of everything, so that memory stays constant."""

from collections import deque
from collections.abc import Sequence

from sse_cli.core.items import (
    Chunk,
    Closed,
    Content,
    Extracted,
    Item,
    Opened,
    Part,
    Reading,
    Reasoning,
    Refusal,
    ToolCall,
)
from sse_cli.sinks.cells import on_one_line, width
from sse_cli.sinks.lines import to_text
from sse_cli.sinks.rows import LOOKS, Row, time_of, to_row
from sse_cli.sinks.tail import Tail

ROWS = 200
"""As many rows are kept: more than a window has."""
GAPS = 30
"""As many gaps make the sparkline."""
ROW_CHARACTERS = 2_000
"""As much is kept of one row's text: the widest window, four times over."""


class Board:
    """Take items as they come; nothing is drawn here."""

    def __init__(self, *, show_all: bool, named: bool) -> None:
        self.rows: deque[Row] = deque(maxlen=ROWS)
        self.text = Tail()
        self.content_gaps: deque[float] = deque(maxlen=GAPS)
        self.event_gaps: deque[float] = deque(maxlen=GAPS)
        self.opened: Opened | None = None
        self.closed: Closed | None = None
        self.last_chunk_at: float | None = None
        self.widths = {"#": 3, "event": 0, "id": 0, "part": 0}
        """The widest value of each column that is as wide as what it holds; 0 leaves it out."""
        self._show_all = show_all
        self._named = named
        self._last_row_at: float | None = None
        self._last_event_at: float | None = None
        self._last_content_at: float | None = None
        self._speaker: tuple[type, int] | None = None
        self._choice: int | None = None

    def take(self, items: Sequence[Item]) -> None:
        """Take one batch."""
        shown: list[Item] = []
        for item in items:
            if type(item) is Reading:
                self._take_reading(item)
                shown.append(item)
                continue
            if type(item) is Chunk:
                self.last_chunk_at = item.at
                continue
            if type(item) is Opened:
                self.opened, self.closed, self.last_chunk_at = item, None, item.at
            elif type(item) is Closed:
                self.closed = item
            if self._show_all:
                shown.append(item)
        self._add_rows(shown)

    def _add_rows(self, items: list[Item]) -> None:
        """Add the rows of one batch; only those that can be seen are made."""
        if len(items) > ROWS:
            self._last_row_at = time_of(items[-ROWS - 1])
            del items[:-ROWS]
        for item in items:
            row = to_row(item, self._last_row_at, named=self._named, limit=ROW_CHARACTERS)
            if row is not None:
                self.rows.append(row)
                self._last_row_at = row.at
                self._note_widths(row)

    def _note_widths(self, row: Row) -> None:
        widths = self.widths
        if row.number is not None:
            widths["#"] = max(widths["#"], len(str(row.number)))
        if row.part and len(row.part) > widths["part"]:
            widths["part"] = len(row.part)
        if row.id and len(row.id) > widths["id"]:
            widths["id"] = width(on_one_line(row.id))
        # That an event is a message says nothing: it is what an event without a type is.
        if row.type != "message" and not row.aside and len(row.type) > widths["event"]:
            widths["event"] = max(width(on_one_line(row.type)), len("message"))

    def _take_reading(self, reading: Reading) -> None:
        at = reading.event.at
        if self._last_event_at is not None:
            self.event_gaps.append(at - self._last_event_at)
        self._last_event_at = at
        if reading.extracted:
            self._say_extracted(reading.extracted)
        for part in reading.parts:
            if type(part) is Content or type(part) is Reasoning:
                if self._last_content_at is not None:
                    self.content_gaps.append(at - self._last_content_at)
                self._last_content_at = at
            if not reading.extracted:
                self._say_part(part)

    def _say_extracted(self, extracted: Sequence[Extracted]) -> None:
        """Add extracted values to the text: strings as they are, other values on lines of their own."""
        for found in extracted:
            if self._named or not isinstance(found.value, str):
                self._begin_line()
            self.text.add(to_text(found.value))
            if not isinstance(found.value, str):
                self.text.add("\n")

    def _say_part(self, part: Part) -> None:
        """Add a part to the text if it is one that is said; of several choices, the first to speak."""
        if not isinstance(part, Content | Reasoning | Refusal | ToolCall):
            return
        if self._choice is None:
            self._choice = part.choice
        if part.choice != self._choice:
            return
        speaker = (type(part), part.index if isinstance(part, ToolCall) else 0)
        if speaker != self._speaker or (isinstance(part, ToolCall) and part.name):
            self._speaker = speaker
            self._begin_line()
        style = LOOKS[type(part)].style
        if isinstance(part, ToolCall):
            name = f"{part.name} " if part.name else ""
            self.text.add(name + part.arguments, style)
        else:
            self.text.add(part.text, style)

    def _begin_line(self) -> None:
        if not self.text.at_line_start:
            self.text.add("\n")
