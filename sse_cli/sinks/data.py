"""`-o data`: each event's data, followed by a newline; plain text as it comes."""

from collections.abc import Sequence

from sse_cli.core.items import Item, Reading, Streak
from sse_cli.sinks.sink import Setting, WritingSink


class DataSink(WritingSink):
    """Writes the data of events."""

    takes_streaks = True

    def show(self, items: Sequence[Item]) -> None:
        """Write the data of one batch."""
        pieces = []
        for item in items:
            if type(item) is Reading:
                pieces.append(item.event.data)
            elif type(item) is Streak:
                pieces.append(item.raw[len("data: ") : -len("\n\n")].decode().replace("\n\ndata: ", "\n"))
        if pieces:
            # Of plain text an event is what one read gave, which may end anywhere: no line ends are added.
            end = "" if self.setting.pipeline.decoder == "text" else "\n"
            self.out.write_text(end.join(pieces) + end)


def make(setting: Setting) -> DataSink:
    """Build the sink."""
    return DataSink(setting)
