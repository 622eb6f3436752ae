"""Ctrl-C and SIGTERM end a run wherever it waits: the summary is still told."""

import json
import signal
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.e2e.command import ended, started
from tests.peers.scripted import ScriptedServer, Step, Tell, Wait, response

pytestmark = pytest.mark.skipif("sys.platform == 'win32'", reason="signals of POSIX")

SIGNALS = [signal.SIGINT, signal.SIGTERM]


def interrupt(script: Sequence[Step], number: signal.Signals, summary: Path, wait_for: bytes) -> bytes:
    asked = threading.Event()
    with (
        ScriptedServer([Tell(asked), *script, Wait()]) as server,
        started(server.url, "--summary", str(summary)) as process,
    ):
        asked.wait()
        if wait_for:
            assert process.stdout is not None
            assert process.stdout.read(100) == wait_for
        process.send_signal(number)
        code, out, err = ended(process)
    assert code == 130
    assert "interrupted" in err
    figures = json.loads(summary.read_text())
    assert (figures["verdict"], figures["exit_code"]) == ("interrupted", 130)
    return out


@pytest.mark.parametrize("number", SIGNALS)
def test_while_it_waits_for_the_head(number: signal.Signals, tmp_path: Path) -> None:
    assert interrupt([], number, tmp_path / "s.json", b"") == b""


@pytest.mark.parametrize("number", SIGNALS)
def test_while_it_waits_for_bytes(number: signal.Signals, tmp_path: Path) -> None:
    file = tmp_path / "s.json"
    assert interrupt([response() + b"data: one\n\n"], number, file, b"one\n") == b""
    assert json.loads(file.read_text())["events"] == 1


@pytest.mark.parametrize("number", SIGNALS)
def test_while_it_waits_for_standard_input(number: signal.Signals) -> None:
    with started("-", "-o", "json", "--all") as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(b"data: one\n\ndata: tw")
        while b'"data":"one"' not in process.stdout.read(4096):
            pass
        process.send_signal(number)
        assert process.wait(60) == 130
        last = [json.loads(line) for line in process.stdout.read().splitlines()]
    assert [record.get("detail") for record in last] == ["data: tw", "by Ctrl-C, or another signal to end"]
