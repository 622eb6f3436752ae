"""JSONPath, compiled once: from a path's text to a value that finds its matches in a payload.

A path of names, indexes and wildcards alone becomes a plain walk, which is many times faster than
jsonpath-ng's find and needs no import of it. All else is jsonpath-ng's.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from functools import reduce
from operator import getitem
from types import EllipsisType
from typing import Any, ClassVar, TypeAlias

import msgspec

from sse_cli.core.items import Extracted, Json
from sse_cli.core.literals import NAME, PATH_HINT, QUOTED, Misread, unquote

_START = re.compile(rf"\$|(?=\[)|(?P<wild>\*)|(?P<name>{NAME})")
# Longer indexes are left to jsonpath-ng: Python refuses to read thousands of digits.
_INDEX = r"-?[0-9]{1,18}"
_STEP = re.compile(
    rf"(?P<wild>\.\*|\[\*\])|\.(?P<name>{NAME})|\[(?:(?P<quoted>{QUOTED})|(?P<index>{_INDEX}))\]", re.DOTALL
)
_WILD = ...
Step: TypeAlias = str | int | EllipsisType
"""One step down: a name, an index, or any."""

NOTHING: Json = object()
"""What is not there, where None would be a null that is."""


class Walk(msgspec.Struct, frozen=True):
    """Names and indexes alone: `steps` down, of which the indexes at the end are `tail`.

    An index takes from a list only. Among `steps` that needs no check, since a name comes after it, and
    no character of a string has members; in `tail` it does.
    """

    text: str
    steps: tuple[str | int, ...]
    tail: tuple[int, ...]
    singular: ClassVar[bool] = True

    def find(self, payload: Json) -> list[Json]:
        """Return the one match in a list, or an empty list; a null is a match like any other."""
        found = self.first(payload, NOTHING)
        return [] if found is NOTHING else [found]

    def first(self, payload: Json, default: Json = None) -> Json:
        """Return the match, or `default` if there is none."""
        try:
            payload = reduce(getitem, self.steps, payload)
            for index in self.tail:
                if not isinstance(payload, list):
                    return default
                payload = payload[index]
        except (KeyError, IndexError, TypeError):
            return default
        return payload


class Fan(msgspec.Struct, frozen=True):
    """Walks with a wildcard between each two: every element of a list, or every member of an object."""

    text: str
    walks: tuple[Walk, ...]
    singular: ClassVar[bool] = False

    def find(self, payload: Json) -> list[Json]:
        """Return the matches in order."""
        first, *others = self.walks
        found = first.find(payload)
        for walk in others:
            found = [match for node in found for child in _children(node) for match in walk.find(child)]
        return found

    def first(self, payload: Json, default: Json = None) -> Json:
        """Return the first match, or `default` if there is none."""
        found = self.find(payload)
        return found[0] if found else default


def _children(node: Json) -> Iterable[Json]:
    if isinstance(node, list):
        return node
    return node.values() if isinstance(node, dict) else ()


class Query(msgspec.Struct, frozen=True):
    """A path that jsonpath-ng evaluates, or several joined by `|`; `trees` are as its parser made them."""

    text: str
    trees: tuple[Any, ...]
    singular: ClassVar[bool] = False

    def find(self, payload: Json) -> list[Json]:
        """Return the matches in order; what cannot be evaluated on this payload does not match it."""
        found: list[Json] = []
        for tree in self.trees:
            # It raises whatever Python raises, for a text among numbers or a payload that is too deep.
            with suppress(Exception):
                found += [match.value for match in tree.find(payload)]
        return found

    def first(self, payload: Json, default: Json = None) -> Json:
        """Return the first match, or `default` if there is none."""
        found = self.find(payload)
        return found[0] if found else default


Path: TypeAlias = Walk | Fan | Query
"""A compiled path. If `singular`, it matches one value at most."""


def getter(path: Path, default: Json) -> Callable[[Json], Json]:
    """Return what gives a path's first match, or `default`: `path.first`, made for the path's shape."""
    if not isinstance(path, Walk) or path.tail or not all(isinstance(step, str) for step in path.steps):
        return lambda payload: path.first(payload, default)
    match path.steps:
        case ():
            return lambda payload: payload
        case (name,):
            return lambda payload: payload.get(name, default) if type(payload) is dict else default
        case (name, last):

            def get(payload: Json) -> Json:
                inner = payload.get(name) if type(payload) is dict else None
                return inner.get(last, default) if type(inner) is dict else default

            return get
    return lambda payload: path.first(payload, default)


def finder(path: Path) -> Callable[[Json], Iterable[Json]]:
    """Return what gives a path's matches: `path.find`, made for the shape `$.name[*]`."""
    if not isinstance(path, Fan) or len(path.walks) != 2 or path.walks[1].steps or path.walks[1].tail:
        return path.find
    get = getter(path.walks[0], None)
    return lambda payload: _children(get(payload))


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


Extract: TypeAlias = Callable[[Callable[[], Json]], tuple[Extracted, ...]]
"""Gives what the user's paths find in an event's data, decoded when it is asked for."""


def extractor(paths: tuple[NamedPath, ...]) -> Extract | None:
    """Compile the user's paths; most often that is one, and has one match."""
    if not paths:
        return None
    if len(paths) == 1 and paths[0].path.singular:
        return _extract_one(paths[0].name, getter(paths[0].path, NOTHING))

    def extract(get: Callable[[], Json]) -> tuple[Extracted, ...]:
        try:
            value = get()
        except ValueError:
            return ()
        return tuple(Extracted(named.name, found) for named in paths for found in named.path.find(value))

    return extract


def _extract_one(name: str, find: Callable[[Json], Json]) -> Extract:
    def extract(get: Callable[[], Json]) -> tuple[Extracted, ...]:
        try:
            found = find(get())
        except ValueError:
            return ()
        return () if found is NOTHING else (Extracted(name, found),)

    return extract


def read_path(text: str) -> Path:
    """Compile a JSONPath that may be a part of a longer text; a bad one raises `Misread`."""
    if not text.strip():
        raise Misread("it is empty", 0, PATH_HINT)
    steps = _plain_steps(text)
    if steps is None:
        from sse_cli.core import jsonpath

        trees = jsonpath.parse(text)
        steps = jsonpath.steps_of(trees[0]) if len(trees) == 1 else None
        if steps is None:
            return Query(text, trees)
    walks = []
    while _WILD in steps:
        place = steps.index(_WILD)
        walks.append(_walk(text, steps[:place]))
        steps = steps[place + 1 :]
    last = _walk(text, steps)
    return Fan(text, (*walks, last)) if walks else last


def _walk(text: str, steps: Sequence[Step]) -> Walk:
    names = max((count for count, step in enumerate(steps, 1) if isinstance(step, str)), default=0)
    before = tuple(step for step in steps[:names] if isinstance(step, str | int))
    return Walk(text, before, tuple(step for step in steps[names:] if isinstance(step, int)))


def _plain_steps(text: str) -> Sequence[Step] | None:
    """Return the steps of a path in its simplest form, `$.a['b'][*][0]`, or None if it is in another."""
    step = _START.match(text)
    steps: list[Step] = [_WILD if step["wild"] else step["name"]] if step and step[0] not in ("$", "") else []
    while step and step.end() < len(text):
        step = _STEP.match(text, step.end())
        if step and step["quoted"]:
            steps.append(unquote(step["quoted"], step.start("quoted")))
        elif step and step["wild"]:
            steps.append(_WILD)
        elif step:
            steps.append(step["name"] or int(step["index"]))
    return steps if step else None
