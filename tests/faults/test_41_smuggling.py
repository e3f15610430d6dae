"""No request hides in another: the vectors of src/http over real sockets (test 41).

Each is sent to the proxy; what the upstream then gets is read by strict and by lax readers, which
must all find the same messages, and exactly those that the reader's own tests expect.
"""

import json
import os
import re
import subprocess
import threading

from http_support import Ended, ProxyTest, get, ours
from lenient_http import READERS, Reader, readings
from support import ROOT, measured

VECTORS_PROGRAM = os.environ.get("SONDE_SMUGGLING_VECTORS", str(ROOT / "out/dev/src/http/smuggling_vectors"))
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
VECTORS_MIN = 120


def vectors():
    """(name, bytes, what becomes of it, status of a refusal or 0)."""
    listed = subprocess.run([VECTORS_PROGRAM], stdout=subprocess.PIPE, check=True).stdout
    return [(f"{row['table']}: {bytes.fromhex(row['name']).decode('latin-1')}", bytes.fromhex(row["stream"]),
             bytes.fromhex(row["expected"]).decode(), row["status"]) for row in json.loads(listed)]


def expected_messages(transcript):
    """The requests that are forwarded whole, as (method, path, body)."""
    transcript, refused, _ = transcript.partition("!")
    if refused and not transcript.endswith(" "):  # Refused in its body: the last one is not whole.
        transcript = transcript[:max(transcript.rfind(" POST "), 0)]
    found = re.findall(r"([A-Z]+) (\S+) (?:-|(?:chunked|\d+):(\S*))(?= |$)", transcript)
    return [(method.encode(), path.encode(), body.encode()) for method, path, body in found]


class Recorder:
    """An upstream that keeps every byte, and answers whatever a strict reader takes for a request."""

    def __init__(self, test):
        self.lock = threading.Lock()
        self.streams = []
        self.origin = test.origin(self.handle)

    def handle(self, connection):
        kept = bytearray()
        with self.lock:
            self.streams.append(kept)
        answered = 0
        while connection.fill(3600):
            with self.lock:
                kept += connection.buffer
            connection.buffer = b""
            whole = [m for m in Reader(READERS[0], bytes(kept)).messages() if m[0] != b"incomplete"]
            for _ in whole[answered:]:
                connection.send(ANSWER)
            answered = max(answered, len(whole))

    def snapshot(self):
        with self.lock:
            return [bytes(stream) for stream in self.streams]


def whole_messages(stream):
    """What all readers agree on; fails where they do not."""
    found = readings(stream)
    strict = found["strict"]
    if any(messages != strict for messages in found.values()):
        others = {name: messages for name, messages in found.items() if messages != strict}
        raise AssertionError(f"ambiguous: {stream!r}: {others}, but strictly {strict}")
    return [(*start.split(b" "), body) for start, body in strict if start != b"incomplete"]


class Smuggling(ProxyTest):
    def setUp(self):
        super().setUp()
        self.recorder = Recorder(self)

    def answers_to(self, proxy, stream, count, refused):
        """The statuses that come back; a last one for what is refused, and whether it closed behind it."""
        client = self.connect(proxy)
        statuses, closed = [], False
        try:
            client.send(stream)
            while len(statuses) < count + bool(refused):
                status = client.response(5).status
                statuses += [status] if status >= 200 else []
            closed = bool(refused) and client.ended(2)
        except (Ended, OSError):
            closed = True
        client.close()
        return statuses, closed, client.buffer

    def seen_since(self, before):
        """The messages at the upstream, on any connection; what is not complete is none."""
        seen = []
        for i, stream in enumerate(self.recorder.snapshot()):
            known = len(whole_messages(before[i])) if i < len(before) else 0
            for method, target, version, body in whole_messages(stream)[known:]:
                self.assertEqual(version, b"HTTP/1.1")
                seen.append((method, target, body))
        return sorted(seen)

    @ours
    def test_every_vector_is_refused_or_one_message(self):
        proxy = self.proxy(self.recorder.origin, "--no-inject", "--allow-host", "a", "--head-timeout", "5s")
        table = vectors()
        self.assertGreaterEqual(len(table), VECTORS_MIN)
        forwarded = refused = 0
        for name, stream, transcript, status in table:
            with self.subTest(name, stream=stream):
                messages = expected_messages(transcript)
                if b"Host" not in stream and messages:  # On HTTP/1.0: it names no host that is served.
                    self.assertEqual(self.connect(proxy).exchange(stream).status, 403)
                    continue
                before = self.recorder.snapshot()
                # What is refused in its body was already forwarded in part; it ends with that answer.
                statuses, closed, extra = self.answers_to(proxy, stream, len(messages), status != 0)
                self.assertEqual(statuses[:len(messages)], [200] * len(messages))
                if status:
                    self.assertEqual((statuses[len(messages):], closed), ([status], True))
                    refused += 1
                else:
                    forwarded += 1
                self.assertEqual(extra, b"")
                self.assertEqual(self.seen_since(before), sorted(messages))
        measured(f"{len(table)} vectors: {refused} refused, {forwarded} forwarded, 0 ambiguous to {len(READERS)} readers")
        self.assertEqual(self.connect(proxy).exchange(get(host=b"a")).status, 200)

    @ours
    def test_no_vector_reaches_another_clients_connection(self):
        """A client in good order beside each vector gets its own answers and no other."""
        proxy = self.proxy(self.recorder.origin, "--no-inject", "--allow-host", "a")
        victim = self.connect(proxy)
        for name, stream, _, _ in vectors():
            with self.subTest(name):
                attacker = self.connect(proxy)
                try:
                    attacker.send(stream)
                except OSError:
                    pass
                victim.send(get(b"/victim", host=b"a"))
                answer = victim.response(5)
                self.assertEqual((answer.status, answer.body), (200, b"ok"))
                attacker.close()

    @ours
    def test_with_the_splice_messages_are_no_more_and_no_others(self):
        proxy = self.proxy(self.recorder.origin, "--allow-host", "a")
        for name, stream, transcript, status in vectors():
            with self.subTest(name):
                messages = expected_messages(transcript)
                if b"Host" not in stream and messages:
                    continue
                before = self.recorder.snapshot()
                self.answers_to(proxy, stream, len(messages), status != 0)
                seen = self.seen_since(before)
                self.assertEqual([m[:2] for m in seen], sorted(m[:2] for m in messages))

    def test_the_readers_tell_what_is_ambiguous(self):
        """The oracle itself: each lax reader is fooled by what fooled its original."""
        hidden = b"GET /hidden HTTP/1.1\r\n\r\n"
        for name, stream in {
                "length wins": b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n" + hidden,
                "last length wins": b"POST / HTTP/1.1\r\nContent-Length: %d\r\nContent-Length: 0\r\n\r\n%s" % (len(hidden), hidden),
                "chunked anywhere in the coding": b"POST / HTTP/1.1\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
                "any coding is chunked": b"POST / HTTP/1.1\r\nTransfer-Encoding: x\r\n\r\n0\r\n\r\n",
                "names squeezed": b"POST / HTTP/1.1\r\nContent-Length : %d\r\n\r\n%s" % (len(hidden), hidden),
                "underscores are dashes": b"POST / HTTP/1.1\r\nContent_Length: %d\r\n\r\n%s" % (len(hidden), hidden),
                "folded lines are fields": b"POST / HTTP/1.1\r\nX: y\r\n Content-Length: %d\r\n\r\n%s" % (len(hidden), hidden),
                "sizes as strtol": b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0x3\r\nabc\r\n0\r\n\r\n",
                "LF ends lines": b"POST / HTTP/1.1\r\nX: y\nContent-Length: %d\r\n\r\n%s" % (len(hidden), hidden),
                "CR ends lines": b"POST / HTTP/1.1\r\nX: y\rContent-Length: %d\r\n\r\n%s" % (len(hidden), hidden)}.items():
            with self.subTest(name):
                found = readings(stream)
                self.assertNotEqual(found[name], found["strict"])


class Answers(ProxyTest):
    """The same from the other side: an answer that could be read in two ways is none."""

    AMBIGUOUS = {
        "length and coding": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "two lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nabc",
        "a length that is none": b"HTTP/1.1 200 OK\r\nContent-Length: 0x2\r\n\r\nab",
        "another coding": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        "bare LF": b"HTTP/1.1 200 OK\nContent-Length: 2\n\nab",
        "bare CR in a value": b"HTTP/1.1 200 OK\r\nX: a\rb\r\nContent-Length: 2\r\n\r\nab",
        "NUL in a value": b"HTTP/1.1 200 OK\r\nX: a\0b\r\nContent-Length: 2\r\n\r\nab",
        "folded": b"HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 2\r\n\r\nab",
        "blank before the colon": b"HTTP/1.1 200 OK\r\nContent-Length : 2\r\n\r\nab",
        "no status line": b"hello\r\n\r\n",
        "HTTP/0.9": b"<html>hello</html>",
        "HTTP/2": b"HTTP/2.0 200 OK\r\nContent-Length: 2\r\n\r\nab",
        "status of two digits": b"HTTP/1.1 20 OK\r\nContent-Length: 2\r\n\r\nab",
    }

    @ours
    def test_an_ambiguous_answer_is_a_502(self):
        answers = list(self.AMBIGUOUS.values())

        def handler(connection):
            request = connection.request()
            connection.send(answers[int(request.target[1:])])

        proxy = self.proxy(self.origin(handler))
        for i, name in enumerate(self.AMBIGUOUS):
            with self.subTest(name):
                self.assertEqual(self.connect(proxy).exchange(get(b"/%d" % i), 5).status, 502)

    @ours
    def test_what_follows_an_answer_is_never_the_next_answer(self):
        """Response queue poisoning: the upstream sends two answers to one request."""
        def handler(connection):
            while request := connection.request():
                connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n" + request.target[1:2].encode()
                                + b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil")

        proxy = self.proxy(self.origin(handler))
        client = self.connect(proxy)
        for letter in (b"a", b"b", b"c"):
            answer = client.exchange(get(b"/" + letter))
            self.assertIn((answer.status, answer.body), ((200, letter), (502, answer.body)))
            self.assertNotIn(b"evil", answer.body)


