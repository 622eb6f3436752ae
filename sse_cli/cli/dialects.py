"""`sse dialects`: lists the dialects, prints one to be copied, and tries a new one on a recorded body."""

from collections.abc import Callable
from typing import Annotated

import typer

from sse_cli.errors import ExitCode, UsageError

EPILOG = """\
[dim]$[/] sse dialects openai-chat > mine.toml

[dim]$[/] sse dialects --test mine.toml capture.sse

[dim]$[/] sse URL --dialect mine.toml

Exit codes of --test: 0 the dialect reads something; 1 it reads nothing; 2 its file is wrong.
"""


def _complete(incomplete: str) -> list[str]:
    from sse_cli.cli.own_dialects import all_names

    return [name for name in all_names() if name.startswith(incomplete)]


def command(
    subject: Annotated[
        str | None,
        typer.Argument(
            metavar="[NAME]",
            help="The dialect to print; with --test the recorded body, a file or -.",
            autocompletion=_complete,
            show_default=False,
        ),
    ] = None,
    test: Annotated[
        str | None,
        typer.Option(
            "--test",
            metavar="FILE.toml",
            help="Show what this dialect reads in a recorded body.",
            show_default=False,
        ),
    ] = None,
) -> int:
    """List the dialects; print NAME as it is, to copy and change; or try a file on a recorded body."""
    from sse_cli.sinks.outlet import Outlet, ReaderGone

    out = Outlet(1, "standard output")
    try:
        if test is not None:
            return _test(test, subject, out.write)
        if subject is None:
            out.write(_listing().encode())
        else:
            from sse_cli.cli.own_dialects import text_named

            out.write_text(text_named(subject))
    except ReaderGone:
        pass  # as with `| head`
    return int(ExitCode.OK)


def _listing() -> str:
    """Return a block for each dialect: name and title, and below them the parts that it covers."""
    from sse_cli.cli import own_dialects
    from sse_cli.core.dialects.check import outline
    from sse_cli.core.dialects.recognise import names, text_of
    from sse_cli.text.cells import on_one_line

    own, errors = own_dialects.usable()
    for error in errors:
        own_dialects.warn(error)
    texts = {name: text_of(name) for name in names()}
    texts |= {dialect.name: own_dialects.text_named(dialect.name) for dialect in own}
    mine = {dialect.name for dialect in own}
    room = max(map(len, texts))
    lines = []
    for name, text in sorted(texts.items()):
        about = outline(text, name)
        title = on_one_line(about.title) + (" (yours)" if name in mine else "")
        lines += [f"{name:<{room}}  {title}", f"{'':<{room}}  {' '.join(about.covers)}"]
    return "".join(f"{line.rstrip()}\n" for line in lines)


def _test(file: str, capture: str | None, write: Callable[[bytes], None]) -> int:
    from sse_cli.cli.own_dialects import named
    from sse_cli.cli.trial import Trial

    if capture is None:
        raise UsageError("--test needs a recorded body", "Write sse dialects --test FILE.toml CAPTURE.")
    return Trial(named(file), write).run(capture)
