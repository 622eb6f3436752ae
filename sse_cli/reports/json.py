"""All there is, as one JSON document. What is not known is null; times are in seconds.

    {"outcome", "exit_code", "started", "seconds",
     "counts": {"checks": {"total", "passed", "failed", "errored", "skipped"},
                "expectations": {"total", "held"}},
     "checks": [CHECK, …]}

    CHECK        {"name", "source", "file", "line", "tags": […], "command", "outcome", "exit_code", "seconds",
                  "reason", "runs": [RUN, …], "over_runs": [EXPECTATION, …]}
    RUN          {"number", "started", "seconds", "outcome", "exit_code", "retried", "error", "hint",
                  "recording", "last_events": […], "expectations": [EXPECTATION, …], "summary"}
    EXPECTATION  {"text", "holds", "seen", "value", "unit", "margin", "event", "at", "findings": [FINDING, …]}
    FINDING      {"claim", "holds", "seen", "value", "unit", "margin", "event", "at"}

An outcome is one of `passed failed errored skipped`; what `errored` could not be judged. A skipped check has
a `reason`. `holds` is null of what was not known when the run was ended. An expectation repeats what its
first finding says, which is the one to look at; those of `over_runs` are of all runs together. A run that
was `retried` does not count. The summary is what `--summary` writes. Wire text is as it came.
"""

from collections.abc import Sequence
from typing import Any

from sse_cli.core import payload
from sse_cli.core.expectations.judge import Finding, Judgement
from sse_cli.core.items import Json
from sse_cli.core.results import CheckResult, Outcome, Report, Run
from sse_cli.core.secrets import mask_url
from sse_cli.reports.cases import all_cases
from sse_cli.text.escape import whole

Record = dict[str, Any]

_OUTCOMES = (Outcome.PASSED, Outcome.FAILED, Outcome.ERRORED, Outcome.SKIPPED)
_OF_FIRST = ("seen", "value", "unit", "margin", "event", "at")


def write(report: Report) -> str:
    """Return the document, on one line."""
    return payload.encode(_report(report)) + "\n"


def _report(report: Report) -> Record:
    held = [case.outcome is Outcome.PASSED for case in all_cases(report)]
    checks = {outcome.value: report.count(outcome) for outcome in _OUTCOMES}
    return {
        "outcome": report.outcome.value,
        "exit_code": report.exit_code,
        "started": report.started,
        "seconds": report.seconds,
        "counts": {
            "checks": {"total": len(report.checks), **checks},
            "expectations": {"total": len(held), "held": sum(held)},
        },
        "checks": [_check(check) for check in report.checks],
    }


def _check(check: CheckResult) -> Record:
    return {
        "name": whole(check.name),
        "source": whole(mask_url(check.source)),
        "file": _known(check.file),
        "line": check.line or None,
        "tags": [whole(tag) for tag in check.tags],
        "command": _known(check.command),
        "outcome": check.outcome.value,
        "exit_code": check.exit_code,
        "seconds": check.seconds,
        "reason": _known(check.reason),
        "runs": [_run(run) for run in check.runs],
        "over_runs": _expectations(check.over_runs),
    }


def _run(run: Run) -> Record:
    return {
        "number": run.number,
        "started": run.started,
        "seconds": run.seconds,
        "outcome": run.outcome.value,
        "exit_code": run.exit_code,
        "retried": run.retried,
        "error": _known(run.error),
        "hint": _known(run.hint),
        "recording": _known(run.recording),
        "last_events": [whole(event) for event in run.last_events],
        "expectations": _expectations(run.judgements),
        "summary": _value(run.summary.as_dict()) if run.summary is not None else None,
    }


def _expectations(judgements: Sequence[Judgement]) -> list[Record]:
    return [_expectation(judgement) for judgement in judgements]


def _expectation(judgement: Judgement) -> Record:
    findings = [_finding(finding) for finding in judgement.findings]
    first = findings[0] if findings else {}
    own = {"text": whole(judgement.text), "holds": judgement.holds}
    return own | {name: first.get(name) for name in _OF_FIRST} | {"findings": findings}


def _finding(finding: Finding) -> Record:
    return {
        "claim": whole(finding.claim),
        "holds": finding.holds,
        "seen": whole(finding.seen),
        "value": _value(finding.value),
        "unit": _known(finding.unit),
        "margin": _known(finding.margin),
        "event": finding.event,
        "at": finding.at,
    }


def _known(text: str) -> str | None:
    return whole(text) or None


def _value(value: Json) -> Json:
    """Return a value, or None if there is no way to write it: half a pair in it, or too deep."""
    try:
        payload.encode(value)
    except (ValueError, RecursionError):
        return None
    return value
