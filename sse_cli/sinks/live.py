"""The live table: takes items as they come, and draws what it knows of them when the timer says so."""

from collections.abc import Sequence
from functools import partial

import msgspec

from sse_cli.core.items import Item
from sse_cli.core.summary import Summary
from sse_cli.sinks.board import Kept
from sse_cli.sinks.frame import lay_out
from sse_cli.sinks.screen import Screen
from sse_cli.sinks.sink import Setting
from sse_cli.sinks.summary_text import MOST_LINES
from sse_cli.sinks.view import View
from sse_cli.sinks.watch import Watch

ROOM_FOR_BOTH = 20
"""On a screen of more lines, the last frame leaves room for the summary, so that both can be seen whole."""


class LiveTable:
    """Keeps the newest of everything, and redraws at most ten times a second."""

    interval: float | None = 0.1
    takes_streaks = False

    def __init__(self, setting: Setting, screen: Screen) -> None:
        self._out = setting.out
        self._screen = screen
        self._watch = Watch(setting)
        self._first_tick: float | None = None
        self._drawing = False  # by another thread, perhaps

    def show(self, items: Sequence[Item]) -> None:
        """Keep one batch; the next frame shows it."""
        self._watch.board.take(items)

    def tick(self, now: float) -> None:
        """Draw a frame, unless the terminal is still busy with the last one."""
        if self._first_tick is None:
            self._first_tick = now
        if self._drawing:
            return
        columns, lines = self._screen.size
        view, newest = self._view(now, lines), self._watch.board.newest(lines)
        self._drawing = True
        self._out.draw(partial(self._draw, view, newest, columns, lines))

    def close(self, summary: Summary) -> None:
        """Draw the last frame, which stays; the summary will stand below it."""
        self._watch.summary = summary
        columns, lines = self._screen.size
        if lines > ROOM_FOR_BOTH:
            lines -= MOST_LINES
        if self._first_tick is not None or not self._watch.board.is_empty:
            view, newest = self._view(0.0, lines), self._watch.board.newest(lines)
            self._out.draw(
                lambda: self._screen.leave(lay_out(self._with_rows(view, newest), columns, lines - 1))
            )

    def _draw(self, view: View, newest: Sequence[Kept], columns: int, lines: int) -> None:
        """Draw a frame, in the writer's thread: making rows and laying them out takes milliseconds."""
        try:
            self._screen.draw(lay_out(self._with_rows(view, newest), columns, lines - 1))
        finally:
            self._drawing = False

    def _with_rows(self, view: View, newest: Sequence[Kept]) -> View:
        rows = self._watch.board.rows(newest)
        return msgspec.structs.replace(view, rows=rows, widths=dict(self._watch.board.widths))

    def _view(self, now: float, lines: int) -> View:
        """Return what a frame shows at `now` or, once the run is over, in the end."""
        watch, board = self._watch, self._watch.board
        figures, final = watch.figures(now), watch.summary is not None
        return View(
            method=watch.method,
            url=watch.url,
            answer=watch.answer,
            state=watch.state(figures),
            text=board.text if final else board.text.end(lines),
            calls=watch.calls,
            start=watch.start,
            figures=figures,
            elapsed=(figures.end or 0.0) if final else now - self._begun(now),
            silence=None if final else watch.silence(now),
            gaps=tuple(board.content_gaps or board.event_gaps),
            progress=board.progress,
            final=final,
        )

    def _begun(self, now: float) -> float:
        """Return when the request was sent or, before that, when there was something to see at first."""
        if self._watch.start is not None:
            return self._watch.start
        return now if self._first_tick is None else self._first_tick
