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
from sse_cli.sources.source import Unreachable

_UNKNOWN_NAME = "Is the name spelled right? What is no file here is taken for a URL."


class Dialer:
    """One connection for each request. `insecure` takes any certificate."""

    def __init__(self, *, insecure: bool = False) -> None:
        self._insecure = insecure
        self._context: ssl.SSLContext | None = None
        self.connecting_since: float | None = None  # None while no connection is being made
        self.connected_at: float | None = None  # of the last connection made

    def prepare(self, scheme: str) -> None:
        """Make the TLS context if it will be needed, so that it is not made when the clock runs."""
        if scheme == "https" and self._context is None:
            self._context = _tls_context(self._insecure)

    async def send(self, message: Message) -> Connection:
        """Send a request; return its connection once the response's head has come. Raises `Unreachable`."""
        self.prepare(message.address.scheme)
        connection = await self._connect(message.address, message.data)
        try:
            await connection.head()
        except BaseException:
            connection.close()
            raise
        return connection

    async def _connect(self, address: Address, data: bytes) -> Connection:
        tls, host = address.scheme == "https", address.host
        loop = asyncio.get_running_loop()
        connect = loop.create_connection
        if isinstance(loop, asyncio.BaseEventLoop):  # other loops have no word for it
            connect = partial(connect, happy_eyeballs_delay=0.25)  # RFC 8305, section 8
        self.connecting_since = perf_counter()
        try:
            _, connection = await connect(
                lambda: Connection(data),
                host,
                address.port,
                ssl=self._context if tls else None,
                server_hostname=host if tls else None,
            )
        except (OSError, UnicodeError) as error:
            raise _unreachable(error, host, address.port) from error
        finally:
            self.connecting_since = None
        self.connected_at = connection.connected_at
        return connection


def _tls_context(insecure: bool) -> ssl.SSLContext:
    """Return a context that trusts what the system trusts or, where it has nothing, certifi's list."""
    context = ssl.create_default_context()
    paths = ssl.get_default_verify_paths()
    if not (paths.cafile or paths.capath or context.cert_store_stats()["x509_ca"]):
        import certifi

        context.load_verify_locations(certifi.where())
    if insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    context.set_alpn_protocols(["http/1.1"])
    return context


def _unreachable(error: Exception, host: str, port: int) -> Unreachable:
    """Translate what the sockets and TLS raise into one message with a hint."""
    place = f"{host}:{port}"
    if isinstance(error, socket.gaierror | UnicodeError):
        reason = error.strerror if isinstance(error, socket.gaierror) else "not a valid host name"
        return Unreachable(f"cannot resolve {host}: {reason}", _UNKNOWN_NAME)
    if isinstance(error, ssl.SSLCertVerificationError):
        return Unreachable(
            f"the TLS certificate of {place} is not trusted: {error.verify_message}",
            "-k accepts any certificate; use it only where you know the server.",
        )
    if isinstance(error, ssl.SSLError):
        return Unreachable(
            f"TLS failed with {place}: {getattr(error, 'reason', None) or error}",
            "Does the server speak TLS on this port? If not, the URL should begin with http://.",
        )
    numbers = _error_numbers(error)
    if isinstance(error, ConnectionRefusedError) or numbers == [errno.ECONNREFUSED]:
        return Unreachable(f"connection refused by {place}", "Is the server running, and is this its port?")
    reason = ", ".join(map(os.strerror, numbers)) or str(error)
    return Unreachable(
        f"cannot connect to {place}: {reason}", "Is the host up, and does the network lead to it?"
    )


def _error_numbers(error: Exception) -> list[int]:
    """Return what went wrong, each once: where a name has several addresses, asyncio joins their messages."""
    if isinstance(error, OSError) and error.errno is not None:
        return [error.errno]
    return sorted({int(number) for number in re.findall(r"\[Errno (\d+)\]", str(error))})
