"""The JSON Schema of files of checks, for editors: made of the tables of keys, and kept beside it here."""

import re
from collections.abc import Iterable
from contextlib import suppress
from importlib.resources import files
from typing import Any

from sse_cli.cli.spec.captured import NAME
from sse_cli.cli.spec.keys import ALIASES, ALONE, DEFAULTS, words
from sse_cli.cli.toml.keys import JSON, Key
from sse_cli.cli.toml.kinds import NUMBERS
from sse_cli.core.dialects.recognise import RESERVED
from sse_cli.core.dialects.recognise import names as bundled
from sse_cli.errors import ExitCode
from sse_cli.sinks.outlet import Outlet, ReaderGone

FILE = "checks.schema.json"

_TEXT = {"type": "string"}
_TEXTS = {"type": "array", "items": _TEXT}
_PAIRS = {"type": "object", "additionalProperties": _TEXT}
_PROFILE = {"type": "string", "pattern": "^@"}
_TYPES: dict[type, Any] = {
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    str: _TEXT,
    list: _TEXT,
    dict: _PAIRS,
}
_REPEATABLE = re.compile(r" Repeatable[^.]*\.$")  # which in a file is said by a list
_REFERS = {"type": "string", "pattern": r"\$\{|\{\{"}


def show() -> int:
    """Print the schema."""
    with suppress(ReaderGone):  # as with `| head`
        Outlet(1, "standard output").write_text(files(__package__).joinpath(FILE).read_text(encoding="utf-8"))
    return int(ExitCode.OK)


def schema() -> dict[str, Any]:
    """Return the schema. It takes all that is right, and of what is wrong what can be said in a schema."""
    keys = words().keys
    shared = [name for name, key in keys.items() if key.name not in ALONE]
    defaults = _table("What all checks have, unless they say otherwise.", shared)
    defaults["properties"]["like"] = {"description": "@NAME of sse profiles to build on.", **_PROFILE}
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "Checks of streams",
        "description": "A file for sse check: a table for each stream, with what is expected of it.",
        "type": "object",
        "properties": {DEFAULTS: defaults},
        "additionalProperties": _table("A stream, and what is expected of it.", keys),
        "definitions": {name: _described(name, key) for name, key in sorted(keys.items())},
    }


def _table(description: str, names: Iterable[str]) -> dict[str, Any]:
    return {
        "description": description,
        "type": "object",
        "properties": {name: {"$ref": f"#/definitions/{name}"} for name in sorted(names)},
        "additionalProperties": False,
    }


def _described(name: str, key: Key) -> dict[str, Any]:
    text = _REPEATABLE.sub("", key.help)
    return {"description": f"{text} The same as {key.name}." if name in ALIASES else text, **_value(key)}


def _value(key: Key) -> dict[str, Any]:
    """Return what the value of a key may be."""
    own = _choices(key) or _TYPES[key.kind]
    others = [
        {"type": "number"} if key.metavar in NUMBERS else None,
        _TEXTS if key.kind is list else None,
        _PAIRS if key.pair and key.kind is not dict else None,
        {"type": "object"} if key.name in JSON else None,
        {"type": "array"} if key.name in JSON and key.kind is str else None,
    ]
    ways = [own, *(way for way in others if way is not None)]
    value: dict[str, Any] = ways[0] if len(ways) == 1 else {"anyOf": ways}
    if key.least is not None:
        value = {**value, "minimum": key.least}
    if key.kind is dict:
        value = {**value, "propertyNames": {"pattern": f"^{NAME.pattern}$"}}
    return value


def _choices(key: Key) -> dict[str, Any] | None:
    if key.choices is None:
        return None
    if "FILE" in key.metavar:  # of dialects, those that everybody has
        return {"anyOf": [{"enum": [*RESERVED, *bundled()]}, _TEXT]}
    return {"anyOf": [{"enum": key.choices("")}, _REFERS]}
