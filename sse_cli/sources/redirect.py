"""What is asked next after a redirect, as the Fetch standard has it, and browsers with it (section 4.4).

Beyond the standard, no header that might be a secret goes to another origin.
"""

from urllib.parse import urljoin, urlsplit

import msgspec

from sse_cli.core.secrets import mask_url
from sse_cli.errors import UsageError
from sse_cli.sources.message import PORTS
from sse_cli.sources.request import Request, check_url
from sse_cli.sources.source import Unreachable

STATUSES = frozenset((301, 302, 303, 307, 308))

_OPEN = frozenset(
    (
        "accept",
        "accept-encoding",
        "accept-language",
        "cache-control",
        "content-type",
        "last-event-id",
        "user-agent",
    )
)
"""Headers that are known to be no secret."""

_OF_BODY = frozenset(
    ("content-encoding", "content-language", "content-length", "content-location", "content-type")
)


def follow(request: Request, status: int, location: str) -> Request:
    """Return the request that a redirect asks for. Raises `Unreachable` if it leads nowhere."""
    url = join(request.url, location)
    if url is None:
        raise nowhere(location)
    method = request.method
    if (status in {301, 302} and method == "POST") or (status == 303 and method not in {"GET", "HEAD"}):
        method = "GET"
    return moved(request, method, url)


def moved(request: Request, method: str, url: str) -> Request:
    """Return a request at another URL: a GET has no body, and another origin gets no secrets."""
    body, headers = request.body, request.headers
    if method == "GET" != request.method:
        body, headers = b"", tuple(header for header in headers if header[0].lower() not in _OF_BODY)
    if _origin(url) != _origin(request.url):
        headers = tuple(header for header in headers if header[0].lower() in _OPEN)
    return msgspec.structs.replace(request, method=method, url=url, headers=headers, body=body)


def join(base: str, location: str) -> str | None:
    """Return the address that a server names on a page at `base`; None if it cannot be asked."""
    try:
        url = urljoin(base, location)
        if urlsplit(url).scheme in PORTS:
            return check_url(url)
    except (ValueError, UsageError):
        pass
    return None


def nowhere(location: str) -> Unreachable:
    """Return the error for an address that cannot be asked."""
    return Unreachable(
        f"the server redirects to what is no http address: {mask_url(location)}",
        "--no-location shows its answer; is it the right server?",
    )


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or PORTS.get(parts.scheme)
