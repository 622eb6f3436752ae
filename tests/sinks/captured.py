"""An outlet that keeps what is written, and what a sink needs to be made."""

from sse_cli.core.extract import parse_named
from sse_cli.core.items import Chunk, Item, Opened
from sse_cli.core.meter import Meter
from sse_cli.core.pipeline import Pipeline, Plan
from sse_cli.core.summary import summarize
from sse_cli.core.verdict import Verdict
from sse_cli.sinks import make
from sse_cli.sinks.outlet import Outlet
from sse_cli.sinks.sink import Setting


class Captured(Outlet):
    """Keeps the writes, one by one; a terminal if it is told so."""

    def __init__(self, is_terminal: bool = False) -> None:
        self.fd = -1
        self.name = "captured"
        self.is_terminal = is_terminal
        self.is_open = True
        self.writes: list[bytes] = []

    def is_same_as(self, other: Outlet) -> bool:
        return False

    def write(self, data: bytes) -> None:
        self.writes.append(data)

    @property
    def text(self) -> str:
        return b"".join(self.writes).decode()


def show(
    output: str,
    *bodies: bytes,
    paths: tuple[str, ...] = (),
    terminal: bool = False,
    err: Captured | None = None,
    content_type: str = "text/event-stream",
    dialect: str = "auto",
    streaks: bool = False,
    **setting: object,
) -> Captured:
    """Read the bodies, a chunk each and a second apart, and return what the output wrote.

    With `streaks`, what is alike may come as one item where the output takes that.
    """
    out = Captured(terminal)
    plan = Plan(dialect=dialect, paths=tuple(parse_named(path) for path in paths))
    pipeline = Pipeline(plan, Meter(10.0))
    sink = make(
        output,
        Setting(out=out, err=err or Captured(), pipeline=pipeline, method="GET", url="http://h/", **setting),  # type: ignore[arg-type]
    )
    if streaks and sink.takes_streaks:
        pipeline.allow_streaks()
    opened = Opened(200, (("content-type", content_type),), "HTTP/1.1", "http://h/", 10.5)
    pipeline.open(opened)
    sink.show([opened])
    for number, body in enumerate(bodies, 1):
        items: list[Item] = pipeline.feed(Chunk(body, 10.0 + number))
        sink.show(items)
    sink.show(pipeline.end(20.0))
    figures = pipeline.meter.figures(20.0)
    verdict = Verdict("complete", "as made up")
    sink.close(summarize(verdict, "http://h/", opened, pipeline.dialect, pipeline.answer, figures))
    return out
