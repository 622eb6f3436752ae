"""`sse tail SOURCE`: shows one stream, and judges it."""

from typing import Annotated

import typer

from sse_cli.cli.options import (
    ChoosingOptions,
    Groups,
    OutputOptions,
    ReadingOptions,
    ReconnectingOptions,
    RequestOptions,
    StoppingOptions,
    complete_source,
    given,
    spread,
)
from sse_cli.cli.ordered import DataInOrder
from sse_cli.errors import UsageError

CLASS = DataInOrder

EPILOG = """\
[dim]$[/] sse tail URL --json @body.json --bearer env:API_KEY

[dim]$[/] sse tail URL -p "$['choices'][0]['delta']['content']" -o text | tee answer.txt

[dim]$[/] curl -sN URL | sse tail - -o json --where "$.price > 100" | jq .json

Exit codes: 0 complete, stopped or incomplete; 2 usage; 3 unreachable; 4 refused, or not a stream; \
5 timeout; 6 truncated; 7 failed; 8 empty; 9 output not written; 130 interrupted.
"""


@spread
def command(
    request: RequestOptions,
    reading: ReadingOptions,
    stopping: StoppingOptions,
    reconnecting: ReconnectingOptions,
    choosing: ChoosingOptions,
    output: OutputOptions,
    context: typer.Context,
    source: Annotated[
        str | None,
        typer.Argument(
            metavar="SOURCE",
            help="A URL, a file, - for standard input, or @NAME of sse profiles.",
            autocompletion=complete_source,
            show_default=False,
        ),
    ] = None,
) -> int:
    """Tail a stream: show it live, or pipe it on; time it; and judge how it ended."""
    if request.from_curl is not None:
        from sse_cli.cli import from_curl

        source, request, stopping = from_curl.apply(source, request, stopping, given(context))
    if source is None:
        raise UsageError("no SOURCE is given", "Give a URL, a file, or - for standard input.")
    if source.startswith("@"):
        from sse_cli.cli.profile.expand import expand

        groups = Groups(request, reading, stopping, reconnecting, choosing, output)
        source, groups = expand(source, groups, given(context))
        request, reading, stopping, reconnecting, choosing, output = groups
    if request.as_curl:
        from sse_cli.cli import as_curl

        return as_curl.show(source, request, stopping)
    from sse_cli.cli.run import run

    return run(source, request, reading, stopping, choosing, output, reconnecting)
