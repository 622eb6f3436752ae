"""JSON on the wire: lines of it, values in a row, and the elements of an array."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sse_cli.core.payload import NotJson, decode, encode
from sse_cli.core.wire.json_values import JsonDecoder
from sse_cli.core.wire.limits import EventTooLarge
from sse_cli.core.wire.ndjson import NdjsonDecoder
from tests.core.wire import cuts

POSITIONS = st.lists(st.integers(0, 300), max_size=8)
TEXT = st.text(st.sampled_from('"\\{}[],: \n\r\u2028é😀ab/\x1e\0'), max_size=8)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)
BETWEEN = st.sampled_from(["\n", " ", "\r\n", "\n\n\t", "\n\x1e"])
ANYTHING = st.lists(
    st.sampled_from([*b'{}[]",:\\ \n\r\x1e1tx\xff\xef\xbb\xbf']) | st.integers(0, 255), max_size=40
).map(bytes)


def written(value: object, indent: int | None, ascii_only: bool) -> str:
    return json.dumps(value, indent=indent, ensure_ascii=ascii_only)


WRITTEN = st.builds(written, VALUES, st.sampled_from([None, 2]), st.booleans())


# Lines


@given(st.lists(st.builds(written, VALUES, st.none(), st.booleans()), max_size=6), st.booleans(), POSITIONS)
def test_each_line_is_an_event(lines: list[str], crlf: bool, positions: list[int]) -> None:
    body = "".join(line + ("\r\n" if crlf else "\n") for line in lines).encode()
    for pieces in ([body], cuts.byte_by_byte(body), cuts.at_positions(body, positions)):
        decoder = NdjsonDecoder(number=5)
        items = cuts.run(decoder, pieces)
        assert cuts.texts(items) == lines
        assert b"".join(event.raw for event in cuts.events(items)) == body
        assert [event.number for event in cuts.events(items)] == list(range(6, 6 + len(lines)))


@given(ANYTHING, POSITIONS)
def test_lines_do_not_depend_on_the_cuts(body: bytes, positions: list[int]) -> None:
    whole = cuts.run(NdjsonDecoder(), [body])
    assert cuts.run(NdjsonDecoder(), cuts.byte_by_byte(body)) == whole
    assert cuts.run(NdjsonDecoder(), cuts.at_positions(body, positions)) == whole


NDJSON = {
    "blank lines are left out": (b'{"a":1}\n\n \t\n\r\n{"b":2}\n', ['{"a":1}', '{"b":2}'], []),
    "a CR ends no line": (b'{"a":\r1}\n', ['{"a":\r1}'], []),
    "only LF ends a line": ('"\u2028\x85"\n'.encode(), ['"\u2028\x85"'], []),
    "record separators": (b"\x1e1\n\x1e\x1e2\n\x1e\n", ["1", "2"], []),
    "a BOM": (b"\xef\xbb\xbf1\n", ["1"], []),
    "a line that is no JSON is shown": (b"oops\n1\n", ["oops", "1"], []),
    "the last line needs no end": (b'{"a":1}\n{"b":2}', ['{"a":1}', '{"b":2}'], []),
    "the last line is cut": (b'{"a":1}\n{"b":', ['{"a":1}'], [("cut-event", '{"b":')]),
    "the last line is cut in a character": (b'1\n{"b":"\xe2\x82', ["1"], [("cut-event", '{"b":"\ufffd')]),
    "bytes that are not UTF-8": (b'"\xff"\n', ['"\ufffd"'], [("invalid-utf8", '"\ufffd"')]),
    "a part of a BOM": (b"\xef\xbb", [], [("cut-event", "\ufffd")]),
    "nothing": (b"", [], []),
    "nothing but blanks": (b" \n\r", [], []),
}


@pytest.mark.parametrize(("body", "texts", "anomalies"), NDJSON.values(), ids=NDJSON)
def test_ndjson(body: bytes, texts: list[str], anomalies: list[tuple[str, str]]) -> None:
    for pieces in cuts.many_ways(body):
        items = cuts.run(NdjsonDecoder(), pieces)
        assert (cuts.texts(items), cuts.anomalies(items)) == (texts, anomalies)


# Values


@given(st.lists(st.tuples(WRITTEN, BETWEEN), max_size=6), POSITIONS)
def test_values_in_a_row(parts: list[tuple[str, str]], positions: list[int]) -> None:
    # An array at the top is taken apart, so here each value stands in an object.
    texts = [f'{{"v":{text}}}' for text, _ in parts]
    body = "".join(text + between for text, (_, between) in zip(texts, parts, strict=True)).encode()
    for pieces in ([body], cuts.byte_by_byte(body), cuts.at_positions(body, positions)):
        decoder = JsonDecoder()
        items = cuts.run(decoder, pieces)
        assert (cuts.texts(items), cuts.anomalies(items)) == (texts, [])
        assert (decoder.values, decoder.in_array) == (len(texts), False)


@given(st.lists(VALUES, max_size=6), st.sampled_from([None, 2]), POSITIONS)
def test_elements_of_an_array(elements: list[object], indent: int | None, positions: list[int]) -> None:
    body = json.dumps(elements, indent=indent).encode()
    for pieces in ([body], cuts.byte_by_byte(body), cuts.at_positions(body, positions)):
        decoder = JsonDecoder(number=7)
        items = cuts.run(decoder, pieces)
        assert [json.loads(text) for text in cuts.texts(items)] == elements
        assert cuts.anomalies(items) == []
        assert (decoder.values, decoder.in_array, decoder.number) == (len(elements), True, 7 + len(elements))


@given(ANYTHING, POSITIONS)
def test_values_do_not_depend_on_the_cuts(body: bytes, positions: list[int]) -> None:
    whole = cuts.run(JsonDecoder(), [body])
    assert cuts.run(JsonDecoder(), cuts.byte_by_byte(body)) == whole
    assert cuts.run(JsonDecoder(), cuts.at_positions(body, positions)) == whole


VALUES_TABLE = {
    "no line breaks": (b'{"a":1}{"b":2}', ['{"a":1}', '{"b":2}'], []),
    "scalars": (b'1 -2.5e3 true\n"x"null', ["1", "-2.5e3", "true", '"x"', "null"], []),
    "scalars in an array": (b'[1,"]",null,[2],-0]', ["1", '"]"', "null", "[2]", "-0"], []),
    "escapes": (rb'{"a":"\"}\\"}["\\","\u005d"]', [r'{"a":"\"}\\"}', r'"\\"', r'"\u005d"'], []),
    "as Gemini breaks lines": (b'[{\n"a": 1}\n,\r\n{\n"b": 2}\n]', ['{\n"a": 1}', '{\n"b": 2}'], []),
    "record separators": (b'\x1e{"a":\n1}\n\x1e2\n', ['{"a":\n1}', "2"], []),
    "a BOM": (b"\xef\xbb\xbf{}", ["{}"], []),
    "two arrays": (b"[1][2]", ["1", "2"], []),
    "an empty array": (b"[ ]", [], []),
    "nothing": (b" \n", [], []),
    "cut in an object": (b'{}{"a":[1', ["{}"], [("cut-event", '{"a":[1')]),
    "cut in a string": (rb'{}"a\"', ["{}"], [("cut-event", r'"a\"')]),
    "cut in an array": (b"[{},", ["{}"], [("cut-event", "array not closed")]),
    "cut in an element": (b'[1,{"a"', ["1"], [("cut-event", '{"a"'), ("cut-event", "array not closed")]),
    "cut in a number": (b"[12", [], [("cut-event", "12"), ("cut-event", "array not closed")]),
    "garbage between": (b'{} data: oops {"a":1}', ["{}", '{"a":1}'], [("bad-json", "data: oops")]),
    "garbage on a line": (b"{}\nno JSON\r\n1\n", ["{}", "1"], [("bad-json", "no JSON")]),
    "garbage after a number": (b"1 oops\n2", ["2"], [("bad-json", "1 oops")]),
    "garbage in an array": (b"[1,oops,2]", ["1", "2"], [("bad-json", "oops")]),
    "garbage at the end": (b"{}oops", ["{}"], [("bad-json", "oops")]),
    "a bracket too many": (b"{}}]{}", ["{}", "{}"], [("bad-json", "}"), ("bad-json", "]")]),
    "bytes that are not UTF-8": (b'["\xff"]', ['"\ufffd"'], [("invalid-utf8", '"\ufffd"')]),
    "a part of a BOM": (b"\xef", [], [("bad-json", "\ufffd")]),
}


@pytest.mark.parametrize(("body", "texts", "anomalies"), VALUES_TABLE.values(), ids=VALUES_TABLE)
def test_json_values(body: bytes, texts: list[str], anomalies: list[tuple[str, str]]) -> None:
    for pieces in cuts.many_ways(body):
        items = cuts.run(JsonDecoder(), pieces)
        assert (cuts.texts(items), cuts.anomalies(items)) == (texts, anomalies)


def test_an_element_is_given_as_soon_as_it_is_complete() -> None:
    decoder = JsonDecoder(last_event_id="7")
    assert decoder.feed(b'[{"a":', 1.0) == []
    (event,) = cuts.events(decoder.feed(b"1}", 2.0))
    assert (event.raw, event.at, event.type, event.last_event_id) == (b'{"a":1}', 2.0, "message", "7")
    assert (event.id, event.retry, event.number) == (None, None, 1)


@pytest.mark.parametrize("decoder", [NdjsonDecoder, JsonDecoder])
def test_a_value_of_5_mib_in_small_pieces(decoder: type[NdjsonDecoder | JsonDecoder]) -> None:
    text = '{"a":"' + r"\"x" * (5 << 20) + '"}'
    body = text.encode() + b"\n"
    assert cuts.texts(cuts.run(decoder(), [body[i : i + 4095] for i in range(0, len(body), 4095)])) == [text]


@pytest.mark.parametrize("piece", [b"[[[[", b'"xxxx', b"xxxx"])
@pytest.mark.parametrize("decoder", [NdjsonDecoder, JsonDecoder])
def test_the_bound(decoder: type[NdjsonDecoder | JsonDecoder], piece: bytes) -> None:
    pieces = [piece] + [piece.replace(b'"', b"x")] * 1000
    with pytest.raises(EventTooLarge, match="1,000"):
        cuts.run(decoder(max_event_bytes=1000), pieces)
    short = b"[1]\n" * 1000  # in all beyond the bound, one by one not
    assert len(cuts.events(cuts.run(decoder(max_event_bytes=1000), [short]))) == 1000


# Payloads


@given(VALUES)
def test_what_is_encoded_is_decoded_again(value: object) -> None:
    assert decode(encode(value)) == value
    assert decode(encode(value).encode()) == value


def test_encoding_is_compact_and_not_escaped() -> None:
    assert encode({"a": [1, "é😀"]}) == '{"a":[1,"é😀"]}'
    assert encode(float("nan")) == "null"


@pytest.mark.parametrize(
    "text",
    ["", "{", "[DONE]", "{} {}", "nan", "NaN", "'a'", '"\ud800"', b'"\xff"', b'"\\ud800\xff"', r'"\ud8zz"'],
)
def test_what_is_not_json(text: str | bytes) -> None:
    with pytest.raises(NotJson):
        decode(text)


def test_nesting_beyond_all_reason_is_not_json() -> None:
    with pytest.raises(NotJson, match="deep"):
        decode("[" * 100_000 + "]" * 100_000)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (r'"a\ud83d"', "a\ufffd"),
        (r'"\uDE00"', "\ufffd"),
        (r'"\ud83d\ude00"', "😀"),
        (r'"\ud83d\ud83d\ude00"', "\ufffd😀"),
        (r'"\\ud83d\ud83d"', "\\ud83d\ufffd"),
    ],
)
def test_half_of_a_surrogate_pair(text: str, value: str) -> None:
    assert decode(text) == value
    assert decode(text.encode()) == value
