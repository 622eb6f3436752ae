"""Tapes: a response as text, with the time of each of its pieces, to be played again.

A tape is one JSON value per line. The first says what was asked and how the answer began; each one after it
is `[seconds, "text"]`, the seconds counted from the request. The tapes of the package are in `tapes/`.
"""

from pathlib import Path
from typing import Literal, TypeVar
from urllib.parse import urlsplit

import msgspec

from sse_cli.core.items import Chunk
from sse_cli.errors import SseError, UsageError

_FOLDER = Path(__file__).with_name("tapes")


class Tape(msgspec.Struct, frozen=True):
    """A response that can be played. `at` of a chunk is in seconds since the request; `path` has no query."""

    path: str
    status: int
    headers: tuple[tuple[str, str], ...]
    chunks: tuple[Chunk, ...]


class _Request(msgspec.Struct, frozen=True):
    method: str
    url: str


class _Response(msgspec.Struct, frozen=True):
    status: int
    headers: tuple[tuple[str, str], ...]


class _Head(msgspec.Struct, frozen=True):
    """The first line of a tape; `start` is the wall-clock time of the request, in ISO 8601."""

    version: Literal[1]
    request: _Request
    response: _Response
    start: str


_Line = TypeVar("_Line")
_head = msgspec.json.Decoder(_Head)
_piece = msgspec.json.Decoder(tuple[float, str])


def tape_names() -> list[str]:
    """Return the names of the tapes that come with the package."""
    return sorted(path.stem for path in _FOLDER.glob("*.tape"))


def load_tape(name: str) -> Tape:
    """Return the package's tape of this name; raise `UsageError` if there is none."""
    names = tape_names()
    if name not in names:
        raise UsageError(f"there is no tape named {name!r}", f"The tapes are: {', '.join(names)}.")
    return decode_tape((_FOLDER / f"{name}.tape").read_bytes())


def decode_tape(data: bytes) -> Tape:
    """Read a tape; raise `SseError`, naming the line, where it is not one."""
    first, *rest = data.splitlines() or [b""]  # of bytes, it cuts at CR and LF only
    head = _decode(_head, first, 1)
    pieces = (_decode(_piece, line, number) for number, line in enumerate(rest, 2))
    chunks = tuple(Chunk(text.encode(), at) for at, text in pieces)
    return Tape(urlsplit(head.request.url).path, head.response.status, head.response.headers, chunks)


def _decode(decoder: msgspec.json.Decoder[_Line], line: bytes, number: int) -> _Line:
    try:
        return decoder.decode(line)
    except (msgspec.MsgspecError, UnicodeError) as error:
        raise SseError(f"line {number} of the tape cannot be read: {error}") from error
