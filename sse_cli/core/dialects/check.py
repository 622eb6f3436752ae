"""Checks a dialect file that a person wrote, key by key, and says what is wrong and where.

The bundled files are known to be right (the tests check them so), and are compiled without it.
"""

import re
import tomllib
from collections.abc import Callable
from typing import Any, NoReturn

import msgspec

from sse_cli.core.dialects.parts import BUILDERS
from sse_cli.core.dialects.recognise import RESERVED
from sse_cli.core.dialects.resume import HEADER, PLACE
from sse_cli.core.dialects.rules import Dialect, load_dialect
from sse_cli.core.expressions import compile_expression
from sse_cli.core.extract import compile_path
from sse_cli.errors import UsageError, point_at

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


class Outline(msgspec.Struct, frozen=True):
    """What a dialect file is, in short: `covers` names its parts, `done` being an end marker."""

    name: str
    title: str
    covers: tuple[str, ...]


class _Kind(msgspec.Struct, frozen=True):
    """What may stand under a key: in words, and as a test. `compile` tries the texts in it, if it can."""

    words: str
    holds: Callable[[Any], bool]
    compile: Callable[[str], object] | None = None


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(text, str) for text in value)


def _is_one_or_more(value: Any) -> bool:
    return isinstance(value, str) or _is_texts(value)


def _try_condition(text: str) -> object:
    return compile_expression(text, "$@")


def _try_path(text: str) -> object:
    if text == "data" or text.startswith("'"):
        return None
    if not text.startswith(("$", "@")):
        hint = "$ is the payload, @ a match of `each`, data the bare text, and 'word' stands for itself."
        raise UsageError(f"bad path: {text!r} begins with neither $ nor @", hint)
    return compile_path(text.replace("@", "$", 1))


def _try_place(text: str) -> object:
    if not text.startswith("$"):
        raise UsageError(f"bad path: {text!r} does not begin with $", "$ is an event's data.")
    return compile_path(text)


def _try_source(text: str) -> object:
    return HEADER.fullmatch(text) or _try_place(text)


def _try_pattern(text: str) -> object:
    try:
        return re.compile(text)
    except re.error as error:
        hint = "It is a regular expression; a backslash is written twice between double quotes."
        raise UsageError(f"bad pattern: {error}\n{point_at(text, error.pos or 0)}", hint) from None


_TEXT = _Kind("a string", lambda value: isinstance(value, str))
_PATTERN = _Kind("a regular expression", lambda value: isinstance(value, str), _try_pattern)
_FLAG = _Kind("true or false", lambda value: isinstance(value, bool))
_TEXTS = _Kind("a list of strings", _is_texts)
_PATHS = _Kind("a path or a list of paths", _is_one_or_more, _try_path)
_CONDITION = _Kind("a condition", lambda value: isinstance(value, str), compile_expression)
_CONDITIONS = _Kind("a condition or a list of conditions", _is_one_or_more, _try_condition)
_EVENT_CONDITIONS = _Kind("a condition or a list of conditions", _is_one_or_more, compile_expression)
_TEXT_TABLE = _Kind(
    "a table of strings",
    lambda value: isinstance(value, dict) and all(isinstance(text, str) for text in value.values()),
)
_PLACE = _Kind("a path that begins with $", lambda value: isinstance(value, str), _try_place)
_TABLE = _Kind("a table", lambda value: isinstance(value, dict))
_TABLES = _Kind("a list of tables", lambda v: isinstance(v, list) and all(isinstance(row, dict) for row in v))
_ROWS = _Kind(
    "a list of conditions, each a string or a list of strings",
    lambda value: isinstance(value, list) and all(_is_one_or_more(row) for row in value),
)

_FILE = {
    "name": _TEXT,
    "title": _TEXT,
    "recognise": _ROWS,
    "read": _TABLES,
    "fields": _TEXTS,
    "ping": _EVENT_CONDITIONS,
    "headers": _TEXTS,
    "resume": _TABLE,
    "end": _TABLE,
}
_END = {
    "markers": _TABLE,
    **dict.fromkeys(("due", "finish", "last"), _FLAG),
    "unmarked": _EVENT_CONDITIONS,
}
_RESUME = {
    **dict.fromkeys(("method", "url", "path", "hint"), _TEXT),
    **dict.fromkeys(("query", "headers", "values"), _TEXT_TABLE),
    "number": _PLACE,
    "keep": _TEXTS,
}
_GROUP = {"parts": _TABLES, "when": _EVENT_CONDITIONS, "each": _PATHS, "choice": _PATHS}
_RULE = {"part": _TEXT, "when": _CONDITIONS, "each": _PATHS}
_NOT_PATHS = {
    **dict.fromkeys(("cumulative", "spare", "serial", "merge"), _FLAG),
    **dict.fromkeys(("cut", "keys"), _TEXTS),
    "prefix": _TEXT,
    "without": _PATTERN,
}
_NEEDED = {
    **dict.fromkeys(("content", "reasoning", "refusal"), ("text",)),
    "finish": ("reason",),
    "rate": ("rate",),
    "meta": ("name", "value"),
}
"""The words without which a rule finds nothing."""


def check_dialect(text: str, origin: str) -> Dialect:
    """Compile a dialect file; `origin` names it. Raises `UsageError` with the place."""
    _Check(text, origin).run()
    return load_dialect(text, origin)


def outline(text: str, origin: str) -> Outline:
    """Return what a dialect file is, in short. Raises `UsageError` where it is no such file."""
    table = _table(text, origin)
    found = {part.get("part") for group in table.get("read", ()) for part in group.get("parts", ())}
    covers = [part for part in BUILDERS if part in found]
    if table.get("end", {}).get("markers"):
        covers.append("done")
    return Outline(str(table.get("name")), str(table.get("title")), tuple(covers))


def _table(text: str, origin: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"dialect file {origin} is not TOML: {error}") from error


class _Check:
    def __init__(self, text: str, origin: str) -> None:
        self._text = text
        self._origin = origin

    def run(self) -> None:
        """Go through the file from top to bottom. Raises `UsageError` at the first mistake."""
        table = _table(self._text, self._origin)
        self._check_table(table, "", _FILE, ("name", "title", "recognise", "read"))
        self._check_name(table["name"])
        for number, row in enumerate(table["recognise"]):
            self._try_texts(row, f"recognise[{number}]", compile_expression)
        self._check_table(table.get("end", {}), "end", _END, ())
        for marker, test in table.get("end", {}).get("markers", {}).items():
            self._check_value(test, f"end.markers.{marker}", _CONDITION)
        if "resume" in table:
            self._check_resume(table["resume"])
        for number, group in enumerate(table["read"]):
            self._check_group(group, f"read[{number}]")

    def _check_resume(self, table: dict[str, Any]) -> None:
        self._check_table(table, "resume", _RESUME, ())
        values = table.get("values", {})
        for name, text in values.items():
            self._try_texts(text, f"resume.values.{name}", _try_source)
        known = {"id", *values} | ({"number"} if "number" in table else set())
        texts = [(key, table.get(key, "")) for key in ("url", "path")]
        for key in ("query", "headers"):
            texts += [(f"{key}.{name}", text) for name, text in table.get(key, {}).items()]
        for key, text in texts:
            for name in PLACE.findall(text):
                if name not in known:
                    hint = f"Known here are {', '.join(sorted(known))}; values and number make others known."
                    self._fail(f"resume.{key}", f"nothing tells what {{{name}}} is", hint, f"{{{name}}}")

    def _check_name(self, name: str) -> None:
        if name in RESERVED:
            self._fail(
                "name", f"{name} means something else to --dialect", "Give it a name of its own.", name
            )
        if not _NAME.fullmatch(name):
            self._fail("name", f"{name!r} is no name", "Names are letters, digits, - _ and dots.", name)

    def _check_group(self, group: dict[str, Any], place: str) -> None:
        self._check_table(group, place, _GROUP, ("parts",))
        for number, rule in enumerate(group["parts"]):
            self._check_rule(rule, f"{place}.parts[{number}]")

    def _check_rule(self, rule: dict[str, Any], place: str) -> None:
        part = rule.get("part")
        if not isinstance(part, str) or part not in BUILDERS:
            seen = "a rule names no part" if part is None else f"there is no part {part!r}"
            self._fail(f"{place}.part", seen, f"The parts are {', '.join(BUILDERS)}.", f'"{part}"')
        words = {word: _NOT_PATHS.get(word, _PATHS) for word in sorted(BUILDERS[part][0])}
        if part == "meta":
            words["name"] = _TEXT
        self._check_table(rule, place, _RULE | words, _NEEDED.get(part, ()))

    def _check_table(
        self, table: dict[str, Any], place: str, known: dict[str, _Kind], needed: tuple[str, ...]
    ) -> None:
        before = f"{place}." if place else ""
        for key, value in table.items():
            if key not in known:
                hint = f"Known here are {', '.join(known)}."
                self._fail(f"{before}{key}", f"there is no key {key!r} here", hint, f"{key} =")
            self._check_value(value, f"{before}{key}", known[key])
        for key in needed:
            if key not in table:
                what = f"the key {key!r} is missing"
                self._fail(place or "the top level", what, f"It must be {known[key].words}.", "")

    def _check_value(self, value: Any, place: str, kind: _Kind) -> None:
        if not kind.holds(value):
            seen = "true or false" if isinstance(value, bool) else f"a {type(value).__name__}"
            self._fail(place, f"it holds {seen}", f"It must be {kind.words}.", "")
        if kind.compile is not None:
            self._try_texts(value, place, kind.compile)

    def _try_texts(self, texts: str | list[str], place: str, compile_: Callable[[str], object]) -> None:
        for text in [texts] if isinstance(texts, str) else texts:
            try:
                compile_(text)
            except UsageError as error:
                self._fail(place, error.message, error.hint, text)

    def _fail(self, place: str, seen: str, hint: str, needle: str) -> NoReturn:
        lines = [
            number for number, line in enumerate(self._text.splitlines(), 1) if needle and needle in line
        ]
        # The decoder keeps no places. What stands in one line alone can be found again.
        where = f"line {lines[0]}, {place}" if len(lines) == 1 else place
        raise UsageError(f"dialect file {self._origin} is wrong at {where}: {seen}", hint)
