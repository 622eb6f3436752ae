"""JSONPath, compiled once: from a path's text to a value that finds its matches in a payload.

A path of names and indexes alone becomes a plain walk, without jsonpath-ng, whose import costs 4 ms.
All else is jsonpath-ng's, of which this module is the only importer; its many exceptions, its warnings
and what it takes without a word and never matches come out as one error that points at the place.
"""

import re
import warnings
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, ClassVar

import msgspec

from sse_cli.core.items import Json
from sse_cli.errors import UsageError, point_at

_NAME = r"@?(?:[A-Za-z_]|[^\x00-\x7f\s])(?:[A-Za-z0-9_@-]|[^\x00-\x7f\s])*+"
QUOTED = r"""'(?:[^'\\]|\\.)*+'|"(?:[^"\\]|\\.)*+\""""
_START = re.compile(rf"\$|(?=\[)|(?P<name>{_NAME})")
# Longer indexes are left to jsonpath-ng: Python refuses to read thousands of digits.
_INDEX = r"-?[0-9]{1,18}"
_STEP = re.compile(rf"\.(?P<name>{_NAME})|\[(?:(?P<quoted>{QUOTED})|(?P<index>{_INDEX}))\]", re.DOTALL)
_COMPARISON = re.compile("=~|==?|!=|<=?|>=?")
_PIECE = re.compile(
    rf"(?P<string>{QUOTED})|(?P<operator>`(?:[^`\\]|\\.)*+`)|(?P<unclosed>['\"`])|(?P<name>{_NAME})"
    rf"|(?P<number>-?[0-9]+)|(?P<comparison>{_COMPARISON.pattern})|(?P<space>\s+)|(?P<other>\.\.|&&|.)",
    re.DOTALL,
)
_ESCAPE = re.compile(r"((?:\\u[0-9a-fA-F]{4})+)|\\(.)", re.DOTALL)
_ESCAPES = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"} | {sign: sign for sign in "/\\'\""}

_HINT = "write it like $['choices'][0]['delta'] or $.items[?(@.price > 1)].name, in single quotes in a shell"
_HINTS = (  # the first counts whose patterns fit the text before and after the place of the error
    (r"\w\s*$", r"\(", "there are no functions; a length is $.a.`len`, a regular expression [?(@.a =~ 'x')]"),
    (r"\[[^][]*,[^][]*$", "", "names, indexes and slices do not mix in one pair of brackets; use two paths"),
    (r"^\s*$", r"\.", "a path starts with $, as in $.a, or with a name"),
    (r"(?s)^(?!.*\[\?)", "[=<>!]", "a comparison stands in a filter, as in $.a[?(@.b == 1)]"),
    (r"[\d.]$", "[eE.]", "a number is written in digits, with one point at most"),
)


class Misread(Exception):
    """A text that is not in its language: what is wrong, at which column (from 0), and what to try."""

    def __init__(self, reason: str, position: int, hint: str = _HINT) -> None:
        super().__init__(reason)
        self.reason = reason
        self.position = position
        self.hint = hint

    def usage_error(self, what: str, text: str) -> UsageError:
        """Return it as the error a person sees; `what` says what the text was to be."""
        return UsageError(f"bad {what}: {self.reason}\n{point_at(text, self.position)}", self.hint)


class Path(msgspec.Struct, frozen=True):
    """A compiled path: a `Walk` or a `Query`. If `singular`, it matches one value at most."""

    text: str
    singular: ClassVar[bool] = False

    def find(self, payload: Json) -> list[Json]:
        """Return what the path matches in the payload, in order; a null is a match like any other."""
        raise NotImplementedError

    def first(self, payload: Json, default: Json = None) -> Json:
        """Return the first match, or `default` if there is none."""
        found = self.find(payload)
        return found[0] if found else default


class Walk(Path, frozen=True):
    """Names and indexes alone: `steps` down, of which the indexes at the end are `tail`.

    An index takes from a list only. Among `steps` that needs no check, since a name comes after it, and
    no character of a string has members; in `tail` it does.
    """

    steps: tuple[str | int, ...]
    tail: tuple[int, ...]
    singular: ClassVar[bool] = True

    def find(self, payload: Json) -> list[Json]:
        """Return the one match in a list, or an empty list."""
        try:
            for step in self.steps:
                payload = payload[step]
            for index in self.tail:
                if not isinstance(payload, list):
                    return []
                payload = payload[index]
        except (KeyError, IndexError, TypeError):
            return []
        return [payload]


class Query(Path, frozen=True):
    """A path that jsonpath-ng evaluates, or several joined by `|`; `trees` are as its parser made them."""

    trees: tuple[Any, ...]

    def find(self, payload: Json) -> list[Json]:
        """Return the matches; what cannot be evaluated on this payload does not match it."""
        found: list[Json] = []
        for tree in self.trees:
            # It raises whatever Python raises, for a text among numbers or a payload that is too deep.
            with suppress(Exception):
                found += [match.value for match in tree.find(payload)]
        return found


class NamedPath(msgspec.Struct, frozen=True):
    """A path, and the name under which its matches are shown."""

    name: str
    path: Path


def compile_path(text: str) -> Path:
    """Compile a JSONPath; a bad one raises `UsageError`, with a caret under the place."""
    try:
        return read_path(text)
    except Misread as fault:
        raise fault.usage_error("path", text) from None


def parse_named(text: str) -> NamedPath:
    """Read `[NAME=]JSONPATH`; the name defaults to the path's own text."""
    named = re.fullmatch(r"([^\W\d][\w.-]*)=(?!=)(.*)", text, re.DOTALL)
    name, path = (named[1], named[2]) if named else (text, text)
    return NamedPath(name, compile_path(path))


def read_path(text: str) -> Path:
    """Compile a JSONPath that may be a part of a longer text; a bad one raises `Misread`."""
    if not text.strip():
        raise Misread("it is empty", 0)
    steps = _plain_steps(text)
    if steps is None:
        trees = tuple(_parse(text, plain, columns) for plain, columns in _rewritten(text))
        steps = _steps_of(trees[0]) if len(trees) == 1 else None
        if steps is None:
            return Query(text, trees)
    names = max((count for count, step in enumerate(steps, 1) if isinstance(step, str)), default=0)
    return Walk(text, steps[:names], tuple(step for step in steps[names:] if isinstance(step, int)))


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


def _plain_steps(text: str) -> tuple[str | int, ...] | None:
    """Return the steps of a path in its simplest form, `$.a['b'][0]`, or None if it is in another."""
    step = _START.match(text)
    steps: list[str | int] = [step["name"]] if step and step["name"] else []
    while step and step.end() < len(text):
        step = _STEP.match(text, step.end())
        if step and step["quoted"]:
            steps.append(unquote(step["quoted"], step.start("quoted")))
        elif step:
            steps.append(step["name"] or int(step["index"]))
    return tuple(steps) if step else None


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
        raise Misread(f"it cannot be read: {error}", columns[0]) from None


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
    return Misread(reason, place, next(hints, _HINT))


def _plain_piece(piece: re.Match[str], before: str) -> str:
    """Return one piece of a path as jsonpath-ng reads it; `before` is the piece before it.

    It knows no escape but that of a quote, and no name beyond ASCII outside of quotes. With a bare word it
    compares as with a string, and warns; a single `&` it warns of too, or can parse and not evaluate.
    """
    kind, text, column, compared = piece.lastgroup, piece[0], piece.start(), _COMPARISON.fullmatch(before)
    match kind:
        case "unclosed":
            raise Misread(f"the {text} is not closed", column)
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
            raise Misread("a regular expression in quotes is expected after =~", column)
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


def _steps_of(tree: Any) -> tuple[str | int, ...] | None:
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
