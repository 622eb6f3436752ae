"""The streams that the benchmarks read, made afresh and the same each time, and the ways to cut them."""

import json
import random
from collections.abc import Iterator
from functools import cache
from typing import Any, TypeAlias

Json: TypeAlias = Any

EVENT_BYTES = 250
"""The size of one event of a chat model, most of which is the JSON around a word."""

PIECE = 64 * 1024
"""What one read of a fast connection or of a file gives."""

# One word in ten is not ASCII, as in a chat that is not all English.
_TEXT = (
    'The river keeps its "naïve" way, and so does every other thing that moves in a town by night. 🌊 '
    "Whoever asks it for 水 is given some, and it asks for nothing but room"
)
_WORDS = [f" {word}" for word in _TEXT.split(" ")]


def _chunk(number: int, room: int) -> str:
    """Return the JSON of one piece of an answer, filled up to `room` bytes."""
    choice = {"index": 0, "delta": {"content": _WORDS[number % len(_WORDS)]}, "finish_reason": None}
    body = {
        "id": f"chatcmpl-{number:08d}",
        "object": "chat.completion.chunk",
        "created": 1700000000,
        "model": "benchmark-model",
        "choices": [choice],
        "obfuscation": "",
    }
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return f"{text[:-2]}{'x' * (room - len(text.encode()))}{text[-2:]}"


def model_event(number: int) -> bytes:
    """Return one event as OpenAI's chat completions send it: data alone."""
    return b"data: %b\n\n" % _chunk(number, EVENT_BYTES - len("data: \n\n")).encode()


def model_events(size: int) -> list[bytes]:
    """Return as many model events as make up `size` bytes."""
    return [model_event(number) for number in range(size // EVENT_BYTES)]


@cache
def _block_delta(number: int) -> bytes:
    words = "".join(_WORDS)
    delta = {"type": "text_delta", "text": words[number:]}
    body = {"type": "content_block_delta", "index": 0, "delta": delta}
    head = "event: content_block_delta\ndata: "

    def block() -> bytes:
        return f"{head}{json.dumps(body, ensure_ascii=False, separators=(',', ':'))}\n\n".encode()

    while len(block()) > EVENT_BYTES:
        delta["text"] = delta["text"][:-1]
    return block()


def block_events(size: int) -> list[bytes]:
    """Return events as Anthropic's messages send them, each with as much text as makes it 250 bytes."""
    return [_block_delta(number % 20) for number in range(size // EVENT_BYTES)]


def typed_events(size: int) -> list[bytes]:
    """Return model events with an event type and an id each; the first one sets `retry`, too."""
    events = []
    for number in range(size // EVENT_BYTES):
        head = f"event: delta\nid: {number:08d}\n"
        data = _chunk(number, EVENT_BYTES - len(head) - len("data: \n\n"))
        retry = "" if number else "retry: 3000\n"
        events.append(f"{head}{retry}data: {data}\n\n".encode())
    return events


def tiny_events(count: int) -> list[bytes]:
    """Return the smallest events that say something."""
    return [b"data: %d\n\n" % (number % 10) for number in range(count)]


def long_events(size: int, lines: int = 50) -> list[bytes]:
    """Return events of many data lines, as indented JSON or a log would be sent."""
    events: list[bytes] = []
    made = 0
    while made < size:
        rows = [f"data:  {number:03d} {_WORDS[number % len(_WORDS)]} |\n" for number in range(lines)]
        events.append(f"{''.join(rows)}\n".encode())
        made += len(events[-1])
    return events


def one_line(size: int) -> bytes:
    """Return one event with one data line of `size` bytes."""
    return b"data: %b\n\n" % (b"0123456789abcdef" * (size // 16))


def with_crlf(events: list[bytes]) -> list[bytes]:
    """Return the same events with CRLF for every line end."""
    return [event.replace(b"\n", b"\r\n") for event in events]


def cut(data: bytes, size: int) -> list[bytes]:
    """Cut into pieces of `size` bytes."""
    return [data[start : start + size] for start in range(0, len(data), size)]


def cut_at_random(data: bytes, mean: int) -> list[bytes]:
    """Cut into pieces of 1 to `2 * mean - 1` bytes; characters and line ends are cut through as well."""
    source = random.Random(9)
    return list(_random_pieces(data, mean, source))


def _random_pieces(data: bytes, mean: int, source: random.Random) -> Iterator[bytes]:
    start = 0
    while start < len(data):
        end = start + source.randint(1, 2 * mean - 1)
        yield data[start:end]
        start = end
