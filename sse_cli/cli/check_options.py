"""The options of `sse check` alone."""

from typing import Annotated, NamedTuple

import typer

CHECK = "Check"


def _option(*names: str, text: str, **more: object) -> object:
    return typer.Option(*names, rich_help_panel=CHECK, help=text, show_default=False, **more)  # type: ignore[call-overload]


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
            text="The report on stdout: human (default), tap, json, junit, github, markdown or none.",
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
    record: Annotated[
        str | None, _option("--record", metavar="DIR", text="Keep a recording of each run.")
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
