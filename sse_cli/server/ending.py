"""How an answer ends: in good order, or by breaking the connection in one of the ways that `BREAKS` names."""

import asyncio
import socket
import struct
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress

from sse_cli.core.faults.endings import BREAKS, CLOSE, HALF_CLOSE, RESET
from sse_cli.core.recording import End

PROPER, SILENCE, GONE, STOPPED = "end", "silence", "gone", "stopped"

HELD = frozenset((SILENCE, HALF_CLOSE))
"""Endings after which the client is still there, and may stay."""

SAID = {
    PROPER: "ended",
    CLOSE: "cut: closed",
    RESET: "cut: reset",
    HALF_CLOSE: "cut: the sending side closed",
    SILENCE: "silent from there on",
    GONE: "the client left",
    STOPPED: "the server stopped",
}
"""How an answer can end, and what is said of it."""

# Two ints, for on and for no seconds: to close is then to reset. Windows has two shorts there.
_LINGER = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)


def ending_of(end: End) -> str:
    """Return how an end is performed: `PROPER`, `SILENCE` or one of `BREAKS`.

    A recording that stopped because of a time limit stopped in silence, and one that its user stopped says
    nothing of how it would have gone on.
    """
    if end.reason == "cut":
        return end.detail if end.detail in BREAKS else CLOSE
    return SILENCE if end.reason == "timeout" else PROPER


def close(transport: asyncio.Transport) -> None:
    """Close both ways, of TLS without its farewell. The system has all that was written, and sends it."""
    transport.abort()


def reset(transport: asyncio.Transport) -> None:
    """Send RST: what the client has not read yet may be lost to it."""
    sock: socket.socket | None = transport.get_extra_info("socket")
    if sock is not None:
        with suppress(OSError):  # a socket of the file system knows nothing of it
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER)
    transport.abort()


def half_close(transport: asyncio.Transport) -> None:
    """Close the sending side, and go on reading until the client has gone. TLS can only close both."""
    if transport.can_write_eof():
        transport.write_eof()
    else:
        transport.abort()


PERFORM: Mapping[str, Callable[[asyncio.Transport], None]] = {
    CLOSE: close,
    RESET: reset,
    HALF_CLOSE: half_close,
    SILENCE: lambda _transport: None,
}
"""What is done for each way to end but the proper one."""
