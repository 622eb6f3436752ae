"""The file of checks: a table for each, and one of what they have in common."""

from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path

from sse_cli.cli.spec.keys import DEFAULTS, words
from sse_cli.cli.toml.file import TomlFile
from sse_cli.errors import UsageError


class SpecFile(TomlFile):
    """What the file says: `tables` are the checks by their names, and the defaults."""

    @property
    def checks(self) -> list[str]:
        """The names of the checks, in their order."""
        return [name for name in self.tables if name != DEFAULTS]

    def title(self, name: str) -> str:
        """Return how a table is called."""
        return DEFAULTS if name == DEFAULTS else super().title(name)

    def no_such(self, what: str, name: str, known: Iterable[str]) -> UsageError:
        """Return the error for a name that there is not."""
        known = list(dict.fromkeys(known))
        close = get_close_matches(name, known, n=1)
        guess = f"Did you mean {close[0]}? " if close else ""
        there_are = f"There are {', '.join(known)}" if known else "There is none"
        return UsageError(f"no such {what}: {name}", f"{guess}{there_are}, in {self.path}.")


def load(path: str) -> SpecFile:
    """Read a file of checks. Raises `UsageError`."""
    return SpecFile.read(Path(path), words())


def names(path: str) -> list[str]:
    """Return the names of a file's checks for completion; none where it cannot be read."""
    try:
        return load(path).checks
    except UsageError:
        return []
