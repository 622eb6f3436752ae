"""An HTTP archive as a source: the one stream in it, or the one whose number stands behind its name."""

import os

from sse_cli.core.har import streams
from sse_cli.errors import UsageError
from sse_cli.sources.file import Alter, open_file
from sse_cli.sources.files import unpacked
from sse_cli.sources.recording import RecordingSource, play


def source(path: str, number: int | None, speed: float, alter: Alter | None = None) -> RecordingSource:
    """Return the source for a stream of an archive. Raises `SseError`."""
    fd = open_file(path)
    try:
        found = streams(b"".join(unpacked(fd)))
    finally:
        os.close(fd)
    if not found:
        raise UsageError(
            f"{path} holds no stream",
            "Browsers leave bodies out of some archives: save it again with content.",
        )
    if number is None and len(found) > 1:
        names = [f"{path}#{at} {each.exchanges[0].head.request.url}" for at, each in enumerate(found, 1)]
        raise UsageError(f"{path} holds {len(found)} streams", "\n".join(["Choose one of them:", *names]))
    if not 1 <= (number or 1) <= len(found):
        raise UsageError(f"{path} has no stream #{number}", f"It holds {len(found)}.")
    return play(found[(number or 1) - 1].entries(), speed, alter)
