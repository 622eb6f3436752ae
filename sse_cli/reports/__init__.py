"""What checks came to, for people and for other programs: one file per report, and one row in `REPORTS`.

A report is text, made of values alone. Who asked for it writes it to where it belongs.
"""

from importlib import import_module

import msgspec

from sse_cli.core.results import Report


class Format(msgspec.Struct, frozen=True):
    """A row of `REPORTS`: the module whose `write` gives the text, and what that is."""

    module: str
    doc: str


REPORTS = {
    "human": Format("human", "for people: a line for each expectation, and what failed"),
    "junit": Format("junit", "JUnit's XML, which CI servers read"),
    "tap": Format("tap", "the Test Anything Protocol, version 14"),
    "json": Format("json", "all there is, as one JSON document"),
    "github": Format("github", "annotations of a GitHub workflow"),
    "markdown": Format("markdown", "a table and what failed, as for the summary of a GitHub workflow's step"),
}
"""Every report, by the name it is asked for."""


def write(name: str, report: Report) -> str:
    """Return the whole text of a report; only its own module is imported."""
    text: str = import_module(f"sse_cli.reports.{REPORTS[name].module}").write(report)
    return text
