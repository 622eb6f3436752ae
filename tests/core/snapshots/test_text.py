"""Snapshots as text: the layout, that it is read as it was written, and what is said of one that is none."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sse_cli.core.snapshots.lines import line_of
from sse_cli.core.snapshots.text import BadSnapshot, decode, encode
from tests.core.snapshots.streams import RUNS, VALUES, Given, snapshot

RUN: list[Given] = [
    ("start", {"id": "x", "sizes": []}),
    "ping",
    ("item", {"n": 1, "note": None}),
    ("item", {"n": 2}),
    ("my pause", "…"),
    ("item", {"n": 1.5, "note": "a"}),
    ("message", "[DONE]"),
]

TEXT = """\
{
  "version": "sse-snapshot/1",
  "sequence": [
    "start",
    "(item | \\"my pause\\")+",
    "message:[DONE]"
  ],
  "events": {
    "item": {
      "$": "object",
      "$.n": "number",
      "$.note": "string | null, optional"
    },
    "message:[DONE]": {
      "$": "text"
    },
    "my pause": {
      "$": "text"
    },
    "ping": {
      "$": "object, in some runs"
    },
    "start": {
      "$": "object",
      "$.id": "string",
      "$.sizes": "array"
    }
  }
}
"""


def test_the_layout() -> None:
    assert encode(snapshot(RUN)) == TEXT
    assert decode(TEXT) == snapshot(RUN)


@given(RUNS, st.booleans())
def test_any_snapshot_is_read_as_it_was_written(run: list[Given], ended: bool) -> None:
    seen = snapshot(run, ended=ended)
    text = encode(seen)
    assert decode(text) == seen
    assert encode(decode(text)) == text


@given(RUNS)
def test_any_other_layout_is_read_as_well(run: list[Given]) -> None:
    seen = snapshot(run)
    value = json.loads(encode(seen))
    assert decode(json.dumps(value)) == seen
    assert decode(json.dumps(dict(reversed(value.items())), indent=4)) == seen


def test_of_an_open_sequence_the_last_line_says_so() -> None:
    text = encode(snapshot("ab", ended=False))
    assert json.loads(text)["sequence"] == ["a", "b", "…"]
    assert json.loads(encode(snapshot(["a", "…"])))["sequence"] == ["a", '"…"']


CHANGES = [
    ("}\n}\n", "}\n<<<<<<< ours\n}\n", 29, "it is no JSON"),
    ('"start",', '"start"', 5, "it is no JSON"),
    (TEXT, "", 1, "it is no JSON"),
    (TEXT, "[]", 1, "it has no version"),
    ("sse-snapshot/1", "other/1", 2, "it has no version"),
    ("sse-snapshot/1", "sse-snapshot/2", 2, "it is of version 2, and this program reads 1"),
    ('"version"', '"note": 1,\n"version"', 2, "`note` is not known"),
    ('"sequence": [', '"sequence": [[],', 3, "only kinds of events"),
    ('[\n    "start"', '[\n    3,\n    "start"', 4, "only kinds of events"),
    ('"start",\n', '"start+?",\n', 4, "`?` is not expected here, in column 7 of start+?"),
    ('"start",\n', '"start item",\n', 3, "item stands in the sequence more than once"),
    ('"start",\n', '"start end",\n', 3, "end is in the sequence, and not among the events"),
    ('    "start",\n', "", 22, "start is not in the sequence"),
    ('"$.n": "number"', '"$.n": "integer"', 11, "what is said of $.n is no shape: integer"),
    ('"$.n": "number"', '"$.n.m": "number"', 11, "what $.n.m is a part of is missing"),
    ('"$.sizes"', '"$.id.x"', 26, "$.id.x is a part of what has none: string"),
    ('{\n      "$": "object, in some runs"\n    }', '"object"', 20, "ping has to be an object of paths"),
    ('"events": {', '"events": [], "x": {', 8, "`x` is not known"),
]


@pytest.mark.parametrize(("old", "new", "line", "reason"), CHANGES, ids=range(len(CHANGES)))
def test_what_is_no_snapshot(old: str, new: str, line: int, reason: str) -> None:
    assert old in TEXT
    with pytest.raises(BadSnapshot) as caught:
        decode(TEXT.replace(old, new, 1))
    assert reason in caught.value.reason
    assert caught.value.line == line
    assert caught.value.hint


def test_lists_and_objects_are_asked_for() -> None:
    value = json.loads(TEXT)
    for key in ("sequence", "events"):
        with pytest.raises(BadSnapshot, match=f"`{key}` has to be"):
            decode(json.dumps(value | {key: "x"}))
        with pytest.raises(BadSnapshot, match=f"`{key}` has to be"):
            decode(json.dumps({name: value[name] for name in value if name != key}))


@given(VALUES)
def test_any_json_is_a_snapshot_or_a_bad_one(value: object) -> None:
    for wrapped in (value, {"version": "sse-snapshot/1", "sequence": value, "events": value}):
        with pytest.raises(BadSnapshot):
            decode(json.dumps(wrapped))


WAYS = [
    (("a",), 2),
    (("b", "0"), 4),
    (("b", "1"), 5),
    (("b", "1", "c"), 6),
    (("b", "2"), 8),
    (("b", "9"), 3),
    (("x",), 1),
]


@pytest.mark.parametrize(("way", "line"), WAYS)
def test_the_line_of_a_place(way: tuple[str, ...], line: int) -> None:
    text = '{\n"a": "b, [{",\n"b": [\n7,\n{\n"c": "a"\n},\n"\\"",\n[1, 2]]}'
    assert json.loads(text)["b"][2] == '"'
    assert line_of(text, way) == line
