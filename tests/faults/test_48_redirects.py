"""Only the configured upstream is ever contacted, whatever a client or an answer names (test 48)."""

import threading

from http_support import KIND, Connection, ProxyTest, answering, call, get, json_answer, ours, post

LOCATIONS = (b"http://169.254.169.254/latest/meta-data/", b"http://127.0.0.1:%d/decoy", b"//127.0.0.1:%d/decoy", b"/elsewhere",
             b"https://evil.test/", b"file:///etc/passwd", b"http://localhost:%d@evil.test/")


class Redirects(ProxyTest):
    def setUp(self):
        super().setUp()
        self.seen = []
        self.contacted = threading.Event()
        self.decoy = self.origin(lambda connection: self.contacted.set())

    def start(self, respond=None, *flags):
        def handler(request):
            self.seen.append(request)
            return respond(request) if respond else json_answer(b"{}")

        return self.proxy(self.origin(answering(handler)), *flags)

    def assert_decoy_alone(self):
        self.assertFalse(self.contacted.is_set(), "another server was contacted")
        self.assertEqual(self.decoy.accepted, 0)

    def test_redirects_pass_and_are_not_followed(self):
        def respond(request):
            status, at = request.target[1:].split("/")
            location = LOCATIONS[int(at)].replace(b"%d", b"%d" % self.decoy.port)
            return b"HTTP/1.1 " + status.encode() + b" X\r\nLocation: " + location + b"\r\nContent-Length: 3\r\n\r\nabc"

        proxy = self.start(respond)
        for status in (301, 302, 303, 307, 308):
            for i, location in enumerate(LOCATIONS):
                with self.subTest(status, location=location):
                    answer = self.connect(proxy).exchange(get(b"/%d/%d" % (status, i)))
                    self.assertEqual((answer.status, answer.body), (status, b"abc"))
                    expected = location.replace(b"%d", b"%d" % self.decoy.port).decode()
                    if KIND == "sonde" or not expected.startswith("/"):  # nginx makes those absolute.
                        self.assertEqual(answer.get("Location"), expected)
        self.assert_decoy_alone()

    @ours
    def test_absolute_targets_do_not_choose_the_upstream(self):
        proxy = self.start()
        decoy = b"127.0.0.1:%d" % self.decoy.port
        mine = b"127.0.0.1:%d" % proxy.port
        for target, host, allowed in ((b"http://" + decoy + b"/x", decoy, True), (b"http://" + decoy + b"/x", mine, False),
                                      (b"http://" + mine + b"/x", mine, True), (b"http://evil.test/x", b"evil.test", False),
                                      (b"https://" + mine + b"/x", mine, True), (b"ftp://" + mine + b"/x", mine, False)):
            with self.subTest(target, host=host):
                self.seen.clear()
                answer = self.connect(proxy).exchange(get(target, host=host))
                if allowed and answer.status == 200:  # As any path: to the one upstream, in origin-form.
                    self.assertEqual(self.seen[0].target, "/x")
                else:
                    self.assertIn(answer.status, (400, 403))
                    self.assertEqual(self.seen, [])
        self.assert_decoy_alone()

    @ours
    def test_host_does_not_choose_the_upstream(self):
        proxy = self.start(None, "--allow-host", "decoy.test")
        for host in (b"127.0.0.1:%d" % self.decoy.port, b"localhost:%d" % self.decoy.port, b"decoy.test"):
            answer = self.connect(proxy).exchange(post(call(1), host=host))
            self.assertEqual(answer.status, 200)
        self.assertEqual(len(self.seen), 3)
        self.assert_decoy_alone()

    @ours
    def test_there_are_no_tunnels(self):
        proxy = self.start()
        for target in (b"127.0.0.1:%d" % self.decoy.port, b"169.254.169.254:80", b"localhost:22", b"/", b"*"):
            client = self.connect(proxy)
            client.send(b"CONNECT " + target + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            self.assert_refused(client, 400, 403, 405, 501)
        self.assertEqual(self.seen, [])
        self.assert_decoy_alone()

    @ours
    def test_paths_arrive_as_they_are(self):
        proxy = self.start()
        for path in (b"/..%2f..%2fetc/passwd", b"/a/../b", b"//evil.test/x", b"/%2e%2e/", b"/a;b=c?d=/../e", b"/\x2e./x", b"/a%00b",
                     b"/?url=http://169.254.169.254/", b"/a%0d%0aX-Evil:%201"):
            with self.subTest(path):
                self.seen.clear()
                answer = self.connect(proxy).exchange(get(path))
                if answer.status == 200:
                    self.assertEqual(self.seen[0].target.encode(), path)
                    self.assertEqual(self.seen[0].all("X-Evil"), [])
                else:
                    self.assertEqual(answer.status, 400)
        self.assert_decoy_alone()

    @ours
    def test_traces_and_forwarding_fields_contact_nobody(self):
        proxy = self.start()
        decoy = b"http://127.0.0.1:%d/" % self.decoy.port
        for name in (b"X-Forwarded-Host", b"Forwarded", b"X-Original-URL", b"X-Rewrite-URL", b"Referer", b"X-Forwarded-Proto",
                     b"X-Upstream", b"Proxy-Connection", b"Destination", b"Location", b"Link"):
            self.assertEqual(self.connect(proxy).exchange(get(extra=name + b": " + decoy + b"\r\n")).status, 200)
        client = Connection.to(proxy.port)
        client.send(b"TRACE / HTTP/1.1\r\nHost: localhost\r\nCookie: secret\r\n\r\n")
        client.response()
        client.close()
        self.assert_decoy_alone()
