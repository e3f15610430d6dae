"""An MCP server on stdio whose answers the test decides: each tool does what its name says.

It speaks the real protocol (2025-11-25) over real pipes; it is a server, not a stand-in
for one, and small enough to know every byte it writes.
"""

import json
import os
import sys
import time

TOOLS = ["echo", "fail", "refuse", "sleep", "big", "noise", "print_environment", "complain", "show_meta", "exit"]


def write(message):
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


def text(value, **more):
    return {"content": [{"type": "text", "text": value}], **more}


def call(name, arguments, params):
    if name == "echo":
        return text(arguments.get("text", ""))
    if name == "fail":
        return text(arguments.get("text", "it failed"), isError=True)
    if name == "sleep":
        time.sleep(arguments["seconds"])
        return text("slept")
    if name == "big":
        return text("x" * arguments["bytes"])
    if name == "noise":
        for line in arguments["lines"]:
            print(line, flush=True)
        return text("noisy")
    if name == "print_environment":
        return text(json.dumps(dict(os.environ)))
    if name == "complain":
        print(arguments["text"], file=sys.stderr, flush=True)
        return text("complained")
    if name == "show_meta":
        return text(json.dumps(params.get("_meta")))
    if name == "exit":
        os._exit(arguments.get("code", 0))
    return text(f"Tool {name} not found", isError=True)


def answer(message):
    method, params = message["method"], message.get("params") or {}
    if method == "initialize":
        return {"protocolVersion": params.get("protocolVersion", "2025-11-25"), "capabilities": {"tools": {}},
                "serverInfo": {"name": "scripted", "version": "1.2.3"}}
    if method == "tools/list":
        return {"tools": [{"name": name, "inputSchema": {"type": "object"}} for name in TOOLS]}
    if method == "tools/call":
        return call(params["name"], params.get("arguments") or {}, params)
    if method == "ping":
        return {}
    return None


def main():
    for line in sys.stdin:
        if not line.strip():
            continue
        message = json.loads(line)
        if "id" not in message or "method" not in message:
            continue
        if message["method"] == "tools/call" and message["params"]["name"] == "refuse":
            error = {"code": -32602, "message": message["params"].get("arguments", {}).get("text", "refused")}
            write({"jsonrpc": "2.0", "id": message["id"], "error": error})
            continue
        result = answer(message)
        if result is None:
            write({"jsonrpc": "2.0", "id": message["id"], "error": {"code": -32601, "message": "Method not found"}})
        else:
            write({"jsonrpc": "2.0", "id": message["id"], "result": result})


if __name__ == "__main__":
    main()
