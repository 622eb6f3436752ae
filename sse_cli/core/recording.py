"""The recording format: a stream with its times, as lines of JSON that can be written while it goes on.

The first line is the head: version, wall-clock start, what was asked and how the answer began. Then comes a
line for each chunk, `[seconds, "text"]` or, where the bytes are not UTF-8, `[seconds, "base64", "base64"]`.
Where a connection ended and another was asked for, a line says how, and the next one begins like a head. The
last line says how it all ended, with the summary. Seconds are counted from the first request, nine decimals.

A file that has no last line, or half a one, is what a run left behind that was killed: all before it counts.
"""

from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator
from typing import Any, TypeAlias, TypeVar

import msgspec

from sse_cli.core import payload
from sse_cli.core.items import Chunk, Fault
from sse_cli.errors import SseError

VERSION = 1
_FORMAT = "sse-recording/"
MAGIC = b'{"version":"' + _FORMAT.encode()
"""What every recording begins with, so that it is known whatever its file is called."""

_T = TypeVar("_T")

Headers: TypeAlias = tuple[tuple[str, str], ...]


class Asked(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A request, secrets masked. `body` is its text; of a body that is none, only `body_bytes` are told."""

    method: str
    url: str
    headers: Headers = ()
    body: str | None = None
    body_bytes: int | None = None


class Answered(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A response's head, which came `at` so many seconds; the connection stood at `connected`.

    The request was about to be sent at `started`, which of the first one is 0. `url` is where redirects led,
    if that is another than was asked.
    """

    status: int
    headers: Headers = ()
    http_version: str = "HTTP/1.1"
    at: float = 0.0
    started: float | None = 0.0
    connected: float | None = None
    url: str | None = None


class Head(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A connection: `request`, and `response` unless none came.

    The first one of a recording has a `version`, and its `start` as ISO 8601 has it.
    """

    version: str | None = None
    start: str | None = None
    request: Asked
    response: Answered | None = None


class End(msgspec.Struct, frozen=True, kw_only=True):
    """How a recording ends: `reason` and `detail` are those of `items.Closed`; `summary` is the run's."""

    at: float
    reason: str
    detail: str = ""
    summary: dict[str, Any] | None = None


Entry: TypeAlias = Head | Chunk | Fault | End
"""What a line stands for. Times are seconds from the first request."""


def first_head(start: str, request: Asked, response: Answered | None) -> Head:
    """Return the head of a recording that is begun now."""
    return Head(version=f"{_FORMAT}{VERSION}", start=start, request=request, response=response)


def encode(entry: Entry) -> bytes:
    """Return an entry as its line."""
    match entry:
        case Chunk(data, at):
            value: Any = _encode_chunk(data, round(at, 9))
        case Fault():
            rounded = {"at": round(entry.at, 9), "retry_in": round(entry.retry_in, 9)}
            value = {"fault": {**msgspec.structs.asdict(entry), **rounded}}
        case End():
            value = {"end": entry}
        case _:
            value = entry
    return payload.encode(value).encode() + b"\n"


def _encode_chunk(data: bytes, at: float) -> list[float | str]:
    try:
        return [at, data.decode()]
    except UnicodeDecodeError:
        return [at, b64encode(data).decode(), "base64"]


def decode(lines: Iterable[bytes]) -> Iterator[Entry]:
    """Give the entries of a recording. Raises `SseError`, which names the line, for one that is none.

    Each line has its end but for a last one that is cut, which is passed over.
    """
    for number, line in enumerate(lines, 1):
        try:
            entry = _decode(line)
        except (ValueError, TypeError) as error:
            if number > 1 and not line.endswith(b"\n"):
                return
            raise SseError(f"line {number} of the recording cannot be read: {error}", _HINT) from error
        if number == 1:
            _check_version(entry)
        yield entry


_HINT = "Was it changed by hand? Each line is one JSON value, as written by --record."


def _decode(line: bytes) -> Entry:
    value = payload.decode(line)
    if isinstance(value, list):
        return _decode_chunk(value)
    if not isinstance(value, dict):
        raise TypeError("it is neither a chunk nor an object")
    if "fault" in value:
        return _convert(value["fault"], Fault)
    if "end" in value:
        return _convert(value["end"], End)
    return _convert(value, Head)


def _decode_chunk(value: list[Any]) -> Chunk:
    if len(value) == 2:
        at, text = _convert(value, tuple[float, str])
        return Chunk(text.encode(), at)
    at, text, coding = _convert(value, tuple[float, str, str])
    if coding != "base64":
        raise ValueError(f"the coding {coding!r} is not known")
    return Chunk(b64decode(text, validate=True), at)


def _convert(value: Any, kind: type[_T]) -> _T:
    return msgspec.convert(value, kind)


def _check_version(entry: Entry) -> None:
    version = entry.version if isinstance(entry, Head) else None
    if version is None or not version.startswith(_FORMAT):
        raise SseError("line 1 of the recording is not its head", _HINT)
    if version != f"{_FORMAT}{VERSION}":
        raise SseError(
            f"the recording is of version {version.removeprefix(_FORMAT)}, and this program reads {VERSION}",
            "A newer sse reads it.",
        )


class Exchange(msgspec.Struct, frozen=True):
    """One connection of a recording, whole: its head, its chunks, and how it ended.

    `end` is None where the recording ends without a word.
    """

    head: Head
    chunks: tuple[Chunk, ...]
    end: Fault | End | None = None


class Recording(msgspec.Struct, frozen=True):
    """A whole recording: one connection or, where it was asked again, several."""

    exchanges: tuple[Exchange, ...]

    def entries(self) -> Iterator[Entry]:
        """Give its entries, as `decode` does."""
        for exchange in self.exchanges:
            yield exchange.head
            yield from exchange.chunks
            if exchange.end is not None:
                yield exchange.end


def gather(entries: Iterable[Entry]) -> Recording:
    """Put a recording together from its entries."""
    exchanges: list[Exchange] = []
    head: Head | None = None
    chunks: list[Chunk] = []
    end: Fault | End | None = None
    for entry in entries:
        if isinstance(entry, Head):
            if head is not None:
                exchanges.append(Exchange(head, tuple(chunks), end))
            head, chunks, end = entry, [], None
        elif isinstance(entry, Chunk):
            chunks.append(entry)
        else:
            end = entry
    if head is not None:
        exchanges.append(Exchange(head, tuple(chunks), end))
    return Recording(tuple(exchanges))
