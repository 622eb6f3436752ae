"""Which headers and parameters may hold a secret, and how they are shown."""

import re
from collections.abc import Iterable
from urllib.parse import urlsplit, urlunsplit

MASK = "***"

_SECRET_NAME = re.compile(
    r"auth|cookie|token|secret|password|passwd|credential|signature|session|key", re.IGNORECASE
)
# Names that only look like one.
_OPEN_NAMES = frozenset(
    {":authority", "sec-websocket-key", "idempotency-key", "max_tokens", "www-authenticate"}
)


def is_secret(name: str) -> bool:
    """Tell whether a header or parameter of this name may hold a secret."""
    return name.lower() not in _OPEN_NAMES and bool(_SECRET_NAME.search(name))


def mask_headers(headers: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return headers with the secret ones masked; the scheme of an Authorization stays."""
    return [(name, mask_value(value) if is_secret(name) else value) for name, value in headers]


def mask_value(value: str) -> str:
    """Return a masked value; `Bearer …` and `Basic …` keep their first word."""
    scheme, space, rest = value.partition(" ")
    return f"{scheme} {MASK}" if space and rest and scheme.isalpha() else MASK


def mask_url(url: str) -> str:
    """Return a URL with its password and the secret parameters of its query masked."""
    parts = urlsplit(url)
    netloc = parts.netloc
    if "@" in netloc:
        user, _, host = netloc.rpartition("@")
        netloc = f"{user.partition(':')[0]}:{MASK}@{host}" if ":" in user else f"{MASK}@{host}"
    return urlunsplit((parts.scheme, netloc, parts.path, mask_parameters(parts.query), parts.fragment))


def mask_parameters(query: str) -> str:
    """Return a query, or a form, with its secret parameters masked."""
    return "&".join(_mask_parameter(pair) for pair in query.split("&"))


def _mask_parameter(pair: str) -> str:
    name, equals, value = pair.partition("=")
    return f"{name}={MASK}" if equals and value and is_secret(name) else pair
