"""Markdown: a table of the checks with their key figures, and below it, folded, what did not pass.

It is written for the summary of a GitHub workflow's step, and reads as well in a comment. Wire text stands in
code, where nothing in it means anything. The figures of several runs are their medians.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from statistics import median

import msgspec

from sse_cli.core.meter import Figures
from sse_cli.core.quantities import format_duration, format_rate
from sse_cli.core.results import CheckResult, Outcome, Report, Run
from sse_cli.reports import words
from sse_cli.reports.cases import cases, errored_runs, failed_runs, judged_runs
from sse_cli.text.cells import on_one_line
from sse_cli.text.figures_text import UNKNOWN

_MOST_BYTES = 900_000
"""GitHub shows no summary of more than 1 MiB."""
_MOST_RUNS = 3
"""Of the bad runs of a check, so many are told of."""

_SIGNS = {Outcome.PASSED: "✅", Outcome.FAILED: "❌", Outcome.ERRORED: "⚠️", Outcome.SKIPPED: "➖"}
# What means something in the middle of a line of GitHub's Markdown, or in HTML; `www.` makes a link.
_MEANS = re.compile(r"""[&<>"'\\`*_\[\]#|~:@$]|(?<=www)\.""", re.IGNORECASE)
_TICKS = re.compile("`+")


class Figure(msgspec.Struct, frozen=True):
    """A figure in the table: how to get it, and how it is shown."""

    get: Callable[[Figures], float | None]
    show: Callable[[float], str]


FIGURES = {
    "first_content": Figure(lambda it: it.first_content, format_duration),
    "gap.max": Figure(lambda it: it.gap.max if it.gap is not None else None, format_duration),
    "tokens_per_second": Figure(lambda it: it.tokens_per_second, format_rate),
    "events": Figure(lambda it: it.events, lambda value: f"{value:,.0f}"),
}
"""The key figures."""

_COLUMNS = ("expectations", "runs", *FIGURES, "time")
"""One that no check has anything in is left out."""


def write(report: Report) -> str:
    """Return the whole text, which may stand behind another."""
    outcomes = [check.outcome for check in report.checks]
    title = f"### {_SIGNS[report.outcome]} {words.counts(outcomes, 'check')}"
    held = f"{words.expectations(report)}, {format_duration(report.seconds)}"
    head = "\n".join([title, "", held, "", *_table(report.checks), ""])
    room = _MOST_BYTES - len(head.encode())
    sections = [_section(check) for check in report.checks if _is_bad(check)]
    for number, section in enumerate(sections):
        room -= len(section.encode())
        if room < 0:
            sections[number:] = [f"{len(sections) - number:,} more did not pass.\n"]
            break
    return "\n".join([head, *sections])


def _is_bad(check: CheckResult) -> bool:
    return check.outcome is not Outcome.PASSED or any(run.retried for run in check.runs)


def _table(checks: Sequence[CheckResult]) -> Iterator[str]:
    rows = [_cells(check) for check in checks]
    columns = [name for name in _COLUMNS if any(name in cells for cells in rows)]
    yield _row(["", "check", *columns])
    yield _row(["---", "---", *["---:"] * len(columns)])
    for check, cells in zip(checks, rows, strict=True):
        shown = [cells.get(name, UNKNOWN) for name in columns]
        yield _row([_SIGNS[check.outcome], _plain(check.name), *shown])


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cells(check: CheckResult) -> dict[str, str]:
    """Return what there is to say of a check, by the names of the columns."""
    cells = {}
    if found := cases(check):
        cells["expectations"] = f"{sum(case.outcome is Outcome.PASSED for case in found):,} of {len(found):,}"
    if len(check.counted) > 1:
        passed = sum(run.outcome is Outcome.PASSED for run in check.counted)
        cells["runs"] = f"{passed:,} of {len(check.counted):,}"
    figures = [run.summary.figures for run in judged_runs(check) if run.summary is not None]
    for name, figure in FIGURES.items():
        values = [value for it in figures if (value := figure.get(it)) is not None]
        if values:
            cells[name] = figure.show(median(values))
    if check.runs:
        cells["time"] = format_duration(check.seconds)
    return cells


def _section(check: CheckResult) -> str:
    """Return what is to say of a check that did not pass, folded under its name."""
    place = f" ({_plain(f'{check.file}:{check.line}')})" if check.file else ""
    went = words.COUNTED[check.outcome]
    sign = _SIGNS[check.outcome]
    lines = [f"<details><summary>{sign} <b>{_plain(check.name)}</b> {went}{place}</summary>", ""]
    lines += _claims(check)
    if check.command:
        lines += ["", f"Again: {_code(check.command)}"]
    for run in [*failed_runs(check)[:_MOST_RUNS], *errored_runs(check)[:_MOST_RUNS]]:
        lines += ["", *_left(check, run)]
    return "\n".join([*lines, "", "</details>", ""])


def _claims(check: CheckResult) -> Iterator[str]:
    """Give a list of the expectations, those that do not hold first, and of what else there is to say."""
    found = cases(check)
    for case in sorted(found, key=lambda case: case.outcome is not Outcome.FAILED):
        yield f"- {_SIGNS[case.outcome]} {_code(case.text)}: {_code(words.case_words(case))}"
    for retry in words.retries(check):
        yield f"- {_code(retry)}"
    if check.reason:
        yield f"- {_code(check.reason)}"


def _left(check: CheckResult, run: Run) -> list[str]:
    """Return the error of a run and what is left of it, in a block."""
    lines = [*words.error_of(run), *words.remains(run)]
    if not lines:
        return []
    name = [f"Run {run.number} {words.COUNTED[run.outcome]}:", ""] if len(check.runs) > 1 else []
    fence = "`" * max([2, *(len(ticks) for line in lines for ticks in _TICKS.findall(line))])
    return [*name, f"{fence}`text", *lines, f"{fence}`"]


def _code(text: str) -> str:
    return f"<code>{_plain(text)}</code>"


def _plain(text: str) -> str:
    """Return text for the middle of a line: what would mean something stands as its number.

    A reference is never read as Markdown (CommonMark, 2.5).
    """
    return _MEANS.sub(lambda sign: f"&#{ord(sign[0])};", on_one_line(text))
