"""Shapes as paths, with what is at each in words: `$.items[*]` and `string | null, optional`."""

import re
from collections.abc import Iterator

from sse_cli.core.items import Json
from sse_cli.core.literals import NAME, QUOTED, Misread, unquote
from sse_cli.core.snapshots.shapes import (
    DEEPEST,
    ELEMENT,
    MEMBER,
    ROOT,
    TYPES,
    Presence,
    Shape,
    bits_in,
    bits_of,
    holder_of,
    step_of,
)

_WORDS = {
    Presence.ALWAYS: "",
    Presence.SOMETIMES: ", optional",
    Presence.IN_SOME_RUNS: ", in some runs",
}
_PATH_HINT = "Write it like $.items[*].name, as a line below that of $.items[*]."
_WORDS_HINT = f"Write it like string | null, optional. The types are {', '.join(TYPES)}."
_STEP = re.compile(rf"\.\*|\[\*\]|\.(?P<name>{NAME})|\[(?P<quoted>{QUOTED})\]", re.DOTALL)

Way = tuple[str, ...]
"""The steps of a path."""


class BadPath(ValueError):
    """A path that cannot be read, or what is said of it: why, and what to try."""

    def __init__(self, path: str, reason: str, hint: str) -> None:
        super().__init__(reason)
        self.path = path
        self.reason = reason
        self.hint = hint


def words_of(shape: Shape) -> str:
    """Return a shape in words, without what lies below: `string | null, optional`."""
    return types_of(shape) + _WORDS[shape.presence]


def types_of(shape: Shape) -> str:
    """Return the types of a shape in words; of those with a `?`, some runs had none: `string | null?`."""
    return " | ".join(f"{name}?" * bool(bit & shape.rare) or name for name, bit in bits_in(shape.types))


def paths_of(shape: Shape, path: str = ROOT) -> Iterator[tuple[str, str]]:
    """Give each path of a shape, what is part of something after that, and what is there in words."""
    yield path, words_of(shape)
    for step, child in shape.below.items():
        yield from paths_of(child, path + step)


def shape_at(paths: dict[str, Json]) -> Shape:
    """Return the shape that has these paths. Raises `BadPath`."""
    words: dict[Way, tuple[str, Json]] = {}
    below: dict[Way, list[Way]] = {}
    for path, text in paths.items():
        steps = _steps(path)
        if steps in words:
            raise BadPath(path, f"{path} stands here twice", "Leave one of them out.")
        words[steps] = path, text
        below.setdefault(steps[:-1], []).extend([steps] if steps else [])
    for steps, (path, _) in words.items():
        if steps and steps[:-1] not in words:
            raise BadPath(path, f"what {path} is a part of is missing", _PATH_HINT)
    if () not in words:
        raise BadPath("", f"{ROOT} is missing", _PATH_HINT)
    return _shape((), words, below)


def _shape(steps: Way, words: dict[Way, tuple[str, Json]], below: dict[Way, list[Way]]) -> Shape:
    types, presence, rare = _read_words(*words[steps])
    parts = {part[-1]: part for part in below.get(steps, ())}
    for step, part in parts.items():
        if not types & holder_of(step):
            path = words[part][0]
            raise BadPath(path, f"{path} is a part of what has none: {words[steps][1]}", _PATH_HINT)
    return Shape(types, {step: _shape(part, words, below) for step, part in parts.items()}, presence, rare)


def _steps(path: str) -> Way:
    steps: list[str] = []
    end = len(ROOT)
    while end < len(path) and (found := _STEP.match(path, end)):
        steps.append(_step(path, found))
        end = found.end()
    if not path.startswith(ROOT) or end < len(path) or len(steps) > DEEPEST:
        raise BadPath(path, f"{path} is no path", _PATH_HINT)
    return tuple(steps)


def _step(path: str, found: re.Match[str]) -> str:
    """Return a step in the one way in which shapes have it."""
    if not found["quoted"]:
        return found[0] if found[0] in (MEMBER, ELEMENT) else step_of(found["name"])
    try:
        return step_of(unquote(found["quoted"], found.start("quoted")))
    except Misread as fault:
        raise BadPath(path, f"{path} is no path: {fault.reason}", fault.hint) from None


def _read_words(path: str, text: Json) -> tuple[int, Presence, int]:
    """Return the types that a text tells, the presence, and which of the types are rare."""
    if isinstance(text, str):
        for presence, words in _WORDS.items():
            names = text.removesuffix(words).split(" | ")
            rare = [name.removesuffix("?") for name in names if name.endswith("?")]
            plain = [name.removesuffix("?") for name in names]
            if text.endswith(words) and set(plain) <= set(TYPES):
                return bits_of(plain), presence, bits_of(rare)
    raise BadPath(path, f"what is said of {path} is no shape: {text}", _WORDS_HINT)
