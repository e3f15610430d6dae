"""Bytes that would begin a new line never reach a head or a log raw (test 44)."""

import json
import pathlib

from http_support import ProxyTest, answering, call, get, json_answer, ours, post
from support import SONDE

HOSTILE = "a\r\nX-Evil: 1\r\n\r\n\x00\x1b[31m\x7f\u0085\u2028\u2029\u202e"


class HeaderInjection(ProxyTest):
    def setUp(self):
        super().setUp()
        self.seen = []

    def respond(self, request):
        self.seen.append(request)
        message = request.json() if request.body else {"id": 0}
        return json_answer({"jsonrpc": "2.0", "id": message["id"], "result": {"content": []}})

    def assert_log_is_clean(self, proxy):
        """Lines of the log are whole JSON, and no control byte is raw in them."""
        for path in (pathlib.Path(proxy.folder) / "state" / "log").glob("*.jsonl"):
            data = path.read_bytes()
            for line in data.splitlines():
                json.loads(line)
            self.assertFalse(set(data) & (set(range(0x20)) - {0x0A} | {0x7F}), "a control byte is raw in the log")
            for raw in ("\u0085", "\u2028", "\u2029"):
                self.assertNotIn(raw.encode(), data)
        self.assertNotIn(b"\x1b", proxy.stderr.read_bytes())

    @ours
    def test_names_in_bodies_stay_in_their_line(self):
        proxy = self.proxy(self.origin(answering(self.respond)))
        client = self.connect(proxy)
        for i, message in enumerate((call(1, HOSTILE), call(2, "x", **{HOSTILE: 1}), call(HOSTILE, "x"))):
            answer = client.exchange(post(message))
            self.assertEqual(answer.status, 200)
            self.assertNotIn("x-evil", [name.lower() for name, _ in answer.fields])
            self.calls(proxy, i + 1)
        names = [record["tool_name"] for record in self.calls(proxy, 3)]
        self.assertTrue(all(name.isprintable() for name in names), names)
        self.assert_log_is_clean(proxy)

    @ours
    def test_ids_of_clients_are_refused_or_returned_harmless(self):
        proxy = self.proxy(self.origin(answering(self.respond)))
        for name in (b"X-Correlation-Id", b"X-Request-Id", b"Mcp-Session-Id", b"traceparent", b"tracestate", b"baggage",
                     b"X-Amzn-Trace-Id"):
            for value in (b"a\rX-Evil: 1", b"a\nX-Evil: 1", b"a\0b", b"a\x1b[31m", b"\xff\xfe", b"x" * 4000, b"a b", b"\"'<>",
                          b"%0d%0aX-Evil:1", b""):
                with self.subTest(name, value=value):
                    client = self.connect(proxy)
                    answer = client.exchange(post(call(1), extra=name + b": " + value + b"\r\n"))
                    self.assertIn(answer.status, (200, 400))
                    self.assertEqual(answer.all("X-Evil"), [])
                    correlation = answer.get("x-correlation-id", "-")
                    self.assertRegex(correlation, r"\A[\x21-\x7e]{1,128}\Z")
                    client.close()
        for request in self.seen:
            self.assertEqual(request.all("X-Evil"), [])
        self.assert_log_is_clean(proxy)

    @ours
    def test_session_ids_of_upstreams_pass_or_are_a_502(self):
        values = (b"a\rX-Evil: 1", b"a\nX-Evil: 1", b"a\0b", b"a\x1b[31m", b"ok-1")

        def respond(request):
            return json_answer(b"{}", b"Mcp-Session-Id: " + values[int(request.target[1:])] + b"\r\n")

        proxy = self.proxy(self.origin(answering(respond)))
        for i, value in enumerate(values):
            with self.subTest(value):
                answer = self.connect(proxy).exchange(get(b"/%d" % i))
                self.assertEqual(answer.status, 200 if value == b"ok-1" else 502)
                self.assertEqual(answer.all("X-Evil"), [])
        self.assert_log_is_clean(proxy)

    @ours
    def test_the_correlation_id_of_a_client_comes_back(self):
        proxy = self.proxy(self.origin(answering(self.respond)))
        client = self.connect(proxy)
        answer = client.exchange(post(call(1), extra=b"X-Correlation-Id: order-17\r\nX-Request-Id: r/1\r\n"))
        self.assertEqual(answer.get("x-correlation-id"), "order-17")
        self.assertEqual(self.calls(proxy)[0]["correlation_id"], "order-17")
        minted = client.exchange(post(call(2)))
        self.assertRegex(minted.get("x-correlation-id", ""), r"\A[\x21-\x7e]{1,128}\Z")
        self.assertRegex(minted.get("x-request-id", ""), r"\A[\x21-\x7e]{1,128}\Z")

    @ours
    def test_hostile_records_are_shown_without_their_escapes(self):
        proxy = self.proxy(self.origin(answering(self.respond)))
        self.connect(proxy).exchange(post(call(1, HOSTILE)))
        self.calls(proxy)
        shown = self.spawn([SONDE, "tail", "-n", "5", "--state-dir", str(pathlib.Path(proxy.folder) / "state")])
        out, err, _ = self.run_to_end(shown)
        self.assertNotIn(b"\x1b", out + err)
        self.assertNotIn(b"\r", out)
