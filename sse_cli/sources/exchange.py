"""One request and its answer in some version of HTTP, as `Connection` wants it: bytes in, bytes out.

It does no I/O and reads no clock. `http1` and `http2` are the versions.
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import TypeAlias

from sse_cli.sources.message import Headers
from sse_cli.sources.source import Cut

Send: TypeAlias = Callable[[bytes], None]
"""Takes bytes that are to be sent."""

CUT = "the connection was closed before the body was whole"


class Exchange(ABC):
    """`start` once; `feed` with what each read gave, until it is `complete` or there is an `error`.

    `sent` are the request's headers as they go over the wire. Once `has_head`, the answer's `status` and
    `headers` are there, and the version that it is `answered_in`.
    """

    version: str
    """The version in which it is asked, such as `1.1`."""

    hint: str
    """What to try where what comes is no answer."""

    high_water: float = math.inf
    """Bytes that may wait to be taken before the connection must not be read any more."""

    def __init__(self, sent: Headers) -> None:
        self.sent = sent
        self.answered_in = self.version
        self.status = 0
        self.headers: list[tuple[bytes, bytes]] = []
        self.has_head = False
        self.complete = False
        self.error: Cut | None = None

    @abstractmethod
    def start(self, send: Send) -> None:
        """The connection stands: send the request. What is to be sent later goes the same way."""

    @abstractmethod
    def feed(self, data: memoryview) -> bytes:
        """Take what one read gave; return all that it holds of the body."""

    @abstractmethod
    def ended(self, broken: Cut | None) -> Cut | None:
        """Return what it means that the connection is over, None for the proper end or for no answer at all.

        `broken` says how it broke, if it did.
        """

    def taken(self, size: int) -> None:  # noqa: B027  # there is nothing to it where streams are not counted
        """So many bytes of the body are not waiting any more."""

    def leave(self) -> None:  # noqa: B027  # nor is there anything to say to the server
        """The connection is about to be dropped."""
