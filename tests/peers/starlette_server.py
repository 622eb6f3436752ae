"""The canonical streams by sse-starlette on uvicorn. Prints its port, once it can be connected to."""

import asyncio
import socket
from collections.abc import AsyncIterator
from dataclasses import asdict

import uvicorn
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from tests.peers.expected import BLOCKS, ERROR, SLOW, SLOW_GAP, TOKENS, Block


async def _play(blocks: list[Block], gap: float) -> AsyncIterator[ServerSentEvent]:
    for number, block in enumerate(blocks):
        if gap and number:
            await asyncio.sleep(gap)
        yield ServerSentEvent(**asdict(block))


async def _events(request: Request) -> EventSourceResponse:
    return EventSourceResponse(_play(BLOCKS, 0))


async def _tokens(request: Request) -> EventSourceResponse:
    return EventSourceResponse(_play(TOKENS, 0))


async def _slow(request: Request) -> EventSourceResponse:
    return EventSourceResponse(_play(SLOW, SLOW_GAP))


async def _error(request: Request) -> JSONResponse:
    return JSONResponse(ERROR, 500)


app = Starlette(
    routes=[
        Route("/events", _events),
        Route("/tokens", _tokens, methods=["GET", "POST"]),
        Route("/slow", _slow),
        Route("/error", _error),
    ]
)


def main() -> None:
    config = uvicorn.Config(app, log_level="error", lifespan="off")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        print(listener.getsockname()[1], flush=True)
        uvicorn.Server(config).run([listener])


if __name__ == "__main__":
    main()
