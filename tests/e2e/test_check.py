"""`sse check` as a whole: what it prints, what it writes, what it keeps, and its exit code."""

import json
import re
import signal
import threading
from collections.abc import Mapping
from pathlib import Path
from xml.etree import ElementTree

import pytest

from sse_cli.core.expectations.judge import compile_expectation
from tests.e2e.command import HANGS, Result, ended, plainly, started
from tests.peers.scripted import Script, ScriptedServer, Tell, response, until_gone

EVENTS = b'event: start\ndata: {"id": 7}\n\nevent: token\ndata: {"text": "a"}\n\ndata: [DONE]\n\n'
GOOD: Script = [response() + EVENTS]
CUT: Script = [response() + EVENTS[:60]]
ENDLESS: Script = [response() + EVENTS, until_gone]


def check(*words: str, env: Mapping[str, str] | None = None) -> Result:
    return plainly("check", *words, env=env)


def test_what_holds_is_told_in_a_line_each() -> None:
    with ScriptedServer(GOOD) as server:
        done = check(server.url, "-e", "events == 3", "-e", "order: start, token")
    assert (done.code, done.err) == (0, "")
    first, *lines, last = done.text.splitlines()
    assert server.url in first
    assert [line.split()[:2] for line in lines] == [["✓", "events"], ["✓", "order:"]]
    assert last.startswith("✓ passed  2 of 2 expectations hold")


def test_without_expectations_the_stream_must_be_complete() -> None:
    with ScriptedServer(GOOD, CUT) as server:
        good, cut = check(server.url), check(server.url)
    assert (good.code, cut.code) == (0, 1)
    assert "✓ verdict == complete" in good.text
    assert '✗ verdict == complete  "truncated"' in cut.text
    assert "the stream ended inside an event" in cut.text
    assert f"again        sse check {server.url}" in cut.text


@pytest.mark.parametrize(
    ("expect", "code"),
    [
        ("events == 3", 0),
        ("events == 4", 1),
        ("status == 200 and header.content-type ~ 'event-stream'", 0),
        ("text contains 'b'", 1),
        ("some $.id == 7", 0),
        ("last data == '[DONE]'", 0),
        ("first_event < 1h", 0),
    ],
)
def test_the_exit_code_tells_whether_it_holds(expect: str, code: int) -> None:
    with ScriptedServer(GOOD) as server:
        assert check(server.url, "-e", expect, "-q").code == code


def test_what_could_not_be_judged_keeps_its_own_exit_code() -> None:
    with ScriptedServer(GOOD) as server:
        url = server.url
    done = check(url, "-e", "events == 3")
    assert done.code == 3
    assert "could not be judged" in done.text


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["-e", "evnts == 3"], "evnts"),
        (["-e", "first_content < 5KB"], "5KB"),
        (["-o", "yaml"], "The reports are human, junit, tap"),
        (["--junit", "no/such/folder/x.xml"], "its folder does not exist"),
        (["--update"], "--update is given without --snapshot"),
    ],
)
def test_wrong_usage_is_told_before_anything_is_connected(words: list[str], told: str) -> None:
    done = check("http://127.0.0.1:1/", *words)
    assert (done.code, done.out) == (2, b"")
    assert told in done.err


def test_e_is_what_is_expected_and_the_referer_has_its_long_name() -> None:
    with ScriptedServer(GOOD) as server:
        assert check(server.url, "-e", "events == 3", "--referer", "http://other.example/").code == 0
        (request,) = server.requests
    assert request.headers["referer"] == "http://other.example/"


def test_an_endless_stream_is_left_once_all_is_decided() -> None:
    with ScriptedServer(ENDLESS) as server:
        held = check(server.url, "-e", "count(event == 'token') >= 1")
    with ScriptedServer(ENDLESS) as server:
        lost = check(server.url, "-e", "no event == 'token'")
    assert (held.code, lost.code) == (0, 1)


def test_quiet_tells_of_what_did_not_pass_alone() -> None:
    with ScriptedServer(GOOD, GOOD, CUT) as server:
        good = check(server.url, "-q")
        both = check(server.url, server.url + "/b", "-q")
    assert (good.code, good.out) == (0, b"")
    assert both.code == 1
    assert both.text.startswith(f"✗ {server.url}/b")


def test_repeats_are_judged_together() -> None:
    with ScriptedServer(GOOD, GOOD, CUT, GOOD) as server:
        done = check(server.url, "--repeat", "4", "-e", "success_rate >= 75%", "-o", "json")
        (told,) = json.loads(done.text)["checks"]
    assert done.code == 0
    assert [run["summary"]["verdict"] for run in told["runs"]].count("truncated") == 1
    (over,) = told["over_runs"]
    assert over["value"] == 0.75
    assert over["seen"] == "75 % (3 of 4)"


def test_what_did_not_pass_is_run_again() -> None:
    with ScriptedServer(CUT, GOOD) as server:
        done = check(server.url, "--retries", "1")
    assert done.code == 0
    assert 'run 1 failed: verdict == complete: "truncated"; it was run again' in " ".join(done.text.split())


def test_reports_go_where_they_are_asked_for(tmp_path: Path) -> None:
    junit, summary = tmp_path / "report.xml", tmp_path / "summary.md"
    with ScriptedServer(CUT) as server:
        env = {"GITHUB_STEP_SUMMARY": str(summary)}
        done = check(server.url, "--junit", str(junit), "--github", "-o", "tap", env=env)
    assert done.code == 1
    (suite,) = ElementTree.parse(junit).getroot()
    assert (suite.get("tests"), suite.get("failures")) == ("1", "1")
    assert done.text.startswith("TAP version 14\n1..1\nnot ok 1")
    assert "::" not in done.text.replace("://", "")
    assert done.err.startswith("::error title=")
    assert "truncated" in summary.read_text()


def test_in_a_job_on_github_nothing_printed_is_obeyed(tmp_path: Path) -> None:
    with ScriptedServer(CUT) as server:
        env = {"GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md")}
        done = check(server.url, "--github", env=env)
    first, *_ = lines = done.text.splitlines()
    assert first.startswith("::stop-commands::")
    end = lines.index(f"::{first.split('::')[2]}::")
    assert any("verdict == complete" in line for line in lines[:end])
    assert lines[-1].startswith("::error title=")


def test_recordings_of_failures_are_kept_and_can_be_checked_again(tmp_path: Path) -> None:
    folder = tmp_path / "failures"
    with ScriptedServer(CUT, GOOD) as server:
        done = check(server.url, server.url + "/good", "--record-failures", str(folder), "-o", "json")
    assert done.code == 1
    (kept,) = folder.iterdir()
    checks = json.loads(done.text)["checks"]
    assert [run["recording"] for check in checks for run in check["runs"]] == [str(kept), None]
    again = check(str(kept), "-e", "verdict == truncated", "-e", "events == 1", "--speed", "0")
    assert again.code == 0, again.text


def test_a_snapshot_is_made_compared_and_made_anew(tmp_path: Path) -> None:
    other: Script = [response() + EVENTS.replace(b'"id": 7', b'"id": "7"')]
    words = ["--snapshot", str(tmp_path / "good.json"), "-e", "events == 3"]
    with ScriptedServer(GOOD, GOOD, other, other, other) as server:
        made, same = check(server.url, *words), check(server.url, *words)
        changed = check(server.url, *words)
        anew, after = check(server.url, *words, "--update"), check(server.url, *words)
    assert [it.code for it in (made, same, changed, anew, after)] == [0, 0, 1, 0, 0]
    assert "written: 3 kinds of events" in made.text
    assert "no difference" in same.text
    assert "start $.id" in changed.text
    assert "changed: number → string" in changed.text
    assert "no difference" in after.text


def test_a_bad_run_makes_no_snapshot(tmp_path: Path) -> None:
    path = tmp_path / "good.json"
    with ScriptedServer(CUT) as server:
        assert check(server.url, "--snapshot", str(path)).code == 1
    assert not path.exists()


def test_secrets_are_in_no_report() -> None:
    secret = "a-very-secret-key"
    echo: Script = [response() + b"data: you are %s\n\ndata: {" % secret.encode()]
    for name in ("human", "json", "junit", "tap", "github"):
        with ScriptedServer(echo) as server:
            url = f"{server.url}?token={secret}"
            words = ["-H", f"Authorization: Bearer {secret}", "-o", name]
            done = check(url, *words, "-e", "no data contains 'nobody'", "-e", "verdict == complete")
        assert done.code == 1
        assert secret not in done.text + done.err, name


def test_ctrl_c_tells_what_came_and_ends_with_130() -> None:
    asked = threading.Event()
    script: Script = [Tell(asked), *ENDLESS]
    with ScriptedServer(script) as server, started("check", server.url, "-e", "events == 9") as process:
        assert asked.wait(HANGS)
        process.send_signal(signal.SIGINT)
        code, out, _ = ended(process)
    assert code == 130
    assert "could not be judged" in out.decode()


def test_what_the_readme_expects_can_be_expected() -> None:
    readme = Path(__file__).parents[2].joinpath("README.md").read_text(encoding="utf-8")
    section = readme.partition("\n## Check\n")[2].partition("\n## ")[0]
    texts = re.findall(r"-e '([^']+)'", section)
    rows = re.findall(r"^\| (`.+?`) \|", section, re.MULTILINE)
    texts += [text for row in rows for text in re.findall("`([^`]+)`", row) if len(text.split()) > 2]
    assert len(texts) > 20
    for text in texts:
        if text not in ("A and B", "A or B"):
            compile_expectation(text)


@pytest.mark.parametrize("signal_", [signal.SIGINT, signal.SIGTERM])
def test_a_run_that_was_interrupted_has_not_passed(signal_: signal.Signals) -> None:
    asked = threading.Event()
    words = ("check", "-e", "no event == error", "--repeat", "3")
    with ScriptedServer([Tell(asked), *ENDLESS]) as server, started(*words, server.url) as process:
        assert asked.wait(HANGS)
        process.send_signal(signal_)
        code, out, _ = ended(process)
    assert code == 130
    assert "could not be judged" in out.decode()


def test_a_bad_end_that_nothing_is_expected_of_is_told() -> None:
    with ScriptedServer([response(500, body=b"oops")], CUT) as server:
        refused = check(server.url, "-e", "no event == error")
        named = check(server.url, "-e", "verdict == truncated")
    assert (refused.code, named.code) == (0, 0)
    assert "though it is refused: the server answered 500" in refused.text
    assert "though" not in named.text


def test_nobody_there_passes_only_if_that_was_expected() -> None:
    with ScriptedServer(GOOD) as server:
        url = server.url
    assert check(url, "-e", "no event == error").code == 3
    assert check(url, "-e", "verdict == unreachable").code == 0


def test_all_runs_can_be_kept(tmp_path: Path) -> None:
    with ScriptedServer(GOOD, CUT) as server:
        assert check(server.url, "--repeat", "2", "--record", str(tmp_path)).code == 1
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["-", "--repeat", "2"], "standard input can be read only once"),
        (["smoke.yml"], "no file of checks"),
        ([""], "SOURCE is empty"),
        (["http://h/", "-t", "smoke"], "--tag is for a file of checks"),
        (["http://h/", "--record", "a", "--record-failures", "b"], "no effect"),
    ],
)
def test_what_makes_no_sense_is_refused(words: list[str], told: str) -> None:
    done = check(*words)
    assert done.code == 2
    assert told in done.err


def test_the_vocabulary_has_units() -> None:
    done = check("--vocabulary")
    assert done.code == 0
    (line,) = (line for line in done.text.splitlines() if line.split()[:1] == ["first_content"])
    assert line.split()[1] == "seconds"
