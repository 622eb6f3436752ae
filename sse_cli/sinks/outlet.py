"""The one exit to standard output and standard error: whole writes, clear errors, and no escape sequence of a
server's on a terminal."""

import codecs
import errno
import os
import re
import select
from functools import cached_property

from sse_cli.errors import ExitCode, SseError

# What could move the cursor, set the title or the clipboard, or turn the order of writing: C0 and C1 controls
# but tab and line ends, DEL, and the bidirectional overrides.
_UNSAFE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]|\r(?!\n)")


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


class Outlet:
    """A file descriptor to write to. Nothing is held back: a write returns when the system has the bytes."""

    def __init__(self, fd: int, name: str) -> None:
        self.fd = fd
        self.name = name
        self.is_terminal = os.isatty(fd)
        self.is_open = _is_open(fd)

    def write(self, data: bytes) -> None:
        """Write bytes, all of them. Raises `ReaderGone` or `OutputFailed`."""
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


def _is_open(fd: int) -> bool:
    """Tell now: a socket that is opened later may be given the number of a closed output."""
    try:
        os.fstat(fd)
    except OSError:
        return False
    return True


def encode(text: str) -> bytes:
    """Return text as UTF-8; half a surrogate pair, which JSON can hold, becomes a question mark."""
    return text.encode("utf-8", "replace")


def escape(text: str) -> str:
    """Return wire text with everything that could drive a terminal written out, as `\\x1b`."""
    return _UNSAFE.sub(_spell, text)


def _spell(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
