"""The live table of several sources: how each stands, their rows in one table, and the text of each."""

import heapq
from collections.abc import Sequence
from functools import partial
from operator import attrgetter

import msgspec

from sse_cli.core.items import Item
from sse_cli.core.summary import Summary
from sse_cli.sinks.board import Kept
from sse_cli.sinks.rows import Row
from sse_cli.sinks.screen import Screen
from sse_cli.sinks.several_frame import Lane, SeveralView, lay_out_several
from sse_cli.sinks.sink import Setting, Sink
from sse_cli.sinks.watch import Watch
from sse_cli.text.cells import Line, width

INTERVAL = 0.1


class SeveralTables:
    """Draws what all sources show; each is given what it shows by a face of its own."""

    def __init__(self, settings: Sequence[Setting], screen: Screen) -> None:
        self.watches = [Watch(setting) for setting in settings]
        self.faces: list[Sink] = [Face(self, watch) for watch in self.watches]
        self._screen = screen
        self._out = settings[0].out
        self._first_tick: float | None = None
        self._last_tick = 0.0
        self._drawing = False  # by another thread, perhaps

    def tick(self, now: float) -> None:
        """Draw a frame, unless one was drawn for another source, or the terminal is busy with the last."""
        if self._first_tick is None:
            self._first_tick = now
        elif now - self._last_tick < INTERVAL * 0.9:
            return
        if self._drawing:
            return
        self._last_tick = now
        columns, lines = self._screen.size
        self._drawing = True
        self._out.draw(partial(self._draw, self._view(now, lines), self._newest(lines), columns, lines))

    def close(self) -> None:
        """Draw the last frame, which stays, if no source goes on."""
        if any(watch.summary is None for watch in self.watches):
            return
        columns, lines = self._screen.size
        view, newest = self._view(self._end(), lines), self._newest(lines)
        self._out.draw(lambda: self._screen.leave(self._lay_out(view, newest, columns, lines)))

    def _draw(self, view: SeveralView, newest: Sequence[Sequence[Kept]], columns: int, lines: int) -> None:
        """Draw a frame, in the writer's thread."""
        try:
            self._screen.draw(self._lay_out(view, newest, columns, lines))
        finally:
            self._drawing = False

    def _lay_out(
        self, view: SeveralView, newest: Sequence[Sequence[Kept]], columns: int, lines: int
    ) -> list[Line]:
        return lay_out_several(self._with_rows(view, newest, lines), columns, lines - 1)

    def _newest(self, most: int) -> list[list[Kept]]:
        return [watch.board.newest(most) for watch in self.watches]

    def _with_rows(self, view: SeveralView, newest: Sequence[Sequence[Kept]], most: int) -> SeveralView:
        """Return a view with the newest rows of all sources, in the order in which they came."""
        of_each = [
            [_named(row, watch.setting.label) for row in watch.board.rows(kept)]
            for watch, kept in zip(self.watches, newest, strict=True)
        ]
        rows = list(heapq.merge(*of_each, key=attrgetter("at")))[-most:]
        widths = _widest([watch.board.widths for watch in self.watches])
        widths["source"] = max((width(row.source) for row in rows), default=0)
        return msgspec.structs.replace(view, rows=rows, widths=widths)

    def _view(self, now: float, lines: int) -> SeveralView:
        """Return what a frame shows at `now`."""
        begun = self._begun(now)
        return SeveralView(
            lanes=tuple(_lane(watch, now, lines) for watch in self.watches),
            start=begun,
            elapsed=max(now - begun, 0.0),
            final=all(watch.summary is not None for watch in self.watches),
        )

    def _begun(self, now: float) -> float:
        """Return when the first request was sent or, before that, when there was anything to see."""
        starts = [watch.start for watch in self.watches if watch.start is not None]
        return min(starts) if starts else self._first_tick if self._first_tick is not None else now

    def _end(self) -> float:
        """Return when the last of the sources ended."""
        ends = [
            watch.start + watch.summary.figures.end
            for watch in self.watches
            if watch.summary is not None and watch.start is not None and watch.summary.figures.end is not None
        ]
        return max(ends, default=0.0)


class Face:
    """What one source's session takes for its sink."""

    interval: float | None = INTERVAL
    takes_streaks = False

    def __init__(self, table: SeveralTables, watch: Watch) -> None:
        self._table = table
        self._watch = watch

    def show(self, items: Sequence[Item]) -> None:
        """Keep one batch; the next frame shows it."""
        self._watch.board.take(items)

    def tick(self, now: float) -> None:
        """Draw a frame of all sources, if it is time."""
        self._table.tick(now)

    def close(self, summary: Summary) -> None:
        """This source is over; with the last of them the table is."""
        self._watch.summary = summary
        self._table.close()


def _named(row: Row, label: str) -> Row:
    """Return a row with its source, before whoever speaks in a stream that merges several."""
    return msgspec.structs.replace(row, source=f"{label} {row.source}".rstrip())


def _widest(of_each: Sequence[dict[str, int]]) -> dict[str, int]:
    return {name: max(widths[name] for widths in of_each) for name in of_each[0]}


def _lane(watch: Watch, now: float, lines: int) -> Lane:
    figures = watch.figures(now)
    over = watch.summary is not None
    return Lane(
        label=watch.setting.label,
        state=watch.state(figures),
        answer=watch.answer,
        figures=figures,
        silence=None if over else watch.silence(now),
        text=watch.board.text if over else watch.board.text.end(lines),
        calls=watch.calls,
    )
