"""Which proxy a request goes through, by curl's rules. How it is spoken to is in `tunnel`."""

import re
from collections.abc import Mapping
from urllib.parse import unquote, urlsplit

import msgspec

from sse_cli.core.secrets import mask_url
from sse_cli.errors import UsageError

SCHEMES = ("http", "socks5", "socks5h")

_VARIABLES = {
    "http": ("http_proxy", "all_proxy", "ALL_PROXY"),
    "https": ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"),
}

_PORT = 1080  # curl's, where the URL of a proxy has none
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


class Proxies(msgspec.Struct, frozen=True):
    """The proxy for each scheme of a URL, and the hosts that are asked without one."""

    by_scheme: dict[str, Proxy]
    spared: tuple[str, ...] = ()

    def choose(self, scheme: str, host: str) -> Proxy | None:
        """Return the proxy for a host, None for a direct connection."""
        proxy = self.by_scheme.get(scheme)
        return None if proxy is None or _is_spared(host.lower().rstrip("."), self.spared) else proxy


def read_proxies(given: str | None, noproxy: str | None, environment: Mapping[str, str]) -> Proxies | None:
    """Read -x and --noproxy, or the variables that stand in for them. Raises `UsageError`."""
    spared = noproxy if noproxy is not None else environment.get("no_proxy") or environment.get("NO_PROXY")
    if spared == "*" or given == "":
        return None
    proxies = {}
    for scheme, variables in _VARIABLES.items():
        if given is not None:
            proxies[scheme] = parse_proxy(given, "-x")
            continue
        name = next((name for name in variables if environment.get(name)), None)
        if name is not None:
            proxies[scheme] = parse_proxy(environment[name], name)
    return Proxies(proxies, tuple(re.split(r"[\s,]+", (spared or "").lower())))


def parse_proxy(text: str, origin: str) -> Proxy:
    """Read the URL of a proxy; without a scheme it is http. `origin` says where it is from."""
    try:
        parts = urlsplit(text if "://" in text else f"http://{text}")
        host, port, shown = parts.hostname, parts.port, mask_url(parts.geturl())
    except ValueError as error:  # the text is not shown: where its password ends is anyone's guess
        raise UsageError(f"{origin}: not the URL of a proxy", _LOOKS) from error
    if parts.scheme not in SCHEMES or not host:
        raise UsageError(f"{origin}: not the URL of a proxy that can be spoken to: {shown}", _LOOKS)
    user = unquote(parts.username) if parts.username is not None else None
    password = unquote(parts.password or "")
    if parts.scheme != "http" and max(len((user or "").encode()), len(password.encode())) > _LONGEST:
        raise UsageError(f"{origin}: the user or the password of the proxy is too long", _LOOKS)
    return Proxy(parts.scheme, host, port or _PORT, user, password)


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
