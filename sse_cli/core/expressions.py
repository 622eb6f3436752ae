"""`SUBJECT OP VALUE`, joined by `and`, `or`, `not`: the language of `--where`, `--until` and dialects.

The way is text -> tokens, each with its column -> a tree of frozen values -> a function.
A subject is a field of the event (`event == error`) or a JSONPath over its data (`$.usage exists`); where a
path has several matches, one of them is enough. Data that is not JSON has none. What can be said of a whole
run, in the same language, stands in `claims`.
"""

from collections.abc import Callable, Iterable
from typing import TypeAlias

import msgspec

from sse_cli.core.conditions import (
    FIELDS,
    OPERATORS,
    Comparison,
    Existence,
    Field,
    Holds,
    Literal,
    Query,
    compile_condition,
    meaning,
    searcher,
    subjects_of,
)
from sse_cli.core.extract import NOTHING, Path, read_path
from sse_cli.core.items import Event, Json
from sse_cli.core.literals import Misread, unquote, unquote_pattern
from sse_cli.core.logic import Not, Tree
from sse_cli.core.tokens import QUOTES_HINT, Grammar, Token, Tokens

Payload: TypeAlias = Callable[[], Json]
"""Gives an event's data decoded, when asked; raises a `ValueError` where it is not JSON."""

ReadValue: TypeAlias = Callable[[Token], Literal]
"""Makes a value of a word or a string, as it suits the subject; raises `Misread`."""

_HINT = "write it like `event == error` or `$.usage.total_tokens > 100`, in single quotes in a shell"


class Expression(msgspec.Struct, frozen=True):
    """A compiled expression. `subjects` are all that it asks for; `subject` is set where that is only one.

    `root` is what its paths begin with: `$`, or `@` in a dialect's.
    """

    text: str
    root: str
    holds: Holds
    subjects: tuple[Field | Query, ...]
    subject: Field | Query | None
    needs_payload: bool
    """Whether a test asks for the decoded data."""

    def test(self, event: Event, payload: Payload) -> bool:
        """Tell whether it holds for the event; `payload` gives the data decoded, or raises `ValueError`."""
        root = NOTHING
        if self.needs_payload:
            try:
                root = payload()
            except ValueError:  # not `suppress`, which costs as much as the test
                root = NOTHING
        return self.holds(event, root)


def compile_expression(text: str, roots: str = "$") -> Expression:
    """Compile an expression; a wrong one raises `UsageError`, with a caret under the place.

    Its paths begin with one of the `roots`, all with the same.
    """
    grammar = EventGrammar(Tokens(text), roots)
    try:
        condition = grammar.condition.whole()
    except Misread as fault:
        raise fault.usage_error("expression", text) from None
    subjects = subjects_of(condition)
    is_one = subjects.count(subjects[0]) == len(subjects)
    return Expression(
        text=text,
        root=grammar.root or "$",
        holds=compile_condition(condition),
        subjects=subjects,
        subject=subjects[0] if is_one else None,
        needs_payload=any(isinstance(subject, Query) for subject in subjects),
    )


class EventGrammar:
    """Reads conditions on an event. `asker` says in errors what asks of each event.

    `root` is what the paths begin with, once there was one.
    """

    def __init__(self, tokens: Tokens, roots: str = "$", asker: str = "this") -> None:
        self.root: str | None = None
        self._tokens = tokens
        self._roots = roots
        self._asker = asker
        self.condition = Grammar(tokens, self.leaf)

    def leaf(self) -> Tree[Comparison | Existence]:
        """Read `SUBJECT OP VALUE`."""
        subject = self.subject()
        operator, is_negated, _ = read_operator(self._tokens)
        node: Comparison | Existence
        if operator == "exists":
            node = Existence(subject)
        else:
            read = read_ordered if operator in ORDERINGS else read_plain
            node = Comparison(subject, operator, read_literal(self._tokens, operator, read))
        return Not(node) if is_negated else node

    def subject(self) -> Field | Query:
        """Read a field or a path."""
        tokens = self._tokens
        kind, word, column = tokens.take()
        if kind == "word" and word in FIELDS:
            return Field(word)
        if kind == "path":
            return self._query(word, column)
        if kind == "word" and word[0] == "@" and "@" in self._roots:
            return self._query(tokens.take_path(column), column)
        raise self._no_subject(kind, word, column)

    def _query(self, path: str, column: int) -> Query:
        self.root = self.root or path[0]
        if path[0] != self.root:
            hint = "make two conditions of it, in a list: all of them must hold"
            raise Misread("`$` and `@` do not go together in one condition", column, hint)
        return Query(read_path_at(f"${path[1:]}", column))

    def _no_subject(self, kind: str, word: str, column: int) -> Misread:
        if kind != "word":
            hint = "did you mean not?" if word == "!" else _HINT
            return Misread("a field of the event or a path is expected", column, hint)
        from sse_cli.core.expectations.claims import is_of_run, is_over_events

        if is_over_events(word):
            reason = f"`{word}` is about all events, and {self._asker} asks of each one"
            return Misread(reason, column, f"leave it out; {_fields_hint('usage')}")
        if is_of_run(word):
            reason = f"`{word}` is about the whole run, and {self._asker} asks of each event"
            return Misread(reason, column, f"of an event {_fields_hint(word)}")
        return Misread(f"`{word}` is no field of an event", column, _subject_hint(word))


def read_path_at(path: str, column: int) -> Path:
    """Compile a path that stands at a column; a bad one raises `Misread`."""
    try:
        return read_path(path)
    except Misread as fault:
        raise Misread(fault.reason, column + fault.position, fault.hint) from None


def read_operator(tokens: Tokens) -> tuple[str, bool, int]:
    """Read an operator: its name, whether there is a `not` before it, and its column."""
    is_negated = tokens.accept("not")
    kind, word, column = tokens.take()
    known = [name for name in OPERATOR_NAMES if name.isalpha()] if is_negated else OPERATOR_NAMES
    if kind not in ("word", "sign"):
        raise Misread("an operator is expected", column, f"one of {' '.join(known)}")
    if word not in known:
        raise Misread(f"`{word}` is no operator{' after not' * is_negated}", column, nearest(word, known))
    return word, is_negated, column


def read_literal(tokens: Tokens, operator: str, read: ReadValue) -> Literal:
    """Read what stands after an operator."""
    takes = OPERATORS[operator].takes
    if takes == "list":
        return Literal("", tuple(read(item) for item in tokens.take_list()))
    token = tokens.take()
    if token[0] not in ("word", "string"):
        raise Misread(f"a value is expected after {operator}", token[2], QUOTES_HINT)
    return _read_pattern(token) if takes == "pattern" else read(token)


def read_plain(token: Token) -> Literal:
    """Read a value that has no unit."""
    kind, word, column = token
    if kind == "string":
        text = unquote(word, column)
        return Literal(text, text)
    return Literal(word, meaning(word))


def read_ordered(token: Token) -> Literal:
    """Read a value that is to be more or less than another that has no unit."""
    kind, word, column = token
    if kind == "word" and (word[-1].isalpha() or word[-1] == "%"):
        from sse_cli.core.units import kind_of

        if (seen := kind_of(word)) != "a word":
            hint = "write a number in the units of the stream or, where a text is meant, put it in quotes"
            raise Misread(f"`{word}` is {seen}, and what it is compared with has no unit", column, hint)
    return read_plain(token)


def _read_pattern(token: Token) -> Literal:
    kind, word, column = token
    pattern = unquote_pattern(word) if kind == "string" else word
    try:
        searcher(pattern)
    except Misread as fault:
        raise Misread(fault.reason, column, fault.hint) from None
    return Literal(pattern, pattern)


ORDERINGS = ("<", "<=", ">", ">=")
OPERATOR_NAMES = (*OPERATORS, "exists")
_OTHER_WORDS = {  # what people write who come from other languages, and difflib would not guess
    "event": "type name",
    "n": "number index",
    "id": "last_event_id lasteventid",
    "==": "= === is eq equals",
    "!=": "<> !== ne",
    "~": "=~ ~= match matches like",
    "!~": "!=~ !~=",
    "contains": "has includes",
    "first_content": "ttft time_to_first_token",
    "first_answer": "ttfo",
    "first_byte": "ttfb time_to_first_byte",
    "tokens.output": "output_tokens completion_tokens",
    "usage.input": "input_tokens prompt_tokens",
    "tokens_per_second": "tps",
    "end": "duration total total_time elapsed time",
    "finish": "finish_reason stop_reason",
    "text": "content answer",
    "status": "status_code http_status code",
    "some": "any",
    "every": "all each",
    "no": "none never",
    "mean": "avg average",
    "p50": "median",
}


def _fields_hint(word: str) -> str:
    return f"there are {' '.join(FIELDS)}, or a path such as $.{word}"


def _subject_hint(word: str) -> str:
    if word.startswith("@"):
        return "@ stands in a rule of a dialect, for what its `each` found"
    if "." in word or "[" in word:
        return f"did you mean $.{word.lstrip('.')}? A path starts with $"
    return f"{nearest(word, tuple(FIELDS))}, or a path such as $.{word}"


def nearest(word: str, known: Iterable[str]) -> str:
    """Return a hint with the name that is likely to be meant, and all there are."""
    known = tuple(known)
    close = guess(word, known)
    return f"{f'did you mean {close}? ' if close else ''}There are {' '.join(known)}"


def guess(word: str, known: Iterable[str]) -> str | None:
    """Return the name that is likely to be meant by a word, or None."""
    from difflib import get_close_matches

    word = word.lower()
    meant = [name for name in known if word in _OTHER_WORDS.get(name, "").split()]
    return next(iter(meant or get_close_matches(word, known, 1)), None)
