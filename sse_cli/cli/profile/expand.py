"""Puts a profile in place of `@name`: its URL for the source, and its options below the user's own."""

import os
from collections.abc import Collection, Iterator
from typing import NamedTuple

from sse_cli.cli.options import Groups
from sse_cli.cli.profile.file import ProfileFile, load
from sse_cli.cli.toml.check import Setting, settings
from sse_cli.cli.toml.fields import Layer, lay
from sse_cli.cli.toml.file import TomlFile
from sse_cli.cli.toml.keys import Key
from sse_cli.cli.toml.places import KeyPath
from sse_cli.cli.toml.references import Lookup, fill


class Expanded(NamedTuple):
    """What a source stands for: a URL or a file, and the options for it."""

    source: str
    groups: Groups


def expand(source: str, groups: Groups, given: Collection[str]) -> Expanded:
    """Return what `@name` stands for, below the options that are given. Raises `UsageError`.

    `given` names those that stand on the command line, be it with what they would hold anyway.
    """
    file, name = load(), source.removeprefix("@")
    url, groups = resolve(file, name, groups, given, os.environ.get)
    if url is None:
        raise file.wrong(
            (name,), "it has no url", f'Give it one, or build on it in another: like = "{name}".'
        )
    return Expanded(url, groups)


def resolve(
    file: ProfileFile, name: str, groups: Groups, given: Collection[str], lookup: Lookup
) -> tuple[str | None, Groups]:
    """Return the URL of a profile, if it has one, and the options. Raises `UsageError`."""
    return lay((layer(file, found, lookup) for found in chain(file, name)), groups, given)


def layer(file: TomlFile, found: list[Setting], lookup: Lookup) -> Layer:
    """Return the layer of what a profile says."""

    def filled(_key: Key, text: str, _path: KeyPath) -> str:
        return fill(text, lookup)

    return Layer(file, found, text=filled, inner=filled)


def chain(file: ProfileFile, name: str) -> Iterator[list[Setting]]:
    """Give the settings of a profile, and then of those that it builds on. Raises `UsageError`."""
    file.check_name(name)
    names: list[str] = []
    while True:
        names.append(name)
        found = settings(file, name)
        yield found
        like = next((setting for setting in found if setting.key.name == "like"), None)
        if like is None:
            return
        name = like.value.removeprefix("@")
        if name in names:
            loop = " → ".join([*names[names.index(name) :], name])
            raise file.wrong(like.path, f"it builds on itself: {loop}", "Take one of these out.")
        if name not in file.tables:
            raise file.wrong(like.path, f"there is no profile {name!r}", file.instead_of(name))
