"""The library behind the protocol by which a harness drives clients of SSE. Prints its port, once it listens.

The protocol is that of launchdarkly/sse-contract-tests (docs/service_spec.md), whose harness can be run
against it: `python -m tests.peers.conformance_service`, then `sse-contract-tests -url http://127.0.0.1:PORT`.
"""

import asyncio
import socket
from contextlib import AbstractAsyncContextManager
from itertools import count
from typing import Any

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request as Asked
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sse_cli.core.reconnect import BUSY
from sse_cli.errors import UsageError
from sse_cli.stream import Comment, Fault, Limits, Policy, Reading, Request, Stream, connect

CAPABILITIES = (
    "bom", "comments", "headers", "last-event-id", "post", "read-timeout", "report", "restart",
    "server-directed-shutdown-request",
)  # fmt: skip

_STATUSES = BUSY | {500}

_streams: dict[str, tuple[Stream, asyncio.Task[None]]] = {}


def _connected(params: dict[str, Any]) -> AbstractAsyncContextManager[Stream]:
    request = Request.of(
        params["streamUrl"],
        method=params.get("method") or "GET",
        headers=params.get("headers"),
        body=(params.get("body") or "").encode(),
        last_event_id=params.get("lastEventId") or "",
    )
    delay, idle = params.get("initialDelayMs"), params.get("readTimeoutMs")
    policy = Policy(delay=1.0 if delay is None else delay / 1000, jitter=0.0, statuses=_STATUSES)
    return connect(request, reconnect=policy, limits=Limits(idle=None if idle is None else idle / 1000))


async def _tell_of(
    connected: AbstractAsyncContextManager[Stream], callback: str, begun: asyncio.Future[Stream]
) -> None:
    """Read a stream, and tell the harness of all that comes."""
    numbers = count(1)
    async with httpx.AsyncClient(trust_env=False) as harness, connected as stream:

        async def tell(kind: str, **more: object) -> None:
            await harness.post(f"{callback}/{next(numbers)}", json={"kind": kind, **more})

        begun.set_result(stream)
        async for item in stream:
            match item:
                case Reading(event=event):
                    of_event = {"type": event.type, "data": event.data, "id": event.last_event_id}
                    await tell("event", event=of_event)
                case Comment(text=text):
                    await tell("comment", comment=text)
                case Fault(error=error):
                    await tell("error", error=error)
        if stream.error is not None:
            await tell("error", error=stream.error.message)


async def _create(asked: Asked) -> Response:
    params = await asked.json()
    try:
        connected = _connected(params)
    except UsageError as error:
        return Response(error.message, status_code=400)
    begun: asyncio.Future[Stream] = asyncio.get_running_loop().create_future()
    task = asyncio.create_task(_tell_of(connected, params["callbackUrl"], begun))
    path = f"/streams/{len(_streams)}"
    _streams[path] = await begun, task
    return Response(status_code=201, headers={"Location": path})


async def _stream(asked: Asked) -> Response:
    stream, task = _streams[asked.url.path]
    if asked.method == "DELETE":
        task.cancel()
    elif (await asked.json())["command"] != "restart":
        return Response(status_code=400)
    else:
        stream.restart()
    return Response(status_code=204)


async def _state(_asked: Asked) -> Response:
    return JSONResponse({"name": "sse-cli", "capabilities": CAPABILITIES})


async def _stop(asked: Asked) -> Response:
    asked.app.state.server.should_exit = True
    return Response(status_code=204)


def main() -> None:
    app = Starlette(
        routes=[
            Route("/", _state),
            Route("/", _create, methods=["POST"]),
            Route("/", _stop, methods=["DELETE"]),
            Route("/streams/{number}", _stream, methods=["POST", "DELETE"]),
        ]
    )
    app.state.server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off"))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        print(listener.getsockname()[1], flush=True)
        app.state.server.run([listener])


if __name__ == "__main__":
    main()
