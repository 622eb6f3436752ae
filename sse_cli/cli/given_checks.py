"""The checks that are asked for: those of a file, or of the sources on the command line."""

import shlex
import sys
from collections.abc import Collection, Sequence

from sse_cli.checking.check import EXPECTED, Check
from sse_cli.checking.snapshot import SnapshotTest
from sse_cli.cli.check_options import CheckOptions
from sse_cli.cli.opening import opener
from sse_cli.cli.options import Groups
from sse_cli.cli.prepare import prepare
from sse_cli.cli.source import expanded
from sse_cli.core.expectations.judge import compile_expectation
from sse_cli.core.secrets import Secrets, mask_url
from sse_cli.errors import UsageError


def checks_of(
    sources: Sequence[str], groups: Groups, options: CheckOptions, given: Collection[str]
) -> Sequence[Check]:
    """Return the checks that are asked for. Raises `UsageError`."""
    if options.record is not None and options.record_failures is not None:
        raise UsageError("--record keeps every run, so --record-failures has no effect", "Leave one out.")
    if sources[0].endswith((".yml", ".yaml")):
        raise UsageError(f"{sources[0]} is no file of checks", "Files of checks are TOML, and end in .toml.")
    if sources[0].endswith(".toml"):
        from sse_cli.cli.spec.loading import load

        return load(sources[0], sources[1:], groups, options, given)
    for name, value in (("--tag", options.tags), ("--offline", options.offline)):
        if value is not None:
            raise UsageError(
                f"{name} is for a file of checks, and {sources[0]} is none", "Its name ends in .toml."
            )
    if options.update and options.snapshot is None:
        raise UsageError("--update is given without --snapshot", "Name the file: --snapshot FILE.")
    if options.snapshot is not None and len(sources) > 1:
        raise UsageError("--snapshot is for one source", "Check each with a snapshot of its own.")
    if "-" in sources and (options.repeat > 1 or options.retries or sources.count("-") > 1):
        raise UsageError(
            "standard input can be read only once", "Record it: sse - --record FILE, and check that."
        )
    return [_check_of(source, sources, groups, options, given) for source in sources]


def _check_of(
    source: str, sources: Sequence[str], groups: Groups, options: CheckOptions, given: Collection[str]
) -> Check:
    """Return the check of a source that is named on the command line. Raises `UsageError`."""
    where, own = expanded(source, groups, given)
    open_next = opener(where, own, prepare(own), warns=not options.quiet)
    hidden = open_next().source.secrets
    return Check(
        name=mask_url(source),
        source=mask_url(where),
        open=lambda _captured: open_next(),
        expectations=tuple(compile_expectation(text) for text in options.expect or EXPECTED),
        repeat=options.repeat,
        retries=options.retries,
        fail_fast=not options.no_fail_fast,
        command=_command(sys.argv[1:], source, sources, hidden),
        snapshot=SnapshotTest(options.snapshot, update=options.update) if options.snapshot else None,
    )


def _command(arguments: Sequence[str], source: str, sources: Sequence[str], hidden: Secrets) -> str:
    """Return the command line that checks only one of the sources, without secrets."""
    words = [word for word in arguments if word == source or word not in sources]
    return "sse " + shlex.join(mask_url(word) if "://" in word else hidden.hide(word) for word in words)
