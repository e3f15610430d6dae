"""An upstream that dies in the middle of a stream: the client gets what there was, and a clean end (test 36)."""

import signal
import socket
import time

from http_support import SSE_HEAD, Connection, Ended, ProxyTest, call, chunk, get, ours, post
from support import PATIENCE, measured, python

EVENT = b'event: message\r\nid: %d\r\ndata: {"jsonrpc":"2.0","method":"notifications/progress"}\r\n\r\n'
TWO_EVENTS = EVENT % 1 + EVENT % 2
AT_ONCE = 0.1  # Seconds until the client knows.

# Serves one stream and says when it was asked; it is killed while the stream is open.
DOOMED = """
import socket, sys, time
listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
while True:
    peer, _ = listener.accept()
    data = peer.recv(65536)
    if not data:
        continue
    body = sys.argv[1].encode().decode("unicode_escape").encode("latin-1")
    peer.sendall(body)
    print("sent", flush=True)
    kept = peer
"""


class UpstreamDies(ProxyTest):
    def stream_through(self, end):
        """Opens a stream that the upstream ends by end(connection); returns the client after its head."""
        def handler(connection):
            if connection.request() is None:
                return
            connection.send(SSE_HEAD + chunk(TWO_EVENTS))
            self.go.recv(1)
            self.ended_at = time.monotonic()
            end(connection)

        self.go, self.say = socket.socketpair()
        self.addCleanup(self.go.close)
        self.addCleanup(self.say.close)
        client = self.connect(self.proxy(self.origin(handler)))
        client.send(get())
        head = client.head()
        self.assertEqual(head.status, 200)
        self.assertEqual(head.get("Content-Type"), "text/event-stream")
        return client

    def assert_cut(self, client):
        """The events, then an end without a last chunk, at once."""
        self.assertEqual(client.one_chunk(), TWO_EVENTS)
        self.say.send(b"x")
        with self.assertRaises(Ended):  # A last chunk would say that the stream was complete.
            client.one_chunk(seconds=5)
        took = time.monotonic() - self.ended_at
        self.assertLess(took, AT_ONCE)
        measured(f"the client sees the end of a stream {took * 1000:.1f} ms after its upstream's")

    def test_reset(self):
        self.assert_cut(self.stream_through(Connection.reset))

    def test_closed_without_a_last_chunk(self):
        self.assert_cut(self.stream_through(Connection.close))

    def test_a_chunk_cut_in_the_middle(self):
        def end(connection):
            connection.send(b"40\r\ndata: half")
            connection.close()

        client = self.stream_through(end)
        self.assertEqual(client.one_chunk(), TWO_EVENTS)
        self.say.send(b"x")
        rest = client.to_end(5)
        self.assertIn(b"data: half", rest)
        self.assertNotIn(b"\r\n0\r\n", rest)
        self.assertLess(time.monotonic() - self.ended_at, AT_ONCE + 0.1)

    def test_a_body_shorter_than_its_length(self):
        def handler(connection):
            connection.request()
            connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n0123456789")

        client = self.connect(self.proxy(self.origin(handler)))
        client.send(get())
        self.assertEqual(client.head().get("Content-Length"), "100")
        self.assertEqual(client.to_end(5), b"0123456789")

    def test_what_ends_with_the_connection_ends_whole(self):
        def handler(connection):
            connection.request()
            connection.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n" + TWO_EVENTS)

        client = self.connect(self.proxy(self.origin(handler)))
        client.send(get())
        self.assertEqual(client.response(5).body, TWO_EVENTS)

    def test_killed(self):
        body = (SSE_HEAD + chunk(TWO_EVENTS)).decode("latin-1").encode("unicode_escape").decode()
        doomed = self.spawn(python(DOOMED, body))
        port = int(doomed.stdout.readline())
        client = self.connect(self.proxy(port))
        client.send(get())
        client.head()
        self.assertEqual(client.one_chunk(), TWO_EVENTS)
        doomed.send_signal(signal.SIGKILL)
        began = time.monotonic()
        with self.assertRaises(Ended):
            client.one_chunk(seconds=5)
        self.assertLess(time.monotonic() - began, AT_ONCE)

    def test_no_upstream_at_all_is_a_502(self):
        with socket.create_server(("127.0.0.1", 0)) as unused:
            port = unused.getsockname()[1]
        client = self.connect(self.proxy(port))
        self.assertEqual(client.exchange(post(call(1))).status, 502)

    def test_an_upstream_that_closes_before_it_answers_is_a_502(self):
        proxy = self.proxy(self.origin(lambda connection: connection.request()))
        self.assertEqual(self.connect(proxy).exchange(post(call(1))).status, 502)

    def test_a_kept_connection_that_the_upstream_has_closed_fails_no_request(self):
        # It closes behind each answer without saying so, as servers do that restart.
        def handler(connection):
            if connection.request():
                connection.send(b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n")

        proxy = self.proxy(self.origin(handler))
        client = self.connect(proxy)
        for _ in range(20):
            self.assertEqual(client.exchange(get()).status, 202)
            time.sleep(0.02)

    def test_resumption_passes_through(self):
        seen = []

        def handler(connection):
            while request := connection.request():
                seen.append(request.get("Last-Event-ID"))
                connection.send(SSE_HEAD + chunk(EVENT % 3) + b"0\r\n\r\n")

        client = self.connect(self.proxy(self.origin(handler)))
        client.send(get(extra=b"Accept: text/event-stream\r\nLast-Event-ID: 2_a/b=\r\n"))
        self.assertEqual(client.response().body, EVENT % 3)
        self.assertEqual(seen, ["2_a/b="])

    @ours
    def test_the_record_says_that_it_was_the_upstream(self):
        def handler(connection):
            connection.request()
            connection.send(SSE_HEAD + chunk(TWO_EVENTS))
            connection.reset()

        proxy = self.proxy(self.origin(handler))
        client = self.connect(proxy)
        client.send(post(call(1, "slow")))
        client.to_end(5)
        record = self.calls(proxy)[0]
        self.assertEqual((record["status"], record.get("error_type"), record["tool_name"]),
                         ("error", "upstream_reset", "slow"))
        self.assertTrue(proxy.process.poll() is None)
        self.assertLess(record["duration_ms"], PATIENCE * 1000)
