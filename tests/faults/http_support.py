"""What the fault tests of the proxy share: raw connections, an origin of their own, and the proxy.

SONDE_FAULT_PROXY=nginx or haproxy runs a test against those, to see what it is worth.
"""

import contextlib
import json
import os
import pathlib
import resource
import select
import socket
import struct
import threading
import time
import unittest

import proxies
from support import PATIENCE, SONDE, FaultTest

KIND = os.environ.get("SONDE_FAULT_PROXY", "sonde")
# A sanitizer's memory is not the program's: what is allocated is not judged with one.
SANITIZED = KIND == "sonde" and os.path.exists(SONDE) and any(
    name in pathlib.Path(SONDE).read_bytes() for name in (b"AddressSanitizer", b"ThreadSanitizer"))
ours = unittest.skipUnless(KIND == "sonde", "only sonde promises this")

# Ten thousand connections need them; children inherit it.
_HARD = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (_HARD, _HARD))
OPEN_FILES_MAX = _HARD

SSE_HEAD = (b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-cache\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n")


def chunk(data):
    return b"%x\r\n%s\r\n" % (len(data), data)


def json_answer(message, extra=b"", status=b"200 OK"):
    body = message if isinstance(message, bytes) else json.dumps(message).encode()
    return (b"HTTP/1.1 " + status + b"\r\nContent-Type: application/json\r\n" + extra
            + b"Content-Length: %d\r\n\r\n" % len(body) + body)


def post(body, target=b"/mcp", extra=b"", host=b"localhost"):
    return (b"POST " + target + b" HTTP/1.1\r\nHost: " + host + b"\r\nContent-Type: application/json\r\n"
            b"Accept: application/json, text/event-stream\r\n" + extra
            + b"Content-Length: %d\r\n\r\n" % len(body) + body)


def get(target=b"/mcp", extra=b"Accept: text/event-stream\r\n", host=b"localhost"):
    return b"GET " + target + b" HTTP/1.1\r\nHost: " + host + b"\r\n" + extra + b"\r\n"


def call(number, tool="echo", **arguments):
    return json.dumps({"jsonrpc": "2.0", "id": number, "method": "tools/call",
                       "params": {"name": tool, "arguments": arguments}}).encode()


def result_of(number, text="done"):
    return {"jsonrpc": "2.0", "id": number, "result": {"content": [{"type": "text", "text": text}]}}


class Message:
    """A request or a response: its first line, its fields in order, its payload."""

    def __init__(self, start, fields, raw_head):
        self.start = start
        self.fields = fields
        self.raw_head = raw_head
        self.body = b""
        self.chunked = False

    @property
    def status(self):
        return int(self.start.split()[1])

    @property
    def method(self):
        return self.start.split()[0]

    @property
    def target(self):
        return self.start.split()[1]

    def all(self, name):
        return [value for key, value in self.fields if key.lower() == name.lower()]

    def get(self, name, default=None):
        return next(iter(self.all(name)), default)

    def json(self):
        return json.loads(self.body)


class Ended(AssertionError):
    """The peer closed where more was expected."""


class Connection:
    """A TCP connection that reads HTTP as strictly as the tests need it, and nothing for granted."""

    def __init__(self, sock):
        self.sock = sock
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sock.settimeout(PATIENCE)
        self.buffer = b""
        self.raw = None  # A list: keeps all that was read.

    @classmethod
    def to(cls, port, host="127.0.0.1"):
        return cls(socket.create_connection((host, port), PATIENCE))

    def send(self, data):
        self.sock.sendall(data)

    def poll_readable(self, seconds):
        """Whether there is something to read, be it the end."""
        poller = select.poll()  # Descriptors may be beyond what select() can.
        poller.register(self.sock, select.POLLIN)
        return bool(poller.poll(seconds * 1000))

    def fill(self, seconds=PATIENCE):
        """Reads some; False at the end of the stream."""
        if not self.poll_readable(seconds):
            raise AssertionError(f"nothing came for {seconds} s, after {self.buffer[-200:]!r}")
        try:
            data = self.sock.recv(1 << 18)
        except ConnectionError:
            data = b""
        self.buffer += data
        if self.raw is not None and data:
            self.raw.append(data)
        return bool(data)

    def until(self, mark, seconds=PATIENCE):
        while mark not in self.buffer:
            if not self.fill(seconds):
                raise Ended(f"the stream ended after {self.buffer[-200:]!r}")
        data, _, self.buffer = self.buffer.partition(mark)
        return data

    def exactly(self, size, seconds=PATIENCE):
        if len(self.buffer) < size:  # Joined once: a large body comes in many pieces.
            parts, have = [self.buffer], len(self.buffer)
            while have < size:
                self.buffer = b""
                if not self.fill(seconds):
                    self.buffer = b"".join(parts)
                    raise Ended(f"the stream ended after {have} of {size} bytes")
                parts.append(self.buffer)
                have += len(self.buffer)
            self.buffer = b"".join(parts)
        data, self.buffer = self.buffer[:size], self.buffer[size:]
        return data

    def head(self, seconds=PATIENCE):
        raw = self.until(b"\r\n\r\n", seconds)
        lines = raw.split(b"\r\n")
        fields = []
        for line in lines[1:]:
            name, colon, value = line.partition(b":")
            if not colon:
                raise AssertionError(f"no field: {line!r}")
            fields.append((name.decode("latin-1"), value.strip(b" \t").decode("latin-1")))
        return Message(lines[0].decode("latin-1"), fields, raw)

    def one_chunk(self, seconds=PATIENCE):
        size = int(self.until(b"\r\n", seconds).split(b";")[0], 16)
        data = self.exactly(size, seconds) if size else b""
        if size and self.exactly(2, seconds) != b"\r\n":
            raise AssertionError("a chunk does not end where it should")
        return data

    def chunks(self, seconds=PATIENCE):
        body = b""
        while data := self.one_chunk(seconds):
            body += data
        while self.until(b"\r\n", seconds):
            pass  # A trailer.
        return body

    def response(self, seconds=PATIENCE, to="GET"):
        message = self.head(seconds)
        if message.status in (204, 304) or to == "HEAD" or 100 <= message.status < 200:
            return message
        return self.body_of(message, seconds, until_close=True)

    def request(self, seconds=PATIENCE):
        """None where the peer has closed between two requests."""
        while not self.buffer:
            if not self.fill(seconds):
                return None
        return self.body_of(self.head(seconds), seconds, until_close=False)

    def body_of(self, message, seconds, until_close):
        lengths, codings = message.all("Content-Length"), message.all("Transfer-Encoding")
        if len(lengths) + len(codings) > 1:
            raise AssertionError(f"ambiguous: {message.raw_head!r}")
        if codings:
            message.chunked = True
            message.body = self.chunks(seconds)
        elif lengths:
            message.body = self.exactly(int(lengths[0]), seconds)
        elif until_close:
            message.body = self.to_end(seconds)
        return message

    def to_end(self, seconds=PATIENCE):
        while self.fill(seconds):
            pass
        data, self.buffer = self.buffer, b""
        return data

    def ended(self, seconds):
        """Whether the peer closes within so many seconds, and sends nothing before."""
        try:
            return not self.fill(seconds)
        except AssertionError:
            return False

    def exchange(self, request, seconds=PATIENCE, to="GET"):
        self.send(request)
        return self.response(seconds, to)

    def reset(self):
        """Closes with RST instead of FIN."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()

    def close(self):
        with contextlib.suppress(OSError):
            self.sock.shutdown(socket.SHUT_RDWR)
        self.sock.close()


class Origin:
    """A server on loopback: handler(connection) runs in a thread of its own for each connection."""

    def __init__(self, handler):
        self.handler = handler
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
        self.port = self.listener.getsockname()[1]
        self.connections = []
        self.failures = []
        self.accepted = 0
        self.closing = False
        self.thread = threading.Thread(target=self.accept, daemon=True)
        self.thread.start()

    def accept(self):
        while True:
            try:
                sock, _ = self.listener.accept()
            except OSError:
                return
            self.accepted += 1
            connection = Connection(sock)
            self.connections.append(connection)
            threading.Thread(target=self.run, args=(connection,), daemon=True).start()

    def run(self, connection):
        try:
            self.handler(connection)
        except (OSError, ValueError, Ended):
            pass  # The proxy may close whenever it likes; what it owes the client is tested there.
        except AssertionError as error:
            if not self.closing:
                self.failures.append(error)
        finally:
            connection.close()
            with contextlib.suppress(ValueError):
                self.connections.remove(connection)

    def close(self):
        self.closing = True
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for connection in list(self.connections):
            connection.close()
        self.thread.join(PATIENCE)


def answering(respond):
    """A handler that answers each request with what respond(request) returns; None ends the connection."""
    def handler(connection):
        while request := connection.request(seconds=3600):
            answer = respond(request)
            if answer is None:
                return
            connection.send(answer)
    return handler


class ProxyTest(FaultTest):
    """A fault test with an origin, and the proxy in front of it."""

    def origin(self, handler):
        origin = Origin(handler)
        self.addCleanup(self.check_origin, origin)
        return origin

    def check_origin(self, origin):
        origin.close()
        self.assertEqual(origin.failures, [])

    def proxy(self, origin, *flags, name="proxy", kind=KIND, **options):
        def spawn(command, **pipes):
            return self.spawn(command, **pipes, **options)

        # Origins here count what they are asked.
        flags = ("--pulse-interval", "0", *flags)
        # Runs when the process has ended.
        self.addCleanup(self.check_stderr, self.home / name / f"{kind}.stderr")
        port = origin if isinstance(origin, int) else origin.port
        return proxies.start(kind, spawn, self.home / name, port, SONDE, flags if kind == "sonde" else ())

    def check_stderr(self, path):
        text = path.read_text(errors="replace") if path.exists() else ""
        self.assertNotRegex(text, r"Sanitizer|runtime error:")

    def assert_grown_less(self, kib, limit):
        if not SANITIZED:
            self.assertLess(kib, limit)

    def connect(self, proxy):
        connection = Connection.to(proxy if isinstance(proxy, int) else proxy.port)
        self.addCleanup(connection.close)
        return connection

    def records(self, proxy):
        """The lines of the proxy's log that are whole."""
        folder = pathlib.Path(proxy.folder) / "state" / "log"
        lines = b"".join(path.read_bytes() for path in sorted(folder.glob("*.jsonl*"))).split(b"\n")
        return [json.loads(line) for line in lines if line.endswith(b"}")]

    def counter(self, proxy, name):
        """A counter of the proxy, as it has last written it."""
        for path in (pathlib.Path(proxy.folder) / "state" / "control").glob("*.json"):
            with contextlib.suppress(ValueError, OSError):
                return json.loads(path.read_text())["counters"][name]
        return 0

    def calls(self, proxy, count=1, seconds=5.0):
        """The records of tool calls, once there are so many."""
        def enough():
            found = [r for r in self.records(proxy) if r["event"].startswith("tool.") and "duration_ms" in r]
            return found if len(found) >= count else None

        return self.eventually(enough, seconds, f"{count} calls are in the log")

    def assert_refused(self, connection, *statuses, seconds=PATIENCE):
        """The answer is one of these, and the connection ends behind it."""
        answer = connection.response(seconds)
        self.assertIn(answer.status, statuses, answer.raw_head)
        self.assertTrue(connection.ended(PATIENCE), "the connection stays open")
        return answer


def percentile(times, share):
    ordered = sorted(times)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def stopwatch():
    began = time.monotonic()
    return lambda: time.monotonic() - began
