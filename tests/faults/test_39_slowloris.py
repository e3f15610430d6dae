"""Clients that trickle, in thousands: others do not notice, and they are dropped (test 39)."""

import time

from http_support import OPEN_FILES_MAX, Connection, ProxyTest, answering, call, json_answer, ours, percentile, post, result_of
from support import LONG, measured, python

CONNECTIONS = min(10_000, OPEN_FILES_MAX - 1000) if LONG else 1_500
HEAD_TIMEOUT = 10 if LONG else 3  # Seconds.
KIB_PER_CONNECTION = 64
TURN = 0.006  # Seconds: one turn of another process, where there are more than CPUs.


# Opens so many connections and sends a byte a second on each, in a process of its own, so that it
# does not hold up the client that is measured.  Says "open", and at every line how many are left.
HERD = """
import select, socket, sys, threading, time
port, count = map(int, sys.argv[1:])
head = b"POST /mcp HTTP/1.1\\r\\nHost: localhost\\r\\nX-Slow: " + b"x" * 1000
socks = {}
poller = select.poll()
for _ in range(count):
    sock = socket.create_connection(("127.0.0.1", port), 20)
    sock.setblocking(False)
    sock.send(head[:1])
    socks[sock.fileno()] = sock
    poller.register(sock, select.POLLIN)
print("open", flush=True)
threading.Thread(target=lambda: [print(len(socks), flush=True) for _ in sys.stdin], daemon=True).start()

def drop(fd):
    poller.unregister(fd)
    socks.pop(fd).close()

turn = 1
while True:
    time.sleep(0.05)
    for fd, _ in poller.poll(0):
        try:
            ended = not socks[fd].recv(4096)  # A 408 may come before the end.
        except OSError:
            ended = True
        if ended:
            drop(fd)
    for fd, sock in list(socks.items()):
        if fd % 20 == turn % 20:
            try:
                sock.send(head[turn // 20:turn // 20 + 1])
            except OSError:
                drop(fd)
    turn += 1
"""


class Herd:
    def __init__(self, test, port, count):
        self.process = test.spawn(python(HERD, port, count))
        self.process.stdout.readline()

    def open(self):
        self.process.stdin.write(b"\n")
        return int(self.process.stdout.readline())


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
        calm = min(percentile(self.answered(proxy), 0.99) for _ in range(5))
        before = proxy.anonymous_kib()
        began = time.monotonic()
        herd = Herd(self, proxy.port, CONNECTIONS)
        held = herd.open()
        each = (proxy.anonymous_kib() - before) / CONNECTIONS
        busy = min(percentile(self.answered(proxy), 0.99) for _ in range(5))
        measured(f"{held} slow heads: {each:.1f} KiB each; p99 of another client {busy * 1e3:.2f} ms, "
                 f"{calm * 1e3:.2f} ms before")
        self.assert_grown_less(each, KIB_PER_CONNECTION)
        self.assertLess(busy, 2 * calm + TURN)
        self.eventually(lambda: herd.open() == 0, HEAD_TIMEOUT + 5, "all of them are dropped")
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
        before = proxy.anonymous_kib()
        client = self.connect(proxy)
        client.send(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        client.head()
        progress = -1
        while progress != len(sent):  # Until the upstream is blocked.
            progress = len(sent)
            time.sleep(0.3)
        self.assertLess(sum(sent), total)
        grown = proxy.anonymous_kib() - before
        measured(f"a client that does not read: {sum(sent) >> 10} KiB sent by the upstream, {grown} KiB more in the proxy")
        self.assert_grown_less(grown, 4096)
        have = len(client.buffer)
        self.assertTrue(piece.startswith(client.buffer[:256]))
        while have < total:
            client.buffer = b""
            self.assertTrue(client.fill())
            expected = (piece * (2 + len(client.buffer) // len(piece)))[have % 256:][:len(client.buffer)]
            self.assertEqual(client.buffer == expected, True)
            have += len(client.buffer)
        self.assertEqual(have, total)
