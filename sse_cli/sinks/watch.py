"""What a live table knows of one source: its board, its figures, and the words for how it stands."""

from sse_cli.core.items import ToolCall
from sse_cli.core.meter import Figures
from sse_cli.core.secrets import mask_url
from sse_cli.core.summary import Summary
from sse_cli.sinks.board import Board
from sse_cli.sinks.rows import LOOKS
from sse_cli.sinks.sink import Setting
from sse_cli.sinks.summary_text import look
from sse_cli.sinks.tail import PARAGRAPHS, Tail
from sse_cli.text.cells import Span

FEW_EVENTS = 100
"""Up to here the figures are worked out at every frame; of more events that takes too long."""
FIGURES_EVERY = 0.5
SILENCE = 2.0
"""A silence of so many seconds is worth a word."""


class Watch:
    """Take items on the `board`; ask at any time. With a `summary` the run is over."""

    def __init__(self, setting: Setting) -> None:
        self.setting = setting
        self.board = Board(
            show_all=setting.show_all, named=len(setting.pipeline.plan.paths) > 1, choice=setting.choice
        )
        self.summary: Summary | None = None
        self._figures: Figures | None = None
        self._figures_at = 0.0

    @property
    def start(self) -> float | None:
        """When the request was sent."""
        return self.setting.pipeline.meter.start

    @property
    def method(self) -> str:
        """The method of the request that was sent last."""
        pipeline = self.setting.pipeline
        return pipeline.attempts.method or self.setting.method

    @property
    def url(self) -> str:
        """Where the answer is from, secrets masked: where redirects led, once that is known."""
        return mask_url(self.board.opened.url) if self.board.opened else self.setting.url

    @property
    def answer(self) -> tuple[str, ...]:
        """What is known of the response, in the words of the wire."""
        opened, pipeline = self.board.opened, self.setting.pipeline
        facts = [pipeline.dialect or pipeline.decoder]
        if opened is not None:
            content_type = (opened.header("content-type") or "no content type").partition(";")[0].strip()
            facts = [f"{opened.status} {content_type}", opened.http_version, *facts]
        return tuple(fact for fact in facts if fact)

    @property
    def calls(self) -> Tail:
        """The tool calls of the choice that is read, each put together and on a line of its own."""
        calls, pipeline = Tail(), self.setting.pipeline
        for call in pipeline.answer.tool_calls[-PARAGRAPHS:]:
            if call.choice == self.board.choice and not pipeline.plan.paths:
                calls.add(f"{call.name or '?'} {call.arguments}".replace("\r\n", "\n"), LOOKS[ToolCall].style)
                calls.add("\n")
        return calls

    def state(self, figures: Figures) -> Span:
        """Return how the run stands, with its style; its verdict once it is over."""
        if self.summary is not None:
            sign, style = look(self.summary.verdict)
            return f"{sign} {self.summary.verdict.name}", style
        if self.board.reconnects and self.board.closed is None:
            return "○ reconnecting", "bold yellow"
        if self.board.closed is not None:
            return "closed", "yellow"
        if figures.events:
            return "● streaming", "bold green"
        connected = self.board.opened is not None or figures.connect is not None
        return ("○ waiting" if connected else "○ connecting"), "bold yellow"

    def silence(self, now: float) -> float | None:
        """Return how long nothing has come, once that is long."""
        last = self.board.last_chunk_at
        return now - last if last is not None and now - last >= SILENCE else None

    def figures(self, now: float) -> Figures:
        """Return the figures, as of now or a moment ago; those of the summary once the run is over."""
        if self.summary is not None:
            return self.summary.figures
        meter = self.setting.pipeline.meter
        if self._figures is None or meter.events < FEW_EVENTS or now - self._figures_at >= FIGURES_EVERY:
            self._figures, self._figures_at = meter.figures(now), now
        return self._figures
