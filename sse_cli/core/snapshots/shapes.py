"""The shape of JSON values: their types and keys, and none of what they say, over many values of one kind.

A shape is bounded, however long a stream goes on: what lies too deep is left out; an object with many keys,
or with ids for keys, is a map, in which all keys are one; of what is still too large the upper part is kept.
"""

import re
from collections.abc import Iterable
from enum import IntEnum
from functools import lru_cache, reduce
from operator import or_
from types import NoneType

import msgspec
from msgspec.structs import replace

from sse_cli.core.items import Json
from sse_cli.core.literals import NAME

TYPES = ("array", "boolean", "number", "object", "string", "text", "null")
"""The types there are, in the order in which several are told. Text is data that is no object or array."""

_BITS = {name: 1 << place for place, name in enumerate(TYPES)}
ARRAY, OBJECT, TEXT, NULL = _BITS["array"], _BITS["object"], _BITS["text"], _BITS["null"]
_BIT_OF = {
    list: ARRAY,
    bool: _BITS["boolean"],
    int: _BITS["number"],
    float: _BITS["number"],
    dict: OBJECT,
    str: _BITS["string"],
    NoneType: NULL,
    object: TEXT,  # the type of NOTHING
}

ROOT = "$"
"""Where paths begin."""
ELEMENT = "[*]"
"""The step to the elements of an array, which share one shape."""
MEMBER = ".*"
"""The step to the members of a map."""

DEEPEST = 16
"""Steps down into a value, beyond which nothing is told."""
MOST_KEYS = 100
"""An object with more keys is a map."""
MOST_PATHS = 1000
"""Paths into values of one kind: ten times what the richest events of model providers have."""

_LONGEST_KEY = 100
# Keys that will be others in the next run: numbers and dates, UUIDs, long hexadecimal numbers.
_ID = re.compile(r"[0-9][0-9T:._-]*Z?|[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}|[0-9a-f]{16,}")
_PLAIN = re.compile(NAME)
_UNQUOTABLE = re.compile(r"[\\'\x00-\x1f]")


class Presence(IntEnum):
    """How regularly something comes."""

    ALWAYS = 0
    SOMETIMES = 1  # in every run, but not in every event, or not in every object or array that might have it
    IN_SOME_RUNS = 2


class Shape(msgspec.Struct, frozen=True):
    """A set of `types`, or-ed together, and what lies `below`: a shape for each step, `.name` or `[*]`.

    Its presence is told among the values that might have it. Of its types, the `rare` ones came in some runs.
    """

    types: int
    below: dict[str, "Shape"] = {}
    presence: Presence = Presence.ALWAYS
    rare: int = 0

    @property
    def sure(self) -> int:
        """Those of its types that came in every run."""
        return self.types & ~self.rare


def bits_in(types: int) -> list[tuple[str, int]]:
    """Return each of several types, with its name."""
    return [(name, bit) for name, bit in _BITS.items() if types & bit]


def bits_of(names: Iterable[str]) -> int:
    """Return the types of these names. Raises `KeyError` for one that is none."""
    return reduce(or_, (_BITS[name] for name in names), 0)


def holder_of(step: str) -> int:
    """Return the type of what a step leads on from."""
    return ARRAY if step == ELEMENT else OBJECT


def shape_of(value: Json, depth: int = DEEPEST) -> Shape:
    """Return the shape of one value, down to a depth. What is `NOTHING` is text."""
    types = _BIT_OF[type(value)]
    if not depth or not value:
        return Shape(types)
    if types == OBJECT:
        return _folded(Shape(types, _members(value, depth - 1)))
    if types == ARRAY:
        element = shape_of(value[0], depth - 1)
        for other in value[1:]:
            if not fits(element, other, depth - 1):
                element = merge(element, shape_of(other, depth - 1))
        return Shape(types, {ELEMENT: element})
    return Shape(types)


def _members(value: dict[str, Json], depth: int) -> dict[str, Shape]:
    members: dict[str, Shape] = {}
    for name, member in value.items():
        step = step_of(name) if len(name) <= _LONGEST_KEY else step_of(f"{name[:_LONGEST_KEY]}…")
        if len(members) > MOST_KEYS:
            step = MEMBER
        shape = shape_of(member, depth)
        known = members.get(step)
        members[step] = shape if known is None else merge(known, shape)
    return members


@lru_cache(4096)
def step_of(name: str) -> str:
    """Return the step to a key, as JSONPath writes it: `.name`, `['a name']`, or `.*` for an id."""
    if _ID.fullmatch(name):
        return MEMBER
    if _PLAIN.fullmatch(name):
        return f".{name}"
    return f"['{_UNQUOTABLE.sub(_escaped, name)}']"


def _escaped(found: re.Match[str]) -> str:
    return f"\\{found[0]}" if found[0] in "\\'" else f"\\u{ord(found[0]):04x}"


def fits(shape: Shape, value: Json, depth: int = DEEPEST) -> bool:
    """Tell whether a value has nothing that is new to a shape: a quick look before the two are merged."""
    types = _BIT_OF[type(value)]
    if not shape.types & types:
        return False
    if not depth:
        return True
    if types == OBJECT:
        return _fits_members(shape, value, depth - 1)
    if types == ARRAY:
        element = shape.below.get(ELEMENT)
        if element is None or not value:
            return not value and (element is None or element.presence > Presence.ALWAYS)
        return all(fits(element, each, depth - 1) for each in value)
    return True


def _fits_members(shape: Shape, value: dict[str, Json], depth: int) -> bool:
    below = shape.below
    if MEMBER in below:
        return all(fits(below[MEMBER], member, depth) for member in value.values())
    regular = 0
    for name, member in value.items():
        known = below.get(step_of(name)) if len(name) <= _LONGEST_KEY else None
        if known is None or not fits(known, member, depth):
            return False
        regular += known.presence is Presence.ALWAYS
    if len(value) == len(below):
        return True
    return regular == sum(
        child.presence is Presence.ALWAYS for step, child in below.items() if step != ELEMENT
    )


def merge(one: Shape, other: Shape, absent: Presence = Presence.SOMETIMES) -> Shape:
    """Return the shape of what has the one or the other; what one of them lacks is as present as `absent`."""
    if one is other:
        return one
    types = one.types | other.types
    is_over_runs = absent is Presence.IN_SOME_RUNS
    sure = one.sure & other.sure if is_over_runs else one.sure | other.sure
    if (MEMBER in one.below) != (MEMBER in other.below):
        one, other = as_map(one, absent), as_map(other, absent)
    below = {step: child for step, child in one.below.items() if step in other.below}
    for step, child in below.items():
        below[step] = merge(child, other.below[step], absent)
    for mine, its in ((one, other), (other, one)):
        for step, child in mine.below.items():
            if step not in below:
                might_be = its.types & holder_of(step)
                below[step] = replace(child, presence=max(child.presence, absent)) if might_be else child
    return _folded(Shape(types, below, max(one.presence, other.presence), types & ~sure), absent)


def _folded(shape: Shape, absent: Presence = Presence.SOMETIMES) -> Shape:
    """Return the shape with one step for all keys, if there are too many or one of them is an id."""
    is_map = MEMBER in shape.below or len(shape.below) > MOST_KEYS + (ELEMENT in shape.below)
    return as_map(shape, absent) if is_map else shape


def as_map(shape: Shape, absent: Presence = Presence.SOMETIMES) -> Shape:
    """Return the shape with one step for all keys, of which none need come in any run."""
    members = [child for step, child in shape.below.items() if step != ELEMENT]
    if not members:
        return shape
    member = reduce(lambda one, other: merge(one, other, absent), members)
    elements = {ELEMENT: shape.below[ELEMENT]} if ELEMENT in shape.below else {}
    return replace(shape, below=elements | {MEMBER: replace(member, presence=Presence.IN_SOME_RUNS)})


def depth_that_fits(shape: Shape) -> int:
    """Return to what depth there are no more than `MOST_PATHS`."""
    depth, count = 0, 1
    level = list(shape.below.values())
    while level and count + len(level) <= MOST_PATHS:
        count += len(level)
        depth += 1
        level = [child for each in level for child in each.below.values()]
    return depth if level else DEEPEST


def cut(shape: Shape, depth: int) -> Shape:
    """Return the upper part of a shape."""
    if depth == DEEPEST:
        return shape
    below = {step: cut(child, depth - 1) for step, child in shape.below.items()} if depth else {}
    return replace(shape, below=below)
