"""Events that are like one before, but for their text: most of every stream that a model writes.

Where nothing that a dialect looks at is new but one text, it finds what it found before, with that text in
it. To see so takes a quarter of the time that reading takes and, where an event's text shows it, saves the
decoding of its JSON.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from operator import itemgetter
from typing import Any, NamedTuple

from sse_cli.core.conditions import Field, Query
from sse_cli.core.dialects.outline import Outline, Step, Wanted
from sse_cli.core.expressions import Expression
from sse_cli.core.items import Content, Event, Json, Meta, Part, Reasoning, Refusal, Streak

_STEP = re.compile(r"\.([A-Za-z_]\w*)|\['([^'\\]+)'\]|(\[(?:\*|-?\d+)\])")
_NO_OBJECT = re.compile(r"data (?:== '\[|~ '\^\\\[)")  # conditions that hold for no JSON object
_TEXTS = {"content", "reasoning", "refusal"}
# By these words, a part is not just the text that is found.
_ALTERS = {"cumulative", "key", "spare", "without"}

_MOST_LESSONS = 32
"""A stream that has shown so many kinds of events is too restless for it to pay."""


WORTH_AN_OUTLINE = 16
"""After so many events that were alike, it pays to compile what knows them by their text."""


_PATIENCE = 8
"""After so many reads that were no streaks, none is looked for any more: it costs as much as reading one."""


class Spot:
    """One place in a payload, for all that a dialect looks at there or below."""

    def __init__(self) -> None:
        self.below: dict[Step, Spot] = {}
        self.is_text = False  # whether a rule has it for its text
        self.is_more = False  # whether more hangs on which text it is
        self.is_dim = False  # whether a path goes on from here that is not plain

    def at(self, path: str) -> "Spot":
        """Return the place of a path from here, as far as that is plain."""
        spot, position = self, 1
        while step := _STEP.match(path, position):
            spot = spot.below.setdefault(... if step[3] else step[1] or step[2], Spot())
            position = step.end()
        if position < len(path):
            spot = spot.below.setdefault(..., Spot())
            spot.is_dim = True
        return spot


class Vocabulary:
    """All that a dialect looks at. `is_known` tells whether it is all: some formats are not JSON."""

    def __init__(self) -> None:
        self.root = Spot()
        self.is_known = True

    def find(self, paths: Iterable[str], nodes: Sequence[Spot]) -> list[Spot]:
        """Return the places of paths: `@` in each of the nodes, `$` in the payload."""
        plain = [path for path in paths if path[:1] in ("$", "@")]
        starts = [(path, [self.root] if path[0] == "$" else nodes) for path in plain]
        return [node.at(path) for path, among in starts for node in among]

    def look(self, paths: Iterable[str], nodes: Sequence[Spot]) -> None:
        """Add paths that are no rule's."""
        for spot in self.find(paths, nodes):
            spot.is_more = True

    def add(self, rule: dict[str, Any], suits: Iterable[Expression], nodes: Sequence[Spot]) -> None:
        """Add a rule, as its file has it, that is applied to nodes. `suits` are conditions on its matches.

        Of the texts in one place a rule makes a part or it does not, whichever they are, unless it remembers
        the last one or looks into it.
        """
        is_more = rule["part"] == "meta" or bool(_ALTERS & rule.keys())
        if "each" in rule:
            nodes = self.find(_list(rule["each"]), nodes)
            for spot in nodes:
                spot.is_more = spot.is_more or is_more
        for word in rule.keys() - {"part", "when", "each"}:
            for spot in self.find(_list(rule[word]), nodes):
                spot.is_more = spot.is_more or is_more
                spot.is_text = spot.is_text or (word == "text" and rule["part"] in _TEXTS)
        for condition in suits:
            self.ask(condition, nodes)

    def ask(self, condition: Expression, nodes: Sequence[Spot] | None = None) -> None:
        """Add a condition on the event, or on each of the nodes."""
        is_void = len(condition.subjects) == 1 and _NO_OBJECT.match(condition.text)
        for subject in condition.subjects:
            if isinstance(subject, Query):
                for node in [self.root] if nodes is None else nodes:
                    node.at(subject.path.text).is_more = True
            elif subject != Field("event") and not is_void:
                self.is_known = False


class _Level(NamedTuple):
    """One object on the way down to the text: its names, the values that must be as they were, and a step."""

    in_list: bool  # whether it is the one element of a list
    names: tuple[str, ...]
    get: Callable[[dict[str, Json]], Json] | None
    wanted: Json
    step: str


class Alike:
    """Answers the events of one stream that are like the last one it was shown."""

    def __init__(self, vocabulary: Callable[[], Vocabulary]) -> None:
        self._vocabulary = vocabulary
        self._lessons = _MOST_LESSONS
        self._kind: type[Content] | type[Reasoning] | type[Refusal] | None = None
        self._levels: list[_Level] = []
        self._way: list[Step] = []
        self._type = ""
        self._choice = 0
        self._hits = 0
        self._outline: Outline | None = None
        self._take_all: Callable[[bytes], list[str] | None] | None = None
        self._patience = _PATIENCE

    def read_text(self, event: Event) -> tuple[Part, ...] | None:
        """Return the parts of an event, told by its text alone; None where that does not tell."""
        outline = self._outline
        if outline is None or event.type != self._type or self._kind is None:
            return None
        text = outline.take(event.data)
        if text:
            return (self._kind(text, self._choice),)
        self._hits -= 1
        if self._hits <= 0:
            self._outline = None
        return None

    def find_streak(self, blocks: bytes, at: float) -> Streak | None:
        """Return what blocks of SSE give that are all alike; None where they must be read one by one."""
        if self._take_all is None or self._kind is None or self._patience <= 0:
            return None
        texts = self._take_all(blocks)
        if texts is None or "" in texts:
            self._patience -= 1
            return None
        self._patience = _PATIENCE
        return Streak(texts, self._kind, self._choice, blocks, at)

    @property
    def way(self) -> Sequence[Step]:
        """The way to the text of a streak."""
        return self._way

    def read(self, event: Event, root: Json) -> tuple[Part, ...] | None:
        """Return the parts of an event, told by its data, or None where it must be read."""
        if self._kind is None or event.type != self._type:
            return None
        node = root
        for in_list, names, get, wanted, step in self._levels:
            if in_list:
                if type(node) is not list or len(node) != 1:
                    return None
                node = node[0]
            if type(node) is not dict or tuple(node) != names or (get is not None and get(node) != wanted):
                return None
            node = node[step]
        if type(node) is not str or not node:
            return None
        self._hits += 1
        if self._hits == WORTH_AN_OUTLINE:
            outline = Outline(event.data, self._wanted)
            if outline.is_sound:
                self._outline = outline
                before = _before_data(event)
                self._take_all = outline.in_blocks(before) if before is not None else None
        return (self._kind(node, self._choice),)

    def learn(self, event: Event, root: Json, parts: Sequence[Part]) -> None:
        """Take an event that was read for the pattern of those to come, if it is one text and no more."""
        if any(type(part) is Meta for part in parts):
            self._kind = None  # a fact that was known would be news again
        part = parts[0] if len(parts) == 1 else None
        if not isinstance(part, Content | Reasoning | Refusal):
            return
        self._kind, self._outline, self._take_all = None, None, None
        self._hits, self._patience = 0, _PATIENCE
        if self._lessons > 0:
            self._lessons -= 1
            self._way = _way_to(part.text, root, self._vocabulary())
            if self._way:
                self._levels = list(_levels(self._way, root, self._vocabulary().root))
                self._kind, self._choice, self._type = type(part), part.choice, event.type

    def _wanted(self, path: Sequence[Step]) -> Wanted:
        """Tell what an event that is alike must have at a path."""
        if list(path) == self._way:
            return Wanted.TAKEN
        spot = self._vocabulary().root
        for ours, step in zip(path, self._way, strict=False):
            if ours != step:
                return Wanted.SAME if ours in spot.below else Wanted.ANY
            spot = spot.below[step]
        return Wanted.SAME


_EVENT_LINE = re.compile(rb"(?:event: [^\r\n]+\n)?")


def _before_data(event: Event) -> bytes | None:
    """Return the event line of a block that has nothing else but one data line; None of any other block."""
    line = b"data: %b\n\n" % event.data.encode()
    before = event.raw.removesuffix(line)
    return before if event.raw.endswith(line) and _EVENT_LINE.fullmatch(before) else None


def _way_to(text: str, root: Json, vocabulary: Vocabulary) -> list[Step]:
    """Return the way to where a text was found, or nothing if that cannot be told for sure."""
    ways = list(_ways(text, root, vocabulary.root)) if vocabulary.is_known else []
    return (ways[0] or []) if len(ways) == 1 else []


def _levels(way: Sequence[Step], node: Json, spot: Spot) -> Iterator[_Level]:
    """Give the levels of the way, from a node down."""
    in_list = False
    for step in way:
        if isinstance(step, str):
            others = [name for name in node if name != step and name in spot.below]
            get = itemgetter(*others) if others else None
            yield _Level(in_list, tuple(node), get, get(node) if get else None, step)
        node, spot, in_list = node[step if isinstance(step, str) else 0], spot.below[step], step is ...


def _ways(text: str, node: Json, spot: Spot) -> Iterator[list[Step] | None]:
    """Give the way to each place where a text stands that is looked at; None for one that is no good."""
    for step, below in spot.below.items():
        if step is ...:
            if isinstance(node, dict) or (isinstance(node, list) and (len(node) > 1 or below.is_dim)):
                yield None
            elif isinstance(node, list) and node:
                # An element that is itself a text or a list would need another kind of level.
                inner = _ways(text, node[0], below) if isinstance(node[0], dict) else [None]
                yield from ([step, *way] if way else None for way in inner)
        elif isinstance(node, dict) and step in node:
            value = node[step]
            if value == text:
                yield [step] if below.is_text and not below.is_more else None
            elif isinstance(value, dict | list):
                yield from ([step, *way] if way else None for way in _ways(text, value, below))


def _list(value: object) -> list[str]:
    """Return the texts that a word of a rule has, if it has any."""
    texts = value if isinstance(value, list) else [value]
    return [text for text in texts if isinstance(text, str)]
