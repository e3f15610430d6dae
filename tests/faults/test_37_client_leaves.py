"""A client that leaves: the upstream's request ends within a second, and nothing is kept (test 37)."""

import threading

from http_support import KIND, SSE_HEAD, Connection, Ended, ProxyTest, call, chunk, get, json_answer, ours, post, result_of
from support import LONG, PATIENCE, measured

REPEATS = 10_000 if LONG else 400


class ClientLeaves(ProxyTest):
    def setUp(self):
        super().setUp()
        self.open = 0
        self.begun = 0
        self.lock = threading.Lock()

    def count(self, change):
        with self.lock:
            self.open += change
            self.begun += change > 0

    def handler(self, connection):
        """Streams without an end, answers nothing to /slow, and the rest at once; counts what is open."""
        try:
            while head := self.next_head(connection):
                self.count(1)
                try:
                    if head.target == "/stream":
                        connection.send(SSE_HEAD + chunk(b"data: 1\n\n"))
                    if head.target in ("/stream", "/slow", "/body"):
                        connection.to_end(3600)  # Until the proxy leaves.
                        return
                    connection.body_of(head, PATIENCE, False)
                    connection.send(json_answer(result_of(1)))
                finally:
                    self.count(-1)
        except Ended:
            pass

    def next_head(self, connection):
        while not connection.buffer:
            if not connection.fill(3600):
                return None
        return connection.head()

    def left(self, seconds=1.0):
        self.eventually(lambda: self.open == 0, seconds, "the upstream's request is over")

    def test_in_the_middle_of_a_stream(self):
        proxy = self.proxy(self.origin(self.handler))
        for leave in (Connection.close, Connection.reset):
            client = self.connect(proxy)
            client.send(get(b"/stream"))
            client.head()
            client.one_chunk()
            self.assertEqual(self.open, 1)
            leave(client)
            self.left()

    def test_before_the_head_of_an_answer(self):
        proxy = self.proxy(self.origin(self.handler))
        for leave in (Connection.close, Connection.reset):
            client = self.connect(proxy)
            client.send(post(call(1), b"/slow"))
            self.eventually(lambda: self.open == 1, PATIENCE, "the upstream has the request")
            leave(client)
            self.left()

    def test_in_the_middle_of_a_post(self):
        proxy = self.proxy(self.origin(self.handler))
        for leave in (Connection.close, Connection.reset):
            client = self.connect(proxy)
            client.send(post(b"x" * 200_000, b"/body")[:-1000])
            if proxy.kind == "nginx":  # Which has not begun to ask the upstream.
                leave(client)
                continue
            self.eventually(lambda: self.open == 1, PATIENCE, "the upstream has the beginning")
            leave(client)
            self.left()

    @ours
    def test_while_its_upstream_takes_no_bytes(self):
        release = threading.Event()
        self.addCleanup(release.set)

        def handler(connection):
            connection.head()
            release.wait(3600)  # And reads no further.

        # A reset comes at once; an orderly end waits in the client's kernel behind bytes that nobody takes.
        proxy = self.proxy(self.origin(handler), "--write-timeout", "4s")
        self.connect(proxy).exchange(get(b"/healthz"))
        before = proxy.descriptors()
        for leave, seconds in ((Connection.reset, 2.0), (Connection.close, 8.0)):
            client = self.connect(proxy)
            client.sock.settimeout(0.5)
            with self.assertRaises(TimeoutError):  # All buffers on the way are full.
                client.send(post(b"x" * (64 << 20), b"/body"))
            self.assertGreater(proxy.descriptors(), before + 1)
            leave(client)
            self.eventually(lambda: proxy.descriptors() <= before, seconds, f"{leave.__name__}: both are closed")

    def test_in_the_middle_of_a_chunked_post_no_last_chunk_is_made_up(self):
        seen, begun = [], []

        def handler(connection):
            head = connection.head()
            begun.append(1)
            try:
                connection.body_of(head, 5, False)
                seen.append("whole")
            except Ended:
                seen.append("cut")

        client = self.connect(self.proxy(self.origin(handler)))
        client.send(b"POST /mcp HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk(b"half" * 50_000))
        if KIND == "nginx":
            self.skipTest("it asks the upstream when it has the whole body")
        self.eventually(lambda: begun, PATIENCE, "the upstream has the beginning")
        client.close()
        self.eventually(lambda: seen, 2, "the upstream knows")
        self.assertEqual(seen, ["cut"])

    def test_thousands_leave_nothing_open(self):
        proxy = self.proxy(self.origin(self.handler))
        self.assertEqual(self.connect(proxy).exchange(post(call(0))).status, 200)
        self.left()
        before = proxy.descriptors()
        for i in range(REPEATS):
            client = Connection.to(proxy.port)
            kind = i % 4
            if kind == 0:
                client.send(get(b"/stream"))
                client.head()
            elif kind == 1:
                client.send(post(call(i), b"/slow"))
            elif kind == 2:
                client.send(post(call(i))[:-7])
            else:
                client.send(get(b"/stream")[:20])
            (client.close if i % 8 < 4 else client.reset)()
        self.eventually(lambda: self.open == 0, 5, "every request of the upstream is over")
        self.eventually(lambda: proxy.descriptors() <= before + 2, 5,
                        f"descriptors are back at {before}, now {proxy.descriptors()}")
        measured(f"{REPEATS} clients left; {proxy.descriptors()} descriptors are open, {before} were before")
        self.assertEqual(self.connect(proxy).exchange(post(call(1))).status, 200)

    @ours
    def test_the_record_says_that_the_client_left(self):
        proxy = self.proxy(self.origin(self.handler))
        client = self.connect(proxy)
        client.send(post(call(1, "slow"), b"/stream"))
        client.head()
        client.close()
        record = self.calls(proxy)[0]
        self.assertIn(record["status"], ("cancelled", "aborted"))
