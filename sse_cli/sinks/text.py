"""`-o text`: the content alone, or the extracted values, joined with nothing.

Reasoning goes to standard error, dimmed, where that is a terminal; with --reasoning it is part of the text,
an empty line apart. An answer that begins anew, since it was asked for again, begins on a line of its own.
Where neither a dialect nor a path says what the text is, each event's data is a line.
"""

from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import itemgetter

from sse_cli.core.items import Content, Fault, Item, Reading, Reasoning, Refusal, Streak
from sse_cli.core.summary import Summary
from sse_cli.sinks.lines import to_text
from sse_cli.sinks.outlet import Outlet, encode
from sse_cli.sinks.sink import Setting, WritingSink
from sse_cli.text.escape import escape

_DIM, _PLAIN = "\x1b[2m", "\x1b[0m"
_APART = "\n\n"

Said = tuple[str, bool]
"""A piece of text, and whether it is reasoning."""


class TextSink(WritingSink):
    """Writes text as it grows."""

    takes_streaks = True

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        self._extracts = bool(setting.pipeline.plan.paths)
        self._choices = _Choices(setting.choice)
        self._thinking: bool | None = None  # whether reasoning was the last thing said
        self._last = "\n"
        self._thoughts = setting.out if setting.reasoning else setting.err
        self._tells_thoughts = setting.reasoning or setting.err.is_terminal
        self._dims = setting.color if setting.reasoning else setting.color_err

    def show(self, items: Sequence[Item]) -> None:
        """Write the text of one batch."""
        pieces: list[Said] = []
        for item in items:
            if type(item) is Reading:
                pieces += self._said(item)
            elif type(item) is Streak:
                pieces += self._said_in(item)
            elif type(item) is Fault:
                self._break_off(item)
        self._write(pieces)

    def close(self, _summary: Summary) -> None:
        """Write what was held back, and end the line where the prompt or the summary would follow on it."""
        self._write(self._choices.held)
        if self._thinking and not self.setting.reasoning:
            self._thoughts.write(encode(_APART))
        self._end_line()

    def _break_off(self, fault: Fault) -> None:
        """A connection ended, which is told on standard error; what came of an answer may count no more."""
        if fault.anew:
            self._choices.held.clear()
            self._thinking = None
        self._end_line(always=fault.anew)

    def _end_line(self, *, always: bool = False) -> None:
        """End a line of text that something else would follow on."""
        follows = always or self.out.is_terminal or self.out.is_same_as(self.setting.err)
        if self._last != "\n" and follows:
            self._last = "\n"
            self.out.write(b"\n")

    def _said(self, reading: Reading) -> Iterator[Said]:
        if self._extracts:
            yield from (
                (to_text(found.value), False) for found in reading.extracted if found.value is not None
            )
        elif self.setting.pipeline.dialect is None:
            # Of plain text an event is what one read gave, which may end anywhere.
            end = "" if self.setting.pipeline.decoder == "text" else "\n"
            if reading.event.data:
                yield reading.event.data + end, False
        else:
            for part in reading.parts:
                thinks = type(part) is Reasoning
                if isinstance(part, Content | Refusal) or (
                    isinstance(part, Reasoning) and self._tells_thoughts
                ):
                    yield from self._choices.pass_on((part.text, thinks), part.choice)

    def _said_in(self, streak: Streak) -> Iterator[Said]:
        thinks = streak.kind is Reasoning and not self._extracts
        if self._extracts:
            yield "".join(streak.texts), False
        elif not thinks or self._tells_thoughts:
            yield from self._choices.pass_on(("".join(streak.texts), thinks), streak.choice)

    def _write(self, pieces: Sequence[Said]) -> None:
        """Write pieces: at once, or in turns where reasoning goes elsewhere."""
        writes: list[tuple[Outlet, str]] = []
        for thinks, run in groupby(pieces, key=itemgetter(1)):
            text = "".join(piece for piece, _ in run)
            if text:
                writes.append((self._thoughts, self._between(thinks)))
                writes.append((self._thoughts if thinks else self.out, self._fit(text, thinks)))
        for outlet, turn in groupby(writes, key=itemgetter(0)):
            if whole := "".join(text for _, text in turn):
                outlet.write(encode(whole))

    def _between(self, thinks: bool) -> str:
        """Return what keeps reasoning and answer apart, where both can be seen in one place."""
        before, self._thinking = self._thinking, thinks
        if before is None or before == thinks:
            return ""
        return _APART if before or self.setting.reasoning or self.out.is_terminal else ""

    def _fit(self, text: str, thinks: bool) -> str:
        """Return text fit for its outlet, and see how standard output's last line ends."""
        outlet = self._thoughts if thinks else self.out
        if outlet is self.out:
            self._last = text[-1]
        if outlet.is_terminal:
            text = escape(text)
        return f"{_DIM}{text}{_PLAIN}" if thinks and self._dims else text


class _Choices:
    """Passes on what one of several choices says: the `wanted` one, by default the first (0).

    It cannot be known that a choice will not speak. So, by default, the first other one to speak is held
    back, to be heard at the end if it was alone.
    """

    def __init__(self, wanted: int | None) -> None:
        self.held: list[Said] = []
        self._wanted = wanted or 0
        self._other: int | None = None
        self._holds = wanted is None

    def pass_on(self, said: Said, choice: int) -> tuple[Said, ...]:
        """Return a piece if it is to be heard now."""
        if choice == self._wanted:
            self._holds = False
            self.held.clear()
            return (said,)
        if self._holds and self._other in (None, choice):
            self._other = choice
            self.held.append(said)
        return ()


def make(setting: Setting) -> TextSink:
    """Build the sink."""
    return TextSink(setting)
