"""The Cookie header that -b asks for: as text, or out of a file in the format of Netscape, which curl writes.

The standard library's reader is not used: it wants the file's first line to be a certain comment, and it
takes a jar, a policy and requests of urllib to answer what is a filter over lines.
"""

from ipaddress import ip_address
from typing import NamedTuple
from urllib.parse import urlsplit

from sse_cli.errors import UsageError
from sse_cli.sources.request import read_file

_FIELDS = 7
_HTTP_ONLY = "#HttpOnly_"  # curl's mark in front of a line that is no comment
_LOCAL = {"localhost", "127.0.0.1", "::1"}  # as safe as TLS, to curl and to browsers


class Cookie(NamedTuple):
    """One line of a cookie file. `expires` is in seconds since 1970, and 0 where it ends with the session."""

    domain: str
    subdomains: bool
    path: str
    secure: bool
    expires: int
    name: str
    value: str

    def goes_to(self, url: str, now: float) -> bool:
        """Tell whether the cookie is sent to a URL at a time (RFC 6265, section 5.4)."""
        parts = urlsplit(url)
        host = (parts.hostname or "").lower()
        is_safe = parts.scheme == "https" or host in _LOCAL
        is_fresh = self.expires == 0 or self.expires > now
        return is_fresh and (is_safe or not self.secure) and self._is_of(host) and self._is_on(parts.path)

    def _is_of(self, host: str) -> bool:
        if host == self.domain:
            return True
        return self.subdomains and host.endswith(f".{self.domain}") and not _is_address(host)

    def _is_on(self, path: str) -> bool:
        folder = self.path.rstrip("/")
        return path == folder or (path or "/").startswith(f"{folder}/")


def cookie_header(texts: list[str], url: str, now: float) -> str | None:
    """Return the header for a URL, None if nothing is to be sent.

    As with curl, a text without `=` is the name of a file. Raises `UsageError` for one that cannot be
    read, or is none of cookies.
    """
    files = [text for text in texts if text and "=" not in text]
    jar = [cookie for file in files for cookie in read_cookies(file)]
    chosen = sorted((cookie for cookie in jar if cookie.goes_to(url, now)), key=lambda it: -len(it.path))
    pairs = [f"{cookie.name}={cookie.value}" for cookie in chosen]
    return "; ".join(pairs + [text.strip().rstrip(";") for text in texts if "=" in text]) or None


def read_cookies(name: str) -> list[Cookie]:
    """Read a cookie file. Raises `UsageError`, which shows no value."""
    lines = read_file(name).decode("utf-8", "surrogateescape").split("\n")
    cookies = []
    for number, line in enumerate(lines, 1):
        line = line.rstrip("\r").removeprefix(_HTTP_ONLY)
        if not line.strip() or line.startswith("#"):
            continue
        cookie = _parse(line)
        if cookie is None:
            raise UsageError(
                f"not a cookie file: {name}: line {number} has not the seven fields of Netscape's format",
                "They stand apart by tabs. To send a cookie as text, give -b NAME=VALUE.",
            )
        cookies.append(cookie)
    return cookies


def _parse(line: str) -> Cookie | None:
    fields = line.split("\t")
    if len(fields) == _FIELDS - 1:
        fields.append("")  # an empty value, whose tab an editor took away
    if len(fields) != _FIELDS:
        return None
    domain, subdomains, path, secure, expires, name, value = fields
    try:
        at = int(float(expires))
    except (ValueError, OverflowError):
        return None
    domain = domain.removeprefix(".").lower()
    return Cookie(domain, subdomains.upper() == "TRUE", path, secure.upper() == "TRUE", at, name, value)


def _is_address(host: str) -> bool:
    try:
        return bool(ip_address(host))
    except ValueError:
        return False
