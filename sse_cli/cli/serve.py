"""`sse serve FILE…`: a mock server that plays recordings and plain files, and does harm on demand."""

import sys
from typing import Annotated

import typer

from sse_cli.cli.options import FAULTS, FaultOptions, spread
from sse_cli.cli.serve_options import ListeningOptions, PlayingOptions, TellingOptions
from sse_cli.errors import ExitCode, UsageError

EPILOG = """\
[dim]$[/] sse serve stream.ndjson --port 8080

[dim]$[/] sse serve folder --match '$.model' --log

[dim]$[/] sse serve openai-chat --fault drop@20 --fault status@1:503

Standard output gets one line: the URL; with --tls a second one, the file of the authority to trust.
Ctrl-C ends it, with 0.
"""


@spread
def command(
    listening: ListeningOptions,
    playing: PlayingOptions,
    faults: FaultOptions,
    telling: TellingOptions,
    list_faults: Annotated[
        bool, typer.Option("--faults", rich_help_panel=FAULTS, help="List the faults, and exit.")
    ] = False,
    files: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="FILE…",
            help="A recording, a body (.sse .ndjson .json .txt), .har, a folder, a name of sse demo --list.",
            show_default=False,
        ),
    ] = None,
) -> int:
    """Serve recordings and plain files as they came: a mock server, with faults on demand."""
    if list_faults:
        from sse_cli.core.faults.table import listing

        sys.stdout.write(listing())
        return int(ExitCode.OK)
    if not files:
        raise UsageError("no FILE is given", "Give a recording, a body or a folder; sse serve --help.")
    from sse_cli.cli.serving import run

    return run(files, listening, playing, faults, telling)
