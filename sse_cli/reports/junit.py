"""JUnit's XML, as CI servers read it: a suite for each check, in it a test case for each expectation.

An expectation that does not hold is a failure. A run that could not be judged is the error of a case named
`is judged`, which is also the one that is skipped. What is left of the bad runs, their recordings and last
events, is the suite's output; that of the first stands in each failure too, since many servers show no more.
The first case has the time of the check: the others cost nothing more.

It is valid by both schemas in use: Windy Road's, which is the stricter, and that of Jenkins' xUnit plugin.
"""

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import PurePath
from xml.etree import ElementTree

from sse_cli.core.results import CheckResult, Outcome, Report, Run
from sse_cli.reports import words
from sse_cli.reports.cases import Point, bad_runs, points, retried_runs
from sse_cli.text.escape import escape

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 has no place for (section 2.2)."""
_MOST_RUNS = 20
"""Of so many bad runs it is told what is left."""
_TAGS = {Outcome.FAILED: "failure", Outcome.ERRORED: "error"}


def write(report: Report) -> str:
    """Return the document."""
    root = ElementTree.Element("testsuites")
    root.extend([_suite(check, number, report.started) for number, check in enumerate(report.checks)])
    ElementTree.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ElementTree.tostring(root, encoding="unicode")}\n'


def _suite(check: CheckResult, number: int, started: str) -> ElementTree.Element:
    found = points(check)
    of = Counter(point.outcome for point in found)
    suite = _element(
        "testsuite",
        name=_name(check),
        id=str(number),
        package=check.file,
        timestamp=(check.runs[0].started if check.runs else started)[:19],  # the schema wants no zone
        hostname="localhost",  # what the schema wants where it is not known
        tests=str(len(found)),
        failures=str(of[Outcome.FAILED]),
        errors=str(of[Outcome.ERRORED]),
        time=_time(check.seconds),
    )
    if of[Outcome.SKIPPED]:
        suite.set("skipped", str(of[Outcome.SKIPPED]))
    cases = [_case(check, point) for point in found]
    cases[0].set("time", _time(check.seconds))
    output = [*words.retries(check), *_remains(check, bad_runs(check)[:_MOST_RUNS])]
    suite.extend(
        [_properties(check), *cases, _element("system-out", _joined(output)), _element("system-err")]
    )
    return suite


def _properties(check: CheckResult) -> ElementTree.Element:
    known = {
        "source": words.source_of(check),
        "file": check.file and f"{check.file}:{check.line}",
        "tags": ", ".join(check.tags),
        "command": check.command,
        "runs": str(len(check.counted)),
        "retries": str(len(retried_runs(check)) or ""),
    }
    properties = _element("properties")
    properties.extend([_element("property", name=name, value=text) for name, text in known.items() if text])
    return properties


def _case(check: CheckResult, point: Point) -> ElementTree.Element:
    # A server takes the dots of a class's name for those between packages.
    place = PurePath(check.file).stem if check.file else "sse"
    classname = ".".join(part.replace(".", "_") for part in (place, _name(check)))
    case = _element("testcase", name=point.name, classname=classname, time=_time(0))
    if point.outcome is Outcome.SKIPPED:
        case.append(_element("skipped", point.reason))  # as text: not all schemas let it have a message
    elif point.outcome in _TAGS:
        case.append(_trouble(check, point))
    return case


def _trouble(check: CheckResult, point: Point) -> ElementTree.Element:
    """Return the failure, or the error, of a case."""
    run = point.case.telling.run if point.case is not None else bad_runs(check)[0]
    lines = words.point_lines(check, point)
    message, type_ = lines[0], "expectation"
    if point.outcome is Outcome.ERRORED:
        type_ = run.summary.verdict.name if run is not None and run.summary is not None else "error"
    if check.command:
        lines = [*lines, f"again: {check.command}"]
    lines = [*lines, *_remains(check, [run] if run is not None else [])]
    return _element(_TAGS[point.outcome], _joined(lines), message=message, type=type_)


def _remains(check: CheckResult, runs: Sequence[Run]) -> list[str]:
    """Return what is left of runs, which are named where there are several."""
    lines = []
    for run in runs:
        left = list(words.remains(run))
        lines += [f"run {run.number}:", *left] if left and len(check.runs) > 1 else left
    return lines


def _joined(lines: Sequence[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


def _element(tag: str, content: str = "", /, **attributes: str) -> ElementTree.Element:
    element = ElementTree.Element(tag, {name: _text(value) for name, value in attributes.items()})
    element.text = _text(content) or None
    return element


def _text(text: str) -> str:
    """Return text with what XML cannot hold written out or replaced."""
    return _NOT_XML.sub("\ufffd", escape(text))


def _name(check: CheckResult) -> str:
    return check.name.strip() or "check"  # the schema wants one


def _time(seconds: float) -> str:
    return f"{seconds:.3f}"
