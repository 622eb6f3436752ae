"""`sse profiles`: lists the requests that are kept under a name, and shows one."""

import os
from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated

import typer

from sse_cli.cli.main import report
from sse_cli.cli.options import Groups
from sse_cli.cli.source import complete_source
from sse_cli.errors import ExitCode, SseError, UsageError

if TYPE_CHECKING:  # `sse --help` needs no profile
    from sse_cli.cli.profile.file import ProfileFile

EXAMPLE = """\
[openai]
url = "https://api.openai.com/v1/chat/completions"
bearer = "${OPENAI_API_KEY}"
json = { model = "gpt-5-mini", stream = true, messages = [{ role = "user", content = "Hi!" }] }
headers = { X-Team = "infra" }
first-timeout = "10s"

[text]
title = "The same, and its text alone"
like = "openai"
output = "text"
"""
"""What the README shows, and who has no profiles yet."""

EPILOG = """\
[dim]$[/] sse @openai

[dim]$[/] sse @openai -o text --max-time 1m          [dim]# your own options win[/]

[dim]$[/] sse profiles openai                        [dim]# all that it says[/]

A profile's keys are url, title, like (another profile to build on), and the long options of sse tail. \
${NAME} stands for a variable of the environment; secrets are given in no other way.
"""


def _complete(incomplete: str) -> list[str]:
    from sse_cli.cli.profile.file import names

    return [*complete_source(incomplete), *(name for name in names() if name.startswith(incomplete))]


def command(
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="[NAME]", help="The profile to show.", autocompletion=_complete, show_default=False
        ),
    ] = None,
) -> int:
    """List the profiles, each a request under a name; or show what NAME says, as TOML."""
    from sse_cli.cli.profile.file import load
    from sse_cli.sinks.outlet import Outlet, ReaderGone

    file = load()
    if name is None and not file.tables:
        report(SseError(f"there are no profiles yet in {file.path}", f"To begin, put there:\n\n{EXAMPLE}"))
        return int(ExitCode.OK)
    text = _listing(file) if name is None else _shown(file, name.removeprefix("@"))
    with suppress(ReaderGone):  # as with `| head`
        Outlet(1, "standard output").write_text(text)
    return int(ExitCode.OK)


def _listing(file: "ProfileFile") -> str:
    """Return a line for each profile: name, method, URL, dialect and title."""
    from sse_cli.text.cells import on_one_line, width

    rows = [[on_one_line(cell) for cell in row] for row in _rows(file)]
    room = [max(map(width, column)) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        cells = (cell + " " * (most - width(cell)) for cell, most in zip(row, room, strict=True))
        lines.append("  ".join(cells).rstrip() + "\n")
    return "".join(lines)


def _rows(file: "ProfileFile") -> Iterator[tuple[str, ...]]:
    from sse_cli.cli import build
    from sse_cli.cli.profile.expand import resolve

    for name, table in file.tables.items():
        try:
            url, groups = resolve(file, name, Groups(), (), lambda variable: f"${{{variable}}}")
        except UsageError as error:
            report(SseError(f"warning: {error.message}", error.hint))
            continue
        has_method = url is not None and not build.is_file(url)
        method = build.method(groups.request) if has_method else "-"
        yield name, method, url or "-", groups.reading.dialect, table.get("title", "")


def _shown(file: "ProfileFile", name: str) -> str:
    """Return a profile, and those that it builds on, as TOML. No secret is in it: none may be in the file."""
    from sse_cli.cli.profile.expand import chain
    from sse_cli.cli.toml import values
    from sse_cli.cli.toml.references import missing

    tables = []
    for found in chain(file, name):
        lines = [f"[{values.name(str(found[0].path[0]))}]"]
        for setting in found:
            text = values.pair(str(setting.path[1]), setting.value)
            unset = [f"${variable}" for variable in missing(text, os.environ.get)]
            lines.append(f"{text}  # {', '.join(unset)} is not set" if unset else text)
        tables.append("".join(f"{line}\n" for line in lines))
    return "\n".join(tables)
