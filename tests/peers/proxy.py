"""What a proxy does once it has agreed: carry bytes. Its talk before that is a script of `scripted`'s."""

import socket
import threading
from collections.abc import Callable
from contextlib import suppress

ESTABLISHED = b"HTTP/1.1 200 Connection established\r\nVia: us\r\n\r\n"


def port_of(url: str) -> int:
    return int(url.rpartition(":")[2])


def relay(connection: socket.socket, port: int) -> None:
    """Carry bytes both ways between a client and a server of this machine, until both have ended."""
    with socket.create_connection(("127.0.0.1", port)) as server:
        _carry_both(connection, server)


def tunnel_to(url: str) -> Callable[[socket.socket], None]:
    """Return the step that answers CONNECT, and leads to a server whatever was asked for."""

    def step(connection: socket.socket) -> None:
        connection.sendall(ESTABLISHED)
        relay(connection, port_of(url))

    return step


def tunnel_to_who_speaks_first(url: str) -> Callable[[socket.socket], None]:
    """Return the same for a server that speaks first: what it says comes along with the answer."""

    def step(connection: socket.socket) -> None:
        with socket.create_connection(("127.0.0.1", port_of(url))) as server:
            connection.sendall(ESTABLISHED + server.recv(65536))
            _carry_both(connection, server)

    return step


def _carry_both(client: socket.socket, server: socket.socket) -> None:
    back = threading.Thread(target=_carry, args=(server, client), daemon=True)
    back.start()
    _carry(client, server)
    back.join()


def _carry(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
