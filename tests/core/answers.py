"""Answers in the shape of OpenAI's chat completions, chunk by chunk with the time each came at.

They have what load generators see differently: a delta with a role alone, reasoning under both of its names,
an empty text, several events in one chunk, one event in two, a piece of a tool call without a word in it.
"""

import json
from typing import Any

Chunks = list[tuple[float, bytes]]


def event(delta: dict[str, Any] | None, finish: str | None = None, **more: Any) -> bytes:
    """Return one event with this delta, or without a choice."""
    choices = [] if delta is None else [{"index": 0, "delta": delta, "finish_reason": finish}]
    value = {"id": "a-1", "object": "chat.completion.chunk", "model": "m", "choices": choices, **more}
    return b"data: " + json.dumps(value).encode() + b"\n\n"


def call(**function: str) -> dict[str, Any]:
    """Return a delta with a piece of a tool call."""
    return {"tool_calls": [{"index": 0, "id": "c-1", "type": "function", "function": function}]}


USAGE = {"prompt_tokens": 7, "completion_tokens": 22, "total_tokens": 29}

PIECES = [
    event({"role": "assistant", "content": ""}),
    b": ping\n\n",
    event({"reasoning_content": "Hm"}),
    event({"reasoning": ", so"}),
    event({"content": ""}),
    event({"content": "Ro"}) + event({"content": "me"}) + event({"content": " is"}),
    event({"content": " large"})[:70],
    event({"content": " large"})[70:] + event({"content": "."}),
    event({"content": " And", "reasoning": "?"}),
    event(call(name="weather", arguments="")),
    event(call(arguments="")),
    event(call(arguments='{"city": "Rome"}')),
    event({"content": " hot"}),
    event({}, finish="stop"),
    event(None, usage=USAGE),
    b"data: [DONE]\n\n",
]


def at_times(start: float, steps: list[float], scale: float) -> Chunks:
    """Return the pieces, each so many steps of `scale` seconds after the one before."""
    chunks, at = [], 0.0
    for step, piece in zip(steps, PIECES, strict=True):
        at += step
        chunks.append((start + at * scale, piece))
    return chunks


_STEPS = [200.0, 3, 51, 17, 9, 1, 22, 5, 13, 8, 2, 40, 11, 6, 4, 1]

EVEN_START = 64.0
EVEN = at_times(EVEN_START, _STEPS, 1 / 512)
"""Every time is a multiple of 1/512 s, a whole number of nanoseconds too: no difference is rounded."""

ODD_START = 1234.567891
ODD = at_times(ODD_START, _STEPS, 0.0023717)
"""Times as clocks give them."""
