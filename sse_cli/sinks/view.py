"""What one frame of the live table shows: all that its layout may read."""

from collections.abc import Collection, Sequence

import msgspec

from sse_cli.core.items import Progress
from sse_cli.core.meter import Figures
from sse_cli.sinks.rows import Row
from sse_cli.sinks.tail import Tail
from sse_cli.text.cells import Span


class View(msgspec.Struct, frozen=True, kw_only=True):
    """One frame's content: `rows`, below them `text`, and below that the tool `calls` so far.

    `answer` is what is known of the response, `state` how the run stands, with its style. `widths` are those
    of the columns that may be left out. `silence` is the time since the last byte, where it is worth a
    word. The `final` frame has no footer: the summary follows.
    """

    method: str
    url: str
    answer: Sequence[str]
    state: Span
    text: Tail
    calls: Tail
    start: float | None
    figures: Figures
    elapsed: float
    silence: float | None
    gaps: Collection[float]
    rows: Collection[Row] = ()
    widths: dict[str, int] = {}
    progress: Progress | None = None
    final: bool = False
