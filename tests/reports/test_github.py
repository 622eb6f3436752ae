"""GitHub's annotations, read by the rules of its runner, and the summary, read by a reader of Markdown."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser

from hypothesis import given
from markdown_it import MarkdownIt

from sse_cli.core.results import CheckResult, Outcome, Report
from sse_cli.reports.github import shielded
from sse_cli.reports.github import write as annotations
from sse_cli.reports.markdown import _MOST_BYTES
from sse_cli.reports.markdown import write as markdown
from sse_cli.text.cells import on_one_line
from tests.reports.made import REPORTS
from tests.reports.sample import AGAIN, ERRORED, FAILED, PASSED, REPORT, STARTED, WIRE

Command = tuple[str, dict[str, str], str]
_UNDONE = {"%0D": "\r", "%0A": "\n"}
_UNDONE_IN_PROPERTIES = _UNDONE | {"%3A": ":", "%2C": ","}


def undo(text: str, table: dict[str, str]) -> str:
    for code, sign in table.items():
        text = text.replace(code, sign)
    return text.replace("%25", "%")


def commands(log: str) -> Iterator[Command]:
    """Give the commands that a runner finds in what a step writes."""
    for line in re.split(r"\r\n|\r|\n", log):
        if line.lstrip().startswith("::") and (end := line.find("::", line.index("::") + 2)) > 0:
            name, _, rest = line[line.index("::") + 2 : end].partition(" ")
            pairs = [pair.partition("=") for pair in rest.split(",") if pair]
            properties = {key: undo(value, _UNDONE_IN_PROPERTIES) for key, _, value in pairs}
            yield name, properties, undo(line[end + 2 :], _UNDONE)


def report(*checks: CheckResult) -> Report:
    return Report(checks=checks, started=STARTED, seconds=1.0)


def test_what_did_not_pass_is_annotated_where_it_is_written() -> None:
    (found,) = commands(annotations(report(PASSED, FAILED)))
    name, properties, message = found
    assert name == "error"
    assert properties == {"file": "smoke.toml", "line": "12", "title": "chat failed"}
    lines = message.split("\n")
    assert lines[1] == "first_content < 500ms: 812 ms; 312 ms above the limit, 62 %; event 3 at 812 ms"
    assert lines[-1] == "again: sse check smoke.toml chat"


def test_what_passed_at_last_is_a_warning() -> None:
    (found,) = commands(annotations(report(AGAIN)))
    assert found[0] == "warning"
    assert found[1]["title"] == "flaky passed when run again"
    assert found[2].startswith('run 1 failed: verdict == "complete": "truncated"')


def test_an_error_comes_with_its_hint() -> None:
    (found,) = commands(annotations(report(ERRORED)))
    assert found[2].split("\n")[:2] == [
        "cannot connect to 127.0.0.1:9: connection refused",
        "Is the server running, and on this port?",
    ]


@given(made=REPORTS)
def test_no_text_of_the_wire_becomes_a_command(made: Report) -> None:
    log = annotations(made)
    bad = [check for check in made.checks if check.outcome is not Outcome.PASSED]
    again = [check for check in made.checks if check not in bad and any(run.retried for run in check.runs)]
    found = list(commands(log))
    assert len(found) == len(bad) + len(again) == log.count("\n")
    assert {name for name, _, _ in found} <= {"error", "warning"}
    assert all(set(properties) <= {"file", "line", "title"} for _, properties, _ in found)
    titles = [properties["title"] for _, properties, _ in found]
    for title, check in zip(titles, [c for c in made.checks if c in bad or c in again], strict=True):
        assert title.startswith(on_one_line(check.name))
    assert all(line.startswith(("::error ", "::warning ")) for line in log.splitlines())


def test_what_is_shielded_stands_between_two_commands() -> None:
    assert shielded("::error::no\n", "t0ken") == "::stop-commands::t0ken\n::error::no\n::t0ken::\n"


class Page(HTMLParser):
    """The tags of a page, its cells by rows, and its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.rows: list[list[str]] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).render(text))
        self.close()

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.append(tag)
        self._open.append(tag)
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data
        if self._open and self._open[-1] in ("td", "th"):
            self.rows[-1][-1] += data


OWN = {"h3", "p", "table", "thead", "tbody", "tr", "th", "td", "details", "summary", "b", "ul", "li"}
OWN |= {"code", "pre"}


@given(made=REPORTS)
def test_no_text_of_the_wire_is_markdown_or_html(made: Report) -> None:
    page = Page(markdown(made))
    assert set(page.tags) <= OWN
    assert len(page.rows) == 1 + len(made.checks)
    assert len({len(row) for row in page.rows}) == 1
    shown = [row[1] for row in page.rows[1:]]
    assert [name.split() for name in shown] == [on_one_line(check.name).split() for check in made.checks]
    assert page.tags.count("details") == sum(
        check.outcome is not Outcome.PASSED or any(run.retried for run in check.runs) for check in made.checks
    )


def test_the_table_has_the_key_figures() -> None:
    head, *rows = Page(markdown(REPORT)).rows
    figures = ["first_content", "gap.max", "tokens_per_second", "events"]
    assert head == ["", "check", "expectations", "runs", *figures, "time"]
    assert rows[1] == ["❌", "chat", "0 of 5", "–", "812 ms", "20 ms", "50.0/s", "41", "1.24 s"]
    assert rows[3] == ["⚠️", "load", "1 of 4", "8 of 11", "320 ms", "20 ms", "50.0/s", "41", "42.4 s"]
    assert rows[5] == ["➖", "resume", *["–"] * 7]
    assert Page(markdown(report(PASSED))).rows[0] == ["", "check", "expectations", *figures, "time"]


def test_what_was_seen_and_what_is_left_is_told() -> None:
    text = Page(markdown(REPORT)).text
    assert "first_content < 500ms: 812 ms; 312 ms above the limit, 62 %; event 3 at 812 ms" in text
    assert "recording: failures/chat-1.jsonl.gz\n" in text
    assert "chat failed (smoke.toml:12)" in text
    assert "{{id}} was not captured" in text


def test_it_is_no_larger_than_is_shown() -> None:
    text = markdown(report(*[WIRE] * 1000))
    assert len(text.encode()) < _MOST_BYTES + 100
    assert re.search(r"\n[0-9,]+ more did not pass\.\n$", text)
