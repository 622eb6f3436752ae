"""An output whose reader is slower than the stream: nothing is lost, little is held, the summary says so."""

import json
import signal
import socket
import subprocess
import threading
from pathlib import Path

import pytest

from tests.e2e.command import HANGS, ended, started
from tests.peers.scripted import ScriptedServer, response

EVENT = b"data: " + b"x" * 992 + b"\n\n"
BODY = EVENT * 32_000
"""Several times what the program and the system's sockets hold."""


class Flood:
    """Sends the body as fast as it is taken; `stalled` is set once it has not been for half a second."""

    def __init__(self) -> None:
        self.stalled = threading.Event()
        self.sent_by_then = 0

    def __call__(self, connection: socket.socket) -> None:
        connection.settimeout(0.5)
        view = memoryview(BODY)
        while view:
            try:
                view = view[connection.send(view) :]
            except TimeoutError:
                self.sent_by_then = self.sent_by_then or len(BODY) - len(view)
                self.stalled.set()


@pytest.mark.parametrize(
    ("output", "expected"), [("raw", BODY), ("data", BODY[6:].replace(b"\n\ndata: ", b"\n")[:-1])]
)
def test_the_server_feels_a_reader_that_does_not_read(output: str, expected: bytes, tmp_path: Path) -> None:
    flood, summary = Flood(), tmp_path / "summary.json"
    script = [response(headers={"Content-Length": str(len(BODY))}), flood]
    with (
        ScriptedServer(script) as server,
        started("-o", output, "--summary", str(summary), server.url, stdin=subprocess.DEVNULL) as process,
    ):
        assert flood.stalled.wait(HANGS)
        assert flood.sent_by_then < len(BODY) // 2
        code, out, err = ended(process)
    assert code == 0
    assert out == expected
    assert "held reading up" in err
    assert json.loads(summary.read_text())["overhead"]["max"] > 0.4


@pytest.mark.skipif("sys.platform == 'win32'", reason="Windows has no SIGINT for one process alone")
def test_an_interrupt_does_not_wait_for_a_reader_that_does_not_read() -> None:
    flood = Flood()
    script = [response(headers={"Content-Length": str(len(BODY))}), flood]
    with (
        ScriptedServer(script) as server,
        started("-o", "raw", server.url, stdin=subprocess.DEVNULL) as process,
    ):
        assert flood.stalled.wait(HANGS)
        process.send_signal(signal.SIGINT)
        assert process.wait(HANGS) == 130
        assert process.stderr is not None
        assert b"interrupted" in process.stderr.read()
