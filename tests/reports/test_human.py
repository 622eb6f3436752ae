"""The report for people: what has room, what must be whole, what closes it."""

import re

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sse_cli.core.results import CheckResult, Outcome, Report
from sse_cli.reports import write
from sse_cli.reports.human import MANY, format_check, format_closing
from sse_cli.text.cells import width
from tests.reports.made import CHECKS, REPORTS
from tests.reports.sample import AGAIN, ERRORED, FAILED, PASSED, SEVERAL, SKIPPED, STARTED, plain, run

_DRIVES = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_PAINT = re.compile(r"\x1b\[[0-9;]*m")


def report(*checks: CheckResult) -> Report:
    return Report(checks=checks, started=STARTED, seconds=1.0)


def named(check: CheckResult, name: str) -> CheckResult:
    return msgspec.structs.replace(check, name=name)


@given(check=CHECKS, room=st.integers(40, 200))
def test_lines_fit_but_for_paths_and_commands(check: CheckResult, room: int) -> None:
    for line in format_check(check, room).splitlines():
        assert width(line) <= room or line.strip().startswith(("recording ", "again "))


@given(check=CHECKS, room=st.integers(1, 20))
def test_no_room_is_too_small(check: CheckResult, room: int) -> None:
    assert format_check(check, room)


@given(made=REPORTS)
def test_colours_change_no_text_and_nothing_drives_the_terminal(made: Report) -> None:
    for format_, value in [(format_closing, made), *((format_check, check) for check in made.checks)]:
        plain_text = format_(value, 100)
        assert not _DRIVES.search(plain_text)
        painted = _PAINT.sub("", format_(value, 100, True))
        assert [line.rstrip() for line in painted.split("\n")] == plain_text.split("\n")


def test_what_fails_is_told_in_full_on_a_narrow_terminal() -> None:
    said = " ".join(format_check(FAILED, 40).split())
    for part in (
        "first_content < 500ms 812 ms 312 ms above the limit, 62 % event 3 at 812 ms",
        "gap.p99 < 1s",
        "400 ms above the limit, 40 %",
        "none of 41 events",
        "recording failures/chat-1.jsonl.gz",
        "again sse check smoke.toml chat",
    ):
        assert part in said


def test_what_holds_has_one_line() -> None:
    assert len(format_check(PASSED, 40).splitlines()) == 1 + 4


def test_only_what_did_not_pass_is_run_again_and_shown_its_events() -> None:
    for check in (PASSED, AGAIN, SKIPPED):
        assert not re.search("^ *(again|recording|last events) ", format_check(check), re.MULTILINE)
    assert "\n  again        sse check smoke.toml down\n" in format_check(ERRORED)


def test_of_many_bad_runs_the_first_are_told_and_the_others_numbered() -> None:
    bad = [run(number, plain("events > 3", "2", holds=False)) for number in range(1, 7)]
    check = CheckResult(name="a", source="b", runs=tuple(bad))
    lines = format_check(check).splitlines()
    assert [line for line in lines if line.startswith("  run ")] == [
        f"  run {number} failed  1.24 s" for number in (1, 2, 3)
    ]
    assert "  and 3 runs: 3 failed: 4, 5, 6" in lines


def test_values_that_are_no_numbers_are_counted() -> None:
    text = format_check(SEVERAL)
    assert '9 of 10     "complete" ×9, "truncated" ×1\n' in text
    many = tuple(run(number, plain("status == 200", f"{number}")) for number in range(1, 6))
    check = CheckResult(name="a", source="b", runs=many)
    assert "5 of 5      1 ×1, 2 ×1, 3 ×1, 2 more\n" in format_check(check)


@pytest.mark.parametrize(
    ("checks", "last"),
    [
        ([PASSED], "✓ passed  4 of 4 expectations hold  1.00 s"),
        ([ERRORED], "! could not be judged  1.00 s"),
        ([PASSED, FAILED], "✗ 2 checks: 1 passed, 1 failed  4 of 9 expectations hold  1.00 s"),
        ([AGAIN], "✓ passed  1 of 1 expectation holds  1.00 s"),
    ],
    ids=["passed", "errored", "two", "one"],
)
def test_the_last_line_counts(checks: list[CheckResult], last: str) -> None:
    assert format_closing(report(*checks)) == f"{last}\n"


def test_of_many_checks_those_that_did_not_pass_are_named_at_the_end() -> None:
    good = [named(PASSED, f"good {number}") for number in range(MANY)]
    lines = format_closing(report(*good, FAILED, ERRORED, SKIPPED), 100).splitlines()
    assert lines[:-1] == [
        '✗ chat  verdict == "complete": "failed"',
        "! down  cannot connect to 127.0.0.1:9: connection refused",
        "– resume  skipped: {{id}} was not captured, since down could not be judged",
        "! 13 checks: 10 passed, 1 failed, 1 could not be judged, 1 skipped  40 of 45 expectations hold",
    ]
    assert len(format_closing(report(*good)).splitlines()) == 1
    assert report(*good).outcome is Outcome.PASSED


def test_what_was_not_known_is_no_failure() -> None:
    judged = (plain("events <= 1", "2", holds=False), plain("end < 1s", "", holds=None))
    made = report(CheckResult(name="it", source="it", runs=(run(1, *judged),)))
    told = write("human", made).splitlines()
    assert [line.split()[0] for line in told[1:3]] == ["✗", "–"]
    assert told[-1].startswith("✗ failed  0 of 2 expectations hold, 1 not known")
    assert "ok 2 - it: end < 1s # SKIP the run was ended before" in write("tap", made)
    assert 'failures="1"' in write("junit", made)
    assert 'skipped="1"' in write("junit", made)


def test_a_run_may_fail_without_an_expectation_and_say_why() -> None:
    failed = run(1, outcome=Outcome.FAILED, exit_code=1, error="the snapshot differs\n- usage", hint="Look.")
    check = CheckResult(name="a", source="b", runs=(failed,))
    assert format_check(check) == "✗ a  1.24 s  b\n  the snapshot differs\n  - usage\n  Look.\n"
    for name in ("junit", "tap", "github", "markdown"):
        text = write(name, report(check))
        assert "the snapshot differs" in text
        assert "- usage" in text
