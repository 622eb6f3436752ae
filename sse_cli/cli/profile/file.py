"""The file of profiles: where it is, what is in it, and errors that point at a line of it."""

import os
import re
import tomllib
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from typing import Any, NoReturn

from sse_cli.cli import config_folder
from sse_cli.cli.profile.places import KeyPath, Place, places
from sse_cli.cli.profile.pointing import pointed
from sse_cli.errors import UsageError

NAME = "profiles.toml"

_AT = re.compile(r" \(at (?:line (?P<line>\d+), column (?P<column>\d+)|end of document)\)")


class ProfileFile:
    """What the file says: `tables` are the profiles by their names."""

    def __init__(self, path: Path, text: str) -> None:
        """Read the text of the file. Raises `UsageError`."""
        self.path = path
        self._text = text.replace("\r\n", "\n")  # as TOML's decoder reads it
        try:
            self.tables: dict[str, dict[str, Any]] = tomllib.loads(self._text)
        except tomllib.TOMLDecodeError as error:
            raise self._not_toml(str(error)) from None
        except RecursionError:
            raise self._not_toml("it is nested too deeply") from None
        for name, table in self.tables.items():
            if not isinstance(table, dict):
                self._refuse_loose(name, table)

    def table(self, name: str) -> dict[str, Any]:
        """Return a profile by its name. Raises `UsageError`."""
        if name not in self.tables:
            raise UsageError(f"no such profile: @{name}", self.instead_of(name))
        return self.tables[name]

    def instead_of(self, name: str) -> str:
        """Return what to try in place of a name that there is not."""
        a_file = f"A file of that name is given as ./@{name}."
        if not self.tables:
            return f"There are no profiles in {self.path}: sse profiles shows how to begin. {a_file}"
        close = get_close_matches(name, self.tables, n=1)
        guess = f"Did you mean @{close[0]}? " if close else ""
        there_are = ", ".join(f"@{known}" for known in self.tables)
        return f"{guess}There are {there_are}, in {self.path}. {a_file}"

    def wrong(self, path: KeyPath, seen: str, hint: str) -> UsageError:
        """Return the error for what stands at a path, which begins with the name of the profile."""
        place = self._place(path)
        assert place is not None, "the name of the profile has a place at least"
        message = f"{self.path}, line {place.line}, profile {path[0]}: {seen}"
        return UsageError(f"{message}\n{self._pointed(place)}", hint)

    @cached_property
    def _places(self) -> dict[KeyPath, Place]:
        return places(self._text)

    def _place(self, path: KeyPath) -> Place | None:
        while path and path not in self._places:
            path = path[:-1]
        return self._places.get(path)

    def _pointed(self, place: Place) -> str:
        return pointed(self._text.split("\n")[place.line - 1], place)

    def _not_toml(self, seen: str) -> UsageError:
        found = _AT.search(seen)
        message = f"{self.path} is not TOML: {_AT.sub('', seen)}"
        if found is not None and found["line"]:
            column = int(found["column"]) - 1
            place = Place(int(found["line"]), column, column)
            message = (
                f"{self.path}, line {place.line} is not TOML: {_AT.sub('', seen)}\n{self._pointed(place)}"
            )
        return UsageError(message, 'A line is [NAME] or KEY = "value", with quotes around what is text.')

    def _refuse_loose(self, name: str, value: Any) -> NoReturn:
        if isinstance(value, list):
            raise self.wrong((name,), "it is a list", f"Write [{name}], with one bracket.")
        place = self._place((name,))
        assert place is not None
        raise UsageError(
            f"{self.path}, line {place.line}: {name} stands outside of any profile\n{self._pointed(place)}",
            "Put it below the name of a profile in brackets, like [prod].",
        )


def find() -> Path | None:
    """Return the file of profiles, or None if there is none."""
    folder = config_folder.find()
    return folder / NAME if folder is not None and os.path.exists(folder / NAME) else None


def load() -> ProfileFile:
    """Read the file; one that is missing holds nothing. Raises `UsageError`."""
    path = find()
    if path is None:
        return ProfileFile(config_folder.place() / NAME, "")
    try:
        return ProfileFile(path, path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise UsageError(
            f"cannot read {path}: {error.strerror}", "It holds the profiles. May you read it?"
        ) from None
    except UnicodeDecodeError as error:
        raise UsageError(
            f"{path} is not UTF-8: byte {error.start} is no part of it", "Save it as UTF-8."
        ) from None


def names() -> list[str]:
    """Return the names of the profiles for completion; none where the file cannot be read."""
    try:
        return list(load().tables) if find() is not None else []
    except UsageError:
        return []
