"""The live table: takes items as they come, and draws what it knows of them when the timer says so."""

from collections.abc import Sequence
from functools import partial

import msgspec

from sse_cli.core.items import Item, ToolCall
from sse_cli.core.meter import Figures
from sse_cli.core.secrets import mask_url
from sse_cli.core.summary import Summary
from sse_cli.sinks.board import Board, Kept
from sse_cli.sinks.cells import Span
from sse_cli.sinks.frame import lay_out
from sse_cli.sinks.rows import LOOKS
from sse_cli.sinks.screen import Screen
from sse_cli.sinks.sink import Setting
from sse_cli.sinks.summary_text import MOST_LINES, look
from sse_cli.sinks.tail import PARAGRAPHS, Tail
from sse_cli.sinks.view import View

FEW_EVENTS = 100
"""Up to here the figures are worked out at every frame; of more events that takes too long."""
FIGURES_EVERY = 0.5
ROOM_FOR_BOTH = 20
"""On a screen of more lines, the last frame leaves room for the summary, so that both can be seen whole."""
SILENCE = 2.0
"""A silence of so many seconds is worth a word."""


class LiveTable:
    """Keeps the newest of everything, and redraws at most ten times a second."""

    interval: float | None = 0.1
    takes_streaks = False

    def __init__(self, setting: Setting, screen: Screen) -> None:
        self._setting = setting
        self._screen = screen
        self._board = Board(
            show_all=setting.show_all, named=len(setting.pipeline.plan.paths) > 1, choice=setting.choice
        )
        self._first_tick: float | None = None
        self._drawing = False  # by another thread, perhaps
        self._figures: Figures | None = None
        self._figures_at = 0.0

    def show(self, items: Sequence[Item]) -> None:
        """Keep one batch; the next frame shows it."""
        self._board.take(items)

    def tick(self, now: float) -> None:
        """Draw a frame, unless the terminal is still busy with the last one."""
        if self._first_tick is None:
            self._first_tick = now
        if self._drawing:
            return
        columns, lines = self._screen.size
        view, newest = self._view_at(now, lines), self._board.newest(lines)
        self._drawing = True
        self._setting.out.draw(partial(self._draw, view, newest, columns, lines))

    def close(self, summary: Summary) -> None:
        """Draw the last frame, which stays; the summary will stand below it."""
        columns, lines = self._screen.size
        if lines > ROOM_FOR_BOTH:
            lines -= MOST_LINES
        if self._first_tick is not None or not self._board.is_empty:
            view, newest = self._last_view(summary, lines), self._board.newest(lines)
            self._setting.out.draw(
                lambda: self._screen.leave(lay_out(self._with_rows(view, newest), columns, lines - 1))
            )

    def _draw(self, view: View, newest: Sequence[Kept], columns: int, lines: int) -> None:
        """Draw a frame, in the writer's thread: making rows and laying them out takes milliseconds."""
        try:
            self._screen.draw(lay_out(self._with_rows(view, newest), columns, lines - 1))
        finally:
            self._drawing = False

    def _with_rows(self, view: View, newest: Sequence[Kept]) -> View:
        rows = self._board.rows(newest)
        return msgspec.structs.replace(view, rows=rows, widths=dict(self._board.widths))

    def _last_view(self, summary: Summary, lines: int) -> View:
        """Return what the last frame shows: the verdict takes the state's place."""
        sign, style = look(summary.verdict)
        state = f"{sign} {summary.verdict.name}", style
        return self._view(summary.figures, summary.figures.end or 0.0, state, lines, final=True)

    def _view_at(self, now: float, lines: int) -> View:
        """Return what a frame shows at `now`."""
        start = self._setting.pipeline.meter.start
        begun = self._first_tick if start is None else start
        figures = self._figures_as_of(now)
        elapsed = now - (now if begun is None else begun)
        return self._view(figures, elapsed, self._state(figures), lines, silence=self._silence(now))

    def _view(
        self,
        figures: Figures,
        elapsed: float,
        state: Span,
        lines: int,
        *,
        silence: float | None = None,
        final: bool = False,
    ) -> View:
        board, setting = self._board, self._setting
        return View(
            method=setting.pipeline.attempts.method or setting.method,
            url=mask_url(board.opened.url) if board.opened else setting.url,
            answer=self._answer(),
            state=state,
            text=board.text if final else board.text.end(lines),
            calls=self._calls(),
            start=setting.pipeline.meter.start,
            figures=figures,
            elapsed=elapsed,
            silence=silence,
            gaps=tuple(board.content_gaps or board.event_gaps),
            progress=board.progress,
            final=final,
        )

    def _calls(self) -> Tail:
        """Return the tool calls of the choice that is read, each put together and on a line of its own."""
        calls, pipeline = Tail(), self._setting.pipeline
        for call in pipeline.answer.tool_calls[-PARAGRAPHS:]:
            if call.choice == self._board.choice and not pipeline.plan.paths:
                calls.add(f"{call.name or '?'} {call.arguments}".replace("\r\n", "\n"), LOOKS[ToolCall].style)
                calls.add("\n")
        return calls

    def _answer(self) -> tuple[str, ...]:
        """Return what is known of the response, in the words of the wire."""
        opened, pipeline = self._board.opened, self._setting.pipeline
        facts = [pipeline.dialect or pipeline.decoder]
        if opened is not None:
            content_type = (opened.header("content-type") or "no content type").partition(";")[0].strip()
            facts = [f"{opened.status} {content_type}", opened.http_version, *facts]
        return tuple(fact for fact in facts if fact)

    def _state(self, figures: Figures) -> Span:
        if self._board.reconnects and self._board.closed is None:
            return "○ reconnecting", "bold yellow"
        if self._board.closed is not None:
            return "closed", "yellow"
        if figures.events:
            return "● streaming", "bold green"
        connected = self._board.opened is not None or figures.connect is not None
        return ("○ waiting" if connected else "○ connecting"), "bold yellow"

    def _silence(self, now: float) -> float | None:
        """Return how long nothing has come, once that is long."""
        last = self._board.last_chunk_at
        return now - last if last is not None and now - last >= SILENCE else None

    def _figures_as_of(self, now: float) -> Figures:
        meter = self._setting.pipeline.meter
        if self._figures is None or meter.events < FEW_EVENTS or now - self._figures_at >= FIGURES_EVERY:
            self._figures, self._figures_at = meter.figures(now), now
        return self._figures
