"""What a session asks between two connections: whether there is to be another, when, and by what request."""

import asyncio
import random
import time
from collections.abc import Callable
from http import HTTPStatus

from sse_cli.core.items import Opened
from sse_cli.core.pipeline import Pipeline
from sse_cli.core.reconnect import Policy, retry_after
from sse_cli.core.resume import Resume
from sse_cli.deadlines import Ended
from sse_cli.following import Again
from sse_cli.sources.source import Cut, Futile, Source

SAFE_METHODS = frozenset(("GET", "HEAD"))
"""A request by one of these changes nothing on the server, so that it can be repeated."""


class Reconnecting:
    """Holds the policy from one connection to the next. `again` makes the source that asks for the rest.

    `method` is that of the first request. Unless that changes nothing on the server, or it `repeats` all the
    same, the rest is asked for by the dialect's rule alone, and `why_not` says why that cannot be.
    `chance` gives random numbers from 0 to 1, and `today` the seconds since 1970.
    """

    def __init__(
        self,
        policy: Policy,
        again: Callable[[Resume], Source],
        chance: Callable[[], float] = random.random,
        today: Callable[[], float] = time.time,
        *,
        method: str = "GET",
        repeats: bool = False,
    ) -> None:
        self.again = again
        self.why_not = ""
        self._policy = policy
        self._chance = chance
        self._today = today
        self._method = method
        self._repeats = repeats
        self.resume: Resume | None = None  # by which this connection was asked for
        self._rule_holds = True

    def reads(self, status: int) -> bool:
        """Tell whether a body is read; a browser's EventSource knows 200, and 204 for no more."""
        return status in (HTTPStatus.OK, HTTPStatus.NO_CONTENT)

    async def wait(self, again: Again, sooner: asyncio.Future[None]) -> None:
        """Wait until another connection is due, or until `sooner` is done."""
        await asyncio.wait((sooner,), timeout=again.delay)

    def ask(
        self, ended: Ended, opened: Opened | None, pipeline: Pipeline, now: float, *, was_sent: bool
    ) -> Again | None:
        """Return what follows after a connection ended, or None; `was_sent` is whether it had its request."""
        is_restart = ended.reason == "restarted"  # on demand, which is no failure
        if ended.final or not (is_restart or self._is_worth_it(ended, opened, pipeline)):
            return None
        resume = self._how(pipeline, was_sent=was_sent)
        if is_restart:
            self.resume = resume or Resume(last_event_id=pipeline.id_in_force)
            return Again(0.0, self.resume, anew=False, failures=0, retries=self._policy.retries)
        anew = resume is not None and not resume.goes_on and pipeline.has_begun
        asked = None
        if opened is not None and opened.status in self._policy.statuses:
            asked = retry_after(opened.header("retry-after"), self._today())
        delay, self._policy = self._policy.told(pipeline.retry).ask(
            failed=ended.reason != "eof" or anew or _has_failed(pipeline),
            lived=now - opened.at if opened is not None else 0.0,
            chance=self._chance(),
            retry_after=asked,
        )
        if delay is None:
            return None
        if resume is None:
            self.why_not = self._reason(pipeline)
            return None
        self.resume = resume
        return Again(delay, resume, anew, self._policy.failures, self._policy.retries)

    def _is_worth_it(self, ended: Ended, opened: Opened | None, pipeline: Pipeline) -> bool:
        """Tell whether there is more to come, as far as can be known."""
        by_rule = self.resume is not None and bool(self.resume.dialect)
        statuses = self._policy.statuses
        is_refused = ended.reason == "refused" and opened is not None and opened.status not in statuses
        if by_rule and is_refused and self._repeats:
            self._rule_holds = False  # what remains is to repeat the request
            return True
        if ended.reason == "eof" and pipeline.ends_quietly and self._method not in SAFE_METHODS:
            return False
        return _may_be_repeated(ended, opened, pipeline, statuses)

    def _how(self, pipeline: Pipeline, *, was_sent: bool) -> Resume | None:
        """Return how the rest is asked for, None where all that could be done is to repeat the request."""
        resume = pipeline.resume() if self._rule_holds else None
        if resume is not None:
            return resume
        is_safe = self._method in SAFE_METHODS
        if not (is_safe or self._repeats or not was_sent):
            return None
        id_ = pipeline.id_in_force
        return Resume(last_event_id=id_, goes_on=is_safe or bool(id_))

    def _reason(self, pipeline: Pipeline) -> str:
        if pipeline.dialect is None:
            why = f"no way is known to resume a {self._method}"
        elif pipeline.can_resume:
            why = f"{pipeline.dialect} had not told yet by what to resume a {self._method}"
        else:
            why = f"{pipeline.dialect} has no way to resume a {self._method}"
        return f"not asked again: {why} (--reconnect-post repeats it)"


def _has_failed(pipeline: Pipeline) -> bool:
    """Tell whether a response counts as a failure that ended properly, as some do that stream for ever."""
    return not pipeline.events_of_connection or pipeline.answer.failure is not None


def _may_be_repeated(
    ended: Ended, opened: Opened | None, pipeline: Pipeline, statuses: frozenset[int]
) -> bool:
    """Tell whether a browser would ask again (WHATWG HTML, section 9.2.2), and the answer is not whole.

    A refusal with one of the `statuses` is asked again as well.
    """
    if ended.reason == "refused":
        return opened is not None and opened.status in statuses
    if pipeline.is_finished:
        return False
    if opened is None:
        return ended.reason in ("unreachable", "timeout", "cut") and not isinstance(ended.error, Futile)
    if opened.status != HTTPStatus.OK or not pipeline.is_event_stream:
        return False
    # An event that is too large ends the stream as well, and would be as large again.
    return ended.reason in ("eof", "timeout") or isinstance(ended.error, Cut)
