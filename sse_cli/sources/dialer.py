"""Connects and sends, made for streams: direct HTTP/1.1, plain or TLS, one connection for each request.

It keeps no pool and speaks no proxy or HTTP/2.
"""

import asyncio
import errno
import os
import re
import socket
import ssl
from functools import partial
from time import perf_counter

from sse_cli.sources.connection import Connection
from sse_cli.sources.message import Address, Message
from sse_cli.sources.route import DIRECT, Route
from sse_cli.sources.source import Unreachable
from sse_cli.sources.tls import make_context, tls_error

_UNKNOWN_NAME = "Is the name spelled right? What is no file here is taken for a URL."
_NO_WAY = "Is the host up, and does the network lead to it?"
_FAMILIES = {None: socket.AF_UNSPEC, 4: socket.AF_INET, 6: socket.AF_INET6}


class Dialer:
    """One connection for each request, each by the same route."""

    def __init__(self, route: Route = DIRECT) -> None:
        self._route = route
        self._context: ssl.SSLContext | None = None
        self.connecting_since: float | None = None  # None while no connection is being made
        self.connected_at: float | None = None  # of the last connection made

    def prepare(self, scheme: str) -> None:
        """Make the TLS context if it will be needed, so that it is not made when the clock runs.

        Raises `UsageError` for files of the route that cannot be used.
        """
        if scheme == "https" and self._context is None:
            self._context = make_context(self._route)

    async def send(self, message: Message) -> Connection:
        """Send a request; return its connection once the response's head has come. Raises `Unreachable`."""
        self.prepare(message.address.scheme)
        connection = await self._connect(message.address, message.data)
        try:
            await connection.head()
        except BaseException as error:
            connection.close()
            lost_by = connection.lost_by
            if isinstance(error, Unreachable) and isinstance(lost_by, ssl.SSLError):
                # Since TLS 1.3 a server refuses the client's certificate when the handshake is over.
                place = self._route.place(message.address.host, message.address.port)
                raise tls_error(lost_by, place) from error
            raise
        return connection

    async def _connect(self, address: Address, data: bytes) -> Connection:
        self.connecting_since = perf_counter()
        try:
            connection = await self._reach(address, data)
        except (OSError, UnicodeError) as error:
            raise _unreachable(error, address, self._route) from error
        finally:
            self.connecting_since = None
        self.connected_at = connection.connected_at
        return connection

    async def _reach(self, address: Address, data: bytes) -> Connection:
        """Connect with TLS if the address asks for it. Raises what the sockets and TLS raise."""
        loop, route = asyncio.get_running_loop(), self._route
        tls = address.scheme == "https"
        context, name = (self._context, address.host) if tls else (None, None)
        if route.unix_socket is not None:
            _, connection = await loop.create_unix_connection(
                lambda: Connection(data), route.unix_socket, ssl=context, server_hostname=name
            )
            return connection
        connect = loop.create_connection
        if isinstance(loop, asyncio.BaseEventLoop):  # other loops have no word for it
            connect = partial(connect, happy_eyeballs_delay=0.25)  # RFC 8305, section 8
        _, connection = await connect(
            lambda: Connection(data),
            route.dialled(address.host, address.port),
            address.port,
            family=_FAMILIES[route.ip],
            ssl=context,
            server_hostname=name,
        )
        return connection


def _unreachable(error: Exception, address: Address, route: Route) -> Unreachable:
    """Translate what the sockets and TLS raise into one message with a hint."""
    place = route.place(address.host, address.port)
    if isinstance(error, socket.gaierror | UnicodeError):
        reason = error.strerror if isinstance(error, socket.gaierror) else "not a valid host name"
        hint = f"-{route.ip} leaves out its other addresses. " if route.ip else ""
        return Unreachable(f"cannot resolve {address.host}: {reason}", hint + _UNKNOWN_NAME)
    if isinstance(error, ssl.SSLError):
        return tls_error(error, place)
    numbers = _error_numbers(error)
    what = "port" if route.unix_socket is None else "socket"
    if isinstance(error, ConnectionRefusedError) or numbers == [errno.ECONNREFUSED]:
        return Unreachable(
            f"connection refused by {place}", f"Is the server running, and is this its {what}?"
        )
    reason = ", ".join(map(os.strerror, numbers)) or str(error)
    hint = _NO_WAY if route.unix_socket is None else "Is the server running, and is this its socket?"
    return Unreachable(f"cannot connect to {place}: {reason}", hint)


def _error_numbers(error: Exception) -> list[int]:
    """Return what went wrong, each once: where a name has several addresses, asyncio joins their messages."""
    if isinstance(error, OSError) and error.errno is not None:
        return [error.errno]
    return sorted({int(number) for number in re.findall(r"\[Errno (\d+)\]", str(error))})
