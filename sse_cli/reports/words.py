"""What all reports say in the same words: each is harmless, and on one line unless it is a list of lines."""

from collections import Counter
from collections.abc import Iterator, Sequence

from sse_cli.core.expectations.judge import Finding, Judgement
from sse_cli.core.quantities import format_duration
from sse_cli.core.results import CheckResult, Outcome, Report, Run
from sse_cli.core.secrets import mask_url
from sse_cli.reports.cases import Case, Point, all_cases, bad_runs, is_plain, retried_runs, spread
from sse_cli.text.cells import cut, on_one_line
from sse_cli.text.figures_text import count

LONGEST_VALUE = 240
LONGEST_LINE = 500
"""Cells of a value that was seen, and of a line of an event or an error, that are shown at most."""
MOST_LINES = 20
"""Lines of an event or an error that are shown at most."""
_MOST_KINDS = 3

COUNTED = {
    Outcome.PASSED: "passed",
    Outcome.FAILED: "failed",
    Outcome.ERRORED: "could not be judged",
    Outcome.SKIPPED: "skipped",
}
"""What is said of how many went so."""


def bounded(text: str, room: int) -> str:
    """Return wire text fit for a line, in so many cells at most."""
    return cut(on_one_line(text[: 4 * room]), max(room, 0))


def seen(finding: Finding) -> str:
    """Return what was seen."""
    return bounded(finding.seen, LONGEST_VALUE)


def moment(finding: Finding) -> str:
    """Return where and when: `event 3 at 812 ms`, or as much of it as is known."""
    where = "" if finding.event is None else f"event {finding.event:,}"
    when = "" if finding.at is None else f"at {format_duration(finding.at)}"
    return f"{where} {when}".strip()


def finding_words(finding: Finding) -> str:
    """Return all that is told of a finding: what was seen, the margin, the moment."""
    return "; ".join(filter(None, (seen(finding), finding.margin, moment(finding))))


def judgement_words(judgement: Judgement) -> str:
    """Return what a judgement rests on, each claim named where there are several."""
    if is_plain(judgement):
        return finding_words(judgement.findings[0])
    return " | ".join(f"{on_one_line(each.claim)}: {finding_words(each)}" for each in judgement.findings)


def case_words(case: Case) -> str:
    """Return how an expectation fared: what was seen or, in several runs, in how many it held and how."""
    telling = case.telling
    if len(case.judged) == 1:
        return judgement_words(telling.judgement)
    held = f"holds in {held_words(case)} runs"
    said = "; ".join(filter(None, (held, spread_words(case))))
    if case.outcome is not Outcome.FAILED or telling.run is None:
        return said
    return f"{said}; run {telling.run.number}: {judgement_words(telling.judgement)}"


def point_lines(check: CheckResult, point: Point) -> list[str]:
    """Return how a test went: `first_content < 500ms: 812 ms; 312 ms above the limit, 62 %`, or an error."""
    if point.case is not None:
        return [f"{on_one_line(point.name)}: {case_words(point.case)}"]
    bad = bad_runs(check)
    return (error_of(bad[0]) if bad else []) or [on_one_line(check.reason) or COUNTED[point.outcome]]


def held_words(case: Case) -> str:
    """Return how often an expectation held: `17 of 19`."""
    return f"{len(case.held):,} of {len(case.held) + len(case.failed):,}"


def spread_words(case: Case) -> str:
    """Return what several runs gave: `180 ms to 812 ms, median 312 ms`, or `complete ×17, truncated ×2`."""
    if found := spread(case):
        least, middle, greatest = map(seen, found)
        return least if least == greatest else f"{least} to {greatest}, median {middle}"
    if not all(is_plain(each.judgement) for each in case.judged):
        return ""
    kinds = Counter(seen(each.judgement.findings[0]) for each in case.judged)
    told = [f"{text} ×{number:,}" for text, number in kinds.most_common(_MOST_KINDS)]
    more = len(kinds) - len(told)
    return ", ".join([*told, *([f"{more:,} more"] if more else [])])


def counts(outcomes: Sequence[Outcome], name: str) -> str:
    """Return how many things went how: `5 checks: 3 passed, 1 failed, 1 skipped`."""
    found = Counter(outcomes)
    told = [f"{found[each]:,} {words}" for each, words in COUNTED.items() if found[each]]
    return f"{count(len(outcomes), name)}: {', '.join(told)}" if told else count(0, name)


def expectations(report: Report) -> str:
    """Return how many expectations hold: `14 of 17 expectations hold, 2 not known`."""
    found = [case.outcome for case in all_cases(report)]
    if not found:
        return ""
    noun = "expectation holds" if len(found) == 1 else "expectations hold"
    unknown = found.count(Outcome.SKIPPED)
    told = f"{found.count(Outcome.PASSED):,} of {len(found):,} {noun}"
    return f"{told}, {unknown:,} not known" if unknown else told


def source_of(check: CheckResult) -> str:
    """Return where the stream of a check comes from, without secrets."""
    return on_one_line(mask_url(check.source))


def error_of(run: Run) -> list[str]:
    """Return in lines why a run could not be judged, and what to try. One that was judged may have none."""
    lines = [line for text in (run.error, run.hint) for line in _lines(text) if line]
    return lines or (["it could not be judged"] if run.outcome is Outcome.ERRORED else [])


def retries(check: CheckResult) -> list[str]:
    """Return a line for each run that was run again, with why."""
    return [f"run {run.number} {_why(run)}; it was run again" for run in retried_runs(check)]


def _why(run: Run) -> str:
    if run.outcome is Outcome.ERRORED:
        return f"could not be judged: {error_of(run)[0]}"
    bad = [each for each in run.judgements if each.holds is False]
    first = bad[0] if bad else None
    return f"failed: {text_of(first)}: {judgement_words(first)}" if first else run.outcome.value


def text_of(judgement: Judgement) -> str:
    """Return an expectation as it was written."""
    return on_one_line(judgement.text)


def remains(run: Run) -> Iterator[str]:
    """Give the lines that tell what is left of a run: its recording, and the last events as they came."""
    if run.recording:
        yield f"recording: {on_one_line(run.recording)}"
    for number, event in enumerate(last_events(run)):
        yield "" if number else "last events:"
        yield from (f"  {line}".rstrip() for line in event)


def last_events(run: Run) -> list[list[str]]:
    """Return the last events of a run, each in its lines."""
    return [_lines(event) for event in run.last_events]


def _lines(text: str) -> list[str]:
    """Return wire text in its lines; of too many, how many more there are."""
    lines = text.replace("\r\n", "\n").strip("\n").split("\n")
    more = len(lines) - MOST_LINES
    shown = [bounded(line, LONGEST_LINE) for line in lines[:MOST_LINES]]
    return shown if more <= 0 else [*shown, f"… {count(more, 'more line')}"]
