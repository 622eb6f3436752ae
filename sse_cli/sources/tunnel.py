"""Through a proxy: what is said to it before the request. The connection reads as it always does."""

import asyncio
import base64
import re
import socket
import ssl
from collections.abc import Awaitable, Callable
from typing import TypeAlias, cast

import msgspec

from sse_cli.sources.connection import Connection
from sse_cli.sources.message import Address, Headers, Message
from sse_cli.sources.proxies import Proxy
from sse_cli.sources.route import Route
from sse_cli.sources.source import Unreachable
from sse_cli.sources.tls import tls_error

Dial: TypeAlias = Callable[[Callable[[], "_Talk"]], Awaitable["_Talk"]]
"""Connects to the proxy with a protocol."""

_STATUS = re.compile(rb"HTTP/1\.[01] ([0-9]{3})(?: ([^\r\n]*))?\r\n")
_WITHOUT = "--noproxy HOST goes to a host without the proxy."
_NO_PROXY = "Is it a proxy of that kind, and is this its port?"
_RIGHT = "Are the user and the password in the proxy's URL right?"
_MISSING = "Give its user and password: -x SCHEME://USER:PASSWORD@HOST:PORT."

_LONGEST_NAME = 255  # bytes, in RFC 1928, section 5

_REPLIES = {
    1: "general failure",
    2: "not allowed by its rules",
    3: "network unreachable",
    4: "host unreachable",
    5: "connection refused",
    6: "time to live expired",
    7: "command not supported",
    8: "kind of address not supported",
}
"""What a SOCKS server answers (RFC 1928, section 6)."""


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
    try:
        if proxy.scheme == "http":
            await _connect(reader, transport, proxy, address)
        else:
            await _socks(reader, transport, proxy, address, route)
        return await _begin(Connection(message, route.http2), talk, address, context)
    except ssl.SSLError as error:
        transport.abort()
        raise tls_error(error, f"{address.host}:{address.port}") from error
    except (OSError, EOFError, asyncio.LimitOverrunError) as error:
        transport.abort()
        reason = f"{proxy.place} closed the connection, or speaks no {proxy.scheme}"
        raise Unreachable(reason, _NO_PROXY) from error
    except BaseException:
        transport.abort()
        raise


def refused(proxy: Proxy, address: Address, status: str) -> Unreachable:
    """Return the error for a proxy's own answer, such as `407 Proxy Authentication Required`."""
    hint = _WITHOUT
    if status.startswith("407"):
        hint = _MISSING if proxy.user is None else _RIGHT
    return Unreachable(f"{proxy.place} refused {address.host}:{address.port}: HTTP {status}", hint)


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
    loop = asyncio.get_running_loop()
    secure = await loop.start_tls(talk.transport, connection, context, server_hostname=address.host)
    if secure is None:  # the server went in the same moment
        raise EOFError
    connection.connection_made(secure)
    return connection


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


async def _socks(
    reader: asyncio.StreamReader, transport: asyncio.Transport, proxy: Proxy, address: Address, route: Route
) -> None:
    """Ask a SOCKS server for a connection (RFC 1928)."""
    target = await _destination(proxy, address, route)
    methods = b"\x00" if proxy.user is None else b"\x00\x02"
    transport.write(bytes((5, len(methods))) + methods)
    version, method = await reader.readexactly(2)
    if version != 5:
        raise EOFError
    if method == 2 and proxy.user is not None:  # RFC 1929
        user, password = proxy.user.encode(), proxy.password.encode()
        transport.write(bytes((1, len(user))) + user + bytes((len(password),)) + password)
        if (await reader.readexactly(2))[1] != 0:
            raise Unreachable(f"{proxy.place} does not take the user and the password", _RIGHT)
    elif method != 0:
        raise Unreachable(f"{proxy.place} wants a user and a password", _MISSING)
    transport.write(b"\x05\x01\x00" + target + address.port.to_bytes(2))
    _, reply, _, kind = await reader.readexactly(4)
    if reply != 0:
        reason = _REPLIES.get(reply, f"reply {reply}")
        raise Unreachable(f"{proxy.place} refused {address.host}:{address.port}: {reason}", _WITHOUT)
    length = {1: 4, 4: 16}.get(kind) or (await reader.readexactly(1))[0]
    await reader.readexactly(length + 2)


async def _destination(proxy: Proxy, address: Address, route: Route) -> bytes:
    """Return the address as SOCKS has it: socks5h leaves the lookup to the proxy, socks5 does it here."""
    host = route.dialled(address.host, address.port)
    if proxy.scheme == "socks5":
        loop = asyncio.get_running_loop()
        try:
            found = await loop.getaddrinfo(host, address.port, family=route.family, type=socket.SOCK_STREAM)
        except (socket.gaierror, UnicodeError) as error:
            hint = "socks5h:// leaves the lookup to the proxy."
            raise Unreachable(f"cannot resolve {address.host}", hint) from error
        host = str(found[0][4][0]).partition("%")[0]
    for kind, family in ((b"\x01", socket.AF_INET), (b"\x04", socket.AF_INET6)):
        try:
            return kind + socket.inet_pton(family, host)
        except OSError:
            continue
    if len(host) > _LONGEST_NAME:
        raise Unreachable(f"{proxy.place} cannot be asked for a name so long: {host}", "Is it spelled right?")
    return b"\x03" + bytes((len(host),)) + host.encode("ascii")
