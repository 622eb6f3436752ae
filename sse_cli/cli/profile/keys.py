"""What a profile may say: the long options of `sse tail`, read off their groups; and a few keys more."""

from collections.abc import Callable, Mapping
from difflib import get_close_matches
from functools import cache
from types import NoneType
from typing import Any, NamedTuple, get_args, get_origin, get_type_hints

from sse_cli.cli.options import Groups

REFUSED = {
    "from-curl": "a profile is itself what such a command asks for: write its parts under their own keys",
    "as-curl": "it shows a request instead of sending it: give it on the command line",
    "show-secrets": "what shows secrets is given each time, on the command line",
}
"""Options that make no sense in a profile, and why."""

JSON = frozenset({"json", "data"})
"""Keys under which a table is sent as JSON."""

PAIRS = {"header": ": ", "cookie": "=", "form": "=", "path": "="}
"""Keys under which a table is a list of pairs, and what stands between name and value of each."""


class Key(NamedTuple):
    """Something that a profile may say. `field` is its name in the groups of options.

    `kind` is the type of its value: bool, int, str, or list for what may be given several times. `metavar`
    is the option's word for the value; `least` bounds an int; `choices` are all values there are, if few.
    """

    name: str
    field: str
    kind: type
    metavar: str = ""
    least: int | None = None
    choices: Callable[[str], list[str]] | None = None


_OWN = (
    Key("url", "url", str, metavar="URL"),
    Key("title", "title", str),
    Key("like", "like", str),
)
"""What no option says: the source, a word on the profile, and another profile that this one builds on."""


@cache
def keys() -> Mapping[str, Key]:
    """Return every key by its name. What may be given several times has its plural as well."""
    known = {key.name: key for key in (*_OWN, *_of_options())}
    return known | {f"{key.name}s": key for key in known.values() if key.kind is list}


def nearest(written: str) -> str | None:
    """Return the known key that an unknown one was probably meant to be."""
    of_fields = {key.field.replace("_", "-"): key.name for key in keys().values()}
    wanted = written.lower().lstrip("-").replace("_", "-")
    names = of_fields | {name: name for name in keys()}
    found = get_close_matches(wanted, names, n=1)
    return names[found[0]] if found else None


def _of_options() -> list[Key]:
    hints = get_type_hints(Groups)
    groups = [get_type_hints(group, include_extras=True) for group in hints.values()]
    return [_key(field, hint) for group in groups for field, hint in group.items()]


def _key(field: str, hint: Any) -> Key:
    type_, option = get_args(hint)
    names = [option.default, *option.param_decls]  # typer takes the first for a default until it looks closer
    name = next(name for name in names if name.startswith("--")).removeprefix("--")
    kinds = [kind for kind in get_args(type_) or (type_,) if kind is not NoneType]
    kind = get_origin(kinds[0]) or kinds[0]
    return Key(name, field, kind, option.metavar or "", option.min, option.autocompletion)
