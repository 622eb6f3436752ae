"""Which rules are worth a try: told by the names that stand in a node, in one pass over it.

An event carries a few of the many things that a dialect knows. Trying every rule on every event costs ten
times what it takes to look at the names that are there.
"""

import re
from typing import TypeAlias

import msgspec

from sse_cli.core.items import Json

Trie: TypeAlias = dict[str, tuple[list[int], list[int], "Trie"]]
"""By name: the rules that look for something there, those that look for something inside a list or an object
there, and the names below it that others look for."""

_NAME = re.compile(r"\.([A-Za-z_]\w*)|\['([^'\\]+)'\]")


class Keys(msgspec.Struct, frozen=True):
    """An index of rules by the names that their paths begin with; it cannot tell of those in `always`."""

    trie: Trie
    always: tuple[int, ...]

    @classmethod
    def of(cls, paths_of_rules: list[list[str]], *, rooted: bool) -> "Keys":
        """Index rules by their paths. `$` stands for the node itself where the node is `rooted`."""
        trie: Trie = {}
        always = []
        for number, paths in enumerate(paths_of_rules):
            starts = [_names(path) if rooted or path.startswith("@") else ([], False) for path in paths]
            if not starts or not all(names for names, _ in starts):
                always.append(number)
                continue
            for names, goes_on in starts:
                _insert(trie, names, number, goes_on)
        return cls(trie, tuple(always))

    def likely(self, node: Json) -> list[int]:
        """Return the rules that may find something in a node, in their order."""
        found = list(self.always)
        if type(node) is dict:
            _collect(node, self.trie, found)
        return sorted(set(found)) if len(found) > 1 else found


def _names(path: str) -> tuple[list[str], bool]:
    """Return the plain names that a path begins with, and whether it goes on after them."""
    names = []
    position = 1
    while match := _NAME.match(path, position):
        names.append(match[1] or match[2])
        position = match.end()
    return names, position < len(path)


def _insert(trie: Trie, names: list[str], number: int, goes_on: bool) -> None:
    for depth, name in enumerate(names, 1):
        rules, inside, below = trie.setdefault(name, ([], [], {}))
        if depth == len(names):
            (inside if goes_on else rules).append(number)
        trie = below


def _collect(node: dict[str, Json], trie: Trie, found: list[int]) -> None:
    for name, value in node.items():
        entry = trie.get(name)
        if entry is not None and value is not None and value != "":
            rules, inside, below = entry
            found += rules
            if inside and isinstance(value, list | dict):
                found += inside
            if below and type(value) is dict:
                _collect(value, below, found)
