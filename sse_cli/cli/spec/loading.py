"""From a file of checks, and what the command line says beside it, to checks that can be run."""

import os
from collections.abc import Collection, Mapping, Sequence

from sse_cli.checking.check import Check
from sse_cli.cli.check_options import CheckOptions
from sse_cli.cli.options import Groups
from sse_cli.cli.spec.captures import Captures
from sse_cli.cli.spec.draft import Draft
from sse_cli.cli.spec.reading import Spec, raise_all, read
from sse_cli.cli.spec.wish import Wish
from sse_cli.errors import UsageError


def load(
    path: str,
    names: Sequence[str],
    groups: Groups,
    checking: CheckOptions,
    given: Collection[str] = frozenset(),
    environment: Mapping[str, str] = os.environ,
) -> tuple[Check, ...]:
    """Return the checks of a file that are chosen by their names and by `checking.tags`, and what they need.

    The options go before what the file says; `given` names those that stand on the command line, be it with
    what they would hold anyway. Raises `UsageError` for all that is wrong, before anything is connected.
    """
    _check_options(checking, given)
    spec = read(path, Wish(groups, checking, given, environment.get))
    drafts = Captures(spec.file, spec.drafts).with_givers(_chosen(spec, names, checking.tags or ()))
    checks: list[Check] = []
    mistakes: list[UsageError] = []
    for draft in drafts:
        try:
            checks.append(draft.check())
        except UsageError as error:
            mistakes.append(error)
    raise_all(spec.file, mistakes)
    return tuple(checks)


def _check_options(checking: CheckOptions, given: Collection[str]) -> None:
    if "snapshot" in given:
        raise UsageError(
            "--snapshot is of one stream, and here is a file of checks",
            'Let each check have its own: snapshot = "FILE".',
        )
    if checking.offline is not None and not os.path.isdir(checking.offline):
        raise UsageError(
            f"there is no folder {checking.offline}", "--offline DIR is where the recordings are."
        )


def _chosen(spec: Spec, names: Collection[str], tags: Collection[str]) -> list[Draft]:
    """Return the checks of these names, or all, that have one of the tags, if any are given."""
    known = [draft.name for draft in spec.drafts]
    known_tags = [tag for draft in spec.drafts for tag in draft.tags]
    for name in names:
        if name not in known:
            raise spec.file.no_such("check", name, known)
    for tag in tags:
        if tag not in known_tags:
            raise spec.file.no_such("tag", tag, known_tags)
    named = [draft for draft in spec.drafts if not names or draft.name in names]
    chosen = [draft for draft in named if not tags or not set(tags).isdisjoint(draft.tags)]
    if not chosen:
        told = ", ".join(f"{draft.name} ({', '.join(draft.tags) or 'no tag'})" for draft in named)
        raise UsageError(f"none of these checks has such a tag: {told}", "Leave out the names, or -t.")
    return chosen
