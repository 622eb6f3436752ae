"""The rule language of dialects: what its words do, and what a wrong file is told."""

import re
import tomllib
from pathlib import Path

import pytest

from sse_cli.core import payload
from sse_cli.core.conditions import plain_search
from sse_cli.core.dialects import recognise, rules
from sse_cli.core.dialects.recognise import Recogniser, dialect
from sse_cli.core.dialects.rules import Reader, load_dialect
from sse_cli.core.extract import compile_path
from sse_cli.core.items import (
    Citation,
    Content,
    Done,
    Event,
    Failure,
    Finish,
    Meta,
    Part,
    Rate,
    Reasoning,
    Refusal,
    ToolCall,
    Usage,
)
from sse_cli.errors import UsageError

HEAD = 'name = "d"\ntitle = "D"\nrecognise = ["$.kind exists", ["event == \'x\'", "$.y == 1"]]\n'


def event(data: str, type_: str = "message") -> Event:
    return Event(type_, data, None, "", None, b"", 0.0, 1)


def read(rules: str, data: str, type_: str = "message") -> tuple[Part, ...]:
    return Reader(load_dialect(HEAD + rules, "d.toml")).read(event(data, type_), lambda: payload.decode(data))


def rule(words: str, group: str = "") -> str:
    return f"[[read]]\n{group}\nparts = [{{ {words} }}]\n"


@pytest.mark.parametrize(
    ("rules", "data", "parts"),
    [
        (rule('part = "content", text = "$.a"'), '{"a": "x"}', (Content("x"),)),
        (rule('part = "content", text = ["$.a", "$.b"]'), '{"a": "", "b": "x"}', (Content("x"),)),
        (
            rule('part = "content", text = "$.a[*].t"'),
            '{"a": [{"t": "x"}, {"t": 1}, {"t": "y"}]}',
            (Content("xy"),),
        ),
        (rule('part = "content", text = "$.a"'), '{"a": null}', ()),
        (rule('part = "content", text = "$.a"'), "not json", ()),
        (rule('part = "content", when = "event == \'z\'", text = "$.a"'), '{"a": "x"}', ()),
        (
            rule('part = "content", text = "@.t"', 'each = "$.c[*]"\nchoice = "@.i"'),
            '{"c": [{"i": 2, "t": "x"}, {"t": "y"}]}',
            (Content("x", 2), Content("y", 0)),
        ),
        (rule('part = "rate", rate = "$.tps"'), '{"tps": 45}', (Rate(45.0),)),
        (rule('part = "citation", each = "$.s[*]"'), '{"s": [{"u": 1}]}', (Citation({"u": 1}),)),
        (rule('part = "meta", name = "model", value = "$.m"'), '{"m": "x"}', (Meta("model", "x"),)),
        (
            rule('part = "finish", reason = "$.f", cut = ["length"]'),
            '{"f": "length"}',
            (Finish("length", 0, True),),
        ),
        (rule('part = "failure", each = "$.e", message = ["@.m", "@"]'), '{"e": "no"}', (Failure("no"),)),
        (rule('part = "failure", each = "$.e", message = "@.m"'), '{"e": {"x": 1}}', (Failure('{"x":1}'),)),
        (
            rule('part = "usage", each = ["$.u", "$.v"], input = "@.i", output = "@.o"'),
            '{"u": null, "v": {"i": 1, "o": 2}}',
            (Usage(1, 2, None, None, None, {"i": 1, "o": 2}),),
        ),
        (
            rule('part = "tool_call", each = "$.t[*]", id = "@.id", name = "@.n", arguments = "@.a"'),
            '{"t": [{"id": "1", "n": "f", "a": {"x": 1}}, {"n": "g", "a": "{}"}]}',
            (ToolCall(0, "1", "f", '{"x":1}'), ToolCall(1, None, "g", "{}")),
        ),
    ],
)
def test_words(rules: str, data: str, parts: tuple[Part, ...]) -> None:
    assert read(rules, data) == parts


def test_an_end_marker_needs_no_json() -> None:
    rules = '[end]\nmarkers = { "[DONE]" = "data == \'[DONE]\'" }\n' + rule('part = "content", text = "$.a"')
    assert read(rules, "[DONE]") == (Done("[DONE]"),)


def test_recognition_takes_any_row_and_all_of_a_row() -> None:
    known = load_dialect(HEAD + rule('part = "content", text = "$.a"'), "d.toml")

    def fits(data: str, type_: str = "message") -> bool:
        return known.fits(event(data, type_), lambda: payload.decode(data))

    assert fits('{"kind": 1}')
    assert fits('{"y": 1}', "x")
    assert not fits('{"y": 1}')
    assert not fits("no json", "x")


def test_a_recogniser_gives_up() -> None:
    recogniser = Recogniser()
    looks = 0
    while not recogniser.tired:
        assert recogniser.look(event("{}"), dict) is None
        looks += 1
    assert looks == 16


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name = ", "TOML"),
        ('name = "d"', "title"),
        (HEAD + "more = 1\nread = []", "more"),
        (HEAD + rule('part = "poem", text = "$.a"'), "poem"),
        (HEAD + rule('part = "content", texts = "$.a"'), "texts"),
        (HEAD + rule('part = "content", text = "$.["'), "path"),
        (HEAD + "[[read]]\nwhen = \"evnt == 'x'\"\nparts = []", "expression"),
    ],
)
def test_a_wrong_file_is_told(text: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        load_dialect(text, "d.toml")


def test_an_unknown_dialect_is_told() -> None:
    with pytest.raises(UsageError, match="nope"):
        dialect("nope")


def test_every_path_of_the_bundled_dialects_compiles() -> None:
    """Those with a filter are compiled when they are first needed, which must not be too late."""
    for file in Path(recognise.__file__).parent.glob("*.toml"):
        for group in tomllib.loads(file.read_text(encoding="utf-8"))["read"]:
            for part in group["parts"]:
                for path in rules._looked_for(part):
                    if path != "data":
                        compile_path(path.replace("@", "$", 1) if path.startswith("@") else path)


def test_conditions_on_the_kind_are_told_apart_by_it() -> None:
    rules = """
[[read]]
when = "$.type == 'a'"
parts = [{ part = "content", text = "$.t" }]
[[read]]
parts = [
  { part = "reasoning", when = "$.type ~ '^(b|c)$'", text = "$.t" },
  { part = "refusal", when = "$.type != 'a'", text = "$.t" },
]
"""
    reader = Reader(load_dialect(HEAD + rules, "d.toml"))

    def kinds(type_: object) -> list[type[Part]]:
        data = payload.encode({"type": type_, "t": "x"})
        return [type(part) for part in reader.read(event(data), lambda: payload.decode(data))]

    wanted = [("a", [Content]), ("b", [Reasoning, Refusal]), ("c\n", [Reasoning, Refusal]), (True, [Refusal])]
    for type_, parts in [
        *wanted,
        ("d" * 1000, [Refusal]),
        *wanted,
        *((f"k{n}", [Refusal]) for n in range(99)),
    ]:
        assert kinds(type_) == parts


def test_objects_of_ever_new_names_are_read_alike() -> None:
    reader = Reader(load_dialect(HEAD + rule('part = "content", text = ["$.a.t", "$.b"]'), "d.toml"))
    for number in range(200):
        root = {f"n{number}": 1, "b": "y", "a": {f"m{number}": 1, "t": "" if number % 2 else "x"}}
        assert reader.read(event("{}"), lambda root=root: root) == (Content("y" if number % 2 else "x"),)


def test_a_dialect_may_be_compiled_when_it_is_read_by() -> None:
    text = HEAD + rule('part = "content", text = "$.["')
    known = load_dialect(text, "d.toml", lazily=True)
    with pytest.raises(UsageError, match="path"):
        Reader(known)


@pytest.mark.parametrize(
    "pattern",
    ["^a", "^a$", "^(a|b c)$", "^(a|b)", r"^\\[DONE\\]", r"^\\[DONE\\]$", "^a\\.b$", "a", "^(a|)$", "^a+$"],
)
def test_a_plain_pattern_finds_what_re_does(pattern: str) -> None:
    search = plain_search(pattern) or re.compile(pattern).search
    for text in [
        "",
        "a",
        "a\n",
        "a\n\n",
        "xa",
        "ab",
        "aa",
        "b c",
        "[DONE]",
        "[DONE]\n",
        "[DONE]x",
        "a.b",
        "axb",
    ]:
        assert bool(search(text)) == bool(re.search(pattern, text)), text


JOINED = HEAD + rule(
    "part = 'content', text = '@.t', each = '$.c[*]', "
    "when = ['not (event == skip or $.off == true)', '@.kind == text or @.kind == null', 'event != none']"
)
APART = HEAD + rule(
    "part = 'content', text = '@.t', each = '$.c[*]', "
    "when = ['event != skip', '$.off != true', '@.kind in [text, null]', 'event != none']"
)
JOINED_END = "[end]\nmarkers = { end = \"$.last == true and event == last or data == '[DONE]'\" }\n"


@pytest.mark.parametrize("type_", ["message", "skip", "last", "none"])
@pytest.mark.parametrize(
    "data",
    [
        '{"c": [{"t": "a", "kind": "text"}, {"t": "b", "kind": "other"}]}',
        '{"off": true, "c": [{"t": "a", "kind": null}]}',
        '{"c": [{"t": "a", "kind": null}, {"t": "b"}], "last": true}',
        "[DONE]",
        '{"c": []}',
    ],
)
def test_conditions_may_be_joined(data: str, type_: str) -> None:
    """Of events that are like one before as well, which are read another way."""
    reader, other = (Reader(load_dialect(text + JOINED_END, "d.toml")) for text in (JOINED, APART))
    first = '{"c": [{"t": "x", "kind": "text"}]}'
    for text, kind in [(first, "message"), (first, "message"), (data, type_), (first, "last"), (data, type_)]:
        given = event(text, kind)
        parts = reader.read(given, lambda text=text: payload.decode(text))  # type: ignore[misc]
        assert parts == other.read(given, lambda text=text: payload.decode(text))  # type: ignore[misc]
        is_end = text == "[DONE]" or ('"last": true' in text and kind == "last")
        assert any(isinstance(part, Done) for part in parts) is is_end


def test_a_condition_is_on_what_each_found_or_on_the_event() -> None:
    text = rule("part = 'content', text = '@.t', each = '$.c[*]', when = '@.a exists and $.b exists'")
    with pytest.raises(UsageError, match="do not go together"):
        load_dialect(HEAD + text, "d.toml")
    for wrong in ("[end]\nmarkers = { end = '@.a exists' }\n[[read]]\nparts = []\n",):
        with pytest.raises(UsageError, match="is no field of an event"):
            load_dialect(HEAD + wrong, "d.toml")
