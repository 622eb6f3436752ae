"""Which kinds of events follow on which, over a run or several; and the sequence that this amounts to.

Of a stream that goes on for ever as much is kept as of a short one: for each kind, those that came right
after it. Each kind stands once in a sequence, as in most grammars of documents ("Inference of Concise Regular
Expressions and DTDs", Bex, Neven, Schwentick and Vansummeren, 2010); what leads back to itself is a loop.
"""

from collections.abc import Iterator, Mapping, Sequence, Set
from typing import TypeAlias

import msgspec

from sse_cli.core.snapshots.sequence import Chain, Count, Group, Kind, Term, count_of, kinds_in, repeats

Graph: TypeAlias = Mapping[str, Set[str]]
"""For each kind, those that may come right after it."""


class Follows(msgspec.Struct, frozen=True):
    """What came `after` each kind, and which came `first` and `last`."""

    after: Mapping[str, frozenset[str]]
    first: frozenset[str]
    last: frozenset[str]


def sequence_of(follows: Follows) -> Chain:
    """Return the sequence: what comes after what, and what comes again."""
    return _chain(frozenset(follows.after), follows.after, follows.first, follows.last)


def _chain(kinds: Set[str], after: Graph, first: Set[str], last: Set[str]) -> Chain:
    """Return the sequence of kinds that begins with one of the first, and ends with one of the last."""
    stretches = list(_stretches(_knots(kinds, after), after))
    ahead: set[str] = set()
    terms: list[Term] = []
    for stretch in stretches:
        here = frozenset().union(*stretch)
        rest = kinds - ahead - here
        skipped = bool(first & rest) or any(after[kind] & rest or kind in last for kind in ahead)
        terms.append(_optional(_term(stretch, after, first, last), skipped))
        ahead |= here
    return tuple(terms)


Knot: TypeAlias = frozenset[str]
"""Kinds that lead back to each other, or a single one."""


def _knots(kinds: Set[str], after: Graph) -> list[Knot]:
    """Return the knots in an order in which they may come: before each stands what leads to it."""
    reach = {kind: _reach(kind, kinds, after) for kind in kinds}
    knots = {frozenset(other for other in reach[kind] if kind in reach[other]) for kind in kinds}
    return sorted(knots, key=lambda knot: (-len(reach[min(knot)]), min(knot)))


def _reach(kind: str, kinds: Set[str], after: Graph) -> set[str]:
    """Return what may come some time after a kind, and itself."""
    found, new = {kind}, [kind]
    while new:
        fresh = (after[new.pop()] & kinds) - found
        found |= fresh
        new += fresh
    return found


def _stretches(knots: Sequence[Knot], after: Graph) -> Iterator[list[Knot]]:
    """Give the knots one by one but, together, those that are different ways from one to another."""
    kinds = frozenset().union(*knots)
    reach = {knot: _reach(min(knot), kinds, after) for knot in knots}

    def are_ordered(one: Knot, other: Knot) -> bool:
        return min(one) in reach[other] or min(other) in reach[one]

    open_: list[Knot] = []
    for knot in knots:
        if all(are_ordered(knot, other) for other in knots):
            yield from _ways(open_, after)
            open_ = []
            yield [knot]
        else:
            open_.append(knot)
    yield from _ways(open_, after)


def _ways(knots: list[Knot], after: Graph) -> Iterator[list[Knot]]:
    """Give them together if they fall apart into ways that do not cross, else one by one."""
    if len(_parts(knots, after)) > 1:
        yield knots
    else:
        yield from ([knot] for knot in knots)


def _parts(knots: Sequence[Knot], after: Graph) -> list[list[Knot]]:
    """Return the knots, those together that are joined by what follows on what."""
    parts: list[list[Knot]] = []
    for knot in knots:
        joined = [part for part in parts if any(_touch(knot, other, after) for other in part)]
        parts = [part for part in parts if part not in joined]
        parts.append([*(other for part in joined for other in part), knot])
    return parts


def _touch(one: Knot, other: Knot, after: Graph) -> bool:
    return any(after[kind] & other for kind in one) or any(after[kind] & one for kind in other)


def _term(stretch: list[Knot], after: Graph, first: Set[str], last: Set[str]) -> Term:
    if len(stretch) > 1:
        ways = [_inner(frozenset().union(*part), after, first, last) for part in _parts(stretch, after)]
        return Group(tuple(sorted(ways, key=lambda way: next(kinds_in(way)))))
    knot = stretch[0]
    if len(knot) > 1:
        return _loop(knot, after, first, last)
    kind = min(knot)
    return Kind(kind, count_of(optional=False, repeated=kind in after[kind]))


def _inner(kinds: Knot, after: Graph, first: Set[str], last: Set[str]) -> Chain:
    return _chain(kinds, after, _entries(kinds, after, first), _exits(kinds, after, last))


def _entries(kinds: Knot, after: Graph, first: Set[str]) -> Set[str]:
    return {
        kind for kind in kinds if kind in first or any(kind in after[other] for other in after.keys() - kinds)
    }


def _exits(kinds: Knot, after: Graph, last: Set[str]) -> Set[str]:
    return {kind for kind in kinds if kind in last or after[kind] - kinds}


def _loop(knot: Knot, after: Graph, first: Set[str], last: Set[str]) -> Group:
    """Return what comes again and again: turns that begin with one kind or, if there are none, as it comes.

    The last turn may be cut, but not to its head alone: `b a b` is rather `b` at any time, and `a`.
    """
    entries, exits = _entries(knot, after, first), _exits(knot, after, last)
    head = min(entries)
    tails = {kind for kind in knot if head in after[kind]}
    if len(entries) > 1 or head in tails | exits:
        return _at_any_time(head, _without(head, knot, after, exits))
    within = {kind: (after[kind] & knot) - {head} for kind in knot}
    body = _chain(knot, within, {head}, tails | exits)
    if tails & set(_unordered(body)):
        return _at_any_time(head, body[1:])
    return Group((body,), Count.REPEATED)


def _without(head: str, knot: Knot, after: Graph, exits: Set[str]) -> Chain:
    """Return the sequence of the others in a knot, as it is when the head is passed over."""
    others, behind = knot - {head}, after[head] - {head}
    leading = {kind for kind in others if head in after[kind]}
    within = {kind: (after[kind] | (behind if kind in leading else set())) & others for kind in others}
    ends = exits & others | (leading if head in exits else set())
    return _chain(others, within, behind & others, ends)


def _at_any_time(head: str, others: Chain) -> Group:
    """Return a group that repeats, of which the head is one choice and the others are the rest."""
    choices = [(Kind(head),), *_choices(others)]
    return Group(tuple(sorted(choices, key=lambda choice: next(kinds_in(choice)))), Count.REPEATED)


def _choices(chain: Chain) -> tuple[Chain, ...]:
    """Return the choices that a chain gives in a group that repeats."""
    term = chain[0]
    if len(chain) > 1:
        return (chain,)
    return term.choices if isinstance(term, Group) else ((Kind(term.name),),)


def _unordered(chain: Chain) -> Iterator[str]:
    """Give the kinds that come in any order."""
    for term in chain:
        if isinstance(term, Group):
            if repeats(term) and len(term.choices) > 1:
                yield from kinds_in((term,))
            for choice in term.choices:
                yield from _unordered(choice)


def _optional(term: Term, optional: bool) -> Term:
    return msgspec.structs.replace(term, count=count_of(optional=optional, repeated=repeats(term)))
