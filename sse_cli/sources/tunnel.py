"""Through a proxy: what is said to it before the request. The connection reads as it always does."""

import asyncio
import base64
import re
import ssl
import sys
from collections.abc import Awaitable, Callable
from typing import TypeAlias, cast

import msgspec

from sse_cli.sources.connection import Connection
from sse_cli.sources.message import Address, Headers, Message
from sse_cli.sources.proxies import Proxy
from sse_cli.sources.route import Route
from sse_cli.sources.socks import MISSING, RIGHT, WITHOUT, ask
from sse_cli.sources.source import Futile, Unreachable
from sse_cli.sources.tls import tls_error

Dial: TypeAlias = Callable[[Callable[[], "_Talk"]], Awaitable["_Talk"]]
"""Connects to the proxy with a protocol."""

_STATUS = re.compile(rb"HTTP/1\.[01] ([0-9]{3})(?: ([^\r\n]*))?\r\n")
_NO_PROXY = "Is it a proxy of that kind, and is this its port?"


class _Talk(asyncio.StreamReaderProtocol):
    """What is said with the proxy before the connection takes over."""

    def __init__(self) -> None:
        loop = asyncio.get_running_loop()
        self.reader = asyncio.StreamReader(loop=loop)
        super().__init__(self.reader, loop=loop)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self.transport = cast(asyncio.Transport, transport)
        super().connection_made(transport)


def forwarded(message: Message, proxy: Proxy) -> Message:
    """Return an http request as a proxy wants it: with the whole URL (RFC 9112, section 3.2.2)."""
    address = message.address
    address = msgspec.structs.replace(address, path=b"http://%s%s" % (address.netloc, address.path))
    return msgspec.structs.replace(message, address=address, headers=[*_credentials(proxy), *message.headers])


async def tunnel(
    proxy: Proxy, route: Route, message: Message, dial: Dial, context: ssl.SSLContext | None
) -> Connection:
    """Have the proxy connect to where a request goes, and send it there. Raises `Unreachable`."""
    address = message.address
    talk = await dial(_Talk)
    reader, transport = talk.reader, talk.transport
    of_proxy = True  # what TLS may raise
    try:
        if proxy.speaks_http:
            await _connect(reader, transport, proxy, address)
        else:
            await ask(reader, transport, proxy, address, route)
        of_proxy = False
        return await _begin(Connection(message, route.http2), talk, address, context)
    except ssl.SSLError as error:
        transport.abort()
        place = proxy.place if of_proxy else f"{address.host}:{address.port}"
        raise tls_error(error, place, of_proxy=of_proxy) from error
    except (OSError, EOFError, asyncio.LimitOverrunError) as error:
        transport.abort()
        reason = f"{proxy.place} closed the connection, or speaks no {proxy.scheme}"
        raise Unreachable(reason, _NO_PROXY) from error
    except BaseException:
        transport.abort()
        raise


def refused(proxy: Proxy, address: Address, status: str) -> Unreachable:
    """Return the error for a proxy's own answer, such as `407 Proxy Authentication Required`."""
    message = f"{proxy.place} refused {address.host}:{address.port}: HTTP {status}"
    if status.startswith(("401", "407")):  # tinyproxy has 401 for a wrong password
        return Futile(message, MISSING if proxy.user is None else RIGHT)
    return Unreachable(message, WITHOUT)


async def _begin(
    connection: Connection, talk: _Talk, address: Address, context: ssl.SSLContext | None
) -> Connection:
    """Let the connection take over from here on."""
    if context is None:
        talk.transport.set_protocol(connection)
        talk.reader.feed_eof()
        if early := await talk.reader.read():  # a server of HTTP/2 may speak first
            connection.came_early(early)
        connection.connection_made(talk.transport)
        return connection
    if sys.version_info < (3, 12, 2):
        _mend(talk.transport)
    loop = asyncio.get_running_loop()
    secure = await loop.start_tls(talk.transport, connection, context, server_hostname=address.host)
    if secure is None:  # the server went in the same moment
        raise EOFError
    connection.connection_made(secure)
    return connection


def _mend(transport: asyncio.Transport) -> None:
    """Let TLS in TLS end with an error: asyncio itself fails at that before Python 3.11.8 and 3.12.2."""
    if transport.get_extra_info("ssl_object") is not None:
        transport._force_close = lambda _error: transport.abort()  # type: ignore[attr-defined]


async def _connect(
    reader: asyncio.StreamReader, transport: asyncio.Transport, proxy: Proxy, address: Address
) -> None:
    """Ask for a tunnel (RFC 9110, section 9.3.6)."""
    host = f"[{address.host}]" if ":" in address.host else address.host
    target = f"{host}:{address.port}".encode()
    fields = b"".join(b"%s: %s\r\n" % field for field in [(b"Host", target), *_credentials(proxy)])
    transport.write(b"CONNECT %s HTTP/1.1\r\n%s\r\n" % (target, fields))
    head = await reader.readuntil(b"\r\n\r\n")
    match = _STATUS.match(head)
    if match is None:
        raise Unreachable(f"the answer of {proxy.place} is not HTTP", _NO_PROXY)
    status, reason = (part.decode("latin-1").strip() for part in (match[1], match[2] or b""))
    if not status.startswith("2"):
        raise refused(proxy, address, f"{status} {reason}".strip())


def _credentials(proxy: Proxy) -> Headers:
    if proxy.user is None:
        return []
    both = f"{proxy.user}:{proxy.password}".encode()
    return [(b"Proxy-Authorization", b"Basic " + base64.b64encode(both))]
