"""Of what type the value of a key may be: what its option takes, and where it helps, a table."""

import math
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, time
from typing import Any, NamedTuple

from sse_cli.cli.toml.keys import JSON, Key
from sse_cli.cli.toml.places import KeyPath
from sse_cli.cli.toml.texts import is_json

NUMBERS = frozenset({"TIME", "SIZE"})
"""Words of options that take text, of which a number may be all."""

_WANTED: Mapping[type, str] = {
    bool: "true or false",
    int: "a whole number",
    str: "a string",
    list: "a string or a list of strings",
    dict: "a table of strings",
}
_SEEN: Mapping[type, str] = {
    int: "a number",
    float: "a number",
    str: "a string",
    list: "a list",
    dict: "a table",
}


class Misfit(NamedTuple):
    """What is of a wrong type: where in the value, empty for the value itself, what it is, and what to do."""

    path: KeyPath
    seen: str
    hint: str


def misfit(key: Key, value: Any) -> Misfit | None:
    """Return what in a value is of a wrong type for its key."""
    if is_json(key, value):
        return next(_not_json(value, ()), None)
    inner: Iterable[tuple[str | int, Any]] = ()
    if isinstance(value, dict) and key.pair:
        inner = value.items()
    elif isinstance(value, list) and key.kind is list:
        inner = enumerate(value)
    elif not _fits(key, value):
        return Misfit((), _seen(value), f"It must be {_wanted(key)}.")
    odd = (
        Misfit((step,), _seen(it), "It must be a string.") for step, it in inner if not isinstance(it, str)
    )
    return next(odd, None)


def _fits(key: Key, value: Any) -> bool:
    if isinstance(value, bool):
        return key.kind is bool
    if isinstance(value, int | float) and key.metavar in NUMBERS:
        return True
    return isinstance(value, str if key.kind is list else key.kind)


def _wanted(key: Key) -> str:
    number = " or a number" if key.metavar in NUMBERS else ""
    pairs = ", or a table of strings" if key.pair and key.kind is not dict else ""
    json = ", or a table, which is sent as JSON" if key.name in JSON else ""
    return f"{_WANTED[key.kind]}{number}{pairs}{json}"


def _seen(value: Any) -> str:
    return _SEEN.get(type(value), str(value).lower())  # true, or a date


def _not_json(value: Any, path: KeyPath) -> Iterator[Misfit]:
    """Give what JSON cannot hold: dates, and numbers that are none."""
    if isinstance(value, dict | list):
        for step, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _not_json(inner, (*path, step))
    elif isinstance(value, date | time) or (isinstance(value, float) and not math.isfinite(value)):
        yield Misfit(path, f"{value}, which JSON has no way to write", "Put it in quotes.")
