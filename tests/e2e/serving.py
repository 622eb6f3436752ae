"""`sse serve` as a process of its own, on a free port of 127.0.0.1."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from tests.e2e.command import ended, started


@dataclass(frozen=True)
class Served:
    """A server that listens. `url` has no path; `authority` is the file to trust, "" without TLS."""

    process: subprocess.Popen[bytes]
    url: str
    authority: str = ""

    @property
    def port(self) -> int:
        port = urlsplit(self.url).port
        assert port is not None
        return port

    def end(self) -> tuple[int, bytes, str]:
        """Wait until it ends by itself."""
        return ended(self.process)


@contextmanager
def served(*args: str, **options: Any) -> Iterator[Served]:
    """Start the server with these arguments, and give it once it listens."""
    with started("serve", *args, **options) as process:
        assert process.stdout is not None
        lines = [_line(process)]
        if "--tls" in args:
            lines.append(_line(process))
        yield Served(process, *lines)


def _line(process: subprocess.Popen[bytes]) -> str:
    """Read a line of its output, byte by byte, since the pipe has no buffer."""
    assert process.stdout is not None
    line = b""
    while not line.endswith(b"\n"):
        byte = process.stdout.read(1)
        assert byte, process.stderr and process.stderr.read().decode()
        line += byte
    return line.decode().strip()
