"""Makes the README's picture: `sse demo` in a terminal of its own, the last frame before its end, as SVG.

`python -m tests.picture`; what is drawn is what the program wrote, read back by a terminal emulator.
"""

import contextlib
import fcntl
import os
import re
import struct
import subprocess
import sys
import termios
from collections.abc import Iterator
from pathlib import Path

import pyte
from rich.console import Console
from rich.style import Style
from rich.text import Text

PICTURE = Path(__file__).parent.parent / ".github" / "live-table.svg"
COLUMNS, LINES = 96, 30


def main() -> None:
    """Run the demo and write the picture."""
    screen = pyte.Screen(COLUMNS, LINES)
    stream = pyte.ByteStream(screen)
    lines: list[Text] = []
    for data in output_of([sys.executable, "-m", "sse_cli", "demo", "--color", "always"]):
        stream.feed(data)
        if any("streaming" in line for line in screen.display):
            lines = drawn_lines(screen)
    console = Console(record=True, width=COLUMNS, file=open(os.devnull, "w"))  # noqa: SIM115 (lives as long as we)
    for line in lines:
        console.print(line, no_wrap=True, crop=True)
    console.save_svg(str(PICTURE), title="sse demo")
    # The fonts are linked from a foreign host by default; a picture needs none.
    svg = PICTURE.read_text(encoding="utf-8")
    PICTURE.write_text(without_fonts(svg), encoding="utf-8")


def output_of(command: list[str]) -> Iterator[bytes]:
    """Run a command on a pseudo-terminal and give what it writes."""
    ours, theirs = os.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
    environment = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor"}
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment):
        os.close(theirs)
        with contextlib.suppress(OSError):  # how Linux says that the other side has closed
            while data := os.read(ours, 65536):
                yield data
    os.close(ours)


def drawn_lines(screen: pyte.Screen) -> list[Text]:
    """Return the screen's lines with their colours, without the empty ones at the end."""
    lines = []
    for row in range(LINES):
        line = Text()
        for column in range(COLUMNS):
            cell = screen.buffer[row][column]
            line.append(cell.data, Style(color=color(cell.fg), bold=cell.bold, italic=cell.italics))
        line.rstrip()
        lines.append(line)
    while lines and not lines[-1].plain:
        lines.pop()
    return lines


def color(name: str) -> str | None:
    """Return rich's name for pyte's name of a colour."""
    if name == "default":
        return None
    if len(name) == 6 and all(character in "0123456789abcdef" for character in name):
        return f"#{name}"
    return {"brown": "yellow"}.get(name, name.replace("bright", "bright_"))


def without_fonts(svg: str) -> str:
    """Take out the rules that load a font from elsewhere, and let the viewer's own monospace stand for it."""
    return re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL).replace("Fira Code", "ui-monospace")


if __name__ == "__main__":
    main()
