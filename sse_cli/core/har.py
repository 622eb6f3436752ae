"""HTTP archives as recordings: the streams in a HAR 1.2 file, with the times that it has.

A browser keeps when the head and the end of an answer came, and its whole body. Tools built on Chromium keep
each message of an EventSource as well, in `_eventSourceMessages`, with the time of its arrival.
"""

from base64 import b64decode
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import msgspec

from sse_cli.core import payload
from sse_cli.core.items import Chunk, Event
from sse_cli.core.recording import Answered, Asked, End, Exchange, Headers, Recording, first_head
from sse_cli.core.secrets import mask_body, mask_headers, mask_url
from sse_cli.core.wire.choose import FORMAT_OF_TYPE
from sse_cli.core.wire.sse import SseDecoder
from sse_cli.errors import UsageError

_BEFORE_HEAD = ("blocked", "dns", "connect", "send", "wait")
"""The timings of a request, one after another, until its answer's head; `ssl` is a part of `connect`."""


class _Pair(msgspec.Struct):
    name: str
    value: str


class _PostData(msgspec.Struct):
    text: str = ""


class _Request(msgspec.Struct, rename="camel"):
    method: str
    url: str
    headers: list[_Pair] = []
    post_data: _PostData | None = None


class _Body(msgspec.Struct, rename="camel"):
    mime_type: str = ""
    text: str | None = None
    encoding: str = ""


class _Response(msgspec.Struct, rename="camel"):
    status: int
    content: _Body
    headers: list[_Pair] = []
    http_version: str = ""


class _Message(msgspec.Struct, rename="camel"):
    """One message of an EventSource; `time` is seconds since 1970."""

    time: float
    data: str
    event_name: str = ""
    event_id: str = ""


class _Entry(msgspec.Struct, rename="camel"):
    """One request; `time` and the `timings` are milliseconds, and -1 where there is no such thing."""

    started_date_time: str
    request: _Request
    response: _Response
    time: float = 0.0
    timings: dict[str, Any] = {}
    messages: list[_Message] = msgspec.field(default=[], name="_eventSourceMessages")


class _Log(msgspec.Struct):
    entries: list[_Entry]


class _Archive(msgspec.Struct):
    log: _Log


def streams(data: bytes) -> tuple[Recording, ...]:
    """Return the streams of an archive, in its order. Raises `UsageError` for what is none."""
    try:
        archive = msgspec.convert(payload.decode(data.removeprefix(b"\xef\xbb\xbf")), _Archive)
        return tuple(_recording(entry) for entry in archive.log.entries if _is_stream(entry))
    except ValueError as error:
        raise UsageError(
            f"not an HTTP archive that can be read: {error}",
            "It should be a HAR 1.2 file, as browsers save it.",
        ) from error


def chosen(data: bytes, name: str, number: int | None) -> tuple[Recording, ...]:
    """Return all streams of an archive, or the one of this number. Raises `UsageError` if there is none."""
    found = streams(data)
    if not found:
        raise UsageError(
            f"{name} holds no stream",
            "Browsers leave bodies out of some archives: save it again with content.",
        )
    if number is not None and number > len(found):
        raise UsageError(f"{name} has no stream #{number}", f"It holds {len(found)}.")
    return found if number is None else found[number - 1 : number]


def _is_stream(entry: _Entry) -> bool:
    """Tell a stream: by its type, or since it was an EventSource's. JSON is a document, mostly."""
    essence = entry.response.content.mime_type.partition(";")[0].strip().lower()
    return bool(entry.messages) or FORMAT_OF_TYPE.get(essence, "json-array") != "json-array"


def _recording(entry: _Entry) -> Recording:
    head_at = sum(_milliseconds(entry.timings.get(name)) for name in _BEFORE_HEAD) / 1000
    answered = Answered(
        status=entry.response.status,
        headers=_headers(entry.response.headers) or _type_of(entry.response.content),
        http_version=_version(entry.response.http_version),
        at=head_at,
    )
    start = _seconds(entry.started_date_time)
    chunks = tuple(_chunks(entry, start, head_at))
    last = max(entry.time / 1000, chunks[-1].at if chunks else head_at)
    head = first_head(entry.started_date_time, _asked(entry.request), answered)
    return Recording((Exchange(head, chunks, End(at=last, reason="eof")),))


def _asked(request: _Request) -> Asked:
    body = mask_body(request.post_data.text) if request.post_data is not None else ""
    return Asked(
        method=request.method,
        url=mask_url(request.url),
        headers=tuple(mask_headers(_headers(request.headers))),
        body=body or None,
    )


def _headers(pairs: Sequence[_Pair]) -> Headers:
    """Return headers, without those of HTTP/2 that are none."""
    return tuple((pair.name, pair.value) for pair in pairs if not pair.name.startswith(":"))


def _type_of(content: _Body) -> Headers:
    return (("Content-Type", content.mime_type or "text/event-stream"),)


def _version(text: str) -> str:
    """Return the version as responses write it; browsers write h2 and h3, too."""
    return {"h2": "HTTP/2", "h3": "HTTP/3", "": "HTTP/1.1"}.get(text.lower(), text.upper())


def _chunks(entry: _Entry, start: float, head_at: float) -> Iterator[Chunk]:
    """Give the body: a chunk for each message, where their times are known, else all of it at the end."""
    body = _decoded(entry.response.content)
    times = [max(message.time - start, head_at) for message in entry.messages]
    if body:
        blocks = list(_blocks(body)) if times else []
        if blocks and len(blocks) == len(times):
            yield from (Chunk(block, at) for block, at in zip(blocks, times, strict=True))
        else:
            yield Chunk(body, max(entry.time / 1000, head_at))
        return
    for message, at in zip(entry.messages, times, strict=True):
        yield Chunk(_written(message), at)


def _decoded(content: _Body) -> bytes:
    text = content.text or ""
    return b64decode(text, validate=True) if content.encoding == "base64" else text.encode("utf-8", "replace")


def _blocks(body: bytes) -> Iterator[bytes]:
    """Cut a body behind each event, so that all of it is given: what no event has goes to the next."""
    decoder = SseDecoder()
    begin = end = 0
    while (cut := body.find(b"\n", end) + 1) > 0:
        items = decoder.feed(body[end:cut])
        end = cut
        if any(isinstance(item, Event) for item in items):
            yield body[begin:end]
            begin = end
    if begin < len(body) and begin:
        yield body[begin:]


def _written(message: _Message) -> bytes:
    """Return a message as a block of SSE; its comments and what was not dispatched are not kept."""
    lines = [f"event: {message.event_name}"] if message.event_name not in ("", "message") else []
    lines += [f"id: {message.event_id}"] if message.event_id else []
    lines += [f"data: {line}" for line in message.data.split("\n")]
    return ("\n".join(lines) + "\n\n").encode("utf-8", "replace")


def _milliseconds(value: object) -> float:
    return max(float(value), 0.0) if isinstance(value, int | float) else 0.0


def _seconds(iso: str) -> float:
    return datetime.fromisoformat(iso).timestamp()
