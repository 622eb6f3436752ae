"""The value of a key as the texts that its option would be given on the command line."""

from collections.abc import Callable, Iterator
from typing import Any

from sse_cli.cli.toml.keys import JSON, Key
from sse_cli.cli.toml.places import KeyPath
from sse_cli.core import payload

Fill = Callable[[str, KeyPath], str]
"""Puts in place what a text refers to, which stands at a path."""


def is_json(key: Key, value: Any) -> bool:
    """Tell whether a value is sent as JSON."""
    return key.name in JSON and (isinstance(value, dict) or (isinstance(value, list) and key.kind is str))


def all_texts(key: Key, value: Any) -> Iterator[tuple[KeyPath, str]]:
    """Give the texts of a value, and those inside of JSON, each with the path to it from the key."""
    return _strings(value, ()) if is_json(key, value) else texts(key, value)


def texts(key: Key, value: Any) -> Iterator[tuple[KeyPath, str]]:
    """Give the texts of a value that is none of JSON, each with the path to it from the key."""
    if isinstance(value, dict):
        yield from (((name,), f"{name}{key.pair}{text}") for name, text in value.items())
    elif isinstance(value, list):
        yield from (((number,), text) for number, text in enumerate(value))
    elif not isinstance(value, bool):
        yield (), str(value)


def json_text(value: Any, fill: Fill, path: KeyPath) -> str:
    """Return the JSON text of a table or list, with what its strings refer to in place."""
    return payload.encode(_filled(value, fill, path))


def _filled(value: Any, fill: Fill, path: KeyPath) -> Any:
    if isinstance(value, dict):
        return {name: _filled(inner, fill, (*path, name)) for name, inner in value.items()}
    if isinstance(value, list):
        return [_filled(inner, fill, (*path, number)) for number, inner in enumerate(value)]
    return fill(value, path) if isinstance(value, str) else value


def _strings(value: Any, path: KeyPath) -> Iterator[tuple[KeyPath, str]]:
    if isinstance(value, dict | list):
        for step, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _strings(inner, (*path, step))
    elif isinstance(value, str):
        yield path, value
