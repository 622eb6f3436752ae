"""`-o lines`: each extracted value on a line of its own; without a path, each event's data."""

from collections.abc import Sequence

from sse_cli.core import payload
from sse_cli.core.items import Item, Json, Reading, Streak
from sse_cli.sinks.sink import Setting, WritingSink


class LinesSink(WritingSink):
    """Writes values, one a line: strings as they are, others as JSON."""

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        self.takes_streaks = bool(setting.pipeline.plan.paths)

    def show(self, items: Sequence[Item]) -> None:
        """Write the values of one batch."""
        extracts = bool(self.setting.pipeline.plan.paths)
        lines: list[str] = []
        for item in items:
            if type(item) is Reading:
                if extracts:
                    lines += [to_text(found.value) for found in item.extracted]
                else:
                    lines.append(item.event.data)
            elif type(item) is Streak:
                lines += item.texts
        if lines:
            lines.append("")
            self.out.write_text("\n".join(lines))


def to_text(value: Json) -> str:
    """Return a string as it is and any other value as JSON."""
    return value if isinstance(value, str) else payload.encode(value)


def make(setting: Setting) -> LinesSink:
    """Build the sink."""
    return LinesSink(setting)
