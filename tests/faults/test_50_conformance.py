"""Two hundred exchanges come out as nginx's proxy_pass lets them (test 50)."""

import itertools
import re
import shutil
import unittest

from http_support import KIND, Connection, ProxyTest, chunk
from support import measured

EXCHANGES_MIN = 200
ANSWERS = {
    "length": b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-A: 1\r\nContent-Type: text/plain\r\n\r\nhello",
    "empty": b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
    "chunked": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk(b"hel") + chunk(b"lo") + b"0\r\n\r\n",
    "chunkedempty": b"HTTP/1.1 202 Accepted\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "trailers": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-T\r\n\r\n" + chunk(b"hello") + b"0\r\nX-T: 1\r\n\r\n",
    "accepted": b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\nMcp-Session-Id: s1\r\n\r\n",
    "nocontent": b"HTTP/1.1 204 No Content\r\nX-A: 1\r\n\r\n",
    "notmodified": b"HTTP/1.1 304 Not Modified\r\nETag: \"x\"\r\n\r\n",
    "moved": b"HTTP/1.1 307 Temporary Redirect\r\nLocation: http://example.com/x\r\nContent-Length: 0\r\n\r\n",
    "unauthorized": b"HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Bearer resource_metadata=\"http://a/b\", scope=\"c d\"\r\n"
                    b"Content-Length: 4\r\n\r\nwho?",
    "notfound": b"HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\nnone",
    "failed": b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 3\r\n\r\nbad",
    "busy": b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 3\r\nContent-Length: 4\r\n\r\nbusy",
    "cookies": b"HTTP/1.1 200 OK\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nVary: Accept\r\nVary: Origin\r\nContent-Length: 2\r\n\r\nok",
    "closing": b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello",
    "untilclose": b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\nhello until the end",
    "large": b"HTTP/1.1 200 OK\r\nContent-Length: 300000\r\n\r\n" + b"0123456789" * 30_000,
    "events": b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
              + chunk(b"data: 1\n\n") + chunk(b": c\n\n") + chunk(b"data: 2\n\n") + b"0\r\n\r\n",
    "oldversion": b"HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello",
    "noreason": b"HTTP/1.1 200 \r\nContent-Length: 2\r\n\r\nok",
    "oddstatus": b"HTTP/1.1 299 Strange\r\nContent-Length: 2\r\n\r\nok",
    "hints": b"HTTP/1.1 200 OK\r\nLink: </a>; rel=preload\r\nCache-Control: no-cache, no-transform\r\nContent-Length: 2\r\n\r\nok",
}
BODIES = {"none": b"", "short": b"{}", "kilobyte": b"x" * 1024, "large": b"0123456789" * 20_000}
# What each hop says for itself, and what proxies sign with.
OWN = {"connection", "keep-alive", "date", "server", "transfer-encoding", "content-length", "x-request-id", "x-correlation-id",
       "trailer"}


def request(method, target, body=None, framing="length", extra=b"", version=b"1.1"):
    head = method.encode() + b" /" + target.encode() + b" HTTP/" + version + b"\r\nHost: localhost\r\n" + extra
    if body is None:
        return head + b"\r\n"
    if framing == "chunked":
        pieces = b"".join(chunk(body[i:i + 7000]) for i in range(0, len(body), 7000))
        return head + b"Transfer-Encoding: chunked\r\n\r\n" + pieces + b"0\r\n\r\n"
    return head + b"Content-Length: %d\r\n\r\n" % len(body) + body


def exchanges():
    """{name: (bytes to send, methods in order)}; several methods are pipelined."""
    found = {}
    for method, answer in itertools.product(("GET", "HEAD", "POST", "DELETE", "OPTIONS", "PUT"), ANSWERS):
        body = b'{"a":1}' if method in ("POST", "PUT") else None
        found[f"{method} {answer}"] = (request(method, answer, body), [method])
    for (name, body), framing, answer in itertools.product(BODIES.items(), ("length", "chunked"), ("length", "chunked", "nocontent")):
        found[f"body {name} {framing} {answer}"] = (request("POST", answer, body, framing), ["POST"])
    for answer, extra in itertools.product(("length", "chunked", "untilclose", "nocontent", "empty"),
                                           (b"", b"Connection: keep-alive\r\n", b"Connection: close\r\n")):
        found[f"1.0 {answer} {extra.decode().strip()}"] = (request("GET", answer, extra=extra, version=b"1.0"), ["GET"])
        if extra:
            found[f"1.1 {answer} {extra.decode().strip()}"] = (request("GET", answer, extra=extra), ["GET"])
    for first, second in itertools.product(("length", "chunked", "nocontent", "notmodified", "large"), repeat=2):
        found[f"pipelined {first} {second}"] = (request("GET", first) + request("GET", second), ["GET", "GET"])
        found[f"pipelined post {first} {second}"] = (request("POST", first, b"a") + request("HEAD", second)
                                                     + request("POST", first, b"b", "chunked"), ["POST", "HEAD", "POST"])
    found["pipelined ten"] = (b"".join(request("GET", "length") for _ in range(10)), ["GET"] * 10)
    for name, extra in (("query", b""), ("accept", b"Accept: a\r\nAccept: b\r\n"), ("blanks", b"X-A: \t a b \t\r\n"),
                        ("case", b"x-mIxEd: A\r\n"), ("cookie", b"Cookie: a=1; b=2\r\n"), ("auth", b"Authorization: Bearer x.y\r\n")):
        found[f"fields {name}"] = (request("GET", "length?a=%20b&c[]=d" if name == "query" else "length", extra=extra), ["GET"])
    return found


def fields_of(message):
    """The fields that go from end to end, in an order of their own."""
    named = set()
    for value in message.all("Connection"):
        named |= {word.strip().lower() for word in value.split(",")}
    return sorted((name.lower(), value) for name, value in message.fields if name.lower() not in OWN | named)


@unittest.skipUnless(shutil.which("nginx"), "no nginx here")
class Conformance(ProxyTest):
    def setUp(self):
        super().setUp()
        self.seen = []

    def handler(self, connection):
        while message := connection.request(3600):
            self.seen.append(message)
            answer = ANSWERS[re.match(r"/(\w+)", message.target)[1]]
            if message.method == "HEAD":
                answer = answer.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
            connection.send(answer)
            if b"Connection: close" in answer or b"HTTP/1.0" in answer or "untilclose" in message.target:
                return

    def transcript(self, proxy, data, methods):
        """What the upstream saw and what the client got, without what belongs to a hop."""
        self.seen.clear()
        client = Connection.to(proxy.port)
        answers = []
        try:
            client.send(data)
            for method in methods:
                answer = client.response(5, method)
                length = answer.get("Content-Length") if method == "HEAD" else None
                answers.append((answer.status, fields_of(answer), length, answer.body))
        except (AssertionError, OSError) as error:
            answers.append(type(error).__name__)
        open_still = not client.poll_readable(0.02) or not client.ended(0.02)
        client.close()
        asked = [(m.method, m.target, fields_of(m), m.body) for m in self.seen]
        if b" HTTP/1.0\r\n" in data:  # Whether it stays open then is up to each (RFC 9112 9.3).
            open_still = None
        return {"asked": asked, "answers": answers, "open": open_still}

    def test_exchanges_are_those_of_nginx(self):
        origin = self.origin(self.handler)
        reference = self.proxy(origin, kind="nginx", name="reference")
        ours = self.proxy(origin, "--no-inject", name="ours")
        table = exchanges()
        self.assertGreaterEqual(len(table), EXCHANGES_MIN)
        different = 0
        self.maxDiff = 2000
        for name, (data, methods) in table.items():
            with self.subTest(name):
                expected = self.transcript(reference, data, methods)
                got = self.transcript(ours, data, methods)
                different += got != expected
                self.assertEqual(got, expected)
        measured(f"{len(table)} exchanges beside nginx: {different} are different")

    def test_a_connection_is_used_again(self):
        origin = self.origin(self.handler)
        proxy = self.proxy(origin, *(["--no-inject"] if KIND == "sonde" else []))
        client = self.connect(proxy)
        before = origin.accepted
        for i in range(200):
            answer = client.exchange(request("POST", "length", b"%d" % i))
            self.assertEqual((answer.status, answer.body), (200, b"hello"))
        self.assertLessEqual(origin.accepted - before, 2)

    def test_a_message_that_just_fills_a_buffer_ends_where_it_ends(self):
        # Powers of two are what readers have room for: what ends there must not wait for more.
        sizes = sorted({(1 << power) + change for power in range(12, 19) for change in (-1, 0, 1)})

        def handler(connection):
            while asked := connection.request(seconds=3600):
                wanted = int(asked.target[1:])
                head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nX-Pad: " % (wanted - 100)
                connection.send(head.ljust(96, b"p") + b"\r\n\r\n" + b"x" * (wanted - 100))

        origin = self.origin(handler)
        proxy = self.proxy(origin, *(["--no-inject"] if KIND == "sonde" else []))
        client = self.connect(proxy)
        for size in sizes:
            head = request("POST", str(size), b"")
            body = b"y" * (size - len(head) - len(str(size)) + 1)
            answer = client.exchange(request("POST", str(size), body))
            self.assertEqual((answer.status, len(answer.body)), (200, size - 100))
        self.assertLessEqual(origin.accepted, 2)
