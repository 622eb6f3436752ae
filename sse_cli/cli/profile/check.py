"""Checks a profile key by key. What is wrong in it is told with its line, before anything is connected."""

from collections.abc import Callable, Mapping
from difflib import get_close_matches
from functools import partial
from typing import Any, NamedTuple

from sse_cli.cli.own_dialects import is_path
from sse_cli.cli.profile.file import ProfileFile
from sse_cli.cli.profile.keys import JSON, REFUSED, Key, keys, nearest
from sse_cli.cli.profile.kinds import misfit
from sse_cli.cli.profile.places import KeyPath
from sse_cli.cli.profile.references import fill
from sse_cli.cli.profile.secrets import written_out
from sse_cli.cli.profile.texts import is_json, json_text, texts
from sse_cli.core.expressions import compile_expression
from sse_cli.core.extract import parse_named
from sse_cli.core.quantities import parse_duration, parse_size
from sse_cli.errors import UsageError


class Setting(NamedTuple):
    """A key of a profile and its value as it is written; `path` leads to it from the file's top."""

    key: Key
    value: Any
    path: KeyPath


_READ: Mapping[str, Callable[[str], object]] = {
    "TIME": parse_duration,
    "SIZE": parse_size,
    "EXPR": compile_expression,
    "[NAME=]JSONPATH": parse_named,
}
"""How a value is read, by the option's word for it. It is tried here, since here its line is known."""


def settings(file: ProfileFile, name: str) -> list[Setting]:
    """Return what a profile says. Raises `UsageError` at the first mistake."""
    found: dict[str, Setting] = {}
    for written, value in file.table(name).items():
        path = (name, written)
        key = _known(file, path, written, value)
        if key.name in found:
            raise file.wrong(
                path, f"{written} says what {found[key.name].path[1]} says", "Join them under one key."
            )
        found[key.name] = setting = Setting(key, value, path)
        _check_type(file, setting)
        _check_value(file, setting)
        for inner, what in written_out(key, value):
            raise file.wrong((*path, *inner), f"{what} is written out", _hint_on_secrets(key))
    return list(found.values())


def _known(file: ProfileFile, path: KeyPath, written: str, value: Any) -> Key:
    key = keys().get(written)
    if key is None:
        guess = nearest(written)
        hint = f"Did you mean {guess}? " if guess else ""
        if isinstance(value, dict) and {"url", "like"} & value.keys():
            hint = f'Is it a profile? A name with a dot stands in quotes: ["{path[0]}.{written}"]. '
        raise file.wrong(
            path,
            f"there is no key {written!r}",
            f"{hint}The keys are url, title, like, and the long options of sse tail.",
        )
    if key.name in REFUSED:
        raise file.wrong(path, f"{written} has no place in a profile", f"{REFUSED[key.name]}.")
    return key


def _check_type(file: ProfileFile, setting: Setting) -> None:
    key, value, path = setting
    wrong = misfit(key, value)
    if wrong is not None:
        holds = "holds" if wrong.path else "is"
        raise file.wrong((*path, *wrong.path), f"{path[1]} {holds} {wrong.seen}", wrong.hint)


def _check_value(file: ProfileFile, setting: Setting) -> None:
    key, value, path = setting
    if key.least is not None and value < key.least:
        raise file.wrong(path, f"{path[1]} is {value}", f"It must be {key.least} or more.")
    if is_json(key, value):
        json_text(value, partial(_try, file, key), path)
        return
    for inner, text in texts(key, value):
        _try(file, key, text, (*path, *inner))


def _try(file: ProfileFile, key: Key, text: str, path: KeyPath) -> str:
    try:
        if fill(text, lambda _: "-") == text:  # else what it will be is not known yet
            _read(key, text)
    except UsageError as error:
        raise file.wrong(path, error.message, error.hint) from None
    return text


def _read(key: Key, text: str) -> None:
    """Read a text as it will be read by the run. Raises `UsageError`."""
    if key.name in JSON:
        return
    if key.metavar in _READ:
        _READ[key.metavar](text)
    if key.choices is not None and not ("FILE" in key.metavar and is_path(text)):
        known = key.choices("")
        if text not in known:
            close = get_close_matches(text, known, n=1)
            guess = f"Did you mean {close[0]}? " if close else ""
            raise UsageError(f"no such {key.name}: {text}", f"{guess}There are {', '.join(known)}.")
    if key.name == "url" and text.startswith("@"):
        raise UsageError(f"{text} is a profile, and no URL", f'To build on it, write like = "{text[1:]}".')


def _hint_on_secrets(key: Key) -> str:
    hint = (
        "Secrets are not kept in this file, which is copied sooner or later: "
        "write ${NAME} in its place, and export NAME=…"
    )
    if key.name in JSON:
        return f'{hint} If it is no secret, keep the body in a file of its own: {key.name} = "@FILE".'
    return f'{hint} A token may be "@FILE", too.' if key.name == "bearer" else hint
