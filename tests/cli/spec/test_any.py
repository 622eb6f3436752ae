"""Whatever stands in a file of checks, it gives checks or a `UsageError`; what is taken, the schema takes."""

import tempfile
import tomllib
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft7Validator

from sse_cli.cli.spec.file import load
from sse_cli.cli.spec.keys import words
from sse_cli.cli.spec.reading import read
from sse_cli.cli.spec.schema import schema
from sse_cli.cli.spec.wish import Wish
from sse_cli.cli.toml import values
from sse_cli.errors import UsageError
from tests.cli.spec.files import checks

VALIDATOR = Draft7Validator(schema())

TEXTS = st.sampled_from(
    [
        "http://h/",
        "http://h/{{id}}",
        "{{id}}",
        "${A}",
        "${NO_SUCH}",
        "{{",
        "a",
        "@a",
        "5s",
        "10KB",
        "$.id",
        "events > 1",
        "p95(first_content) < 1s",
        "data == '{{id}}'",
        "none",
        "sse",
        "A: b",
        "a=b",
        "h:1:127.0.0.1",
        "x.rec",
        "-",
    ]
)
NUMBERS = st.integers(-2, 5) | st.floats()
SCALARS = TEXTS | st.text() | NUMBERS | st.booleans()
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["id", "a", "B"]) | st.text(), inner, max_size=3)
    ),
    max_leaves=5,
)
LIKELY = {bool: st.booleans(), int: st.integers(0, 3), str: TEXTS, list: st.lists(TEXTS, max_size=2)}


# What may be right, by the words for values; else it is any text of the kind.
RIGHT: dict[str, list[Any]] = {
    "TIME": ["5s", 3, "${A}s"],
    "SIZE": ["10KB", 500],
    "EXPECTATION": ["events > 1", ["runs == 1", "some $.id == {{id}}"], "first_content < ${A}s"],
    "EXPR": ["event == end", "n > ${A}"],
    "HEADER": ["A: b", {"A": "{{id}}"}, ["A: ${A}", "B: {{ id }}"]],
    "DATA": ["x={{id}}", {"a": ["{{id}}", 1.5, True, {}]}],
    "CAPTURE": [{"id": "$.id"}, {"x": "$.x", "y": "$[0]"}],
    "SOURCE": ["http://h/{{id}}", "https://${A}/"],
    "LIKE": ["a", "b"],
    "NAME=CONTENT": ["a={{id}}", {"a": "b"}],
    "DATA|FILE": ["a={{id}}", {"a": "b"}],
    "TOKEN": ["${KEY}", "{{id}}"],
    "USER:PASSWORD": ["me:${KEY}"],
    "N": ["1"],
    "HOST:PORT:ADDRESS": ["h:80:127.0.0.1"],
}


def _pair(name: str) -> st.SearchStrategy[tuple[str, Any]]:
    key = words().keys.get(name)
    likely = LIKELY.get(key.kind, VALUES) if key is not None else VALUES
    return st.tuples(st.just(name), likely | VALUES)


def _right_pair(name: str) -> st.SearchStrategy[tuple[str, Any]]:
    key = words().keys[name]
    if key.choices is not None:
        return st.tuples(st.just(name), st.sampled_from(key.choices("")))
    if key.kind is bool:
        return st.tuples(st.just(name), st.booleans())
    if key.kind is int:
        return st.tuples(st.just(name), st.integers(key.least or 0, 3))
    return st.tuples(st.just(name), st.sampled_from(RIGHT.get(key.metavar, ["a"])))


NAMES = sorted({*words().keys, *words().refused}) + ["url"] * 20 + ["capture"] * 10 + ["like", "expect"] * 5
ANY = st.lists((st.sampled_from(NAMES) | st.text()).flatmap(_pair), max_size=5).map(dict)
OFTEN = ["expect", "capture", "like", "url", "json", "headers", "tags", "timeout", "repeat"]
RIGHTLY = st.lists(st.sampled_from(sorted(words().keys) + OFTEN * 10).flatmap(_right_pair), max_size=4).map(
    lambda pairs: {"url": "http://h/", **dict(pairs)}
)
GIVER = {"giver": {"url": "http://h/", "capture": {"id": "$.id"}}}
RIGHT_FILES = st.dictionaries(st.sampled_from(["a", "b", "c"]), RIGHTLY, min_size=1)
FILES = (
    RIGHT_FILES
    | RIGHT_FILES.map(lambda tables: {**GIVER, **tables})
    | st.dictionaries(st.sampled_from(["defaults", "a", "b", "c"]), ANY | RIGHTLY, max_size=4)
)


def written(tables: dict[str, dict[str, Any]]) -> str:
    lines = []
    for name, table in tables.items():
        lines += [f"[{values.name(name)}]", *(values.pair(key, value) for key, value in table.items())]
    return "\n".join(lines) + "\n"


def _is_right(folder: str, text: str, value: str = "x") -> bool:
    """Tell whether there are checks in a text. Nothing but a `UsageError` may come of what is none."""
    try:
        found = checks(Path(folder), text)
        for check in found:
            check.open(dict.fromkeys(check.needs, value))
    except UsageError:
        return False
    assert found
    return True


@given(FILES, st.text() | st.sampled_from(["@a", "/etc/hostname", "https://h/", "h:99999", "-", "\0"]))
def test_any_tables_give_checks_or_a_usage_error(tables: dict[str, dict[str, Any]], value: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        _is_right(folder, written(tables), value)


@given(st.text() | st.text("[]{}='\"\n.ab$#,0-\\"))
def test_any_text_gives_checks_or_a_usage_error(text: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        _is_right(folder, text)


@given(FILES)
def test_what_the_program_takes_the_schema_takes(tables: dict[str, dict[str, Any]]) -> None:
    text = written(tables)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "smoke.toml")
        file.write_text(text, encoding="utf-8")
        try:
            read(str(file), Wish())
        except UsageError:
            return
    assert list(VALIDATOR.iter_errors(tomllib.loads(text))) == []


@given(FILES.filter(bool))
def test_every_check_has_its_line(tables: dict[str, dict[str, Any]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "smoke.toml")
        path.write_text(written(tables), encoding="utf-8")
        file = load(str(path))
        lines = written(tables).split("\n")
        for name in tables:
            assert lines[file.line_of(name) - 1] == f"[{name}]"
