"""Captured values in expectations: texts in quotes, or numbers."""

import re

from sse_cli.core import payload
from sse_cli.core.literals import QUOTED

_WHOLE = re.compile(QUOTED, re.DOTALL)
_QUOTE = re.compile("[\"']")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?")


def as_value(value: str, before: str) -> str:
    """Return what stands for a value in an expectation; `before` is what stands before it there.

    Inside of quotes it is a piece of that text; else a number where it looks like one, and a text of its own.
    Nothing in it can end the text.
    """
    opened = _QUOTE.search(_WHOLE.sub("", before))
    if opened is None:
        return value if _NUMBER.fullmatch(value) else payload.encode(value)
    written = payload.encode(value)[1:-1]
    return written.replace("'", "\\'")  # which may be escaped in either kind of quotes
