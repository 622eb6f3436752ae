"""The canonical streams with content codings, by Starlette on uvicorn. Prints its port.

/events?coding=… is coded as it says, and flushed after each block. /steps?coding=… is `expected.SLOW`: each
block but the first is sent when /go has been asked for once more.
"""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterable

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from tests.peers.expected import BLOCKS, SLOW, wire
from tests.peers.packing import packer

_go = asyncio.Semaphore(0)


async def _pieces(texts: Iterable[bytes], codings: str, wait: bool) -> AsyncIterator[bytes]:
    coding = packer(codings) if codings else None
    for number, text in enumerate(texts):
        if wait and number:
            await _go.acquire()
        yield coding.pack(text) if coding else text
    if coding:
        yield coding.end()


def _answer(request: Request, texts: Iterable[bytes], wait: bool) -> Response:
    codings = request.query_params.get("coding", "")
    headers = {"Content-Encoding": codings} if codings else {}
    pieces = _pieces(texts, codings, wait)
    return StreamingResponse(pieces, media_type="text/event-stream", headers=headers)


async def _events(request: Request) -> Response:
    return _answer(request, (wire([block]) for block in BLOCKS), wait=False)


async def _steps(request: Request) -> Response:
    return _answer(request, (wire([block]) for block in SLOW), wait=True)


async def _next(request: Request) -> Response:
    _go.release()
    return Response()


def main() -> None:
    routes = [Route("/events", _events), Route("/steps", _steps), Route("/go", _next)]
    config = uvicorn.Config(Starlette(routes=routes), log_level="error", lifespan="off")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        print(listener.getsockname()[1], flush=True)
        uvicorn.Server(config).run([listener])


if __name__ == "__main__":
    main()
