"""How a server is reached and whom to trust on the way, as a value; what each part does is in `dialer`."""

import re
import socket
from typing import TYPE_CHECKING, Literal, TypeAlias

import msgspec

from sse_cli.errors import UsageError

if TYPE_CHECKING:
    from sse_cli.sources.local import Local
    from sse_cli.sources.proxies import Proxies, Proxy

_RESOLVE = re.compile(r"\+?(\[[^\]]+\]|[^:\[\]]+):([0-9]{1,5}):(.+)")
_ANY = "*"

Http2Use: TypeAlias = Literal["offered", "known"]
"""Whether HTTP/2 is offered in TLS, where the server chooses, or known to be what it speaks."""

_OFFERS = {None: ("http/1.1",), "offered": ("h2", "http/1.1"), "known": ("h2",)}

# HTTP_PROXY is not among them: a CGI program has it from whoever sends the header Proxy, so curl ignores it.
PROXY_VARIABLES = frozenset(("http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"))


class Resolved(msgspec.Struct, frozen=True):
    """An address to take for a host and a port, unasked. `host` is in lower case; `*` is every host."""

    host: str
    port: int
    address: str


class Route(msgspec.Struct, frozen=True, kw_only=True):
    """One way for all connections of a run.

    `insecure` takes any certificate. `cacert`, `cert` and `key` name PEM files: the authorities to trust in
    place of the system's, and the client's own certificate with its key; without `key` it is in `cert`.
    `unix_socket` is connected to whatever the URL says; `ip` leaves one version of IP alone; `local` is what
    connections go out from. Without `http2`, HTTP/1.1 is spoken.
    `proxies` stand between, for the hosts that they are for; `proxy_insecure` and `proxy_cacert` are for TLS
    with themselves.
    """

    insecure: bool = False
    cacert: str | None = None
    cert: str | None = None
    key: str | None = None
    unix_socket: str | None = None
    resolve: tuple[Resolved, ...] = ()
    ip: Literal[4, 6] | None = None
    local: "Local | None" = None
    proxies: "Proxies | None" = None
    proxy_insecure: bool = False
    proxy_cacert: str | None = None
    http2: Http2Use | None = None

    @property
    def offers(self) -> tuple[str, ...]:
        """The versions of HTTP that are offered in TLS, the best first (RFC 7301)."""
        return _OFFERS[self.http2]

    @property
    def family(self) -> int:
        """The sockets' word for `ip`."""
        return {None: socket.AF_UNSPEC, 4: socket.AF_INET, 6: socket.AF_INET6}[self.ip]

    def proxy(self, scheme: str, host: str) -> "Proxy | None":
        """Return the proxy through which a host is asked, None for a direct connection."""
        return None if self.proxies is None else self.proxies.choose(scheme, host)

    def dialled(self, host: str, port: int) -> str:
        """Return the host or the address to be dialled for a host.

        As with curl, a host's own entry goes before one for all, and a later one before an earlier one.
        """
        addresses = {entry.host: entry.address for entry in self.resolve if entry.port == port}
        return addresses.get(host.lower()) or addresses.get(_ANY, host)

    def place(self, host: str, port: int) -> str:
        """Name what is dialled for a host, for an error."""
        if self.unix_socket is not None:
            return f"the socket {self.unix_socket}"
        dialled = self.dialled(host, port)
        return f"{host}:{port}" + (f" (--resolve: {dialled})" if dialled != host else "")


DIRECT = Route()
"""Nothing special: the system's resolver, and the authorities that the system trusts."""


def parse_resolve(text: str) -> Resolved:
    """Read HOST:PORT:ADDRESS. Raises `UsageError`."""
    from ipaddress import ip_address

    match = _RESOLVE.fullmatch(text)
    if match is None:
        raise UsageError(f"not a --resolve: {text!r}", "It should look like --resolve host:443:127.0.0.1.")
    host, port, address = match.groups()
    try:
        ip = ip_address(address.removeprefix("[").removesuffix("]"))
    except ValueError as error:
        raise UsageError(
            f"--resolve: {address} is no IP address",
            "It should look like host:443:127.0.0.1, with one address.",
        ) from error
    return Resolved(host.strip("[]").lower(), int(port), str(ip))
