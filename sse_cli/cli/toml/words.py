"""What the tables of one kind of file may say, and how these are called."""

from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import NamedTuple

from sse_cli.cli.toml.keys import Key
from sse_cli.core.expressions import compile_expression
from sse_cli.core.extract import parse_named
from sse_cli.core.quantities import parse_duration, parse_size

Read = Callable[[str], object]
"""Reads a text as the run will read it. Raises `UsageError`."""

READ: Mapping[str, Read] = {
    "TIME": parse_duration,
    "SIZE": parse_size,
    "EXPR": compile_expression,
    "[NAME=]JSONPATH": parse_named,
}
"""How the value of an option is read, by the option's word for it."""


class Words(NamedTuple):
    """What may be said in a file.

    `noun` is what a table is; `keys` are what it may say by every name of theirs, and `listed` is all of them
    in words; `refused` are options that make no sense there, and why. `read` is how values are read, by the
    words for them. `is_open` tells whether what a text will be is known in a run alone, and raises
    `UsageError` where that is badly written; `is_from_outside` whether something of it comes from outside
    the file.
    """

    noun: str
    keys: Mapping[str, Key]
    listed: str
    refused: Mapping[str, str]
    read: Mapping[str, Read]
    is_open: Callable[[str], bool]
    is_from_outside: Callable[[str], bool]

    def nearest(self, written: str) -> str | None:
        """Return the known key that an unknown one was probably meant to be."""
        of_fields = {key.field.replace("_", "-"): key.name for key in self.keys.values()}
        wanted = written.lower().lstrip("-").replace("_", "-")
        names = of_fields | {name: name for name in self.keys}
        found = get_close_matches(wanted, names, n=1)
        return names[found[0]] if found else None
