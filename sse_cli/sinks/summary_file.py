"""`--summary FILE`: the summary as JSON, in a file or, for `-`, on standard error."""

import os
from pathlib import Path

from sse_cli.core import payload
from sse_cli.core.summary import Summary
from sse_cli.errors import UsageError
from sse_cli.sinks.outlet import OutputFailed


class SummaryFile:
    """Where the summary goes. Raises `UsageError` at once if the place cannot be one."""

    def __init__(self, name: str | None) -> None:
        self._name = name
        self.to_stderr = name == "-"
        if name is not None and not self.to_stderr and not Path(name).absolute().parent.is_dir():
            raise UsageError(f"cannot write {name}: its folder does not exist", "Make the folder first.")

    def text(self, summary: Summary) -> bytes:
        """Return the summary as one line of JSON."""
        return payload.encode(summary.as_dict()).encode() + b"\n"

    def write(self, summary: Summary) -> None:
        """Write the file, whole or not at all. Raises `OutputFailed`."""
        if self._name is None or self.to_stderr:
            return
        path = Path(self._name)
        try:
            if path.exists() and not path.is_file():  # a device or a pipe is written, not replaced
                path.write_bytes(self.text(summary))
            else:
                replace_file(path, self.text(summary))
        except OSError as error:
            raise OutputFailed(self._name, error) from error


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
