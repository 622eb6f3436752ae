"""What a rule makes: for each kind of part the words its rule may use, and how the part is built of them."""

import re
from collections.abc import Callable
from functools import cache
from typing import Any, ClassVar

import msgspec

from sse_cli.core import payload
from sse_cli.core.extract import Path, compile_path
from sse_cli.core.items import (
    Citation,
    Content,
    Failure,
    Finish,
    Json,
    Meta,
    Part,
    Rate,
    Reasoning,
    Refusal,
    ToolCall,
    Usage,
)


class Scope(msgspec.Struct, frozen=True):
    """Where a rule is applied: `$`, `@`, the choice it belongs to, and its place among its `each`."""

    root: Json
    node: Json
    choice: int
    position: int


Build = Callable[[Scope], Part | None]


class _Source(msgspec.Struct, frozen=True):
    """One path of a rule: `$` for the payload if it is `rooted`, else what `@` stands for."""

    rooted: bool
    path: Path

    @property
    def singular(self) -> bool:
        return self.path.singular

    def find(self, scope: Scope) -> list[Json]:
        return self.path.find(scope.root if self.rooted else scope.node)

    def first(self, scope: Scope) -> Json:
        return self.path.first(scope.root if self.rooted else scope.node)


class _Guarded(msgspec.Struct, frozen=True):
    """A path with a filter. `guard` is its plain beginning: where that finds neither list nor object, as in
    nearly every event, the slow rest is not tried, nor even compiled, which imports jsonpath-ng."""

    rooted: bool
    guard: Path
    text: str
    singular: ClassVar[bool] = False

    def find(self, scope: Scope) -> list[Json]:
        node = scope.root if self.rooted else scope.node
        if not isinstance(self.guard.first(node), list | dict):
            return []
        return _compile_once(self.text).find(node)

    def first(self, scope: Scope) -> Json:
        return next(iter(self.find(scope)), None)


class Values(msgspec.Struct, frozen=True):
    """One path or several, of which the first that finds something counts. Nulls are not something."""

    sources: tuple[_Source | _Guarded, ...]

    @classmethod
    def compile(cls, texts: str | list[str]) -> "Values":
        """Compile `$`- and `@`-paths. Raises `UsageError`."""
        return cls(tuple(_compile_source(text) for text in ([texts] if isinstance(texts, str) else texts)))

    def all(self, scope: Scope) -> list[Json]:
        """Return all that the first fruitful path finds."""
        for source in self.sources:
            found = [value for value in source.find(scope) if value is not None]
            if found:
                return found
        return []

    def first(self, scope: Scope) -> Json:
        """Return the first thing found, or None."""
        for source in self.sources:
            value = source.first(scope)
            if value is not None:
                return value
        return None

    def text(self, scope: Scope) -> str:
        """Return the first text found that is not empty; what one path finds in pieces is joined."""
        for source in self.sources:
            if source.singular:
                text = source.first(scope)
                if isinstance(text, str) and text:
                    return text
            elif text := "".join(value for value in source.find(scope) if isinstance(value, str)):
                return text
        return ""

    def word(self, scope: Scope) -> str | None:
        """Return the first string or number found, as a string, or None."""
        for source in self.sources:
            value = source.first(scope)
            if isinstance(value, str) and value:
                return value
            if isinstance(value, int | float) and not isinstance(value, bool):
                return str(value)
        return None

    def count(self, scope: Scope) -> int | None:
        """Return the first whole number found, or None."""
        found = (source.first(scope) for source in self.sources)
        return next((v for v in found if isinstance(v, int) and not isinstance(v, bool)), None)


_FILTER = re.compile(r"\[\?|\.\.")
_compile_once = cache(compile_path)


def _compile_source(text: str) -> _Source | _Guarded:
    rooted = text.startswith("$")
    text = text.replace("@", "$", 1)
    slow = _FILTER.search(text)
    if slow is None:
        return _Source(rooted, compile_path(text))
    return _Guarded(rooted, compile_path(text[: slow.start()]), text)


def _compile(row: dict[str, Any], *words: str) -> list[Values]:
    """Compile the paths of a rule; a word that is left out finds nothing."""
    return [Values.compile(row.get(word, [])) for word in words]


def _text_part(kind: type[Content] | type[Reasoning] | type[Refusal]) -> Callable[[dict[str, Any]], Build]:
    def factory(row: dict[str, Any]) -> Build:
        (text,) = _compile(row, "text")

        def build(scope: Scope) -> Part | None:
            found = text.text(scope)
            return kind(found, scope.choice) if found else None

        return build

    return factory


def _tool_call(row: dict[str, Any]) -> Build:
    index, id_, name, arguments = _compile(row, "index", "id", "name", "arguments")

    def build(scope: Scope) -> Part | None:
        if not isinstance(scope.node, dict):
            return None
        place = index.count(scope)
        piece = arguments.first(scope)
        if piece is not None and not isinstance(piece, str):
            piece = payload.encode(piece)  # some send the arguments as an object, whole
        return ToolCall(
            index=scope.position if place is None else place,
            id=id_.word(scope),
            name=name.word(scope),
            arguments=piece or "",
            choice=scope.choice,
        )

    return build


def _usage(row: dict[str, Any]) -> Build:
    input_, output, reasoning, cached, total = _compile(
        row, "input", "output", "reasoning", "cached", "total"
    )

    def build(scope: Scope) -> Part | None:
        if not isinstance(scope.node, dict):
            return None
        return Usage(
            input=input_.count(scope),
            output=output.count(scope),
            reasoning=reasoning.count(scope),
            cached=cached.count(scope),
            total=total.count(scope),
            raw=scope.node,
        )

    return build


def _finish(row: dict[str, Any]) -> Build:
    (reason,) = _compile(row, "reason")
    cut = frozenset(row.get("cut", ()))

    def build(scope: Scope) -> Part | None:
        word = reason.word(scope)
        return None if word is None else Finish(word, scope.choice, word in cut)

    return build


def _failure(row: dict[str, Any]) -> Build:
    message, code = _compile(row, "message", "code")

    def build(scope: Scope) -> Part | None:
        if not scope.node:
            return None
        return Failure(message.word(scope) or payload.encode(scope.node), code.word(scope))

    return build


def _rate(row: dict[str, Any]) -> Build:
    (rate,) = _compile(row, "rate")

    def build(scope: Scope) -> Part | None:
        value = rate.first(scope)
        return Rate(float(value)) if isinstance(value, int | float) and not isinstance(value, bool) else None

    return build


def _citation(_row: dict[str, Any]) -> Build:
    return lambda scope: Citation(scope.node)


def _meta(row: dict[str, Any]) -> Build:
    (value,) = _compile(row, "value")
    name = row["name"]

    def build(scope: Scope) -> Part | None:
        word = value.word(scope)
        return None if word is None else Meta(name, word)

    return build


BUILDERS: dict[str, tuple[set[str], Callable[[dict[str, Any]], Build]]] = {
    "content": ({"text"}, _text_part(Content)),
    "reasoning": ({"text"}, _text_part(Reasoning)),
    "refusal": ({"text"}, _text_part(Refusal)),
    "tool_call": ({"index", "id", "name", "arguments"}, _tool_call),
    "usage": ({"input", "output", "reasoning", "cached", "total"}, _usage),
    "finish": ({"reason", "cut"}, _finish),
    "failure": ({"message", "code"}, _failure),
    "rate": ({"rate"}, _rate),
    "citation": (set(), _citation),
    "meta": ({"name", "value"}, _meta),
}
"""For each part: the words of its rule beside `part`, `when` and `each`, and what makes its builder."""
