"""Which tables a check is made of: its own, those that it builds on, and the defaults."""

from collections.abc import Iterator
from typing import NamedTuple

from sse_cli.cli.spec.file import SpecFile
from sse_cli.cli.spec.keys import ALONE, DEFAULTS
from sse_cli.cli.toml.check import Setting
from sse_cli.cli.toml.file import TomlFile
from sse_cli.errors import UsageError


class Table(NamedTuple):
    """What one table says, of the file of checks or of the profiles."""

    file: TomlFile
    name: str
    settings: list[Setting]

    def find(self, key: str) -> Setting | None:
        """Return what it says under a key, by the key's first name."""
        return next((setting for setting in self.settings if setting.key.name == key), None)


class Tables:
    """The tables of a file of checks, by their names."""

    def __init__(self, file: SpecFile, settings: dict[str, list[Setting]]) -> None:
        self.file = file
        self._tables = {name: Table(file, name, found) for name, found in settings.items()}

    def own(self, name: str) -> Table:
        """Return the table of a check itself."""
        return self._tables[name]

    def of(self, name: str) -> list[Table]:
        """Return the tables of a check; what an earlier one says goes before the rest. Raises `UsageError`.

        A profile that a check builds on goes before the defaults, and one that they build on comes last.
        """
        tables, profile = self._chain(name)
        defaults = self._tables.get(DEFAULTS)
        rest = [] if defaults is None else [defaults]
        like = defaults.find("like") if defaults is not None else None
        if profile is not None:
            return [*tables, *_profiles(tables[-1], profile), *rest]
        has_profile = like is not None and like.value.startswith("@")
        return [*tables, *rest, *(_profiles(rest[0], like) if like is not None and has_profile else ())]

    def _chain(self, name: str) -> tuple[list[Table], Setting | None]:
        """Return the tables of a check and of those that it builds on, and what names a profile, if any."""
        tables: list[Table] = []
        while True:
            tables.append(self._tables[name])
            like = tables[-1].find("like")
            if like is None or like.value.startswith("@"):
                return tables, like
            name = like.value
            seen = [table.name for table in tables]
            if name in seen:
                loop = " → ".join([*seen[seen.index(name) :], name])
                raise self.file.wrong(like.path, f"it builds on itself: {loop}", "Take one of these out.")
            if name not in self.file.checks:
                error = self.file.no_such("check", name, self.file.checks)
                raise self.file.wrong(like.path, error.message, f"{error.hint} A profile is written @NAME.")


def said(tables: list[Table], key: str) -> tuple[Table, Setting] | None:
    """Return what a check says under a key that no option of a stream has, and in which table."""
    for number, table in enumerate(tables):
        setting = table.find(key)
        if setting is not None and not setting.key.group and (number == 0 or key not in ALONE):
            return table, setting
    return None


def _profiles(table: Table, like: Setting) -> Iterator[Table]:
    """Give the tables of a profile and those that it builds on. Raises `UsageError`."""
    from sse_cli.cli.profile.expand import chain
    from sse_cli.cli.profile.file import load

    file, name = load(), like.value.removeprefix("@")
    try:
        for found in chain(file, name):
            yield Table(file, name, found)
    except UsageError as error:
        raise table.file.wrong(like.path, error.message, error.hint) from None
