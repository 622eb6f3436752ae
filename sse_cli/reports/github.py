"""Annotations of a GitHub workflow: a command for its runner on a line for each check that did not pass.

A check of a file is annotated at its line. One that passed only when it was run again is a warning, as is one
that was skipped. No line begins with text from the wire, and none is broken by it.
"""

from collections.abc import Iterator

from sse_cli.core.results import CheckResult, Outcome, Report
from sse_cli.reports import words
from sse_cli.reports.cases import points, retried_runs
from sse_cli.text.cells import on_one_line

# The runner undoes exactly these, in a message and in a property.
_IN_MESSAGE = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_IN_PROPERTY = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A", ":": "%3A", ",": "%2C"})
_LEVELS = {Outcome.FAILED: "error", Outcome.ERRORED: "error", Outcome.SKIPPED: "warning"}


def write(report: Report) -> str:
    """Return the commands, which take effect on standard output."""
    return "".join(_annotation(check) for check in report.checks)


def shielded(text: str, token: str) -> str:
    """Return text between commands that keep the runner from obeying what is in it.

    The runner obeys its older commands anywhere in a line. The `token` must be one that nobody can guess.
    """
    return f"::stop-commands::{token}\n{text.rstrip()}\n::{token}::\n"


def _annotation(check: CheckResult) -> str:
    level = _LEVELS.get(check.outcome, "warning" if retried_runs(check) else "")
    if not level:
        return ""
    went = words.COUNTED[check.outcome]
    title = f"{check.name} {went}" if check.outcome in _LEVELS else f"{check.name} passed when run again"
    known = {"file": check.file, "line": str(check.line or ""), "title": title}
    properties = ",".join(f"{name}={_property(value)}" for name, value in known.items() if value)
    message = "\n".join(map(on_one_line, _message(check)))
    return f"::{level} {properties}::{message.translate(_IN_MESSAGE)}\n"


def _property(text: str) -> str:
    return on_one_line(text).translate(_IN_PROPERTY)


def _message(check: CheckResult) -> Iterator[str]:
    """Give the lines that say what is wrong."""
    for point in points(check):
        if point.outcome in _LEVELS:
            yield from words.point_lines(check, point)
    yield from words.retries(check)
    if check.command and check.outcome is not Outcome.SKIPPED:
        yield f"again: {check.command}"
