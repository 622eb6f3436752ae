"""The rule language of dialects: a TOML file in, a reader of events out. No code here knows any provider.

A file has a `name`, a `title`, conditions to `recognise` it by, `fields` (unknown SSE fields to be read as
events), `end` and `read`: groups of rules. Conditions are written as for --where. A group or rule may have
`when` (all must hold) and `each`, a path whose matches it is applied to one by one; `@` is that match and `$`
the whole payload, in conditions too. Where several paths are given, the first that finds something is taken.
`end` says what a whole stream has: one of `markers`, by name (not where `due` is false, nor with relatives,
told by `unmarked`, that give a finish reason alone), or, with `finish`, a finish reason. The words of each
part stand in `parts`.
"""

import tomllib
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import msgspec

from sse_cli.core.dialects.keys import Keys
from sse_cli.core.dialects.parts import BUILDERS, Build
from sse_cli.core.dialects.values import Memory, Scope, Values
from sse_cli.core.expressions import Expression, compile_expression
from sse_cli.core.items import Done, Event, Json, Meta, Part
from sse_cli.errors import UsageError

Payload = Callable[[], Json]
"""Gives an event's decoded data; raises ValueError where the data is not JSON."""

_UNMARKED_LOOKS = 8  # a relative shows what it is in its first events


class _Rule(msgspec.Struct, frozen=True):
    when: tuple[Expression, ...]
    each: Values | None
    suits: tuple[Expression, ...]  # conditions on the match of `each`
    build: Build


class _Group(msgspec.Struct, frozen=True):
    """Rules that are applied to the same nodes; `keys` tells which of them can find something in one."""

    when: tuple[Expression, ...]
    each: Values | None
    choice: Values | None
    rules: tuple[_Rule, ...]
    keys: Keys


class Dialect(msgspec.Struct, frozen=True):
    """A compiled dialect file. It keeps no state: `Reader` does."""

    name: str
    title: str
    recognise: tuple[tuple[Expression, ...], ...]
    fields: frozenset[str]
    markers: dict[str, Expression]
    marker_due: bool
    unmarked: tuple[Expression, ...]
    finish_due: bool
    groups: tuple[_Group, ...]

    def fits(self, event: Event, payload: Payload) -> bool:
        """Tell whether one event is enough to know the dialect by."""
        return any(all(test.test(event, payload) for test in tests) for tests in self.recognise)


class Reader:
    """Reads the events of one stream in one dialect.

    `marker_due` tells whether a whole stream of this kind ends with an end marker, `finish_due` whether it
    has a finish reason.
    """

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect
        self.marker_due = dialect.marker_due
        self.finish_due = dialect.finish_due
        self._looks = _UNMARKED_LOOKS if dialect.unmarked else 0
        self._meta: dict[str, Part] = {}
        self._memory: Memory = {}

    def read(self, event: Event, payload: Payload) -> tuple[Part, ...]:
        """Return the parts of an event, in the order of the rules."""
        parts: list[Part] = []
        try:
            root = payload()
        except ValueError:
            root = None
        for group in self.dialect.groups:
            _apply(group, Scope(root, root, 0, 0, event.data, self._memory), event, payload, parts)
        for marker, test in self.dialect.markers.items():
            if test.test(event, payload):
                parts.append(Done(marker))
                break
        if self._looks:
            self._look_for_relative(event, payload)
        if parts and any(type(part) is Meta for part in parts):
            parts = [part for part in parts if type(part) is not Meta or self._is_news(part)]
        return tuple(parts)

    def _look_for_relative(self, event: Event, payload: Payload) -> None:
        self._looks -= 1
        if any(test.test(event, payload) for test in self.dialect.unmarked):
            self.marker_due, self.finish_due = False, True
            self._looks = 0

    def _is_news(self, part: Meta) -> bool:
        """Tell whether a fact such as the model is news: every event repeats it, and it is given once."""
        known = self._meta.get(part.name)
        self._meta[part.name] = part
        return known != part


def _apply(group: _Group, whole: Scope, event: Event, payload: Payload, parts: list[Part]) -> None:
    nodes = (whole.root,) if group.each is None else group.each.all(whole)
    for position, node in enumerate(nodes):
        likely = group.keys.likely(node)
        if not likely or (group.when and not _all_hold(group.when, event, payload)):
            continue
        scope = whole.at(node, position)
        if group.choice is not None:
            scope = scope.of_choice(group.choice.count(scope) or 0)
        for number in likely:
            rule = group.rules[number]
            if not rule.when or _all_hold(rule.when, event, payload):
                _build(rule, scope, event, parts)


def _build(rule: _Rule, scope: Scope, event: Event, parts: list[Part]) -> None:
    scopes: Iterable[Scope] = (scope,)
    if rule.each is not None:
        nodes = enumerate(rule.each.all(scope))
        scopes = (scope.at(node, position) for position, node in nodes)
    for inner in scopes:
        if rule.suits and not _all_hold(rule.suits, event, partial(_node_of, inner)):
            continue
        part = rule.build(inner)
        if part is not None:
            parts.append(part)


def _node_of(scope: Scope) -> Json:
    return scope.node


def _all_hold(tests: tuple[Expression, ...], event: Event, payload: Payload) -> bool:
    return all(test.test(event, payload) for test in tests)


def load_dialect(text: str, origin: str) -> Dialect:
    """Compile the text of a dialect file; `origin` names it in errors. Raises `UsageError`."""
    try:
        table = tomllib.loads(text)
        known = {"name", "title", "recognise", "fields", "end", "read"}
        _check_keys(table, known, origin)
        end = table.get("end", {})
        _check_keys(end, {"markers", "due", "unmarked", "finish"}, origin)
        return Dialect(
            name=table["name"],
            title=table["title"],
            recognise=tuple(_conditions(row) for row in table["recognise"]),
            fields=frozenset(table.get("fields", ())),
            markers={name: compile_expression(test) for name, test in end.get("markers", {}).items()},
            marker_due=end.get("due", "markers" in end),
            unmarked=_conditions(end.get("unmarked", [])),
            finish_due=end.get("finish", False),
            groups=tuple(_group(row, origin) for row in table["read"]),
        )
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"dialect file {origin} is not TOML: {error}") from error
    except KeyError as error:
        raise UsageError(f"dialect file {origin} lacks the key {error}") from error


def _group(row: dict[str, Any], origin: str) -> _Group:
    _check_keys(row, {"when", "each", "choice", "parts"}, origin)
    return _Group(
        when=_conditions(row.get("when", [])),
        each=Values.compile(row["each"]) if "each" in row else None,
        choice=Values.compile(row["choice"]) if "choice" in row else None,
        rules=tuple(_rule(part, origin) for part in row["parts"]),
        keys=Keys.of([_looked_for(part) for part in row["parts"]], rooted="each" not in row),
    )


def _rule(row: dict[str, Any], origin: str) -> _Rule:
    words, factory = BUILDERS.get(row["part"], (None, None))
    if words is None or factory is None:
        hint = f"The parts are {', '.join(BUILDERS)}."
        raise UsageError(f"dialect file {origin} names an unknown part: {row['part']}", hint)
    _check_keys(row, words | {"part", "when", "each"}, origin)
    tests = _list(row.get("when", []))
    return _Rule(
        when=_conditions([test for test in tests if not test.startswith("@")]),
        each=Values.compile(row["each"]) if "each" in row else None,
        suits=_conditions([test.replace("@", "$", 1) for test in tests if test.startswith("@")]),
        build=factory(row),
    )


def _looked_for(row: dict[str, Any]) -> list[str]:
    """Return the paths of which a rule needs one to find something."""
    values = [row["each"]] if "each" in row else [value for word, value in row.items() if word != "when"]
    texts = [text for value in values if not isinstance(value, bool) for text in _list(value)]
    return [text for text in texts if text[:1] in "@$" or text == "data"]


def _conditions(texts: str | list[str]) -> tuple[Expression, ...]:
    return tuple(compile_expression(text) for text in _list(texts))


def _list(texts: str | list[str]) -> list[str]:
    return [texts] if isinstance(texts, str) else texts


def _check_keys(table: dict[str, Any], known: set[str], origin: str) -> None:
    unknown = sorted(set(table) - known)
    if unknown:
        raise UsageError(
            f"dialect file {origin} has an unknown key: {unknown[0]}",
            f"Known here are {', '.join(sorted(known))}.",
        )
