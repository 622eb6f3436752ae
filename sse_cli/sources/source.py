"""The face that every source has, and how one can fail: `Unreachable`, or `Cut`."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol, TypeAlias

from sse_cli.core.items import Chunk, Opened
from sse_cli.core.secrets import Secrets
from sse_cli.errors import Cut as Cut
from sse_cli.errors import ExitCode, SseError

if TYPE_CHECKING:
    from sse_cli.core.recording import Asked

OnChunk: TypeAlias = Callable[[Chunk], bool]
"""Takes a chunk, or answers False where it cannot take one now."""


class Source(Protocol):
    """One stream of chunks. `open` once, `read` until it gives None, `close` in any case.

    Where `on_chunk` is set, a source that can may give a chunk to it at once, while `read` is waited for: to
    wake who waits takes a third of the time from the wire to the screen. What it raises, `read` raises.

    `headers` are those that are sent, none for a file. `start` is when the request was about to be sent,
    `connecting_since` when the connection that is being made was begun, and `connected_at` when it stood, all
    on the monotonic clock; None where there is no such thing, as for a file.

    `clock` is the one that chunks are stamped by: the monotonic one or, of what `is_replay`, one that goes as
    the recording was made, and may jump.
    """

    name: str
    method: str
    headers: tuple[tuple[str, str], ...]
    start: float | None
    on_chunk: OnChunk | None
    clock: Callable[[], float]
    is_replay: bool

    @property
    def asked(self) -> "Asked":
        """The request as it may be kept: secrets masked."""

    @property
    def secrets(self) -> Secrets:
        """What was sent and must not be shown."""

    @property
    def connecting_since(self) -> float | None:
        """When the connection was begun that does not stand yet."""

    @property
    def connected_at(self) -> float | None:
        """When the connection stood."""

    async def open(self) -> Opened | None:
        """Connect and wait for the response's head; None where there is none. Raises `Unreachable`."""

    async def read(self) -> Chunk | None:
        """Wait for bytes; None at the proper end. Raises `Cut` if the stream broke."""

    async def close(self) -> None:
        """Give up the connection. May be called at any time, and twice."""


class Unreachable(SseError):
    """The source could not be opened: name, TCP, TLS, or no HTTP on the other side."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message, hint, ExitCode.UNREACHABLE)


class RecordedEnd(Exception):
    """A recording ends for a reason that did not come from the server: one of `items.ENDINGS`."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


class Futile(Unreachable):
    """Unreachable, and so it would be again: nothing but the user can change it."""
