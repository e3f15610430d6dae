"""The same MCP server on FastMCP or on the Python SDK alone, over HTTP, for the interop tests.

    http_servers.py fastmcp|sdk PORT
"""

import sys

import anyio
from pydantic import BaseModel


class Answer(BaseModel):
    """What the user is asked for."""

    color: str


def add_tools(server, context):
    """Registers the tools; both frameworks take the same functions, but each has its own Context."""

    @server.tool()
    def add(a: int, b: int) -> int:
        """Adds."""
        return a + b

    @server.tool()
    def broken() -> str:
        """Fails."""
        raise ValueError("the table customers of Bob Miller is locked")

    async def steps(ctx) -> str:
        """Reports progress three times."""
        for step in (1, 2, 3):
            await ctx.report_progress(step, 4)
            await anyio.sleep(0.03)
        return "done"

    async def ask(ctx) -> str:
        """Asks the user for a color."""
        answer = await ctx.elicit("Which color?", Answer)
        return f"{answer.action}: {answer.data.color}"

    async def wait(ctx) -> str:
        """Takes half a second."""
        await anyio.sleep(0.5)
        return "waited"

    for tool in (steps, ask, wait):
        tool.__annotations__["ctx"] = context
        server.tool()(tool)


def fastmcp(port):
    from fastmcp import Context, FastMCP
    server = FastMCP("python-fastmcp")
    add_tools(server, Context)
    server.run(transport="http", host="127.0.0.1", port=port, show_banner=False, log_level="info")


def sdk(port):
    from mcp.server.mcpserver import Context, MCPServer
    server = MCPServer("python-sdk")
    add_tools(server, Context)
    server.run(transport="streamable-http", host="127.0.0.1", port=port)


if __name__ == "__main__":
    {"fastmcp": fastmcp, "sdk": sdk}[sys.argv[1]](int(sys.argv[2]))
