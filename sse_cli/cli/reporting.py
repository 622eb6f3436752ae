"""Writes the reports of checks to where they are wanted."""

import os
import secrets
from pathlib import Path

from sse_cli.cli.check_options import CheckOptions
from sse_cli.cli.main import report as tell
from sse_cli.cli.show import has_color, width_of
from sse_cli.core.results import CheckResult, Outcome, Report
from sse_cli.errors import SseError, UsageError
from sse_cli.reports import REPORTS, write
from sse_cli.reports.github import shielded
from sse_cli.sinks.outlet import Outlet, encode

_FAILED = (Outcome.FAILED, Outcome.ERRORED, Outcome.SKIPPED)


class Reporting:
    """Writes reports: for people as each check ends, all others at the end. Raises `UsageError` when made."""

    def __init__(self, options: CheckOptions) -> None:
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
            self._out.write(encode(write(self._name, report)))
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
        """Annotate, and add to the summary of the job's step, where GitHub says which file that is.

        The runner reads both outputs; what is for another program on the first one is left alone.
        """
        to_people = self._name in ("human", "none")
        annotations = self._out if to_people else Outlet(2, "standard error")
        annotations.write(encode(write("github", report)))
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
