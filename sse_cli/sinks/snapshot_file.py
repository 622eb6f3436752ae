"""`--snapshot FILE`: what an earlier run looked like, to compare with, and written anew with `--update`."""

from pathlib import Path

from sse_cli.core.snapshots.snapshot import Snapshot
from sse_cli.core.snapshots.text import BadSnapshot, decode, encode
from sse_cli.errors import UsageError
from sse_cli.sinks.outlet import OutputFailed
from sse_cli.sinks.summary_file import replace_file

_MOST = 16 * 1024 * 1024
"""Bytes: a hundred times what the snapshot of a rich protocol has. A device has no end."""


class SnapshotFile:
    """The file of one snapshot. Raises `UsageError` at once if the place cannot be one."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._path = Path(name)
        if not self._path.absolute().parent.is_dir():
            raise UsageError(
                f"cannot use {name} for --snapshot: its folder does not exist", "Make the folder."
            )

    @property
    def exists(self) -> bool:
        """Whether there is such a file yet."""
        return self._path.exists()

    def read(self) -> Snapshot:
        """Return the snapshot. Raises `UsageError`, which names the line if it is none."""
        try:
            with self._path.open("rb") as file:
                data = file.read(_MOST + 1)
        except FileNotFoundError:
            raise UsageError(
                f"there is no snapshot {self.name} yet", "A good run makes it, with --update."
            ) from None
        except OSError as error:
            raise UsageError(
                f"cannot read the snapshot {self.name}: {error.strerror}", "Give a file that can be read."
            ) from error
        if len(data) > _MOST:
            raise UsageError(f"{self.name} is no snapshot: it is too large", "Give the file of a snapshot.")
        try:
            return decode(data.decode("utf-8"))
        except UnicodeDecodeError:
            raise UsageError(
                f"{self.name} is no snapshot: it is not UTF-8", "Give the file of a snapshot."
            ) from None
        except BadSnapshot as bad:
            raise UsageError(f"bad snapshot {self.name}, line {bad.line}: {bad.reason}", bad.hint) from None

    def write(self, snapshot: Snapshot) -> None:
        """Write the file, whole or not at all. Raises `OutputFailed`."""
        try:
            replace_file(self._path, encode(snapshot).encode())
        except OSError as error:
            raise OutputFailed(self.name, error) from error
