"""The end of a text that may grow for ever: it is kept, the rest is let go."""

from collections import deque
from itertools import groupby
from operator import itemgetter

import msgspec

from sse_cli.text.cells import Line, Span, on_one_line, wrap

PARAGRAPHS = 2_000
"""As many lines of the text are kept: more than a window has, and than most answers."""
PARAGRAPH_CHARACTERS = 8_000
"""And of one line as much as fills a window of 200 by 40."""
MANY = 1_000
"""So many pieces wait for the next frame; more are dealt with at once, to bound what is kept."""

_TAB = "    "


class Run(msgspec.Struct):
    """A piece of a paragraph that is all of one style."""

    text: str
    style: str


class Tail:
    """Add text in pieces, which costs next to nothing; ask for its last lines, wrapped."""

    def __init__(self) -> None:
        self.at_line_start = True
        """Whether the next piece begins a line."""
        self._new: list[Span] = []
        self._paragraphs: deque[list[Run]] = deque([[]], PARAGRAPHS)
        self._length = 0  # of the last paragraph, the only one that grows

    def add(self, text: str, style: str = "") -> None:
        """Add a piece of text."""
        if text:
            self.at_line_start = text[-1] == "\n"
            self._new.append((text, style))
            if len(self._new) > MANY:
                self._settle()

    def end(self, most: int) -> "Tail":
        """Return the last lines, `most` at most, as a text that grows no more."""
        self._settle()
        copy = Tail()
        kept = list(self._paragraphs)[-most - 1 :]  # the last may be empty, and is no line then
        copy._paragraphs = deque([Run(run.text, run.style) for run in runs] for runs in kept)
        copy.at_line_start = self.at_line_start
        return copy

    def last_lines(self, room: int, most: int) -> list[Line]:
        """Return the last lines, `most` at most, none wider than `room` cells."""
        self._settle()
        paragraphs = list(self._paragraphs)
        if self.at_line_start:
            paragraphs.pop()
        lines: list[Line] = []
        for runs in reversed(paragraphs):
            if len(lines) >= most:
                break
            lines[:0] = _wrapped(runs, room)
        return lines[-most:] if most > 0 else []

    def _settle(self) -> None:
        """Put the new pieces where they belong."""
        for style, pieces in groupby(self._new, key=itemgetter(1)):
            text = "".join(text for text, _ in pieces)
            first, *rest = text[-PARAGRAPHS * PARAGRAPH_CHARACTERS :].split("\n")
            self._extend(first, style)
            for piece in rest:
                self._paragraphs.append([])
                self._length = 0
                self._extend(piece, style)
        self._new.clear()

    def _extend(self, text: str, style: str) -> None:
        text = text[-PARAGRAPH_CHARACTERS:]
        if not text:
            return
        runs = self._paragraphs[-1]
        if runs and runs[-1].style == style:
            runs[-1].text += text
        else:
            runs.append(Run(text, style))
        self._length += len(text)
        # In large steps, since each step moves where the lines break.
        if self._length > 2 * PARAGRAPH_CHARACTERS:
            self._length = _keep_end(runs, PARAGRAPH_CHARACTERS)


def _keep_end(runs: list[Run], length: int) -> int:
    """Drop what lies more than `length` characters before the end; return the length that is left."""
    left = length
    for place in range(len(runs) - 1, -1, -1):
        run = runs[place]
        run.text = run.text[-left:]
        left -= len(run.text)
        if not left:
            del runs[:place]
            break
    return length - left


def _wrapped(runs: list[Run], room: int) -> list[Line]:
    # A CR at the end is half of a line end that the wire wrote as CR LF.
    spans = [(on_one_line(run.text.removesuffix("\r").replace("\t", _TAB)), run.style) for run in runs]
    text = "".join(text for text, _ in spans)
    return [_slice(spans, start, end) for start, end in wrap(text, room)]


def _slice(spans: Line, start: int, end: int) -> Line:
    """Return the spans between two places of their joined text."""
    line: Line = []
    for text, style in spans:
        piece = text[max(start, 0) : max(end, 0)]
        if piece:
            line.append((piece, style))
        start -= len(text)
        end -= len(text)
        if end <= 0:
            break
    return line
