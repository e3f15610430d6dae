"""FastMCP and the Python SDK, servers and clients in both eras, through `sonde proxy`."""

import asyncio
import json
import pathlib
import sys
import time
import unittest

import httpx2
import mcp_types
from fastmcp import Client as FastMcpClient
from fastmcp.client.transports import StreamableHttpTransport
from mcp.client import Client as SdkClient
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.exceptions import MCPError

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "http"))
import log_checks  # noqa: E402
from servers import ROOT, HttpTest, Started, free_port, measured, origin  # noqa: E402

SERVERS = str(ROOT / "tests" / "interop" / "http_servers.py")
STEPS = [("add", {"a": 2, "b": 40}), ("broken", {}), ("steps", {}), ("wait", {})]


class Witness:
    """What a client saw, in the form of log_checks; its hooks note what passes through httpx."""

    def __init__(self):
        self.transcript = []
        self.report = {"requests": [], "calls": []}
        self.step = "before"

    async def on_response(self, response):
        request = response.request
        if request.method != "POST":
            return
        message = json.loads(request.content)
        if "method" not in message or "id" not in message:
            return
        kept = {name: response.headers.get(name) for name in ("x-request-id", "x-correlation-id", "mcp-session-id")}
        self.report["requests"].append({
            "step": self.step, "method": message["method"], "name": message.get("params", {}).get("name"),
            "session": request.headers.get("mcp-session-id"), "http_status": response.status_code, **kept})

    def http_client(self, **options):
        return httpx2.AsyncClient(event_hooks={"response": [self.on_response]}, **options)

    async def call(self, number, tool, run):
        self.step = f"call {tool} {number}"
        began = time.perf_counter()
        try:
            failed, text = await run()
        except MCPError as error:  # As the SDK's own server answers in the modern era when a tool wants to ask.
            failed, text = True, str(error)
        took = (time.perf_counter() - began) * 1000
        self.transcript.append((tool, failed, text))
        self.report["calls"].append({"step": self.step, "tool": tool, "took_ms": took,
                                     "status": "error" if failed else "ok"})


async def drive_fastmcp(url, mode, witness):
    async def progress(done, total, _):
        witness.transcript.append(("progress", done, total))

    async def elicited(message, _type, _params, _context):
        witness.transcript.append(("asked", message))
        return {"color": "green"}

    transport = StreamableHttpTransport(url, httpx_client_factory=witness.http_client)
    async with FastMcpClient(transport, mode=mode, progress_handler=progress, elicitation_handler=elicited) as client:
        witness.transcript.append(sorted(tool.name for tool in await client.list_tools()))
        for number, (tool, arguments) in enumerate([*STEPS, ("ask", {})]):
            async def run(tool=tool, arguments=arguments):
                result = await client.call_tool(tool, arguments, raise_on_error=False)
                return result.is_error, result.content[0].text
            await witness.call(number, tool, run)


async def drive_sdk(url, mode, witness):
    async def progress(done, total, _):
        witness.transcript.append(("progress", done, total))

    async def elicited(_context, params):
        witness.transcript.append(("asked", params.message))
        return mcp_types.ElicitResult(action="accept", content={"color": "green"})

    async with witness.http_client(timeout=30) as http:
        transport = streamable_http_client(url, http_client=http)
        async with SdkClient(transport, mode=mode, elicitation_callback=elicited) as client:
            witness.transcript.append(sorted(tool.name for tool in (await client.list_tools()).tools))
            for number, (tool, arguments) in enumerate([*STEPS, ("ask", {})]):
                async def run(tool=tool, arguments=arguments):
                    result = await client.call_tool(tool, arguments, progress_callback=progress)
                    return bool(result.is_error), result.content[0].text
                await witness.call(number, tool, run)


class PythonOverHttp(HttpTest):
    def server(self, kind):
        command = [sys.executable, SERVERS, kind, str(free_port())]
        return self.started(Started(command, r"running on (http://[\d.:]+)")).address + "/mcp"

    def witnessed(self, drive, url, mode):
        witness = Witness()
        asyncio.run(asyncio.wait_for(drive(url, mode, witness), 60))
        return witness

    def compare(self, kind, drive, mode):
        url = self.server(kind)
        proxy = self.proxy(origin(url))
        direct = self.witnessed(drive, url, mode)
        proxied = self.witnessed(drive, proxy.address + "/mcp", mode)
        self.assertEqual(proxied.transcript, direct.transcript)
        self.assertIn(("add", False, "42"), direct.transcript)
        self.assertEqual(proxy.stop(), 0, "".join(proxy.said))
        wrong = log_checks.complaints(self.home.lines(), [proxied.report], self.home.raw_log())
        self.assertEqual(wrong, [])
        self.assertNotIn("Miller", self.home.raw_log())
        measured(f"{kind} server, {drive.__name__}, {mode}: the same direct and through the proxy, "
                 f"{len(log_checks.calls_in(self.home.lines()))} calls in the log")

    def test_fastmcp_in_the_modern_era(self):
        self.compare("fastmcp", drive_fastmcp, "auto")

    def test_fastmcp_in_the_legacy_era(self):
        self.compare("fastmcp", drive_fastmcp, "legacy")

    def test_the_python_sdk_in_the_modern_era(self):
        self.compare("sdk", drive_sdk, "auto")

    def test_the_python_sdk_in_the_legacy_era(self):
        self.compare("sdk", drive_sdk, "legacy")

    def test_the_clients_with_each_others_servers(self):
        self.compare("sdk", drive_fastmcp, "auto")


if __name__ == "__main__":
    unittest.main()
