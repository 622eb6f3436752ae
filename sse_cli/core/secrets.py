"""Which headers, parameters and members may hold a secret, and how they are shown."""

import re
from collections.abc import Iterable, Iterator
from urllib.parse import unquote_plus

MASK = "***"

_SECRET_NAME = re.compile(
    r"auth(?!or(?!i))|cookie|token|secret|password|passwd|credential|signature|session|key(?!word|board)",
    re.IGNORECASE,
)
_MEMBER = re.compile(r'("((?:[^"\\]|\\.)*)"\s*:\s*)"((?:[^"\\]|\\.)*)"')
# Names that only look like one.
_OPEN_NAMES = frozenset(
    {":authority", "sec-websocket-key", "idempotency-key", "max_tokens", "www-authenticate"}
)
_URLS = frozenset({"location", "content-location", "referer", "link", "refresh"})
"""Headers whose value is a URL, or holds one."""

# A host may be given without its scheme; an @ is then nothing special unless a password is before it.
_USERINFO = re.compile(r"(?P<before>//)(?P<user>[^/?#\s]*)@|\A(?P<bare>[^/?#@:]*:[^/?#]*)@")
_PAIR = re.compile(r"([^\s;&=#]+)=([^\s;&#]*)")

_SHORTEST = 6
"""Characters: what is shorter than any key is a word that may stand in any text."""


def is_secret(name: str) -> bool:
    """Tell whether a header, a parameter or a member of this name may hold a secret."""
    return name.lower() not in _OPEN_NAMES and bool(_SECRET_NAME.search(name))


def mask_headers(headers: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return headers with the secret ones masked; the scheme of an Authorization stays."""
    return [(name, _mask_header(name, value)) for name, value in headers]


def _mask_header(name: str, value: str) -> str:
    if is_secret(name):
        return mask_value(value)
    return mask_url(value) if name.lower() in _URLS else value


def mask_value(value: str) -> str:
    """Return a masked value; `Bearer …` and `Basic …` keep their first word."""
    scheme, space, rest = value.partition(" ")
    return f"{scheme} {MASK}" if space and rest and scheme.isalpha() else MASK


def mask_url(url: str) -> str:
    """Return a URL with its password and the secret parameters of its query masked; it may be a wrong one."""
    rest, hash_, fragment = url.partition("#")
    place, question, query = rest.partition("?")
    place = _USERINFO.sub(_mask_userinfo, place)
    return place + question + mask_parameters(query) + hash_ + mask_parameters(fragment)


def _mask_userinfo(match: re.Match[str]) -> str:
    user, colon, _ = (match["user"] or match["bare"] or "").partition(":")
    return f"{match['before'] or ''}{user}:{MASK}@" if colon else f"{match['before'] or ''}{MASK}@"


def mask_parameters(query: str) -> str:
    """Return a query, or a form, with its secret parameters masked."""
    return "&".join(_mask_parameter(pair) for pair in query.split("&"))


def _mask_parameter(pair: str) -> str:
    name, equals, value = pair.partition("=")
    return f"{name}={MASK}" if equals and value and is_secret(name) else pair


class Secrets:
    """Values that were sent and must not be shown, wherever they turn up: a server may repeat the key."""

    def __init__(self, values: Iterable[str]) -> None:
        kept = {value for value in values if len(value) >= _SHORTEST}
        longest_first = sorted(kept, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, longest_first))) if kept else None

    def hide(self, text: str) -> str:
        """Return a text with each of the values masked."""
        return self._pattern.sub(MASK, text) if self._pattern is not None else text


NO_SECRETS = Secrets(())


def secrets_in(headers: Iterable[tuple[str, str]], url: str, body: str) -> Iterator[str]:
    """Give every value of a request that may be secret, in each form in which it may be repeated."""
    for name, value in headers:
        if name.lower() in _URLS:
            yield from _secret_pairs(value)
        elif is_secret(name):
            yield value
            yield value.partition(" ")[2]
            yield from _decoded_basic(value)
            yield from (match[2] for match in _PAIR.finditer(value))  # of cookies
    yield from _secret_pairs(url.partition("?")[2])
    for _, value in secrets_in_body(body):
        yield from (value, unquote_plus(value))


def _secret_pairs(text: str) -> Iterator[str]:
    """Give the values of secret parameters, as they stand there and decoded."""
    for match in _PAIR.finditer(text):
        if is_secret(match[1]):
            yield from (match[2], unquote_plus(match[2]))


def _decoded_basic(value: str) -> Iterator[str]:
    scheme, _, encoded = value.partition(" ")
    if scheme.lower() == "basic":
        import binascii  # only where something went wrong, or is shown

        try:
            both = binascii.a2b_base64(encoded).decode("utf-8", "replace")
        except ValueError:
            return
        user, _, password = both.partition(":")
        yield from (both, password or user)  # a token may stand alone, as the user


def mask_body(text: str) -> str:
    """Mask the members of JSON and the fields of a form whose name says that they are secret."""
    if not _is_json(text):
        return mask_parameters(text)
    return _MEMBER.sub(lambda it: f'{it[1]}"{MASK}"' if is_secret(it[2]) else it[0], text)


def secrets_in_body(text: str) -> Iterator[tuple[str, str]]:
    """Give the name and the value of what `mask_body` masks."""
    if _is_json(text):
        found = [(it[2], it[3]) for it in _MEMBER.finditer(text)]
    else:
        found = [(name, value) for name, _, value in (pair.partition("=") for pair in text.split("&"))]
    return ((name, value) for name, value in found if value and is_secret(name))


def _is_json(text: str) -> bool:
    return text.lstrip().startswith(("{", "["))
