"""The secrets that a file of requests may not hold, but only name: it is copied and shared sooner or later.
They come from the environment or from files of their own."""

import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from sse_cli.cli.toml.keys import Key
from sse_cli.cli.toml.places import KeyPath
from sse_cli.cli.toml.texts import is_json, texts
from sse_cli.core.secrets import is_secret, secrets_in_body

Secrets = Iterator[tuple[str, str]]
"""What is secret in a value: in words, and itself."""


def _in_url(text: str) -> Secrets:
    authority = re.split("[/?#]", text.partition("://")[2] or text, maxsplit=1)[0]
    user, colon, password = authority.rpartition("@")[0].partition(":")
    if colon or "://" in text:  # else it is rather a file, or a host alone
        yield "the password in the URL", password if colon else user
    yield from ((f"{name!r} in the URL", value) for name, value in secrets_in_body(_query(text)))


def _query(text: str) -> str:
    try:
        return urlsplit(text).query
    except ValueError:  # no URL; that is told where it is used
        return ""


def _in_header(text: str) -> Secrets:
    name, _, value = text.partition(":")
    name, value = name.strip(), value.strip()
    if name.lower() == "cookie":
        yield from _in_cookies(value)
    elif is_secret(name) and not text.startswith("@"):
        yield f"the header {name}", value
    elif name.lower() == "referer":
        yield from _in_url(value)


def _in_cookies(text: str) -> Secrets:
    for pair in text.split(";"):
        name, equals, value = pair.strip().partition("=")
        if equals:  # else it is the name of a file
            yield f"the cookie {name}", value


def _in_token(text: str) -> Secrets:
    if not text.startswith(("env:", "@")):
        yield "the token", text


def _in_user(text: str) -> Secrets:
    yield "the password", text.partition(":")[2]


def _in_body(text: str) -> Secrets:
    if not text.startswith("@"):
        yield from ((f"{name!r} in the body", value) for name, value in secrets_in_body(text))


def _in_form(text: str) -> Secrets:
    name, _, value = text.partition("=")
    if is_secret(name) and not value.startswith(("@", "<")):
        yield f"{name!r} in the form", value


HOLDERS: dict[str, Callable[[str], Secrets]] = {
    **dict.fromkeys(("url", "proxy", "referer"), _in_url),
    **dict.fromkeys(("json", "data", "data-raw", "data-binary", "data-urlencode"), _in_body),
    "header": _in_header,
    "cookie": _in_cookies,
    "bearer": _in_token,
    "user": _in_user,
    "form": _in_form,
}
"""Keys whose value may hold a secret, and how it is found."""


def written_out(
    key: Key, value: Any, is_from_outside: Callable[[str], bool]
) -> Iterator[tuple[KeyPath, str]]:
    """Give the place and the words for each secret that stands in the value of a key itself."""
    if is_json(key, value):
        found = _in_json("", value, ())
    else:
        find = HOLDERS.get(key.name, partial(_named, key))
        found = ((path, what, it) for path, text in texts(key, value) for what, it in find(text))
    return ((path, what) for path, what, secret in found if secret and not is_from_outside(secret))


def _named(key: Key, text: str) -> Secrets:
    """Take any other option for a secret that is called like one, and is no file."""
    if is_secret(key.name) and "FILE" not in key.metavar:
        yield f"the value of {key.name}", text


def _in_json(name: str, value: Any, path: KeyPath) -> Iterator[tuple[KeyPath, str, str]]:
    """Give the strings that stand under a name that is one of a secret, or in a list there."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _in_json(key, inner, (*path, key))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _in_json(name, inner, (*path, number))
    elif isinstance(value, str) and is_secret(name):
        yield path, f"{name!r} in the body", value
