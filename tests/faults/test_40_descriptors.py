"""More connections than descriptors: the proxy accepts again as soon as there are some (test 40)."""

import json
import resource
import socket
import time
import unittest

import proxies
from http_support import SANITIZED, SSE_HEAD, ProxyTest, answering, call, chunk, get, json_answer, ours, post, result_of
from support import PATIENCE, measured

FILES = 256
FLOOD = 5_000


def few_files():
    resource.setrlimit(resource.RLIMIT_NOFILE, (FILES, FILES))


# UBSan looks at an object through a pipe, and calls it broken when there is no descriptor for one.
@unittest.skipIf(SANITIZED, "a sanitizer needs descriptors of its own")
class Descriptors(ProxyTest):
    def flood(self, port):
        """Connects as often as it is told, without waiting; what is refused is left out."""
        found = []
        for _ in range(FLOOD):
            sock = socket.socket()
            sock.setblocking(False)
            try:
                sock.connect(("127.0.0.1", port))
            except BlockingIOError:
                pass
            except OSError:
                sock.close()
                continue
            found.append(sock)
        return found

    def origin_of_calls(self):
        return self.origin(answering(lambda request: json_answer(result_of(request.json()["id"]))))

    def answers(self, proxy, seconds=1.0):
        client = self.connect(proxy)
        return client.exchange(post(call(1)), seconds).status == 200

    def test_a_flood_passes(self):
        proxy = self.proxy(self.origin_of_calls(), preexec_fn=few_files)
        self.assertTrue(self.answers(proxy))
        for _ in range(3):
            flood = self.flood(proxy.port)
            time.sleep(0.3)
            self.assertIsNone(proxy.process.poll())
            for sock in flood:
                sock.close()
            began = time.monotonic()
            self.assertTrue(self.answers(proxy, 5))
            took = time.monotonic() - began
            measured(f"{len(flood)} connections on {FILES} descriptors; the next call took {took * 1e3:.0f} ms")
            self.assertLess(took, 1.0)

    def test_a_client_that_was_there_before_is_served_in_the_flood(self):
        proxy = self.proxy(self.origin_of_calls(), preexec_fn=few_files)
        client = self.connect(proxy)
        self.assertEqual(client.exchange(post(call(1))).status, 200)
        flood = self.flood(proxy.port)
        time.sleep(0.3)
        try:
            for i in range(20):
                self.assertEqual(client.exchange(post(call(i))).status, 200)
        finally:
            for sock in flood:
                sock.close()

    def test_it_does_not_spin_while_it_cannot_accept(self):
        proxy = self.proxy(self.origin_of_calls(), preexec_fn=few_files)
        flood = self.flood(proxy.port)
        time.sleep(1)
        before, began = proxy.cpu_us(), time.monotonic()
        time.sleep(1.5)
        share = (proxy.cpu_us() - before) / 1e6 / (time.monotonic() - began)
        for sock in flood:
            sock.close()
        measured(f"{share * 100:.1f} % of a CPU while more connect than can be accepted")
        self.assertLess(share, 0.2)

    @ours
    def test_health_is_told_in_the_flood(self):
        port = proxies.free_port()
        proxy = self.proxy(self.origin_of_calls(), "--health-listen", f"127.0.0.1:{port}", preexec_fn=few_files)
        flood = self.flood(proxy.port)
        time.sleep(0.3)
        try:
            client = self.connect(port)
            self.assertEqual(client.exchange(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n", 2).status, 200)
        finally:
            for sock in flood:
                sock.close()

    @ours
    def test_beyond_connections_max_a_client_is_told_or_waits(self):
        def handler(connection):
            connection.request()
            connection.send(SSE_HEAD + chunk(b"data: 1\n\n"))
            connection.to_end(3600)

        proxy = self.proxy(self.origin(handler), "--connections-max", "8")
        held = []
        for _ in range(8):
            client = self.connect(proxy)
            client.send(get())
            client.head()
            held.append(client)
        late = self.connect(proxy)
        late.send(get())
        try:
            self.assertIn(late.response(1).status, (503, 429))
        except (AssertionError, OSError):
            pass  # It waits, or was closed.
        for client in held:
            client.close()

        def served():
            client = self.connect(proxy)
            client.send(get())
            try:
                return client.head(0.5).status == 200
            except (AssertionError, OSError):
                return False

        self.eventually(served, 3, "there is room again")

    @ours
    def test_too_few_descriptors_to_reach_the_upstream_is_told(self):
        """A connection that has a client but cannot get an upstream is answered, not left hanging."""
        def handler(connection):
            connection.request()
            connection.send(SSE_HEAD + chunk(b"data: 1\n\n"))
            connection.to_end(3600)

        proxy = self.proxy(self.origin(handler), preexec_fn=few_files)
        told = {}
        clients = []
        for _ in range(FILES):
            try:
                client = self.connect(proxy)
                client.send(get())
                clients.append(client)
                told.setdefault(client.head(1.0).status, []).append(1)
            except (AssertionError, OSError) as error:
                told.setdefault(type(error).__name__, []).append(1)
                if len(told[type(error).__name__]) > 3:
                    break
        measured(json.dumps({str(k): len(v) for k, v in told.items()}))
        self.assertGreater(len(told[200]), FILES // 4)
        self.assertLessEqual(set(told) - {200}, {503, 502, "AssertionError", "Ended", "ConnectionResetError"})
        for client in clients:
            client.close()

        def answers_again():
            try:
                client = self.connect(proxy)
                client.send(get())
                return client.head(0.5).status == 200
            except (AssertionError, OSError):
                return False

        self.eventually(answers_again, PATIENCE, "it serves again")
