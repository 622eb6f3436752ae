"""Standard output as a pipe that closes, a full disk, a terminal; and the languages that a system speaks."""

import json
import os
import subprocess
import threading
from pathlib import Path

import pytest

from tests.e2e.command import COMMAND, HANGS, ended, sse, started
from tests.peers.scripted import ScriptedServer, Tell, Wait, response, until_gone

FULL = Path("/dev/full")
needs_full = pytest.mark.skipif(not FULL.exists(), reason="this system has no /dev/full")
ESCAPES = "\x1b]0;owned\x07\x1b[2J\x1b[31mred\x9b1m \u202eover\x7f"
BODY = f"event: \x1b[1mtype\nid: \x1b[2mid\ndata: {ESCAPES}\n\n: \x1b[3mcomment\n\n".encode()


@pytest.mark.parametrize("output", ["data", "json", "raw", "table"])
def test_a_reader_that_goes_ends_the_run_although_the_server_is_silent(output: str) -> None:
    gone = threading.Event()
    script = [response() + b"data: one\n\n", until_gone, Tell(gone)]
    with ScriptedServer(script) as server, started(server.url, "-q", "-o", output) as process:
        assert process.stdout is not None
        assert process.stdout.read(5)
        process.stdout.close()
        process.stdout = None
        code, _, err = ended(process)
        assert (code, err) == (0, "")
        assert gone.wait(HANGS), "the server was left at once"


def test_a_reader_that_goes_ends_it_quietly_and_is_in_the_summary(tmp_path: Path) -> None:
    file = tmp_path / "s.json"
    with ScriptedServer([response() + b"data: one\n\n", Wait()]) as server:
        line = f'"$@" {server.url} --summary {file} | head -n 1'
        done = subprocess.run(
            ["sh", "-c", line, "sh", *COMMAND], capture_output=True, timeout=HANGS, check=True
        )
    assert done.stdout == b"one\n"
    assert done.stderr == b""
    assert json.loads(file.read_text())["reason"] == "the reader of the output closed it"


@needs_full
def test_a_full_disk_is_told() -> None:
    with (
        ScriptedServer([response() + b"data: one\n\n", Wait()]) as server,
        FULL.open("wb") as full,
        started(server.url, "-q", stdout=full) as process,
    ):
        code, _, err = ended(process)
    assert code == 9
    assert err.startswith("sse: unwritten: cannot write standard output: No space left on device\n")
    assert "Is there room on the disk" in err


@needs_full
def test_a_summary_for_which_there_is_no_room_is_told() -> None:
    result = sse("-", "--summary", str(FULL), stdin=b"data: a\n\n")
    assert (result.code, result.text) == (9, "a\n")
    assert "cannot write /dev/full: No space left on device" in result.err


@pytest.mark.skipif("sys.platform == 'win32'", reason="a shell of POSIX closes it")
def test_an_output_that_is_closed_is_told_and_nobody_else_gets_what_was_for_it() -> None:
    with ScriptedServer([response() + b"data: one\n\n", Wait()]) as server:
        command = ["sh", "-c", 'exec "$@" >&-', "sh", *COMMAND, server.url]
        done = subprocess.run(command, stderr=subprocess.PIPE, timeout=HANGS, check=False)
        assert len(server.requests) == 1
    assert done.returncode == 9
    assert b"cannot write standard output: it is closed" in done.stderr


def test_a_pipe_that_does_not_wait_is_waited_for() -> None:
    reader, writer = os.pipe()
    os.set_blocking(reader, False)
    with started("-", stdin=reader) as process, os.fdopen(writer, "wb", buffering=0) as pipe:
        os.close(reader)
        assert process.stdout is not None
        for data in (b"one", b"two"):
            pipe.write(b"data: %b\n\n" % data)
            assert process.stdout.read(100) == data + b"\n"
        pipe.close()
        assert ended(process)[0] == 0


def on_a_terminal(*args: str, source: str = "-") -> bytes:
    """Return what a terminal would get."""
    pty = pytest.importorskip("pty")
    controller, terminal = pty.openpty()
    pytest.importorskip("termios").tcsetwinsize(terminal, (24, 100))
    with started(source, *args, stdout=terminal, stderr=terminal) as process:
        os.close(terminal)
        assert process.stdin is not None
        if source == "-":
            process.stdin.write(BODY)
        process.stdin.close()
        shown = b"".join(iter(lambda: _read(controller), b""))
        process.wait(HANGS)
    os.close(controller)
    assert b"Traceback" not in shown
    return shown


def _read(controller: int) -> bytes:
    try:
        return os.read(controller, 65536)
    except OSError:  # how Linux says that nobody has the terminal open any more
        return b""


@pytest.mark.parametrize("output", ["data", "text", "lines", "json", "raw", "sse"])
def test_no_escape_of_a_server_reaches_a_terminal(output: str) -> None:
    shown = on_a_terminal("-o", output, "--all", "-q", "--color", "never")
    assert b"red" in shown
    text = shown.decode()
    assert not {"\x1b", "\x07", "\x9b", "\x7f", "\u202e"} & set(text)


def test_a_template_of_the_users_own_shows_no_escape_of_a_servers() -> None:
    shown = on_a_terminal("-f", "{event} {id} {data}", "-q")
    assert b"red" in shown
    assert b"\x1b" not in shown


def test_the_live_table_sends_no_escape_of_a_servers() -> None:
    shown = on_a_terminal("-o", "table", "--all")
    assert b"red" in shown
    for escape in (b"\x1b]0;", b"\x1b[31m", b"\x07", "\x9b".encode(), b"\x1b[2mid", b"\x1b[3mcomment"):
        assert escape not in shown


@pytest.mark.parametrize(("output", "lines"), [("table", 0), ("text", 1)])
def test_a_wait_is_a_line_where_no_live_table_has_a_row_for_it(output: str, lines: int) -> None:
    one = response(body=b"retry: 0\ndata: \x1b[31mone\n\n")
    with ScriptedServer([one], [response(204)]) as server:
        shown = on_a_terminal("-r", "-o", output, "--color", "never", source=server.url)
    assert shown.count(b"sse: the server ended the response; asking again in 0 ms\r\n") == lines
    assert b"the server ended the response" in shown
    assert b"\x1b[31m" not in shown


def test_in_a_pipe_bytes_go_through_untouched() -> None:
    assert sse("-", stdin=BODY).out == ESCAPES.encode() + b"\n"
    assert sse("-", "-o", "raw", stdin=BODY).out == BODY


ASCII = {"LC_ALL": "C", "LANG": "C"}
LOCALES = [ASCII, {**ASCII, "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}]


@pytest.mark.parametrize("env", LOCALES, ids=["C", "ASCII"])
@pytest.mark.parametrize("output", ["data", "table", "json"])
def test_what_is_not_ascii_needs_no_locale(env: dict[str, str], output: str) -> None:
    body = "event: größe\ndata: 流れ 🌊\n\n".encode()
    result = sse("-", "-o", output, stdin=body, env=env)
    assert result.verdict == ("complete", 0)
    assert "流れ 🌊" in result.text


@pytest.mark.parametrize("env", LOCALES, ids=["C", "ASCII"])
def test_an_error_that_is_not_ascii_is_told(env: dict[str, str]) -> None:
    with ScriptedServer([response(500, body="größer 流".encode())]) as server:
        result = sse(server.url, env=env)
    assert result.verdict == ("refused", 4)
    assert "500 Internal Server Error" in result.err
    assert sse("--where", "é ~~ 流", "x", env=env).code == 2
