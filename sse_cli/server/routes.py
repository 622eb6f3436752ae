"""Which tapes can answer a request: by path and method, then by query, and by rules about the body."""

from collections.abc import Sequence
from http import HTTPStatus
from pathlib import PurePath

import msgspec

from sse_cli.core.expressions import Expression, compile_expression
from sse_cli.core.extract import NOTHING, Path, compile_path
from sse_cli.core.items import Event
from sse_cli.core.payload import LazyPayload
from sse_cli.core.secrets import mask_parameters, mask_url
from sse_cli.errors import UsageError
from sse_cli.server.answer import Whole, error
from sse_cli.server.request import Request
from sse_cli.server.tape import Tape

_HINT = "Write a path, such as '$.model', or 'FILE: EXPR', such as 'opus.ndjson: $.model contains opus'."


class SameValue(msgspec.Struct, frozen=True):
    """A tape answers whoever asks with the value that was asked with when it was recorded."""

    path: Path

    def value(self, body: str | None) -> object:
        """Return what the path finds in a body, `NOTHING` if nothing."""
        try:
            return self.path.first(LazyPayload(body or "")(), NOTHING)
        except ValueError:
            return NOTHING


class Condition(msgspec.Struct, frozen=True):
    """A tape answers those whose body meets an expression; `data` in it is the body's text."""

    tape: str
    expression: Expression

    def is_of(self, tape: Tape) -> bool:
        """Tell whether it is said of this tape: by its name, its file's, or that without the ending."""
        file = PurePath(tape.name)
        return self.tape in (tape.name, file.name, file.stem)

    def holds(self, body: str) -> bool:
        """Tell whether a body meets it."""
        return self.expression.test(Event("message", body, None, "", None, b"", 0.0, 1), LazyPayload(body))


Match = SameValue | Condition


def read_match(text: str) -> Match:
    """Read --match. Raises `UsageError`."""
    if text.startswith("$"):
        return SameValue(compile_path(text))
    name, colon, expression = text.partition(":")
    if not colon or not name.strip():
        raise UsageError(f"not a way to match: {text!r}", _HINT)
    return Condition(name.strip(), compile_expression(expression.strip()))


class Routes:
    """The tapes, and the rules by which several of one route are told apart.

    One tape alone answers whatever is asked. Raises `UsageError` for a rule of a tape that is not there.
    """

    def __init__(self, tapes: Sequence[Tape], matches: Sequence[Match] = ()) -> None:
        self._tapes = tapes
        self._is_alone = len(tapes) == 1
        self._same = [match for match in matches if isinstance(match, SameValue)]
        conditions = [match for match in matches if isinstance(match, Condition)]
        self._conditions = {id(tape): [rule for rule in conditions if rule.is_of(tape)] for tape in tapes}
        for rule in conditions:
            if not any(rule.is_of(tape) for tape in tapes):
                names = ", ".join(tape.name for tape in tapes)
                raise UsageError(f"--match speaks of {rule.tape}, which is not served", f"There are {names}.")

    def find(self, request: Request) -> Sequence[Tape] | Whole:
        """Return the tapes that answer a request, at least one, or what is said where none does."""
        here = self._here(request)
        if not here:
            return self._missing(request)
        able = [tape for tape in here if self._is_alone or _answers(tape, request.method)]
        if not able:
            return self._missing(request, Allow=", ".join(self.methods(request)))
        return self._matching(able, request) or self._missing(request)

    def methods(self, request: Request) -> list[str]:
        """Return the methods that are answered at the path of a request."""
        known = {method for tape in self._here(request) for method in tape.methods or ("GET", "POST")}
        return [*sorted(known), "HEAD", "OPTIONS"]

    def _here(self, request: Request) -> list[Tape]:
        return [tape for tape in self._tapes if self._is_alone or tape.path == request.path]

    def _matching(self, tapes: Sequence[Tape], request: Request) -> Sequence[Tape]:
        query = mask_parameters(request.query)  # as it is recorded
        tapes = [tape for tape in tapes if tape.query == query] or tapes
        body = request.body.decode("utf-8", "replace")
        for rule in self._same:
            wanted = rule.value(body)
            tapes = [tape for tape in tapes if rule.value(tape.body) == wanted]
        met = [tape for tape in tapes if any(rule.holds(body) for rule in self._conditions[id(tape)])]
        return met or [tape for tape in tapes if not self._conditions[id(tape)]]

    def _missing(self, request: Request, **headers: str) -> Whole:
        status = HTTPStatus.METHOD_NOT_ALLOWED if headers else HTTPStatus.NOT_FOUND
        message = f"there is no {request.method} {mask_url(request.target)} here"
        return error(status, message, *headers.items(), routes=self.listing())

    def listing(self) -> list[str]:
        """Return a line for each tape: where it is, and its name."""
        if self._is_alone:
            return [f"any path: {self._tapes[0].name}"]
        return [line for tape in self._tapes for line in self._lines(tape)]

    def _lines(self, tape: Tape) -> list[str]:
        rules = [f" where {rule.expression.text}" for rule in self._conditions[id(tape)]]
        where = f"{tape.path}?{mask_parameters(tape.query)}" if tape.query else tape.path
        methods = "|".join(sorted(tape.methods)) if tape.methods else "any method"
        return [f"{methods} {where}{rule}: {tape.name}" for rule in rules or [""]]


def _answers(tape: Tape, method: str) -> bool:
    return method == "HEAD" or tape.methods is None or method in tape.methods
