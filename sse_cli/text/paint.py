"""Lines painted for a terminal, without rich: in the sixteen colours that a theme may choose."""

from sse_cli.text.cells import Line

_SGR = {
    "dim": "2",
    "bold": "1",
    "green": "32",
    "yellow": "33",
    "red": "31",
    "magenta": "35",
    "bold green": "1;32",
    "bold yellow": "1;33",
    "bold red": "1;31",
}
"""What sets each style, as Select Graphic Rendition has it (ECMA-48, 8.3.117)."""


def paint(line: Line, color: bool) -> str:
    """Return the text of a line, in its colours if asked, without blanks at its end."""
    if not color:
        return "".join(text for text, _ in line).rstrip()
    return "".join(f"\x1b[{_SGR[style]}m{text}\x1b[0m" if style else text for text, style in line).rstrip()
