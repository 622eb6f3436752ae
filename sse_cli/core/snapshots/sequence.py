"""The order in which kinds of events come, as an expression that a person reads: `start (item pause?)+ end`.

It says what repeats, and not how often: `delta+` is one delta or a thousand. Each kind stands in it once.
"""

import re
from collections.abc import Iterator
from enum import Enum
from itertools import combinations, permutations
from typing import TypeAlias

import msgspec

from sse_cli.core import payload
from sse_cli.core.literals import Misread


class Count(Enum):
    """How often something comes in its place, with the sign for it."""

    ONCE = ""
    OPTIONAL = "?"
    REPEATED = "+"
    ANY = "*"


class Kind(msgspec.Struct, frozen=True):
    """Events of one kind."""

    name: str
    count: Count = Count.ONCE


class Group(msgspec.Struct, frozen=True):
    """One of several chains, or a single one: `(a | b c)+`."""

    choices: tuple["Chain", ...]
    count: Count = Count.ONCE


Term: TypeAlias = Kind | Group
Chain: TypeAlias = tuple[Term, ...]
"""Terms that come one after another."""


def count_of(*, optional: bool, repeated: bool) -> Count:
    """Return the count that is meant."""
    if optional:
        return Count.ANY if repeated else Count.OPTIONAL
    return Count.REPEATED if repeated else Count.ONCE


def repeats(term: Term) -> bool:
    """Tell whether a term may come several times in a row."""
    return term.count in (Count.REPEATED, Count.ANY)


def kinds_in(chain: Chain) -> Iterator[str]:
    """Give the kinds in a chain, in its order."""
    for term in chain:
        if isinstance(term, Kind):
            yield term.name
        else:
            for choice in term.choices:
                yield from kinds_in(choice)


def repeated_in(chain: Chain, within: bool = False) -> Iterator[str]:
    """Give the kinds of which several may come, be it in a row or as a part of what repeats."""
    for term in chain:
        again = within or repeats(term)
        if isinstance(term, Group):
            for choice in term.choices:
                yield from repeated_in(choice, again)
        elif again:
            yield term.name


def optional_in(chain: Chain, within: bool = False) -> Iterator[str]:
    """Give the kinds that may be left out, in a turn of what repeats or in a whole run."""
    for term in chain:
        spared = within or term.count in (Count.OPTIONAL, Count.ANY)
        if isinstance(term, Group):
            for choice in term.choices:
                yield from optional_in(choice, spared or len(term.choices) > 1)
        elif spared:
            yield term.name


def orders_in(chain: Chain) -> Iterator[tuple[str, str]]:
    """Give each pair of kinds of which the first may come before the second, in one turn of what repeats.

    Both orders are given of kinds that come in any.
    """
    for one, other in combinations(chain, 2):
        yield from _pairs((one,), (other,))
    for term in chain:
        if isinstance(term, Group):
            for choice in term.choices:
                yield from orders_in(choice)
            if repeats(term):
                for one_choice, other_choice in permutations(term.choices, 2):
                    yield from _pairs(one_choice, other_choice)


def _pairs(one: Chain, other: Chain) -> Iterator[tuple[str, str]]:
    for name in kinds_in(one):
        for follower in kinds_in(other):
            yield name, follower


_BARE = re.compile(r"[\w.:/\[\]{}@#$%&=~^!-]+")
_TOKEN = re.compile(rf'(?P<bare>{_BARE.pattern})|(?P<quoted>"(?:[^"\\]|\\.)*+")|(?P<sign>[()|?+*])|\s+')
_DEEPEST = 100
_HINT = 'write it like start (item+ | error)? "a b"'


def write(term: Term) -> str:
    """Return the text of a term."""
    if isinstance(term, Kind):
        name = term.name if _BARE.fullmatch(term.name) else payload.encode(term.name)
        return f"{name}{term.count.value}"
    inner = " | ".join(" ".join(map(write, choice)) for choice in term.choices)
    return f"({inner}){term.count.value}"


def parse(text: str) -> Chain:
    """Return the terms that a text is of. A wrong one raises `Misread`."""
    reader = _Reader(text)
    chain = reader.chain()
    if reader.sign is not None:
        raise reader.misread()
    return chain


class _Reader:
    """Goes through the tokens of a text; `sign` is the next one's, if it is one."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._end = self._depth = 0
        self._next()

    def _next(self) -> None:
        self._position = self._end
        self._token = _TOKEN.match(self._text, self._end)
        while self._token and self._token.lastgroup is None:
            self._position = self._token.end()
            self._token = _TOKEN.match(self._text, self._position)
        self._end = self._token.end() if self._token else len(self._text)
        if self._token is None and self._position < self._end:
            raise self.misread()

    @property
    def sign(self) -> str | None:
        return self._token["sign"] if self._token else None

    def misread(self) -> Misread:
        seen = self._text[self._position : self._end] or "the end"
        return Misread(f"`{seen}` is not expected here", self._position, _HINT)

    def chain(self) -> Chain:
        terms: list[Term] = []
        while self._token and (self.sign is None or self.sign == "("):
            terms.append(self._term())
        if not terms:
            raise self.misread()
        return tuple(terms)

    def _term(self) -> Term:
        assert self._token is not None
        bare, quoted = self._token["bare"], self._token["quoted"]
        if quoted:
            bare = self._unquoted(quoted)
        self._next()
        if bare is not None:
            return Kind(bare, self._count())
        self._depth += 1
        if self._depth > _DEEPEST:
            raise self.misread()
        choices = [self.chain()]
        while self.sign == "|":
            self._next()
            choices.append(self.chain())
        if self.sign != ")":
            raise self.misread()
        self._next()
        self._depth -= 1
        return Group(tuple(choices), self._count())

    def _unquoted(self, quoted: str) -> str:
        try:
            return str(payload.decode(quoted))
        except payload.NotJson:
            raise self.misread() from None

    def _count(self) -> Count:
        sign = self.sign
        if sign is None or sign in "()|":
            return Count.ONCE
        self._next()
        return Count(sign)
