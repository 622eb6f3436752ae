"""Snapshots as text: JSON with a line for each term of the sequence and each path, in a fixed order."""

from collections.abc import Mapping

from sse_cli.core import payload
from sse_cli.core.items import Json
from sse_cli.core.literals import Misread
from sse_cli.core.snapshots.kinds import is_heartbeat
from sse_cli.core.snapshots.lines import line_of, line_of_fault
from sse_cli.core.snapshots.paths import BadPath, paths_of, shape_at
from sse_cli.core.snapshots.sequence import Chain, Term, kinds_in, parse, write
from sse_cli.core.snapshots.shapes import Shape
from sse_cli.core.snapshots.snapshot import Snapshot

VERSION = 1
_FORMAT = "sse-snapshot/"
_KEYS = ("version", "sequence", "events")

_OPEN = "…"
"""The last line of a sequence whose end was not waited for. A kind of this name stands in quotes."""

_HINT = "A good run makes it anew, with --update."


class BadSnapshot(ValueError):
    """A text that is no snapshot: why, at which line from 1, and what to try."""

    def __init__(self, reason: str, line: int, hint: str = _HINT) -> None:
        super().__init__(reason)
        self.reason = reason
        self.line = line
        self.hint = hint


def encode(snapshot: Snapshot) -> str:
    """Return a snapshot as text."""
    value = {
        "version": f"{_FORMAT}{VERSION}",
        "sequence": [*map(write, snapshot.sequence), *([_OPEN] if snapshot.is_open else [])],
        "events": {kind: dict(sorted(paths_of(snapshot.events[kind]))) for kind in sorted(snapshot.events)},
    }
    return f"{_laid_out(value)}\n"


def _laid_out(value: Json, margin: str = "") -> str:
    """Return a value as JSON, a line for each member and each element."""
    inner = f"{margin}  "
    if isinstance(value, dict):
        lines = [f"{payload.encode(key)}: {_laid_out(each, inner)}" for key, each in value.items()]
    elif isinstance(value, list):
        lines = [_laid_out(each, inner) for each in value]
    else:
        return payload.encode(value)
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    body = ",".join(f"\n{inner}{line}" for line in lines)
    return f"{opening}{body}\n{margin}{closing}" if lines else f"{opening}{closing}"


def decode(text: str) -> Snapshot:
    """Return the snapshot that a text is of. Raises `BadSnapshot`."""
    try:
        value = payload.decode(text)
    except payload.NotJson as error:
        raise BadSnapshot(f"it is no JSON: {error}", line_of_fault(text, error)) from None
    return _Reader(text).snapshot(value)


class _Reader:
    """Reads the value that a text has. What is wrong is told with its line in the text."""

    def __init__(self, text: str) -> None:
        self._text = text

    def snapshot(self, value: Json) -> Snapshot:
        self._check_version(value)
        for key in value.keys() - set(_KEYS):
            raise self._bad(f"`{key}` is not known", key, hint=f"There are {', '.join(_KEYS)}.")
        lines, events = value.get("sequence"), value.get("events")
        if not isinstance(lines, list):
            raise self._bad("`sequence` has to be a list of kinds of events", "sequence")
        if not isinstance(events, dict):
            raise self._bad("`events` has to be an object with each kind of event", "events")
        is_open = lines[-1:] == [_OPEN]
        sequence = self._sequence(lines[:-1] if is_open else lines)
        shapes = {kind: self._shape(kind, paths) for kind, paths in events.items()}
        self._check_kinds(list(kinds_in(sequence)), shapes)
        return Snapshot(sequence, shapes, is_open)

    def _bad(self, reason: str, *way: str, hint: str = _HINT) -> BadSnapshot:
        return BadSnapshot(reason, line_of(self._text, way), hint)

    def _check_version(self, value: Json) -> None:
        version = value.get("version") if isinstance(value, dict) else None
        if not isinstance(version, str) or not version.startswith(_FORMAT):
            raise self._bad("it is no snapshot, since it has no version", "version")
        if version != f"{_FORMAT}{VERSION}":
            reason = f"it is of version {version.removeprefix(_FORMAT)}, and this program reads {VERSION}"
            raise self._bad(reason, "version", hint=f"A newer sse reads it. {_HINT}")

    def _sequence(self, lines: list[Json]) -> Chain:
        terms: list[Term] = []
        for index, line in enumerate(lines):
            if not isinstance(line, str):
                raise self._bad("only kinds of events make a sequence", "sequence", str(index))
            try:
                terms += parse(line)
            except Misread as fault:
                reason = f"{fault.reason}, in column {fault.position + 1} of {line}"
                raise self._bad(reason, "sequence", str(index), hint=fault.hint) from None
        return tuple(terms)

    def _shape(self, kind: str, paths: Json) -> Shape:
        if not isinstance(paths, dict):
            raise self._bad(f"{kind} has to be an object of paths", "events", kind)
        try:
            return shape_at(paths)
        except BadPath as bad:
            raise self._bad(bad.reason, "events", kind, bad.path, hint=bad.hint) from None

    def _check_kinds(self, kinds: list[str], shapes: Mapping[str, Shape]) -> None:
        for kind in kinds:
            if kinds.count(kind) > 1:
                raise self._bad(f"{kind} stands in the sequence more than once", "sequence")
            if kind not in shapes:
                raise self._bad(f"{kind} is in the sequence, and not among the events", "sequence")
        for kind in shapes.keys() - set(kinds):
            if not is_heartbeat(kind):
                raise self._bad(f"{kind} is not in the sequence", "events", kind)
