"""Expressions written again, out of what was read of them: read once more, they give the same tree."""

from typing import Any

from sse_cli.core.conditions import OPERATORS, Comparison, Condition, Existence, Field, Literal, Query
from sse_cli.core.expectations.claims import Assertion, Claim, Count, Order, Presence, Quantified, name_of
from sse_cli.core.logic import And, Not, Or


def write(tree: Claim | Condition) -> str:
    """Return the text of an expression."""
    match tree:
        case Not(part):
            return f"not {_single(part)}"
        case And(parts):
            return " and ".join(_single(part) for part in parts)
        case Or(parts):
            return " or ".join(_bracketed(part) if isinstance(part, Or) else write(part) for part in parts)
        case Quantified(quantifier, condition):
            return f"{quantifier} {_single(condition)}"
        case Order(types):
            return f"order: {', '.join(map(_quote, types))}"
        case Existence(subject) | Presence(subject):
            return f"{_subject(subject)} exists"
        case Comparison(subject, operator, literal) | Assertion(subject, operator, literal):
            return f"{_subject(subject)} {operator} {_literal(operator, literal)}"


def _single(tree: Any) -> str:
    return _bracketed(tree) if isinstance(tree, And | Or) else write(tree)


def _bracketed(tree: Any) -> str:
    return f"({write(tree)})"


def _subject(subject: Any) -> str:
    match subject:
        case Field(name):
            return name
        case Query(path):
            return path.text
        case Count(condition):
            return f"count({write(condition)})"
    return name_of(subject)


def _literal(operator: str, literal: Literal) -> str:
    takes = OPERATORS[operator].takes
    if takes == "list":
        return f"[{', '.join(_value(item) for item in literal.value)}]"
    return _quote(literal.text) if takes == "pattern" else _value(literal)


def _value(literal: Literal) -> str:
    return _quote(literal.text) if isinstance(literal.value, str) else literal.text


def _quote(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
