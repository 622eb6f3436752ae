"""What a session asks between two connections: whether there is to be another, and when."""

import asyncio
import random
import time
from collections.abc import Callable
from http import HTTPStatus
from typing import TYPE_CHECKING, Protocol, cast

from sse_cli.core.items import Opened
from sse_cli.core.pipeline import Pipeline
from sse_cli.core.reconnect import Policy, retry_after
from sse_cli.deadlines import Ended
from sse_cli.sources.source import Cut, Futile, Source

if TYPE_CHECKING:
    from sse_cli.sources.recording import RecordingSource


class Following(Protocol):
    """Says whether one connection follows another, and which."""

    def reads(self, status: int) -> bool:
        """Tell whether the body of an answer with this status is read."""

    def delay(self, ended: Ended, opened: Opened | None, pipeline: Pipeline, now: float) -> float | None:
        """Return how many seconds to wait for another connection after one ended, or None for no other."""

    async def wait(self, delay: float, sooner: asyncio.Future[None]) -> None:
        """Wait so long, or until `sooner` is done."""

    def again(self, last_event_id: str) -> Source:
        """Return the next connection, for what comes after an id."""


class Replaying:
    """Goes from one connection of a recording to the next, as they were."""

    def __init__(self, source: Source) -> None:
        self._source = cast("RecordingSource", source)
        self._next: RecordingSource | None = None

    def reads(self, status: int) -> bool:
        """Tell whether the body of an answer with this status is read."""
        return 200 <= status < 300

    def delay(self, _ended: Ended, _opened: Opened | None, _pipeline: Pipeline, _now: float) -> float | None:
        """Return how long was waited for the next connection, or None if there was none."""
        following = self._source.following()
        if following is None:
            return None
        fault, self._next = following
        return fault.retry_in

    async def wait(self, _delay: float, _sooner: asyncio.Future[None]) -> None:
        """Wait until the next connection was asked for."""
        assert self._next is not None
        await self._next.due()

    def again(self, _last_event_id: str) -> Source:
        """Return the next connection."""
        assert self._next is not None
        self._source, self._next = self._next, None
        return self._source


class Reconnecting:
    """Holds the policy from one connection to the next. `again` makes a source that resumes after an id.

    `chance` gives random numbers from 0 to 1, and `today` the seconds since 1970.
    """

    def __init__(
        self,
        policy: Policy,
        again: Callable[[str], Source],
        chance: Callable[[], float] = random.random,
        today: Callable[[], float] = time.time,
    ) -> None:
        self.again = again
        self._policy = policy
        self._chance = chance
        self._today = today

    def reads(self, status: int) -> bool:
        """Tell whether a body is read; a browser's EventSource knows 200, and 204 for no more."""
        return status in (HTTPStatus.OK, HTTPStatus.NO_CONTENT)

    async def wait(self, delay: float, sooner: asyncio.Future[None]) -> None:
        """Wait so long, or until `sooner` is done."""
        await asyncio.wait((sooner,), timeout=delay)

    def delay(self, ended: Ended, opened: Opened | None, pipeline: Pipeline, now: float) -> float | None:
        """Return how many seconds to wait for another connection after one ended, or None for no other."""
        if ended.final:
            return None
        if ended.reason == "restarted":  # on demand, which is no failure
            return 0.0
        statuses = self._policy.statuses
        if not _may_be_repeated(ended, opened, pipeline, statuses):
            return None
        asked = None
        if opened is not None and opened.status in statuses:
            asked = retry_after(opened.header("retry-after"), self._today())
        delay, self._policy = self._policy.told(pipeline.retry).ask(
            failed=ended.reason != "eof" or not pipeline.events_of_connection,
            lived=now - opened.at if opened is not None else 0.0,
            chance=self._chance(),
            retry_after=asked,
        )
        return delay


def _may_be_repeated(
    ended: Ended, opened: Opened | None, pipeline: Pipeline, statuses: frozenset[int]
) -> bool:
    """Tell whether a browser would ask again (WHATWG HTML, section 9.2.2), and the answer is not whole.

    A refusal with one of the `statuses` is asked again as well.
    """
    if pipeline.is_finished:
        return False
    if opened is None:
        return ended.reason in ("unreachable", "timeout", "cut") and not isinstance(ended.error, Futile)
    if ended.reason == "refused":
        return opened.status in statuses
    if opened.status != HTTPStatus.OK or not pipeline.is_event_stream:
        return False
    # An event that is too large ends the stream as well, and would be as large again.
    return ended.reason in ("eof", "timeout") or isinstance(ended.error, Cut)
