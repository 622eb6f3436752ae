"""`sse check SOURCE -e EXPR`: runs streams, holds them against what is expected, and reports."""

from typing import Annotated, NamedTuple

import typer

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

CHECK = "Check"


def _option(*names: str, text: str, **more: object) -> object:
    return typer.Option(*names, rich_help_panel=CHECK, help=text, show_default=False, **more)  # type: ignore[call-overload]


def complete_sources(context: typer.Context, incomplete: str) -> list[str]:
    """Complete profiles and, behind a file of checks, the names of these."""
    file = next(iter(context.params.get("sources") or ()), "")
    if not file.endswith(".toml"):
        return complete_source(incomplete)
    from sse_cli.cli.spec.file import names

    return [name for name in names(file) if name.startswith(incomplete)]


def _reports(incomplete: str) -> list[str]:
    from sse_cli.reports import REPORTS

    return [name for name in REPORTS if name.startswith(incomplete)]


class CheckOptions(NamedTuple):
    """What is expected, how often it is tried, and who is told."""

    expect: Annotated[
        list[str] | None,
        _option("-e", "--expect", metavar="EXPR", text="What is to hold, as 'gap.p99 < 1s'. Repeatable."),
    ] = None
    repeat: Annotated[
        int, _option("--repeat", metavar="N", min=1, text="Run it N times: 'p95(first_content) < 500ms'.")
    ] = 1
    retries: Annotated[
        int, _option("--retries", metavar="N", min=0, text="Run what did not pass again, N times at most.")
    ] = 0
    parallel: Annotated[
        int, _option("--parallel", metavar="N", min=1, text="Run so many streams at a time (1).")
    ] = 1
    tags: Annotated[
        list[str] | None,
        _option("-t", "--tag", metavar="TAG", text="Only checks of the file with this tag. Repeatable."),
    ] = None
    no_fail_fast: Annotated[
        bool, _option("--no-fail-fast", text="Go on although an expectation can no longer hold.")
    ] = False
    output: Annotated[
        str,
        _option(
            "-o",
            "--output",
            metavar="NAME",
            autocompletion=_reports,
            text="The report on stdout: human (default), tap, json, junit, github or none.",
        ),
    ] = "human"
    junit: Annotated[str | None, _option("--junit", metavar="FILE", text="Write a JUnit report as well.")] = (
        None
    )
    github: Annotated[
        bool, _option("--github", text="Annotate on GitHub as well, and add to the job's summary.")
    ] = False
    record_failures: Annotated[
        str | None,
        _option("--record-failures", metavar="DIR", text="Keep a recording of each run that did not pass."),
    ] = None
    offline: Annotated[
        str | None,
        _option(
            "--offline", metavar="DIR", text="Check recordings DIR/NAME.rec in place of the file's streams."
        ),
    ] = None
    snapshot: Annotated[
        str | None,
        _option("--snapshot", metavar="FILE", text="Compare types and shapes of events with a good run's."),
    ] = None
    update: Annotated[bool, _option("--update", text="Write the snapshot anew.")] = False
    quiet: Annotated[bool, _option("-q", "--quiet", text="Tell of what did not pass alone.")] = False
    color: Annotated[str, _option("--color", metavar="WHEN", text="auto (default), always or never.")] = (
        "auto"
    )
    vocabulary: Annotated[
        bool, _option("--vocabulary", text="List the words of expectations, with their units.")
    ] = False
    schema: Annotated[bool, _option("--schema", text="Print the JSON Schema of files of checks.")] = False


@spread_without(
    "-e", "retries", "state", "where", "events", "fields", "choice", "show_all", "as_curl", "show_secrets"
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
