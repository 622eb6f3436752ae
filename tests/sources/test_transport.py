"""The face for httpx: its client streams over our connections."""

import asyncio

import httpx

from sse_cli.core.pace import Pace
from sse_cli.server.http import serve
from sse_cli.server.load import bundled_tape
from sse_cli.server.routes import Routes
from sse_cli.sources.connection import Connection
from sse_cli.sources.route import Route
from sse_cli.sources.transport import CONNECTION, StreamTransport
from tests.peers.http2 import Http2Server, data, end, head


def test_an_httpx_client_streams_over_it() -> None:
    async def go() -> None:
        async with (
            serve(Routes([bundled_tape("openai-chat", Pace(speed=0))])) as server,
            httpx.AsyncClient(transport=StreamTransport()) as client,
            client.stream("POST", f"{server.url}/v1/chat/completions", json={"stream": True}) as response,
        ):
            assert (response.status_code, response.http_version) == (200, "HTTP/1.1")
            assert isinstance(response.extensions[CONNECTION], Connection)
            body = b"".join([piece async for piece in response.aiter_raw()])
        assert body.endswith(b"data: [DONE]\n\n")

    asyncio.run(go())


def test_it_streams_over_http2_as_well() -> None:
    async def go(url: str) -> None:
        transport = StreamTransport(Route(http2="known"))
        async with httpx.AsyncClient(transport=transport) as client:
            response = await client.post(url, content=b"body")
        assert (response.http_version, response.headers["content-type"]) == ("HTTP/2", "text/event-stream")
        assert response.content == b"data: one\n\n"

    with Http2Server([head(), data(b"data: one\n\n"), end]) as server:
        asyncio.run(go(f"{server.url}/a"))
    assert (server.requests[0].method, server.requests[0].body) == ("POST", b"body")
