"""`-o table`: the live view on a terminal; elsewhere the same rows as plain text."""

from sse_cli.sinks.sink import Setting, Sink


def make(setting: Setting) -> Sink:
    """Build the sink that suits standard output. Rich is loaded for the live view alone."""
    if setting.out.is_terminal:
        from sse_cli.sinks.live import LiveTable
        from sse_cli.sinks.screen import Screen

        screen = Screen(setting.out, setting.color)
        if screen.can_draw:
            return LiveTable(setting, screen)
    from sse_cli.sinks.plain import PlainTable

    return PlainTable(setting)
