"""`--offline DIR`: recordings in place of the streams of checks, found by the names of these."""

import os

from sse_cli.checking.keeping import file_name
from sse_cli.errors import UsageError
from sse_cli.sinks.recording import PACKERS


def recording_of(folder: str, name: str) -> str | None:
    """Return the recording of a check, None if there is none: NAME.rec or, of several runs, the first."""
    begin = os.path.join(folder, file_name(name))
    paths = [f"{begin}{number}.rec{end}" for number in ("", ".1") for end in ("", *PACKERS)]
    return next((path for path in paths if os.path.exists(path)), None)


def missing(folder: str, name: str) -> UsageError:
    """Return the error for a check of which there is no recording."""
    path = os.path.join(folder, f"{file_name(name)}.rec")
    return UsageError(f"there is no recording of it: {path}", f"One is made with: sse URL --record {path}")
