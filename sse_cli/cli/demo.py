"""`sse demo`: tails a model-like answer from the embedded server. Needs no network and no key."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sse_cli.cli.options import (
    ChoosingOptions,
    Groups,
    OutputOptions,
    ReadingOptions,
    RequestOptions,
    StoppingOptions,
    spread,
)


@spread
def command(
    reading: ReadingOptions, stopping: StoppingOptions, choosing: ChoosingOptions, output: OutputOptions
) -> int:
    """Tail a stream of the built-in server: see what the program does, without a network or a key."""
    from sse_cli.cli.run import Job, run

    request = RequestOptions(json='{"model": "demo", "stream": true}', proxy="")
    groups = Groups(request=request, reading=reading, stopping=stopping, choosing=choosing, output=output)
    return run(Job(_host, groups))


@asynccontextmanager
async def _host() -> AsyncIterator[str]:
    from sse_cli.server.http import serve
    from sse_cli.server.tape import load_tape

    async with serve(load_tape("openai-chat")) as url:
        yield f"{url}/v1/chat/completions"
