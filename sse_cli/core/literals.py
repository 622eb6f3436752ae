"""Names, texts in quotes, regular expressions, and what is said of a text that is not in its language."""

import re
import warnings
from contextlib import suppress

from sse_cli.errors import UsageError, point_at

NAME = r"@?(?:[A-Za-z_]|[^\x00-\x7f\s])(?:[A-Za-z0-9_@-]|[^\x00-\x7f\s])*+"
QUOTED = r"""'(?:[^'\\]|\\.)*+'|"(?:[^"\\]|\\.)*+\""""
_ESCAPE = re.compile(r"((?:\\u[0-9a-fA-F]{4})+)|\\(.)", re.DOTALL)
_ESCAPES = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"} | {sign: sign for sign in "/\\'\""}

PATH_HINT = (
    "write it like $['choices'][0]['delta'] or $.items[?(@.price > 1)].name, in single quotes in a shell"
)


class Misread(Exception):
    """A text that is not in its language: what is wrong, at which column (from 0), and what to try."""

    def __init__(self, reason: str, position: int, hint: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.position = position
        self.hint = hint

    def usage_error(self, what: str, text: str) -> UsageError:
        """Return it as the error a person sees; `what` says what the text was to be."""
        return UsageError(f"bad {what}: {self.reason}\n{point_at(text, self.position)}", self.hint)


def unquote(quoted: str, position: int) -> str:
    """Return what a string in quotes stands for; `position` is its column, for the error of a bad escape."""

    def replace(escape: re.Match[str]) -> str:
        codes, sign = escape.groups()
        with suppress(UnicodeDecodeError):  # half of a surrogate pair
            if codes:
                return bytes.fromhex(codes.replace("\\u", "")).decode("utf-16-be")
        if sign not in _ESCAPES:
            raise Misread(f"`{escape[0]}` is no escape", position + 1 + escape.start(), r"for \ write \\")
        return _ESCAPES[sign]

    return _ESCAPE.sub(replace, quoted[1:-1])


def unquote_pattern(quoted: str) -> str:
    r"""Return the regular expression in quotes: `\d`, `\n` and the like are left to it, and `\\d` is `\d`."""
    return re.sub(r"\\(['\"\\])", r"\1", quoted[1:-1])


def compile_pattern(pattern: str, position: int) -> re.Pattern[str]:
    """Compile a regular expression that stands at column `position`; a bad one raises `Misread`."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        raise Misread(f"not a regular expression: {error}", position, r"for a plain ( write \(") from None
