"""A check on its way from the tables of a file to what can be run."""

import os
from collections.abc import Mapping
from typing import Any

from sse_cli.checking.check import EXPECTED, Check
from sse_cli.checking.sinks import Capture
from sse_cli.checking.snapshot import SnapshotTest
from sse_cli.cli.shell import quote
from sse_cli.cli.spec.filling import NOT_YET
from sse_cli.cli.spec.opens import open_later, open_now
from sse_cli.cli.spec.stream import Asking
from sse_cli.cli.spec.tables import Tables, said
from sse_cli.cli.spec.wanted import Wanted, wanted
from sse_cli.cli.spec.wish import Wish
from sse_cli.cli.toml.places import KeyPath
from sse_cli.core.expectations.judge import Expectation, compile_expectation
from sse_cli.core.extract import compile_path
from sse_cli.core.secrets import mask_url


class Draft:
    """What a file and the command line say of one check. Raises `UsageError` for what it cannot build on."""

    def __init__(self, tables: Tables, name: str, wish: Wish) -> None:
        self.name = name
        self._file = tables.file
        self._tables = tables.of(name)
        self._wish = wish
        self._asking = Asking(tables.file, self._tables, wish)

    @property
    def has_url(self) -> bool:
        """Whether it is said where the stream is, and rightly so."""
        return said(self._tables, "url") is not None

    @property
    def says_url(self) -> bool:
        """Whether it is said where the stream is, be it wrong."""
        return self.has_url or any(
            {"url", "source"} & table.file.tables[table.name].keys() for table in self._tables
        )

    @property
    def captures(self) -> Mapping[str, str]:
        """The paths of what it captures, by the names of the values."""
        return dict(self._said("capture", {}))

    @property
    def tags(self) -> tuple[str, ...]:
        """The words that it is chosen by."""
        tags = self._said("tag", ())
        return (tags,) if isinstance(tags, str) else tuple(tags)

    def needs(self) -> Mapping[str, KeyPath]:
        """Return the captured values that it takes, and where. Raises `UsageError`.

        Variables do not have to be set.
        """
        filling = self._asking.trial()
        self._asking.stream(filling)
        for expectation in self._wanted():
            with expectation.file.at(expectation.path):
                filling.expectation(expectation.text, expectation.path)
        return filling.needs

    def check(self) -> Check:
        """Return the check, of which all is right that can be told beforehand. Raises `UsageError`."""
        self._asking.check_offline()
        needs, expectations = self.needs(), self._expectations()
        later = [expectation for expectation in self._wanted() if expectation.hangs_on_captured]
        return Check(
            name=self.name,
            source=mask_url(self._asking.shown),
            open=open_later(self._asking, later) if needs else open_now(self._asking),
            expectations=expectations,
            repeat=self._option("repeat", 1),
            retries=self._option("retries", 0),
            fail_fast=not self._option("no-fail-fast", False),
            captures=tuple(Capture(name, path, compile_path(path)) for name, path in self.captures.items()),
            needs=frozenset(needs),
            tags=self.tags,
            command=self._command(),
            file=str(self._file.path),
            line=self._file.line_of(self.name),
            snapshot=self._snapshot(),
        )

    def _expectations(self) -> tuple[Expectation, ...]:
        """Return those that hang on nothing captured; the others are tried as well."""
        if "expect" in self._wish.given:
            return tuple(map(compile_expectation, self._wish.checking.expect or ()))
        found = self._wanted()
        if not found:
            return tuple(map(compile_expectation, EXPECTED))
        filling = self._asking.filling(lambda _: "0")
        made = [expectation.compiled(filling) for expectation in found]
        return tuple(it for it, written in zip(made, found, strict=True) if not written.hangs_on_captured)

    def _wanted(self) -> list[Wanted]:
        return [] if "expect" in self._wish.given else wanted(self._tables)

    def _snapshot(self) -> SnapshotTest | None:
        found = said(self._tables, "snapshot")
        if found is None:
            return None
        _, (key, value, path) = found
        with self._file.at(path):
            filled = self._asking.filling(lambda _: NOT_YET).inner(key, value, path)
            name = os.path.join(os.path.dirname(self._file.path), filled)
            return SnapshotTest(name, update=self._wish.checking.update)

    def _said(self, key: str, default: Any) -> Any:
        found = said(self._tables, key)
        return default if found is None else found[1].value

    def _option(self, key: str, default: Any) -> Any:
        """Return what the command line says or, where it says nothing, the file."""
        field = key.replace("-", "_")
        if field in self._wish.given:
            return getattr(self._wish.checking, field)
        return self._said(key, default)

    def _command(self) -> str:
        """Return the command that runs it alone."""
        words = ["sse", "check", str(self._file.path), self.name]
        if self._wish.checking.offline is not None:
            words += ["--offline", self._wish.checking.offline]
        return " ".join(map(quote, words))
