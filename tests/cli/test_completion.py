"""Completion: the scripts in the repository are those that the program prints, and they complete."""

import os
import subprocess
import sys

import pytest

from sse_cli.cli.completion import SHELLS, script
from tests.completions import FOLDER


def complete(line: str) -> list[str]:
    """Ask the program as bash does: the words so far, the last one unfinished."""
    words = line.split(" ")
    environment = {
        **os.environ,
        "_SSE_COMPLETE": "complete_bash",
        "COMP_WORDS": line,
        "COMP_CWORD": str(len(words) - 1),
    }
    code = "from sse_cli.cli.main import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.stderr == ""
    return done.stdout.split()


@pytest.mark.parametrize("shell", SHELLS)
def test_the_scripts_are_what_the_program_prints(shell: str) -> None:
    assert (FOLDER / SHELLS[shell]).read_text(encoding="utf-8") == script(shell)


def test_no_other_file_lies_there() -> None:
    assert {path.name for path in FOLDER.iterdir()} == set(SHELLS.values())


def test_an_unknown_shell_is_a_usage_error() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from sse_cli.cli.main import main; main()", "completion", "tcsh"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 2
    assert "tcsh" in done.stderr
    assert "fish" in done.stderr


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("sse de", "demo"),
        ("sse --unt", "--until"),
        ("sse http://h --max-t", "--max-time"),
        ("sse tail -o js", "json"),
        ("sse tail --dialect open", "openai-chat"),
        ("sse tail --decode nd", "ndjson"),
        ("sse completion po", "powershell"),
    ],
)
def test_words_are_completed(line: str, found: str) -> None:
    assert found in complete(line)
