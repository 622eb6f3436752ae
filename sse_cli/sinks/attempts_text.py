"""The connections of a run in words: the newest in one line, or all of them with all that is known."""

from collections.abc import Iterator, Sequence

from sse_cli.core.attempts import Attempt
from sse_cli.text import figures_text
from sse_cli.text.cells import Line, cut, on_one_line, width, width_of
from sse_cli.text.figures_text import duration

_WHY = 40
"""Cells for how a connection ended, where there are others to tell of; fewer than `_LITTLE` say nothing."""
_LITTLE = 12
_BETWEEN: Line = [("  ", "")]
_MORE: Line = [("…", "dim")]


def newest(attempts: Sequence[Attempt], first: int, room: int) -> Line:
    """Return the last connections of a line's room, in their order; `first` is the number of the first."""
    line: Line = []
    for place, (attempt, why) in reversed(list(enumerate(_with_ends(attempts)))):
        before = [*_MORE, *_BETWEEN] if place else []
        item = [*_number(first + place), *_came(attempt)]
        after = [*_BETWEEN, *line] if line else []
        left = room - sum(map(width_of, (before, item, after)))
        why = attempt.error or why
        if line and left < min(width(why), _LITTLE):
            return [*_MORE, *after]
        line = [*item, *_ended(why, min(left, _WHY)), *after]
    return line


def each(attempts: Sequence[Attempt], first: int) -> Iterator[Line]:
    """Give a line for every connection: how it was asked for, what came, and how it ended."""
    for place, (attempt, why) in enumerate(_with_ends(attempts)):
        asked = [f"after {duration(attempt.waited)}"] if attempt.why else []
        asked += [attempt.method] if attempt.method is not None else []
        asked += [attempt.url] if attempt.url is not None else []
        asked += [f"id {attempt.last_event_id}"] if attempt.last_event_id else []
        asked += ["no answer" if attempt.status is None else str(attempt.status)]
        yield [
            *_number(first + place),
            (on_one_line(" ".join(asked)), "dim"),
            *_BETWEEN,
            *_came(attempt),
            (f" in {duration(attempt.took)}", ""),
            *_ended(why, None),
            *([(f": {on_one_line(attempt.error)}", "red")] if attempt.error else []),
        ]


def _with_ends(attempts: Sequence[Attempt]) -> list[tuple[Attempt, str]]:
    """Return each connection with how it ended, as the next one tells; the verdict tells it of the last."""
    return list(zip(attempts, [*(attempt.why for attempt in attempts[1:]), ""], strict=True))


def _number(number: int) -> Line:
    return [(f"#{number} ", "dim")]


def _came(attempt: Attempt) -> Line:
    """Return what came, what of it came again, and what was left out."""
    odd = [f"{attempt.duplicates:,} again"] if attempt.duplicates else []
    if attempt.missed:
        odd.append(f"missed {' '.join(attempt.missed)}")
    return [(figures_text.count(attempt.events, "event"), ""), *((f", {what}", "yellow") for what in odd)]


def _ended(why: str, room: int | None) -> Line:
    if not why:
        return []
    text = on_one_line(f": {why}")
    return [(text if room is None else cut(text, room), "")]
