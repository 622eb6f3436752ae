"""`{{name}}` in a text of a check stands for what an earlier check captured; `${NAME}` is as in profiles.

`{{{{` stands for `{{`. What is put in place is not looked at again, whatever signs are in it.
"""

import re
from collections.abc import Callable
from urllib.parse import quote

from sse_cli.cli.toml import references
from sse_cli.cli.toml.references import Lookup
from sse_cli.errors import UsageError

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
"""What a captured value may be called."""

_BRACES = re.compile(
    rf"(?<!\$)(?:(?P<escape>\{{{{4}})|\{{\{{(?:\s*(?P<name>{NAME.pattern})\s*\}}\}}|(?!\{{)(?P<odd>)))"
)
"""Behind a dollar the first brace is that of a variable."""

Put = Callable[[str, str], str]
"""Gives what stands for a captured value, by its name and by the text that is before it."""


def fill(text: str, lookup: Lookup, put: Put) -> str:
    """Put variables and captured values in place. Raises `UsageError`."""
    done, at = "", 0
    for found in _BRACES.finditer(text):
        done += references.fill(text[at : found.start()], lookup)
        done += "{{" if found["escape"] else put(_name(found), done)
        at = found.end()
    return done + references.fill(text[at:], lookup)


def names(text: str) -> list[str]:
    """Return the names of the captured values in a text. Raises `UsageError`."""
    return [_name(found) for found in _BRACES.finditer(text) if not found["escape"]]


def is_open(text: str) -> bool:
    """Tell whether a text refers to anything. Raises `UsageError`."""
    return fill(text, lambda _: "-", lambda *_: "-") != text


def is_from_outside(text: str) -> bool:
    """Tell whether something of a text is captured, or the environment gives it."""
    return references.is_from_outside(text) or any(found["name"] for found in _BRACES.finditer(text))


def in_url(value: str, before: str) -> str:
    """Return a value for a place in a URL: percent-encoded, unless it is what the URL begins with.

    In a path its slashes stay; in a query it is one parameter.
    """
    return value if not before else quote(value, safe="" if "?" in before else "/")


def _name(found: re.Match[str]) -> str:
    if found["name"] is None:
        raise UsageError("{{ is not followed by a name and }}", "Write {{name}}, or {{{{ for {{ itself.")
    return found["name"]
