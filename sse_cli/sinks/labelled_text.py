"""`-o text` of several sources: each line is written once it is whole, with its source in front."""

from collections.abc import Iterator, Sequence

from sse_cli.core.summary import Summary
from sse_cli.sinks.outlet import encode
from sse_cli.sinks.sink import Setting, Sink
from sse_cli.sinks.text import Said, TextSink

_LONGEST = 64 * 1024
"""Characters of a line that are held back; a longer one is written in pieces, since it may never end."""


class LabelledText(TextSink):
    """Holds back the line that is not whole, of the answer and of reasoning each its own."""

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        self._begun = {False: "", True: ""}

    def close(self, _summary: Summary) -> None:
        """Write what was held back."""
        self._write(self._choices.held)
        self._write([("\n", thinks) for thinks, begun in self._begun.items() if begun])

    def _write(self, pieces: Sequence[Said]) -> None:
        """Write the lines that these pieces complete, those of one batch at once."""
        for text, thinks in pieces:
            self._begun[thinks] += text
        for thinks in (True, False):
            if lines := "".join(f"{self.setting.label}: {line}\n" for line in self._whole_lines(thinks)):
                outlet = self._thoughts if thinks else self.out
                outlet.write(encode(self._fit(lines, thinks)))

    def _whole_lines(self, thinks: bool) -> Iterator[str]:
        """Take the whole lines out of what was begun."""
        *lines, rest = self._begun[thinks].split("\n")
        yield from lines
        if len(rest) > _LONGEST:
            yield rest
            rest = ""
        self._begun[thinks] = rest


def make_all(settings: Sequence[Setting]) -> Sequence[Sink]:
    """Build the sinks."""
    return [LabelledText(setting) for setting in settings]
