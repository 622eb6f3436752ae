"""The face for httpx: its client streams over our connections."""

import asyncio

import httpx

from sse_cli.server.http import serve
from sse_cli.server.tape import load_tape
from sse_cli.sources.connection import Connection
from sse_cli.sources.transport import CONNECTION, StreamTransport


def test_an_httpx_client_streams_over_it() -> None:
    async def go() -> None:
        async with (
            serve(load_tape("openai-chat")) as url,
            httpx.AsyncClient(transport=StreamTransport()) as client,
            client.stream("POST", f"{url}/v1/chat/completions", json={"stream": True}) as response,
        ):
            assert (response.status_code, response.http_version) == (200, "HTTP/1.1")
            assert isinstance(response.extensions[CONNECTION], Connection)
            body = b"".join([piece async for piece in response.aiter_raw()])
        assert body.endswith(b"data: [DONE]\n\n")

    asyncio.run(go())
