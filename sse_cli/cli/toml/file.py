"""A file of tables, each under a name, and errors that point at a line of it."""

import re
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any, NoReturn, Self

from sse_cli.cli.toml.places import KeyPath, Place, places
from sse_cli.cli.toml.pointing import pointed
from sse_cli.cli.toml.words import Words
from sse_cli.errors import UsageError

_AT = re.compile(r" \(at (?:line (?P<line>\d+), column (?P<column>\d+)|end of document)\)")


class Wrong(UsageError):
    """Something in a line of a file is wrong; lines are counted from 1."""

    def __init__(self, message: str, hint: str, line: int) -> None:
        super().__init__(message, hint)
        self.line = line


class TomlFile:
    """What a file says: `tables` by their names. `words` are what they may say."""

    def __init__(self, path: Path, text: str, words: Words) -> None:
        """Read the text of the file. Raises `UsageError`."""
        self.path = path
        self.words = words
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

    @classmethod
    def read(cls, path: Path, words: Words) -> Self:
        """Read the file. Raises `UsageError`."""
        try:
            return cls(path, path.read_text(encoding="utf-8-sig"), words)
        except OSError as error:
            raise UsageError(
                f"cannot read {path}: {error.strerror}", f"It is to hold {words.noun}s. May you read it?"
            ) from None
        except UnicodeDecodeError as error:
            raise UsageError(
                f"{path} is not UTF-8: byte {error.start} is no part of it", "Save it as UTF-8."
            ) from None

    def line_of(self, name: str) -> int:
        """Return the line of a table, from 1."""
        return self._place((name,)).line

    def wrong(self, path: KeyPath, seen: str, hint: str) -> Wrong:
        """Return the error for what stands at a path, which begins with the name of a table.

        The line is shown with a caret, unless what was seen has one in the text that it is about.
        """
        place = self._place(path)
        message = f"{self.path}, line {place.line}, {self.title(str(path[0]))}: {seen}"
        return Wrong(message if "\n" in seen else f"{message}\n{self._pointed(place)}", hint, place.line)

    @contextmanager
    def at(self, path: KeyPath) -> Iterator[None]:
        """Tell where in the file it stands what raises a `UsageError` inside."""
        try:
            yield
        except UsageError as error:
            key = f"{path[1]}: " if len(path) > 1 else ""
            raise self.wrong(path, f"{key}{error.message}", error.hint) from None

    def title(self, name: str) -> str:
        """Return how a table is called."""
        return f"{self.words.noun} {name}"

    @cached_property
    def _places(self) -> dict[KeyPath, Place]:
        return places(self._text)

    def _place(self, path: KeyPath) -> Place:
        while path not in self._places:
            path = path[:-1]
            assert path, "the name of the table has a place at least"
        return self._places[path]

    def _pointed(self, place: Place) -> str:
        return pointed(self._text.split("\n")[place.line - 1], place, self.words)

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
        raise UsageError(
            f"{self.path}, line {place.line}: {name} stands outside of any {self.words.noun}"
            f"\n{self._pointed(place)}",
            f"Put it below the name of a {self.words.noun} in brackets, like [prod].",
        )
