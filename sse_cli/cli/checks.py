"""Runs the checks of a command line, reports on them, and gives the exit code."""

import asyncio
import os
import secrets
import shlex
import signal
import sys
import time
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sse_cli.checking.check import Check, Opening
from sse_cli.checking.keeping import KeepFailures, Keeping, KeepNothing
from sse_cli.checking.runner import Runner
from sse_cli.checking.snapshot import SnapshotTest
from sse_cli.cli import build, resume
from sse_cli.cli.main import report as tell
from sse_cli.cli.options import Groups
from sse_cli.cli.run import Job, Ready, prepare
from sse_cli.cli.show import has_color, width_of
from sse_cli.cli.source import expanded
from sse_cli.core.expectations.judge import compile_expectation
from sse_cli.core.results import CheckResult, Outcome, Report
from sse_cli.core.secrets import Secrets, mask_url
from sse_cli.errors import ExitCode, SseError, UsageError
from sse_cli.reports import REPORTS, write
from sse_cli.reports.github import shielded
from sse_cli.sinks.outlet import Outlet, ReaderGone, encode
from sse_cli.sources.lookup import DaemonThreads

if TYPE_CHECKING:
    from sse_cli.cli.check import CheckOptions

DEFAULT = "verdict == complete"
"""What is expected where nothing else is."""

_FAILED = (Outcome.FAILED, Outcome.ERRORED, Outcome.SKIPPED)


def run(sources: Sequence[str], groups: Groups, options: "CheckOptions", given: Collection[str]) -> int:
    """Run what is asked for and return the exit code. Raises `SseError` for what is wrong before that."""
    if options.update and options.snapshot is None:
        raise UsageError("--update is given without --snapshot", "Name the file: --snapshot FILE.")
    if options.snapshot is not None and len(sources) > 1:
        raise UsageError("--snapshot is for one source", "Check each with a snapshot of its own.")
    checks = [_check_of(source, sources, groups, options, given) for source in sources]
    reporting = Reporting(options)
    keeping: Keeping = KeepNothing()
    if options.record_failures is not None:
        keeping = KeepFailures(options.record_failures)
    with suppress(ReaderGone):
        begun = time.perf_counter()
        started = datetime.now(UTC).isoformat(timespec="milliseconds")
        results = asyncio.run(_run(checks, keeping, options.parallel, reporting))
        report = Report(checks=tuple(results), started=started, seconds=time.perf_counter() - begun)
        reporting.end(report)
        return report.exit_code
    return int(ExitCode.OK)


def show_vocabulary() -> int:
    """Print the words of expectations, with their units and what they are."""
    from sse_cli.core.expectations.vocabulary import vocabulary

    lines = []
    for title, entries in vocabulary().items():
        room = max(len(entry.name) for entry in entries)
        units = max(len(entry.unit) for entry in entries)
        lines += [f"{title}:", *(f"  {it.name:<{room}}  {it.unit:<{units}}  {it.doc}" for it in entries), ""]
    with suppress(ReaderGone):
        Outlet(1, "standard output").write(encode("\n".join(lines)))
    return int(ExitCode.OK)


def _check_of(
    source: str, sources: Sequence[str], groups: Groups, options: "CheckOptions", given: Collection[str]
) -> Check:
    """Return the check of a source that is named on the command line. Raises `UsageError`."""
    where, own = expanded(source, groups, given)
    job = Job(where, own, source)
    ready = prepare(job)  # so that what is wrong is told before anything is connected
    opened = build.source(where, ready.request, own.reading, own.faults)

    def open_source(_captured: Mapping[str, str]) -> Opening:
        return _open(prepare(job))

    return Check(
        name=mask_url(source),
        source=mask_url(where),
        open=open_source,
        expectations=tuple(compile_expectation(text) for text in options.expect or [DEFAULT]),
        repeat=options.repeat,
        retries=options.retries,
        fail_fast=not options.no_fail_fast,
        command=_command(sys.argv[1:], source, sources, opened.secrets),
        snapshot=SnapshotTest(options.snapshot, update=options.update) if options.snapshot else None,
    )


def _command(arguments: Sequence[str], source: str, sources: Sequence[str], hidden: Secrets) -> str:
    """Return the command line that checks only one of the sources, without secrets."""
    words = [word for word in arguments if word == source or word not in sources]
    return "sse " + shlex.join(mask_url(word) if "://" in word else hidden.hide(word) for word in words)


def _open(ready: Ready) -> Opening:
    where, groups = str(ready.job.where), ready.job.groups
    source = build.source(where, ready.request, groups.reading, groups.faults)
    plan = resume.plan_of(source, ready.plan)
    return Opening(source, plan, ready.limits, resume.reconnecting(source, plan, groups.reconnecting))


async def _run(
    checks: Sequence[Check], keeping: Keeping, parallel: int, reporting: "Reporting"
) -> list[CheckResult]:
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    assert task is not None
    loop.set_default_executor(DaemonThreads())
    with suppress(NotImplementedError):  # Windows has no such thing
        loop.add_signal_handler(signal.SIGTERM, task.cancel)
    return await Runner(checks, keeping, parallel, reporting.show).run()


class Reporting:
    """Writes reports: for people as each check ends, all others at the end. Raises `UsageError` when made."""

    def __init__(self, options: "CheckOptions") -> None:
        if options.output not in (*REPORTS, "none"):
            known = ", ".join((*REPORTS, "none"))
            raise UsageError(f"no such report: {options.output}", f"The reports are {known}.")
        self._name = options.output
        self._quiet = options.quiet
        self._junit = _file(options.junit, "--junit") if options.junit is not None else None
        self._github = options.github
        self._out = Outlet(1, "standard output")
        self._color = has_color(options.color, self._out)
        self._width = width_of(self._out)

    def show(self, result: CheckResult) -> None:
        """A check is over."""
        if self._name == "human" and not (self._quiet and result.outcome not in _FAILED):
            from sse_cli.reports.human import format_check

            self._print(format_check(result, self._width, self._color))

    def end(self, report: Report) -> None:
        """All are over: write what is left to write. Raises `SseError` for a file that cannot be written."""
        if self._name == "human":
            if not (self._quiet and report.outcome not in _FAILED):
                from sse_cli.reports.human import format_closing

                self._print(format_closing(report, self._width, self._color))
        elif self._name != "none":
            self._print(write(self._name, report))
        if self._junit is not None:
            _write(self._junit, write("junit", report))
        if self._github:
            self._tell_github(report)

    def _print(self, text: str) -> None:
        """Print a report: in a job on GitHub, so that its runner obeys nothing of what a server said."""
        if self._github:
            text = shielded(text, secrets.token_hex(16))
        self._out.write(encode(text))

    def _tell_github(self, report: Report) -> None:
        """Annotate, and add to the summary of the job's step, where GitHub says which file that is."""
        self._out.write(encode(write("github", report)))
        name = os.environ.get("GITHUB_STEP_SUMMARY")
        if not name:
            tell(SseError("warning: $GITHUB_STEP_SUMMARY is not set", "There is no summary to add to."))
            return
        try:
            with open(name, "a", encoding="utf-8") as file:
                file.write(write("markdown", report))
        except OSError as error:
            raise UsageError(
                f"cannot add to {name}: {error.strerror}", "Is $GITHUB_STEP_SUMMARY right?"
            ) from error


def _file(name: str, option: str) -> Path:
    path = Path(name)
    if not path.absolute().parent.is_dir():
        raise UsageError(
            f"{option}: cannot write {name}: its folder does not exist", "Make the folder first."
        )
    return path


def _write(path: Path, text: str) -> None:
    from sse_cli.sinks.outlet import OutputFailed
    from sse_cli.sinks.summary_file import replace_file

    try:
        replace_file(path, encode(text))
    except OSError as error:
        raise OutputFailed(str(path), error) from error
