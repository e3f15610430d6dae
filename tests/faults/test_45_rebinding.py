"""A name that a hostile page made resolve to us opens nothing (test 45)."""

from http_support import ProxyTest, answering, call, json_answer, ours, post
from support import measured

ROUTES = (b"/", b"/mcp", b"/sse", b"/message?sessionId=1", b"/.well-known/oauth-protected-resource", b"/healthz", b"/readyz",
          b"/metrics", b"/v1/traces", b"/favicon.ico", b"//mcp")
HOSTS = (b"evil.test", b"evil.test:80", b"127.0.0.1.nip.io", b"localhost.evil.test", b"127.0.0.1.evil.test", b"0.0.0.0",
         b"127.1", b"0x7f.0.0.1", b"2130706433", b"169.254.169.254", b"xn--lcalhost-n8a",
         b"localhost:evil", b"user@localhost", b"localhost@evil.test", b"[::1]%0", b"[::1%eth0]", b"localhost,evil.test", b"",
         b"localhost evil", b"evil.test\tlocalhost", b"LOCALHOST.evil")
ORIGINS = (b"null", b"http://evil.test", b"https://evil.test", b"http://localhost.evil.test", b"http://127.0.0.1.nip.io",
           b"http://evil.test:80", b"http://localhost@evil.test", b"file://", b"http://", b"x", b"http://localhost evil",
           b"chrome-extension://abc", b"HTTP://EVIL.TEST")


class Rebinding(ProxyTest):
    def setUp(self):
        super().setUp()
        self.reached = []

    def start(self, *flags):
        def respond(request):
            self.reached.append(request)
            return json_answer(b"{}")

        return self.proxy(self.origin(answering(respond)), *flags)

    def status_of(self, proxy, target, fields, method=b"GET"):
        client = self.connect(proxy)
        head = method + b" " + target + b" HTTP/1.1\r\n" + fields + b"\r\n"
        status = client.exchange(head, 5).status
        client.close()
        return status

    @ours
    def test_another_host_is_refused_on_every_route(self):
        proxy = self.start()
        for host in HOSTS:
            for route in ROUTES:
                for method in (b"GET", b"POST", b"DELETE", b"OPTIONS"):
                    with self.subTest(host, route=route, method=method):
                        body = b"" if method in (b"GET", b"OPTIONS") else b"Content-Length: 0\r\n"
                        status = self.status_of(proxy, route, b"Host: " + host + b"\r\n" + body, method)
                        self.assertIn(status, (400, 403))
        self.assertEqual(self.reached, [])
        measured(f"{len(HOSTS)} hosts on {len(ROUTES)} routes: none reached the upstream")

    @ours
    def test_another_origin_is_refused_on_every_route(self):
        proxy = self.start()
        for origin in ORIGINS:
            for route in ROUTES:
                with self.subTest(origin, route=route):
                    fields = b"Host: 127.0.0.1:%d\r\nOrigin: %s\r\n" % (proxy.port, origin)
                    self.assertEqual(self.status_of(proxy, route, fields), 403)
        self.assertEqual(self.reached, [])

    @ours
    def test_a_refusal_has_nothing_to_read(self):
        proxy = self.start()
        answer = self.connect(proxy).exchange(post(call(1), host=b"evil.test", extra=b"Origin: http://evil.test\r\n"))
        self.assertEqual(answer.status, 403)
        self.assertEqual([name for name, _ in answer.fields if name.lower().startswith("access-control")], [])
        self.assertNotIn(b"evil", answer.body)

    @ours
    def test_clients_in_good_order_are_served(self):
        proxy = self.start()
        port = b"%d" % proxy.port
        for host in (b"127.0.0.1:" + port, b"localhost:" + port, b"[::1]:" + port, b"localhost", b"LocalHost:" + port):
            for origin in (b"", b"Origin: http://localhost:" + port + b"\r\n", b"Origin: http://127.0.0.1:6274\r\n",
                           b"Origin: http://localhost\r\n"):
                with self.subTest(host, origin=origin):
                    answer = self.connect(proxy).exchange(post(call(1), host=host, extra=origin))
                    self.assertEqual(answer.status, 200)
        self.assertEqual({request.get("Host") for request in self.reached} & {"localhost"}, {"localhost"})

    @ours
    def test_a_host_that_was_allowed_is_served_and_only_that(self):
        proxy = self.start("--allow-host", "mcp.example.com")
        for host, expected in ((b"mcp.example.com", 200), (b"mcp.example.com:8443", 200), (b"MCP.example.COM", 200),
                               (b"a.mcp.example.com", 403), (b"mcp.example.com.evil.test", 403), (b"localhost", 200)):
            with self.subTest(host):
                self.assertEqual(self.connect(proxy).exchange(post(call(1), host=host)).status, expected)

    @ours
    def test_an_origin_that_was_allowed_is_served_and_only_that(self):
        proxy = self.start("--allow-host", "mcp.example.com", "--allow-origin", "https://app.example.com")
        for origin, expected in ((b"https://app.example.com", 200), (b"http://app.example.com", 403), (b"null", 403),
                                 (b"https://app.example.com.evil.test", 403), (b"https://mcp.example.com", 403)):
            with self.subTest(origin):
                fields = b"Origin: " + origin + b"\r\n"
                answer = self.connect(proxy).exchange(post(call(1), host=b"mcp.example.com", extra=fields))
                self.assertEqual(answer.status, expected)

    @ours
    def test_absolute_targets_are_held_to_the_same(self):
        proxy = self.start()
        for target in (b"http://evil.test/mcp", b"http://evil.test:80/", b"http://user@localhost/mcp"):
            for host in (b"evil.test", b"localhost"):
                with self.subTest(target, host=host):
                    self.assertIn(self.status_of(proxy, target, b"Host: " + host + b"\r\n"), (400, 403))
        self.assertEqual(self.reached, [])

    @ours
    def test_other_than_loopback_asks_for_a_token(self):
        refused = self.spawn([self.sonde(), "proxy", "--listen", "0.0.0.0:0", "--upstream", "o=http://127.0.0.1:9"])
        _, err, code = self.run_to_end(refused, None)
        self.assertNotEqual(code, 0)
        self.assertRegex(err, rb"token|insecure")

    def sonde(self):
        from support import SONDE
        return SONDE
