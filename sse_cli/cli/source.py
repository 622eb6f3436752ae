"""What may stand where a command takes a source."""

from collections.abc import Collection

from sse_cli.cli.options import Groups


def expanded(source: str, groups: Groups, given: Collection[str]) -> tuple[str, Groups]:
    """Return what a profile stands for, and its options; any other source is what it is."""
    if not source.startswith("@"):
        return source, groups
    from sse_cli.cli.profile.expand import expand

    return expand(source, groups, given)


def complete_source(incomplete: str) -> list[str]:
    """Return the profiles that a source may be; URLs and files are left to the shell."""
    if not incomplete.startswith("@"):
        return []
    from sse_cli.cli.profile.file import names

    return [f"@{name}" for name in names() if name.startswith(incomplete[1:])]
