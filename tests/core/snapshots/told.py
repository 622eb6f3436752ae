"""Differences in lines that a test can be read by."""

from collections.abc import Sequence
from itertools import groupby

from sse_cli.core.snapshots.differences import Change, Difference

_WIDEST = 40

_SIGNS = {
    Change.REMOVED: "-",
    Change.ADDED: "+",
    Change.CHANGED: "~",
    Change.REORDERED: "↕",
    Change.OPTIONAL: "?",
    Change.REPEATED: "×",
}


def write_differences(differences: Sequence[Difference]) -> list[str]:
    """Return the lines that show differences to people, kinds first; `!` is before each that may break.

    They hold text of the wire as it came.
    """
    lines: list[str] = []
    for kind, found in groupby(differences, lambda each: each.kind if each.path else ""):
        group = list(found)
        lines.append(kind or "kinds of events")
        width = max(len(each.path or each.kind) for each in group)
        for each in group:
            sign = f"{'!' if each.is_breaking else ' '} {_SIGNS[each.change]}"
            said = " → ".join(filter(None, (each.was, each.now)))
            lines.append(f"{sign} {(each.path or each.kind):{min(width, _WIDEST)}}  {said}")
    return lines
