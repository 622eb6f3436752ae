"""jsonpath-ng, made safe: the only importer of it, and that when it is needed, since it costs 4 ms.

What it raises (re.error, TypeError, RecursionError and more), what it warns of, and what it takes without a
word and then never matches, comes out as one `Misread` that points at the place.
"""

import re
import warnings
from collections.abc import Iterator
from typing import Any

from sse_cli.core.literals import (
    NAME,
    PATH_HINT,
    QUOTED,
    Misread,
    compile_pattern,
    unquote,
    unquote_pattern,
)

_COMPARISON = re.compile("=~|==?|!=|<=?|>=?")
_PIECE = re.compile(
    rf"(?P<string>{QUOTED})|(?P<operator>`(?:[^`\\]|\\.)*+`)|(?P<unclosed>['\"`])|(?P<name>{NAME})"
    rf"|(?P<number>-?[0-9]+)|(?P<comparison>{_COMPARISON.pattern})|(?P<space>\s+)|(?P<other>\.\.|&&|.)",
    re.DOTALL,
)

_HINTS = (  # the first counts whose patterns fit the text before and after the place of the error
    (r"\w\s*$", r"\(", "there are no functions; a length is $.a.`len`, a regular expression [?(@.a =~ 'x')]"),
    (r"\[[^][]*,[^][]*$", "", "names, indexes and slices do not mix in one pair of brackets; use two paths"),
    (r"^\s*$", r"\.", "a path starts with $, as in $.a, or with a name"),
    (r"(?s)^(?!.*\[\?)", "[=<>!]", "a comparison stands in a filter, as in $.a[?(@.b == 1)]"),
    (r"[\d.]$", "[eE.]", "a number is written in digits, with one point at most"),
)


def parse(text: str) -> tuple[Any, ...]:
    """Return jsonpath-ng's trees for a path, one for each part that `|` joins; a bad one raises `Misread`."""
    return tuple(_parse(text, plain, columns) for plain, columns in _rewritten(text))


def _rewritten(text: str) -> Iterator[tuple[str, list[int]]]:
    """Give the path in words that jsonpath-ng reads as meant, and for each sign its column in `text`.

    It is cut at each `|` before a whole path, since jsonpath-ng takes `$.a.b | $.c` for `$.a.(b | $).c`.
    """
    plain, before, depth = "", "", 0
    columns: list[int] = []
    for piece in _PIECE.finditer(text):
        column, sign = piece.start(), piece["other"] or " "
        depth += (sign in "[(") - (sign in "])")
        if sign == "|" and depth == 0 and text[piece.end() :].lstrip().startswith("$"):
            yield plain, [*columns, column]
            plain, before, columns = "", "", []
            continue
        new = _plain_piece(piece, before)
        plain += new
        columns += [column] * len(new)
        before = before if piece["space"] else piece[0]
    yield plain, [*columns, len(text)]


def _parse(text: str, plain: str, columns: list[int]) -> Any:
    """Have jsonpath-ng read the `plain` form of a part of `text`; a bad one raises `Misread`."""
    try:
        return _tree(plain)
    except Exception as error:  # it raises what its parts raise: re.error, TypeError, RecursionError, ...
        told = re.search(r"(?:\bat 1:|\bcol )(\d+)", str(error))
        if told or "end of string" in str(error):
            raise _misread(text, columns[int(told[1]) if told else -1], columns[-1]) from None
        raise Misread(f"it cannot be read: {error}", columns[0], PATH_HINT) from None


def _tree(plain: str) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from jsonpath_ng.ext.parser import parse

        return parse(plain)


def _misread(text: str, place: int, end: int) -> Misread:
    before, after = text[:place], text[place:end]
    token = _PIECE.match(after)
    reason = f"`{token[0]}` is not expected here" if token else "it ends too early"
    hints = (hint for left, right, hint in _HINTS if re.search(left, before) and re.match(right, after))
    return Misread(reason, place, next(hints, PATH_HINT))


def _plain_piece(piece: re.Match[str], before: str) -> str:
    """Return one piece of a path as jsonpath-ng reads it; `before` is the piece before it.

    It knows no escape but that of a quote, and no name beyond ASCII outside of quotes. With a bare word it
    compares as with a string, and warns; a single `&` it warns of too, or can parse and not evaluate.
    """
    kind, text, column, compared = piece.lastgroup, piece[0], piece.start(), _COMPARISON.fullmatch(before)
    match kind:
        case "unclosed":
            raise Misread(f"the {text} is not closed", column, PATH_HINT)
        case "space":
            return " " * len(text)
        case "string" if before == "=~":
            return _quote(compile_pattern(unquote_pattern(text), column).pattern)
        case "string":
            return _quote(unquote(text, column))
        case "name" if compared and text in ("True", "False", "None"):
            raise Misread(f"`{text}` is Python's word", column, "JSON's words are true, false and null")
        case "name" if before == "=~" or (compared and text not in ("true", "false", "null")):
            return _quote(text)
        case _ if before == "=~":
            raise Misread("a regular expression in quotes is expected after =~", column, PATH_HINT)
        case "name" if not text.isascii() or (before in (".", "..") and text in ("where", "wherenot")):
            return _quote(text)
        case "operator":
            return _checked_operator(text, column)
    return "&&" if text == "&" else text


def _checked_operator(text: str, column: int) -> str:
    try:
        _tree(text)
    except Exception as error:
        hint = "there are `len`, `keys`, `sorted`, `str()`, `split(' ', 0, -1)`, `sub(/a/, b)` and `parent`"
        raise Misread(f"{text} cannot be used: {error}", column, hint) from None
    return text


def _quote(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def steps_of(tree: Any) -> tuple[str | int, ...] | None:
    """Return the steps of a tree of names and indexes alone, or None."""
    from jsonpath_ng.jsonpath import Child, Fields, Index, Root, This

    steps: list[str | int] = []
    nodes = [tree]
    while nodes:
        node = nodes.pop()
        if isinstance(node, Child):
            nodes += (node.left, node.right)
        elif isinstance(node, Fields) and len(node.fields) == 1:
            steps.append(node.fields[0])
        elif isinstance(node, Index) and len(node.indices) == 1:
            steps.append(node.indices[0])
        elif type(node) is not This and not (isinstance(node, Root) and not nodes):
            return None
    return tuple(reversed(steps))
