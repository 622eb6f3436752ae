"""JSONPath: what each form matches, that walks are jsonpath-ng's, and where a bad path is pointed at."""

import json
import sys
from contextlib import suppress
from typing import Any

import jsonpath_ng.ext
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sse_cli.core.extract import Fan, Query, Walk, compile_path, parse_named
from sse_cli.errors import ExitCode, UsageError

DOCUMENT: Any = {
    "a": {"b": [{"c": 1}, {"c": 2, "d": "x"}], "text": "abc", "null": None, "größe": 3},
    "x": [1, 2, 3],
    "mixed": [1, "1", None, True, {"größe": "grün"}, "line\nbreak", "it's"],
    "": 5,
    "a b": 6,
    "line\nbreak": 7,
    "it's": 8,
    "back\\slash": 9,
    "日本": {"値": 10},
    "😀": 11,
    "@type": 12,
    "where": {"true": 13},
    "*": 14,
    "a-b": 15,
    '"': 16,
}

WALKS = {
    "$": [DOCUMENT],
    "$.a.b[0].c": [1],
    '$["a"]["b"][1]["c"]': [2],
    "a.b[-1].c": [2],
    "$.x[3]": [],
    "$.x[-4]": [],
    "$.a.null": [None],
    "$.a.null.b": [],
    "$.a.null[0]": [],
    "$.a.text[0]": [],
    "$.a.text[0][0]": [],
    "$.a[0]": [],
    "$.x.a": [],
    "$.missing": [],
    "$['']": [5],
    "$['a b']": [6],
    r"$['line\nbreak']": [7],
    r"$['line\u000abreak']": [7],
    r"$['it\'s']": [8],
    r"$['back\\slash']": [9],
    r"$['back\u005cslash']": [9],
    "$.日本.値": [10],
    r"$['\u65e5\u672c']['\u5024']": [10],
    r"$['\ud83d\ude00']": [11],
    "$.😀": [11],
    "$.a.größe": [3],
    "$.@type": [12],
    "$.where.true": [13],
    "$['*']": [14],
    "$.a-b": [15],
    r"$['\"']": [16],
    r'$["\""]': [16],
    # Not in the simplest form, and still a plain walk once jsonpath-ng has parsed them.
    " $ . a . b [ 0 ] . c ": [1],
    "$.a\n.b[0].c": [1],
    "$.'a b'": [6],
    "$[a].text": ["abc"],
    "@.a.text": ["abc"],
    "`this`.x[0]": [1],
    "$.a.(größe)": [3],
}

QUERIES = {
    "$.a.b[?(@.c > 1)].c": [2],
    "$.a.b[?@.c > 0 && @.d == 'x'].c": [2],
    "$.a.b[?(@.c > 0 & @.c < 2)].c": [1],
    "$.a.b[?(@.d == x)].c": [2],
    "$.mixed[?(@ == null)]": [None],
    "$.mixed[?(@.größe == 'grün')].größe": ["grün"],
    r"$.mixed[?(@.größe == 'gr\u00fcn')].größe": ["grün"],
    "$.mixed[?(@.größe == grün)].größe": ["grün"],
    r"$.mixed[?(@ == 'line\nbreak')]": ["line\nbreak"],
    r"$.mixed[?(@ == 'it\'s')]": ["it's"],
    r"$.mixed[?(@ =~ '^\d+$')]": ["1"],
    r"$.mixed[?(@ =~ '^\\d+$')]": ["1"],
    r"$.mixed[?(@ =~ '\bbreak')]": ["line\nbreak"],
    "$.mixed[?(@ =~ '[[i]t')]": ["it's"],
    "$.mixed[?(@ =~ true)]": [],
    "$.x.`len`": [3],
    "$.x[1:3]": [2, 3],
    "$.x[::2]": [1, 3],
    "$.x[0,2]": [1, 3],
    "$..c": [1, 2],
    "$..größe": [3, "grün"],
    "$..where.true": [13],
    "$['', 'a b']": [5, 6],
    "$.a.text | $.x[0]": ["abc", 1],
    "$.x[0]|$.x[1]|$.missing": [1, 2],
    "$.a.(text|null)": ["abc", None],
    "$.mixed[?(@ == '1' || $.missing)]": ["1"],
    # What raises while it is evaluated matches nothing.
    "$.mixed.`sorted`": [],
    "$.mixed[*].`sub(/1/, 2)`": [],
    "$.x.`sub(/1/, 2)` | $.x[0]": [1],
}


@pytest.mark.parametrize("text", WALKS)
def test_a_path_of_names_and_indexes_is_a_plain_walk(text: str) -> None:
    path = compile_path(text)
    assert isinstance(path, Walk)
    assert path.singular
    assert path.text == text
    assert path.find(DOCUMENT) == WALKS[text]


@pytest.mark.parametrize("text", QUERIES)
def test_any_other_path_is_a_query(text: str) -> None:
    path = compile_path(text)
    assert isinstance(path, Query | Fan)
    assert not path.singular
    assert path.text == text
    assert path.find(DOCUMENT) == QUERIES[text]


@pytest.mark.parametrize(
    ("text", "default", "expected"),
    [
        ("$.x[1]", None, 2),
        ("$.x[9]", None, None),
        ("$.x[9]", "none", "none"),
        ("$.a.null", "none", None),
        ("$.x[*]", None, 1),
    ],
)
def test_first_is_the_first_match_or_the_default(text: str, default: Any, expected: Any) -> None:
    assert compile_path(text).first(DOCUMENT, default) == expected


def test_a_plain_path_does_without_jsonpath_ng(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jsonpath_ng.ext.parser", None)  # importing it fails
    for text in ("$['choices'][0]['delta']", "$.a.b[0].c", "a.b[-1]", r"$['\u00e9'].größe"):
        assert isinstance(compile_path(text), Walk)
    with pytest.raises(UsageError):
        compile_path("$..a")


def test_a_very_long_path_matches() -> None:
    payload: Any = 1
    for _ in range(5000):
        payload = {"a": payload}
    assert compile_path("$" + ".a" * 5000).find(payload) == [1]


NAMES = st.sampled_from(
    ["a", "b", "", "a b", "it's", '"', "\\", "\\n", "\n", "日本", "é", "0", "-1", "*", "$", "]"]
)
SCALARS = st.none() | st.booleans() | st.integers(-2, 2) | st.floats(allow_nan=False) | NAMES
DOCUMENTS = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(NAMES | st.text(max_size=3), inner, max_size=4)
    ),
    max_leaves=15,
)
PLAIN_NAMES = st.from_regex(r"@?[A-Za-z_][A-Za-z0-9_@-]{0,3}", fullmatch=True).filter(
    lambda name: name not in ("where", "wherenot")
)


def in_quotes(name: str, quote: str) -> str:
    return quote + name.replace("\\", "\\\\").replace(quote, "\\" + quote) + quote


STEPS = st.one_of(
    st.sampled_from([".a", ".b", "[0]", "[-1]", "[*]", ".*"]),
    st.integers(-4, 4).map(lambda index: f"[{index}]"),
    PLAIN_NAMES.map(lambda name: f".{name}"),
    st.builds(in_quotes, NAMES | st.text(max_size=3), st.sampled_from("'\"")).map(lambda name: f"[{name}]"),
)
PATHS = st.lists(STEPS, max_size=4).map("".join)


@settings(max_examples=200, deadline=None, database=None)
@given(payload=DOCUMENTS, path=PATHS, rooted=st.booleans())
def test_a_walk_finds_what_jsonpath_ng_finds(payload: Any, path: str, rooted: bool) -> None:
    text = f"${path}" if rooted or not path else path.removeprefix(".")
    path_of_ours = compile_path(text)
    expected = [match.value for match in jsonpath_ng.ext.parse(text).find(payload)]
    found = path_of_ours.find(payload)
    assert isinstance(path_of_ours, Walk | Fan)
    assert len(found) == len(expected)
    assert all(one is other for one, other in zip(found, expected, strict=True))


@settings(max_examples=200, deadline=None, database=None)
@given(name=st.text(max_size=8))
def test_a_name_escaped_as_in_json_is_that_name(name: str) -> None:
    assert compile_path(f"$[{json.dumps(name)}]").find({name: 1}) == [1]
    assert compile_path(f"$[{json.dumps(name)}][*]").find({name: [1]}) == [1]


BAD_PATHS = {
    "": (0, "write it like"),
    ".a": (0, "starts with $"),
    "..a": (0, "starts with $"),
    "$..": (3, "write it like"),
    "$.a;": (3, ""),
    "$.a[": (4, ""),
    "$.a['b": (4, ""),
    "$.a[`len": (4, ""),
    "$['a' 'b']": (6, ""),
    "$['a',1]": (6, "do not mix"),
    "$.x[1,5:7]": (7, "do not mix"),
    "$.x[1e0]": (5, "digits"),
    "$.a == 1": (4, "filter"),
    "$['größe'] == 1": (11, "filter"),
    "$.a[?(@.b > 1]": (13, ""),
    r"$['gr\u00f6\u00dfe'][?(@.b > 1]": (30, ""),
    "$.a[?(@.b == 1e3)]": (14, "digits"),
    "$.a[?(@.b == True)]": (13, "true, false and null"),
    "$.a[?(@.b =~ '(')]": (13, r"\("),
    "$.a[?(@.b =~ 'a{99999999999999999999}')]": (13, ""),
    "$.a[?(@.b =~ 5)]": (13, "write it like"),
    "$.a[?(@.b =~": (12, ""),
    r"$['a\q']": (4, "\\"),
    r"$['a\u12']": (4, "\\"),
    r"$.*['a\ud83d']": (6, "\\"),
    r"$['a\ude00\ud83d']": (4, "\\"),
    "$[?length(@.a) > 1]": (9, "`len`"),
    "$[?match(@.a, 'x')]": (8, "=~"),
    "$[?(@.a == length(@.b))]": (17, "`len`"),
    "$.a.length()": (10, "`len`"),
    "$.a & $.b": (4, ""),
    "$.a | $.b & $.c": (10, ""),
    "$.a | $.": (8, ""),
    "| $.a": (0, ""),
    "$.a.`foo`": (4, "`len`"),
    "$.`len`.`sub(/(/, x)`": (8, "`sub(/a/, b)`"),
    "$.a.`sub(x)`": (4, "`sub(/a/, b)`"),
    "$.a where": (9, ""),
    f"$[{'9' * 5000}]": (0, ""),
    "(" * 300: (300, ""),
}


@pytest.mark.parametrize("text", BAD_PATHS, ids=lambda text: text[:30])
def test_a_bad_path_is_pointed_at(text: str, capfd: pytest.CaptureFixture[str]) -> None:
    column, hint = BAD_PATHS[text]
    with pytest.raises(UsageError) as caught:
        compile_path(text)
    what, line, caret = caught.value.message.split("\n")
    assert what.startswith("bad path: ")
    assert line == f"  {text}"
    assert caret == f"  {' ' * column}^"
    assert hint in caught.value.hint
    assert caught.value.hint
    assert caught.value.exit_code is ExitCode.USAGE
    assert capfd.readouterr() == ("", "")


@settings(max_examples=200, deadline=None, database=None)
@given(text=st.text("$@.[]()'\"`\\?*:,|&~=<>! -+/0aeué\n\0", max_size=12))
def test_any_text_is_a_path_or_a_usage_error(text: str) -> None:
    with suppress(UsageError):
        assert isinstance(compile_path(text).find(DOCUMENT), list)


@pytest.mark.parametrize(
    ("text", "name", "path"),
    [
        ("$.a.b", "$.a.b", "$.a.b"),
        ("b=$.a.b", "b", "$.a.b"),
        ("b=a.b", "b", "a.b"),
        ("finish-reason.1=$.a", "finish-reason.1", "$.a"),
        ("größe=$.a", "größe", "$.a"),
        ("c=$.a[?(@.b=='x')]", "c", "$.a[?(@.b=='x')]"),
        ("$[?(@.a=='x')]", "$[?(@.a=='x')]", "$[?(@.a=='x')]"),
        ("a[?(@.a=='x')]", "a[?(@.a=='x')]", "a[?(@.a=='x')]"),
        ("['a=b']", "['a=b']", "['a=b']"),
    ],
)
def test_a_path_may_have_a_name(text: str, name: str, path: str) -> None:
    named = parse_named(text)
    assert (named.name, named.path.text) == (name, path)


@pytest.mark.parametrize(
    ("text", "path", "column"),
    [("$.a==1", "$.a==1", 3), ("a==1", "a==1", 1), ("1a=$.b", "1a=$.b", 1), ("n=", "", 0), ("n=$.", "$.", 2)],
)
def test_a_bad_named_path_is_pointed_at(text: str, path: str, column: int) -> None:
    with pytest.raises(UsageError) as caught:
        parse_named(text)
    assert caught.value.message.endswith(f"\n  {path}\n  {' ' * column}^")
