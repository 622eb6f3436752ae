"""Completion in the shells themselves, on a terminal: what a person gets who presses tab."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sse_cli.cli.completion import SHELLS
from tests.completions import FOLDER

ROOT = Path(__file__).parents[2]
COMMANDS = {
    "bash": ["bash", "--norc", "--noprofile", "-i"],
    "zsh": ["zsh", "-f", "-i"],
    "fish": ["fish", "--no-config", "-i"],
}
BEFORE = {"zsh": "autoload -U compinit; compinit -D; "}
LINES = {
    "sse @pr": "sse @prod",
    "sse tail @pr": "sse tail @prod",
    "sse @prod -o js": "sse @prod -o json",
    "sse -o text @d": "sse -o text @dev",
    "sse profiles pr": "sse profiles prod",
    "sse profiles @d": "sse profiles @dev",
}


@pytest.fixture(params=COMMANDS)
def shell(request: pytest.FixtureRequest) -> str:
    if shutil.which(request.param) is None:
        pytest.skip(f"{request.param} is not installed")
    return str(request.param)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a file of profiles, and with an `sse` that completes, and else says what it is given."""
    (tmp_path / "profiles.toml").write_text("[prod]\n[dev]\n", encoding="utf-8")
    program = tmp_path / "sse"
    program.write_text(
        f'#!/bin/sh\n[ -n "$_SSE_COMPLETE" ] || exec echo "<sse $*>"\n'
        f'cd "{ROOT}" && exec "{sys.executable}" -m sse_cli\n',
        encoding="utf-8",
    )
    program.chmod(0o755)
    return tmp_path


def typed(shell: str, folder: Path, lines: list[str]) -> str:
    """Type lines into a shell, each with tab and return behind it; return what its terminal got."""
    pytest.importorskip("pty")
    environment = {
        **os.environ,
        "PATH": f"{folder}:{os.environ['PATH']}",
        "SSE_CONFIG_DIR": str(folder),
        "HOME": str(folder),
        "TERM": "dumb",
        "PS1": "$ ",
    }
    on_a_terminal = [sys.executable, "-c", "import pty, sys; pty.spawn(sys.argv[1:])", *COMMANDS[shell]]
    with subprocess.Popen(
        on_a_terminal, bufsize=0, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        script = f"{BEFORE.get(shell, '')}source {FOLDER / SHELLS[shell]}"
        seen = _type(process, f"{script}; echo re''ady\n", "ready")
        for line in lines:
            seen += _type(process, f"{line}\t\n", "<sse [^>]*>")
        process.kill()
    return seen


def _type(process: subprocess.Popen[bytes], text: str, until: str) -> str:
    """Type, and return what comes until a pattern has come."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(text.encode())
    seen = ""
    while re.search(until, seen) is None:
        data = process.stdout.read(65536)
        assert data, f"the shell has gone: {seen}"
        seen += data.decode("utf-8", "replace")
    return seen


def test_names_of_profiles_are_completed(shell: str, folder: Path) -> None:
    seen = typed(shell, folder, list(LINES))
    for line in LINES.values():
        assert f"<{line}>" in seen
