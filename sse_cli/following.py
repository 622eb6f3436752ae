"""What follows one connection of a run: the face of whoever says so, and its answer."""

import asyncio
from typing import NamedTuple, Protocol

from sse_cli.core.items import Opened
from sse_cli.core.pipeline import Pipeline
from sse_cli.core.resume import Resume
from sse_cli.deadlines import Ended
from sse_cli.sources.source import Source


class Again(NamedTuple):
    """Another connection: after how many seconds, how it is asked for, and whether the answer begins anew.

    So many `failures` in a row there were, of as many `retries`; 0 where the one before was no failure.
    """

    delay: float
    resume: Resume
    anew: bool
    failures: int
    retries: int


class Following(Protocol):
    """Says whether one connection follows another, and which.

    `resume` is by what the one that goes on was asked for, None for the first. `why_not` is a sentence where
    another was worth it and could not be asked for.
    """

    resume: Resume | None
    why_not: str

    def reads(self, status: int) -> bool:
        """Tell whether the body of an answer with this status is read."""

    def ask(
        self, ended: Ended, opened: Opened | None, pipeline: Pipeline, now: float, *, was_sent: bool
    ) -> Again | None:
        """Return what follows after a connection ended, or None; `was_sent` is whether it had its request."""

    async def wait(self, again: Again, sooner: asyncio.Future[None]) -> None:
        """Wait until another connection is due, or until `sooner` is done."""

    def again(self, resume: Resume) -> Source:
        """Return the next connection. Raises `Unreachable`."""
