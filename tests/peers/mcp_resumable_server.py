"""An MCP server made with the official package, which keeps the events of its sessions to be resumed by.

Prints its port, once it can be connected to. It takes part in polling: one of its tools closes the stream
that asked for it, and the answer is fetched later.
"""

import socket

import uvicorn
from mcp.server import MCPServer
from mcp.server.mcpserver import Context
from mcp.server.streamable_http import EventCallback, EventMessage, EventStore
from mcp_types import JSONRPCMessage

from tests.peers.expected import TOKENS_TEXT

server = MCPServer("peer", log_level="ERROR")


class Memory(EventStore):
    """Keeps every message of every stream; the id of an event is its place."""

    def __init__(self) -> None:
        self._kept: list[tuple[str, JSONRPCMessage | None]] = []

    async def store_event(self, stream_id: str, message: JSONRPCMessage | None) -> str:
        self._kept.append((stream_id, message))
        return str(len(self._kept) - 1)

    async def replay_events_after(self, last_event_id: str, send_callback: EventCallback) -> str | None:
        stream, _ = self._kept[int(last_event_id)]
        for place, (other, message) in enumerate(self._kept):
            if place > int(last_event_id) and other == stream and message is not None:
                await send_callback(EventMessage(message, str(place)))
        return stream


@server.tool()
async def poll(ctx: Context) -> str:
    """Tell of its progress, close the stream, and tell more to whoever comes back."""
    await ctx.report_progress(1, 2)
    await ctx.close_sse_stream()
    await ctx.report_progress(2, 2)
    return TOKENS_TEXT


@server.tool()
async def hide(ctx: Context) -> str:
    """Close the stream before anything is told."""
    await ctx.close_sse_stream()
    return TOKENS_TEXT


def main() -> None:
    app = server.streamable_http_app(event_store=Memory(), retry_interval=10)
    config = uvicorn.Config(app, log_level="error")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        print(listener.getsockname()[1], flush=True)
        uvicorn.Server(config).run([listener])


if __name__ == "__main__":
    main()
