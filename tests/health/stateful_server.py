"""An MCP server that holds state, and dies as it is told: on stdio, or over HTTP with sessions.

    stateful_server.py [--modern] [--effects FILE]            stdio
    stateful_server.py --http PORT                            Streamable HTTP on 127.0.0.1

Tools: `count` says how often it was called; `slow` writes a line to FILE, then takes SECONDS; `die`
ends with exit code 1, or by the signal that is asked for.  The state is lost with the process.
"""

import argparse
import http.server
import json
import os
import signal
import sys
import time
import uuid

TOOLS = ["count", "slow", "die"]


class State:
    def __init__(self, effects):
        self.effects = effects
        self.count = 0

    def call(self, name, arguments):
        if name == "count":
            self.count += 1
            return text(str(self.count))
        if name == "slow":
            with open(self.effects, "a") as file:
                file.write("done\n")
            time.sleep(arguments["seconds"])
            return text("slept")
        if name == "die":
            print("about to die", file=sys.stderr, flush=True)
            if "signal" in arguments:
                os.kill(os.getpid(), signal.Signals[arguments["signal"]])
            os._exit(1)
        return text("no such tool", isError=True)

    def answer(self, method, params, modern):
        if method == "initialize" and not modern:
            return {"protocolVersion": params["protocolVersion"], "capabilities": {"tools": {"listChanged": True}},
                    "serverInfo": {"name": "stateful", "version": "1"}}
        if method == "server/discover" and modern:
            return {"resultType": "complete", "supportedVersions": ["2026-07-28"], "capabilities": {"tools": {}},
                    "ttlMs": 0, "cacheScope": "private",
                    "_meta": {"io.modelcontextprotocol/serverInfo": {"name": "stateful", "version": "1"}}}
        more = {"resultType": "complete"} if modern else {}
        if method == "tools/list":
            listed = [{"name": name, "inputSchema": {"type": "object"}} for name in TOOLS]
            return {"tools": listed, **more, **({"ttlMs": 0, "cacheScope": "private"} if modern else {})}
        if method == "tools/call":
            return {**self.call(params["name"], params.get("arguments") or {}), **more}
        if method == "ping" and not modern:
            return {}
        return None


def text(value, **more):
    return {"content": [{"type": "text", "text": value}], **more}


def response(state, message, modern):
    result = state.answer(message["method"], message.get("params") or {}, modern)
    outcome = {"result": result} if result is not None else {"error": {"code": -32601, "message": "Method not found"}}
    return {"jsonrpc": "2.0", "id": message["id"], **outcome}


def serve_stdio(state, modern):
    for line in sys.stdin:
        message = json.loads(line)
        if "id" in message and "method" in message:
            print(json.dumps(response(state, message, modern)), flush=True)


class Handler(http.server.BaseHTTPRequestHandler):
    """Legacy Streamable HTTP, answers as JSON; a session that is not known is 404."""

    protocol_version = "HTTP/1.1"
    sessions = {}

    def do_POST(self):
        message = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        wanted = self.headers.get("Mcp-Session-Id")
        if message["method"] == "initialize":
            wanted = uuid.uuid4().hex
            self.sessions[wanted] = State(os.devnull)
        elif wanted is None:
            return self.send(400, {"jsonrpc": "2.0", "id": None, "error": {"code": -32000, "message": "no session"}})
        elif wanted not in self.sessions:
            return self.send(404, {"jsonrpc": "2.0", "id": None, "error": {"code": -32001, "message": "not found"}})
        if "id" not in message:
            return self.send(202)
        self.send(200, response(self.sessions[wanted], message, False), wanted)

    def do_GET(self):
        self.send(405)

    def do_DELETE(self):
        self.sessions.pop(self.headers.get("Mcp-Session-Id"), None)
        self.send(200)

    def send(self, status, body=None, session=None):
        data = b"" if body is None else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        if data:
            self.send_header("Content-Type", "application/json")
        if session:
            self.send_header("Mcp-Session-Id", session)
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        pass


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--modern", action="store_true")
    parser.add_argument("--effects", default=os.devnull)
    parser.add_argument("--http", type=int)
    arguments = parser.parse_args()
    if arguments.http is None:
        return serve_stdio(State(arguments.effects), arguments.modern)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", arguments.http), Handler)
    print(f"listening on http://127.0.0.1:{arguments.http}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
