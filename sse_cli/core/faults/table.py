"""Every fault there is, and how those that were asked for are applied."""

from collections.abc import Iterable, Iterator, Sequence
from random import Random

from sse_cli.core.faults import answers, content, endings, framing, timing
from sse_cli.core.faults.spec import (
    PERIOD,
    RATE,
    SIZE,
    STATUS,
    TIME,
    TYPE,
    Kind,
    Number,
    Occasion,
    Spec,
    read_spec,
)
from sse_cli.core.recording import Entry

_WHERE = "after event N and SIZE bytes more (0), or at the end"


def _break(how: str, doc: str) -> Kind:
    return Kind(endings.breaks(how), f"{doc} {_WHERE}", Number.MAYBE, SIZE, "0")


FAULTS = {
    "drop": _break(endings.CLOSE, "close the connection unfinished"),
    "reset": _break(endings.RESET, "reset the connection"),
    "half-close": _break(endings.HALF_CLOSE, "close the sending side alone"),
    "no-end": Kind(content.no_end, "leave out the end marker, such as [DONE], and end in good order"),
    "status": Kind(
        answers.status, "answer request N of a route, or each, with an error", Number.MAYBE, STATUS
    ),
    "type": Kind(answers.content_type, "send another content type, or none", value=TYPE, default=""),
    "wait": Kind(timing.wait, "keep the answer back for so long", value=TIME),
    "stall": Kind(
        timing.stall, "be silent for so long after event N, or before the first", Number.MAYBE, TIME
    ),
    "slow": Kind(timing.slow, "send so much in a second at most, such as 2KB/s", value=RATE),
    "jitter": Kind(
        timing.jitter, "have each chunk come up to so much later, by chance", value=TIME, by_chance=True
    ),
    "comment": Kind(timing.comment, "send a comment every so often, as to stay alive", value=PERIOD),
    "split": Kind(
        framing.split,
        "cut chunks inside characters, line ends and field names, TIME apart (2ms)",
        value=TIME,
        default="2ms",
        by_chance=True,
    ),
    "merge": Kind(framing.merge, "send all in one chunk when the last has come, as a proxy that buffers"),
    "dup": Kind(content.at_event(content.twice), "send event N twice", Number.ALWAYS),
    "lose": Kind(content.at_event(content.never), "leave event N out", Number.ALWAYS),
    "garbage": Kind(
        content.at_event(content.and_garbage),
        "send SIZE bytes of nonsense (32) as an event after event N",
        Number.ALWAYS,
        SIZE,
        "32",
        by_chance=True,
    ),
}
"""Every fault by its name. `core.faults.spec` says how they are written."""


def read_faults(texts: Iterable[str]) -> tuple[Spec, ...]:
    """Read faults as --fault has them. Raises `UsageError`, with a caret under the place."""
    return tuple(read_spec(text, FAULTS) for text in texts)


def listing() -> str:
    """Return a line for each fault: how it is written, and what it does."""
    usages = {kind.usage(name): kind.doc for name, kind in FAULTS.items()}
    room = max(map(len, usages))
    return "".join(f"{usage:<{room}}  {doc}\n" for usage, doc in usages.items())


def apply(
    faults: Sequence[Spec], entries: Iterable[Entry], rng: Random, request_number: int = 1
) -> Iterator[Entry]:
    """Give a recording as the faults leave it, one applied after the other, in the order they are given.

    The same `rng` state gives the same recording. `request_number` counts the requests for it, from 1. Events
    are counted over all of the recording, and nothing is held but where a fault must (`merge`).
    """
    altered = iter(entries)
    occasion = Occasion(rng, request_number)
    for fault in faults:
        altered = fault.kind.alter(altered, fault, occasion)
    return altered
