"""Goes from one connection of a recording to the next, as they were."""

import asyncio
from typing import TYPE_CHECKING, cast

from sse_cli.core.items import Opened
from sse_cli.core.pipeline import Pipeline
from sse_cli.core.resume import Resume
from sse_cli.deadlines import Ended
from sse_cli.following import Again
from sse_cli.sources.source import Source

if TYPE_CHECKING:
    from sse_cli.sources.recording import RecordingSource


class Replaying:
    """Knows what followed. See `following.Following` for the face."""

    resume: Resume | None = None
    why_not = ""

    def __init__(self, source: Source) -> None:
        self._source = cast("RecordingSource", source)
        self._next: RecordingSource | None = None

    def reads(self, status: int) -> bool:
        """Tell whether the body of an answer with this status is read."""
        return 200 <= status < 300

    def ask(
        self, _ended: Ended, _opened: Opened | None, _pipeline: Pipeline, _now: float, *, was_sent: bool
    ) -> Again | None:
        """Return what followed, or None if nothing did."""
        del was_sent
        following = self._source.following()
        if following is None:
            return None
        fault, self._next = following
        return Again(fault.retry_in, Resume(), fault.anew, fault.failures, fault.retries)

    async def wait(self, _again: Again, _sooner: asyncio.Future[None]) -> None:
        """Wait until the next connection was asked for."""
        assert self._next is not None
        await self._next.due()

    def again(self, _resume: Resume) -> Source:
        """Return the next connection."""
        assert self._next is not None
        self._source, self._next = self._next, None
        return self._source
