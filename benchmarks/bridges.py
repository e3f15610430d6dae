"""What bridges from npm cost: stdio servers made reachable over HTTP.

The CPU counted is that of the bridge's own process; its stdio server is a child and left out.
"""

import contextlib
import http.client
import json
import os
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tests" / "faults"))

import proxies  # noqa: E402

PACKAGES = pathlib.Path(__file__).resolve().parent / "npm" / "node_modules"
NAMES = ("mcp-proxy", "supergateway")
CALLS = 400
STDIO_SERVER = pathlib.Path(__file__).resolve().parent / "stdio_server.py"

def command_of(name, node, port, server):
    """The bridge in front of one stdio server, one session a client."""
    if name == "mcp-proxy":
        return [node, PACKAGES / "mcp-proxy/dist/bin/mcp-proxy.mjs", "--host", "127.0.0.1", "--port", port, "--server",
                "stream", "--", *server]
    words = " ".join(f"'{word}'" for word in server)
    return [node, PACKAGES / "supergateway/dist/index.js", "--stdio", words, "--outputTransport", "streamableHttp",
            "--stateful", "--port", port, "--logLevel", "none"]


class Client:
    """A session over Streamable HTTP; answers may come as JSON or as one event."""

    def __init__(self, port):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        self.session = {}
        hello = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "bench", "version": "1"}}
        self.post({"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": hello})
        self.post({"jsonrpc": "2.0", "method": "notifications/initialized"})

    def post(self, message):
        fields = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream", **self.session}
        self.connection.request("POST", "/mcp", json.dumps(message), fields)
        answer = self.connection.getresponse()
        body = answer.read()
        if answer.status not in (200, 202):
            raise AssertionError(f"{answer.status}: {body[:200]}")
        if session := answer.getheader("mcp-session-id"):
            self.session = {"Mcp-Session-Id": session, "MCP-Protocol-Version": "2025-06-18"}
        return body

    def call(self, number, text):
        return self.post({"jsonrpc": "2.0", "id": number, "method": "tools/call",
                          "params": {"name": "search", "arguments": {"query": text}}})


@contextlib.contextmanager
def on_one_cpu():
    """This program, too: what wakes another CPU pays for that."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {0})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def cpu_per_call(name, node, size, process, rounds=3):
    """Microseconds of the bridge for a call of 256 B with a result of `size` bytes, one figure a round."""
    port = proxies.free_port()
    server = [sys.executable, "-S", "-E", str(STDIO_SERVER), str(size)]
    options = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with process(command_of(name, node, port, server), "0", **options) as bridge, on_one_cpu():
        proxies.await_listener(bridge, port, pathlib.Path("/dev/null"))
        client = Client(port)
        figures = []
        for number in range(1, (rounds + 1) * CALLS + 1):
            if number % CALLS == 1:
                before = proxies.cpu_us(bridge.pid)
            if client.call(number, "q" * 150).count(b"x") < size - 100:
                raise AssertionError(f"{name} answered otherwise")
            if number % CALLS == 0:
                figures.append((proxies.cpu_us(bridge.pid) - before) / CALLS)
        return figures[1:]  # The first round was for the compiler of JavaScript.
