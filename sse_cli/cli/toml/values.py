"""Values written as TOML again, so that what is shown of a profile can be pasted."""

import re
from typing import Any

from sse_cli.core import payload

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_ODD = re.compile("[\x7f-\x9f]")  # what JSON may hold and TOML may not, and their like
_ROOM = 100
"""Characters that a list may have in one line."""


def name(text: str) -> str:
    """Return the name of a key or a table."""
    return text if _BARE.fullmatch(text) else value(text)


def pair(key: str, of: Any) -> str:
    """Return a key and its value; a long list has a line for each element."""
    line = f"{name(key)} = {value(of)}"
    if len(line) <= _ROOM or not isinstance(of, list):
        return line
    return "\n".join([f"{name(key)} = [", *(f"  {value(element)}," for element in of), "]"])


def value(of: Any) -> str:
    """Return a value in one line."""
    if isinstance(of, dict):
        return "{ " + ", ".join(f"{name(key)} = {value(inner)}" for key, inner in of.items()) + " }"
    if isinstance(of, list):
        return f"[{', '.join(map(value, of))}]"
    if isinstance(of, bool):
        return "true" if of else "false"
    return _ODD.sub(_escaped, payload.encode(of)) if isinstance(of, str) else repr(of)


def _escaped(match: re.Match[str]) -> str:
    return f"\\u{ord(match[0]):04x}"
