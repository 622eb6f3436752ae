"""A line on standard error for each wait between two connections, where no live table has a row for it."""

from collections.abc import Sequence

from sse_cli.core.items import Fault, Item
from sse_cli.core.summary import Summary
from sse_cli.sinks.outlet import Outlet
from sse_cli.sinks.rows import next_try
from sse_cli.text.cells import on_one_line


class WaitsSink:
    """Says how a connection ended, and when the next is asked for."""

    interval: float | None = None
    takes_streaks = True

    def __init__(self, err: Outlet, label: str = "") -> None:
        self._err = err
        self._label = f"{label}: " if label else ""

    def show(self, items: Sequence[Item]) -> None:
        """Write a line for each fault."""
        for item in items:
            if type(item) is Fault:
                self._err.write_text(
                    f"sse: {self._label}{on_one_line(item.error)}; asking {next_try(item)}\n"
                )

    def tick(self, _now: float) -> None:
        """Do nothing."""

    def close(self, _summary: Summary) -> None:
        """Do nothing."""
