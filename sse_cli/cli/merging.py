"""Lays the options that a user gave over those of a curl command or a profile. The user's win."""

from collections.abc import Collection, Iterable, Mapping, Set
from typing import Any

_ALTERNATIVES = (
    frozenset({"data", "json", "form"}),
    frozenset({"bearer", "user"}),
    frozenset({"output", "template"}),
    frozenset({"ipv4", "ipv6"}),
)
"""Fields that say one thing in several ways: who gives one of them wants none of the others."""

_HEADERS = {
    "bearer": "authorization",
    "user": "authorization",
    "cookies": "cookie",
    "user_agent": "user-agent",
    "referer": "referer",
    "last_event_id": "last-event-id",
}
"""Fields that say what a header says, too."""


def merge(options: Any, below: Mapping[str, Any], given: Collection[str], joined: Collection[str]) -> Any:
    """Return a group of options with fields of lesser rank where it has none of its own.

    `given` names fields that are the user's own even where they hold their default. The lists of the fields
    in `joined` are joined, those of lesser rank in front; of `headers` only what is not replaced.
    """
    own = own_fields(options, given)
    merged = {}
    for name in options._fields:
        if name not in below:
            continue
        value = outlasting(below[name], options.headers or (), own) if name == "headers" else below[name]
        if name in joined and name in own:
            merged[name] = [*value, *getattr(options, name)]
        elif not is_replaced(name, own):
            merged[name] = value
    return options._replace(**merged)


def own_fields(options: Any, given: Collection[str]) -> frozenset[str]:
    """Return the fields of a group that are the user's own."""
    defaults = options._field_defaults
    return frozenset(name for name in defaults if name in given or getattr(options, name) != defaults[name])


def is_replaced(name: str, own: Set[str]) -> bool:
    """Tell whether a field gives way to the user's own."""
    return name in own or any(name in group and group & own for group in _ALTERNATIVES)


def outlasting(headers: Iterable[str], own_headers: Iterable[str], own: Collection[str]) -> list[str]:
    """Return the headers that no header and no other option of the user's replaces."""
    replaced = {_name(header) for header in own_headers}
    replaced |= {header for field, header in _HEADERS.items() if field in own}
    return [header for header in headers if _name(header) not in replaced]


def _name(header: str) -> str:
    return header.partition(":")[0].rstrip(";").strip().lower()
