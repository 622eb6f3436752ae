"""The server: it plays tapes over HTTP/1.1 to whoever asks, each client by a clock of its own."""

import asyncio
import os
import ssl
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from http import HTTPStatus
from random import Random

from sse_cli.core.faults.spec import Spec
from sse_cli.core.faults.table import apply
from sse_cli.errors import SseError
from sse_cli.server import cors
from sse_cli.server.answer import Whole
from sse_cli.server.connection import Connection
from sse_cli.server.house import Script
from sse_cli.server.log import Log
from sse_cli.server.play import Timer
from sse_cli.server.request import Request
from sse_cli.server.routes import Routes
from sse_cli.server.tape import Tape

BACKLOG = 1024
"""Connections that may wait to be taken: many clients come at one moment."""

GRACE = 2.0
"""Seconds for what was sent to reach its clients when the server ends."""


def no_log(_line: object) -> None:
    """Tell nobody."""


OnRequest = Callable[[Request], object]


class TapeServer:
    """Says what answers a request, and counts. `url` is where it listens."""

    url = ""

    def __init__(
        self,
        routes: Routes,
        faults: Sequence[Spec],
        seed: int,
        log: Log,
        timer: Timer,
        on_request: OnRequest = no_log,
    ) -> None:
        self.timer = timer
        self.log = log
        self._on_request = on_request
        self._routes = routes
        self._faults = faults
        self._seed = seed
        self._connections: set[Connection] = set()
        self._left = asyncio.Event()
        self._ends = asyncio.Semaphore(0)
        self._number = 0
        # By the names of the tapes that could answer: requests, and those that are answered from the start.
        self._requests: Counter[tuple[str, ...]] = Counter()
        self._turns: Counter[tuple[str, ...]] = Counter()
        self._starts: Counter[tuple[str, str]] = Counter()  # by tape and last event id

    async def play_out(self, times: int) -> None:
        """Wait until so many answers have been played."""
        for _ in range(times):
            await self._ends.acquire()

    # for connections

    def number(self) -> int:
        """Count a request, and return its number."""
        self._number += 1
        return self._number

    def answer(self, request: Request) -> Whole | Script:
        """Say what answers a request."""
        self._on_request(request)
        if request.method == "OPTIONS":
            allow = ("Allow", ", ".join(self._routes.methods(request)))
            return Whole(HTTPStatus.NO_CONTENT, (allow, *cors.preflight(request)))
        found = self._routes.find(request)
        if isinstance(found, Whole):
            return found._replace(headers=(*found.headers, *cors.allowing(request)))
        return self._script(found, request)

    def note_end(self) -> None:
        """Take note that an answer was played to its end, or cut."""
        self._ends.release()

    def enter(self, connection: Connection) -> None:
        """Take note of a connection."""
        self._connections.add(connection)

    def leave(self, connection: Connection) -> None:
        """Take note that a connection is no more."""
        self._connections.discard(connection)
        if not self._connections:
            self._left.set()

    def _script(self, tapes: Sequence[Tape], request: Request) -> Whole | Script:
        """Choose the tape, and the place in it: where several are as good, each has its turn."""
        key = tuple(tape.name for tape in tapes)
        last_event_id = request.last_event_id
        known = [tape for tape in tapes if tape.knows(last_event_id)]
        tape = known[0] if known else tapes[self._turns[key] % len(tapes)]
        starts = tape.starts(last_event_id)
        if not starts:  # an EventSource then asks no more (WHATWG HTML, section 9.2.3)
            return Whole(HTTPStatus.NO_CONTENT, tuple(cors.allowing(request)))
        place = (tape.name, last_event_id if known else "")
        entries = tape.entries(starts[self._starts[place] % len(starts)])
        number = self._requests[key] + 1
        if request.method != "HEAD":  # which only looks at what would come
            self._requests[key] += 1
            self._starts[place] += 1
            self._turns[key] += not known
        chance = Random(f"{self._seed} {tape.name} {number}")
        altered = apply(self._faults, entries, chance, number)
        return Script(tape.name, altered, tuple(fault.text for fault in self._faults))

    async def close(self) -> None:
        """End all connections: what is being played at once, the others when what was sent has gone out."""
        for connection in tuple(self._connections):
            connection.stop()
        if self._connections:
            self._left.clear()
            try:
                await asyncio.wait_for(self._left.wait(), GRACE)
            except TimeoutError:
                return


@asynccontextmanager
async def serve(
    routes: Routes,
    host: str = "127.0.0.1",
    port: int = 0,
    *,
    unix_socket: str | None = None,
    context: ssl.SSLContext | None = None,
    faults: Sequence[Spec] = (),
    seed: int = 0,
    log: Log = no_log,
    timer: Timer | None = None,
    on_request: OnRequest = no_log,
) -> AsyncIterator[TapeServer]:
    """Answer by `routes` until the block ends. Port 0 is any free one; with `context`, it speaks TLS.

    Raises `SseError` if the address cannot be listened on. `seed` is that of the chance in `faults`.
    `on_request` gets each request before it is answered, with its secrets, which `log` does not tell.
    """
    loop = asyncio.get_running_loop()
    server = TapeServer(routes, faults, seed, log, timer or loop, on_request)
    place = f"on {host} port {port}" if unix_socket is None else f"at {unix_socket}"

    def connect() -> Connection:
        return Connection(server)

    try:
        if unix_socket is None:
            listener = await loop.create_server(connect, host, port, ssl=context, backlog=BACKLOG)
        else:
            listener = await loop.create_unix_server(connect, unix_socket, ssl=context, backlog=BACKLOG)
    except OSError as error:
        raise SseError(f"cannot listen {place}: {error}", "Port 0 is any free port.") from error
    server.url = _url(listener, "http" if context is None else "https")
    try:
        yield server
    finally:
        # No wait_closed(): from Python 3.12 on it waits for clients, which may never go.
        listener.close()
        await server.close()
        if unix_socket is not None:
            with suppress(OSError):
                os.unlink(unix_socket)


def _url(listener: asyncio.Server, scheme: str) -> str:
    """Return the base URL; over a socket of the file system, the host says nothing."""
    name = listener.sockets[0].getsockname()
    if not isinstance(name, tuple):
        return f"{scheme}://localhost"
    host, port = name[:2]
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"
