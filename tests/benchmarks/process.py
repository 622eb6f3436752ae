"""Rows of whole processes, from their start: what a person waits for, imports and all.

They should run an `sse` as users have it, in an environment with nothing but its dependencies: where click
can be imported, httpx imports a command line of its own, which takes time. `--sse` names one.
"""

import json
import os
import socket
import subprocess
import tempfile
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from time import perf_counter
from types import TracebackType
from typing import Self

from tests.benchmarks import data
from tests.benchmarks.row import (
    OURS,
    Differs,
    Figures,
    Row,
    Setup,
    Unmeasured,
    interleave,
    milliseconds,
    times_as_much,
)

_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"
_DROPPED = ("PYTHONPATH", "PYTHONDONTWRITEBYTECODE", "PYTHONDEVMODE")


class HoldingServer:
    """Answers every request with one event at once, and then holds the connection open."""

    def __init__(self, event: bytes) -> None:
        self._answer = _HEAD + event
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}/"

    def __enter__(self) -> Self:
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._listener.close()

    def _serve(self) -> None:
        with suppress(OSError):  # the listener was closed
            while True:
                connection, _ = self._listener.accept()
                with connection, suppress(OSError):
                    self._converse(connection)

    def _converse(self, connection: socket.socket) -> None:
        request = b""
        while b"\r\n\r\n" not in request and (read := connection.recv(65536)):
            request += read
        connection.sendall(self._answer)
        while connection.recv(65536):
            pass


def quiet_environment(folder: str) -> dict[str, str]:
    """Return an environment in which httpie does not look for updates, and nothing slows Python down."""
    Path(folder, "config.json").write_text(json.dumps({"disable_update_warnings": True}), encoding="utf-8")
    kept = {name: value for name, value in os.environ.items() if name not in _DROPPED}
    return {**kept, "HTTPIE_CONFIG_DIR": folder}


def measure_command(option: str, expected: str) -> Callable[[Setup], Figures]:
    """Return what measures a command that prints something and ends; both sides must print `expected`."""

    def measure(setup: Setup) -> Figures:
        commands = {OURS: [_found(setup.sse), option], "httpie": [_found(setup.httpie), option]}
        with tempfile.TemporaryDirectory() as folder:
            env = quiet_environment(folder)
            for command in commands.values():
                _check_output(command, expected, env)
            sides = {
                name: milliseconds(lambda command=command: _run(command, env))
                for name, command in commands.items()
            }
            return interleave(sides, setup.pick(21, 7))

    return measure


def measure_first_event(event: bytes) -> Callable[[Setup], Figures]:
    """Return what measures the time from the start of a process to its first byte of the first event."""

    def measure(setup: Setup) -> Figures:
        with HoldingServer(event) as server, tempfile.TemporaryDirectory() as folder:
            env = quiet_environment(folder)
            # httpie shows the body as it is, we show the event's data.
            ours = [_found(setup.sse), "-o", "data", server.url]
            peer = [_found(setup.httpie), "--ignore-stdin", "--stream", "GET", server.url]
            value = event.removeprefix(b"data: ").rstrip(b"\n")
            sides = {
                OURS: lambda: _first_byte(ours, value, env),
                "httpie": lambda: _first_byte(peer, b"data: " + value, env),
            }
            for run in sides.values():
                run()  # checks, and warms the disk's cache
            return interleave(sides, setup.pick(31, 9))

    return measure


def _first_byte(command: list[str], expected: bytes, env: dict[str, str]) -> float:
    """Start a process, return the milliseconds to its first byte, check what it said, and end it."""
    start = perf_counter()
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=env
    )
    assert process.stdout is not None
    try:
        said = os.read(process.stdout.fileno(), 65536)
        taken = (perf_counter() - start) * 1000
        while len(said) < len(expected) and (more := os.read(process.stdout.fileno(), 65536)):
            said += more
    finally:
        process.kill()
        process.stdout.close()
        process.wait()
    if not said.startswith(expected):
        raise Differs(f"{command[0]} showed {said[:100]!r} and not {expected[:100]!r}")
    return taken


def _check_output(command: list[str], expected: str, env: dict[str, str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, env=env, encoding="utf-8")
    if done.returncode or expected not in done.stdout:
        raise Differs(f"{' '.join(command)} printed {done.stdout[:100]!r} and {done.stderr[:100]!r}")


def _run(command: list[str], env: dict[str, str]) -> None:
    subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, env=env, check=True)


def _found(program: str) -> str:
    if not Path(program).exists():
        raise Unmeasured(f"there is no {program}; --sse and --httpie name other ones")
    return program


ROWS = [
    Row(
        "process.version", "--version, whole process", times_as_much(0.35), measure_command("--version", ".")
    ),
    Row("process.help", "--help, whole process", times_as_much(0.7), measure_command("--help", "--version")),
    Row(
        "process.first",
        "from the start to the first byte of a model event of a loopback server",
        times_as_much(0.5),
        measure_first_event(data.model_event(0)),
    ),
    Row(
        "process.first.plain",
        "the same for an event of plain text, which no dialect is asked about",
        times_as_much(0.5),
        measure_first_event(b"data: tick\n\n"),
    ),
]
