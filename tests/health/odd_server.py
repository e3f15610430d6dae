"""HTTP upstreams that answer a pulse as no good server does, one kind a process.

    odd_server.py 401|403|404|405|500|hang|close|garbage|html|modern|legacy|sse

Prints its address.  `modern` and `legacy` speak their own era only; the latter keeps sessions and
says at /open how many are open.
"""

import http.server
import json
import sys
import threading
import uuid

KIND = sys.argv[1]
OPEN = set()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def send(self, status, body=b"", kind="application/json", **headers):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def message(self):
        return json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"{}")

    def result(self, message, result, **headers):
        self.send(200, json.dumps({"jsonrpc": "2.0", "id": message["id"], "result": result}).encode(), **headers)

    def error(self, status, code, wire_id=None):
        body = {"jsonrpc": "2.0", "id": wire_id, "error": {"code": code, "message": "no"}}
        self.send(status, json.dumps(body).encode())

    def modern(self, message):
        if self.headers.get("MCP-Protocol-Version") != "2026-07-28":
            return self.error(400, -32022)
        if self.headers.get("Mcp-Method") != message["method"]:
            return self.error(400, -32020)
        if message["method"] == "tools/list":
            return self.result(message, {"resultType": "complete", "tools": [{"name": "find"}]})
        if message["method"] != "server/discover":
            return self.error(404, -32601, message["id"])
        self.result(message, {"resultType": "complete", "supportedVersions": ["2026-07-28"], "capabilities": {}})

    def legacy(self, message):
        session = self.headers.get("Mcp-Session-Id")
        if message["method"] == "initialize":
            OPEN.add(session := uuid.uuid4().hex)
            return self.result(message, {"protocolVersion": "2025-06-18", "capabilities": {},
                                         "serverInfo": {"name": "legacy", "version": "1"}}, Mcp_Session_Id=session)
        if session not in OPEN:
            return self.error(400, -32000)
        if "id" not in message:
            return self.send(202)
        if message["method"] == "tools/list":
            return self.result(message, {"tools": [{"name": "find"}]})
        self.result(message, {})

    def do_POST(self):
        message = self.message()
        if KIND.isdigit():
            return self.send(int(KIND))
        if KIND == "hang":
            threading.Event().wait()
        if KIND == "close":
            self.close_connection = True
            return None
        if KIND == "garbage":
            self.close_connection = True
            return self.wfile.write(b"\x00\xffthis is no HTTP\r\n\r\n")
        if KIND == "html":
            return self.send(200, b"<html>hello</html>", "text/html")
        if KIND == "modern":
            return self.modern(message)
        if KIND == "legacy":
            return self.legacy(message)
        return self.send(404)

    def do_GET(self):
        if self.path == "/open":
            return self.send(200, json.dumps(len(OPEN)).encode())
        if KIND == "sse" and self.path == "/sse":
            return self.send(200, b"event: endpoint\ndata: /message?sessionId=1\n\n", "text/event-stream")
        if KIND in ("close", "garbage", "hang"):
            return self.do_POST()
        self.send(int(KIND) if KIND.isdigit() else 405)

    def do_DELETE(self):
        OPEN.discard(self.headers.get("Mcp-Session-Id"))
        self.send(200)

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
server.daemon_threads = True
print(f"listening on http://127.0.0.1:{server.server_port}", flush=True)
server.serve_forever()
