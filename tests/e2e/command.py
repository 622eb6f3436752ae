"""The command `sse` as a process of its own: run it to its end, or start it and talk to it."""

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# A shell that runs the tests in the background has Ctrl-C ignored, by them and by what they start.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

COMMAND = [sys.executable, "-c", "from sse_cli.cli.main import main; main()"]
# Only a guard against a test that hangs for ever; nothing is measured by it.
HANGS = 60

# A terminal's or a user's own settings must not change what is seen, nor a proxy stand in the way.
ENVIRONMENT = {
    name: value
    for name, value in os.environ.items()
    if name not in {"NO_COLOR", "FORCE_COLOR", "COLUMNS"} and not name.lower().endswith("_proxy")
} | {"SSE_CONFIG_DIR": str(Path(tempfile.gettempdir(), "no-such-folder"))}


@dataclass(frozen=True)
class Result:
    """How a run ended. `summary` is what --summary FILE got, empty if nothing."""

    code: int
    out: bytes
    err: str
    summary: Mapping[str, Any]

    @property
    def verdict(self) -> tuple[str | None, int]:
        """The verdict and the exit code, which must go together."""
        if self.summary:
            assert self.summary["exit_code"] == self.code, (self.summary, self.err)
        return self.summary.get("verdict"), self.code

    @property
    def records(self) -> list[dict[str, Any]]:
        """The output of -o json."""
        return [json.loads(line) for line in self.out.split(b"\n")[:-1]]

    @property
    def text(self) -> str:
        return self.out.decode()


def plainly(*args: str, env: Mapping[str, str] | None = None) -> Result:
    """Run a command of `sse` that has no summary to its end; nothing may end in a traceback."""
    environment = {**ENVIRONMENT, **(env or {})}
    done = subprocess.run(
        [*COMMAND, *args], capture_output=True, env=environment, input=b"", timeout=HANGS, check=False
    )
    err = done.stderr.decode()
    assert "Traceback" not in err, err
    return Result(done.returncode, done.stdout, err, {})


def sse(*args: str, stdin: bytes | int = b"", env: Mapping[str, str] | None = None) -> Result:
    """Run `sse` to its end. Nothing that it is given may end in a traceback."""
    with tempfile.TemporaryDirectory(prefix="sse-") as folder:
        file = Path(folder, "summary.json")
        wanted = [] if "--summary" in args else ["--summary", str(file)]
        feed = {"input": stdin} if isinstance(stdin, bytes) else {"stdin": stdin}
        done = subprocess.run(
            [*COMMAND, *args, *wanted],
            capture_output=True,
            env={**ENVIRONMENT, **(env or {})},
            timeout=HANGS,
            check=False,
            **feed,  # type: ignore[call-overload]
        )
        err = done.stderr.decode()
        assert "Traceback" not in err, err
        summary = json.loads(file.read_text()) if file.exists() else {}
    return Result(done.returncode, done.stdout, err, summary)


@contextmanager
def started(*args: str, before: Sequence[str] = (), **options: Any) -> Iterator[subprocess.Popen[bytes]]:
    """Start `sse` and leave it running; all three of its streams are pipes unless `options` say otherwise.

    `before` is a command that runs it, where it is not to be run as such.
    """
    pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    command = [*before, *COMMAND, *args]
    with subprocess.Popen(command, bufsize=0, env=ENVIRONMENT, **{**pipes, **options}) as process:
        try:
            yield process
        finally:
            process.kill()


def ended(process: subprocess.Popen[bytes]) -> tuple[int, bytes, str]:
    """Wait for the end; return the exit code, and what is left of standard output and standard error."""
    out, err = process.communicate(timeout=HANGS)
    text = (err or b"").decode()
    assert "Traceback" not in text, text
    return process.returncode, out or b"", text
