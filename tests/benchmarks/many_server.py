"""Serves many streams at once in a process of its own, all from one thread, by a timetable.

Arguments: streams, events a second for each, seconds. The clock begins once so many have connected. Streams
are served in turn through the whole period, as the streams of strangers would be, and not all at its start.
Data begin with the clock's nanoseconds, taken right before the event is written, and the event's number.
"""

import contextlib
import selectors
import socket
import sys
from time import monotonic, monotonic_ns, process_time, sleep

from tests.benchmarks import data
from tests.benchmarks.stream_server import HEAD, LAST_CHUNK

SLOTS = 20
"""The groups of streams that are served one after the other in a period."""

_FILL = b"x" * (data.EVENT_BYTES - len("data: 12345678901234567890 123456 \n\n"))


def event(number: int) -> bytes:
    """Return an event's chunk, all of the same size, with the time that it is now."""
    return b"%x\r\ndata: %020d %06d %b\n\n\r\n" % (data.EVENT_BYTES, monotonic_ns(), number, _FILL)


def main() -> None:
    """Serve as many as connect, time after time; say the port first, and after each time how it went."""
    streams, rate, seconds = map(int, sys.argv[1:])
    listener = socket.create_server(("127.0.0.1", 0), backlog=streams)
    print(listener.getsockname()[1], flush=True)
    while True:
        connections = _accept(listener, streams)
        sleep(0.5)  # the readers have their heads, and rest
        began, used = monotonic(), process_time()
        late = _send(connections, rate, seconds)
        used, taken = process_time() - used, monotonic() - began
        for connection in connections:
            with contextlib.suppress(OSError):
                connection.sendall(LAST_CHUNK)
                connection.close()
        print(f"{late * 1000} {used / taken}", flush=True)


def _accept(listener: socket.socket, streams: int) -> list[socket.socket]:
    """Take so many connections, and answer each with its head."""
    connections: list[socket.socket] = []
    with selectors.DefaultSelector() as waiting:
        waiting.register(listener, selectors.EVENT_READ)
        while len(connections) < streams or len(waiting.get_map()) > 1:
            for key, _ in waiting.select():
                if key.fileobj is listener:
                    connection, _ = listener.accept()
                    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                    connections.append(connection)
                    waiting.register(connection, selectors.EVENT_READ)
                    continue
                assert isinstance(key.fileobj, socket.socket)
                key.fileobj.recv(65536)
                key.fileobj.sendall(HEAD)
                waiting.unregister(key.fileobj)
    return connections


def _send(connections: list[socket.socket], rate: int, seconds: int) -> float:
    """Write by the timetable; return the seconds that the server itself was late at most."""
    slots = [connections[slot::SLOTS] for slot in range(SLOTS)]
    start, late = monotonic(), 0.0
    for turn in range(rate * seconds * SLOTS):
        due = start + turn / (rate * SLOTS)
        late = max(late, monotonic() - due)
        sleep(max(0.0, due - monotonic()))
        number = turn // SLOTS
        for connection in slots[turn % SLOTS]:
            connection.sendall(event(number))
    return late


if __name__ == "__main__":
    main()
