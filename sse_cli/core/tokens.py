"""The words of an expression, each with its column, and the grammar of `and`, `or`, `not` and brackets.

What they join is for the caller to read, from the same tokens.
"""

import re
from collections.abc import Callable
from typing import Generic, TypeAlias, TypeVar

from sse_cli.core.literals import QUOTED, Misread
from sse_cli.core.logic import And, Not, Or, Tree

DEEPEST = 50
"""So many brackets and `not`s may stand in each other: nobody reads more, nor does Python's stack take it."""

QUOTES_HINT = (
    "a value with blanks or signs in it stands in quotes, and a unit right behind its number: "
    'data contains "a = b", end < 500ms'
)

_TOKEN = re.compile(
    rf"\s*+(?:(?P<string>{QUOTED})|(?P<unclosed>['\"])|(?P<sign>[=!<>~]+)|(?P<bracket>[()])"
    # As much of a path as needs no counting of brackets: most often it is all.
    r"|(?P<path>\$(?:[^\s'\"`()\[\]=!<>~]++|\[[0-9*]++\])*+)|(?P<word>[^\s'\"()=!<>~]+)|(?P<end>\Z))",
    re.DOTALL,
)
_GOES_ON = frozenset("[(]'\"`")
_PATH_PIECE = re.compile(rf"{QUOTED}|`(?:[^`\\]|\\.)*+`|.", re.DOTALL)
# Few expressions have lists: what is not compiled costs no start-up time.
_ITEM = rf"(?s)\s*+(?:(?P<string>{QUOTED})|(?P<word>[^\s'\",()\[\]]+)|)"
_COMMA = r"\s*+,"
_LIST_END = r"\s*+\]"

Token: TypeAlias = tuple[str, str, int]
"""A piece of the text: its kind (a group of `_TOKEN`), itself, and its column."""

T = TypeVar("T")


class Tokens:
    """The tokens of a text, one after the other; `kind`, `word` and `column` are those of the next one."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.depth = 0
        self.kind, self.word, self.column = "", "", 0
        self.end = 0
        self.resume(0)

    def resume(self, at: int) -> None:
        """Go on at a column."""
        found = _TOKEN.match(self.text, at)
        assert found is not None, at
        kind = found.lastgroup or ""
        self.kind, self.word = kind, found[kind]
        self.column, self.end = found.span(kind)
        if kind == "path" and self.text[self.end : self.end + 1] in _GOES_ON:
            self.end = end_of_path(self.text, self.column)
            self.word = self.text[self.column : self.end]

    def take(self) -> Token:
        """Return the next token, and go on after it. Quotes that are not closed raise `Misread`."""
        token = self.kind, self.word, self.column
        if self.kind == "unclosed":
            raise Misread(f"the {self.word} is not closed", self.column, QUOTES_HINT)
        self.resume(self.end)
        return token

    def accept(self, word: str) -> bool:
        """Go on after this word if it is the next token, and tell whether it was."""
        if self.word != word or self.kind not in ("word", "bracket"):
            return False
        self.resume(self.end)
        return True

    def take_path(self, column: int) -> str:
        """Return what stands at a column as far as a path would go, and go on after it."""
        end = end_of_path(self.text, column)
        self.resume(end)
        return self.text[column:end]

    def take_list(self) -> list[Token]:
        """Return the values of a list in square brackets, and go on after it. Raises `Misread`."""
        hint = 'a list is written like ["stop", length]'
        if self.kind != "word" or not self.word.startswith("["):
            raise Misread("a list is expected", self.column, hint)
        items, at = self._row(self.column + 1, "a value", hint)
        end = re.compile(_LIST_END).match(self.text, at)
        if end is None:
            column = len(self.text) - len(self.text[at:].lstrip())
            raise Misread("a comma or the ] of the list is expected", column, hint)
        self.resume(end.end())
        return items

    def take_row(self, at: int, what: str, hint: str) -> list[Token]:
        """Return the words and strings from a column on, with commas between, and go on after them."""
        items, end = self._row(at, what, hint)
        self.resume(end)
        return items

    def _row(self, at: int, what: str, hint: str) -> tuple[list[Token], int]:
        items = []
        find_item, find_comma = re.compile(_ITEM).match, re.compile(_COMMA).match
        while True:
            item = find_item(self.text, at)
            assert item is not None, at
            if item.lastgroup is None:
                raise Misread(f"{what} is expected here", item.end(), hint)
            items.append((item.lastgroup, item[item.lastgroup], item.start(item.lastgroup)))
            comma = find_comma(self.text, item.end())
            if comma is None:
                return items, item.end()
            at = comma.end()


class Grammar(Generic[T]):
    """Reads what `and`, `or`, `not` and brackets join, as trees; `leaf` reads one of what they join.

    `not` binds closest, then `and`, then `or`.
    """

    def __init__(self, tokens: Tokens, leaf: Callable[[], T]) -> None:
        self._tokens = tokens
        self._leaf = leaf

    def whole(self) -> Tree[T]:
        """Read to the end of the text, or raise `Misread`."""
        tree = self._either()
        if self._tokens.kind != "end":
            raise Misread(
                "nothing more is expected here", self._tokens.column, _joint_hint(self._tokens.word)
            )
        return tree

    def single(self) -> Tree[T]:
        """Read a leaf or what stands in brackets, and every `not` before it."""
        tokens = self._tokens
        tokens.depth += 1
        if tokens.depth > DEEPEST:
            raise Misread("it is nested too deeply", tokens.column, "make several expressions of it")
        tree: Tree[T]
        if tokens.accept("not"):
            tree = Not(self.single())
        elif tokens.accept("("):
            tree = self.in_brackets()
        else:
            tree = self._leaf()
        tokens.depth -= 1
        return tree

    def in_brackets(self) -> Tree[T]:
        """Read what stands in brackets, of which the first is read already."""
        tree = self._either()
        if not self._tokens.accept(")"):
            hint = _joint_hint(self._tokens.word)
            raise Misread("the bracket is not closed: ) is expected", self._tokens.column, hint)
        return tree

    def _either(self) -> Tree[T]:
        parts = [self._both()]
        while self._tokens.accept("or"):
            parts.append(self._both())
        return parts[0] if len(parts) == 1 else Or(tuple(parts))

    def _both(self) -> Tree[T]:
        parts = [self.single()]
        while self._tokens.accept("and"):
            parts.append(self.single())
        return parts[0] if len(parts) == 1 else And(tuple(parts))


def end_of_path(text: str, start: int) -> int:
    """Return where a path ends: before a blank, an operator or a bracket that closes what began before it."""
    depth = 0
    for piece in _PATH_PIECE.finditer(text, start):
        sign = piece[0]
        if depth == 0 and (sign.isspace() or sign in "=!<>~)"):
            return piece.start()
        depth += (sign in "[(") - (sign in "])")
    return len(text)


_JOINTS = {"AND": "and", "&&": "and", "&": "and", "OR": "or", "||": "or", "|": "or"}


def _joint_hint(word: str) -> str:
    if meant := _JOINTS.get(word.upper()):
        return f"did you mean {meant}?"
    return f"conditions are joined with and, or; {QUOTES_HINT}"
