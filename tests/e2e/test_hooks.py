"""Commands of the user's for events, errors and the end: what they are given, and what no shell ever gets."""

import json
from pathlib import Path

import pytest

from tests.e2e.command import sse
from tests.peers.scripted import ScriptedServer, response

pytestmark = pytest.mark.skipif("sys.platform == 'win32'", reason="the commands are of a POSIX shell")

BODY = b"event: tick\nid: 7\ndata: one\ndata: more\n\ndata: two\n\n"


def test_each_event_is_given_on_standard_input_in_its_order(tmp_path: Path) -> None:
    log = tmp_path / "log"
    command = f'printf "%s %s %s [%s]\\n" "$SSE_NUMBER" "$SSE_EVENT" "$SSE_ID" "$(cat)" >> {log}'
    result = sse("-", "-o", "none", "--on-message", command, stdin=BODY)
    assert result.verdict == ("complete", 0)
    assert log.read_text() == "1 tick 7 [one\nmore]\n2 message 7 [two]\n"


def test_only_chosen_events_are(tmp_path: Path) -> None:
    log = tmp_path / "log"
    sse("-", "--where", "data == two", "--on-message", f"cat >> {log}", stdin=BODY)
    assert log.read_text() == "two"


EVIL = "$(touch pwned); touch pwned `touch pwned` ' \" & | > pwned \x1b[2J \0 流"


def test_what_came_over_the_wire_is_no_part_of_a_command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    body = f"event: {EVIL}\nid: {EVIL.replace(chr(0), '')}\ndata: {EVIL}\n\n".encode()
    command = 'cat > data; printf "%s" "$SSE_EVENT" > event; printf "%s" "$SSE_ID" > id'
    result = sse("-", "-q", "-o", "none", "--on-message", command, stdin=body)
    assert (result.verdict, result.err) == (("complete", 0), "")
    assert Path("data").read_text() == EVIL
    assert Path("event").read_text() == EVIL.replace("\0", "\ufffd")
    assert Path("id").read_text() == EVIL.replace("\0", "")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data", "event", "id"]


def test_a_type_longer_than_an_environment_is_cut(tmp_path: Path) -> None:
    size = tmp_path / "size"
    body = b"event: " + b"x" * 500_000 + b"\ndata: " + b"y" * 500_000 + b"\n\n"
    command = f'printf "%s %s" "${{#SSE_EVENT}}" "$(wc -c)" > {size}'
    assert sse("-", "-o", "none", "--on-message", command, stdin=body).code == 0
    assert [int(text) for text in size.read_text().split()] == [32 * 1024, 500_000]


def test_what_commands_print_goes_to_standard_error_and_data_alone_to_standard_output() -> None:
    result = sse("-", "-o", "data", "-q", "--on-message", "echo said", stdin=BODY)
    assert result.text == "one\nmore\ntwo\n"
    assert result.err == "said\nsaid\n"


@pytest.mark.parametrize(
    ("command", "told"), [("exit 3", "exit code 3"), ("no-such-program", "exit code 127")]
)
def test_a_command_that_fails_is_told_once_and_ends_nothing(command: str, told: str) -> None:
    result = sse("-", "-q", "--on-message", f"({command}) 2>/dev/null", stdin=BODY)
    assert (result.verdict, result.text) == (("complete", 0), "one\nmore\ntwo\n")
    assert result.err.count("the command of --on-message ended with") == 1
    assert told in result.err


def test_the_end_is_given_as_the_summary(tmp_path: Path) -> None:
    file = tmp_path / "end.json"
    command = f'cat > {file}; echo "$SSE_VERDICT $SSE_EXIT_CODE"'
    result = sse("-", "-q", "--on-close", command, stdin=BODY)
    assert json.loads(file.read_text()) == result.summary
    assert result.err == "complete 0\n"


ERRORS = {
    "refused": ([response(401, body=b"no")], "the server answered 401 Unauthorized", 4),
    "in the stream": (
        [response(body=b'event: error\ndata: {"message": "overloaded"}\n\n')],
        "overloaded",
        7,
    ),
    "cut": ([response(headers={"Content-Length": "99"}) + b"data: a\n\n"], "the connection was closed", 6),
    "nothing wrong": ([response(body=b"data: a\n\n")], None, 0),
}


@pytest.mark.parametrize("name", ERRORS)
def test_an_error_is_told_once(name: str) -> None:
    script, told, code = ERRORS[name]
    with ScriptedServer(script) as server:
        result = sse(server.url, "-q", "-o", "none", "--on-error", 'echo "hook: $SSE_ERROR"')
    assert result.code == code
    said = [line for line in result.err.splitlines() if line.startswith("hook: ")]
    assert len(said) == (told is not None)
    if told is not None:
        assert said[0].startswith(f"hook: {told}")


def test_a_connection_that_broke_is_an_error_also_where_another_follows(tmp_path: Path) -> None:
    log = tmp_path / "log"
    first = response(headers={"Content-Length": "99"}) + b"retry: 0\n\ndata: a\n\n"
    with ScriptedServer([first], [response(204)]) as server:
        result = sse(server.url, "-r", "-q", "-o", "none", "--on-error", f"cat >> {log}; echo >> {log}")
    assert result.verdict == ("complete", 0)
    (record,) = [json.loads(line) for line in log.read_text().splitlines()]
    assert record["kind"] == "fault"
    assert "before the body was whole" in record["error"]


def test_commands_know_which_source_it_was() -> None:
    with (
        ScriptedServer([response(body=b"data: a\n\n")]) as a,
        ScriptedServer([response(body=b"data: b\n\n")]) as b,
    ):
        result = sse(a.url, b.url, "-q", "-o", "none", "--on-message", 'echo "$SSE_SOURCE $(cat)"')
    assert sorted(result.err.splitlines()) == sorted([f"{a.url} a", f"{b.url} b"])
