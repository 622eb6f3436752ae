"""For people: a check as it ends, with a line for each expectation, and the lines that close the whole.

What holds has one line, and what finds no room on it is left out. What does not hold is told in full, with
what is left of its run and the command that repeats it.
"""

from collections.abc import Iterator, Sequence

from sse_cli.core.expectations.judge import Finding, Judgement
from sse_cli.core.quantities import format_duration
from sse_cli.core.results import CheckResult, Outcome, Report, Run
from sse_cli.reports import words
from sse_cli.reports.cases import UNTOLD, Case, cases, errored_runs, failed_runs, is_plain
from sse_cli.reports.layout import LABEL, claim, column_for, labelled, short_claim, side_by_side, wrapped
from sse_cli.text.cells import Line, cut_line, on_one_line, width_of
from sse_cli.text.paint import paint

WIDTH = 80
MOST_RUNS = 3
"""Of the runs that failed, and of those that could not be judged, so many are told of in full."""
MANY = 10
"""Of more checks than these, those that did not pass are named once more at the end."""

_SIGNS = {
    Outcome.PASSED: ("✓", "bold green"),
    Outcome.FAILED: ("✗", "bold red"),
    Outcome.ERRORED: ("!", "bold yellow"),
    Outcome.SKIPPED: ("–", "dim"),
}
_SIGN_OF = {True: _SIGNS[Outcome.PASSED], False: _SIGNS[Outcome.FAILED], None: ("?", "bold red")}
_HOLDS = {Outcome.PASSED: True, Outcome.FAILED: False, Outcome.SKIPPED: None}
_BAD = (Outcome.FAILED, Outcome.ERRORED)


def write(report: Report) -> str:
    """Return the whole report, plain."""
    return "".join(format_check(check) + "\n" for check in report.checks) + format_closing(report)


def format_check(check: CheckResult, width: int = WIDTH, color: bool = False) -> str:
    """Return what a check came to.

    Its lines have at most `width` cells, but for those with a path or a command, which must be whole.
    """
    below = ([("  ", ""), *line] for line in _body(check, width - 2))
    return _painted([_head(check, width), *below], color)


def format_closing(report: Report, width: int = WIDTH, color: bool = False) -> str:
    """Return the last lines: of many checks those that did not pass, and how many there are of each kind."""
    outcomes = [check.outcome for check in report.checks]
    bad = [check for check in report.checks if check.outcome is not Outcome.PASSED]
    lines = [cut_line(_reminder(check), width) for check in bad] if len(outcomes) > MANY else []
    said = words.COUNTED[outcomes[0]] if len(outcomes) == 1 else words.counts(outcomes, "check")
    sign = _SIGNS[report.outcome]
    told = [(said, "bold"), (words.expectations(report), ""), (format_duration(report.seconds), "dim")]
    for number, line in enumerate(side_by_side([piece for piece in told if piece[0]], width - 2)):
        lines.append([("  ", "") if number else (f"{sign[0]} ", sign[1]), *line])
    return _painted(lines, color)


def _painted(lines: Sequence[Line], color: bool) -> str:
    return "".join(paint(line, color) + "\n" for line in lines)


def _time(seconds: float) -> Line:
    return [(f"  {format_duration(seconds)}", "dim")]


def _head(check: CheckResult, room: int) -> Line:
    """Return the name of a check and how it went; the source, where there is room for it."""
    line: Line = [_SIGNS[check.outcome], (f" {on_one_line(check.name)}", "bold")]
    if course := _course(check):
        line.append((f"  {course}", ""))
    if check.runs:
        line += _time(check.seconds)
    source = words.source_of(check)
    whole: Line = [*line, (f"  {source}", "dim")]
    return cut_line(line, room) if source == check.name or width_of(whole) > room else whole


def _course(check: CheckResult) -> str:
    """Return how it went, where that is more than its sign says."""
    if check.outcome is Outcome.SKIPPED:
        return on_one_line(f"skipped: {check.reason}" if check.reason else "skipped")
    if len(check.counted) > 1:
        return words.counts([run.outcome for run in check.counted], "run")
    return words.COUNTED[Outcome.ERRORED] if check.outcome is Outcome.ERRORED else ""


def _reminder(check: CheckResult) -> Line:
    """Return a line on a check that did not pass."""
    bad = [case for case in cases(check) if case.outcome is Outcome.FAILED]
    line: Line = [_SIGNS[check.outcome], (f" {on_one_line(check.name)}", "bold")]
    if check.outcome is Outcome.FAILED and bad:
        return [*line, (f"  {on_one_line(bad[0].text)}: ", ""), (words.case_words(bad[0]), "red")]
    errored = errored_runs(check)
    return [*line, (f"  {words.error_of(errored[0])[0] if errored else _course(check)}", "")]


def _body(check: CheckResult, room: int) -> Iterator[Line]:
    """Give what stands below the head."""
    found = cases(check)
    column = column_for([on_one_line(case.text) for case in found], room)
    for case in found:
        yield from _case(case, column, room)
    for retry in words.retries(check):
        yield from ([(part, "yellow")] for part in wrapped(retry, room))
    if len(check.counted) == 1:
        yield from _rest(check.counted[0], room)
    else:
        yield from _some(failed_runs(check), column, room)
        yield from _some(errored_runs(check), column, room)
    if check.command and check.outcome in _BAD:
        yield from labelled("again", [on_one_line(check.command)])


def _case(case: Case, column: int, room: int) -> Iterator[Line]:
    """Give an expectation: of one run with its findings, of several with how often it held."""
    if len(case.judged) == 1:
        yield from _judgement(case.telling.judgement, column, room)
        return
    holds = _HOLDS[case.outcome]
    style = "" if holds else "red"
    pieces: Line = [(words.held_words(case), style), (words.spread_words(case), "dim")]
    yield from _claim(holds, case.text, pieces, column, room)


def _judgement(judgement: Judgement, column: int, room: int) -> Iterator[Line]:
    text, findings = judgement.text, judgement.findings
    if judgement.holds is None:
        yield short_claim(_SIGNS[Outcome.SKIPPED], on_one_line(text), [(UNTOLD, "dim")], column, room)
        return
    if is_plain(judgement):
        yield from _claim(judgement.holds, text, _pieces(findings[0], judgement.holds), column, room)
    elif judgement.holds:
        yield from _claim(True, text, [(", ".join(map(words.seen, findings)), "")], column, room)
    else:
        yield from _claim(False, text, [], column, room)
        below = column_for([on_one_line(finding.claim) for finding in findings], room - 4)
        for finding in findings:
            pieces = _pieces(finding, finding.holds)
            for line in _claim(finding.holds, finding.claim, pieces, below, room - 4):
                yield [("    ", ""), *line]


def _pieces(finding: Finding, holds: bool | None) -> Line:
    seen = (words.seen(finding), "" if holds else "red")
    return [seen, (finding.margin, "dim" if holds else ""), (words.moment(finding), "dim")]


def _claim(holds: bool | None, text: str, pieces: Line, column: int, room: int) -> Iterator[Line]:
    text = on_one_line(text)
    if holds:
        yield short_claim(_SIGN_OF[holds], text, pieces, column, room)
    else:
        yield from claim(_SIGN_OF[holds], text, pieces, column, room)


def _some(runs: Sequence[Run], column: int, room: int) -> Iterator[Line]:
    """Give the first of some bad runs, each with what failed in it, and the numbers of the others."""
    for run in runs[:MOST_RUNS]:
        head: Line = [(f"run {run.number} {words.COUNTED[run.outcome]}", "bold"), *_time(run.seconds)]
        yield cut_line(head, room)
        for judgement in run.judgements if run.outcome is Outcome.FAILED else ():
            if judgement.holds is False:
                yield from ([("  ", ""), *line] for line in _judgement(judgement, column, room - 2))
        yield from ([("  ", ""), *line] for line in _rest(run, room - 2))
    if others := runs[MOST_RUNS:]:
        numbers = ", ".join(str(run.number) for run in others)
        text = f"and {words.counts([run.outcome for run in others], 'run')}: {numbers}"
        yield from ([(part, "")] for part in wrapped(text, room))


def _rest(run: Run, room: int) -> Iterator[Line]:
    """Give what is left of a run that did not pass: its error, the last events, the recording."""
    if run.outcome not in _BAD:
        if run.error:  # it ended badly, and nobody asked how
            yield from (
                [(part, "yellow")] for part in wrapped(f"though it is {words.error_of(run)[0]}", room)
            )
        return
    for number, text in enumerate(words.error_of(run)):
        yield from ([(part, "dim" if number else "red")] for part in wrapped(text, room))
    events = [event.strip("\r\n") for event in run.last_events]
    yield from labelled("last events", [words.bounded(event, room - LABEL) for event in events])
    if run.recording:
        yield from labelled("recording", [on_one_line(run.recording)])
