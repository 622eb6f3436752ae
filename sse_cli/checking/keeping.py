"""`--record DIR` keeps a recording of each run, `--record-failures DIR` of those that did not pass alone."""

import os
import re
from collections.abc import Sequence
from contextlib import suppress
from typing import Protocol

from sse_cli.core.pipeline import Pipeline
from sse_cli.errors import UsageError
from sse_cli.sinks.recording import RecordFile, RecordingSink
from sse_cli.sinks.sink import Sink
from sse_cli.sources.source import Source

_ODD = re.compile(r"[^A-Za-z0-9._-]+")
_LONGEST = 80


def file_name(name: str) -> str:
    """Return the name of a check as it may begin the name of a file."""
    return _ODD.sub("-", name).strip("-.")[:_LONGEST] or "check"


class Kept(Protocol):
    """What is kept of one run."""

    sinks: Sequence[Sink]

    def end(self, *, keep: bool) -> str:
        """The run is over; return the file that keeps it, empty if none does."""


class Keeping(Protocol):
    """Keeps runs, or does not."""

    def begin(self, name: str, number: int, source: Source, pipeline: Pipeline) -> Kept:
        """A run begins. Raises `UsageError` where it cannot be kept."""


class _Nothing:
    sinks: Sequence[Sink] = ()

    def end(self, *, keep: bool) -> str:  # noqa: ARG002
        return ""


class KeepNothing:
    """Keeps no run."""

    def begin(self, _name: str, _number: int, _source: Source, _pipeline: Pipeline) -> Kept:
        """Keep nothing of a run."""
        return _Nothing()


class KeepRuns:
    """Keeps runs in a folder that is made if there is none, with `failures` those that did not pass alone.

    Raises `UsageError`.
    """

    def __init__(self, folder: str, *, failures: bool = False) -> None:
        self._folder = folder
        self._only_failures = failures
        try:
            os.makedirs(folder, exist_ok=True)
        except OSError as error:
            raise UsageError(f"cannot make the folder {folder}: {error.strerror}", "Give another.") from error

    def begin(self, name: str, number: int, source: Source, pipeline: Pipeline) -> Kept:
        """Record a run; later ones of the same name and number take its place."""
        path = os.path.join(self._folder, f"{file_name(name)}.{number}.rec")
        return _Recorded(path, source, pipeline, self._only_failures)


class _Recorded:
    def __init__(self, path: str, source: Source, pipeline: Pipeline, only_failures: bool) -> None:
        self._path = path
        self._only_failures = only_failures
        self.sinks: Sequence[Sink] = (RecordingSink(RecordFile(path), pipeline, source.asked),)

    def end(self, *, keep: bool) -> str:
        if keep or not self._only_failures:
            return self._path
        with suppress(OSError):
            os.unlink(self._path)
        return ""
