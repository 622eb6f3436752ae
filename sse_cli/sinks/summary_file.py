"""`--summary FILE`: the summary as JSON, in a file or, for `-`, on standard error."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sse_cli.core import payload
from sse_cli.errors import UsageError
from sse_cli.sinks.outlet import Outlet, OutputFailed


class SummaryFile:
    """Where the summary goes. Raises `UsageError` at once if the place cannot be one."""

    def __init__(self, name: str | None) -> None:
        self._name = name
        self.to_stderr = name == "-"
        if name is not None and not self.to_stderr and not Path(name).absolute().parent.is_dir():
            raise UsageError(f"cannot write {name}: its folder does not exist", "Make the folder first.")

    def write(self, summary: Mapping[str, Any], err: Outlet) -> None:
        """Write one line of JSON: the file, whole or not at all, or `err`. Raises `OutputFailed`."""
        text = payload.encode(summary).encode() + b"\n"
        if self.to_stderr:
            if err.is_open:
                err.write(text)
        elif self._name is not None:
            self._write_file(Path(self._name), text)

    def _write_file(self, path: Path, text: bytes) -> None:
        try:
            if path.exists() and not path.is_file():  # a device or a pipe is written, not replaced
                path.write_bytes(text)
            else:
                replace_file(path, text)
        except OSError as error:
            raise OutputFailed(str(path), error) from error


def replace_file(path: Path, data: bytes) -> None:
    """Write beside the file and move into place, so that a full disk leaves no half a file."""
    import tempfile  # not at the top: it costs 8 ms, which the first event would wait for

    handle, temporary = tempfile.mkstemp(dir=path.absolute().parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.chmod(temporary, 0o666 & ~_umask())
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
