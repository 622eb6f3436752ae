"""Puts a profile in place of `@name`: its URL for the source, and its options below the user's own."""

import os
from collections.abc import Collection, Iterator
from typing import Any, NamedTuple

from sse_cli.cli.merging import is_replaced, merge, outlasting, own_fields
from sse_cli.cli.options import Groups, RequestOptions
from sse_cli.cli.ordered import KINDS, kind_of
from sse_cli.cli.profile.check import Setting, settings
from sse_cli.cli.profile.file import ProfileFile, load
from sse_cli.cli.profile.places import KeyPath
from sse_cli.cli.profile.references import Lookup, fill
from sse_cli.cli.profile.texts import is_json, json_text, texts
from sse_cli.errors import UsageError

_JOINED = ("headers",)


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
    own = frozenset(given)
    url = None
    for found in chain(file, name):
        own |= {field for group in groups for field in own_fields(group, own)}
        fields = _Fields(file, lookup, own, groups.request).of(found)
        groups = Groups(*(merge(group, fields, own, _JOINED) for group in groups))
        own |= fields.keys()
        url = fields.get("url", url)
    return url, groups


def chain(file: ProfileFile, name: str) -> Iterator[list[Setting]]:
    """Give the settings of a profile, and then of those that it builds on. Raises `UsageError`."""
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


class _Fields:
    """Makes fields of the groups of options out of settings, where the user's `own` leave room for them.

    A variable that only what is replaced would need does not have to be set.
    """

    def __init__(
        self, file: ProfileFile, lookup: Lookup, own: frozenset[str], request: RequestOptions
    ) -> None:
        self._file = file
        self._lookup = lookup
        self._own = own
        self._own_headers = request.headers or []

    def of(self, found: list[Setting]) -> dict[str, Any]:
        """Return the fields. Raises `UsageError`."""
        fields: dict[str, Any] = {}
        for setting in found:
            field = "data" if setting.key.field in KINDS else setting.key.field
            if field in _JOINED or not is_replaced(field, self._own):
                value = self._value(setting)
                fields[field] = [*fields[field], *value] if field in fields else value
        return fields

    def _value(self, setting: Setting) -> Any:
        key, value, path = setting
        if key.kind in (bool, int):
            return value
        if is_json(key, value):
            made = [json_text(value, self._fill, path)]
        else:
            pieces = [((*path, *inner), text) for inner, text in texts(key, value)]
            made = [self._fill(text, inner) for inner, text in pieces if self._is_wanted(key.field, text)]
        return made[0] if key.kind is str else list(map(kind_of(key.field), made))

    def _is_wanted(self, field: str, text: str) -> bool:
        return field != "headers" or bool(outlasting([text], self._own_headers, self._own))

    def _fill(self, text: str, path: KeyPath) -> str:
        try:
            return fill(text, self._lookup)
        except UsageError as error:
            raise self._file.wrong(path, f"{path[1]}: {error.message}", error.hint) from None
