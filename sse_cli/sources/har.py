"""An HTTP archive as a source: the one stream in it, or the one whose number stands behind its name."""

import os

from sse_cli.core.har import chosen
from sse_cli.errors import UsageError
from sse_cli.sources.files import open_file, unpacked
from sse_cli.sources.recording import Alter, RecordingSource, play


def source(path: str, number: int | None, speed: float, alter: Alter | None = None) -> RecordingSource:
    """Return the source for a stream of an archive. Raises `SseError`."""
    fd = open_file(path)
    try:
        found = chosen(b"".join(unpacked(fd)), path, number)
    finally:
        os.close(fd)
    if len(found) > 1:
        names = [f"{path}#{at} {each.exchanges[0].head.request.url}" for at, each in enumerate(found, 1)]
        raise UsageError(f"{path} holds {len(found)} streams", "\n".join(["Choose one of them:", *names]))
    return play(found[0].entries(), speed, alter)
