"""Clients that trickle, in thousands: others do not notice, and they are dropped (test 39)."""

import select
import socket
import threading
import time

from http_support import OPEN_FILES_MAX, Connection, ProxyTest, answering, call, json_answer, ours, percentile, post, result_of
from support import LONG, PATIENCE, measured

CONNECTIONS = min(10_000, OPEN_FILES_MAX - 1000) if LONG else 1_500
HEAD_TIMEOUT = 10 if LONG else 3  # Seconds.
KIB_PER_CONNECTION = 64
SLOW_HEAD = b"POST /mcp HTTP/1.1\r\nHost: localhost\r\nX-Slow: " + b"x" * 1000


class Herd:
    """Connections that send a byte now and then, and notice when they are dropped."""

    def __init__(self, test, port, count, first=b"P"):
        self.open = {}
        self.poller = select.poll()
        self.stopping = threading.Event()
        test.addCleanup(self.close)
        for _ in range(count):
            sock = socket.create_connection(("127.0.0.1", port), PATIENCE)
            sock.setblocking(False)
            sock.send(first)
            self.open[sock.fileno()] = sock
            self.poller.register(sock, select.POLLIN)
        self.thread = threading.Thread(target=self.trickle, daemon=True)
        self.thread.start()

    def trickle(self):
        turn = 1
        while not self.stopping.wait(0.2):
            for fd, _ in self.poller.poll(0):
                self.drop(fd)
            for fd, sock in list(self.open.items()):
                if fd % 5 == turn % 5:  # A byte a second.
                    try:
                        sock.send(SLOW_HEAD[turn // 5:turn // 5 + 1] or b"x")
                    except BlockingIOError:
                        pass
                    except OSError:
                        self.drop(fd)
            turn += 1

    def drop(self, fd):
        """A 408 may come before the end."""
        sock = self.open[fd]
        try:
            if sock.recv(4096):
                return
        except BlockingIOError:
            return
        except OSError:
            pass
        self.poller.unregister(fd)
        self.open.pop(fd).close()

    def close(self):
        self.stopping.set()
        self.thread.join(PATIENCE)
        for sock in self.open.values():
            sock.close()
        self.open.clear()


class Slowloris(ProxyTest):
    def answered(self, proxy, count=300):
        """Seconds of so many calls of a client in good order."""
        client = Connection.to(proxy.port)
        times = []
        for i in range(count):
            began = time.monotonic()
            self.assertEqual(client.exchange(post(call(i))).status, 200)
            times.append(time.monotonic() - began)
        client.close()
        return times

    def origin_of_calls(self):
        return self.origin(answering(lambda request: json_answer(result_of(request.json()["id"]))))

    @ours
    def test_slow_heads_cost_little_disturb_nobody_and_are_dropped(self):
        proxy = self.proxy(self.origin_of_calls(), "--head-timeout", f"{HEAD_TIMEOUT}s",
                           "--connections-max", str(CONNECTIONS + 1000))
        calm = min(percentile(self.answered(proxy), 0.99) for _ in range(3))
        before = proxy.memory_kib()
        began = time.monotonic()
        herd = Herd(self, proxy.port, CONNECTIONS)
        held = len(herd.open)
        each = (proxy.memory_kib() - before) / CONNECTIONS
        busy = min(percentile(self.answered(proxy), 0.99) for _ in range(3))
        measured(f"{held} slow heads: {each:.1f} KiB each; p99 of another client {busy * 1e3:.2f} ms, "
                 f"{calm * 1e3:.2f} ms before")
        self.assertLess(each, KIB_PER_CONNECTION)
        self.assertLess(busy, 2 * calm + 0.003)
        self.eventually(lambda: not herd.open, HEAD_TIMEOUT + 5, f"they are dropped, {len(herd.open)} are not")
        measured(f"the last of them was dropped after {time.monotonic() - began:.1f} s")
        self.assertEqual(len(self.answered(proxy, 10)), 10)

    @ours
    def test_a_slow_head_is_dropped_however_far_it_has_come(self):
        proxy = self.proxy(self.origin_of_calls(), "--head-timeout", "1s")
        for beginning in (b"", b"P", b"POST /mcp HTTP/1.1\r\n", post(call(1))[:-len(call(1)) - 2]):
            client = self.connect(proxy)
            client.send(beginning)
            began = time.monotonic()
            if not beginning:
                continue  # An idle connection has not begun; how long that is kept is another limit.
            if client.fill(5):  # With a 408, or without.
                self.assertEqual(client.head().status, 408)
            self.assertLess(time.monotonic() - began, 3)

    @ours
    def test_a_kept_connection_gets_the_same_time_for_its_next_head(self):
        proxy = self.proxy(self.origin_of_calls(), "--head-timeout", "1s")
        client = self.connect(proxy)
        self.assertEqual(client.exchange(post(call(1))).status, 200)
        client.send(b"POST /mcp HT")
        if client.fill(5):
            self.assertEqual(client.head().status, 408)

    @ours
    def test_a_slow_body_is_dropped(self):
        seen = []

        def handler(connection):
            connection.head()
            seen.append(1)
            connection.to_end(3600)

        proxy = self.proxy(self.origin(handler), "--body-rate-min", "1KiB")
        client = self.connect(proxy)
        client.send(post(b"x" * 100_000)[:1000])
        began = time.monotonic()
        while time.monotonic() - began < 30:
            try:
                client.send(b"x")
                if client.poll_readable(0.25):
                    break
            except OSError:
                break
        took = time.monotonic() - began
        measured(f"a body of 4 bytes a second was dropped after {took:.1f} s")
        self.assertLess(took, 30)

    @ours
    def test_a_steady_body_above_the_rate_is_not(self):
        proxy = self.proxy(self.origin_of_calls(), "--body-rate-min", "1KiB")
        client = self.connect(proxy)
        request = post(call(1, text="x" * 30_000))
        for at in range(0, len(request), 1000):
            client.send(request[at:at + 1000])
            time.sleep(0.1)
        self.assertEqual(client.response().status, 200)

    def test_a_slow_reader_holds_its_upstream_back_and_loses_nothing(self):
        piece = bytes(range(256)) * 256
        total = 64 << 20
        sent = []

        def handler(connection):
            connection.request()
            connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % total)
            for _ in range(total // len(piece)):
                connection.send(piece)
                sent.append(len(piece))

        proxy = self.proxy(self.origin(handler))
        before = proxy.memory_kib()
        client = self.connect(proxy)
        client.send(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        client.head()
        progress = -1
        while progress != len(sent):  # Until the upstream is blocked.
            progress = len(sent)
            time.sleep(0.3)
        self.assertLess(sum(sent), total)
        grown = proxy.memory_kib() - before
        measured(f"a client that does not read: {sum(sent) >> 10} KiB sent by the upstream, {grown} KiB more in the proxy")
        self.assertLess(grown, 4096)
        have = len(client.buffer)
        self.assertTrue(piece.startswith(client.buffer[:256]))
        while have < total:
            client.buffer = b""
            self.assertTrue(client.fill())
            expected = (piece * (2 + len(client.buffer) // len(piece)))[have % 256:][:len(client.buffer)]
            self.assertEqual(client.buffer == expected, True)
            have += len(client.buffer)
        self.assertEqual(have, total)
