"""`-o raw`: the bytes as they came, whatever is chosen."""

from collections.abc import Sequence

from sse_cli.core.items import Chunk, Item
from sse_cli.sinks.sink import Setting, WritingSink


class RawSink(WritingSink):
    """Writes chunks."""

    takes_streaks = True

    def show(self, items: Sequence[Item]) -> None:
        """Write the chunk of one batch."""
        for item in items:
            if type(item) is Chunk:
                self.out.write_wire(item.data)


def make(setting: Setting) -> RawSink:
    """Build the sink."""
    return RawSink(setting)
