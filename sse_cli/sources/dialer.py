"""Connects and sends, made for streams: plain or TLS, directly or through a proxy.

There is one connection for each request, also in HTTP/2, and no pool.
"""

import asyncio
import errno
import os
import re
import socket
import ssl
from collections.abc import Callable
from functools import partial
from time import perf_counter
from typing import TYPE_CHECKING, TypeVar

from sse_cli.sources.connection import Connection
from sse_cli.sources.message import Address, Message
from sse_cli.sources.route import DIRECT, Route
from sse_cli.sources.source import Unreachable
from sse_cli.sources.tls import make_context, make_proxy_context, tls_error

if TYPE_CHECKING:
    from sse_cli.sources.proxies import Proxy

_UNKNOWN_NAME = "Is the name spelled right? What is no file here is taken for a URL."
_UNKNOWN_PROXY = (
    "Is its name spelled right, in -x or in the variable that names it? -x '' goes without a proxy."
)
_THE_PROXY = "the proxy "
_NO_WAY = "Is the host up, and does the network lead to it?"

P = TypeVar("P", bound=asyncio.BaseProtocol)


class Dialer:
    """One connection for each request, each by the same route."""

    def __init__(self, route: Route = DIRECT) -> None:
        self._route = route
        self._context: ssl.SSLContext | None = None
        self._proxy_context: ssl.SSLContext | None = None
        self.connecting_since: float | None = None  # None while no connection is being made
        self.connected_at: float | None = None  # of the last connection made

    def prepare(self, scheme: str) -> None:
        """Make the TLS contexts that will be needed, so that they are not made when the clock runs.

        Raises `UsageError` for files of the route that cannot be used.
        """
        if scheme == "https" and self._context is None:
            self._context = make_context(self._route)
        # Nor are modules to be imported when the clock runs.
        if self._route.http2 is not None:
            import sse_cli.sources.http2
        if self._route.proxies is not None:
            import sse_cli.sources.tunnel  # noqa: F401

            if self._proxy_context is None and self._route.proxies.speak_tls:
                self._proxy_context = make_proxy_context(self._route)

    async def send(self, message: Message) -> Connection:
        """Send a request; return its connection once the response's head has come. Raises `Unreachable`."""
        address = message.address
        self.prepare(address.scheme)
        proxy = self._route.proxy(address.scheme, address.host)
        connection = await self._connect(message, proxy)
        try:
            await connection.head()
            # Through a tunnel, a 407 would be the server's own.
            if connection.status == 407 and proxy is not None and self._is_forwarded(address, proxy):
                from sse_cli.sources.tunnel import refused

                raise refused(proxy, address, "407 Proxy Authentication Required")
        except BaseException as error:
            connection.close()
            lost_by = connection.lost_by
            if isinstance(error, Unreachable) and isinstance(lost_by, ssl.SSLError):
                # Since TLS 1.3 a server refuses the client's certificate when the handshake is over.
                if proxy is not None and proxy.forwards(address.scheme):
                    raise tls_error(lost_by, proxy.place, of_proxy=True) from error
                raise tls_error(lost_by, self._route.place(address.host, address.port)) from error
            raise
        return connection

    def _is_forwarded(self, address: Address, proxy: "Proxy") -> bool:
        """Tell whether a proxy is given the request itself; HTTP/2 goes through a tunnel, as TLS does."""
        return proxy.forwards(address.scheme) and self._route.http2 != "known"

    async def _connect(self, message: Message, proxy: "Proxy | None") -> Connection:
        address = message.address
        context = self._context if address.scheme == "https" else None
        self.connecting_since = perf_counter()
        try:
            if proxy is None:
                connection = await self._dial(
                    lambda: Connection(message, self._route.http2), address.host, address.port, context
                )
            else:
                connection = await self._through(proxy, message, context)
        finally:
            self.connecting_since = None
        self.connected_at = connection.connected_at
        return connection

    async def _through(self, proxy: "Proxy", message: Message, context: ssl.SSLContext | None) -> Connection:
        from sse_cli.sources.tunnel import forwarded, tunnel

        async def dial(make: Callable[[], P]) -> P:
            secure = self._proxy_context if proxy.scheme == "https" else None
            return await self._dial(make, proxy.host, proxy.port, secure, _THE_PROXY)

        if self._is_forwarded(message.address, proxy):
            return await dial(lambda: Connection(forwarded(message, proxy)))
        return await tunnel(proxy, self._route, message, dial, context)

    async def _dial(
        self,
        make: Callable[[], P],
        host: str,
        port: int,
        context: ssl.SSLContext | None,
        what: str = "",
    ) -> P:
        """Connect, with TLS if there is a context. Raises `Unreachable`; `what` stands before the host."""
        loop, route = asyncio.get_running_loop(), self._route
        name = host if context is not None else None
        try:
            if route.unix_socket is not None:
                unix = loop.create_unix_connection
                return (await unix(make, route.unix_socket, ssl=context, server_hostname=name))[1]
            connect = loop.create_connection
            if isinstance(loop, asyncio.BaseEventLoop):  # other loops have no word for it
                connect = partial(connect, happy_eyeballs_delay=0.25)  # RFC 8305, section 8
            dialled, family = route.dialled(host, port), route.family
            if route.local is not None:
                end = await route.local.connect(dialled, port, family)
                return (await loop.create_connection(make, sock=end, ssl=context, server_hostname=name))[1]
            return (await connect(make, dialled, port, family=family, ssl=context, server_hostname=name))[1]
        except (OSError, UnicodeError) as error:
            raise _unreachable(error, what, host, port, route) from error


def _unreachable(error: Exception, what: str, host: str, port: int, route: Route) -> Unreachable:
    """Translate what the sockets and TLS raise into one message with a hint."""
    place = what + route.place(host, port)
    if isinstance(error, socket.gaierror | UnicodeError):
        reason = error.strerror if isinstance(error, socket.gaierror) else "not a valid host name"
        hint = f"-{route.ip} leaves out its other addresses. " if route.ip else ""
        return Unreachable(
            f"cannot resolve {what}{host}: {reason}",
            hint + (_UNKNOWN_PROXY if what == _THE_PROXY else _UNKNOWN_NAME),
        )
    if isinstance(error, ssl.SSLError):
        return tls_error(error, place, of_proxy=what == _THE_PROXY)
    numbers = _error_numbers(error)
    kind = "port" if route.unix_socket is None else "socket"
    if isinstance(error, ConnectionRefusedError) or numbers == [errno.ECONNREFUSED]:
        return Unreachable(
            f"connection refused by {place}", f"Is the server running, and is this its {kind}?"
        )
    reason = ", ".join(map(os.strerror, numbers)) or str(error)
    hint = _NO_WAY if route.unix_socket is None else "Is the server running, and is this its socket?"
    return Unreachable(f"cannot connect to {place}: {reason}", hint)


def _error_numbers(error: Exception) -> list[int]:
    """Return what went wrong, each once: where a name has several addresses, asyncio joins their messages."""
    if isinstance(error, OSError) and error.errno is not None:
        return [error.errno]
    return sorted({int(number) for number in re.findall(r"\[Errno (\d+)\]", str(error))})
