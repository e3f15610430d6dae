"""Streams that a client may send: all revisions, and everything that is odd on a wire."""

import json

REVISIONS = ("2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25")


def line(message):
    return json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def legacy_session(revision):
    return b"".join([
        line({"jsonrpc": "2.0", "id": 0, "method": "initialize",
              "params": {"protocolVersion": revision, "capabilities": {},
                         "clientInfo": {"name": "t", "version": "1"}}}),
        line({"jsonrpc": "2.0", "method": "notifications/initialized"}),
        line({"method": "tools/list", "jsonrpc": "2.0", "id": 1}),
        line({"jsonrpc": "2.0", "id": "two", "method": "tools/call",
              "params": {"name": "echo", "arguments": {"text": "h\u00e9llo"},
                         "_meta": {"progressToken": 1}}}),
        line({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 1}}),
        line({"jsonrpc": "2.0", "id": 9, "result": {"roots": []}}),
        line({"jsonrpc": "2.0", "id": 10, "error": {"code": -32601, "message": "no"}}),
    ])


def modern_session():
    meta = {"io.modelcontextprotocol/protocolVersion": "2026-07-28"}
    return b"".join([
        line({"jsonrpc": "2.0", "id": "server-discover-probe-1", "method": "server/discover",
              "params": {"_meta": meta}}),
        line({"jsonrpc": "2.0", "id": 2, "method": "tools/call",
              "params": {"_meta": meta, "name": "echo", "arguments": {}}}),
        line({"jsonrpc": "2.0", "id": "listen:0", "method": "subscriptions/listen",
              "params": {"_meta": meta}}),
    ])


def sized_request(size):
    """A request of exactly `size` bytes with its newline."""
    begin = b'{"jsonrpc":"2.0","id":5,"method":"tools/call","params":{"name":"x","arguments":{"t":"'
    end = b'"}}}\n'
    return begin + b"y" * (size - len(begin) - len(end)) + end


def without_requests():
    """name -> bytes in which there is nothing to splice into, or nothing that may be touched."""
    answer = line({"result": {"content": [{"type": "text", "text": "a\u2028b\u2029c"}]}, "jsonrpc": "2.0", "id": 3})
    found = {
        "answers": answer * 3,
        "answers with CRLF": answer.replace(b"\n", b"\r\n") * 3,
        "an answer without newline": answer.strip(),
        "an answer after a byte order mark": b"\xef\xbb\xbf" + answer,
        "invalid UTF-8 in an answer": b'{"jsonrpc":"2.0","id":1,"result":"\xff\xfe\xc0\xaf\xed\xa0\x80"}\n',
        "an answer that quotes a request": line({"id": 1, "result": {"method": "x", "id": 2, "params": {}}}),
        "notifications": line({"jsonrpc": "2.0", "method": "notifications/x", "params": {"_meta": {}}}) * 2,
        "a batch": b'[{"jsonrpc":"2.0","id":1,"method":"ping"},{"jsonrpc":"2.0","method":"notifications/x"}]\n',
        "traceparent of the client": line({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {
            "name": "x", "_meta": {"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}}}),
        "no JSON": b"Server listening on stdio\n[INFO] ready\n{oops\n\x1b[31mred\x1b[0m\n\x00\x00\n",
    }
    found["all in one stream"] = b"".join(found[name] for name in ("answers", "a batch", "traceparent of the client"))
    for size in (65535, 65536, 65537, 300_000):
        found[f"an answer of {size} bytes"] = b'{"result":"' + b"x" * (size - 14) + b'"}\n' + answer
    return found


def corpora():
    """name -> bytes.  No member of ours is in any of them."""
    ping = line({"jsonrpc": "2.0", "id": 3, "method": "ping"})
    found = {f"revision {revision}": legacy_session(revision) for revision in REVISIONS}
    found.update({
        "revision 2026-07-28": modern_session(),
        "batch": b"[" + ping.strip() + b"," + ping.strip() + b"]\n" + ping + b"[]\n",
        "blank lines": b"\n\n" + ping + b"\n \n\t\n" + ping + b"\n",
        "byte order mark": b"\xef\xbb\xbf" + ping + ping,
        "CRLF": ping.replace(b"\n", b"\r\n") * 3,
        "no trailing newline": ping + ping.strip(),
        "unfinished": ping + ping[:20],
        "nothing": b"",
        "only newlines": b"\n" * 100,
        "invalid UTF-8": line({"id": 1, "method": "x", "params": {"a": "@"}}).replace(b"@", b"\xff\xc3\x28") + ping,
        "NUL": b"\0" + ping + b"a\0b\n" + ping,
        "line separators": line({"id": 1, "method": "x", "params": {"a": "\u2028\u2029\u0085"}}) + ping,
        "astral": line({"id": 1, "method": "x", "params": {"a": "\U0001f600" * 50}}) * 3,
        "escapes": b'{"id":1,"m\\u0065thod":"x","params":{"\\u005fmeta":{}}}\n' + ping,
        "spaces": b'  { "id" : 1 , "method" : "x" , "params" : { "_meta" : { } } }  \n' + ping,
        "params that are no object": b'{"id":1,"method":"x","params":[1]}\n{"id":2,"method":"x","params":null}\n',
        "traceparent of the client": line({"id": 1, "method": "x", "params": {"_meta": {
            "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"}}}),
        "deep": b'{"id":1,"method":"x","params":{"a":' + b"[" * 5000 + b"]" * 5000 + b"}}\n" + ping,
        "not JSON": b"Starting server...\n{]\n\x1b[31mred\x1b[0m\n" + ping,
        "binary": bytes(range(256)) * 300,
        "much noise": b"noise\n" * 500 + ping,
    })
    for size in (4095, 4096, 4097, 65535, 65536, 65537, 131072, 300_000):
        found[f"{size} bytes"] = sized_request(size) + ping
    return found
