"""The kind of an event: its type or, where that is the usual `message`, what its data says that it is."""

import re
from enum import IntEnum

from sse_cli.core.extract import NOTHING
from sse_cli.core.items import Event, Json

_USUAL = "message"
_NAMING = ("type", "event_type", "event", "object", "method")
"""Where formats name the kind, the most telling first: `method` is that of JSON-RPC."""

_WORD = re.compile(r"[A-Za-z_][\w.:/-]{0,99}", re.ASCII)
_MARKER = re.compile(r"\[[A-Z_]{1,40}\]")
_LONGEST = 100

_HEARTBEAT = re.compile(r"(?:message:)?(?:ping|heart-?_?beat|keep-?_?alive)", re.IGNORECASE)


class Detail(IntEnum):
    """How closely kinds are told apart: less so where a stream has too many of them."""

    WORDS = 2
    TYPES = 1
    NONE = 0


def kind_of(event: Event, root: Json) -> str:
    """Return an event's kind; `root` is its decoded data, or `NOTHING`.

    That is `content_block_delta`, `message:chat.completion.chunk`, `message:[DONE]`, or `message` alone.
    """
    if event.type != _USUAL:
        return event.type if len(event.type) <= _LONGEST else f"{event.type[:_LONGEST]}…"
    if root is NOTHING:
        return f"{_USUAL}:{event.data}" if _MARKER.fullmatch(event.data) else _USUAL
    if type(root) is dict:
        for name in _NAMING:
            word = root.get(name)
            if type(word) is str and _WORD.fullmatch(word):
                return f"{_USUAL}:{word}"
    return _USUAL


def coarse(kind: str, detail: Detail) -> str:
    """Return a kind as it is called where they are told apart in less detail."""
    if detail is Detail.NONE:
        return "*"
    is_word = kind.startswith(f"{_USUAL}:") and not is_heartbeat(kind)
    return _USUAL if detail is Detail.TYPES and is_word else kind


def is_heartbeat(kind: str) -> bool:
    """Tell whether events of this kind only keep the connection open: they come when they come, or not."""
    return _HEARTBEAT.fullmatch(kind) is not None
