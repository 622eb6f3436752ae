"""`-o text`: the content alone, or the extracted values, joined with nothing.

Reasoning goes to standard error, dimmed, where that is a terminal. Where neither a dialect nor a path says
what the text is, each event's data is a line.
"""

from collections.abc import Sequence

from sse_cli.core.items import Content, Item, Reading, Reasoning, Refusal
from sse_cli.core.summary import Summary
from sse_cli.sinks.lines import to_text
from sse_cli.sinks.outlet import encode, escape
from sse_cli.sinks.sink import Setting, WritingSink

_DIM, _PLAIN = "\x1b[2m", "\x1b[0m"


class TextSink(WritingSink):
    """Writes text as it grows."""

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        self._extracts = bool(setting.pipeline.plan.paths)
        self._thinking = False  # whether reasoning was the last thing on the terminal
        self._last = "\n"

    def show(self, items: Sequence[Item]) -> None:
        """Write the text of one batch."""
        pieces: list[str] = []
        for item in items:
            if type(item) is Reading:
                if self._extracts:
                    pieces += [to_text(found.value) for found in item.extracted]
                elif self.setting.pipeline.dialect is None:
                    pieces += [item.event.data, "\n"]
                else:
                    self._read_parts(item, pieces)
        text = "".join(pieces)
        if text:
            self._end_reasoning()
            self.out.write_text(text)
            self._last = text[-1]

    def close(self, _summary: Summary) -> None:
        """End the line on a terminal, where the prompt would follow the text."""
        self._end_reasoning()
        if self.out.is_terminal and self._last != "\n":
            self.out.write(b"\n")

    def _read_parts(self, reading: Reading, pieces: list[str]) -> None:
        for part in reading.parts:
            if type(part) is Content or type(part) is Refusal:
                pieces.append(part.text)
            elif type(part) is Reasoning and self.setting.err.is_terminal:
                text = escape(part.text)
                self.setting.err.write(encode(f"{_DIM}{text}{_PLAIN}" if self.setting.color else text))
                self._thinking = True

    def _end_reasoning(self) -> None:
        if self._thinking:
            self._thinking = False
            self.setting.err.write(b"\n\n")


def make(setting: Setting) -> TextSink:
    """Build the sink."""
    return TextSink(setting)
