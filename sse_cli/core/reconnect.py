"""Whether to ask again, and after how long: an immutable policy, asked with how a connection ended.

What a browser's EventSource does (WHATWG HTML, section 9.2.3), with bounds that a browser has no need of.
"""

import re

import msgspec

CAP = 30.0
"""Seconds that doubling never goes beyond. A longer delay that is asked for is kept to all the same."""

STEADY = 60.0
"""Seconds after which a connection has proved itself: failures before it are not held against the next."""

JITTER = 0.25
"""The share of a delay that chance may add by default, so that a thousand clients do not come back at one
moment. It only adds: the standard wants the reconnection time waited for, and allows "some more"."""

BUSY = frozenset((429, 503))
"""What a server answers that may answer otherwise later. Any other status fails for good, as in a browser."""

_SECONDS = re.compile(r"[0-9]{1,9}")


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """`delay` is the base in seconds, `retries` how many failures in a row are forgiven.

    Chance may add the share `jitter` of a delay. After the `statuses` it is asked again, as after a cut.
    The end of a body that gave events is no failure: that is how some servers stream for ever.
    """

    delay: float = 1.0
    retries: int = 5
    jitter: float = JITTER
    statuses: frozenset[int] = BUSY
    failures: int = 0

    def told(self, retry: int | None) -> "Policy":
        """Return the policy after the server's `retry:` field, in milliseconds; None is that it sent none."""
        return self if retry is None else msgspec.structs.replace(self, delay=retry / 1000)

    def ask(
        self, *, failed: bool, lived: float, chance: float, retry_after: float | None = None
    ) -> tuple[float | None, "Policy"]:
        """Return how many seconds to wait before the next connection, None for no more, and the next policy.

        `lived` is how long the connection was open, `chance` a random number from 0 to 1. `retry_after` is
        what the server said: it is waited for exactly.
        """
        before = 0 if lived >= STEADY or not failed else self.failures
        following = msgspec.structs.replace(self, failures=before + 1 if failed else 0)
        if following.failures > self.retries:
            return None, following
        if retry_after is not None:
            return retry_after, following
        cap = max(CAP, self.delay)
        # No more doublings than reach the cap from a millisecond: 2**1000 would be no float any more.
        doubled = min(self.delay * 2 ** min(before, 16), cap)
        return min(doubled * (1 + self.jitter * chance), cap), following


def retry_after(value: str | None, now: float) -> float | None:
    """Return the seconds that a Retry-After header asks for: a number, or a date (RFC 9110, section 10.2.3).

    `now` is the time of day, in seconds since 1970. None where there is no such header, or it says nothing.
    """
    if value is None:
        return None
    if _SECONDS.fullmatch(value.strip()):
        return float(value)
    from datetime import UTC  # a rare thing, and slow to import
    from email.utils import parsedate_to_datetime

    try:
        date = parsedate_to_datetime(value)
        # The third form of the standard, that of asctime(), names no zone: it is GMT in all of them.
        return max((date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp() - now, 0.0)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
