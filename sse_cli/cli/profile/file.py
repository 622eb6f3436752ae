"""The file of profiles: where it is, and what is told of names that are not in it."""

import os
from difflib import get_close_matches
from pathlib import Path

from sse_cli.cli import config_folder
from sse_cli.cli.profile.keys import words
from sse_cli.cli.toml.file import TomlFile
from sse_cli.errors import UsageError

NAME = "profiles.toml"


class ProfileFile(TomlFile):
    """What the file says: `tables` are the profiles by their names."""

    def check_name(self, name: str) -> None:
        """Raise `UsageError` where there is no profile of a name."""
        if name not in self.tables:
            raise UsageError(f"no such profile: @{name}", self.instead_of(name))

    def instead_of(self, name: str) -> str:
        """Return what to try in place of a name that there is not."""
        a_file = f"A file of that name is given as ./@{name}."
        if not self.tables:
            return f"There are no profiles in {self.path}: sse profiles shows how to begin. {a_file}"
        close = get_close_matches(name, self.tables, n=1)
        guess = f"Did you mean @{close[0]}? " if close else ""
        there_are = ", ".join(f"@{known}" for known in self.tables)
        return f"{guess}There are {there_are}, in {self.path}. {a_file}"


def find() -> Path | None:
    """Return the file of profiles, or None if there is none."""
    folder = config_folder.find()
    return folder / NAME if folder is not None and os.path.exists(folder / NAME) else None


def load() -> ProfileFile:
    """Read the file; one that is missing holds nothing. Raises `UsageError`."""
    path = find()
    if path is None:
        return ProfileFile(config_folder.place() / NAME, "", words())
    return ProfileFile.read(path, words())


def names() -> list[str]:
    """Return the names of the profiles for completion; none where the file cannot be read."""
    try:
        return list(load().tables) if find() is not None else []
    except UsageError:
        return []
