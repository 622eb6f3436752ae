"""The keys of a table: long options, read off their groups."""

from collections.abc import Callable
from types import NoneType
from typing import Any, NamedTuple, get_args, get_origin, get_type_hints

from sse_cli.cli.options import Groups

JSON = frozenset({"json", "data"})
"""Keys under which a table is sent as JSON."""

PAIRS = {"header": ": ", "cookie": "=", "form": "=", "path": "="}
"""Options whose key may hold a table of pairs, and what stands between name and value of each."""


class Key(NamedTuple):
    """Something that a table may say. `field` is its name in the `group` of options that it is of, if any.

    `kind` is the type of its value: bool, int, str, list for what may be given several times, or dict.
    `metavar` is the option's word for the value; `least` bounds an int; `choices` are all values there are,
    if few; `pair` stands between name and value where a table is one of pairs. `help` says what it is for.
    """

    name: str
    field: str
    kind: type
    metavar: str = ""
    least: int | None = None
    choices: Callable[[str], list[str]] | None = None
    group: str = ""
    pair: str = ""
    help: str = ""


def of_groups() -> list[Key]:
    """Return the keys of all options of a stream."""
    return [key for group, kind in get_type_hints(Groups).items() for key in of_group(kind, group)]


def of_group(kind: Any, group: str = "") -> list[Key]:
    """Return the keys of the options of one group."""
    return [_key(field, hint, group) for field, hint in get_type_hints(kind, include_extras=True).items()]


def with_plurals(keys: list[Key]) -> dict[str, Key]:
    """Return keys by their names. What may be given several times has its plural as well."""
    known = {key.name: key for key in keys}
    return known | {f"{key.name}s": key for key in keys if key.kind is list}


def _key(field: str, hint: Any, group: str) -> Key:
    type_, option = get_args(hint)
    names = [option.default, *option.param_decls]  # typer takes the first for a default until it looks closer
    name = next(name for name in names if name.startswith("--")).removeprefix("--")
    kinds = [kind for kind in get_args(type_) or (type_,) if kind is not NoneType]
    return Key(
        name,
        field,
        get_origin(kinds[0]) or kinds[0],
        option.metavar or "",
        option.min,
        option.autocompletion,
        group,
        PAIRS.get(name, ""),
        option.help,
    )
