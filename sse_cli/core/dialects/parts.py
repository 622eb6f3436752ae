"""What a rule makes: for each kind of part the words its rule may use, and how the part is built of them."""

import re
from collections.abc import Callable
from typing import Any

from sse_cli.core import payload
from sse_cli.core.dialects.values import Scope, Values
from sse_cli.core.items import (
    Citation,
    Content,
    Failure,
    Finish,
    Json,
    Meta,
    Part,
    Progress,
    Rate,
    Reasoning,
    Refusal,
    Source,
    ToolCall,
    Usage,
)

Build = Callable[[Scope, Json], Part | None]
"""Makes a part in a scope. What comes beside it is what the rule's one word finds, if that is known before;
else `NOTHING`."""

Factory = Callable[[dict[str, Any], bool], Build]
"""Compiles a rule; it is told whether another for the same part is `spare`, so that finds are to be noted."""


def _compile(row: dict[str, Any], *words: str) -> list[Values]:
    """Compile the paths of a rule; a word that is left out finds nothing."""
    return [Values.compile(row.get(word, [])) for word in words]


def _text_part(kind: type[Content] | type[Reasoning] | type[Refusal]) -> Factory:
    name = kind.__name__

    def factory(row: dict[str, Any], noted: bool) -> Build:
        text, key = _compile(row, "text", "key")
        cumulative, spare = row.get("cumulative", False), row.get("spare", False)
        without = re.compile(row["without"]) if "without" in row else None

        def build(scope: Scope, seen: Json) -> Part | None:
            found = seen if type(seen) is str else text.text(scope)
            if without is not None:
                found = without.sub("", found)
            if found and noted and _is_spare(spare, scope, name, scope.choice):
                return None
            if found and cumulative:
                found = _news(found, scope, (name, scope.choice, key.word(scope) or ""))
            return kind(found, scope.choice) if found else None

        return build

    return factory


def _is_spare(spare: bool, scope: Scope, *key: str | int) -> bool:
    """Tell whether a find is not wanted: its rule is `spare`, and another rule has given the like."""
    if not spare:
        scope.memory[key] = True
        return False
    return key in scope.memory


def _news(text: str, scope: Scope, key: tuple[str | int, ...]) -> str:
    """Return what a text that is sent whole each time has more than the last time."""
    before = scope.memory.get(key, "")
    scope.memory[key] = text
    return text.removeprefix(before)


def _tool_call(row: dict[str, Any], noted: bool) -> Build:
    index, id_, name, arguments = _compile(row, "index", "id", "name", "arguments")
    serial, spare = row.get("serial", False), row.get("spare", False)

    def build(scope: Scope, _seen: Json) -> Part | None:
        if not isinstance(scope.node, dict | str):
            return None
        place = index.count(scope)
        if serial:
            place = scope.memory[("calls",)] = scope.memory.get(("calls",), -1) + 1
        piece = arguments.first(scope)
        if piece and not isinstance(piece, str):
            piece = payload.encode(piece)  # some send the arguments as an object, whole
        place = scope.position if place is None else place
        if piece and noted and _is_spare(spare, scope, "call", scope.choice, place):
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


def _usage(row: dict[str, Any], _noted: bool) -> Build:
    input_, output, reasoning, cached, total = _compile(
        row, "input", "output", "reasoning", "cached", "total"
    )
    merge, keys = row.get("merge", False), row.get("keys", [])

    def build(scope: Scope, _seen: Json) -> Part | None:
        if not isinstance(scope.node, dict):
            return None
        node = {name: scope.node[name] for name in keys if name in scope.node} if keys else scope.node
        if keys and not node:
            return None
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


def _finish(row: dict[str, Any], _noted: bool) -> Build:
    (reason,) = _compile(row, "reason")
    cut, prefix = frozenset(row.get("cut", ())), row.get("prefix", "")

    def build(scope: Scope, seen: Json) -> Part | None:
        word = seen if type(seen) is str else reason.word(scope)
        return None if word is None else Finish(prefix + word, scope.choice, word in cut or "*" in cut)

    return build


def _failure(row: dict[str, Any], noted: bool) -> Build:
    message, code = _compile(row, "message", "code")
    spare = row.get("spare", False)

    def build(scope: Scope, _seen: Json) -> Part | None:
        if not scope.node or (noted and _is_spare(spare, scope, "failure")):
            return None
        return Failure(message.word(scope) or payload.encode(scope.node), code.word(scope))

    return build


def _rate(row: dict[str, Any], _noted: bool) -> Build:
    (rate,) = _compile(row, "rate")

    def build(scope: Scope, _seen: Json) -> Part | None:
        value = rate.first(scope)
        return Rate(float(value)) if isinstance(value, int | float) and not isinstance(value, bool) else None

    return build


_TOO_MUCH = 2**63  # no server counts so far, and a float that is infinite would break sums


def _progress(row: dict[str, Any], noted: bool) -> Build:
    percent, done, total = _compile(row, "percent", "done", "total")
    spare = row.get("spare", False)

    def build(scope: Scope, _seen: Json) -> Part | None:
        share = _number(percent.first(scope))
        come = _number(done.first(scope)) if share is None else share
        whole = _number(total.first(scope)) if share is None else 100
        if come is None or (noted and _is_spare(spare, scope, "progress")):
            return None
        return Progress(come, whole)

    return build


def _number(value: Json) -> float | None:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    return value if abs(value) < _TOO_MUCH else None


def _source(row: dict[str, Any], _noted: bool) -> Build:
    (name,) = _compile(row, "name")

    def build(scope: Scope, _seen: Json) -> Part | None:
        word = name.word(scope)
        return None if word is None else Source(word)

    return build


def _citation(_row: dict[str, Any], _noted: bool) -> Build:
    return lambda scope, _seen: Citation(scope.node)


def _meta(row: dict[str, Any], _noted: bool) -> Build:
    (value,) = _compile(row, "value")
    name = row["name"]
    key = ("meta", name)

    def build(scope: Scope, seen: Json) -> Part | None:
        word = seen if type(seen) is str else value.word(scope)
        if word is None or scope.memory.get(key) == word:
            return None  # every event repeats a fact such as the model, and it is given once
        scope.memory[key] = word
        return Meta(name, word)

    return build


_TEXT = {"text", "cumulative", "key", "spare", "without"}

BUILDERS: dict[str, tuple[set[str], Factory]] = {
    "content": (_TEXT, _text_part(Content)),
    "reasoning": (_TEXT, _text_part(Reasoning)),
    "refusal": (_TEXT, _text_part(Refusal)),
    "tool_call": ({"index", "serial", "spare", "id", "name", "arguments"}, _tool_call),
    "usage": ({"input", "output", "reasoning", "cached", "total", "merge", "keys"}, _usage),
    "finish": ({"reason", "cut", "prefix"}, _finish),
    "failure": ({"message", "code", "spare"}, _failure),
    "rate": ({"rate"}, _rate),
    "citation": (set(), _citation),
    "progress": ({"percent", "done", "total", "spare"}, _progress),
    "source": ({"name"}, _source),
    "meta": ({"name", "value"}, _meta),
}
"""For each part: the words of its rule beside `part`, `when` and `each`, and what makes its builder.

Most words are paths; `data` is the event's data as it is, and what stands in single quotes is a text of its
own. The others:
`cumulative`  the text is sent whole each time, and only what is new of it is given; `key` tells texts apart
`spare`       given only where no other rule gave the like: what comes once more whole, or with some only so
`without`     a regular expression: what it finds in the text is no text
`serial`      each tool call comes whole, and they are numbered as they come
`percent`     progress as a share of a hundred, which counts before `done` and `total`
`merge`       usage comes in pieces, of which the later ones win; `keys` are the names that are usage
`cut`         the finish reasons that mean a cut answer, `*` any; `prefix` is put before the reason
"""
