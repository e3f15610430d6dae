"""Bodies made to hurt whoever parses them: they pass as they are, at the price of a copy (test 49)."""

import hashlib
import threading
import time

from http_support import SANITIZED, ProxyTest, answering, call, json_answer, ours, post, result_of
from support import LONG, measured, without_splices

DEEP = 100_000
ELEMENTS = 2_000_000 if LONG else 400_000
STRING = 100 << 20 if LONG else 24 << 20
CPU_MS_PER_MB = 2.0
# Arguments of up to 1 MiB are hashed, most of them as canonical JSON: sorted keys, numbers written anew.
HASHED_BYTES_MAX = 1 << 20
HASHED_CPU_MS_PER_MB = 25.0


def bombs():
    begin = b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","arguments":'
    yield "deep arrays", begin + b"[" * DEEP + b"]" * DEEP + b"}}"
    yield "deep objects", begin + b'{"a":' * DEEP + b"1" + b"}" * DEEP + b"}}"
    yield "deep and never closed", b"[" * DEEP
    yield "a batch", b"[" + b",".join([b'{"jsonrpc":"2.0","method":"x"}'] * (ELEMENTS // 10)) + b"]"
    yield "many elements", begin + b"[" + b"1," * ELEMENTS + b"1]}}"
    yield "many keys", begin + b"{" + b",".join(b'"k%d":%d' % (i, i) for i in range(ELEMENTS // 10)) + b"}}}"
    yield "a long string", begin + b'"' + b"x" * STRING + b'"}}'
    yield "a long string of escapes", begin + b'"' + b"\\u0041" * (STRING // 24) + b'"}}'
    yield "a long key", begin + b'{"' + b"k" * (STRING // 4) + b'":1}}}'
    yield "a long tool name", b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"' + b"n" * (STRING // 4) + b'"}}'
    yield "a long method", b'{"jsonrpc":"2.0","id":1,"method":"' + b"m" * (STRING // 4) + b'"}'
    yield "a long id", b'{"jsonrpc":"2.0","id":"' + b"i" * (STRING // 4) + b'","method":"ping"}'
    yield "duplicate keys", begin + b"{" + b'"a":1,' * (ELEMENTS // 4) + b'"a":1}}}'
    yield "duplicate ids", b'{' + b'"id":1,' * (ELEMENTS // 4) + b'"id":2,"jsonrpc":"2.0","method":"ping"}'
    yield "huge numbers", begin + b"[1e400,-1e400,1e-400," + b"9" * 100_000 + b",0." + b"0" * 100_000 + b"1]}}"
    yield "lone surrogates", begin + b'"\\ud800\\udc00\\ud800x\\udfff"}}'
    yield "no UTF-8", begin + b'"' + bytes(range(0x80, 0x100)) * 100 + b'"}}'
    yield "no JSON", bytes(range(256)) * 4096
    yield "blanks", b" " * (1 << 20)
    yield "nothing but a brace", b"{"
    yield "NUL", b"\0" * 100_000
    yield "two messages", call(1) + b"\n" + call(2)
    yield "JSON behind the end", call(1) + b" " * 1000 + b"]]]]"
    yield "a byte order mark", b"\xef\xbb\xbf" + call(1)


class BodyBombs(ProxyTest):
    def setUp(self):
        super().setUp()
        self.digests = []
        self.lock = threading.Lock()

    def respond(self, request):
        with self.lock:
            self.digests.append(hashlib.sha256(request.body).hexdigest())
            self.last = request.body
        return json_answer(result_of(1))

    def test_they_arrive_as_they_were_sent(self):
        proxy = self.proxy(self.origin(answering(self.respond)), "--no-inject")
        for name, body in bombs():
            with self.subTest(name):
                answer = self.connect(proxy).exchange(post(body))
                self.assertEqual(answer.status, 200)
                self.assertEqual(self.digests[-1], hashlib.sha256(body).hexdigest())

    @ours
    def test_with_the_splice_only_that_is_added(self):
        proxy = self.proxy(self.origin(answering(self.respond)))
        for name, body in bombs():
            with self.subTest(name):
                self.assertEqual(self.connect(proxy).exchange(post(body)).status, 200)
                # What was kept free for a splice and not used is blanks behind the message.
                self.assertEqual(without_splices(self.last).rstrip(b" "), body.rstrip(b" "))

    @ours
    def test_they_cost_no_memory_and_little_time(self):
        proxy = self.proxy(self.origin(answering(self.respond)))
        client = self.connect(proxy)
        client.exchange(post(call(1)))
        worst, largest = (0.0, ""), (0, "")
        for name, body in bombs():
            with self.subTest(name):
                before = proxy.anonymous_kib()
                # Two milliseconds are for what each request costs, whatever its size.
                ms = max(min(self.cpu_ms(proxy, client, body) for _ in range(3)) - 2.0, 0.0)
                ms_per_mb = ms / max(len(body) / 1e6, 0.1)
                grown = proxy.anonymous_kib() - before
                worst, largest = max(worst, (ms_per_mb, name)), max(largest, (grown, name))
                self.assert_grown_less(grown, 16 * 1024)
                if not SANITIZED:  # On a busy machine the recorder may still hold what it has not come to.
                    self.eventually(lambda was=before, body=body:
                                    proxy.anonymous_kib() - was < max(10 * len(body) // 1024, 4096),
                                    5.0, f"{name}: what it took is given back")
                hashed = b'"arguments":' in body[:200] and len(body) < HASHED_BYTES_MAX + 1000
                if not SANITIZED:
                    self.assertLess(ms_per_mb, HASHED_CPU_MS_PER_MB if hashed else CPU_MS_PER_MB)
        measured(f"body bombs: at most {worst[0]:.2f} ms of CPU per MB ({worst[1]}), {largest[0]} KiB of memory ({largest[1]})")

    def cpu_ms(self, proxy, client, body):
        before = proxy.cpu_us()
        self.assertEqual(client.exchange(post(body)).status, 200)
        time.sleep(0.05)  # For what is done after the answer.
        return (proxy.cpu_us() - before) / 1e3

    @ours
    def test_the_same_in_answers(self):
        bodies = dict(bombs())

        def respond(request):
            return json_answer(bodies[request.json()["params"]["arguments"]["which"]])

        proxy = self.proxy(self.origin(answering(respond)))
        client = self.connect(proxy)
        for i, (name, body) in enumerate(bodies.items()):
            with self.subTest(name):
                before = proxy.anonymous_kib()
                answer = client.exchange(post(call(i + 1, which=name)))
                self.assertEqual(answer.body == body, True)
                self.assert_grown_less(proxy.anonymous_kib() - before, 16 * 1024)
        self.assertIsNone(proxy.process.poll())

    @ours
    def test_what_cannot_be_read_is_recorded_as_that(self):
        proxy = self.proxy(self.origin(answering(self.respond)))
        client = self.connect(proxy)
        client.exchange(post(b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":' + b"[" * 3000))
        client.exchange(post(call(2, "echo")))
        records = self.calls(proxy)
        self.assertEqual([r["tool_name"] for r in records if r["jsonrpc_id"] == 2], ["echo"])
        self.assertIsNone(proxy.process.poll())
