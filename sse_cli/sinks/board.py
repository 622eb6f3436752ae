"""What the live table knows of a stream: the newest of everything, so that memory stays constant."""

from collections import deque
from collections.abc import Sequence

from sse_cli.core.items import (
    Chunk,
    Closed,
    Content,
    Extracted,
    Fault,
    Item,
    Opened,
    Part,
    Progress,
    Reading,
    Reasoning,
    Refusal,
    Source,
    ToolCall,
)
from sse_cli.sinks.lines import to_text
from sse_cli.sinks.rows import LOOKS, Row, source_of, time_of, to_row
from sse_cli.sinks.tail import Tail
from sse_cli.text.cells import on_one_line, width

ROWS = 200
"""As many rows are kept: more than a window has."""
GAPS = 30
"""As many gaps make the sparkline."""
ROW_CHARACTERS = 2_000
"""As much is kept of one row's text: the widest window, four times over."""

Kept = tuple[Item | Row, float | None]
"""An item or its row, and the time of the row before."""


class Board:
    """Take items as they come; nothing is drawn here."""

    def __init__(self, *, show_all: bool, named: bool, choice: int | None = None) -> None:
        self._kept: deque[Kept] = deque(maxlen=ROWS)
        self.text = Tail()
        self.content_gaps: deque[float] = deque(maxlen=GAPS)
        self.event_gaps: deque[float] = deque(maxlen=GAPS)
        self.opened: Opened | None = None
        self.closed: Closed | None = None
        self.reconnects = False
        """Whether a connection ended, and another does not stand yet."""
        self.last_chunk_at: float | None = None
        self.progress: Progress | None = None
        self.choice = choice
        """The choice that the text is of; None before any has spoken."""
        self.widths = {"#": 3, "event": 0, "id": 0, "source": 0, "part": 0}
        """The widest value of each column that is as wide as what it holds; 0 leaves it out."""
        self._show_all = show_all
        self._named = named
        self._last_row_at: float | None = None
        self._last_event_at: float | None = None
        self._last_content_at: float | None = None
        self._speaker: tuple[type, str] | None = None
        self._chosen = choice is not None

    def take(self, items: Sequence[Item]) -> None:
        """Take one batch."""
        for item in items:
            if type(item) is Reading:
                self._take_reading(item)
                self._keep(item, item.event.at, small=len(item.event.data) <= ROW_CHARACTERS)
            elif type(item) is Chunk:
                self.last_chunk_at = item.at
            else:
                self._take_aside(item)

    @property
    def is_empty(self) -> bool:
        """Tell whether there is no row to show."""
        return not self._kept

    def newest(self, most: int) -> list[Kept]:
        """Return the newest of what is kept, to be made rows of."""
        return list(self._kept)[-most:] if most > 0 else []

    def rows(self, kept: Sequence[Kept]) -> list[Row]:
        """Return the rows of what was kept, and see how wide their columns must be.

        It is all that may be called by another thread than the one that takes items.
        """
        rows = [item if isinstance(item, Row) else self._to_row(item, before) for item, before in kept]
        for row in rows:
            self._note_widths(row)
        return rows

    def _keep(self, item: Item, at: float, *, small: bool) -> None:
        """Keep an item: as it is if it is small, since most are never seen, else as its row."""
        before, self._last_row_at = self._last_row_at, at
        self._kept.append((item if small else self._to_row(item, before), before))

    def _to_row(self, item: Item, before: float | None) -> Row:
        return to_row(item, before, named=self._named, limit=ROW_CHARACTERS)

    def _note_widths(self, row: Row) -> None:
        widths = self.widths
        if row.number is not None:
            widths["#"] = max(widths["#"], len(str(row.number)))
        widths["part"] = max(widths["part"], len(row.part))
        widths["source"] = max(widths["source"], width(on_one_line(row.source)))
        widths["id"] = max(widths["id"], width(on_one_line(row.id)))
        # That an event is a message says nothing: it is what an event without a type is.
        if row.type != "message" and not row.aside:
            widths["event"] = max(widths["event"], width(on_one_line(row.type)), len("message"))

    def _take_aside(self, item: Item) -> None:
        if isinstance(item, Opened):
            self.opened, self.closed, self.last_chunk_at = item, None, item.at
            self.reconnects = False
        elif isinstance(item, Fault):
            self.reconnects = True
            if item.anew:
                self.text, self._speaker = Tail(), None
        elif isinstance(item, Closed):
            self.closed = item
        # A gap in what is shown has to be explained, whatever else is wanted.
        if self._show_all or isinstance(item, Fault):
            self._keep(item, time_of(item), small=False)

    def _take_reading(self, reading: Reading) -> None:
        at = reading.event.at
        if self._last_event_at is not None:
            self.event_gaps.append(at - self._last_event_at)
        self._last_event_at = at
        if reading.extracted:
            self._say_extracted(reading.extracted)
        for part in reading.parts:
            if type(part) is Progress:
                self.progress = part
            if type(part) is Content or type(part) is Reasoning:
                if self._last_content_at is not None:
                    self.content_gaps.append(at - self._last_content_at)
                self._last_content_at = at
            if not reading.extracted:
                self._say_part(part, source_of(reading))

    def _say_extracted(self, extracted: Sequence[Extracted]) -> None:
        """Add extracted values to the text: strings as they are, other values on lines of their own."""
        for found in extracted:
            if self._named or not isinstance(found.value, str):
                self._begin_line()
            self.text.add(to_text(found.value))
            if not isinstance(found.value, str):
                self.text.add("\n")

    def _say_part(self, part: Part, source: str) -> None:
        """Add a part to the text if it is one that is said, on a line of its own where another speaks.

        Tool calls are not said: their pieces may come mixed, and are shown merged.
        """
        if not isinstance(part, Content | Reasoning | Refusal | ToolCall) or not self._hears(part.choice):
            return
        if isinstance(part, ToolCall):
            return
        speaker = (type(part), source)
        if speaker != self._speaker:
            self._speaker = speaker
            self._begin_line()
            self.text.add(f"{source}: " if source else "", LOOKS[Source].style)
        self.text.add(part.text, LOOKS[type(part)].style)

    def _hears(self, choice: int) -> bool:
        """Tell whether a choice is the one wanted: the user's, else 0, else the first to speak."""
        if not self._chosen and choice != self.choice and (self.choice is None or choice == 0):
            self.choice, self.text, self._speaker = choice, Tail(), None
        return choice == self.choice

    def _begin_line(self) -> None:
        if not self.text.at_line_start:
            self.text.add("\n")
