"""The Test Anything Protocol, version 14: a test point for each expectation, with what was seen in YAML.

A run that could not be judged is a point that is not ok, a check that was skipped one that says so. What is
no number stands in quotes on one line of the block, so that no line begins with text from the wire.
"""

import re
from collections.abc import Iterator, Mapping, Sequence

from sse_cli.core import payload
from sse_cli.core.results import CheckResult, Outcome, Report, Run
from sse_cli.reports import words
from sse_cli.reports.cases import Point, bad_runs, points
from sse_cli.text.cells import on_one_line
from sse_cli.text.escape import whole

_NOT_YAML = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
"""What JSON takes in quotes and YAML does not, or takes for the end of a line."""
_SEVERITY = {Outcome.FAILED: "fail", Outcome.ERRORED: "error"}

Value = str | float | None | Sequence[str]


def write(report: Report) -> str:
    """Return the whole of it."""
    found = [(check, place, point) for check in report.checks for place, point in enumerate(points(check))]
    lines = ["TAP version 14", f"1..{len(found)}"]
    for number, (check, place, point) in enumerate(found, 1):
        lines += _point(check, point, number, is_first=not place)
    return "".join(f"{line}\n" for line in lines)


def _point(check: CheckResult, point: Point, number: int, *, is_first: bool) -> Iterator[str]:
    name = re.sub(r"[\\#]", r"\\\g<0>", on_one_line(f"{check.name}: {point.name}"))
    if point.outcome is Outcome.SKIPPED:
        yield f"ok {number} - {name} # SKIP {on_one_line(point.reason)}".rstrip()
        return
    yield f"{'not ok' if point.outcome in _SEVERITY else 'ok'} {number} - {name}"
    block = {"duration_ms": round(check.seconds * 1000, 3) if is_first else None, **_told(point)}
    if point.outcome in _SEVERITY:
        run = point.case.telling.run if point.case is not None else bad_runs(check)[0]
        block = {
            "message": words.point_lines(check, point)[0],
            "severity": _SEVERITY[point.outcome],
            **block,
            **_where(check),
            **(_left(run) if run is not None else {}),
        }
    yield from _yaml(block)


def _told(point: Point) -> dict[str, Value]:
    """Return what was seen of an expectation: in one run as its first finding has it."""
    if point.case is None:
        return {}
    telling = point.case.telling.judgement
    finding = telling.findings[0] if telling.findings else None
    if len(point.case.judged) > 1 or finding is None:
        return {"seen": words.case_words(point.case)}
    return {
        "seen": words.seen(finding),
        "margin": finding.margin or None,
        "event": finding.event,
        "at": finding.at,
    }


def _where(check: CheckResult) -> dict[str, Value]:
    return {
        "source": words.source_of(check),
        "file": check.file or None,
        "line": check.line or None,
        "again": check.command or None,
    }


def _left(run: Run) -> dict[str, Value]:
    return {
        "run": run.number,
        "error": "\n".join(words.error_of(run)) or None,
        "recording": run.recording or None,
        "last_events": ["\n".join(event) for event in words.last_events(run)],
    }


def _yaml(block: Mapping[str, Value]) -> Iterator[str]:
    """Give the lines of a YAML block, or none if there is nothing in it."""
    known = {name: value for name, value in block.items() if value not in (None, [])}
    if not known:
        return
    yield "  ---"
    for name, value in known.items():
        if isinstance(value, str | int | float):
            yield f"  {name}: {_scalar(value)}"
        elif value is not None:
            yield f"  {name}:"
            yield from (f"    - {_scalar(item)}" for item in value)
    yield "  ..."


def _scalar(value: str | float) -> str:
    if not isinstance(value, str):
        return str(value)
    return _NOT_YAML.sub(lambda sign: f"\\u{ord(sign[0]):04x}", payload.encode(whole(value)))
