"""Where a rule finds its values: in the payload, in what `@` stands for, or in the data as it is."""

import re
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any, ClassVar, TypeAlias

import msgspec

from sse_cli.core.extract import Path, compile_path, finder, getter
from sse_cli.core.items import Json

Memory = dict[tuple[str | int, ...], Any]
"""What the builders of one stream keep from event to event."""


class Scope(msgspec.Struct, frozen=True, gc=False):
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


class _Source(msgspec.Struct, frozen=True):
    """One path of a rule: `$` for the payload if it is `rooted`, else what `@` stands for."""

    rooted: bool
    singular: bool
    get: Callable[[Json], Json]
    find_in: Callable[[Json], Iterable[Json]]

    def find(self, scope: Scope) -> Iterable[Json]:
        return self.find_in(scope.root if self.rooted else scope.node)

    def first(self, scope: Scope) -> Json:
        return self.get(scope.root if self.rooted else scope.node)


class _Data(msgspec.Struct, frozen=True):
    """The event's data as it is, for formats that send bare text."""

    singular: ClassVar[bool] = True

    def find(self, scope: Scope) -> list[Json]:
        return [scope.data]

    def first(self, scope: Scope) -> Json:
        return scope.data


class _Constant(msgspec.Struct, frozen=True):
    """A text that the file itself gives, for what a format says without a word for it."""

    text: str
    singular: ClassVar[bool] = True

    def find(self, _scope: Scope) -> list[Json]:
        return [self.text]

    def first(self, _scope: Scope) -> Json:
        return self.text


_Any: TypeAlias = "_Source | _Data | _Constant | _Guarded"


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

    sources: tuple[_Any, ...]

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
        for source in self.sources:
            value = source.first(scope)
            if isinstance(value, int) and not isinstance(value, bool):
                return value
        return None


_FILTER = re.compile(r"\[\?|\.\.")
_compile_once = cache(compile_path)


def _compile_source(text: str) -> _Any:
    if text == "data":
        return _Data()
    if text.startswith("'"):
        return _Constant(text.strip("'"))
    rooted = text.startswith("$")
    if not rooted:
        text = "$" + text.removeprefix("@")
    slow = _FILTER.search(text)
    if slow is None:
        path = _compile_once(text)
        return _Source(rooted, path.singular, getter(path, None), finder(path))
    return _Guarded(rooted, _compile_once(text[: slow.start()]), text)
