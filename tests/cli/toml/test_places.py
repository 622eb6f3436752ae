"""Where the keys of a TOML text stand: told by their lines and columns, whatever way they are written."""

import tomllib
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sse_cli.cli.toml import values
from sse_cli.cli.toml.places import KeyPath, places


def stand(text: str) -> dict[KeyPath, tuple[int, str]]:
    """Return for each path its line, and what stands at its place."""
    tomllib.loads(text)
    lines = text.split("\n")
    return {path: (it.line, lines[it.line - 1][it.start : it.end]) for path, it in places(text).items()}


@pytest.mark.parametrize(
    ("text", "path", "place"),
    [
        ("[a]\nb = 1", ("a",), (1, "a")),
        ("[a]\nb = 1", ("a", "b"), (2, "b")),
        ("# [x]\n\n  b = 1 # c = 2\nd = 3", ("d",), (4, "d")),
        ("[a]\nb . c.d = 1", ("a", "b", "c"), (2, "c")),
        ("[a.b]\nc = 1\n[a]\nd = 1", ("a", "d"), (4, "d")),
        ("[ a . 'b.c' ]\nd = 1", ("a", "b.c", "d"), (2, "d")),
        ("\"a b\".'c\\d' = 1", ("a b", "c\\d"), (1, "'c\\d'")),
        ('"\\u0061\\"" = 1', ('a"',), (1, '"\\u0061\\""')),
        ("a = { b = 1, c.d = {e = 2} }", ("a", "c", "d", "e"), (1, "e")),
        ("a = [1, [2, {b = 3}],\n # b\n {b = 4}]", ("a", 2, "b"), (3, "b")),
        ("a = [1, [2, {b = 3}]]", ("a", 1, 1, "b"), (1, "b")),
        ("[[a]]\nb = 1\n[[a]]\nb = 2", ("a", 1, "b"), (4, "b")),
        ("[[a]]\nb = 1\n[a.c]\nd = 2\n[[a.e]]\nf = 3", ("a", 0, "e", 0, "f"), (6, "f")),
        ("a = 1979-05-27 07:32:00\nb = 1", ("b",), (2, "b")),
        ("a = -1.5e+3\nb = true", ("b",), (2, "b")),
        ("a = 'x#]' # y = 1\nb = 1", ("b",), (2, "b")),
    ],
)
def test_a_key_stands_where_it_is_written(text: str, path: KeyPath, place: tuple[int, str]) -> None:
    assert stand(text)[path] == place


@pytest.mark.parametrize(
    "text",
    [
        'a = """\nb = 2\n"""\nb = 1',
        'a = """\\"""b = 2\n  x"""\n\nb = 1',
        'a = """ "" b = 2 """""\nx.y = 2\n\nb = 1',
        "a = '''\n'b = 2\n'''\nb = 1",
        "a = '''''b = 2\n\n'''''\nb = 1",
    ],
)
def test_what_looks_like_a_key_in_a_long_string_is_none(text: str) -> None:
    assert stand(text)[("b",)] == (4, "b")


def test_an_element_of_a_list_begins_at_its_place() -> None:
    text = 'a = [\n  "b", # c\n  "d"\n]'
    assert [places(text)["a", number][:2] for number in (0, 1)] == [(2, 2), (3, 2)]


VALUES = st.recursive(
    st.booleans() | st.integers(-9, 9) | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)


def paths(value: Any, path: KeyPath = ()) -> Iterator[KeyPath]:
    if path:
        yield path
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from paths(inner, (*path, key))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from paths(inner, (*path, number))


@given(st.dictionaries(st.text(), st.dictionaries(st.text(), VALUES, max_size=4), max_size=3))
def test_what_is_written_is_read_again_and_every_key_of_it_is_found(tables: dict[str, Any]) -> None:
    lines = [
        line
        for name, table in tables.items()
        for line in (f"[{values.name(name)}]", *(values.pair(key, value) for key, value in table.items()))
    ]
    text = "\n".join(lines)
    assert tomllib.loads(text) == tables
    assert list(places(text)) == list(paths(tables))
