"""What a server is to its connections, and what it says of each request: what is to be sent."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple, Protocol

from sse_cli.core.recording import Entry
from sse_cli.server.answer import Whole
from sse_cli.server.log import Log
from sse_cli.server.play import Timer
from sse_cli.server.request import Request

if TYPE_CHECKING:
    from sse_cli.server.connection import Connection


class Script(NamedTuple):
    """What is to be played; `faults` are those that were applied to it, as they were asked for."""

    tape: str
    entries: Iterator[Entry]
    faults: tuple[str, ...] = ()


class House(Protocol):
    """The server, as its connections know it."""

    timer: Timer
    log: Log

    def number(self) -> int:
        """Count a request, and return its number."""

    def answer(self, request: Request) -> Whole | Script:
        """Say what answers a request."""

    def note_end(self) -> None:
        """Take note that an answer was played to its end, or cut."""

    def enter(self, connection: "Connection") -> None:
        """Take note of a connection."""

    def leave(self, connection: "Connection") -> None:
        """Take note that a connection is no more."""
