"""`${NAME}` in a text of a file stands for a variable of the environment. Other dollars mean nothing here."""

import re
from collections.abc import Callable, Iterator

from sse_cli.errors import UsageError

Lookup = Callable[[str], str | None]
"""Gives a variable of the environment, None where there is none."""

_REFERENCE = re.compile(
    r"\$(?P<escape>\$\{)|\$\{(?:(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?P<has_default>:-(?P<default>[^}]*))?\})?"
)


def fill(text: str, lookup: Lookup) -> str:
    """Put variables in place: `${NAME}`, `${NAME:-default}`; `$${` stands for `${`.

    As for a shell, a default is for a variable that is missing or empty. Without one, either is a
    `UsageError`: what is to be empty is written `${NAME:-}`.
    """
    return _REFERENCE.sub(lambda found: _value(found, lookup), text)


def _value(found: re.Match[str], lookup: Lookup) -> str:
    if found["escape"]:
        return "${"
    name = found["name"]
    if name is None:
        raise UsageError("${ is not followed by a name and }", "Write ${NAME}, or $${ for ${ itself.")
    value = lookup(name) or found["default"]
    if value is None:
        state = "has no" if lookup(name) is None else "has nothing in"
        raise UsageError(f"the environment {state} {name}", f"Set it: export {name}=…")
    return value


def missing(text: str, lookup: Lookup) -> list[str]:
    """Return the variables that would have to be set."""
    return [it["name"] for it in _needed(text) if not lookup(it["name"])]


def is_from_outside(text: str) -> bool:
    """Tell whether the environment gives something of a text, rather than a default beside it."""
    return any(True for _ in _needed(text)) or any(it["default"] == "" for it in _REFERENCE.finditer(text))


def _needed(text: str) -> Iterator[re.Match[str]]:
    return (it for it in _REFERENCE.finditer(text) if it["name"] and not it["has_default"])
