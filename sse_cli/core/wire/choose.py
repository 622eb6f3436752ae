"""Which decoder reads a body: told by the content type, or, where that says little, by the first bytes."""

import codecs
import re

import msgspec

from sse_cli.core import payload
from sse_cli.core.wire.decoder import Decoder
from sse_cli.core.wire.json_values import JsonDecoder
from sse_cli.core.wire.ndjson import NdjsonDecoder
from sse_cli.core.wire.sse import SseDecoder
from sse_cli.core.wire.text import LinesDecoder, TextDecoder


class Format(msgspec.Struct, frozen=True):
    """A row of `DECODERS`: the class that reads a format, and what its events are, in a line."""

    decoder: type[Decoder]
    doc: str


DECODERS = {
    "sse": Format(SseDecoder, "Server-Sent Events"),
    "ndjson": Format(NdjsonDecoder, "newline-delimited JSON: each line is an event"),
    "json-array": Format(JsonDecoder, "JSON values, or the elements of an array, whatever the line breaks"),
    "text": Format(TextDecoder, "plain text: each chunk is an event"),
    "lines": Format(LinesDecoder, "plain text: each line is an event"),
}
"""Every format that can be read, by the name it is asked for."""

FORMAT_OF_TYPE = {
    "text/event-stream": "sse",
    **dict.fromkeys(
        (
            "application/x-ndjson",
            "application/ndjson",
            "application/jsonl",
            "application/jsonlines",
            "application/x-jsonlines",
            "application/stream+json",
            "application/json-seq",
        ),
        "ndjson",
    ),
    "application/json": "json-array",
}
"""What a content type says by itself. Any other `+json` is read like application/json."""

# These say little: servers fall back on them when nobody set a type. Any other type is taken at its word.
_UNTOLD = {"", "text/plain", "application/octet-stream"}

# Patterns that `re` compiles when they are asked for: a type that is told needs none of them.
# Flowise sends an unknown field "message" before its data.
_SSE_START = rb":|(?:message:?(?:\r\n?|\n))?(?:data|event|id|retry)[:\r\n]"
_FIELDS = [b"data", b"event", b"id", b"retry"]
_SSE_STARTS = _FIELDS + [
    b"message" + colon + eol + field
    for colon in (b"", b":")
    for eol in (b"\n", b"\r", b"\r\n")
    for field in _FIELDS
]
_OBJECT_START = rb'\{\s*+(?:["}]|\Z)'
_SCALAR = rb"(?:-?\d++(?:\.\d++)?(?:[eE][+-]?\d++)?|true|false|null)"
# Neither "[2026-01-31] a line of a log" nor "[1] a note".
_ARRAY_START = rb'\[\s*+(?:["{\[\]]|\Z|%b\s*+(?:,|\]\s*(?:\n|\Z)|\Z))' % _SCALAR
_MARKUP_START = rb"(?i)<(?:!doctype|html|\?xml)"
_BOM = b"\xef\xbb\xbf"


class Choice(msgspec.Struct, frozen=True):
    """The decoder to read a body with, by its name in `DECODERS`.

    `sniffed` is the detail of a "sniffed" anomaly, or None where the content type said it. `stream` is
    False where the type is not one that streams have (markup, pictures), or the first bytes are markup or
    binary. Whether JSON is a stream or one document is known only at its end (`JsonDecoder.values`,
    `JsonDecoder.in_array`).
    """

    name: str
    sniffed: str | None = None
    stream: bool = True


def choose(content_type: str | None, head: bytes, final: bool) -> Choice | None:
    """Tell how to read a body from its content type and its first bytes, or return None to see more of them.

    `head` is all that has come of it, and `final` says that no more will.
    """
    essence = (content_type or "").partition(";")[0].strip().lower()
    name = FORMAT_OF_TYPE.get(essence) or ("json-array" if essence.endswith("+json") else None)
    if name == "json-array":
        return _sniff_json(essence, head, final)
    if name:
        return Choice(name)
    return _sniff(essence, head, final) if essence in _UNTOLD else Choice("text", stream=False)


def _sniff_json(essence: str, head: bytes, final: bool) -> Choice | None:
    """Tell SSE that is said to be JSON, which never begins in that way, from what is."""
    lines = head.removeprefix(_BOM).lstrip(b"\r\n")
    if not (final or _is_told(head, lines)):
        return None
    if not re.match(_SSE_START, lines):
        return Choice("json-array")
    return Choice("sse", _seen(essence, lines))


def _seen(essence: str, body: bytes) -> str:
    return (
        f"{essence or 'no content type'}, and the body begins with {body[:20].decode('utf-8', 'replace')!r}"
    )


def _sniff(essence: str, head: bytes, final: bool) -> Choice | None:
    lines = head.removeprefix(_BOM).lstrip(b"\r\n")
    body = lines.lstrip()
    if not (final or (body and _is_told(head, lines))):
        return None
    name = _name_by_start(lines, body)
    if name == "text":
        markup = essence != "text/plain" and re.match(_MARKUP_START, body)
        return Choice("text", stream=not (markup or _is_binary(head)))
    return Choice(name, _seen(essence, body))


def _is_told(head: bytes, lines: bytes) -> bool:
    """Tell whether no more bytes could make a BOM or a field of SSE of what has come."""
    return not (_BOM.startswith(head) or any(start.startswith(lines) for start in _SSE_STARTS))


def _name_by_start(lines: bytes, body: bytes) -> str:
    """Return the format; `lines` is the body without leading line ends, `body` without any leading space."""
    if re.match(_SSE_START, lines):
        return "sse"
    if re.match(_OBJECT_START, body):
        return "ndjson" if _is_json_line(body) else "json-array"
    return "json-array" if re.match(_ARRAY_START, body) else "text"


def _is_json_line(body: bytes) -> bool:
    line, end, _ = body.partition(b"\n")
    try:
        payload.decode(line)
    except payload.NotJson:
        return False
    return bool(end)


def _is_binary(head: bytes) -> bool:
    """Tell whether there is a NUL, or more than a quarter of the characters are not UTF-8."""
    text, _ = codecs.utf_8_decode(head, "replace", False)
    return "\0" in text or text.count("\ufffd") * 4 > len(text)
