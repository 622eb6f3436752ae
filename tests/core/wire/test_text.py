"""Plain text, by chunks and by lines."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sse_cli.core.wire.limits import EventTooLarge
from sse_cli.core.wire.text import LinesDecoder, TextDecoder
from tests.core.wire import cuts
from tests.core.wire.test_sse import FRAGMENTS

BODIES = st.lists(st.sampled_from(FRAGMENTS), max_size=25).map(b"".join)
POSITIONS = st.lists(st.integers(0, 200), max_size=8)


@given(BODIES, POSITIONS)
def test_chunks_joined_are_the_text(body: bytes, positions: list[int]) -> None:
    text = body.decode("utf-8", "replace").removeprefix("\ufeff")
    for pieces in ([body], cuts.byte_by_byte(body), cuts.at_positions(body, positions)):
        items = cuts.run(TextDecoder(), pieces)
        assert "".join(cuts.texts(items)) == text
        assert b"".join(event.raw for event in cuts.events(items)) == body.removeprefix(b"\xef\xbb\xbf")
        assert bool(cuts.anomalies(items)) == (not is_utf8(body))


def is_utf8(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


def test_each_chunk_is_an_event() -> None:
    decoder = TextDecoder(last_event_id="7", number=2)
    items = decoder.feed(b"a\n", 1.0) + decoder.feed(b"", 2.0) + decoder.feed(b"b", 3.0) + decoder.end(4.0)
    seen = [(e.data, e.at, e.number, e.type, e.id, e.last_event_id, e.retry) for e in cuts.events(items)]
    rest = ("message", None, "7", None)
    assert seen == [("a\n", 1.0, 3, *rest), ("b", 3.0, 4, *rest)]


def test_a_character_cut_in_two_waits_for_its_rest() -> None:
    decoder = TextDecoder()
    assert cuts.texts(decoder.feed(b"a\xf0\x9f")) == ["a"]
    assert decoder.feed(b"\x98") == []
    assert cuts.texts(decoder.feed(b"\x80b")) == ["😀b"]
    assert decoder.end() == []


def test_half_a_character_at_the_end_is_told() -> None:
    items = cuts.run(TextDecoder(), [b"a\xe2\x82"])
    assert (cuts.texts(items), cuts.anomalies(items)) == (["a", "\ufffd"], [("invalid-utf8", "\ufffd")])


LINES = {
    "each line end": (b"a\nb\r\nc\rd\n", ["a", "b", "c", "d"], []),
    "the last line needs no end": (b"a\nb", ["a", "b"], []),
    "empty lines are left out": (b"\n\na\n\r\n\r\r\nb\n\n", ["a", "b"], []),
    "spaces are kept": (b" a \n \n\t\n", [" a ", " ", "\t"], []),
    "nothing else ends a line": (
        "a\u2028\u2029\x85\x0b\x0c\x1c\x1d\x1eb\n".encode(),
        ["a\u2028\u2029\x85\x0b\x0c\x1c\x1d\x1eb"],
        [],
    ),
    "a BOM": (b"\xef\xbb\xbfa\n", ["a"], []),
    "a character cut by the line's end": (
        b"\xe2\x82\n\xac\n",
        ["\ufffd"] * 2,
        [("invalid-utf8", "\ufffd")] * 2,
    ),
    "the end in a character": (b"a\xe2\x82", ["a\ufffd"], [("invalid-utf8", "a\ufffd")]),
    "a part of a BOM": (b"\xef\xbb", ["\ufffd"], [("invalid-utf8", "\ufffd")]),
    "nothing": (b"", [], []),
}


@pytest.mark.parametrize(("body", "texts", "anomalies"), LINES.values(), ids=LINES)
def test_lines(body: bytes, texts: list[str], anomalies: list[tuple[str, str]]) -> None:
    for pieces in cuts.many_ways(body):
        items = cuts.run(LinesDecoder(), pieces)
        assert (cuts.texts(items), cuts.anomalies(items)) == (texts, anomalies)


def test_a_cr_ends_its_line_at_once() -> None:
    decoder = LinesDecoder()
    assert cuts.texts(decoder.feed(b"a\r")) == ["a"]
    assert cuts.texts(decoder.feed(b"\nb\r\n")) == ["b"]


def test_a_line_of_5_mib_in_small_pieces() -> None:
    line = b"x" * (5 << 20)
    pieces = [line[i : i + 1024] for i in range(0, len(line), 1024)]
    assert cuts.texts(cuts.run(LinesDecoder(), [*pieces, b"\n"])) == [line.decode()]


def test_the_bound_is_for_a_line_and_text_has_none() -> None:
    pieces = [b"x" * 100] * 11
    with pytest.raises(EventTooLarge, match="1,000"):
        cuts.run(LinesDecoder(max_event_bytes=1000), pieces)
    assert len(cuts.events(cuts.run(TextDecoder(max_event_bytes=1000), pieces))) == 11
