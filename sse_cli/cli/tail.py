"""`sse tail SOURCE`: shows one stream, and judges it."""

from typing import Annotated

import typer

from sse_cli.cli.options import (
    ChoosingOptions,
    FaultOptions,
    Groups,
    OutputOptions,
    ReadingOptions,
    ReconnectingOptions,
    RequestOptions,
    StoppingOptions,
    given,
    spread,
)
from sse_cli.cli.ordered import DataInOrder
from sse_cli.cli.source import complete_source, expanded
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
    faults: FaultOptions,
    context: typer.Context,
    sources: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="SOURCE…",
            help="A URL, a file, - for standard input, or @NAME of sse profiles.",
            autocompletion=complete_source,
            show_default=False,
        ),
    ] = None,
) -> int:
    """Tail a stream, or several side by side: show it live, or pipe it on; time it; judge how it ended."""
    sources = sources or []
    if request.from_curl is not None:
        from sse_cli.cli import from_curl

        sources, request, stopping = from_curl.apply(sources, request, stopping, given(context))
    if not sources:
        raise UsageError("no SOURCE is given", "Give a URL, a file, or - for standard input.")
    groups = Groups(request, reading, stopping, reconnecting, choosing, output, faults)
    asked = [expanded(source, groups, given(context)) for source in sources]
    if request.as_curl:
        from sse_cli.cli import as_curl

        return max(as_curl.show(where, own.request, own.stopping) for where, own in asked)
    from sse_cli.cli.run import Job, run

    jobs = [Job(where, own, name) for name, (where, own) in zip(sources, asked, strict=True)]
    if len(jobs) == 1:
        return run(jobs[0])
    from sse_cli.cli import several

    return several.run(jobs)
