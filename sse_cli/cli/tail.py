"""`sse tail SOURCE`: shows one stream, and judges it."""

from typing import Annotated

import typer

from sse_cli.cli.options import (
    ChoosingOptions,
    OutputOptions,
    ReadingOptions,
    RequestOptions,
    StoppingOptions,
    spread,
)


@spread
def command(
    source: Annotated[
        str,
        typer.Argument(metavar="SOURCE", help="A URL, a file, or - for standard input.", show_default=False),
    ],
    request: RequestOptions,
    reading: ReadingOptions,
    stopping: StoppingOptions,
    choosing: ChoosingOptions,
    output: OutputOptions,
) -> int:
    """Tail a stream: show it live, or pipe it on; time it; and judge how it ended.

    The exit code says how: 0 complete, 3 unreachable, 4 refused or not a stream, 5 timeout, 6 truncated,
    7 failed, 8 empty, 130 interrupted.
    """
    from sse_cli.cli.run import run

    return run(source, request, reading, stopping, choosing, output)
