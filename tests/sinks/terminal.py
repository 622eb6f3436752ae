"""A terminal that a live table draws on, read back by an emulator."""

from collections.abc import Sequence

import pyte

from sse_cli.core.extract import parse_named
from sse_cli.core.items import Chunk, Closed, Item, Opened
from sse_cli.core.meter import Meter
from sse_cli.core.pipeline import Pipeline, Plan
from sse_cli.core.summary import Summary, summarize
from sse_cli.core.verdict import Verdict
from sse_cli.sinks.live import LiveTable
from sse_cli.sinks.screen import Screen
from sse_cli.sinks.several import SeveralTables
from sse_cli.sinks.sink import Setting
from sse_cli.sinks.summary_text import format_summary
from tests.sinks.captured import Captured


class Terminal(Captured):
    """Draws what it is sent; its clock is moved by hand."""

    def __init__(self, columns: int = 80, lines: int = 24, **setting: object) -> None:
        super().__init__(is_terminal=True)
        self.screen = pyte.HistoryScreen(columns, lines, history=10_000)
        self._stream = pyte.ByteStream(self.screen)
        color = bool(setting.pop("color", False))
        paths = tuple(parse_named(path) for path in setting.pop("paths", ()))  # type: ignore[attr-defined]
        self.pipeline = Pipeline(Plan(paths=paths), Meter())
        self.now = 10.0
        known = Setting(
            out=self,
            err=Captured(),
            pipeline=self.pipeline,
            method="GET",
            url="http://h/",
            color=color,
            **setting,
        )  # type: ignore[arg-type]
        size = lambda: (self.screen.columns, self.screen.lines)  # noqa: E731
        self.table = LiveTable(known, Screen(self, color, size))

    def write(self, data: bytes) -> None:
        super().write(data)
        self._stream.feed(data.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))  # as a terminal's line end

    @property
    def rows(self) -> list[str]:
        """The lines on the screen, down to the last that is not empty."""
        rows = [line.rstrip() for line in self.screen.display]
        while rows and not rows[-1]:
            rows.pop()
        return rows

    @property
    def everything(self) -> list[str]:
        """The lines on the screen, and above them those that were scrolled away."""
        above = ["".join(line[x].data for x in sorted(line)) for line in self.screen.history.top]
        return [*above, *self.rows]

    def tick(self, seconds: float = 0.1) -> None:
        self.now += seconds
        self.table.tick(self.now)

    def open(self, content_type: str = "text/event-stream; charset=utf-8", url: str = "http://h/") -> None:
        self.pipeline.meter.start = self.now
        self.now += 0.25
        opened = Opened(200, (("content-type", content_type),), "HTTP/1.1", url, self.now)
        self.pipeline.open(opened)
        self.table.show([opened])

    def send(self, body: str) -> Sequence[Item]:
        self.now += 0.02
        items = self.pipeline.feed(Chunk(body.encode(), self.now))
        self.table.show(items)
        return items

    def close(self, verdict: str = "complete") -> None:
        closed = Closed("eof", "", self.now)
        self.table.show([closed])
        self.pipeline.close(closed)
        summary = self.summary(verdict)
        self.table.close(summary)
        self.write(format_summary(summary, self.screen.columns).encode())  # as the command line does

    def summary(self, verdict: str) -> Summary:
        figures = self.pipeline.meter.figures(self.now)
        return summarize(
            Verdict(verdict, "as made up"), "http://h/", None, None, self.pipeline.answer, figures
        )


class Terminals:
    """Several sources on one screen, each with a pipeline of its own; the clock is moved by hand."""

    def __init__(self, *labels: str, columns: int = 80, lines: int = 24) -> None:
        self.terminal = Terminal(columns, lines)
        self.pipelines = {label: Pipeline(Plan(), Meter()) for label in labels}
        settings = [
            Setting(
                out=self.terminal, err=Captured(), pipeline=pipeline, method="GET", url=label, label=label
            )
            for label, pipeline in self.pipelines.items()
        ]
        size = lambda: (self.terminal.screen.columns, self.terminal.screen.lines)  # noqa: E731
        self.table = SeveralTables(settings, Screen(self.terminal, False, size))
        self.faces = dict(zip(labels, self.table.faces, strict=True))
        self.now = 10.0

    @property
    def rows(self) -> list[str]:
        return self.terminal.rows

    def tick(self, seconds: float = 0.1) -> None:
        self.now += seconds
        for face in self.faces.values():
            face.tick(self.now)

    def open(self, label: str) -> None:
        pipeline = self.pipelines[label]
        pipeline.meter.start = self.now
        self.now += 0.25
        opened = Opened(
            200, (("content-type", "text/event-stream"),), "HTTP/1.1", f"http://{label}/", self.now
        )
        pipeline.open(opened)
        self.faces[label].show([opened])

    def send(self, label: str, body: str) -> None:
        self.now += 0.02
        self.faces[label].show(self.pipelines[label].feed(Chunk(body.encode(), self.now)))

    def close(self, label: str, verdict: str = "complete") -> None:
        pipeline = self.pipelines[label]
        closed = Closed("eof", "", self.now)
        self.faces[label].show([closed])
        pipeline.close(closed)
        figures = pipeline.meter.figures(self.now)
        made_up = Verdict(verdict, "as made up")
        self.faces[label].close(summarize(made_up, label, None, None, pipeline.answer, figures))
