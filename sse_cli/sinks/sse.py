"""`-o sse`: the chosen events as clean SSE, so that the program is a filter.

What is written reads back as the same events: unknown fields and odd line ends are gone, comments stay with
--all. An event's id is written where its own block had one; where the id in force comes from a block that is
not written, that id gets a block of its own. Where streams are merged, no id is in force for all of them.
"""

from collections.abc import Sequence

from sse_cli.core.items import Comment, Event, Item, Reading
from sse_cli.sinks.sink import Setting, WritingSink


class SseSink(WritingSink):
    """Writes events in the format of the standard, with LF."""

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        self._last_event_id = ""  # as a reader of what was written has it

    def show(self, items: Sequence[Item]) -> None:
        """Write the events of one batch."""
        blocks = []
        for item in items:
            if type(item) is Reading:
                id_ = "" if self.setting.label else self._format_id(item.event)
                blocks.append(id_ + format_event(item.event))
            elif type(item) is Comment and self.setting.show_all:
                blocks.append(f": {item.text}\n\n")
        if blocks:
            self.out.write_text("".join(blocks))

    def _format_id(self, event: Event) -> str:
        known, self._last_event_id = self._last_event_id, event.last_event_id
        return "" if event.last_event_id in {known, event.id} else f"id: {event.last_event_id}\n\n"


def format_event(event: Event) -> str:
    """Return one event as a block of SSE."""
    lines = []
    if event.type != "message":
        lines.append(f"event: {event.type}")
    if event.id is not None:
        lines.append(f"id: {event.id}")
    if event.retry is not None:
        lines.append(f"retry: {event.retry}")
    # A CR or LF in the data ends a line; data of other formats can hold either.
    lines += [f"data: {line}" for line in event.data.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    return "\n".join(lines) + "\n\n"


def make(setting: Setting) -> SseSink:
    """Build the sink."""
    return SseSink(setting)
