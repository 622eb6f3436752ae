"""A recording as a source: its chunks at their own times, or faster, each connection as it was.

What is stamped is the time of the recording, whatever its speed, so that all figures are those of the stream.
"""

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterable, Iterator
from time import perf_counter

from sse_cli.core.faults.endings import told
from sse_cli.core.items import Chunk, Fault, Opened
from sse_cli.core.recording import Asked, End, Entry, Head, decode, first_head
from sse_cli.core.secrets import NO_SECRETS
from sse_cli.errors import SseError, UsageError
from sse_cli.sources.files import lines, open_file, unpacked
from sse_cli.sources.source import Cut, OnChunk, RecordedEnd, Unreachable

Alter = Callable[[Iterable[Entry]], Iterator[Entry]]
"""Makes another recording of one, as faults do."""

Sleep = Callable[[float], Awaitable[object]]
"""Waits for so many seconds."""

_NO_LAST_LINE = "the recording ends without its last line"


class Playback:
    """The entries of a recording, each when it is time, and the clock by which it is.

    `speed` is how many times as fast as it was recorded; with 0 the clock jumps to what comes next.
    """

    def __init__(
        self,
        entries: Iterator[Entry],
        speed: float,
        clock: Callable[[], float] = perf_counter,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._entries = entries
        self._ahead: Entry | None = None
        self._speed = speed
        self._clock = clock
        self._sleep = sleep
        self._begun = clock()
        self._reached = self._begun
        self._awaited: float | None = None  # what is waited for

    def now(self) -> float:
        """Return the time, on a clock that goes as the recording does.

        It stands still while what came is dealt with, so that this takes no time of the recording's.
        """
        if self._awaited is None or not self._speed:
            return self._reached
        return max(self._reached, min(self._wall(), self._awaited))

    def begin(self) -> None:
        """Let time begin now."""
        self._begun = self._reached = self._clock()

    def at(self, seconds: float) -> float:
        """Return when something is, on that clock."""
        return self._begun + seconds

    async def until(self, seconds: float) -> float:
        """Wait until it is time for something; return when that is."""
        at = self._awaited = self.at(seconds)
        # With no time to wait, timers and Ctrl-C still have their turn.
        await self._sleep(max(at - self._wall(), 0.0) / self._speed if self._speed else 0.0)
        self._reached, self._awaited = max(self._reached, at), None
        return at

    def _wall(self) -> float:
        """Return the time if it never stood still."""
        return self._begun + (self._clock() - self._begun) * self._speed

    def peek(self) -> Entry | None:
        """Return what comes next, None at the end. Raises `Cut` where the file is broken."""
        if self._ahead is None:
            try:
                self._ahead = next(self._entries, None)
            except SseError as error:
                raise Cut(error.message, error.hint) from error
        return self._ahead

    def take(self) -> Entry | None:
        """Return what comes next, and go on."""
        entry, self._ahead = self.peek(), None
        return entry


class RecordingSource:
    """One connection of a recording. See `source.Source` for the face."""

    is_replay = True
    secrets = NO_SECRETS
    connecting_since: float | None = None

    def __init__(self, head: Head, playback: Playback, close: Callable[[], None] = lambda: None) -> None:
        self.asked: Asked = head.request
        self.name = head.request.url
        self.method = head.request.method
        self.headers = head.request.headers
        self.clock = playback.now
        self.playback = playback
        self.start: float | None = None
        self.connected_at: float | None = None
        self.on_chunk: OnChunk | None = None
        self._head = head
        self._is_first = head.version is not None
        self._close = close

    async def open(self) -> Opened | None:
        """Wait for the response's head; None where there was none. Raises `Unreachable`, if that was so."""
        answered, playback = self._head.response, self.playback
        if self._is_first:
            playback.begin()
        if answered is None:
            await self._open_without_head()
            return None
        if answered.started is not None:
            self.start = playback.at(answered.started)
        if answered.connected is not None:
            self.connected_at = playback.at(answered.connected)
        at = await playback.until(answered.at)
        url = answered.url or self.name
        return Opened(
            answered.status, answered.headers, answered.http_version, url, at, self.start, self.connected_at
        )

    async def due(self) -> None:
        """Wait until this connection was asked for."""
        answered = self._head.response
        if answered is not None and answered.started is not None:
            await self.playback.until(answered.started)

    async def _open_without_head(self) -> None:
        following = self.playback.peek()
        if isinstance(following, Fault):
            self.start = self.playback.now()
            await self.playback.until(following.at)
            raise Unreachable(following.error)
        if isinstance(following, End) and following.reason == "unreachable":
            self.start = self.playback.at(0.0) if self._is_first else self.playback.now()
            await self.playback.until(following.at)
            raise Unreachable(following.detail)

    async def read(self) -> Chunk | None:
        """Wait for the next chunk; None at the proper end. Raises `Cut`, or `RecordedEnd`."""
        entry = self.playback.peek()
        if isinstance(entry, Chunk):
            self.playback.take()
            return Chunk(entry.data, await self.playback.until(entry.at))
        if isinstance(entry, Fault):
            await self.playback.until(entry.at)
            raise RecordedEnd("cut", entry.error)
        if not isinstance(entry, End):
            raise Cut(_NO_LAST_LINE, "Was the run that made it killed? All before it counts.")
        await self.playback.until(entry.at)
        _raise_unless_proper(entry)
        return None

    async def close(self) -> None:
        """Close the file, once no other connection follows."""
        if not isinstance(self.playback.peek(), Fault):
            self._close()

    def following(self) -> "tuple[Fault, RecordingSource] | None":
        """Return how this connection ended and the one that followed, None if none did."""
        fault = self.playback.peek()
        if not isinstance(fault, Fault):
            return None
        self.playback.take()
        head = self.playback.take()
        if not isinstance(head, Head):
            return None
        return fault, RecordingSource(head, self.playback, self._close)


_PROPER = frozenset(("eof", "refused", "not-a-stream"))
"""Ends at which a server ends its answer in good order."""


def _raise_unless_proper(end: End) -> None:
    if end.reason == "cut":
        raise Cut(told(end.detail))
    if end.reason not in _PROPER:
        raise RecordedEnd(end.reason, end.detail)


def play(
    entries: Iterable[Entry],
    speed: float,
    alter: Alter | None = None,
    close: Callable[[], None] = lambda: None,
) -> RecordingSource:
    """Return the source of a recording's first connection. Raises `UsageError` for what is none."""
    iterator = iter(entries) if alter is None else alter(entries)
    head = next(iterator, None)
    assert isinstance(head, Head)
    return RecordingSource(head, Playback(iterator, speed), close)


def source(path: str, number: int | None, speed: float, alter: Alter | None = None) -> RecordingSource:
    """Return the source for a file. Raises `SseError` for one that cannot be read."""
    if number is not None:
        raise UsageError(f"{path} is one recording, and has no #{number}", "Leave out what is behind the #.")
    fd = open_file(path)
    return play(decode(_until_cut(lines(unpacked(fd)))), speed, alter, lambda: _close(fd))


def plain_source(path: str, alter: Alter) -> RecordingSource:
    """Return the source for a file without times, as a recording of which all came at once."""
    fd = open_file(path)

    def entries() -> Iterator[Entry]:
        yield first_head("", Asked(method="file", url=path), None)
        yield from (Chunk(piece, 0.0) for piece in unpacked(fd))
        yield End(at=0.0, reason="eof")

    return play(entries(), 0.0, alter, lambda: _close(fd))


def _until_cut(whole: Iterator[bytes]) -> Iterator[bytes]:
    """Give lines; of a packed file whose end is missing, those that are there."""
    try:
        yield from whole
    except Cut:
        return


def _close(fd: int) -> None:
    try:
        os.close(fd)
    except OSError:  # it is closed
        return
