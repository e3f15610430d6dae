"""A server on stdio that answers tools/call with a text of the size it is told: stdio_server.py BYTES."""

import json
import sys

TEXT = "x" * max(int(sys.argv[1]) - 80, 1)
ANSWERS = {"initialize": {"protocolVersion": "2025-06-18", "capabilities": {"tools": {}},
                          "serverInfo": {"name": "s", "version": "1"}},
           "tools/list": {"tools": [{"name": "search", "inputSchema": {"type": "object"}}]},
           "ping": {},
           "tools/call": {"content": [{"type": "text", "text": TEXT}]}}

for line in sys.stdin:
    message = json.loads(line)
    if "id" not in message or "method" not in message:
        continue
    answer = {"jsonrpc": "2.0", "id": message["id"]}
    if message["method"] in ANSWERS:
        answer["result"] = ANSWERS[message["method"]]
    else:
        answer["error"] = {"code": -32601, "message": "Method not found"}
    print(json.dumps(answer), flush=True)
