"""Reads a file of checks, and finds all that is wrong in it."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from sse_cli.cli.spec import captured
from sse_cli.cli.spec.captures import Captures
from sse_cli.cli.spec.draft import Draft
from sse_cli.cli.spec.file import SpecFile, load
from sse_cli.cli.spec.keys import ALONE, DEFAULTS, FIXED
from sse_cli.cli.spec.tables import Table, Tables
from sse_cli.cli.spec.wish import Wish
from sse_cli.cli.toml import check
from sse_cli.cli.toml.file import Wrong
from sse_cli.cli.toml.texts import texts
from sse_cli.errors import UsageError

EXAMPLE = """\
[chat]
url = "https://host/v1/chat/completions"
bearer = "${API_KEY}"
json = { model = "m", stream = true, messages = [{ role = "user", content = "Hi!" }] }
expect = ["verdict == complete", "first_content < 500ms"]
"""
"""What who has no checks yet is shown."""


class Spec(NamedTuple):
    """A file of checks in which nothing is wrong; `drafts` are its checks."""

    file: SpecFile
    drafts: list[Draft]


def read(path: str, wish: Wish) -> Spec:
    """Read a file of checks. Raises `UsageError` for all that is wrong in it."""
    file = load(path)
    found = {name: check.said(file, name) for name in file.tables}
    tables = Tables(file, {name: said.settings for name, said in found.items()})
    drafts, mistakes = _drafts(tables, wish)
    told = [mistake for said in found.values() for mistake in said.mistakes]
    told += [mistake for name in file.tables for mistake in _misplaced(tables.own(name))]
    raise_all(file, [*told, *mistakes])
    if not drafts:
        raise UsageError(f"there are no checks in {file.path}", f"To begin, put there:\n\n{EXAMPLE}")
    return Spec(file, drafts)


def raise_all(file: SpecFile, mistakes: Iterable[UsageError]) -> None:
    """Raise one `UsageError` for all of them, in the order of their lines, if there are any."""
    found = list({mistake.message: mistake for mistake in mistakes}.values())
    if len(found) == 1:
        raise found[0]
    if found:
        found.sort(key=lambda mistake: mistake.line if isinstance(mistake, Wrong) else 0)
        told = [f"{mistake.message}\n{mistake.hint[:1].upper()}{mistake.hint[1:]}" for mistake in found]
        raise UsageError("\n".join([f"{file.path} has {len(found)} mistakes", *told]))


def _misplaced(table: Table) -> Iterator[UsageError]:
    """Give keys that stand where they may not, and references where there can be none."""
    wrong, is_defaults = table.file.wrong, table.name == DEFAULTS
    for key, value, path in table.settings:
        if is_defaults and key.name in ALONE:
            yield wrong(path, f"{path[1]} is of one check alone", "Say it in the check that it is for.")
        if is_defaults and key.name == "like" and not value.startswith("@"):
            yield wrong(path, f"defaults cannot build on {value!r}", 'They may on a profile: like = "@NAME".')
        for inner, text in texts(key, value) if key.name in FIXED else ():
            if captured.is_open(text):
                seen = f"{path[1]} is the same in every run, and refers to something"
                yield wrong((*path, *inner), seen, "Write it out.")


def _drafts(tables: Tables, wish: Wish) -> tuple[list[Draft], list[UsageError]]:
    """Return the checks of the tables, and what is wrong in how they hang together."""
    drafts: list[Draft] = []
    mistakes: list[UsageError] = []
    for name in tables.file.checks:
        try:
            drafts.append(Draft(tables, name, wish))
        except UsageError as error:
            mistakes.append(error)
    mistakes += (_without_url(tables.file, draft.name) for draft in drafts if not draft.says_url)
    mistakes += Captures(tables.file, [draft for draft in drafts if draft.has_url]).mistakes()
    return drafts, mistakes


def _without_url(file: SpecFile, name: str) -> UsageError:
    return file.wrong((name,), "it has no url", 'Say where its stream is: url = "https://host/path".')
