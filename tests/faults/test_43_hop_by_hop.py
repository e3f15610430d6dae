"""Fields for one connection only end at the proxy; no client can take out others (test 43)."""

from http_support import KIND, ProxyTest, answering, call, get, json_answer, ours, post
from support import PATIENCE

HOP_BY_HOP = ("Connection", "Keep-Alive", "Proxy-Connection", "TE", "Trailer", "Upgrade")


class HopByHop(ProxyTest):
    def setUp(self):
        super().setUp()
        self.seen = []
        self.answer = json_answer(b"{}")

    def respond(self, request):
        self.seen.append(request)
        return self.answer

    def passed(self, *flags, extra=b"", request=None):
        """What the upstream sees of a request with these fields, and the answer."""
        proxy = self.proxy(self.origin(answering(self.respond)), *flags, name=f"proxy{len(self.seen)}")
        client = self.connect(proxy)
        answer = client.exchange(request or post(call(1), extra=extra))
        return (self.seen[-1] if self.seen else None), answer

    def test_they_do_not_reach_the_upstream(self):
        seen, answer = self.passed(extra=b"Connection: keep-alive, X-Hop, Upgrade\r\nKeep-Alive: timeout=5\r\nX-Hop: 1\r\n"
                                         b"Proxy-Connection: keep-alive\r\nTE: trailers, gzip\r\nTrailer: X-T\r\n"
                                         b"Upgrade: h2c, websocket\r\nX-End: 2\r\n")
        self.assertEqual(answer.status, 200)
        self.assertEqual(seen.get("X-End"), "2")
        for name in (*HOP_BY_HOP, "X-Hop"):
            if KIND == "sonde":  # nginx leaves some of them in.
                self.assertEqual(seen.all(name), [], name)

    def test_they_do_not_reach_the_client(self):
        self.answer = json_answer(b"{}", b"Keep-Alive: timeout=9\r\nConnection: X-Hop\r\nX-Hop: 1\r\nUpgrade: h2c\r\n"
                                         b"Proxy-Connection: x\r\nX-End: 2\r\n")
        _, answer = self.passed()
        self.assertEqual(answer.get("X-End"), "2")
        if KIND == "sonde":
            for name in ("Keep-Alive", "X-Hop", "Upgrade", "Proxy-Connection"):
                self.assertEqual(answer.all(name), [], name)

    @ours
    def test_no_field_that_must_arrive_is_taken_out_by_connection(self):
        for name in (b"Mcp-Session-Id", b"mcp-protocol-version", b"Mcp-Method", b"Mcp-Param-X", b"Authorization", b"Origin",
                     b"Cookie", b"Content-Length", b"Host", b"Last-Event-ID", b"Accept", b"X-Forwarded-For"):
            with self.subTest(name):
                self.seen.clear()
                seen, answer = self.passed(extra=b"Connection: close, " + name + b"\r\n" + (
                    b"" if name in (b"Content-Length", b"Host", b"Accept") else name + b": kept\r\n"))
                if answer.status == 200:
                    self.assertEqual(len(seen.all(name.decode())), 1)
                else:
                    self.assertEqual((answer.status, seen), (400, None))

    def test_end_to_end_fields_arrive_as_they_are(self):
        fields = [("Mcp-Session-Id", "s/1=="), ("MCP-Protocol-Version", "2025-11-25"), ("Authorization", "Bearer a.b.c"),
                  ("Accept", "application/json, text/event-stream"), ("Origin", "http://localhost"),
                  ("Last-Event-ID", "7"), ("Mcp-Param-Region", "=?base64?w6k=?="), ("User-Agent", "a (b; c) d/1"),
                  ("Cookie", "a=b; c=d"), ("X-Empty", ""), ("X-Odd", "\"quoted\", \xe9 ;,")]
        head = "".join(f"{name}: {value}\r\n" for name, value in fields).encode("latin-1")
        body = call(1)
        request = (b"POST /mcp?a=%20b HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n" + head
                   + b"Content-Length: %d\r\n\r\n" % len(body) + body)
        seen, answer = self.passed(request=request)
        self.assertEqual(answer.status, 200)
        self.assertEqual(seen.target, "/mcp?a=%20b")
        for name, value in fields:
            if KIND != "nginx" or value:  # Which leaves out empty ones.
                self.assertEqual(seen.all(name), [value], name)
        self.assertEqual(seen.get("Host"), "localhost")

    @ours
    def test_proxy_authorization_of_another_goes_on_and_ours_does_not(self):
        seen, _ = self.passed(extra=b"Proxy-Authorization: Basic abc\r\n")
        self.assertEqual(seen.all("Proxy-Authorization"), ["Basic abc"])
        token = self.home / "token"
        token.write_text("sesame-sesame-sesame-sesame-1234\n")
        token.chmod(0o600)
        for field in (b"Proxy-Authorization: Bearer ", b"X-Sonde-Token: "):
            self.seen.clear()
            mine = field + token.read_bytes().strip() + b"\r\n"
            seen, answer = self.passed("--token-file", str(token), extra=mine + b"Authorization: Bearer theirs\r\n")
            self.assertEqual(answer.status, 200)
            self.assertNotIn(b"sesame", seen.raw_head)
            self.assertEqual(seen.get("Authorization"), "Bearer theirs")
        self.seen.clear()
        seen, answer = self.passed("--token-file", str(token), extra=b"X-Sonde-Token: wrong\r\n")
        self.assertIn(answer.status, (401, 403, 407))
        self.assertIsNone(seen)

    def test_expect_continue_is_answered_before_the_body(self):
        proxy = self.proxy(self.origin(answering(self.respond)))
        client = self.connect(proxy)
        request = post(call(1), extra=b"Expect: 100-continue\r\n")
        head, body = request.split(b"\r\n\r\n", 1)
        client.send(head + b"\r\n\r\n")
        self.assertEqual(client.head(2).status, 100)
        client.send(body)
        self.assertEqual(client.response().status, 200)
        self.assertEqual(self.seen[0].json()["id"], 1)
        self.assertEqual(self.seen[0].all("Expect"), [])

    def test_interim_answers_do_not_replace_the_last(self):
        self.answer = b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + json_answer(b'{"a":1}')
        proxy = self.proxy(self.origin(answering(self.respond)))
        client = self.connect(proxy)
        client.send(post(call(1)))
        answer = client.response()
        while answer.status < 200:
            answer = client.response()
        self.assertEqual((answer.status, answer.body), (200, b'{"a":1}'))

    @ours
    def test_no_upgrade_is_ever_agreed_to(self):
        self.answer = b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nraw"
        _, answer = self.passed(extra=b"Connection: Upgrade\r\nUpgrade: websocket\r\n")
        self.assertEqual(answer.status, 502)

    def test_close_is_said_to_each_side_for_itself(self):
        proxy = self.proxy(self.origin(answering(self.respond)))
        client = self.connect(proxy)
        answer = client.exchange(get(extra=b"Connection: close\r\n"))
        self.assertEqual(answer.status, 200)
        self.assertEqual(answer.get("Connection", "").lower(), "close")
        self.assertTrue(client.ended(PATIENCE))
        self.answer = json_answer(b"{}", b"Connection: close\r\n")
        client = self.connect(proxy)
        for _ in range(3):  # The upstream's close is not the client's.
            self.assertEqual(client.exchange(get()).status, 200)
