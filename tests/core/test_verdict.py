"""The verdicts: what each takes, and which stands where several apply."""

import pytest

from sse_cli.core.verdict import VERDICTS, Evidence, judge

TABLE = [
    ("the server ended properly", Evidence(ending="eof", events=3), "complete", 0),
    ("the marker came", Evidence(ending="eof", events=3, marker_due=True, done=True), "complete", 0),
    ("no marker came", Evidence(ending="eof", events=3, dialect="d", marker_due=True), "truncated", 6),
    ("a relative without a marker", Evidence(ending="eof", events=3, finish="stop"), "complete", 0),
    (
        "cut for length",
        Evidence(ending="eof", events=3, done=True, finish="length", cut=True),
        "incomplete",
        0,
    ),
    ("it ended inside an event", Evidence(ending="eof", events=3, inside_event=True), "truncated", 6),
    ("inside what follows the marker", Evidence(ending="eof", inside_event=True, done=True), "complete", 0),
    ("the connection broke", Evidence(ending="cut", events=3), "truncated", 6),
    ("it broke after the marker", Evidence(ending="cut", events=3, done=True), "complete", 0),
    ("an error inside", Evidence(ending="eof", events=3, error="no"), "failed", 7),
    ("an error, then the marker", Evidence(ending="eof", events=3, done=True, error="no"), "failed", 7),
    ("an error, then a cut", Evidence(ending="cut", events=3, error="no"), "failed", 7),
    ("an error without an event", Evidence(ending="eof", error="no"), "failed", 7),
    ("nothing came", Evidence(ending="eof"), "empty", 8),
    ("its one event lacked its blank line", Evidence(ending="eof", finish="stop"), "complete", 0),
    ("nothing came before the cut", Evidence(ending="cut"), "truncated", 6),
    ("too slow", Evidence(ending="timeout", events=1), "timeout", 5),
    ("stopped by the user's limit", Evidence(ending="stopped", events=1, marker_due=True), "stopped", 0),
    ("stopped without an event", Evidence(ending="stopped"), "stopped", 0),
    ("stopped after an error", Evidence(ending="stopped", events=1, error="no"), "failed", 7),
    ("Ctrl-C", Evidence(ending="interrupted", events=1), "interrupted", 130),
    ("Ctrl-C after an error", Evidence(ending="interrupted", error="no"), "interrupted", 130),
    ("a full disk", Evidence(ending="unwritten", events=1), "unwritten", 9),
    ("no connection", Evidence(ending="unreachable"), "unreachable", 3),
    ("status 401", Evidence(ending="refused"), "refused", 4),
    ("a page", Evidence(ending="not-a-stream", events=1), "not-a-stream", 4),
]


@pytest.mark.parametrize(
    ("evidence", "name", "code"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE]
)
def test_verdict(evidence: Evidence, name: str, code: int) -> None:
    verdict = judge(evidence)
    assert (verdict.name, int(verdict.exit_code)) == (name, code)
    assert verdict.reason


def test_every_verdict_is_reached() -> None:
    assert {row[2] for row in TABLE} == set(VERDICTS)


def test_the_reason_says_what_was_seen() -> None:
    assert "boom" in judge(Evidence(ending="eof", error="boom")).reason
    assert (
        "openai-chat"
        in judge(Evidence(ending="eof", events=1, dialect="openai-chat", marker_due=True)).reason
    )
    assert "length" in judge(Evidence(ending="eof", events=1, finish="length", cut=True)).reason
