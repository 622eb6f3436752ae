"""`-o table`: the live view on a terminal; elsewhere the same rows as plain text."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sse_cli.sinks.sink import Setting, Sink

if TYPE_CHECKING:
    from sse_cli.sinks.screen import Screen


def make(setting: Setting) -> Sink:
    """Build the sink that suits standard output. Rich is loaded for the live view alone."""
    screen = _screen(setting)
    if screen is not None:
        from sse_cli.sinks.live import LiveTable

        return LiveTable(setting, screen)
    from sse_cli.sinks.plain import PlainTable

    return PlainTable(setting)


def make_all(settings: Sequence[Setting]) -> Sequence[Sink]:
    """Build the sinks of several sources, which share one table."""
    screen = _screen(settings[0])
    if screen is not None:
        from sse_cli.sinks.several import SeveralTables

        return SeveralTables(settings, screen).faces
    from sse_cli.sinks.plain import Common, PlainTable
    from sse_cli.text.cells import width

    common = Common(room=max(width(setting.label) for setting in settings))
    return [PlainTable(setting, common) for setting in settings]


def _screen(setting: Setting) -> "Screen | None":
    """Return the screen of a terminal that can be drawn on."""
    if not setting.out.is_terminal:
        return None
    from sse_cli.sinks.screen import Screen

    screen = Screen(setting.out, setting.color)
    return screen if screen.can_draw else None
