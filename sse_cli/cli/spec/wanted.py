"""What is expected of a check, as it is written."""

from typing import NamedTuple

from sse_cli.cli.spec import captured
from sse_cli.cli.spec.filling import Filling
from sse_cli.cli.spec.tables import Table, said
from sse_cli.cli.toml.file import TomlFile
from sse_cli.cli.toml.places import KeyPath
from sse_cli.cli.toml.texts import texts
from sse_cli.core.expectations.judge import Expectation, compile_expectation
from sse_cli.errors import UsageError


class Wanted(NamedTuple):
    """An expectation, and where in a file it stands."""

    text: str
    file: TomlFile
    path: KeyPath

    @property
    def hangs_on_captured(self) -> bool:
        """Whether it is known only when something was captured."""
        return bool(captured.names(self.text))

    def compiled(self, filling: Filling) -> Expectation:
        """Return it with all that it refers to in place. Raises `UsageError`."""
        with self.file.at(self.path):
            made = compile_expectation(filling.expectation(self.text, self.path))
            if made.is_over_runs and self.hangs_on_captured:
                raise UsageError(
                    "it is of all runs together, and what is captured is of one", "Write the value out."
                )
        return made


def wanted(tables: list[Table]) -> list[Wanted]:
    """Return what the tables of a check expect, in order; nothing where they say nothing."""
    found = said(tables, "expect")
    if found is None:
        return []
    table, (key, value, path) = found
    return [Wanted(text, table.file, (*path, *inner)) for inner, text in texts(key, value)]
