"""TAP: read by a parser of version 14 in its strict mode, and by one of version 13."""

import json
import subprocess
from typing import Any

import msgspec
from hypothesis import given, settings
from tap.line import Result
from tap.parser import Parser

from sse_cli.core.results import Outcome, Report
from sse_cli.reports.cases import points
from sse_cli.reports.tap import write
from tests.peers.processes import installed, npm_package
from tests.reports.made import REPORTS
from tests.reports.sample import PASSED, REPORT, STARTED

BAD = (Outcome.FAILED, Outcome.ERRORED)


def expected(report: Report) -> list[tuple[str, bool, bool]]:
    """Return the name of each test, and whether it is ok and skipped."""
    found = [(check, point) for check in report.checks for point in points(check)]
    return [
        (f"{check.name}: {point.name}", point.outcome not in BAD, point.outcome is Outcome.SKIPPED)
        for check, point in found
    ]


def read_by_node(text: str) -> list[dict[str, Any]]:
    """Return the tests of a document that has nothing else in it."""
    program = npm_package("tap-parser") / "bin" / "cmd.cjs"
    command = [installed("node"), str(program), "--strict", "--json=0"]
    done = subprocess.run(command, input=text.encode(), capture_output=True, check=False)
    lines = json.loads(done.stdout)
    kinds = [line[0] for line in lines]
    tests = [line[1] for line in lines if line[0] == "assert"]
    (complete,) = [line[1] for line in lines if line[0] == "complete"]
    assert kinds[:2] == ["version", "plan"]
    assert set(kinds) <= {"version", "plan", "assert", "complete", "finish", "close"}
    assert complete["count"] == len(tests)
    assert not any(test["tapError"] for test in tests)
    return tests


def read_by_python(text: str) -> list[Result]:
    lines = list(Parser().parse_text(text))
    assert [line.category for line in lines[:2]] == ["version", "plan"]
    assert {line.category for line in lines[2:]} <= {"test"}
    return lines[2:]


def test_a_strict_parser_reads_it() -> None:
    tests = read_by_node(write(REPORT))
    read = [(test["name"], test["ok"], bool(test["skip"])) for test in tests]
    assert read == expected(REPORT)
    assert tests[0]["time"] == 1240
    told = next(test["diag"] for test in tests if test["name"] == "chat: first_content < 500ms")
    assert told["severity"] == "fail"
    assert (told["seen"], told["margin"]) == ("812 ms", "312 ms above the limit, 62 %")
    assert (told["event"], told["at"]) == (3, 0.812)
    assert (told["recording"], told["again"]) == ("failures/chat-1.jsonl.gz", "sse check smoke.toml chat")
    assert told["last_events"][1:] == ['event: error\ndata: {"message": "overloaded"}', "data: [DONE]"]
    down = next(test["diag"] for test in tests if test["name"] == "down: is judged")
    assert down["severity"] == "error"
    assert "Is the server running" in down["error"]


@settings(max_examples=30)  # each starts Node anew
@given(report=REPORTS)
def test_no_text_of_the_wire_breaks_it_for_a_strict_parser(report: Report) -> None:
    tests = read_by_node(write(report))
    assert [(test["ok"], bool(test["skip"])) for test in tests] == [
        (ok, skipped) for _, ok, skipped in expected(report)
    ]


@given(report=REPORTS)
def test_no_text_of_the_wire_breaks_it_for_an_older_parser(report: Report) -> None:
    tests = read_by_python(write(report))
    assert [test.ok for test in tests] == [ok for _, ok, _ in expected(report)]
    for test, point in zip(tests, (p for check in report.checks for p in points(check)), strict=True):
        block = test.yaml_block
        if point.outcome in BAD:
            assert isinstance(block, dict)
            assert block["severity"] in ("fail", "error")


def test_a_hash_in_a_name_begins_no_directive() -> None:
    check = msgspec.structs.replace(PASSED, name=r"a # TODO \\ b\# SKIP c")
    report = Report(checks=(check,), started=STARTED, seconds=1.0)
    assert [test["name"] for test in read_by_node(write(report))] == [name for name, _, _ in expected(report)]
