"""Cross-origin requests (Fetch, section 3.2): any page may ask, with any headers and credentials."""

from collections.abc import Iterable

from sse_cli.server.request import Request

MAX_AGE = "600"
"""Seconds for which a browser need not ask again; it keeps to ten minutes or less anyway."""


def allowing(request: Request, exposed: Iterable[str] = ()) -> list[tuple[str, str]]:
    """Return the headers with which a page may read an answer, and of its headers those `exposed`."""
    origin = request.header("origin")
    if origin is None:
        return []
    headers = [
        ("Access-Control-Allow-Origin", origin),
        ("Access-Control-Allow-Credentials", "true"),
        ("Vary", "Origin"),
    ]
    names = ", ".join(dict.fromkeys(exposed))
    return [*headers, ("Access-Control-Expose-Headers", names)] if names else headers


def preflight(request: Request) -> list[tuple[str, str]]:
    """Return the headers with which a page may send what it asks leave for."""
    headers = allowing(request)
    wanted = request.header("access-control-request-method")
    if not headers or wanted is None:
        return headers
    headers += [("Access-Control-Allow-Methods", wanted), ("Access-Control-Max-Age", MAX_AGE)]
    names = request.header("access-control-request-headers")
    if names is not None:
        headers.append(("Access-Control-Allow-Headers", names))
    if request.header("access-control-request-private-network") is not None:
        headers.append(("Access-Control-Allow-Private-Network", "true"))
    return headers
