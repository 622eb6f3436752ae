"""What a session asks between two connections: whether there is to be another, and when."""

import random
import time
from collections.abc import Callable
from http import HTTPStatus

from sse_cli.core.items import Opened
from sse_cli.core.pipeline import Pipeline
from sse_cli.core.reconnect import Policy, retry_after
from sse_cli.deadlines import Ended
from sse_cli.sources.source import Cut, Futile, Source


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
