"""Follows a stream step by step: an event must have been written before the server is asked for another."""

import urllib.request
from collections.abc import Callable

from tests.e2e.command import HANGS, ended, started
from tests.peers.expected import SLOW

_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def walk(url: str, go: Callable[[], None], *args: str) -> None:
    """Read a stream of `expected.SLOW` to its end; `go` has the server send one event more."""
    with started(url, "-o", "data", *args) as process:
        assert process.stdout is not None
        for number, block in enumerate(SLOW):
            if number:
                go()
            assert process.stdout.read(65536) == f"{block.data}\n".encode()
        code, rest, err = ended(process)
    assert (code, rest) == (0, b""), err


def asking(server: str) -> Callable[[], None]:
    """Return what has a server of `peers.coded_server` go on."""
    return lambda: _DIRECT.open(f"{server}/go", timeout=HANGS).close()
