"""A line of a file with a caret below a place, and no secret in it: errors end up in logs."""

import re

from sse_cli.cli.toml.places import Place
from sse_cli.cli.toml.secrets import HOLDERS
from sse_cli.cli.toml.words import Words
from sse_cli.core.secrets import is_secret
from sse_cli.errors import point_at

_SIMPLE = r"""(?:"[^"\\]*+"|'[^']*+'|[\w.:+-]++)"""
_PLAIN = re.compile(
    rf"""\s*(?:\[\[?[\w. -]+\]\]?
    | (?P<key>[\w-]+)\s*=\s*
      (?:(?P<reference>"\$\{{\w+\}}")|{_SIMPLE}|\[\s*+(?:{_SIMPLE}\s*+(?:,\s*+|(?=\])))*+\]))\s*""",
    re.ASCII | re.VERBOSE,
)
"""A line that is the name of a table, or a key with one simple value or a list of them."""

_QUOTED = re.compile(r"""(["'])(?:(?!\1).)+(\1|$)""")


def pointed(line: str, place: Place, words: Words) -> str:
    """Return the line, and a caret below the place.

    Where the line might hold a secret, what stands behind the place is left out, and strings before it.
    """
    if _is_open(line, words):
        return point_at(line, place.start)
    before = _QUOTED.sub(r"\1…\1", line[: place.start])
    key = line[place.start : place.end]
    rest = ("…" if not key else " …") if line[place.end :].strip() else ""
    return point_at(f"{before}{key}{rest}", len(before))


def _is_open(line: str, words: Words) -> bool:
    """Tell whether a line holds no secret: it is one pair, and its key is not like one that holds any."""
    plain = _PLAIN.fullmatch(line)
    if plain is None or plain["key"] is None or plain["reference"]:
        return plain is not None
    known = words.keys.get(words.nearest(plain["key"]) or "")
    return not is_secret(plain["key"]) and (known is None or known.name not in HOLDERS)
