"""From files to tapes: recordings, and plain bodies, which have no request and no times of their own."""

import gzip
import zlib
from collections.abc import Iterator, Sequence
from io import BytesIO
from pathlib import Path
from urllib.parse import quote

from sse_cli.core.event_units import format_of
from sse_cli.core.items import Chunk
from sse_cli.core.pace import EVENT, INTERVAL, Pace
from sse_cli.core.recording import MAGIC, Answered, Asked, End, Exchange, Head, Recording, decode, gather
from sse_cli.errors import SseError, UsageError
from sse_cli.server.bundled import TAPES, read
from sse_cli.server.tape import Tape, tape_of

ENDINGS = {
    ".sse": "text/event-stream",
    ".ndjson": "application/x-ndjson",
    ".jsonl": "application/x-ndjson",
    ".json": "",
    ".txt": "",
}
"""The files that are served out of a folder, and their content types; "" is told by the bytes."""

_BY_FORMAT = {
    "sse": "text/event-stream",
    "ndjson": "application/x-ndjson",
    "json-array": "application/json",
    "text": "text/plain; charset=utf-8",
}

_GZIP, _ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
_HINT = "Give a recording, a body (.sse .ndjson .json .txt), a folder of them, or a name of sse demo --list."
_AS_IT_WAS = Pace()


def load(names: Sequence[str], pace: Pace) -> list[Tape]:
    """Return a tape for each file, for each in a folder, and for a tape of the package by its name.

    Raises `SseError` for what cannot be read, and for a folder in which there is nothing.
    """
    return [tape for name in names for tape in _load(name, pace)]


def _load(name: str, pace: Pace) -> Iterator[Tape]:
    path = Path(name)
    if path.is_dir():
        yield from _load_folder(path, pace)
    elif not path.exists() and name in TAPES:
        yield bundled_tape(name, pace)
    else:
        yield _tape(_read(path), path.name, pace)


def _load_folder(folder: Path, pace: Pace) -> list[Tape]:
    found = []
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and not any(part.startswith(".") for part in path.relative_to(folder).parts):
            body = _read(path)
            if path.suffix.lower() in ENDINGS or body.startswith(MAGIC):
                found.append(_tape(body, name, pace))
    if not found:
        raise UsageError(f"there is nothing to serve in {folder}", _HINT)
    return found


def _read(path: Path) -> bytes:
    try:
        data = path.read_bytes()
        if data.startswith(_GZIP):
            return gzip.decompress(data)
    except (OSError, EOFError, zlib.error) as error:
        raise UsageError(f"cannot read {path}: {getattr(error, 'strerror', None) or error}", _HINT) from error
    if data.startswith(_ZSTD):
        raise UsageError(f"{path} is compressed with zstd", f"Undo that first: zstd -d {path}")
    return data


def _tape(body: bytes, name: str, pace: Pace) -> Tape:
    if not body.startswith(MAGIC):
        return plain(body, name, pace)
    try:
        return tape_of(name, read_recording(body), pace)
    except SseError as error:
        raise SseError(f"{name}: {error.message}", error.hint) from error


def bundled_tape(name: str, pace: Pace = _AS_IT_WAS) -> Tape:
    """Return a tape of the package. Raises `UsageError` if there is none of this name."""
    return tape_of(name, read_recording(read(name)), pace)


def read_recording(body: bytes) -> Recording:
    """Read a recording. Raises `SseError`, with the line, for what is none."""
    return gather(decode(BytesIO(body)))


def plain(body: bytes, name: str, pace: Pace = _AS_IT_WAS) -> Tape:
    """Return the tape of a body, at `/NAME`: a chunk for each event, at an interval, or as the pace says."""
    content_type = ENDINGS.get(Path(name).suffix.lower()) or _BY_FORMAT[format_of(None, body)]
    head = Head(
        request=Asked(method="GET", url=f"/{quote(name)}"),
        response=Answered(status=200, headers=(("Content-Type", content_type),)),
    )
    pieces = body.splitlines(keepends=True) if content_type.startswith("text/plain") else [body]
    chunks = tuple(Chunk(piece, 0.0) for piece in pieces if piece)
    recording = Recording((Exchange(head, chunks, End(at=0.0, reason="eof")),))
    own = pace._replace(
        rechunk=EVENT if pace.rechunk is None else pace.rechunk,
        interval=INTERVAL if pace.interval is None else pace.interval,
    )
    return tape_of(name, recording, own, any_method=True)
