"""`sse check SOURCE -e EXPR`: runs streams, holds them against what is expected, and reports."""

from typing import Annotated

import typer

from sse_cli.cli.check_options import CheckOptions
from sse_cli.cli.options import (
    ChoosingOptions,
    FaultOptions,
    Groups,
    ReadingOptions,
    ReconnectingOptions,
    RequestOptions,
    StoppingOptions,
    given,
    spread_without,
)
from sse_cli.cli.ordered import DataInOrder
from sse_cli.cli.source import complete_source
from sse_cli.errors import UsageError

CLASS = DataInOrder

EPILOG = """\
[dim]$[/] sse check URL                                       [dim]# the verdict is to be complete[/]

[dim]$[/] sse check URL --json @body.json -e 'first_content < 500ms' -e 'last data == "\\[DONE]"'

[dim]$[/] sse check URL --repeat 20 -e 'p95(first_content) < 500ms' -e 'success_rate >= 99%'

[dim]$[/] sse check smoke.toml --junit out.xml                [dim]# many streams, out of a file[/]

Exit codes: 0 all that is expected holds; 1 it does not; of a stream that could not be judged, its own: \
2 usage; 3 unreachable; 130 interrupted.
"""


def complete_sources(context: typer.Context, incomplete: str) -> list[str]:
    """Complete profiles and, behind a file of checks, the names of these."""
    file = next(iter(context.params.get("sources") or ()), "")
    if not file.endswith(".toml"):
        return complete_source(incomplete)
    from sse_cli.cli.spec.file import names

    return [name for name in names(file) if name.startswith(incomplete)]


@spread_without(
    "-e",
    "paths",
    "retries",
    "state",
    "where",
    "events",
    "fields",
    "choice",
    "show_all",
    "as_curl",
    "show_secrets",
)
def command(
    checking: CheckOptions,
    request: RequestOptions,
    reading: ReadingOptions,
    stopping: StoppingOptions,
    reconnecting: ReconnectingOptions,
    choosing: ChoosingOptions,
    faults: FaultOptions,
    context: typer.Context,
    sources: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="SOURCE | FILE.toml [NAME…]",
            help="A URL, a recording or file, -, @NAME of sse profiles; or a file of checks.",
            autocompletion=complete_sources,
            show_default=False,
        ),
    ] = None,
) -> int:
    """Check a stream, or many: run it, hold it against what is expected, and report."""
    from sse_cli.cli import checks

    if checking.vocabulary:
        return checks.show_vocabulary()
    if checking.schema:
        from sse_cli.cli.spec import schema

        return schema.show()
    if not sources:
        raise UsageError("no SOURCE is given", "Give a URL, a file, or a file of checks that ends in .toml.")
    groups = Groups(request, reading, stopping, reconnecting, choosing, faults=faults)
    return checks.run(sources, groups, checking, given(context))
