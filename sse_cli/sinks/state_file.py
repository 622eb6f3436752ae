"""`--state FILE`: the last event id, kept from one run to the next, so that the next goes on from there."""

from collections.abc import Sequence
from pathlib import Path

from sse_cli.core.items import Item
from sse_cli.core.pipeline import Pipeline
from sse_cli.core.summary import Summary
from sse_cli.errors import UsageError
from sse_cli.sinks.outlet import OutputFailed
from sse_cli.sinks.summary_file import replace_file
from sse_cli.sinks.writer import Writer

_MOST = 8192
"""Bytes: servers refuse a header that is longer."""


class StateFile:
    """The file, which holds one id on one line. Raises `UsageError` at once if the place cannot be one."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._path = Path(name)
        if not self._path.absolute().parent.is_dir():
            raise UsageError(f"cannot use {name} for --state: its folder does not exist", "Make the folder.")

    def read(self) -> str:
        """Return the id; empty where there is no file yet. Raises `UsageError`."""
        try:
            with self._path.open("rb") as file:
                data = file.read(_MOST + 1)
        except FileNotFoundError:
            return ""
        except OSError as error:
            raise UsageError(
                f"cannot use {self.name} for --state: {error.strerror}", "Give a file that can be read."
            ) from error
        try:
            id_ = data.decode("utf-8").removesuffix("\n")
        except UnicodeDecodeError:
            id_ = "\0"
        if len(data) > _MOST or any(end in id_ for end in "\r\n\0"):
            raise UsageError(
                f"cannot use {self.name} for --state: it holds something else than one line with an id",
                "Give another file, or remove this one to begin anew.",
            )
        return id_

    def write(self, id_: str) -> None:
        """Write the file, whole or not at all. Raises `OutputFailed`."""
        try:
            replace_file(self._path, f"{id_}\n".encode())
        except OSError as error:
            raise OutputFailed(self.name, error) from error


class StateSink:
    """Keeps the file up to date: at most once a second as events come, and at the end.

    The id is written after the output that came with it, by the same writer: a run that is killed may then
    show an event twice, and never loses one.
    """

    interval: float | None = 1.0
    takes_streaks = True

    def __init__(self, file: StateFile, pipeline: Pipeline, writer: Writer) -> None:
        self._file = file
        self._pipeline = pipeline
        self._writer = writer
        self._written = pipeline.id_in_force

    def show(self, _items: Sequence[Item]) -> None:
        """Do nothing: the pipeline knows the id."""

    def tick(self, _now: float) -> None:
        """Have the id written if it is another."""
        id_ = self._pipeline.id_in_force
        if id_ != self._written:
            self._written = id_
            self._writer.put(lambda: self._file.write(id_))

    def close(self, _summary: Summary) -> None:
        """Have the last id written."""
        self.tick(0.0)
