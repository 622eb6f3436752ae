"""`-o none`: nothing."""

from collections.abc import Sequence

from sse_cli.core.items import Item
from sse_cli.sinks.sink import Setting, WritingSink


class NoSink(WritingSink):
    """Writes nothing."""

    takes_streaks = True

    def show(self, items: Sequence[Item]) -> None:
        """Do nothing."""


def make(setting: Setting) -> NoSink:
    """Build the sink."""
    return NoSink(setting)
