"""`sse demo`: tails a tape of the built-in server. Needs no network and no key."""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

import typer

from sse_cli.cli.options import (
    ChoosingOptions,
    FaultOptions,
    Groups,
    OutputOptions,
    ReadingOptions,
    RequestOptions,
    StoppingOptions,
    spread,
)
from sse_cli.errors import ExitCode

EPILOG = """\
[dim]$[/] sse demo anthropic

[dim]$[/] sse demo --fault drop@20
"""


def _complete(incomplete: str) -> list[str]:
    from sse_cli.server.bundled import TAPES

    return [name for name in TAPES if name.startswith(incomplete)]


@spread
def command(
    reading: ReadingOptions,
    stopping: StoppingOptions,
    choosing: ChoosingOptions,
    output: OutputOptions,
    faults: FaultOptions,
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="[NAME]",
            help="A tape of --list, or the beginning of its name (openai-chat).",
            autocompletion=_complete,
            show_default=False,
        ),
    ] = None,
    list_tapes: Annotated[bool, typer.Option("--list", help="List the tapes, and exit.")] = False,
) -> int:
    """Tail a stream of the built-in server: see what the program does, without a network or a key."""
    from sse_cli.server.bundled import TAPES, listing, named

    if list_tapes:
        sys.stdout.write(listing())
        return int(ExitCode.OK)
    from sse_cli.cli.harm import read_harm
    from sse_cli.cli.run import Job, run
    from sse_cli.server.http import serve
    from sse_cli.server.load import bundled_tape
    from sse_cli.server.routes import Routes

    harm = read_harm(faults)
    tape = bundled_tape(named(name) if name is not None else next(iter(TAPES)))
    if harm.told and not output.quiet:
        sys.stderr.write(f"{harm.told}\n")

    @asynccontextmanager
    async def host() -> AsyncIterator[str]:
        async with serve(Routes([tape]), faults=harm.faults, seed=harm.seed) as server:
            yield f"{server.url}{tape.path}"

    # The environment's proxies are for the network.
    request = RequestOptions(method=tape.connections[0].head.request.method, json=tape.body, proxy="")
    groups = Groups(request=request, reading=reading, stopping=stopping, choosing=choosing, output=output)
    return run(Job(host, groups))
