"""The rule language of dialects: a TOML file in, a reader of events out. No code here knows any provider.

A file has a `name`, a `title`, conditions to `recognise` it by, `fields` (unknown SSE fields to be read as
events), `ping` (what an event meets that says nothing, beside those of the usual names), `headers` (names of
those that only its requests and responses have, to know it by where no event told), `end`, `resume` (how the
rest of an answer is asked for: see `resume.py`) and `read`: groups of rules.

Conditions are written as for --where. A group or rule may have `when` (all must hold) and `each`, a path
whose matches it is applied to one by one; `@` is that match and `$` the whole payload, in conditions too.
Where several paths are given, the first that finds something is taken.

`end` says what a whole stream has: one of `markers`, by name (not where `due` is false, nor with relatives,
told by `unmarked`, that give a finish reason alone), or, with `finish`, a finish reason; with `last`, nothing
follows that, nor an error. The words of each part stand in `parts`.
"""

import re
import tomllib
from collections.abc import Callable, Iterable, Sequence
from functools import cache, partial
from typing import TYPE_CHECKING, Any, ClassVar

import msgspec

from sse_cli.core.dialects.alike import Alike, Vocabulary
from sse_cli.core.dialects.keys import Keys
from sse_cli.core.dialects.parts import BUILDERS, Build
from sse_cli.core.dialects.plans import Plans
from sse_cli.core.dialects.values import Memory, Scope, Values
from sse_cli.core.expressions import Expression, compile_expression
from sse_cli.core.extract import NOTHING, compile_path, getter
from sse_cli.core.items import Event, Json, Part, Streak
from sse_cli.errors import UsageError

if TYPE_CHECKING:  # only a run that reconnects has a use for it
    from sse_cli.core.dialects.resume import ResumeRule

Payload = Callable[[], Json]
"""Gives an event's decoded data; raises ValueError where the data is not JSON."""

_PLAIN_EACH = re.compile(r"\$(?:\.[A-Za-z_]\w*)+\[\*\]")
_ONE_WORD = {"content": "text", "reasoning": "text", "refusal": "text", "meta": "value", "finish": "reason"}

_UNMARKED_LOOKS = 8  # a relative shows what it is in its first events


class _Rule(msgspec.Struct, frozen=True):
    """Makes a part of each match of `each` that `suits`, or of the scope itself."""

    row: dict[str, Any]  # as the file has it
    when: tuple[Expression, ...]
    looked_for: list[str]
    each: Values | None
    suits: tuple[Expression, ...]  # conditions on the match of `each`
    build: Build
    quick: Build | None  # `build`, where the scope itself is meant, whatever it is

    def apply(self, scope: Scope, event: Event, root: Json, seen: Json, parts: list[Part]) -> None:  # noqa: ARG002
        """Add the parts that the rule makes."""
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

    row: dict[str, Any]
    when: tuple[Expression, ...]
    looked_for: list[str]
    each: Values | None
    choice: Callable[[Json], Json] | None  # gives a node's choice
    rules: tuple[_Rule, ...]
    keys: Keys
    is_direct: bool  # whether `each` takes all of what stands at a path of plain names
    quick: ClassVar[None] = None

    def apply(self, scope: Scope, event: Event, root: Json, seen: Json, parts: list[Part]) -> None:
        """Add the parts that the rules make."""
        if self.is_direct and type(seen) is list:
            nodes = seen
        else:
            nodes = [scope.node] if self.each is None else self.each.all(scope)
        position = -1
        choice = 0
        for node in nodes:
            if node is None:
                continue
            position += 1
            likely = self.keys.likely(node)
            if not likely:
                continue
            if self.choice is not None:
                choice = self.choice(node)
                if type(choice) is not int:
                    choice = 0
            inner = Scope(scope.root, node, choice, position, scope.data, scope.memory)
            for number, value in likely:
                rule = self.rules[number]
                if rule.when and not all(test.holds(event, root) for test in rule.when):
                    continue
                if rule.quick is None:
                    rule.apply(inner, event, root, value, parts)
                elif (part := rule.quick(inner, value)) is not None:
                    parts.append(part)


class Dialect(msgspec.Struct, frozen=True):
    """A compiled dialect file. It keeps no state: `Reader` does."""

    name: str
    title: str
    recognise: tuple[tuple[Expression, ...], ...]
    fields: frozenset[str]
    ping: tuple[Expression, ...]
    headers: frozenset[str]
    resume: "Callable[[], ResumeRule | None]"
    markers: dict[str, Expression]
    marker_due: bool
    unmarked: tuple[Expression, ...]
    finish_due: bool
    finish_is_last: bool
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
        self._alike = Alike(cache(partial(_vocabulary, dialect)))

    def read(self, event: Event, payload: Payload) -> tuple[Part, ...]:
        """Return the parts of an event, in the order of the rules."""
        if (known := self._alike.read_text(event)) is not None:
            return known
        try:
            root = payload()
        except ValueError:
            root = NOTHING
        if not self._looks and (known := self._alike.read(event, root)) is not None:
            return known
        parts: list[Part] = []
        steps, keys, ends = self._plans.of(event, root)
        if likely := keys.likely(root):
            value = None if root is NOTHING else root
            scope = Scope(value, value, 0, 0, event.data, self._memory)
            for number, seen in likely:
                tests, step, quick = steps[number]
                if tests and not all(holds(event, root) for holds in tests):
                    continue
                if quick is None:
                    step.apply(scope, event, root, seen, parts)
                elif (part := quick(scope, seen)) is not None:
                    parts.append(part)
        for holds, done in ends:
            if holds(event, root):
                parts.append(done)
                break
        if self._looks:
            self._look_for_relative(event, payload)
        else:
            self._alike.learn(event, root, parts)
        return tuple(parts)

    def find_streak(self, blocks: bytes, at: float, way: Sequence[str | int] | None = None) -> Streak | None:
        """Return what blocks give that are alike but for one text; with `way`, only if it leads to that."""
        if way is not None and tuple(way) != tuple(0 if step is ... else step for step in self._alike.way):
            return None
        return self._alike.find_streak(blocks, at)

    def _look_for_relative(self, event: Event, payload: Payload) -> None:
        self._looks -= 1
        if any(test.test(event, payload) for test in self.dialect.unmarked):
            self.marker_due, self.finish_due = False, True
            self._looks = 0


def _vocabulary(dialect: Dialect) -> Vocabulary:
    """Return all that a dialect looks at in an event."""
    vocabulary = Vocabulary()
    for step in dialect.steps():
        nodes = [vocabulary.root]
        rules: Sequence[_Rule] = [step] if isinstance(step, _Rule) else step.rules
        if isinstance(step, _Group):
            nodes = vocabulary.find(step.looked_for, nodes) or nodes
            vocabulary.look(_list(step.row.get("choice", [])), nodes)
            for condition in step.when:
                vocabulary.ask(condition)
        for rule in rules:
            vocabulary.add(rule.row, rule.suits, nodes)
            for condition in rule.when:
                vocabulary.ask(condition)
    for condition in dialect.markers.values():
        vocabulary.ask(condition)
    return vocabulary


def load_dialect(text: str, origin: str, *, lazily: bool = False) -> Dialect:
    """Compile the text of a dialect file; `origin` names it in errors. Raises `UsageError`.

    With `lazily`, for files that are known to be right, the rules are compiled when they are first needed:
    all dialects must be known to recognise one, and one is read by.
    """
    try:
        table = tomllib.loads(text)
        known = {"name", "title", "recognise", "fields", "ping", "headers", "resume", "end", "read"}
        _check_keys(table, known, origin)
        end = table.get("end", {})
        _check_keys(end, {"markers", "due", "unmarked", "finish", "last"}, origin)
        dialect = Dialect(
            name=table["name"],
            title=table["title"],
            recognise=tuple(_conditions(row) for row in table["recognise"]),
            fields=frozenset(table.get("fields", ())),
            ping=_conditions(table.get("ping", [])),
            headers=frozenset(name.lower() for name in table.get("headers", ())),
            resume=cache(partial(_resume, table)),
            markers={name: compile_expression(test) for name, test in end.get("markers", {}).items()},
            marker_due=end.get("due", "markers" in end),
            unmarked=_conditions(end.get("unmarked", [])),
            finish_due=end.get("finish", False),
            finish_is_last=end.get("last", False),
            steps=cache(partial(_all_steps, table["read"], origin)),
        )
        if not lazily:
            dialect.steps()
            dialect.resume()
        return dialect
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"dialect file {origin} is not TOML: {error}") from error
    except KeyError as error:
        raise UsageError(f"dialect file {origin} lacks the key {error}") from error


def _resume(table: dict[str, Any]) -> "ResumeRule | None":
    from sse_cli.core.dialects.resume import compile_resume

    return compile_resume(table["resume"], table["name"]) if "resume" in table else None


def _all_steps(rows: list[dict[str, Any]], origin: str) -> Sequence[_Group | _Rule]:
    spares = {part.get("part") for row in rows for part in row["parts"] if part.get("spare")}
    return [step for row in rows for step in _steps(row, spares, origin)]


def _steps(row: dict[str, Any], spares: set[str], origin: str) -> Iterable[_Group | _Rule]:
    """Compile a group; where it is about the whole payload, its rules stand for themselves."""
    _check_keys(row, {"when", "each", "choice", "parts"}, origin)
    when = _conditions(row.get("when", []))
    if "each" not in row and "choice" not in row:
        return [_rule(part, when, spares, origin) for part in row["parts"]]
    group = _Group(
        row=row,
        when=when,
        looked_for=_list(row.get("each", [])),
        each=Values.compile(row["each"]) if "each" in row else None,
        choice=getter(compile_path("$" + row["choice"].removeprefix("@")), None) if "choice" in row else None,
        rules=tuple(_rule(part, (), spares, origin) for part in row["parts"]),
        keys=Keys([_looked_for(part) for part in row["parts"]], rooted="each" not in row),
        is_direct=_PLAIN_EACH.fullmatch(str(row.get("each"))) is not None,
    )
    return [group]


def _rule(row: dict[str, Any], when: tuple[Expression, ...], spares: set[str], origin: str) -> _Rule:
    """Compile a rule; `when` are the conditions of its group, `spares` the parts that have a spare rule."""
    words, factory = BUILDERS.get(row["part"], (None, None))
    if words is None or factory is None:
        hint = f"The parts are {', '.join(BUILDERS)}."
        raise UsageError(f"dialect file {origin} names an unknown part: {row['part']}", hint)
    _check_keys(row, words | {"part", "when", "each"}, origin)
    tests = [compile_expression(text, "$@") for text in _list(row.get("when", []))]
    suits = tuple(test for test in tests if test.root == "@")
    build = factory(row, row["part"] in spares)
    if "each" in row or not _has_one_word(row):
        build = _without_seen(build)
    return _Rule(
        row=row,
        when=when + tuple(test for test in tests if test.root == "$"),
        looked_for=_looked_for(row),
        each=Values.compile(row["each"]) if "each" in row else None,
        suits=suits,
        build=build,
        quick=None if "each" in row or suits else build,
    )


def _without_seen(build: Build) -> Build:
    return lambda scope, _seen: build(scope, NOTHING)


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
