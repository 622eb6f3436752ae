"""What is said to a SOCKS proxy, so that it connects to an address."""

import asyncio
import socket

from sse_cli.sources.message import Address
from sse_cli.sources.proxies import Proxy
from sse_cli.sources.route import Route
from sse_cli.sources.source import Futile, Unreachable

RIGHT = "Are the user and the password of the proxy right?"
MISSING = "Give its user and password: -x SCHEME://USER:PASSWORD@HOST:PORT, or --proxy-user."
WITHOUT = "--noproxy HOST goes to a host without the proxy."

_LONGEST_NAME = 255  # bytes, in RFC 1928, section 5

_REPLIES_4 = {
    91: "rejected",
    92: "it finds no identd on this machine",
    93: "identd of this machine names another user",
}
"""What a SOCKS4 server answers (its protocol is described by a memo of its author's, and no standard)."""

_REPLIES_5 = {
    1: "general failure",
    2: "not allowed by its rules",
    3: "network unreachable",
    4: "host unreachable",
    5: "connection refused",
    6: "time to live expired",
    7: "command not supported",
    8: "kind of address not supported",
}
"""What a SOCKS5 server answers (RFC 1928, section 6)."""


async def ask(
    reader: asyncio.StreamReader, transport: asyncio.Transport, proxy: Proxy, address: Address, route: Route
) -> None:
    """Have the proxy connect to an address. Raises `Unreachable`, and `EOFError` where it is none."""
    host = await _host(proxy, address, route)
    if proxy.scheme in {"socks4", "socks4a"}:
        await _socks4(reader, transport, proxy, address, host)
    else:
        await _socks5(reader, transport, proxy, address, host)


async def _socks4(
    reader: asyncio.StreamReader, transport: asyncio.Transport, proxy: Proxy, address: Address, host: str
) -> None:
    user = (proxy.user or "").encode() + b"\0"
    try:
        target = socket.inet_pton(socket.AF_INET, host) + user
    except OSError:
        # SOCKS4A: an address that cannot be one says that a name follows.
        target = b"\0\0\0\1" + user + _name(proxy, host) + b"\0"
    transport.write(b"\x04\x01" + address.port.to_bytes(2) + target)
    version, reply, *_ = await reader.readexactly(8)
    if version != 0:
        raise EOFError
    if reply != 90:
        raise _refused(proxy, address, _REPLIES_4.get(reply, f"reply {reply}"))


async def _socks5(
    reader: asyncio.StreamReader, transport: asyncio.Transport, proxy: Proxy, address: Address, host: str
) -> None:
    """See RFC 1928."""
    target = _destination(proxy, host)
    methods = b"\x00" if proxy.user is None else b"\x00\x02"
    transport.write(bytes((5, len(methods))) + methods)
    version, method = await reader.readexactly(2)
    if version != 5:
        raise EOFError
    if method == 2 and proxy.user is not None:  # RFC 1929
        user, password = proxy.user.encode(), proxy.password.encode()
        transport.write(bytes((1, len(user))) + user + bytes((len(password),)) + password)
        if (await reader.readexactly(2))[1] != 0:
            raise Futile(f"{proxy.place} does not take the user and the password", RIGHT)
    elif method != 0:
        raise Futile(f"{proxy.place} wants a user and a password", MISSING)
    transport.write(b"\x05\x01\x00" + target + address.port.to_bytes(2))
    _, reply, _, kind = await reader.readexactly(4)
    if reply != 0:
        raise _refused(proxy, address, _REPLIES_5.get(reply, f"reply {reply}"))
    length = {1: 4, 4: 16}.get(kind) or (await reader.readexactly(1))[0]
    await reader.readexactly(length + 2)


def _refused(proxy: Proxy, address: Address, reason: str) -> Unreachable:
    return Unreachable(f"{proxy.place} refused {address.host}:{address.port}: {reason}", WITHOUT)


async def _host(proxy: Proxy, address: Address, route: Route) -> str:
    """Return the host as it is asked for: where the scheme leaves the lookup here, an address."""
    host = route.dialled(address.host, address.port)
    if proxy.scheme in {"socks4a", "socks5h"}:
        return host
    family = socket.AF_INET if proxy.scheme == "socks4" else route.family
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(host, address.port, family=family, type=socket.SOCK_STREAM)
    except (socket.gaierror, UnicodeError) as error:
        kind = " to an IPv4 address, which SOCKS4 needs" if proxy.scheme == "socks4" else ""
        raise Unreachable(
            f"cannot resolve {address.host}{kind}",
            f"{_BY_PROXY[proxy.scheme]}:// leaves the lookup to the proxy.",
        ) from error
    return str(found[0][4][0]).partition("%")[0]


_BY_PROXY = {"socks4": "socks4a", "socks5": "socks5h"}


def _destination(proxy: Proxy, host: str) -> bytes:
    """Return a host as SOCKS5 has it."""
    for kind, family in ((b"\x01", socket.AF_INET), (b"\x04", socket.AF_INET6)):
        try:
            return kind + socket.inet_pton(family, host)
        except OSError:
            continue
    name = _name(proxy, host)
    return b"\x03" + bytes((len(name),)) + name


def _name(proxy: Proxy, host: str) -> bytes:
    if len(host) > _LONGEST_NAME:
        raise Unreachable(f"{proxy.place} cannot be asked for a name so long: {host}", "Is it spelled right?")
    return host.encode("ascii")
