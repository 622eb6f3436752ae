"""Warns of a secret that goes over a network as it is.

It is a warning and no refusal: keys go over plain http inside many networks, and to proxies that speak TLS.
"""

from urllib.parse import urlsplit

from sse_cli.cli.main import report
from sse_cli.core.secrets import secrets_in
from sse_cli.errors import SseError
from sse_cli.sources.source import Source


def warn(source: Source) -> None:
    """Say on standard error that others can read the secrets of a request, where that is so."""
    url = urlsplit(source.name)
    if url.scheme != "http" or _is_loopback(url.hostname or ""):
        return
    if any(secrets_in(source.headers, source.name, "")):
        report(
            SseError(
                f"warning: a key or password goes to {url.hostname} over http, for all between to read",
                "Does the server speak https? -q leaves this warning out.",
            )
        )


def _is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):  # RFC 6761, section 6.3
        return True
    from ipaddress import ip_address  # rarely needed

    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
