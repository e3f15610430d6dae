"""A server on FastMCP with the tools that the interop tests call."""

import json

from fastmcp import Context, FastMCP

server = FastMCP("fastmcp-interop")


@server.tool
def add(a: int, b: int) -> int:
    """Adds."""
    return a + b


@server.tool
def broken() -> str:
    """Fails."""
    raise ValueError("the table customers of Bob Miller is locked")


@server.tool
def rows(count: int) -> list[dict]:
    """A structured list."""
    return [{"row": number} for number in range(count)]


@server.tool
async def meta(ctx: Context) -> str:
    """What arrived in _meta."""
    found = ctx.request_context.meta if ctx.request_context else None
    if hasattr(found, "model_dump"):
        found = found.model_dump(mode="json", exclude_none=True)
    return json.dumps(found, default=str)


if __name__ == "__main__":
    server.run(show_banner=False)
