"""What a check in a file may say: the options of `sse check`, and a few keys more."""

import inspect
from collections.abc import Mapping
from functools import cache

from sse_cli.cli import check
from sse_cli.cli.check_options import CheckOptions
from sse_cli.cli.spec import captured
from sse_cli.cli.toml.keys import Key, of_group, of_groups, with_plurals
from sse_cli.cli.toml.words import READ, Read, Words
from sse_cli.core.expectations.judge import compile_expectation
from sse_cli.core.extract import compile_path
from sse_cli.errors import UsageError

DEFAULTS = "defaults"
"""The table of what all checks have."""

ALONE = frozenset({"capture", "snapshot"})
"""Keys of one check alone: not for `defaults`, and not taken over by who builds on the check."""

FIXED = frozenset({"like", "capture", "tag"})
"""Keys whose texts are the same in every run: nothing is put in place there."""

_OWN = (
    Key("url", "url", str, metavar="SOURCE", help="A URL, or a recording or another file beside this one."),
    Key("like", "like", str, metavar="LIKE", help="Another check to build on, or @NAME of sse profiles."),
    Key(
        "capture",
        "capture",
        dict,
        metavar="CAPTURE",
        pair="=",
        help="NAME = JSONPath: its first match in the data of events is {{NAME}} in later checks.",
    ),
)
"""What no option says."""

_OF_ONE = frozenset({"expect", "repeat", "retries", "tags", "no_fail_fast", "snapshot"})
"""Options of `sse check` that each check may have for itself."""

_OTHERWISE: Mapping[str, Mapping[str, str]] = {
    "expect": {"metavar": "EXPECTATION"},
    "tag": {"help": "Words by which checks are chosen, with -t."},
    "snapshot": {"help": "A file beside this one, with types and shapes of a good run's events."},
}
"""Where a key of a file is read or told of in another way than its option."""

ALIASES = {"source": "url", "timeout": "max-time"}
"""Other names of keys, which say at once what they are."""

_WHOLE = "It is for all checks of a run: give it on the command line."
_ALL_EVENTS = "Expectations are on all events: choose among them there, as in `some event == end`."
_NOT_SHOWN = "A check shows nothing of its stream: what is expected of it is reported."
_REFUSED = {
    "title": "A check is called by its name. What else there is to say stands behind a #.",
    "state": "Each run of a check begins anew.",
    "where": _ALL_EVENTS,
    "event": _ALL_EVENTS,
    "from-curl": "Write what such a command asks for under keys of its own.",
    "as-curl": "It shows a request instead of sending it: give it to sse tail.",
    "show-secrets": "What shows secrets is given each time, on the command line.",
}


@cache
def words() -> Words:
    """Return what a check may say."""
    keys = with_plurals([*_OWN, *own_options(), *shared_options()])
    return Words(
        noun="check",
        keys=keys | {alias: keys[name] for alias, name in ALIASES.items()},
        listed="url, expect, repeat, retries, tags, like, capture, and the long options of sse check",
        refused=_refused(),
        read={**READ, **_READ},
        is_open=captured.is_open,
        is_from_outside=captured.is_from_outside,
    )


def own_options() -> list[Key]:
    """Return the keys of the options that only `sse check` has."""
    keys = (key for key in of_group(CheckOptions) if key.field in _OF_ONE)
    return [key._replace(**_OTHERWISE.get(key.name, {})) for key in keys]  # type: ignore[arg-type]


def shared_options() -> list[Key]:
    """Return the keys of the options of a stream that `sse check` takes, but for what is shown of it."""
    taken = inspect.signature(check.command).parameters.keys() - set(CheckOptions._fields)
    keys = (key for key in of_groups() if key.group != "choosing" and key.name not in _REFUSED)
    return [key for key in keys if key.field in taken]


def _refused() -> Mapping[str, str]:
    """Return the options that a check may not have, and why, by all their names."""
    whole = dict.fromkeys(of_group(CheckOptions), _WHOLE)
    shown = {key: _NOT_SHOWN for key in of_groups() if key.group in ("choosing", "output")}
    named = {key: _REFUSED[key.name] for key in of_groups() if key.name in _REFUSED}
    reasons = {key.name: why for key, why in {**shown, **whole, **named}.items()}
    keys = with_plurals([*shown, *whole, *named])
    taken = with_plurals([*own_options(), *shared_options()])
    return {**_REFUSED, **{name: reasons[key.name] for name, key in keys.items() if name not in taken}}


def _read_source(where: str) -> None:
    if not where.strip():
        raise UsageError("it is empty", "Give a URL, or the path of a file.")
    if where.startswith("@"):
        raise UsageError(f"{where} is a profile, and no URL", f'To build on it, write like = "{where}".')


def _read_capture(text: str) -> None:
    name, _, path = text.partition("=")
    if not captured.NAME.fullmatch(name):
        raise UsageError(f"{name!r} is no name for a value", "It has letters, digits, _ and -, as in {{id}}.")
    compile_path(path)


_READ: Mapping[str, Read] = {
    "SOURCE": _read_source,
    "EXPECTATION": compile_expectation,
    "CAPTURE": _read_capture,
}
