"""What may stand where a command takes a source."""


def complete_source(incomplete: str) -> list[str]:
    """Return the profiles that a source may be; URLs and files are left to the shell."""
    if not incomplete.startswith("@"):
        return []
    from sse_cli.cli.profile.file import names

    return [f"@{name}" for name in names() if name.startswith(incomplete[1:])]
