"""`python -m tests.benchmarks.serve_clients PORT CLIENTS`: many clients of one tape that is served, once.

Each has a connection of its own and asks at the same moment as the others; all stamp what they read. Printed
as JSON: `late`, the percentiles of by how many milliseconds an event came later after the head than it is
due; `head`, of how long heads took; and `fewest`, the events that the least lucky client got.
"""

import json
import re
import select
import socket
import sys
from time import perf_counter

_REQUEST = b"GET / HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n"
_DUE = re.compile(rb"data: due ([0-9.]+)")


class Client:
    """One client: when it asked, when the head came, and how late events were."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.asked = self.head = 0.0
        self.late: list[float] = []

    def ask(self) -> None:
        self.asked = perf_counter()
        self.socket.sendall(_REQUEST)

    def read(self, at: float) -> bool:
        """Take what has come at this time; tell whether that was all."""
        data = self.socket.recv(65536)
        if not self.head and data:
            self.head = at
        self.late += [(at - self.head - float(due)) * 1000 for due in _DUE.findall(data)]
        return not data


def percentiles(values: list[float]) -> dict[str, float]:
    """Return the median, the 99th percentile and the largest."""
    ordered = sorted(values)
    last = len(ordered) - 1
    return {"p50": ordered[last // 2], "p99": ordered[int(last * 0.99)], "max": ordered[-1]}


def main() -> None:
    """Ask, read all to the end, and say what was seen."""
    port, count = map(int, sys.argv[1:])
    clients = [Client(port) for _ in range(count)]
    with select.epoll() as waiting:
        by_fd = {client.socket.fileno(): client for client in clients}
        for fd, client in by_fd.items():
            waiting.register(fd, select.EPOLLIN)
            client.ask()
        while by_fd:
            for fd, _ in waiting.poll():
                if by_fd[fd].read(perf_counter()):
                    waiting.unregister(fd)
                    del by_fd[fd]
    seen = {
        "late": percentiles([late for client in clients for late in client.late]),
        "head": percentiles([(client.head - client.asked) * 1000 for client in clients]),
        "fewest": min(len(client.late) for client in clients),
    }
    print(json.dumps(seen))


if __name__ == "__main__":
    main()
