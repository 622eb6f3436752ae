"""From the text of an expectation to what it claims. Mistakes are pointed at, and the nearest name is told.

Names are looked up in the vocabulary, and values are read as the unit of what stands before them.
"""

import re
from functools import partial

from sse_cli.core.conditions import FIELDS, Literal
from sse_cli.core.expectations.claims import (
    COUNTER,
    ORDER,
    QUANTIFIERS,
    Aggregate,
    Assertion,
    Claim,
    Count,
    Order,
    Presence,
    Quantified,
    Subject,
    name_of,
)
from sse_cli.core.expectations.vocabulary import FUNCTIONS, HEADER, RATES, Figure, Rate, figures, find_figure
from sse_cli.core.expressions import (
    ORDERINGS,
    EventGrammar,
    guess,
    nearest,
    read_literal,
    read_operator,
    read_ordered,
)
from sse_cli.core.literals import Misread, unquote
from sse_cli.core.logic import Not
from sse_cli.core.tokens import Grammar, Token, Tokens
from sse_cli.core.units import FLAG, GROUP, JSON, TEXT, WORD, kind_of

_HINT = "write it like `first_content < 500ms`, `verdict == complete` or `some $.usage exists`"
_ORDER_HINT = "write it like order: start, token, end"
_LISTED = "sse check --vocabulary lists all names"


def parse_claim(text: str) -> Claim:
    """Read what an expectation claims; a wrong one raises `UsageError`, with a caret under the place."""
    try:
        return ClaimGrammar(Tokens(text)).claim.whole()
    except Misread as fault:
        raise fault.usage_error("expectation", text) from None


class ClaimGrammar:
    """Reads what is said of a run, or of several runs together."""

    def __init__(self, tokens: Tokens) -> None:
        self._tokens = tokens
        self._first = ("", False)  # the first subject, and whether it is of several runs
        self.claim = Grammar(tokens, self.leaf)

    def leaf(self) -> Claim:
        """Read one thing that is said."""
        tokens = self._tokens
        word, column = tokens.word, tokens.column
        if tokens.kind == "word" and word in QUANTIFIERS:
            self._note(word, column, of_runs=False)
            return self._quantified()
        if tokens.kind == "word" and word.partition(":")[0] == ORDER:
            self._note(ORDER, column, of_runs=False)
            return self._order()
        subject = self._subject()
        self._note(name_of(subject), column, of_runs=isinstance(subject, Aggregate | Rate))
        operator, is_negated, at = read_operator(tokens)
        if operator == "exists":
            leaf: Assertion | Presence = self._presence(subject, at)
        else:
            leaf = self._assertion(subject, operator, at)
        return Not(leaf) if is_negated else leaf

    def _note(self, name: str, column: int, *, of_runs: bool) -> None:
        """See to it that one expectation is either of a run or of several."""
        first, is_other = self._first
        if first and is_other != of_runs:
            one, all_of_them = (first, name) if of_runs else (name, first)
            reason = f"`{one}` is of each run, and `{all_of_them}` of all of them together"
            raise Misread(reason, column, "make two expectations of it")
        self._first = (first or name, of_runs)

    def _quantified(self) -> Quantified:
        _, quantifier, _ = self._tokens.take()
        grammar = EventGrammar(self._tokens, asker=f"`{quantifier}`")
        return Quantified(quantifier, grammar.condition.single())

    def _order(self) -> Order:
        tokens = self._tokens
        at = tokens.column + len(ORDER)
        colon = re.compile(r"\s*:").match(tokens.text, at)
        if colon is None:
            raise Misread("a : is expected after order", at, _ORDER_HINT)
        row = tokens.take_row(colon.end(), "an event type", _ORDER_HINT)
        return Order(tuple(unquote(word, at) if kind == "string" else word for kind, word, at in row))

    def _subject(self) -> Subject:
        tokens = self._tokens
        kind, word, column = tokens.take()
        if kind == "word" and tokens.word == "(" and "[" not in word:
            return self._of_function(word, column)
        if kind == "path" or (kind == "word" and word in FIELDS):
            hint = f"say `some {word} …`, `every {word} …` or `last {word} …`"
            raise Misread(f"`{word}` is of an event, and it is not said of which", column, hint)
        if kind != "word":
            hint = "did you mean not?" if word == "!" else _HINT
            raise Misread("something to expect is expected here", column, hint)
        return RATES.get(word) or self._figure(word, column)

    def _of_function(self, name: str, column: int) -> Count | Aggregate:
        tokens = self._tokens
        if name not in FUNCTIONS and name != COUNTER:
            known = (COUNTER, *FUNCTIONS)
            raise Misread(f"there is no `{name}(…)`", column, nearest(name, known))
        tokens.accept("(")
        if name == COUNTER:
            return Count(EventGrammar(tokens, asker=f"`{COUNTER}`").condition.in_brackets())
        kind, word, at = tokens.take()
        if kind != "word":
            raise Misread("the name of a figure is expected", at, f"write it like {name}(first_content)")
        figure = self._figure(word, at)
        if not figure.unit.is_number and figure.unit is not JSON:
            raise Misread(f"{name} is of numbers, and {figure.name} is {figure.unit.a}", at, _LISTED)
        if not tokens.accept(")"):
            raise Misread("the bracket is not closed: ) is expected", tokens.column, _HINT)
        return Aggregate(name, figure)

    def _figure(self, word: str, column: int) -> Figure:
        if "[" in word:
            word = self._tokens.take_path(column)
        try:
            figure = find_figure(word)
        except Misread as fault:
            raise Misread(fault.reason, column + fault.position, fault.hint) from None
        if figure is None:
            raise Misread(f"there is no `{word}`", column, _name_hint(word))
        return figure

    def _presence(self, subject: Subject, column: int) -> Presence:
        if not isinstance(subject, Figure | Aggregate):
            raise Misread(f"{name_of(subject)} is always there", column, "compare it with a number")
        return Presence(subject)

    def _assertion(self, subject: Subject, operator: str, column: int) -> Assertion:
        unit = subject.unit
        if operator not in unit.operators:
            reason = f"`{operator}` does not go with {name_of(subject)}, which is {unit.a}"
            hint = _group_hint(subject) or f"there are {' '.join(unit.operators)} exists"
            raise Misread(reason, column, hint)
        read = partial(_read_value, subject, operator)
        return Assertion(subject, operator, read_literal(self._tokens, operator, read))


def _read_value(subject: Subject, operator: str, token: Token) -> Literal:
    """Read a value as the unit of its subject."""
    kind, word, column = token
    unit, name = subject.unit, name_of(subject)
    if kind == "word" and word == "null":
        return _null(subject, operator, column)
    if unit in (TEXT, JSON) and operator in ORDERINGS:
        return read_ordered(token)
    if kind == "string" and (unit.is_number or unit in (FLAG, GROUP)):
        raise Misread(f"{name} is {unit.a}, and no text", column, "leave out the quotes")
    text = unquote(word, column) if kind == "string" else word
    value = text if kind == "string" else unit.read(word)
    if value is None:
        hint = _group_hint(subject) or f"{unit.a} is written {unit.way}"
        raise Misread(f"{name} is {unit.a}, and `{word}` is {kind_of(word)}", column, hint)
    if unit is WORD and isinstance(subject, Figure) and operator in ("==", "!=", "in"):
        choices = subject.told.choices
        if text not in choices:
            raise Misread(f"{name} is never {text!r}", column, nearest(text, choices))
    return Literal(text, value)


def _null(subject: Subject, operator: str, column: int) -> Literal:
    """Read a null, which asks whether something was measured."""
    if operator not in ("==", "!="):
        raise Misread("null is neither more nor less than anything", column, "ask for it with == or !=")
    if not isinstance(subject, Figure | Aggregate):
        raise Misread(f"{name_of(subject)} is never null", column, "compare it with a number")
    return Literal("null", None)


def _group_hint(subject: Subject) -> str:
    if not isinstance(subject, Figure) or subject.unit is not GROUP:
        return ""
    return f"ask for one of {' '.join(subject.parts)}, or whether {subject.name} exists"


def _name_hint(word: str) -> str:
    if word.partition(".")[0] == HEADER:
        return f"a header is written like {HEADER}.content-type"
    meant = guess(word, (*figures(), *RATES, *QUANTIFIERS, ORDER, *FIELDS))
    if meant is not None:
        return f"did you mean {meant}? {_LISTED}"
    if "." in word or "[" in word:
        return f"of an event's data it is some $.{word.lstrip('.')} …; {_LISTED}"
    return _LISTED
