"""A process that reads a stream as often as it is asked to, and answers each line with one."""

import subprocess
import sys
from pathlib import Path
from typing import Self

from tests.benchmarks.row import Unmeasured
from tests.benchmarks.stream_server import ROOT

HERE = Path(__file__).parent


class Child:
    """A reader that runs. Asked for `digest`, it answers the number of events and a digest of their data."""

    def __init__(self, *command: str) -> None:
        self._process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self._name = command[-2]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()  # the end of its input is the end of its work

    def ask(self, what: str) -> str:
        """Ask for one reading. Raises `Unmeasured` if it failed, and said so on standard error."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{what}\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline().strip()
        if not answer:
            raise Unmeasured(f"{self._name} failed, as said above")
        return answer

    def cpu(self) -> float:
        """Return the milliseconds of CPU, user and system of all its threads, that one reading took."""
        return float(self.ask("cpu"))


def python(name: str, url: str) -> Child:
    """Start one of the readers in Python."""
    return Child(sys.executable, "-m", "tests.benchmarks.readers", name, url)
