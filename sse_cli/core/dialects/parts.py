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

Memory = dict[tuple[str, ...], Any]
"""What the builders of one stream keep from event to event."""


class Scope(msgspec.Struct, frozen=True):
    """Where a rule is applied: `$`, `@`, the choice it belongs to, and its place among its `each`."""

    root: Json
    node: Json
    choice: int
    position: int
    data: str
    memory: Memory

    def at(self, node: Json, position: int) -> "Scope":
        """Return the scope of a match, the number `position` of its `each`."""
        return Scope(self.root, node, self.choice, position, self.data, self.memory)

    def of_choice(self, choice: int) -> "Scope":
        """Return the same scope, of a choice."""
        return Scope(self.root, self.node, choice, self.position, self.data, self.memory)


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


class _Data(msgspec.Struct, frozen=True):
    """The event's data as it is, for formats that send bare text."""

    singular: ClassVar[bool] = True

    def find(self, scope: Scope) -> list[Json]:
        return [scope.data]

    def first(self, scope: Scope) -> Json:
        return scope.data


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

    sources: tuple[_Source | _Data | _Guarded, ...]

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


def _compile_source(text: str) -> _Source | _Data | _Guarded:
    if text == "data":
        return _Data()
    rooted = text.startswith("$")
    if not rooted:
        text = "$" + text.removeprefix("@")
    slow = _FILTER.search(text)
    if slow is None:
        return _Source(rooted, compile_path(text))
    return _Guarded(rooted, compile_path(text[: slow.start()]), text)


def _compile(row: dict[str, Any], *words: str) -> list[Values]:
    """Compile the paths of a rule; a word that is left out finds nothing."""
    return [Values.compile(row.get(word, [])) for word in words]


def _text_part(kind: type[Content] | type[Reasoning] | type[Refusal]) -> Callable[[dict[str, Any]], Build]:
    def factory(row: dict[str, Any]) -> Build:
        text, key = _compile(row, "text", "key")
        cumulative, spare = row.get("cumulative", False), row.get("spare", False)

        def build(scope: Scope) -> Part | None:
            found = text.text(scope)
            if found and _is_spare(spare, scope, (kind.__name__, str(scope.choice))):
                return None
            if found and cumulative:
                found = _news(found, scope, (kind.__name__, str(scope.choice), key.word(scope) or ""))
            return kind(found, scope.choice) if found else None

        return build

    return factory


def _is_spare(spare: bool, scope: Scope, key: tuple[str, ...]) -> bool:
    """Tell whether a find is not wanted: its rule is `spare`, and another rule has given the like."""
    if not spare:
        scope.memory[("given", *key)] = True
        return False
    return ("given", *key) in scope.memory


def _news(text: str, scope: Scope, key: tuple[str, ...]) -> str:
    """Return what a text that is sent whole each time has more than the last time."""
    before = scope.memory.get(key, "")
    scope.memory[key] = text
    return text.removeprefix(before)


def _tool_call(row: dict[str, Any]) -> Build:
    index, id_, name, arguments = _compile(row, "index", "id", "name", "arguments")
    serial, spare = row.get("serial", False), row.get("spare", False)

    def build(scope: Scope) -> Part | None:
        if not isinstance(scope.node, dict | str):
            return None
        place = index.count(scope)
        if serial:
            place = scope.memory[("calls",)] = scope.memory.get(("calls",), -1) + 1
        piece = arguments.first(scope)
        if piece is not None and not isinstance(piece, str):
            piece = payload.encode(piece)  # some send the arguments as an object, whole
        place = scope.position if place is None else place
        if piece and _is_spare(spare, scope, ("call", str(scope.choice), str(place))):
            return None
        return ToolCall(
            index=place,
            id=id_.word(scope),
            name=name.word(scope),
            arguments=piece or ("{}" if serial else ""),
            choice=scope.choice,
        )

    return build


def _merged(before: dict[str, Json], now: dict[str, Json]) -> dict[str, Json]:
    """Return usage put together: later words win, unless they take back to nothing what was a number."""
    return before | {name: value for name, value in now.items() if value or not before.get(name)}


def _usage(row: dict[str, Any]) -> Build:
    input_, output, reasoning, cached, total = _compile(
        row, "input", "output", "reasoning", "cached", "total"
    )
    merge, keys = row.get("merge", False), row.get("keys", [])

    def build(scope: Scope) -> Part | None:
        if not isinstance(scope.node, dict):
            return None
        node = {name: scope.node[name] for name in keys if name in scope.node} if keys else scope.node
        if merge:
            node = _merged(scope.memory.get(("usage",), {}), node)
            scope.memory[("usage",)] = node
        scope = scope.at(node, scope.position)
        return Usage(
            input=input_.count(scope),
            output=output.count(scope),
            reasoning=reasoning.count(scope),
            cached=cached.count(scope),
            total=total.count(scope),
            raw=node,
        )

    return build


def _finish(row: dict[str, Any]) -> Build:
    (reason,) = _compile(row, "reason")
    cut, prefix = frozenset(row.get("cut", ())), row.get("prefix", "")

    def build(scope: Scope) -> Part | None:
        word = reason.word(scope)
        return None if word is None else Finish(prefix + word, scope.choice, word in cut or "*" in cut)

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


_TEXT = {"text", "cumulative", "key", "spare"}

BUILDERS: dict[str, tuple[set[str], Callable[[dict[str, Any]], Build]]] = {
    "content": (_TEXT, _text_part(Content)),
    "reasoning": (_TEXT, _text_part(Reasoning)),
    "refusal": (_TEXT, _text_part(Refusal)),
    "tool_call": ({"index", "serial", "spare", "id", "name", "arguments"}, _tool_call),
    "usage": ({"input", "output", "reasoning", "cached", "total", "merge", "keys"}, _usage),
    "finish": ({"reason", "cut", "prefix"}, _finish),
    "failure": ({"message", "code"}, _failure),
    "rate": ({"rate"}, _rate),
    "citation": (set(), _citation),
    "meta": ({"name", "value"}, _meta),
}
"""For each part: the words of its rule beside `part`, `when` and `each`, and what makes its builder.

Most words are paths; `data` is the event's data as it is. The others:
`cumulative`  the text is sent whole each time, and only what is new of it is given; `key` tells texts apart
`spare`       given only where no other rule gave the like: what comes once more whole, or with some only so
`serial`      each tool call comes whole, and they are numbered as they come
`merge`       usage comes in pieces, of which the later ones win; `keys` are the names that are usage
`cut`         the finish reasons that mean a cut answer, `*` any; `prefix` is put before the reason
"""
