"""Heads that are too large are refused at once, and cost no memory (test 42)."""

import os
import time

from http_support import Connection, ProxyTest, answering, get, json_answer, ours
from support import measured

AT_ONCE = 0.05  # Seconds.
MEMORY_KIB = 256
REFUSED = {
    "a field of 1 MB": (b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Large: " + b"x" * 1_000_000 + b"\r\n\r\n", 431),
    "10,000 fields": (b"GET / HTTP/1.1\r\nHost: localhost\r\n" + b"X-F: y\r\n" * 10_000 + b"\r\n", 431),
    "a target of 1 MB": (b"GET /" + b"a" * 1_000_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n", 414),
    "a query of 1 MB": (b"GET /?" + b"a" * 1_000_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n", 414),
    "a name of 1 MB": (b"GET / HTTP/1.1\r\nHost: localhost\r\n" + b"x" * 1_000_000 + b": y\r\n\r\n", 431),
    "1 MB of fields": (b"GET / HTTP/1.1\r\nHost: localhost\r\n" + (b"X-F: " + b"y" * 995 + b"\r\n") * 1_000 + b"\r\n", 431),
    "a field that never ends": (b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * 1_000_000, 431),
}


class HeaderLimits(ProxyTest):
    def refused(self, proxy, request):
        """The status and how long it took; the client stops sending when it is answered."""
        client = Connection.to(proxy.port)
        began = time.monotonic()
        try:
            for at in range(0, len(request), 16_384):
                client.send(request[at:at + 16_384])
                if client.poll_readable(0):
                    break
        except OSError:
            pass  # Closed; the answer is still there to be read.
        status = client.head().status
        took = time.monotonic() - began
        client.close()
        return status, took

    @ours
    def test_each_is_refused_at_once_and_reaches_nobody(self):
        reached = []
        proxy = self.proxy(self.origin(answering(lambda request: reached.append(request) or json_answer(b"{}"))))
        nearly = get(extra=b"".join(b"X-%d: " % i + b"x" * 8_000 + b"\r\n" for i in range(3)))
        for _ in range(16):  # So that every thread has what it keeps.
            self.assertEqual(self.connect(proxy).exchange(nearly).status, 200)
            self.assertEqual(self.connect(proxy).exchange(b"nothing\r\n\r\n").status, 400)
        reached.clear()
        slowest, largest, began = 0.0, 0, proxy.anonymous_kib()
        for name, (request, expected) in REFUSED.items():
            with self.subTest(name):
                before = proxy.anonymous_kib()
                answers = [self.refused(proxy, request) for _ in range(5)]
                self.assertEqual({status for status, _ in answers}, {expected})
                best = min(took for _, took in answers)
                slowest = max(slowest, best)
                self.assertLess(best, AT_ONCE)
                grown = proxy.anonymous_kib() - before
                largest = max(largest, grown)
                self.assert_grown_less(grown, MEMORY_KIB)
        for _ in range(20):  # What threads keep is kept once.
            for request, _ in REFUSED.values():
                self.refused(proxy, request)
        grown = proxy.anonymous_kib() - began
        measured(f"large heads refused within {slowest * 1e3:.1f} ms, for {largest} KiB; {grown} KiB after hundreds of them")
        self.assertEqual(reached, [])
        self.assert_grown_less(grown, 4 * MEMORY_KIB)

    @ours
    def test_an_answer_with_a_large_head_is_a_502(self):
        heads = {"/field": b"X-Large: " + b"x" * 1_000_000 + b"\r\n", "/fields": b"X-F: y\r\n" * 10_000}
        origin = self.origin(answering(lambda request: json_answer(b"{}", heads[request.target])))
        proxy = self.proxy(origin)
        for target in heads:
            self.assertEqual(self.connect(proxy).exchange(get(target.encode())).status, 502)

    def test_what_is_within_the_limits_passes(self):
        seen = []
        proxy = self.proxy(self.origin(answering(lambda request: seen.append(request) or json_answer(b"{}"))))
        large = os.urandom(3000).hex().encode()
        answer = self.connect(proxy).exchange(get(b"/a?" + large, b"X-Large: " + large + b"\r\n"))
        self.assertEqual(answer.status, 200)
        self.assertEqual((seen[0].target, seen[0].get("X-Large")), ("/a?" + large.decode(), large.decode()))
