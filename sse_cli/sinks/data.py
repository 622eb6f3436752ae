"""`-o data`: each event's data, followed by a newline."""

from collections.abc import Sequence

from sse_cli.core.items import Item, Reading
from sse_cli.sinks.sink import Setting, WritingSink


class DataSink(WritingSink):
    """Writes the data of events."""

    def show(self, items: Sequence[Item]) -> None:
        """Write the data of one batch."""
        lines = [item.event.data for item in items if type(item) is Reading]
        if lines:
            lines.append("")
            self.out.write_text("\n".join(lines))


def make(setting: Setting) -> DataSink:
    """Build the sink."""
    return DataSink(setting)
