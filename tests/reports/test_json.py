"""The JSON document: everything, equal to what it was made of."""

import json
import math
from typing import Any

from hypothesis import given

from sse_cli.core.results import Report
from sse_cli.reports.json import write
from sse_cli.text.escape import whole
from tests.reports.made import REPORTS
from tests.reports.sample import FAILED, REPORT, SEVERAL, STARTED


def equal(read: Any, value: Any) -> bool:
    """Tell whether what was read is a value, but for half pairs and for numbers that JSON has no room for."""
    if isinstance(value, float):
        return read == value or not math.isfinite(value)
    return bool(read == value)


@given(report=REPORTS)
def test_it_is_equal(report: Report) -> None:
    document = json.loads(write(report))
    assert (document["exit_code"], document["outcome"]) == (report.exit_code, report.outcome.value)
    for found, check in zip(document["checks"], report.checks, strict=True):
        assert found["name"] == whole(check.name)
        assert found["outcome"] == check.outcome.value
        assert (found["command"] or "", found["reason"] or "") == (whole(check.command), whole(check.reason))
        for run, of in zip(found["runs"], check.runs, strict=True):
            assert (run["number"], run["seconds"], run["retried"]) == (of.number, of.seconds, of.retried)
            assert run["last_events"] == [whole(event) for event in of.last_events]
            assert (run["error"] or "", run["recording"] or "") == (whole(of.error), whole(of.recording))
            for told, judgement in zip(run["expectations"], of.judgements, strict=True):
                assert (told["text"], told["holds"]) == (judgement.text, judgement.holds)
                for each, finding in zip(told["findings"], judgement.findings, strict=True):
                    assert each["seen"] == whole(finding.seen)
                    assert (each["event"], each["at"]) == (finding.event, finding.at)
                    assert each["value"] is None or each["value"] == finding.value


def test_an_expectation_says_what_its_first_finding_does() -> None:
    document = json.loads(write(Report(checks=(FAILED,), started=STARTED, seconds=1.0)))
    (run,) = document["checks"][0]["runs"]
    assert run["expectations"][1] == {
        "text": "first_content < 500ms",
        "holds": False,
        "seen": "812 ms",
        "value": 0.812,
        "unit": "seconds",
        "margin": "312 ms above the limit, 62 %",
        "event": 3,
        "at": 0.812,
        "findings": [
            {
                "claim": "first_content < 500ms",
                "holds": False,
                "seen": "812 ms",
                "value": 0.812,
                "unit": "seconds",
                "margin": "312 ms above the limit, 62 %",
                "event": 3,
                "at": 0.812,
            }
        ],
    }
    assert [each["seen"] for each in run["expectations"][3]["findings"]] == ["1.40 s", "none of 41 events"]
    assert (run["summary"]["verdict"], run["summary"]["first_content"]) == ("failed", 0.812)


def test_it_counts() -> None:
    counts = json.loads(write(REPORT))["counts"]
    assert counts["checks"] == {"total": 7, "passed": 2, "failed": 1, "errored": 3, "skipped": 1}
    assert counts["expectations"] == {"total": 17, "held": 6}


def test_what_is_said_of_all_runs_stands_with_the_check() -> None:
    document = json.loads(write(Report(checks=(SEVERAL,), started=STARTED, seconds=1.0)))
    (p95, success) = document["checks"][0]["over_runs"]
    assert (p95["holds"], p95["value"], p95["margin"]) == (False, 0.722, "222 ms above the limit, 44 %")
    assert (success["text"], success["holds"]) == ("success_rate >= 80%", True)


def test_no_secret_of_the_source_is_told() -> None:
    assert "abcdefghijkl" not in write(REPORT)
