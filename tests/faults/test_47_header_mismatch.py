"""Headers that say another method or tool than the body: the body is believed (test 47)."""

import json

from http_support import ProxyTest, answering, call, json_answer, ours, post, result_of

VERSION = "2026-07-28"


def modern(number, tool="echo", **changes):
    message = {"jsonrpc": "2.0", "id": number, "method": "tools/call",
               "params": {"_meta": {"io.modelcontextprotocol/protocolVersion": VERSION}, "name": tool, "arguments": {}}}
    return json.dumps({**message, **changes}).encode()


def fields(method=b"tools/call", name=b"echo", version=VERSION.encode()):
    return b"MCP-Protocol-Version: " + version + b"\r\nMcp-Method: " + method + b"\r\nMcp-Name: " + name + b"\r\n"


# What the headers say wrongly of a call of `echo`.
MISMATCHES = {
    "another tool": fields(name=b"harmless"),
    "another method": fields(method=b"tools/list"),
    "a name in base64": fields(name=b"=?base64?aGFybWxlc3M=?="),
    "another case": fields(name=b"ECHO"),
}
MATCHES = {
    "as the body": fields(),
    "the same in base64": fields(name=b"=?base64?ZWNobw==?="),
    "no name": b"MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: tools/call\r\n",  # The server tells.
}


class HeaderMismatch(ProxyTest):
    def setUp(self):
        super().setUp()
        self.seen = []

    def start(self, *flags):
        def respond(request):
            self.seen.append(request)
            return json_answer(result_of(json.loads(request.body)["id"]))

        return self.proxy(self.origin(answering(respond)), *flags)

    @ours
    def test_labels_are_the_bodys(self):
        proxy = self.start()
        client = self.connect(proxy)
        for i, (name, extra) in enumerate({**MISMATCHES, **MATCHES}.items()):
            with self.subTest(name):
                self.assertEqual(client.exchange(post(modern(i), extra=extra)).status, 200)
                record = self.calls(proxy, i + 1)[-1]
                self.assertEqual(record["method"], "tools/call")
                self.assertIn(record["tool_name"], ("echo", "__unknown__"))
                self.assertNotIn("harmless", json.dumps(record["tool_name"]))
                for line in extra.decode().split("\r\n"):  # Passed on as they were.
                    if line:
                        self.assertEqual(self.seen[-1].get(line.split(": ")[0]), line.split(": ")[1])
        self.eventually(lambda: self.counter(proxy, "anomaly_header_mismatch") == len(MISMATCHES), 5,
                        f"each mismatch is counted, {self.counter(proxy, 'anomaly_header_mismatch')} were")

    @ours
    def test_the_server_decides_unless_we_are_strict(self):
        strict = self.start("--strict")
        for name, extra in MISMATCHES.items():
            with self.subTest(name):
                self.seen.clear()
                answer = self.connect(strict).exchange(post(modern(7), extra=extra))
                self.assertEqual(answer.status, 400)
                self.assertEqual((answer.json()["error"]["code"], answer.json()["id"]), (-32020, 7))
                self.assertEqual(self.seen, [])
        for name, extra in MATCHES.items():
            with self.subTest(name):
                self.assertEqual(self.connect(strict).exchange(post(modern(8), extra=extra)).status, 200)

    @ours
    def test_strict_asks_nothing_of_older_clients(self):
        proxy = self.start("--strict")
        for extra in (b"", b"MCP-Protocol-Version: 2025-11-25\r\n", b"MCP-Protocol-Version: 2025-06-18\r\nMcp-Session-Id: 1\r\n"):
            self.assertEqual(self.connect(proxy).exchange(post(call(1), extra=extra)).status, 200)

    @ours
    def test_a_denied_tool_is_denied_whatever_the_headers_say(self):
        proxy = self.start("--deny-tool", "rm*")
        client = self.connect(proxy)
        answer = client.exchange(post(modern(1, "rm-rf"), extra=fields(name=b"echo")))
        self.assertIn("error", answer.json())
        self.assertEqual(answer.json()["id"], 1)
        self.assertEqual(self.seen, [])
        self.assertEqual(client.exchange(post(modern(2), extra=fields(name=b"rm-rf"))).status, 200)
        self.assertEqual(len(self.seen), 1)
        self.assertEqual(self.calls(proxy, 2)[0]["status"], "denied")

    @ours
    def test_denying_is_not_got_around_by_how_it_is_written(self):
        proxy = self.start("--deny-tool", "secret")
        bodies = {
            "escaped": b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"\\u0073ecret"}}',
            "escaped key": b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"n\\u0061me":"secret"}}',
            "name last": b'{"params":{"arguments":{"a":"' + b"x" * 300_000 + b'"},"name":"secret"},"id":1,"method":"tools/call"}',
            "method last": b'{"jsonrpc":"2.0","id":1,"params":{"name":"secret"},"method":"tools/call"}',
            "name twice": b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","name":"secret"}}',
            "name twice, first": b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"secret","name":"echo"}}',
            "blanks": b'\r\n\t {"jsonrpc":"2.0","id":1,"method":"tools/call","params" : { "name" : "secret" } }',
            "batch": b'[{"jsonrpc":"2.0","id":1,"method":"ping"},{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"secret"}}]',
        }
        for name, body in bodies.items():
            with self.subTest(name):
                self.seen.clear()
                answer = self.connect(proxy).exchange(post(body))
                self.assertEqual(self.seen, [], answer.body)
                self.assertIn(answer.status, (200, 400, 403, 413))
