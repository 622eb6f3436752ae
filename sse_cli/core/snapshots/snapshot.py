"""A snapshot: what a good run looks like, or several, in a form to keep and to compare with."""

from collections.abc import Mapping

import msgspec

from sse_cli.core.snapshots.sequence import Chain
from sse_cli.core.snapshots.shapes import Shape


class Snapshot(msgspec.Struct, frozen=True):
    """The kinds of `events` with the shapes of their data, and the `sequence` in which they come.

    Heartbeats are in no sequence. It `is_open` where the runs were not waited for to end.
    """

    sequence: Chain
    events: Mapping[str, Shape]
    is_open: bool = False
