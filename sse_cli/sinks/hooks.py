"""`--on-message`, `--on-error`, `--on-close`: commands of the user's, run one by one in their own thread.

What came over the wire is never part of a command line: a command gets it on standard input, and names and
numbers of it in its environment.
"""

import os
import subprocess
from collections.abc import Callable, Mapping, Sequence
from functools import partial

import msgspec

from sse_cli.core import payload
from sse_cli.core.items import Failure, Fault, Item, Reading
from sse_cli.core.summary import Summary
from sse_cli.errors import ExitCode, SseError
from sse_cli.sinks.json import aside_record, start_of
from sse_cli.sinks.outlet import encode
from sse_cli.sinks.sink import Setting
from sse_cli.sinks.writer import Writer

Warn = Callable[[SseError], None]

_COST = 4096
"""As many bytes as a waiting command counts beside its input, so that 250 of them hold reading up."""
_MOST = 32 * 1024
"""Bytes of one variable: systems bound a process's environment, and a type or an id may be of any length."""


class Commands(msgspec.Struct, frozen=True):
    """The commands, as the shell takes them; None for those that are not wanted."""

    on_message: str | None = None
    on_error: str | None = None
    on_close: str | None = None


class HooksSink:
    """Has a command run for each chosen event, each error, and the end of the run.

    A command that fails is told of, once, and ends nothing. What commands print goes to standard error.
    """

    interval: float | None = None

    def __init__(self, commands: Commands, setting: Setting, thread: Writer, warn: Warn) -> None:
        self.takes_streaks = commands.on_message is None
        self._commands = commands
        self._setting = setting
        self._thread = thread
        self._warn = warn
        self._warned: set[str] = set()

    def show(self, items: Sequence[Item]) -> None:
        """Have commands run for the events and errors of one batch."""
        for item in items:
            if type(item) is Reading:
                self._take(item)
            elif type(item) is Fault:
                record = aside_record(item, start_of(self._setting)) or {}
                self._run("on_error", payload.encode(record), {"SSE_ERROR": item.error})

    def tick(self, _now: float) -> None:
        """Do nothing."""

    def close(self, summary: Summary) -> None:
        """Have commands run for how it ended."""
        verdict = summary.verdict
        variables = {"SSE_VERDICT": verdict.name, "SSE_EXIT_CODE": str(int(verdict.exit_code))}
        text = payload.encode(summary.as_dict())
        # An error that the stream carried was told when it came.
        if verdict.exit_code not in (ExitCode.OK, ExitCode.INTERRUPTED, ExitCode.FAILED):
            self._run("on_error", text, {**variables, "SSE_ERROR": verdict.reason})
        self._run("on_close", text, variables)

    def _take(self, reading: Reading) -> None:
        event = reading.event
        variables = {
            "SSE_EVENT": event.type,
            "SSE_ID": event.last_event_id,
            "SSE_NUMBER": str(event.number),
        }
        self._run("on_message", event.data, variables)
        for part in reading.parts:
            if type(part) is Failure:
                self._run("on_error", event.data, {**variables, "SSE_ERROR": part.message})

    def _run(self, hook: str, text: str, variables: Mapping[str, str]) -> None:
        command = getattr(self._commands, hook)
        if command is not None:
            data = encode(text)
            variables = {"SSE_SOURCE": self._setting.source or self._setting.url, **variables}
            self._thread.put(partial(self._call, hook, command, data, variables), len(data) + _COST)

    def _call(self, hook: str, command: str, data: bytes, variables: Mapping[str, str]) -> None:
        """Run a command to its end, in the hooks' thread."""
        try:
            done = subprocess.run(
                command, shell=True, input=data, stdout=2, env={**os.environ, **_safe(variables)}, check=False
            )
        except OSError as error:
            self._complain(hook, f"cannot be run: {error.strerror}")
            return
        if done.returncode:
            self._complain(hook, f"ended with exit code {done.returncode}")

    def _complain(self, hook: str, what: str) -> None:
        if hook not in self._warned:
            self._warned.add(hook)
            option = f"--{hook.replace('_', '-')}"
            self._warn(SseError(f"warning: the command of {option} {what}", "This is told once."))


def _safe(variables: Mapping[str, str]) -> dict[str, str]:
    """Return variables that a process can have: without NUL, and bounded."""
    return {name: text.replace("\0", "\ufffd")[:_MOST] for name, text in variables.items()}
