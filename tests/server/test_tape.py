"""Tapes: how they are read, and what the one of the package holds."""

import json
import re
import unicodedata
from itertools import pairwise
from typing import Any

import pytest

from sse_cli.core.items import Chunk, Comment, Event, WireItem
from sse_cli.core.wire.sse import SseDecoder
from sse_cli.errors import SseError, UsageError
from sse_cli.server.tape import Tape, decode_tape, load_tape, tape_names

HEAD = (
    b'{"version":1,"request":{"method":"GET","url":"http://h/events?a=b"},'
    b'"response":{"status":206,"headers":[["A","1"],["A","2"]]},"start":"2025-06-02T09:30:00Z"}'
)


def test_a_tape_is_a_head_and_timed_pieces() -> None:
    tape = decode_tape(HEAD + b'\n[0, "data: \xe6\xb5\x81\xe2\x80\xa8\\n"]\n[1.25, "\\n"]\n')
    chunks = (Chunk("data: 流\u2028\n".encode(), 0.0), Chunk(b"\n", 1.25))
    assert tape == Tape("/events", 206, (("A", "1"), ("A", "2")), chunks)


@pytest.mark.parametrize(
    ("data", "line"),
    [
        (b"", 1),
        (b"data: a\n", 1),
        (HEAD.replace(b'"version":1', b'"version":2'), 1),
        (HEAD + b'\n[0, "a"]\n\n', 3),
        (HEAD + b'\n[0, "a"]\n["b", 1]\n', 3),
        (HEAD + b'\n[0, "a"', 2),
        (HEAD + b'\n[0, "\xff"]', 2),
    ],
    ids=["empty", "sse", "version", "blank", "swapped", "cut", "not-utf8"],
)
def test_what_is_no_tape_is_refused_with_its_line(data: bytes, line: int) -> None:
    with pytest.raises(SseError, match=f"^line {line} of the tape cannot be read: "):
        decode_tape(data)


def test_an_unknown_name_is_answered_with_the_known_ones() -> None:
    for name in ("nothing", "../tape"):
        with pytest.raises(UsageError, match=re.escape(f"there is no tape named {name!r}")) as caught:
            load_tape(name)
        assert caught.value.hint == "The tapes are: openai-chat."


def test_every_tape_of_the_package_can_be_read() -> None:
    assert "openai-chat" in tape_names()
    for name in tape_names():
        tape = load_tape(name)
        times = [chunk.at for chunk in tape.chunks]
        assert times == sorted(times)
        decoder = SseDecoder()
        items = [decoder.feed(chunk.data) for chunk in tape.chunks]
        assert all(len(of_chunk) == 1 for of_chunk in items), "one item per chunk"
        assert decoder.end() == []


def demo_items() -> list[tuple[float, WireItem]]:
    decoder = SseDecoder()
    tape = load_tape("openai-chat")
    return [(chunk.at, item) for chunk in tape.chunks for item in decoder.feed(chunk.data, chunk.at)]


def demo_answers() -> list[tuple[float, dict[str, Any]]]:
    """Return the JSON events of the demo with their times."""
    events = [(at, item.data) for at, item in demo_items() if isinstance(item, Event)]
    assert events[-1][1] == "[DONE]"
    return [(at, json.loads(data)) for at, data in events[:-1]]


def demo_deltas(key: str) -> list[tuple[float, str]]:
    deltas = [(at, answer["choices"][0]["delta"]) for at, answer in demo_answers() if answer["choices"]]
    return [(at, delta[key]) for at, delta in deltas if delta.get(key)]


def test_the_demo_has_the_shape_of_a_model_answer() -> None:
    answers = [answer for _, answer in demo_answers()]
    assert answers[0]["choices"][0]["delta"] == {"role": "assistant", "content": ""}
    assert answers[-2]["choices"] == [{"index": 0, "delta": {}, "finish_reason": "stop"}]
    content, reasoning = len(demo_deltas("content")), len(demo_deltas("reasoning_content"))
    assert answers[-1]["choices"] == []
    usage = answers[-1]["usage"]
    assert usage["completion_tokens"] == content + reasoning
    assert usage["completion_tokens_details"]["reasoning_tokens"] == reasoning
    assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"]


def test_the_demo_is_worth_looking_at() -> None:
    content = demo_deltas("content")
    text = "".join(piece for _, piece in content)
    assert 60 <= len(content) <= 90
    assert "**Server-Sent Events**" in text
    assert "\n- `data:`" in text
    assert "📬" in text
    assert any("CJK" in unicodedata.name(sign, "") for sign in text)
    assert [item.text for _, item in demo_items() if isinstance(item, Comment)] == ["keep-alive"]


def test_the_demo_has_gaps_of_all_sizes_and_one_stall() -> None:
    times = [at for at, _ in demo_deltas("content")]
    gaps = [later - earlier for earlier, later in pairwise(times)]
    stalls = [gap for gap in gaps if gap > 0.09]
    assert len(stalls) == 1
    assert 0.7 < stalls[0] < 1.0
    assert min(gaps) >= 0.0199
    assert len({round(gap, 3) for gap in gaps}) > 30
    assert 5 <= demo_items()[-1][0] <= 6
