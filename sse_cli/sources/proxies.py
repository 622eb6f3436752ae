"""Which proxy a request goes through, by curl's rules. How it is spoken to is in `tunnel`."""

import re
from collections.abc import Mapping
from urllib.parse import unquote, urlsplit

import msgspec

from sse_cli.core.secrets import mask_url
from sse_cli.errors import UsageError

SCHEMES = ("http", "https", "socks4", "socks4a", "socks5", "socks5h")

_VARIABLES = {
    "http": ("http_proxy", "all_proxy", "ALL_PROXY"),
    "https": ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"),
}

_PORTS = {"https": 443}  # curl's, where the URL of a proxy has none
_PORT = 1080
_LONGEST = 255  # bytes of a user's name or password, by RFC 1929, section 2
_LOOKS = "It should look like http://user:password@host:3128, or socks5h://host:1080; '' is no proxy."


class Proxy(msgspec.Struct, frozen=True):
    """One proxy. `user` and `password` are never shown."""

    scheme: str
    host: str
    port: int
    user: str | None = None
    password: str = ""

    @property
    def place(self) -> str:
        """Name it in an error."""
        return f"the proxy {self.host}:{self.port}"

    @property
    def speaks_http(self) -> bool:
        """Whether it is asked for a tunnel by HTTP's CONNECT, in TLS or not."""
        return self.scheme in {"http", "https"}

    def forwards(self, scheme: str) -> bool:
        """Tell whether it is given the requests of a URL's scheme themselves, and no tunnel is asked for."""
        return self.speaks_http and scheme == "http"


class Proxies(msgspec.Struct, frozen=True):
    """The proxy for each scheme of a URL, and the hosts that are asked without one."""

    by_scheme: dict[str, Proxy]
    spared: tuple[str, ...] = ()

    @property
    def speak_tls(self) -> bool:
        """Whether any of them is spoken to by TLS."""
        return any(proxy.scheme == "https" for proxy in self.by_scheme.values())

    def choose(self, scheme: str, host: str) -> Proxy | None:
        """Return the proxy for a host, None for a direct connection."""
        proxy = self.by_scheme.get(scheme)
        return None if proxy is None or _is_spared(host.lower().rstrip("."), self.spared) else proxy


def read_proxies(
    given: str | None, noproxy: str | None, environment: Mapping[str, str], user: str | None = None
) -> Proxies | None:
    """Read -x and --noproxy, or the variables that stand in for them. Raises `UsageError`.

    `user` is `user:password` of --proxy-user, for a proxy whose URL has none.
    """
    spared = noproxy if noproxy is not None else environment.get("no_proxy") or environment.get("NO_PROXY")
    if spared == "*" or given == "":
        return None
    proxies = {}
    for scheme, variables in _VARIABLES.items():
        if given is not None:
            proxies[scheme] = parse_proxy(given, "-x", user)
            continue
        name = next((name for name in variables if environment.get(name)), None)
        if name is not None:
            proxies[scheme] = parse_proxy(environment[name], name, user)
    return Proxies(proxies, tuple(re.split(r"[\s,]+", (spared or "").lower())))


def parse_proxy(text: str, origin: str, given: str | None = None) -> Proxy:
    """Read the URL of a proxy; without a scheme it is http. `origin` says where it is from.

    As with curl, `given` counts where the URL has no user, and is percent-encoded as that is.
    """
    try:
        parts = urlsplit(text if "://" in text else f"http://{text}")
        host, port, shown = parts.hostname, parts.port, mask_url(parts.geturl())
    except ValueError as error:  # the text is not shown: where its password ends is anyone's guess
        raise UsageError(f"{origin}: not the URL of a proxy", _LOOKS) from error
    if parts.scheme not in SCHEMES or not host:
        raise UsageError(f"{origin}: not the URL of a proxy that can be spoken to: {shown}", _LOOKS)
    user, password = parts.username, parts.password or ""
    if user is None and given is not None:
        user, _, password = given.partition(":")
    user, password = (unquote(user) if user is not None else None), unquote(password)
    _check_user(parts.scheme, user or "", password, origin)
    return Proxy(parts.scheme, host, port or _PORTS.get(parts.scheme, _PORT), user, password)


def _check_user(scheme: str, user: str, password: str, origin: str) -> None:
    """Refuse what a SOCKS proxy cannot be told."""
    if scheme in {"socks5", "socks5h"} and max(len(user.encode()), len(password.encode())) > _LONGEST:
        raise UsageError(f"{origin}: the user or the password of the proxy is too long", _LOOKS)
    if scheme in {"socks4", "socks4a"} and (password or "\0" in user):
        raise UsageError(f"{origin}: SOCKS4 knows no password", "socks5:// takes user and password.")


def _is_spared(host: str, spared: tuple[str, ...]) -> bool:
    if ":" in host or re.fullmatch(r"[0-9.]+", host):
        return any(_is_in(host, entry) for entry in spared)
    names = (entry.removeprefix(".").rstrip(".") for entry in spared)
    return any(name and (host == name or host.endswith(f".{name}")) for name in names)


def _is_in(host: str, entry: str) -> bool:
    """Tell whether an address is another one, or in a network such as 10.0.0.0/8."""
    from ipaddress import ip_address, ip_network

    try:
        return ip_address(host) in ip_network(entry.replace("[", "").replace("]", ""), strict=False)
    except ValueError:
        return False
