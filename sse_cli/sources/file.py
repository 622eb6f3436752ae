"""Files and standard input as sources. Their times are those of the reading: a plain file keeps none."""

import asyncio
import os
import select
import stat
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from importlib import import_module
from time import perf_counter
from typing import TYPE_CHECKING, cast

from sse_cli.core import files
from sse_cli.core.items import Chunk
from sse_cli.core.secrets import NO_SECRETS
from sse_cli.errors import UsageError
from sse_cli.sources.files import PIECE, open_file, unpacked
from sse_cli.sources.source import Cut, OnChunk, Source, Unreachable

if TYPE_CHECKING:
    from sse_cli.core.recording import Asked
    from sse_cli.sources.recording import Alter


class _Local:
    """What is read on this machine: nobody is asked, and there is no head."""

    headers: tuple[tuple[str, str], ...] = ()
    secrets = NO_SECRETS
    clock = staticmethod(perf_counter)
    is_replay = False
    start: float | None = None
    connecting_since: float | None = None
    connected_at: float | None = None

    def __init__(self, name: str, method: str) -> None:
        self.name = name
        self.method = method
        self.on_chunk: OnChunk | None = None

    @property
    def asked(self) -> "Asked":
        """What stands for a request."""
        from sse_cli.core.recording import Asked

        return Asked(method=self.method, url=self.name)


class FileSource(_Local):
    """A file's bytes, unpacked if it is packed, as fast as they can be read."""

    def __init__(self, path: str) -> None:
        super().__init__(path, "file")
        self._fd = -1
        self._pieces: Iterator[bytes] = iter(())

    async def open(self) -> None:
        """Open the file, which has no head. Raises `Unreachable`."""
        self._fd = open_file(self.name)
        self._pieces = unpacked(self._fd)

    async def read(self) -> Chunk | None:
        """Return the next piece; None at the end."""
        await asyncio.sleep(0)  # lets timers and Ctrl-C have their turn
        try:
            data = next(self._pieces, None)
        except OSError as error:
            raise Cut(f"cannot read on in {self.name}: {error.strerror}") from error
        return Chunk(data, perf_counter()) if data is not None else None

    async def close(self) -> None:
        """Close the file."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1


class PipeSource(_Local):
    """Standard input, or a FIFO: bytes as they come.

    A thread reads, since not every system can wait for a pipe in its event loop. It is a daemon: one that
    hangs in a read does not keep the process from ending.
    """

    def __init__(self, path: str) -> None:
        super().__init__(path, "stdin" if path == "-" else "file")
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


def open_path(path: str, speed: float | None = None, alter: "Alter | None" = None) -> Source:
    """Return the source for a path or `-`; whether it can be read is seen when it is opened.

    A recording is played at `speed` times its own, 1 where that is None; 0 is at once. With `alter`, a plain
    file is a recording as well, all of which came at once. Raises `UsageError` for a speed of what has no
    times, for a recording that is none, and for `alter` of what is no file.
    """
    kind = _kind_at(path)
    if kind is not None:
        module = import_module(f"sse_cli.sources.{kind}")
        return cast(Source, module.source(*_with_number(path), 1.0 if speed is None else speed, alter))
    if speed is not None:
        raise UsageError(
            f"--speed has no effect on {path}, which has no times",
            "Recordings have them: --record FILE makes one.",
        )
    if _is_stream(path):
        if alter is not None:
            raise UsageError(
                f"--fault has no effect on {path}, which is no file", "Record it first: --record."
            )
        return PipeSource(path)
    if alter is None:
        return FileSource(path)
    from sse_cli.sources.recording import plain_source

    return plain_source(path, alter)


def has_times(path: str) -> bool:
    """Tell whether a path, as `open_path` takes it, is one of a recording."""
    return _kind_at(path) is not None


def file_of(path: str) -> str:
    """Return the path of the file itself, without the number of a stream in it."""
    return _with_number(path)[0]


def _kind_at(path: str) -> str | None:
    return None if _is_stream(path) else kind_of(file_of(path))


def _is_stream(path: str) -> bool:
    """Tell what gives bytes as they come from what lies on a disk."""
    if path == "-":
        return True
    try:
        mode = os.stat(path).st_mode
    except OSError:
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISCHR(mode)


def _with_number(path: str) -> tuple[str, int | None]:
    """Take apart `FILE#2`, unless there is a file of that name."""
    return (path, None) if os.path.exists(path) else files.with_number(path)


def kind_of(path: str) -> str | None:
    """Return the module that reads a file which holds times, None for any other."""
    with suppress(Unreachable, Cut, OSError):
        fd = open_file(path)
        try:
            return files.kind_of(next(unpacked(fd), b"")[:_LOOKED_AT])
        finally:
            os.close(fd)
    return None


_LOOKED_AT = 4096
