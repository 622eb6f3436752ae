"""Checks of a file that are run: in their order, with what earlier ones captured, and over recordings."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from sse_cli.checking.keeping import Keeping, KeepNothing, KeepRuns
from sse_cli.checking.runner import Runner
from sse_cli.cli.check_options import CheckOptions
from sse_cli.core.results import CheckResult, Outcome
from tests.cli.spec.files import checks
from tests.e2e.command import sse
from tests.peers.scripted import ScriptedServer, response

CREATED = response(body=b'data: {"id":"r/1","n":7}\n\n')
FOLLOWED = response(body=b'data: {"id":"r/1","n":7,"text":"a"}\n\ndata: [DONE]\n\n')


def run(
    folder: Path, text: str, *names: str, parallel: int = 1, keeping: Keeping | None = None, **options: Any
) -> list[CheckResult]:
    found = checks(folder, text, *names, **options)
    runner = Runner(found, keeping or KeepNothing(), parallel, lambda _: None)
    return asyncio.run(runner.run())


def outcomes(results: Sequence[CheckResult]) -> dict[str, Outcome]:
    return {result.name: result.outcome for result in results}


CHAIN = """\
[create]
url = "URL/v1/responses"
json = { model = "m" }
capture = { id = "$.id", n = "$.n" }

[between]
url = "URL/other"

[follow]
url = "URL/v1/responses/{{id}}?n={{n}}"
headers.X-Id = "{{id}}"
expect = ["status == 200", "last data == '[DONE]'", "some $.id == {{id}}", "some $.n == {{n}}"]
"""


@pytest.mark.parametrize("parallel", [1, 3])
def test_what_one_captures_the_next_sends_and_expects(tmp_path: Path, parallel: int) -> None:
    with ScriptedServer([CREATED], [FOLLOWED]) as server:
        results = run(tmp_path, CHAIN.replace("URL", server.url), "follow", parallel=parallel)
    assert outcomes(results) == {"create": Outcome.PASSED, "follow": Outcome.PASSED}
    create, follow = server.requests
    assert (create.method, create.path, create.body) == ("POST", "/v1/responses", b'{"model":"m"}')
    assert (follow.method, follow.path) == ("GET", "/v1/responses/r/1?n=7")
    assert follow.headers["x-id"] == "r/1"
    (made,) = results[1].runs
    assert [judgement.text for judgement in made.judgements] == [
        "status == 200",
        "last data == '[DONE]'",
        'some $.id == "r/1"',
        "some $.n == 7",
    ]


def test_what_is_expected_of_what_was_captured_may_fail(tmp_path: Path) -> None:
    other = response(body=b'data: {"id":"r/2","n":7}\n\ndata: [DONE]\n\n')
    with ScriptedServer([CREATED], [other]) as server:
        results = run(tmp_path, CHAIN.replace("URL", server.url), "follow")
    assert outcomes(results) == {"create": Outcome.PASSED, "follow": Outcome.FAILED}
    (made,) = results[1].runs
    lost = [judgement.text for judgement in made.judgements if not judgement.holds]
    assert lost == ['some $.id == "r/1"']


def test_who_needs_what_was_not_captured_is_skipped(tmp_path: Path) -> None:
    with ScriptedServer([response(body=b"data: {}\n\n")], [FOLLOWED]) as server:
        results = run(tmp_path, CHAIN.replace("URL", server.url))
    assert outcomes(results) == {
        "create": Outcome.FAILED,
        "between": Outcome.PASSED,
        "follow": Outcome.SKIPPED,
    }


def test_a_url_may_be_captured_whole(tmp_path: Path) -> None:
    text = '[a]\nurl = "URL/"\ncapture.next = "$.next"\n[b]\nurl = "{{next}}"\n'
    with ScriptedServer([]) as nobody, ScriptedServer([FOLLOWED]) as there:
        del nobody
        body = f'data: {{"next":"{there.url}/stream?a=b&c"}}\n\n'.encode()
        with ScriptedServer([response(body=body)]) as server:
            results = run(tmp_path, text.replace("URL", server.url))
    assert outcomes(results) == {"a": Outcome.PASSED, "b": Outcome.PASSED}
    assert [request.path for request in there.requests] == ["/stream?a=b&c"]


def test_what_cannot_be_asked_with_what_was_captured_is_told(tmp_path: Path) -> None:
    text = '[a]\nurl = "URL/"\ncapture.next = "$.next"\n[b]\nurl = "{{next}}"\n'
    with ScriptedServer([response(body=b'data: {"next":"/etc/hostname"}\n\n')]) as server:
        a, b = run(tmp_path, text.replace("URL", server.url))
    assert (a.outcome, b.outcome, b.exit_code) == (Outcome.PASSED, Outcome.ERRORED, 2)
    assert "line 5, check b: url: what is captured is no URL: /etc/hostname" in b.runs[0].error


def test_each_repeat_asks_the_same(tmp_path: Path) -> None:
    text = '[a]\nurl = "URL/"\njson = "@body.json"\nrepeat = 3\nexpect = ["events == 2", "runs == 3"]\n'
    (tmp_path / "body.json").write_bytes(b'{"a": 1}')
    with ScriptedServer([FOLLOWED], [FOLLOWED], [FOLLOWED]) as server:
        results = run(tmp_path, text.replace("URL", server.url))
    assert outcomes(results) == {"a": Outcome.PASSED}
    assert [request.body for request in server.requests] == [b'{"a": 1}'] * 3


def test_retries_are_those_of_the_check(tmp_path: Path) -> None:
    with ScriptedServer([response(503, body=b"")], [FOLLOWED]) as server:
        results = run(tmp_path, f'[a]\nurl = "{server.url}/"\nretries = 1\n')
    assert outcomes(results) == {"a": Outcome.PASSED}
    assert [made.retried for made in results[0].runs] == [True, False]


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    """What `sse` has recorded of a stream, in a folder beside the file of checks."""
    folder = tmp_path / "recordings"
    folder.mkdir()
    file = folder / "chat.rec"
    with ScriptedServer([FOLLOWED]) as server:
        assert sse(server.url, "--record", str(file), "-q").code == 0
    return file


def test_a_recording_is_a_source(tmp_path: Path, recording: Path) -> None:
    text = """\
[defaults]
bearer = "${NO_SUCH}"
reconnect = true
[good]
source = "recordings/chat.rec"
expect = ["verdict == complete", "last data == '[DONE]'", "status == 200", "end < 10s"]
[bad]
like = "good"
expect = "events == 3"
[plain]
source = "plain.sse"
expect = "events == 2"
"""
    (tmp_path / "plain.sse").write_bytes(b"data: a\n\ndata: b\n\n")
    assert outcomes(run(tmp_path, text)) == {
        "good": Outcome.PASSED,
        "bad": Outcome.FAILED,
        "plain": Outcome.PASSED,
    }


CHAT = """\
[chat]
url = "https://${NO_SUCH_HOST}/v1/chat"
bearer = "${NO_SUCH_KEY}"
json = { model = "m" }
reconnect = true
reconnect-post = true
repeat = 2
expect = ["verdict == complete", "events == 2"]
[plain]
url = "./plain.sse"
"""


@pytest.mark.parametrize("end", ["", ".gz", ".zst"])
def test_the_same_file_checks_recordings_offline(tmp_path: Path, end: str) -> None:
    folder = tmp_path / "recordings"
    folder.mkdir()
    (tmp_path / "plain.sse").write_bytes(b"data: a\n\n")
    with ScriptedServer([FOLLOWED]) as server:
        assert sse(server.url, "--record", str(folder / f"chat.rec{end}"), "-q").code == 0
    results = run(tmp_path, CHAT, checking=CheckOptions(offline=str(folder)))
    assert outcomes(results) == {"chat": Outcome.PASSED, "plain": Outcome.PASSED}
    assert len(results[0].runs) == 2
    assert results[0].source == str(folder / f"chat.rec{end}")
    assert results[0].command.endswith(f"smoke.toml chat --offline {folder}")


def test_a_failure_that_was_kept_can_be_checked_again_offline(tmp_path: Path) -> None:
    folder = tmp_path / "failures"
    text = "[a b]\nurl = 'URL/'\nexpect = 'events == 9'\n".replace("a b", '"a b"')
    with ScriptedServer([FOLLOWED]) as server:
        text = text.replace("URL", server.url)
        results = run(tmp_path, text, keeping=KeepRuns(str(folder), failures=True))
    assert outcomes(results) == {"a b": Outcome.FAILED}
    for expected, outcome in ((9, Outcome.FAILED), (2, Outcome.PASSED)):
        again = text.replace("== 9", f"== {expected}")
        assert outcomes(run(tmp_path, again, checking=CheckOptions(offline=str(folder)))) == {"a b": outcome}


def test_offline_what_is_captured_comes_from_recordings(tmp_path: Path) -> None:
    folder = tmp_path / "recordings"
    folder.mkdir()
    for name, answer in (("create", CREATED), ("follow", FOLLOWED)):
        with ScriptedServer([answer]) as server:
            assert sse(server.url, "--record", str(folder / f"{name}.rec"), "-q").code == 0
    text = CHAIN.replace("URL", "https://host")
    results = run(tmp_path, text, "follow", checking=CheckOptions(offline=str(folder)))
    assert outcomes(results) == {"create": Outcome.PASSED, "follow": Outcome.PASSED}


def test_a_recording_takes_no_time(tmp_path: Path) -> None:
    (tmp_path / "slow.rec").write_text(
        '{"version":"sse-recording/1","start":"2026-01-02T03:04:05Z","request":{"method":"GET","url":"http://h/"},'
        '"response":{"status":200,"headers":[["Content-Type","text/event-stream"]],"at":0.25}}\n'
        '[3000,"data: a\\n\\n"]\n{"end":{"at":4000,"reason":"eof","detail":""}}\n'
    )
    text = '[a]\nsource = "slow.rec"\nexpect = ["first_event >= 50m", "first_event < 51m", "end < 2h"]\n'
    (result,) = run(tmp_path, text)
    assert result.outcome is Outcome.PASSED
