"""Which decoder reads a body."""

import pytest

from sse_cli.core.wire.choose import DECODERS, FORMAT_OF_TYPE, Choice, choose

TYPES = {
    "text/event-stream": "sse",
    "text/event-stream; charset=utf-8": "sse",
    "text/event-stream;charset=UTF-8": "sse",
    "text/event-stream;": "sse",
    " Text/Event-Stream ": "sse",
    "application/x-ndjson": "ndjson",
    "application/ndjson; charset=utf-8": "ndjson",
    "application/jsonl": "ndjson",
    "application/stream+json": "ndjson",
    "application/json-seq": "ndjson",
    "application/json": "json-array",
    "Application/JSON; charset=UTF-8": "json-array",
    "application/problem+json": "json-array",
}


@pytest.mark.parametrize(("content_type", "name"), TYPES.items())
def test_a_known_type_is_taken_at_its_word(content_type: str, name: str) -> None:
    for head in (b"<html>", b"{", b"\0"):
        assert choose(content_type, head, final=False) == Choice(name)


@pytest.mark.parametrize("content_type", ["application/json", "application/problem+json; charset=utf-8"])
def test_what_is_said_to_be_json_is_sse_if_it_begins_so(content_type: str) -> None:
    """JSON cannot begin in that way."""
    for head in (b"data: x", b"\xef\xbb\xbf\nevent: a", b": hello\n"):
        found = choose(content_type, head, final=False)
        assert found is not None
        assert (found.name, found.sniffed is not None) == ("sse", True)
    for head in (b"", b"\n", b"da"):
        assert choose(content_type, head, final=False) is None
        assert choose(content_type, head, final=True) == Choice("json-array")


@pytest.mark.parametrize(
    "content_type",
    [
        "text/event-streamx",
        "xtext/event-stream",
        "text/html",
        "text/html; a=text/event-stream",
        "image/png",
        "text/xml",
        "application/xhtml+xml",
    ],
)
def test_another_type_is_no_stream(content_type: str) -> None:
    assert choose(content_type, b"data: x\n\n", final=False) == Choice("text", stream=False)


BOM = b"\xef\xbb\xbf"
HEADS = {
    b"data: x": "sse",
    b"data\n": "sse",
    b"data\r": "sse",
    b"event:x": "sse",
    b"id: 1": "sse",
    b"retry: 1": "sse",
    b": ping": "sse",
    b"\r\n\ndata:": "sse",
    BOM + b"data:": "sse",
    b"message:\ndata:{": "sse",
    b"message\r\nevent: x": "sse",
    b'{"a":1}\n{"b"': "ndjson",
    b'{"a":1}\r\n': "ndjson",
    BOM + b' {"a":1}\n': "ndjson",
    b'{"a":1}{"b":2}\n': "json-array",
    b'{"a":1}': "json-array",
    b'{\n "a": 1\n}\n': "json-array",
    b"{": "json-array",
    b"[": "json-array",
    b"[{\n": "json-array",
    b" [1, 2": "json-array",
    b'["a"': "json-array",
    b"[]": "json-array",
    b"[DONE]": "text",
    b"[2026-01-31] a log": "text",
    b"[1] a note": "text",
    b"{name}, hello": "text",
    b" data: x": "text",
    b"database: x": "text",
    b"Data: x": "text",
    b"message: hello": "text",
    b"Hello": "text",
    "é😀".encode()[:-1]: "text",
}


@pytest.mark.parametrize("content_type", [None, "", "text/plain; charset=utf-8", "application/octet-stream"])
@pytest.mark.parametrize(("head", "name"), HEADS.items())
def test_a_type_that_says_little_leaves_it_to_the_first_bytes(
    content_type: str | None, head: bytes, name: str
) -> None:
    choice = choose(content_type, head, final=False)
    assert choice is not None
    assert (choice.name, choice.stream) == (name, True)
    assert choice == choose(content_type, head, final=True)
    assert (choice.sniffed is None) == (name == "text")


@pytest.mark.parametrize("head", [head for head, name in HEADS.items() if name == "sse"])
def test_no_first_piece_is_too_short(head: bytes) -> None:
    choices = [choose(None, head[:size], final=False) for size in range(len(head) + 1)]
    told = [choice for choice in choices if choice]
    assert {choice.name for choice in told} == {"sse"}
    assert choices == [None] * (len(choices) - len(told)) + told


@pytest.mark.parametrize(
    "head", [b"", b"da", b"data", BOM[:2], BOM, b" \n", b"message", b"message:\n", b"message\rret"]
)
def test_what_may_become_sse_is_waited_for_until_the_end(head: bytes) -> None:
    assert choose("text/plain", head, final=False) is None
    assert choose("text/plain", head, final=True) == Choice("text")


def test_the_anomaly_tells_the_type_and_what_was_seen() -> None:
    choice = choose("Text/Plain; charset=utf-8", b"data: {}\n\n", final=False)
    assert choice == Choice("sse", r"text/plain, and the body begins with 'data: {}\n\n'")
    choice = choose(None, b"event: " + b"x" * 99, final=False)
    assert choice == Choice("sse", "no content type, and the body begins with 'event: xxxxxxxxxxxxx'")


@pytest.mark.parametrize(
    "head", [b"\x89PNG\r\n\x1a\n\0\0", b"\x1f\x8b\x08\0", bytes(range(128, 256)), b"a\0"]
)
def test_binary_data_is_no_stream(head: bytes) -> None:
    for content_type in (None, "text/plain", "application/octet-stream"):
        assert choose(content_type, head, final=False) == Choice("text", stream=False)


def test_markup_without_a_type_is_no_stream() -> None:
    for head in (b"<!DOCTYPE html>", b"\n<html>", b"<?xml version='1.0'?>"):
        assert choose(None, head, final=False) == Choice("text", stream=False)
        assert choose("text/plain", head, final=False) == Choice("text")  # an answer about HTML


def test_some_bytes_of_another_charset_are_still_text() -> None:
    assert choose(None, "naïve café au lait".encode("latin-1"), final=False) == Choice("text")


def test_each_format_has_a_decoder_with_the_same_face() -> None:
    assert list(DECODERS) == ["sse", "ndjson", "json-array", "text", "lines"]
    assert set(FORMAT_OF_TYPE.values()) <= set(DECODERS)
    for row in DECODERS.values():
        decoder = row.decoder(last_event_id="7", number=3, max_event_bytes=100)
        assert (decoder.last_event_id, decoder.number, decoder.retry) == ("7", 3, None)
        assert (decoder.feed(b"", 1.0), decoder.end(2.0)) == ([], [])
        assert row.doc
