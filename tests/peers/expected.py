"""What every real server of this folder sends, as data; the servers read it from here too.

`BLOCKS` is the stream on /events as it is sent, `EVENTS` as a reader must see it.
"""

import json
from dataclasses import dataclass


@dataclass(frozen=True)
class Block:
    """One block of a stream; what is None is not sent."""

    comment: str | None = None
    id: str | None = None
    event: str | None = None
    data: str | None = None
    retry: int | None = None


@dataclass(frozen=True)
class Seen:
    """An event as a reader sees it; `id` and `retry` as the block sent them, `last_event_id` as in force."""

    type: str
    data: str
    id: str | None = None
    last_event_id: str = ""
    retry: int | None = None


BLOCKS = [
    Block(comment="welcome"),
    Block(id="1", event="greeting", data="hello", retry=1500),
    Block(id="2", data="first line\nsecond line\n\nfourth line"),
    Block(comment="ping"),
    # Each of these would be cut in two by a reader that takes every Unicode line end for one.
    Block(id="3", event="unicode", data="héllo 世界 🌍 \u2028 \x85 \x0b end"),
    Block(data="  two spaces before: and a colon"),
    Block(data=""),
    Block(id="id-alone"),
    Block(event="json", data='{"n": 7, "text": "a\\nb"}', comment="inside a block"),
    Block(id="", event="reset", data="no id from here on"),
    Block(event="end", data="bye"),
]

EVENTS = [
    Seen("greeting", "hello", id="1", last_event_id="1", retry=1500),
    Seen("message", "first line\nsecond line\n\nfourth line", id="2", last_event_id="2"),
    Seen("unicode", "héllo 世界 🌍 \u2028 \x85 \x0b end", id="3", last_event_id="3"),
    Seen("message", "  two spaces before: and a colon", last_event_id="3"),
    Seen("message", "", last_event_id="3"),
    Seen("json", '{"n": 7, "text": "a\\nb"}', last_event_id="id-alone"),
    Seen("reset", "no id from here on", id=""),
    Seen("end", "bye"),
]

COMMENTS = ["welcome", "ping", "inside a block"]

TOKENS_TEXT = "Streams ripple – 流れ 🌊."
_TOKENS = ["Streams", " ripple", " –", " 流", "れ", " 🌊", "."]
_USAGE = {"prompt_tokens": 5, "completion_tokens": len(_TOKENS), "total_tokens": 5 + len(_TOKENS)}


def _answer(choices: list[dict[str, object]], **more: object) -> Block:
    chunk = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "peer"}
    return Block(data=json.dumps({**chunk, "choices": choices, **more}, ensure_ascii=False))


def _delta(delta: dict[str, str], finish: str | None = None) -> Block:
    return _answer([{"index": 0, "delta": delta, "finish_reason": finish}])


TOKENS = [
    _delta({"role": "assistant", "content": ""}),
    *(_delta({"content": token}) for token in _TOKENS),
    _delta({}, "stop"),
    _answer([], usage=_USAGE),
    Block(data="[DONE]"),
]
"""The stream on /tokens: an answer as OpenAI's chat completions stream it, with the text `TOKENS_TEXT`."""

SLOW = [Block(id=str(n), event="tick", data=str(n)) for n in range(1, 6)]
"""The stream on /slow: these, with `SLOW_GAP` seconds before each but the first."""

SLOW_GAP = 0.1

ERROR = {"error": {"message": "the model has gone fishing", "type": "server_error"}}
"""The JSON body on /error; its status is 500."""


def wire(blocks: list[Block], eol: str = "\n") -> bytes:
    """Return the bytes of these blocks, as all servers of this folder write them."""
    return "".join(_write(block, eol) for block in blocks).encode()


def _write(block: Block, eol: str) -> str:
    fields: list[tuple[str, str | int | None]] = [
        ("", block.comment),
        ("id", block.id),
        ("event", block.event),
        *(("data", line) for line in (block.data or "").split("\n") if block.data is not None),
        ("retry", block.retry),
    ]
    return "".join(f"{name}: {value}{eol}" for name, value in fields if value is not None) + eol
