"""Checks a table key by key. What is wrong in it is told with its line, before anything is connected."""

from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any, NamedTuple

from sse_cli.cli.own_dialects import is_path
from sse_cli.cli.toml.file import TomlFile
from sse_cli.cli.toml.keys import JSON, Key
from sse_cli.cli.toml.kinds import misfit
from sse_cli.cli.toml.places import KeyPath
from sse_cli.cli.toml.secrets import written_out
from sse_cli.cli.toml.texts import all_texts, is_json
from sse_cli.cli.toml.words import Words
from sse_cli.errors import UsageError


class Setting(NamedTuple):
    """A key of a table and its value as it is written; `path` leads to it from the file's top."""

    key: Key
    value: Any
    path: KeyPath


class Said(NamedTuple):
    """What a table says, and what is wrong in it: keys in which anything is, are not among the settings."""

    settings: list[Setting]
    mistakes: list[UsageError]


def settings(file: TomlFile, name: str) -> list[Setting]:
    """Return what a table says. Raises `UsageError` at the first mistake."""
    found = said(file, name)
    if found.mistakes:
        raise found.mistakes[0]
    return found.settings


def said(file: TomlFile, name: str) -> Said:
    """Return what a table says, and what is wrong in it."""
    found: dict[str, Setting] = {}
    mistakes: list[UsageError] = []
    for written, value in file.tables[name].items():
        try:
            setting = _setting(file, (name, written), value, found)
        except UsageError as error:
            mistakes.append(error)
            continue
        wrong = list(_mistakes(file, setting))
        mistakes += wrong
        if not wrong:
            found[setting.key.name] = setting
    return Said(list(found.values()), mistakes)


def _setting(file: TomlFile, path: KeyPath, value: Any, before: dict[str, Setting]) -> Setting:
    written = str(path[1])
    key = _known(file, path, written, value)
    if key.name in before:
        raise file.wrong(
            path, f"{written} says what {before[key.name].path[1]} says", "Join them under one key."
        )
    return Setting(key, value, path)


def _known(file: TomlFile, path: KeyPath, written: str, value: Any) -> Key:
    words = file.words
    if written in words.refused:
        raise file.wrong(path, f"{written} has no place in a {words.noun}", words.refused[written])
    key = words.keys.get(written)
    if key is not None:
        return key
    guess = words.nearest(written)
    hint = f"Did you mean {guess}? " if guess else ""
    if isinstance(value, dict) and {"url", "like"} & value.keys():
        hint = f'Is it a {words.noun}? A name with a dot stands in quotes: ["{path[0]}.{written}"]. '
    raise file.wrong(path, f"there is no key {written!r}", f"{hint}The keys are {words.listed}.")


def _mistakes(file: TomlFile, setting: Setting) -> Iterator[UsageError]:
    """Give what is wrong in the value of a key."""
    key, value, path = setting
    odd = misfit(key, value)
    if odd is not None:
        holds = "holds" if odd.path else "is"
        yield file.wrong((*path, *odd.path), f"{path[1]} {holds} {odd.seen}", odd.hint)
        return
    if key.least is not None and value < key.least:
        yield file.wrong(path, f"{path[1]} is {value}", f"It must be {key.least} or more.")
    unread = list(_unread(file, setting))
    yield from unread
    if not unread:
        for inner, what in written_out(key, value, file.words.is_from_outside):
            yield file.wrong((*path, *inner), f"{what} is written out", _hint_on_secrets(key))


def _unread(file: TomlFile, setting: Setting) -> Iterator[UsageError]:
    """Give what is wrong in the texts of a key."""
    key, value, path = setting
    for inner, text in all_texts(key, value):
        try:
            if "\0" in text and not is_json(key, value):
                raise UsageError("it has a NUL character in it", "No option can hold one. Leave it out.")
            if not file.words.is_open(text):  # else what it will be is not known yet
                _read(file.words, key, text)
        except UsageError as error:
            yield file.wrong((*path, *inner), _with_key((*path, *inner), error.message), error.hint)


def _with_key(path: KeyPath, message: str) -> str:
    """Name the key where the message shows the text that it is about, instead of the line of the key."""
    names = (step for step in path[1:] if isinstance(step, str))
    return f"{'.'.join(names)}: {message}" if "\n" in message else message


def _read(words: Words, key: Key, text: str) -> None:
    """Read a text as it will be read by the run. Raises `UsageError`."""
    if key.name in JSON:
        return
    if key.metavar in words.read:
        words.read[key.metavar](text)
    if key.choices is not None and not ("FILE" in key.metavar and is_path(text)):
        known = key.choices("")
        if text not in known:
            close = get_close_matches(text, known, n=1)
            guess = f"Did you mean {close[0]}? " if close else ""
            raise UsageError(f"no such {key.name}: {text}", f"{guess}There are {', '.join(known)}.")


def _hint_on_secrets(key: Key) -> str:
    hint = (
        "Secrets are not kept in this file, which is copied sooner or later: "
        "write ${NAME} in its place, and export NAME=…"
    )
    if key.name in JSON:
        return f'{hint} If it is no secret, keep the body in a file of its own: {key.name} = "@FILE".'
    return f'{hint} A token may be "@FILE", too.' if key.name == "bearer" else hint
