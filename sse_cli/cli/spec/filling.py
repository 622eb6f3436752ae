"""Puts in place what the texts of a check refer to, and notes which captured values that takes."""

from collections.abc import Callable

from sse_cli.cli import build
from sse_cli.cli.spec import captured
from sse_cli.cli.spec.beside import beside, reads_from_elsewhere, source_beside
from sse_cli.cli.spec.expecting import as_value
from sse_cli.cli.toml.keys import Key
from sse_cli.cli.toml.places import KeyPath
from sse_cli.cli.toml.references import Lookup
from sse_cli.errors import UsageError

NOT_YET = "captured=0"
"""Stands for a value that is not captured yet. It is a pair, since of cookies what is none is a file."""


class Filling:
    """`lookup` gives variables, and `value_of` what was captured; paths of files are led through `folder`.

    `needs` are the captured values that were asked for, and where first.
    """

    def __init__(self, folder: str, lookup: Lookup, value_of: Callable[[str], str]) -> None:
        self.needs: dict[str, KeyPath] = {}
        self._folder = folder
        self._lookup = lookup
        self._value_of = value_of

    def text(self, key: Key, text: str, path: KeyPath) -> str:
        """Return the text of an option. Raises `UsageError`."""
        filled = self.inner(key, text, path)
        if captured.names(text) and reads_from_elsewhere(key, filled):
            raise UsageError(
                "what is captured would name a file or a variable",
                "Only this file itself may say what of yours is sent.",
            )
        return beside(self._folder, key, filled)

    def inner(self, key: Key, text: str, path: KeyPath) -> str:
        """Return a string inside of JSON. Raises `UsageError`."""
        if key.group != "request" and captured.names(text):
            raise UsageError("it cannot hang on what is captured", "What is sent can, and what is expected.")
        return captured.fill(text, self._lookup, lambda name, _: self._value(name, path))

    def source(self, text: str, path: KeyPath, encode: captured.Put = captured.in_url) -> str:
        """Return the URL or the file that a text stands for. Raises `UsageError`."""
        put = lambda name, before: encode(self._value(name, path), before)  # noqa: E731
        filled = captured.fill(text, self._lookup, put)
        if not captured.names(text):
            return source_beside(self._folder, filled)
        if build.is_file(filled.removeprefix("file://")):
            raise UsageError(
                f"what is captured is no URL: {filled}", "Is it the right path that captures it?"
            )
        return filled

    def expectation(self, text: str, path: KeyPath) -> str:
        """Return an expectation. Raises `UsageError`."""
        put = lambda name, before: as_value(self._value(name, path), before)  # noqa: E731
        return captured.fill(text, self._lookup, put)

    def _value(self, name: str, path: KeyPath) -> str:
        self.needs.setdefault(name, path)
        return self._value_of(name)
