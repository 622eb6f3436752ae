"""This machine's own end of a connection, as --interface has it: a device, or an address.

Addresses of the other end are tried one after another, and not side by side as asyncio does it: asyncio can
bind to no device.
"""

import asyncio
import os
import socket

import msgspec

from sse_cli.errors import UsageError
from sse_cli.sources.source import Unreachable

_TO_DEVICE: int = getattr(socket, "SO_BINDTODEVICE", 0)
"""The option of a socket for it; 0 where there is none: only Linux has it."""

_OWN = "--interface takes a device of this machine, or one of its addresses."


class Local(msgspec.Struct, frozen=True):
    """What a connection goes out from: the device of that name or, where it is none, an address or a host."""

    name: str
    is_device: bool

    async def connect(self, host: str, port: int, family: int) -> socket.socket:
        """Connect to a host. Raises what the sockets do, and `Unreachable` for what is wrong at this end."""
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(host, port, family=family, type=socket.SOCK_STREAM)
        own = None if self.is_device else await self._addresses(family)
        failed: OSError | None = None
        for version, kind, protocol, _, address in found:
            if own is not None and version not in own:
                continue
            end = socket.socket(version, kind, protocol)
            try:
                end.setblocking(False)
                self._bind(end, own[version] if own is not None else None)
                await loop.sock_connect(end, address)
            except OSError as error:
                end.close()
                failed = error
            except BaseException:
                end.close()
                raise
            else:
                return end
        if failed is not None:
            raise failed
        raise Unreachable(f"{host} has no address that {self.name} has a way to", "IPv4 and IPv6 do not mix.")

    async def _addresses(self, family: int) -> dict[int, tuple[object, ...]]:
        """Return the address to bind to for each version of IP."""
        try:
            found = await asyncio.get_running_loop().getaddrinfo(
                self.name, 0, family=family, type=socket.SOCK_STREAM
            )
        except (socket.gaierror, UnicodeError) as error:
            hint = _OWN if family == socket.AF_UNSPEC else f"{_OWN} -4 and -6 leave out the other addresses."
            raise Unreachable(f"cannot go out from {self.name}: no such device or address", hint) from error
        return {version: address for version, _, _, _, address in reversed(found)}

    def _bind(self, end: socket.socket, address: tuple[object, ...] | None) -> None:
        try:
            if address is None:
                end.setsockopt(socket.SOL_SOCKET, _TO_DEVICE, os.fsencode(self.name))
            else:
                end.bind(address)
        except PermissionError as error:
            raise Unreachable(
                f"cannot go out from {self.name}: {error.strerror}",
                "A device may need root here; one of its addresses does not.",
            ) from error
        except OSError as error:
            raise Unreachable(f"cannot go out from {self.name}: {error.strerror}", _OWN) from error


def parse_interface(text: str) -> Local:
    """Read NAME, ADDRESS, if!NAME or host!ADDRESS. Raises `UsageError`."""
    kind, mark, name = text.partition("!")
    if not mark or kind not in {"if", "host"}:
        kind, name = "", text
    devices = [device for _, device in socket.if_nameindex()]
    if kind == "host" or (not kind and name not in devices):
        return Local(name, is_device=False)
    if name not in devices:
        raise UsageError(f"--interface: this machine has no device {name}", f"It has {', '.join(devices)}.")
    if not _TO_DEVICE:
        raise UsageError(
            f"--interface: only on Linux can a connection be bound to a device, such as {name}",
            "Give one of its addresses instead.",
        )
    return Local(name, is_device=True)
