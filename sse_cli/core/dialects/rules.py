"""The rule language of dialects: a TOML file in, a reader of events out. No code here knows any provider.

A file has a `name`, a `title`, conditions to `recognise` it by, `fields` (unknown SSE fields to be read as
events), `end` and `read`: groups of rules. Conditions are written as for --where. A group or rule may have
`when` (all must hold) and `each`, a path whose matches it is applied to one by one; `@` is that match and `$`
the whole payload, in conditions too. Where several paths are given, the first that finds something is taken.
`end` says what a whole stream has: one of `markers`, by name (not where `due` is false, nor with relatives,
told by `unmarked`, that give a finish reason alone), or, with `finish`, a finish reason. The words of each
part stand in `parts`.
"""

import re
import tomllib
from collections.abc import Callable, Iterable, Sequence
from functools import cache, partial
from typing import Any

import msgspec

from sse_cli.core.dialects.keys import Found, Keys
from sse_cli.core.dialects.parts import BUILDERS, Build
from sse_cli.core.dialects.plans import Place, Plans
from sse_cli.core.dialects.values import Memory, Scope, Values
from sse_cli.core.expressions import Expression, compile_expression
from sse_cli.core.extract import NOTHING
from sse_cli.core.items import Event, Json, Part
from sse_cli.errors import UsageError

Payload = Callable[[], Json]
"""Gives an event's decoded data; raises ValueError where the data is not JSON."""

_PLAIN_EACH = re.compile(r"\$(?:\.[A-Za-z_]\w*)+\[\*\]")
_ONE_WORD = {"content": "text", "reasoning": "text", "refusal": "text", "meta": "value", "finish": "reason"}

_UNMARKED_LOOKS = 8  # a relative shows what it is in its first events


class _Rule(msgspec.Struct, frozen=True):
    """Makes a part of each match of `each` that `suits`, or of the scope itself."""

    when: tuple[Expression, ...]
    looked_for: list[str]
    each: Values | None
    suits: tuple[Expression, ...]  # conditions on the match of `each`
    build: Build
    is_direct: bool  # whether all it looks for is what one word finds

    def apply(self, at: Place, seen: Json, parts: list[Part]) -> None:
        """Add the parts that the rule makes."""
        self.apply_in(at.scope, at.event, seen, parts)

    def apply_in(self, scope: Scope, event: Event, seen: Json, parts: list[Part]) -> None:
        """Add the parts that the rule makes in a scope."""
        if self.each is None and not self.suits:
            part = self.build(scope, seen if self.is_direct else NOTHING)
            if part is not None:
                parts.append(part)
            return
        scopes = [scope]
        if self.each is not None:
            scopes = [scope.at(node, position) for position, node in enumerate(self.each.all(scope))]
        for inner in scopes:
            if all(test.holds(event, inner.node) for test in self.suits):
                part = self.build(inner, NOTHING)
                if part is not None:
                    parts.append(part)


class _Group(msgspec.Struct, frozen=True):
    """Rules that are applied to the same nodes; `keys` tells which of them can find something in one."""

    when: tuple[Expression, ...]
    looked_for: list[str]
    each: Values | None
    choice: Values | None
    rules: tuple[_Rule, ...]
    keys: Keys
    is_direct: bool  # whether `each` takes all of what stands at a path of plain names

    def apply(self, at: Place, seen: Json, parts: list[Part]) -> None:
        """Add the parts that the rules make."""
        scope = at.scope
        if self.is_direct and type(seen) is list:
            nodes = [node for node in seen if node is not None]
        else:
            nodes = [scope.node] if self.each is None else self.each.all(scope)
        for position, node in enumerate(nodes):
            likely = self.keys.likely(node)
            if likely:
                inner = Scope(scope.root, node, 0, position, scope.data, scope.memory)
                self._apply_to(inner, likely, at, parts)

    def _apply_to(self, scope: Scope, likely: Found, at: Place, parts: list[Part]) -> None:
        choice = self.choice.count(scope) if self.choice is not None else 0
        if choice:
            scope = scope.of_choice(choice)
        for number in sorted(likely) if len(likely) > 1 else likely:
            rule = self.rules[number]
            if not rule.when or all(test.holds(at.event, at.root) for test in rule.when):
                rule.apply_in(scope, at.event, likely[number], parts)


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
    steps: Callable[[], Sequence[_Group | _Rule]]

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
        self._memory: Memory = {}
        self._plans = Plans(dialect.steps(), dialect.markers)

    def read(self, event: Event, payload: Payload) -> tuple[Part, ...]:
        """Return the parts of an event, in the order of the rules."""
        try:
            root = payload()
        except ValueError:
            root = NOTHING
        parts: list[Part] = []
        steps, keys, ends = self._plans.of(event, root)
        likely = keys.likely(root)
        if likely:
            value = None if root is NOTHING else root
            at = Place(Scope(value, value, 0, 0, event.data, self._memory), event, root)
            for number in sorted(likely) if len(likely) > 1 else likely:
                tests, step = steps[number]
                for holds in tests:
                    if not holds(event, root):
                        break
                else:
                    step.apply(at, likely[number], parts)
        for holds, done in ends:
            if holds(event, root):
                parts.append(done)
                break
        if self._looks:
            self._look_for_relative(event, payload)
        return tuple(parts)

    def _look_for_relative(self, event: Event, payload: Payload) -> None:
        self._looks -= 1
        if any(test.test(event, payload) for test in self.dialect.unmarked):
            self.marker_due, self.finish_due = False, True
            self._looks = 0


def load_dialect(text: str, origin: str, *, lazily: bool = False) -> Dialect:
    """Compile the text of a dialect file; `origin` names it in errors. Raises `UsageError`.

    With `lazily`, for files that are known to be right, the rules are compiled when they are first needed:
    all dialects must be known to recognise one, and one is read by.
    """
    try:
        table = tomllib.loads(text)
        known = {"name", "title", "recognise", "fields", "end", "read"}
        _check_keys(table, known, origin)
        end = table.get("end", {})
        _check_keys(end, {"markers", "due", "unmarked", "finish"}, origin)
        dialect = Dialect(
            name=table["name"],
            title=table["title"],
            recognise=tuple(_conditions(row) for row in table["recognise"]),
            fields=frozenset(table.get("fields", ())),
            markers={name: compile_expression(test) for name, test in end.get("markers", {}).items()},
            marker_due=end.get("due", "markers" in end),
            unmarked=_conditions(end.get("unmarked", [])),
            finish_due=end.get("finish", False),
            steps=cache(partial(_all_steps, table["read"], origin)),
        )
        if not lazily:
            dialect.steps()
        return dialect
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"dialect file {origin} is not TOML: {error}") from error
    except KeyError as error:
        raise UsageError(f"dialect file {origin} lacks the key {error}") from error


def _all_steps(rows: list[dict[str, Any]], origin: str) -> Sequence[_Group | _Rule]:
    return [step for row in rows for step in _steps(row, origin)]


def _steps(row: dict[str, Any], origin: str) -> Iterable[_Group | _Rule]:
    """Compile a group; where it is about the whole payload, its rules stand for themselves."""
    _check_keys(row, {"when", "each", "choice", "parts"}, origin)
    when = _conditions(row.get("when", []))
    if "each" not in row and "choice" not in row:
        return [_rule(part, when, origin) for part in row["parts"]]
    group = _Group(
        when=when,
        looked_for=_list(row.get("each", [])),
        each=Values.compile(row["each"]) if "each" in row else None,
        choice=Values.compile(row["choice"]) if "choice" in row else None,
        rules=tuple(_rule(part, (), origin) for part in row["parts"]),
        keys=Keys([_looked_for(part) for part in row["parts"]], rooted="each" not in row),
        is_direct=_PLAIN_EACH.fullmatch(str(row.get("each"))) is not None,
    )
    return [group]


def _rule(row: dict[str, Any], when: tuple[Expression, ...], origin: str) -> _Rule:
    """Compile a rule; `when` are the conditions of its group."""
    words, factory = BUILDERS.get(row["part"], (None, None))
    if words is None or factory is None:
        hint = f"The parts are {', '.join(BUILDERS)}."
        raise UsageError(f"dialect file {origin} names an unknown part: {row['part']}", hint)
    _check_keys(row, words | {"part", "when", "each"}, origin)
    tests = _list(row.get("when", []))
    return _Rule(
        when=when + _conditions([test for test in tests if not test.startswith("@")]),
        looked_for=_looked_for(row),
        each=Values.compile(row["each"]) if "each" in row else None,
        suits=_conditions([test.replace("@", "$", 1) for test in tests if test.startswith("@")]),
        build=factory(row),
        is_direct="each" not in row and _has_one_word(row),
    )


def _has_one_word(row: dict[str, Any]) -> bool:
    """Tell whether all paths of a rule are one word's, without data or a text of the file's own."""
    word = _ONE_WORD.get(row["part"], "")
    return "key" not in row and all(path[:1] in ("$", "@") for path in _list(row.get(word, "")))


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
