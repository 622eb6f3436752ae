"""From files to tapes: recordings, archives of browsers, and plain bodies, which have neither a request nor
times of their own."""

from collections.abc import Iterator, Sequence
from io import BytesIO
from pathlib import Path, PurePath
from urllib.parse import quote

from sse_cli.core.event_units import format_of
from sse_cli.core.files import PACKED, kind_of, unpacked, with_number
from sse_cli.core.har import chosen
from sse_cli.core.items import Chunk
from sse_cli.core.pace import EVENT, INTERVAL, Pace
from sse_cli.core.recording import Answered, Asked, End, Exchange, Head, Recording, decode, gather
from sse_cli.errors import Cut, SseError, UsageError
from sse_cli.server.bundled import TAPES, read
from sse_cli.server.tape import Tape, tape_of

ENDINGS = {
    ".sse": "text/event-stream",
    ".ndjson": "application/x-ndjson",
    ".jsonl": "application/x-ndjson",
    ".json": "",
    ".txt": "",
    ".har": "",
}
"""The files that are served out of a folder, and their content types; "" is told by the bytes."""

_BY_FORMAT = {
    "sse": "text/event-stream",
    "ndjson": "application/x-ndjson",
    "json-array": "application/json",
    "text": "text/plain; charset=utf-8",
}

_HINT = "Give a recording, a body (.sse .ndjson .json .txt), .har, a folder, or a name of sse demo --list."
_AS_IT_WAS = Pace()


def load(names: Sequence[str], pace: Pace) -> list[Tape]:
    """Return a tape for each file, for each in a folder, and for a tape of the package by its name.

    `FILE.har#2` is the second stream of an archive, which otherwise gives all of them. Raises `SseError` for
    what cannot be read, and for a folder in which there is nothing.
    """
    return [tape for name in names for tape in _load(name, pace)]


def _load(name: str, pace: Pace) -> Iterator[Tape]:
    path = Path(name)
    if path.is_dir():
        yield from _load_folder(path, pace)
    elif not path.exists() and name in TAPES:
        yield bundled_tape(name, pace)
    else:
        file, number = (name, None) if path.exists() else with_number(name)
        yield from _tapes(_read(Path(file)), Path(file).name, pace, number)


def _load_folder(folder: Path, pace: Pace) -> list[Tape]:
    found: list[Tape] = []
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and not any(part.startswith(".") for part in path.relative_to(folder).parts):
            body = _read(path)
            if _ending(name) in ENDINGS or kind_of(body) == "recording":
                found += _tapes(body, name, pace)
    if not found:
        raise UsageError(f"there is nothing to serve in {folder}", _HINT)
    return found


def _ending(name: str) -> str:
    """Return how a name ends, apart from how it is packed."""
    endings = [ending.lower() for ending in PurePath(name).suffixes]
    if endings and endings[-1] in PACKED:
        del endings[-1]
    return endings[-1] if endings else ""


def _read(path: Path) -> bytes:
    """Return a file's bytes, unpacked. Of a packed recording that was cut off, it is all that is there."""
    pieces: list[bytes] = []
    try:
        pieces.extend(unpacked([path.read_bytes()]))
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}", _HINT) from error
    except Cut as error:
        if not pieces or kind_of(pieces[0]) != "recording":
            raise UsageError(f"cannot read {path}: {error.message}", _HINT) from error
    return b"".join(pieces)


def _tapes(body: bytes, name: str, pace: Pace, number: int | None = None) -> Iterator[Tape]:
    """Give the tape of a file; of an archive, that of each stream in it, or of the one with this number."""
    kind = kind_of(body)
    if kind == "har":
        yield from _archived(body, name, pace, number)
    elif number is not None:
        raise UsageError(f"{name} is one stream, and has no #{number}", "Leave out what is behind the #.")
    elif kind == "recording":
        yield _recorded(body, name, pace)
    else:
        yield plain(body, name, pace)


def _archived(body: bytes, name: str, pace: Pace, number: int | None) -> Iterator[Tape]:
    found = chosen(body, name, number)
    for at, recording in enumerate(found, number or 1):
        yield tape_of(name if len(found) == 1 and number is None else f"{name}#{at}", recording, pace)


def _recorded(body: bytes, name: str, pace: Pace) -> Tape:
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
    content_type = ENDINGS.get(_ending(name)) or _BY_FORMAT[format_of(None, body)]
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
