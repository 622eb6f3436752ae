"""An MCP server made with the official package. Prints its port, once it can be connected to.

Each answer is a stream: /mcp is stateless, so that one request by itself is a whole exchange.
"""

import socket

import uvicorn
from mcp.server import MCPServer
from mcp.server.mcpserver import Context

from tests.peers.expected import ERROR, TOKENS_TEXT

server = MCPServer("peer", log_level="ERROR")


@server.tool()
def say() -> str:
    """Give the text."""
    return TOKENS_TEXT


@server.tool()
async def count(ctx: Context) -> str:
    """Tell of its progress first."""
    for step in (1, 2):
        await ctx.report_progress(step, 2)
    return TOKENS_TEXT


@server.tool()
def fail() -> str:
    """Raise an error."""
    raise RuntimeError(ERROR["error"]["message"])


def main() -> None:
    app = server.streamable_http_app(stateless_http=True)
    config = uvicorn.Config(app, log_level="error")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        print(listener.getsockname()[1], flush=True)
        uvicorn.Server(config).run([listener])


if __name__ == "__main__":
    main()
