"""Files and standard input as sources. Their times are those of the reading: a plain file keeps none."""

import asyncio
import errno
import os
import select
import stat
import sys
import threading
from contextlib import suppress
from time import perf_counter

from sse_cli.core.items import Chunk
from sse_cli.core.secrets import NO_SECRETS
from sse_cli.sources.source import Cut, OnChunk, Unreachable

PIECE = 64 * 1024


class FileSource:
    """A file's bytes, as fast as they can be read."""

    secrets = NO_SECRETS

    def __init__(self, path: str) -> None:
        self.name = path
        self.method = "file"
        self.headers: tuple[tuple[str, str], ...] = ()
        self.start: float | None = None
        self.on_chunk: OnChunk | None = None
        self.connecting_since: float | None = None
        self.connected_at: float | None = None
        self._fd = -1

    async def open(self) -> None:
        """Open the file, which has no head. Raises `Unreachable`."""
        try:
            self._fd = os.open(self.name, os.O_RDONLY | getattr(os, "O_BINARY", 0))
            if stat.S_ISDIR(os.fstat(self._fd).st_mode):
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        except OSError as error:
            raise Unreachable(
                f"cannot read {self.name}: {error.strerror}",
                "A source is a URL, a file, or - for standard input.",
            ) from error

    async def read(self) -> Chunk | None:
        """Return the next piece; None at the end."""
        await asyncio.sleep(0)  # lets timers and Ctrl-C have their turn
        try:
            data = os.read(self._fd, PIECE)
        except OSError as error:
            raise Cut(f"cannot read on in {self.name}: {error.strerror}") from error
        return Chunk(data, perf_counter()) if data else None

    async def close(self) -> None:
        """Close the file."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1


class PipeSource:
    """Standard input, or a FIFO: bytes as they come.

    A thread reads, since not every system can wait for a pipe in its event loop. It is a daemon: one that
    hangs in a read does not keep the process from ending.
    """

    secrets = NO_SECRETS

    def __init__(self, path: str) -> None:
        self.name = "-" if path == "-" else path
        self.method = "stdin" if path == "-" else "file"
        self.headers: tuple[tuple[str, str], ...] = ()
        self.start: float | None = None
        self.on_chunk: OnChunk | None = None
        self.connecting_since: float | None = None
        self.connected_at: float | None = None
        self._path = path
        self._queue: asyncio.Queue[Chunk | Cut | None] = asyncio.Queue()
        self._room = threading.Semaphore(64)  # chunks that may wait: a slow reader slows the writer
        self._closed = False

    async def open(self) -> None:
        """Begin to read."""
        if self._path == "-" and sys.stdin is None:
            raise Unreachable("standard input is closed", "Give a file, or pipe something in.")
        loop = asyncio.get_running_loop()
        threading.Thread(target=self._pump, args=(loop,), daemon=True).start()

    async def read(self) -> Chunk | None:
        """Wait for the next bytes; None at the end. Raises `Cut`."""
        item = await self._queue.get()
        self._room.release()
        if isinstance(item, Cut):
            raise item
        return item

    async def close(self) -> None:
        """Stop taking bytes."""
        self._closed = True
        self._room.release()

    def _pump(self, loop: asyncio.AbstractEventLoop) -> None:
        try:
            fd = 0 if self._path == "-" else os.open(self._path, os.O_RDONLY)
            while not self._closed:
                data = _read(fd)
                self._put(loop, Chunk(data, perf_counter()) if data else None)
                if not data:
                    return
        except OSError as error:
            self._put(loop, Cut(f"cannot read {self.name}: {error.strerror}"))

    def _put(self, loop: asyncio.AbstractEventLoop, item: Chunk | Cut | None) -> None:
        self._room.acquire()
        with suppress(RuntimeError):  # the loop has ended: nobody wants the bytes any more
            loop.call_soon_threadsafe(self._queue.put_nowait, item)


def _read(fd: int) -> bytes:
    while True:
        try:
            return os.read(fd, PIECE)
        except BlockingIOError:  # another program that has the same pipe or terminal open may make it so
            select.select([fd], [], [])


def open_path(path: str) -> FileSource | PipeSource:
    """Return the source for a path or `-`; whether it can be read is seen when it is opened."""
    if path == "-":
        return PipeSource(path)
    with suppress(OSError):
        mode = os.stat(path).st_mode
        if stat.S_ISFIFO(mode) or stat.S_ISCHR(mode):
            return PipeSource(path)
    return FileSource(path)
