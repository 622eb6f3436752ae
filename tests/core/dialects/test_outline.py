"""The outline of a JSON text matches only JSON, and takes out of it what decoding it gives."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sse_cli.core.dialects.outline import Outline, Step, Wanted

SHAPE = {"id": "x", "n": 7, "model": "m", "choices": [{"index": 0, "delta": {"content": "a"}, "stop": None}]}
WAY = ("choices", ..., "delta", "content")
TEXTS = st.text(
    st.one_of(st.characters(exclude_categories=["Cs"]), st.sampled_from('"\\\n\x00\x7f\u2028é🌊')), max_size=8
)


def wanted(path: tuple[Step, ...]) -> Wanted:
    if path == WAY:
        return Wanted.TAKEN
    return Wanted.ANY if path in {("id",), ("n",)} else Wanted.SAME


def like(**values: Any) -> dict[str, Any]:
    choice = {"index": 0, "delta": {"content": values.pop("content", "a")}, "stop": values.pop("stop", None)}
    return {**SHAPE, "choices": [choice], **values}


@pytest.mark.parametrize("separators", [(",", ":"), (", ", ": "), (" ,\n", " : ")])
@given(content=TEXTS, id_=TEXTS, number=st.integers(), escaped=st.booleans())
def test_what_is_taken_is_what_decoding_gives(
    separators: tuple[str, str], content: str, id_: str, number: int, escaped: bool
) -> None:
    outline = Outline(json.dumps(SHAPE, separators=separators), wanted)
    text = json.dumps(like(content=content, id=id_, n=number), separators=separators, ensure_ascii=escaped)
    taken = outline.take(text)
    assert outline.is_sound
    assert taken is None or taken == content
    plain = not any(sign in id_ + content for sign in '"\\') and (id_ + content).isprintable()
    if plain and id_.isascii() and not escaped:
        assert taken == content


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(like(stop="length")),
        json.dumps(like(model="other")),
        json.dumps(like(n=1.5)),
        json.dumps(like(n="7")),
        json.dumps(like(usage={})),
        json.dumps(like(content=None)),
        json.dumps(SHAPE).replace('"a"', '"\\q"'),
        json.dumps(SHAPE).replace('"a"', '"\n"'),
        json.dumps(SHAPE).replace('"x"', '"\x01"'),
        json.dumps(SHAPE).replace("7", "07"),
        json.dumps(SHAPE) + "x",
        "",
    ],
)
def test_another_text_is_not_known(text: str) -> None:
    assert Outline(json.dumps(SHAPE), wanted).take(text) is None


def test_escapes_are_undone() -> None:
    outline = Outline(json.dumps(SHAPE), wanted)
    assert outline.take(json.dumps(like(content='q"\\\n🌊'))) == 'q"\\\n🌊'
    assert outline.take(json.dumps(SHAPE).replace('"a"', r'"\ud83c"')) == "\ufffd"


def test_a_name_that_stands_twice_makes_no_outline() -> None:
    text = '{"choices":[{"delta":{"content":"a","content":"b"}}]}'
    assert not Outline(text, wanted).is_sound


@given(
    st.recursive(
        st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), TEXTS),
        lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXTS, inner, max_size=3)),
    )
)
def test_every_text_has_an_outline_that_knows_it(value: Any) -> None:
    document = {"value": value, "text": "a"}
    outline = Outline(json.dumps(document), lambda path: Wanted.TAKEN if path == ("text",) else Wanted.SAME)
    assert outline.is_sound
    assert outline.take(json.dumps({**document, "text": "b"})) == "b"
