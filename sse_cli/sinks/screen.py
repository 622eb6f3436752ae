"""Drawing in place on a terminal: the only importer of rich's console.

Between frames the cursor waits at the frame's first line. Terminals keep it there when a new width breaks
lines anew, so that the next frame begins in the right place and wipes all of the old one.
"""

import os
from collections.abc import Callable, Sequence
from typing import IO, cast

from rich.console import Console
from rich.segment import Segment, Segments

from sse_cli.sinks.outlet import Outlet, encode
from sse_cli.text.cells import Line

Size = tuple[int, int]
"""Columns and lines."""

_USUAL_SIZE = (80, 24)
# The terminal shows a frame once it is whole (synchronized output; terminals that do not know it ignore it)
# and cuts what it thinks wider than we do: a wrapped line would push the frame up.
_BEGIN = "\x1b[?2026h\x1b[?7l"
_END = "\x1b[?7h\x1b[?2026l"
_WIPE_LINE, _WIPE_BELOW = "\x1b[K", "\x1b[J"
_HIDE_CURSOR, _SHOW_CURSOR = "\x1b[?25l", "\x1b[?25h"


class Screen:
    """Draws frames over one another; `leave` lets the last one stand and gives the cursor back."""

    def __init__(self, out: Outlet, color: bool, size: Callable[[], Size] | None = None) -> None:
        self._ask_size = size or (lambda: _size_of(out))
        self._hidden = False
        self._console = Console(
            file=cast(IO[str], _Writer(out)),
            force_terminal=True,
            color_system="standard" if color else None,  # the sixteen colours that follow the user's theme
            no_color=not color,
            highlight=False,
            markup=False,
        )

    @property
    def can_draw(self) -> bool:
        """Tell whether the terminal understands being drawn on."""
        return not self._console.legacy_windows and not self._console.is_dumb_terminal

    @property
    def size(self) -> Size:
        """The size of the terminal, as it is now."""
        return self._ask_size()

    def draw(self, lines: Sequence[Line]) -> None:
        """Draw a frame over the one before. It must be lower than the terminal, or it would scroll."""
        before = "" if self._hidden else _HIDE_CURSOR
        self._hidden = True
        self._write(before, lines, f"\x1b[{len(lines)}A" if lines else "")

    def leave(self, lines: Sequence[Line]) -> None:
        """Draw the last frame, and put the cursor below it."""
        self._hidden = False
        self._write("", lines, _SHOW_CURSOR)

    def _write(self, before: str, lines: Sequence[Line], after: str) -> None:
        """Write a frame in one piece."""
        segments = [_control(f"{before}{_BEGIN}\r")]
        style_of = self._console.get_style
        for line in lines:
            segments.append(_control(_WIPE_LINE))
            segments += [Segment(text, style_of(style) if style else None) for text, style in line]
            segments.append(_control("\r\n"))
        segments.append(_control(f"{_WIPE_BELOW}{after}{_END}"))
        self._console.print(Segments(segments), end="", crop=False)


class _Writer:
    """What rich writes to: an outlet, whose errors then reach the session."""

    encoding = "utf-8"

    def __init__(self, out: Outlet) -> None:
        self._out = out

    def write(self, text: str) -> int:
        """Write text that is drawn already, escapes and all."""
        self._out.write(encode(text))
        return len(text)

    def flush(self) -> None:
        """Do nothing: an outlet holds nothing back."""

    def isatty(self) -> bool:
        """Say what the outlet is."""
        return self._out.is_terminal


def _control(codes: str) -> Segment:
    return Segment(codes, None, ())


def _size_of(out: Outlet) -> Size:
    try:
        columns, lines = os.get_terminal_size(out.fd)
    except OSError:
        return _USUAL_SIZE
    return columns or _USUAL_SIZE[0], lines or _USUAL_SIZE[1]
