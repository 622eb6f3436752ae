"""The bounds that every wire decoder keeps, so that no server can fill the memory."""

from sse_cli.errors import ExitCode, SseError

MAX_EVENT_BYTES = 64 * 1024 * 1024
MAX_RETRY_MS = 7 * 24 * 3600 * 1000
"""A week: a server that asks for more is asking never to be called again."""


class EventTooLarge(SseError):
    """One event is larger than the bound; reading on would only fill the memory."""

    def __init__(self, size: int, bound: int) -> None:
        super().__init__(
            f"event too large: more than {size:,} bytes without an end, the bound is {bound:,}",
            "Is this a stream of events? A larger bound can be set with --max-event-bytes.",
            ExitCode.TRUNCATED,
        )


def check_size(size: int, bound: int) -> None:
    """Raise `EventTooLarge` if `size` bytes of one event are more than `bound`."""
    if size > bound:
        raise EventTooLarge(size, bound)
