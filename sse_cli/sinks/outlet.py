"""The one exit to standard output and standard error: whole writes, clear errors, and no escape sequence of a
server's on a terminal."""

import codecs
import errno
import os
import select
import stat
from collections.abc import Callable
from functools import cached_property, partial

from sse_cli.errors import ExitCode, SseError
from sse_cli.sinks.writer import Writer
from sse_cli.text.escape import escape


class ReaderGone(Exception):
    """Whoever read our output has closed it: no fault, and nothing more to do."""


class OutputFailed(SseError):
    """Output could not be written, as on a full disk."""

    def __init__(self, what: str, error: OSError) -> None:
        super().__init__(
            f"cannot write {what}: {error.strerror}",
            "Is there room on the disk, and leave to write there?",
            ExitCode.OUTPUT,
        )


_AT_ONCE = 4096
"""A pipe that is ready takes so many bytes without blocking (POSIX has 512 for PIPE_BUF, Linux this)."""


class Outlet:
    """A file descriptor to write to.

    Without a `writer`, a write returns when the system has the bytes. With one, it never blocks: what cannot
    be written at once is left to the writer, and what went wrong there is raised by the next write.
    """

    writer: Writer | None = None

    def __init__(self, fd: int, name: str) -> None:
        self.fd = fd
        self.name = name
        self.is_terminal = os.isatty(fd)
        mode = _mode(fd)
        self.is_open = mode is not None
        self._trouble: Exception | None = None
        self._poll: Callable[[int], object] | None = None
        # A device such as /dev/null.
        self._never_blocks = mode is not None and stat.S_ISCHR(mode) and not self.is_terminal
        if mode is not None and (stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)) and hasattr(select, "poll"):
            poll = select.poll()
            poll.register(fd, select.POLLOUT)
            self._poll = poll.poll

    def write(self, data: bytes) -> None:
        """Write bytes, all of them. Raises `ReaderGone` or `OutputFailed`."""
        writer = self.writer
        if writer is None or writer.is_here or (writer.is_idle and self._is_ready_for(len(data))):
            self._write_now(data)
        else:
            self._put(partial(self._write_now, data), len(data))

    def _is_ready_for(self, size: int) -> bool:
        """Tell whether so many bytes can be written without blocking. Of files, nobody can know."""
        if self._never_blocks:
            return True
        return size <= _AT_ONCE and self._poll is not None and bool(self._poll(0))

    def draw(self, job: Callable[[], None]) -> None:
        """Do what takes long and writes here: in the writer's thread, where there is one."""
        if self.writer is None:
            job()
        else:
            self._put(job, 0)

    def _put(self, job: Callable[[], None], size: int) -> None:
        if self._trouble is not None:
            raise self._trouble
        assert self.writer is not None
        self.writer.put(partial(self._run, job), size)

    def _run(self, job: Callable[[], None]) -> None:
        if self._trouble is None:
            try:
                job()
            except (ReaderGone, OutputFailed) as trouble:
                self._trouble = trouble
                raise

    def _write_now(self, data: bytes) -> None:
        if not self.is_open:
            raise OutputFailed(self.name, OSError(errno.EBADF, "it is closed"))
        view = memoryview(data)
        while view:
            try:
                view = view[os.write(self.fd, view) :]
            except BlockingIOError:
                select.select([], [self.fd], [])
            except BrokenPipeError:
                raise ReaderGone from None
            except OSError as error:
                if error.errno == errno.EINVAL and os.name == "nt":  # how Windows says broken pipe
                    raise ReaderGone from None
                raise OutputFailed(self.name, error) from error

    def is_same_as(self, other: "Outlet") -> bool:
        """Tell whether both lead to one file or pipe, as with `2>&1`."""
        return self.is_open and other.is_open and os.path.samestat(os.fstat(self.fd), os.fstat(other.fd))

    def write_text(self, text: str) -> None:
        """Write text of the wire: made harmless on a terminal, untouched elsewhere."""
        self.write(encode(escape(text) if self.is_terminal else text))

    @cached_property
    def _decoder(self) -> codecs.IncrementalDecoder:
        return codecs.getincrementaldecoder("utf-8")("backslashreplace")

    def write_wire(self, data: bytes) -> None:
        """Write bytes of the wire: made harmless on a terminal, untouched elsewhere."""
        if self.is_terminal:
            data = encode(escape(self._decoder.decode(data)))  # a character may come in two reads
        self.write(data)


def _mode(fd: int) -> int | None:
    """Tell now what it is, None if it is closed: a socket that is opened later may be given its number."""
    try:
        return os.fstat(fd).st_mode
    except OSError:
        return None


def encode(text: str) -> bytes:
    """Return text as UTF-8; half a surrogate pair, which JSON can hold, becomes a question mark."""
    return text.encode("utf-8", "replace")
