"""The face that every sink has, and what it is told when it is made."""

from collections.abc import Sequence
from typing import Protocol

import msgspec

from sse_cli.core.items import Item
from sse_cli.core.pipeline import Pipeline
from sse_cli.core.summary import Summary
from sse_cli.sinks.outlet import Outlet


class Setting(msgspec.Struct, frozen=True, kw_only=True):
    """What a sink may need to know. `out` and `err` are standard output and error.

    `url` is what is asked, and `source` what the user calls it, both masked. Where several sources are shown
    together, each has a `label`, short and its own; a source alone has none.

    `reasoning` asks for it as text beside the answer; `choice` is the one of several whose text is wanted, or
    None for the first of them and, where that one is silent, for the first that speaks.
    """

    out: Outlet
    err: Outlet
    pipeline: Pipeline
    method: str
    url: str
    source: str = ""
    label: str = ""
    show_all: bool = False
    fields: tuple[str, ...] = ()
    template: str | None = None
    color: bool = False
    color_err: bool = False
    reasoning: bool = False
    choice: int | None = None


class Sink(Protocol):
    """Takes the items of one run, a batch per chunk, and writes each batch at once."""

    interval: float | None
    """Seconds between two calls of `tick`, for a sink that redraws; None for all others."""

    takes_streaks: bool
    """Whether events that are alike may come as one item, a `Streak`."""

    def show(self, items: Sequence[Item]) -> None:
        """Take what one chunk completed. Raises `ReaderGone` or `OutputFailed`."""

    def tick(self, now: float) -> None:
        """Redraw, if there is anything to redraw; `now` is on the clock of the items."""

    def close(self, summary: Summary) -> None:
        """The run is over: write what is left to write."""


class WritingSink:
    """What sinks that only write have in common: nothing to redraw, nothing left at the end."""

    interval: float | None = None
    takes_streaks = False

    def __init__(self, setting: Setting) -> None:
        self.setting = setting
        self.out = setting.out

    def tick(self, _now: float) -> None:
        """Do nothing."""

    def close(self, _summary: Summary) -> None:
        """Do nothing."""
