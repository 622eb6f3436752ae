"""Several sources in one run: each goes to its own end, lines stay whole, and the worst verdict counts."""

import json
import signal
import threading
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.e2e.command import ended, sse, started
from tests.peers.scripted import Script, ScriptedServer, Tell, Wait, close, response

GOOD = [response(body=b"data: good\n\n")]
CUT = [response(chunked=True) + b"e\r\ndata: half\n\nda\r\n", close]
REFUSED = [response(404, body=b"no such thing")]
FAILED = [response(body=b'event: error\ndata: {"message": "overloaded"}\n\n')]
EMPTY = [response(body=b": nothing\n\n")]


def content(text: str) -> bytes:
    piece = {"object": "chat.completion.chunk", "choices": [{"index": 0, "delta": {"content": text}}]}
    return f"data: {json.dumps(piece)}\n\n".encode()


def run(*scripts: Script, options: tuple[str, ...] = ()) -> tuple[object, list[str]]:
    """Ask a server for each script; return how it went, and the URLs."""
    with ExitStack() as stack:
        urls = [stack.enter_context(ScriptedServer(script)).url for script in scripts]
        return sse(*urls, *options), urls


WORST = {
    "all good": ([GOOD, GOOD], "complete", 0),
    "a cut": ([GOOD, CUT], "truncated", 6),
    "an error is worse than a cut": ([CUT, FAILED, EMPTY], "failed", 7),
    "a refusal is worse than an error": ([FAILED, GOOD, REFUSED], "refused", 4),
    "nothing is worse than a good end": ([EMPTY, GOOD], "empty", 8),
}


@pytest.mark.parametrize("name", WORST)
def test_each_goes_to_its_own_end_and_the_worst_is_the_exit_code(name: str) -> None:
    scripts, verdict, code = WORST[name]
    result, urls = run(*scripts)
    assert result.verdict == (verdict, code)
    assert [each["source"] for each in result.summary["sources"]] == urls
    good = [each for each in result.summary["sources"] if each["verdict"] == "complete"]
    assert result.text.count("good\n") == len(good)


def test_one_that_cannot_be_reached_does_not_stop_the_others() -> None:
    result, urls = run(GOOD, options=("http://no-such-host.invalid/",))
    assert result.verdict == ("unreachable", 3)
    assert result.text == "good\n"
    assert "sse: no-such-host.invalid: unreachable: cannot resolve no-such-host.invalid" in result.err
    assert "is the name spelled right?" in result.err.lower()
    label = urls[0].removeprefix("http://")
    assert f"{label}\n✓ complete: the server ended the response\n" in result.err


def test_every_record_names_its_source() -> None:
    result, urls = run(GOOD, CUT, options=("-o", "json", "--all"))
    assert {record["source"] for record in result.records} == set(urls)
    for url in urls:
        kinds = [record["kind"] for record in result.records if record["source"] == url]
        assert (kinds[0], kinds[-1]) == ("opened", "closed")
    assert run(GOOD, GOOD, options=("-f", "{source} {data}"))[0].text.count("http://127.0.0.1:") == 2


def test_one_alone_names_none_unless_it_is_asked() -> None:
    result, urls = run(GOOD, options=("-o", "json"))
    assert "source" not in result.records[0]
    result, urls = run(GOOD, options=("-o", "json", "--fields", "source,n"))
    assert result.records == [{"source": urls[0], "n": 1}]


def test_secrets_of_a_source_are_masked() -> None:
    with ScriptedServer(GOOD) as one, ScriptedServer(GOOD) as two:
        urls = [f"{server.url}/?api_key=hush" for server in (one, two)]
        result = sse(*urls, "-o", "json")
    assert "hush" not in result.text + result.err + json.dumps(dict(result.summary))


def test_lines_are_never_torn(tmp_path: Path) -> None:
    """Events far longer than a pipe takes at once, from four sources at a time, read slowly."""
    files = []
    for number in range(4):
        file = tmp_path / f"{number}.sse"
        data = str(number) * 100_000
        file.write_text(f"data: {data}\n\n" * 30)
        files.append(str(file))
    lines = sse(*files, "-o", "data", "-q").text.splitlines()
    assert sorted(lines) == sorted(str(number) * 100_000 for number in range(4) for _ in range(30))


def test_text_is_written_line_by_line_with_its_source_in_front() -> None:
    one, two = threading.Event(), threading.Event()
    head = response()
    first = [head + content("one "), Tell(two), Wait(one), content("line\nrest")]
    second = [head, Wait(two), content("whole\n"), Tell(one), content("x")]
    with ScriptedServer(first) as a, ScriptedServer(second) as b:
        result = sse(f"{a.url}/", f"{b.url}/", "-o", "text", "--dialect", "openai-chat")
    label_a, label_b = (server.url.removeprefix("http://") for server in (a, b))
    lines = result.text.splitlines()
    assert sorted(lines) == sorted(
        [f"{label_b}: whole", f"{label_a}: one line", f"{label_a}: rest", f"{label_b}: x"]
    )


def test_a_table_in_a_pipe_has_one_row_of_titles_and_a_column_for_the_source() -> None:
    with ScriptedServer(GOOD) as a, ScriptedServer(GOOD) as b:
        lines = sse(f"{a.url}/a", f"{b.url}/b", "-o", "table").text.splitlines()
    assert lines[0].split() == ["source", "#", "time", "gap", "event", "id", "part", "data"]
    assert {line.split()[0] for line in lines[1:]} == {s.url.removeprefix("http://") for s in (a, b)}
    assert len(lines) == 3


def test_merged_as_sse_each_event_keeps_its_own_id_and_no_other() -> None:
    with (
        ScriptedServer([response(body=b"id: 1\n\ndata: a\n\nid: 2\ndata: b\n\n")]) as a,
        ScriptedServer([response(body=b"data: c\n\n")]) as b,
    ):
        result = sse(a.url, b.url, "-o", "sse")
    blocks = sorted(result.text.split("\n\n"))
    assert blocks == ["", "data: a", "data: c", "id: 2\ndata: b"]


def test_limits_hold_for_each_source() -> None:
    two = [response() + b"data: 1\n\ndata: 2\n\n", Wait()]
    result, _ = run(two, two, options=("-n", "1"))
    assert result.text == "1\n1\n"
    assert [each["verdict"] for each in result.summary["sources"]] == ["stopped", "stopped"]


@pytest.mark.skipif("sys.platform == 'win32'", reason="signals of POSIX")
def test_ctrl_c_ends_all_of_them(tmp_path: Path) -> None:
    file = tmp_path / "s.json"
    script = [response() + b"data: one\n\n", Wait()]
    with (
        ScriptedServer(script) as a,
        ScriptedServer(script) as b,
        started(a.url, b.url, "--summary", str(file)) as process,
    ):
        assert process.stdout is not None
        got = b""
        while got.count(b"one\n") < 2:
            got += process.stdout.read(100)
        process.send_signal(signal.SIGINT)
        code, _, err = ended(process)
    assert code == 130
    assert err.count("! interrupted") == 2
    summary = json.loads(file.read_text())
    assert (summary["verdict"], summary["exit_code"]) == ("interrupted", 130)
    assert [each["events"] for each in summary["sources"]] == [1, 1]


def test_a_reader_that_goes_ends_all_of_them() -> None:
    script = [response() + b"data: one\n\n", Wait()]
    with (
        ScriptedServer(script) as a,
        ScriptedServer(script) as b,
        started(a.url, b.url, "-q") as process,
    ):
        assert process.stdout is not None
        assert process.stdout.read(4)
        process.stdout.close()
        process.stdout = None
        assert ended(process)[::2] == (0, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_disk_ends_all_of_them() -> None:
    script = [response() + b"data: one\n\n", Wait()]
    with (
        ScriptedServer(script) as a,
        ScriptedServer(script) as b,
        Path("/dev/full").open("wb") as full,
        started(a.url, b.url, "-q", stdout=full) as process,
    ):
        code, _, err = ended(process)
    assert code == 9
    assert "No space left on device" in err


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["http://h/", "http://i/", "-o", "raw"], "-o raw would mix the bytes of several streams"),
        (["-", "-"], "standard input is given as a source twice"),
        (["http://h/", "http://i/", "--state", "s"], "--state keeps one id"),
        (["http://h/", "http://[bad"], "not a URL"),
    ],
)
def test_what_cannot_be_shared_is_wrong_usage(options: list[str], told: str) -> None:
    result = sse(*options)
    assert (result.code, result.out, result.summary) == (2, b"", {})
    assert told in result.err


def test_as_curl_prints_a_command_for_each() -> None:
    result = sse("http://h/a", "http://i/b", "--as-curl")
    assert result.text.count("curl -N") == 2


def test_each_is_resumed_on_its_own() -> None:
    """With -r one goes on after its own id, while the other has ended for good."""
    first = response() + b"retry: 0\nid: 7\ndata: one\n\n"
    with (
        ScriptedServer([first], [response(body=b"id: 8\ndata: two\n\n")], [response(204)]) as a,
        ScriptedServer([response(204)]) as b,
    ):
        result = sse(a.url, b.url, "-r", "-q")
        assert [request.headers.get("last-event-id") for request in a.requests] == [None, "7", "8"]
        assert len(b.requests) == 1
    assert result.text == "one\ntwo\n"
    assert result.verdict == ("empty", 8)
