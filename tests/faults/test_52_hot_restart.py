"""A restart and a reload under load: no connection refused, no call lost (test 52)."""

import asyncio
import contextlib
import json
import os
import signal
import time

from http_support import ours, post
from support import LONG, alive, measured
from coroutines import LoopTest, read_message

NEW_PER_SECOND = 500 if LONG else 150  # Calls on connections of their own.
KEPT = 20  # Clients that keep theirs, with 25 calls a second each.
STREAMS = 100 if LONG else 30
DRAIN_MAX = 2


class Load:
    """Calls and streams at a steady rate; counts what goes wrong."""

    def __init__(self, port):
        self.port = port
        self.done = 0
        self.retried = 0
        self.failures = []
        self.events = 0
        self.streams_ended = 0
        self.slowest = 0.0
        self.running = True
        self.tasks = []

    async def start(self):
        spawn = asyncio.get_running_loop().create_task
        self.tasks = [spawn(self.arrivals()), *(spawn(self.kept()) for _ in range(KEPT)),
                      *(spawn(self.stream()) for _ in range(STREAMS))]

    async def stop(self):
        self.running = False
        await asyncio.gather(*self.tasks[:1 + KEPT])
        for task in self.tasks[1 + KEPT:]:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)

    async def one(self, reader, writer):
        body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "t"}}).encode()
        writer.write(b"POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                     b"Content-Length: %d\r\n\r\n" % len(body) + body)
        start, fields, _ = await asyncio.wait_for(read_message(reader), 10)
        if " 200 " not in start:
            raise ConnectionError(start)
        self.done += 1
        return "close" in fields.get("connection", "")

    async def fresh(self):
        began = time.monotonic()
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
            await self.one(reader, writer)
            writer.close()
        except (OSError, EOFError, asyncio.TimeoutError) as error:
            self.failures.append(f"new: {error!r}")
        self.slowest = max(self.slowest, time.monotonic() - began)

    async def arrivals(self):
        """At fixed times, whatever became of those before."""
        begin, number, tasks = time.monotonic(), 0, []
        while self.running:
            due = int((time.monotonic() - begin) * NEW_PER_SECOND)
            for _ in range(number, due):
                tasks.append(asyncio.ensure_future(self.fresh()))
            number = due
            await asyncio.sleep(0.005)
        await asyncio.gather(*tasks)

    async def kept(self):
        reader = writer = None
        while self.running:
            if writer and reader.at_eof():  # Closed while it was idle: clients see that before they send.
                writer.close()
                writer = None
            again = writer is not None
            try:
                if not again:
                    reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
                if await self.one(reader, writer):
                    writer.close()
                    writer = None
            except (OSError, EOFError, asyncio.TimeoutError) as error:
                # A server may close a connection that is idle just as a client uses it: then the
                # client sends again on another (RFC 9112 9.3.1).
                nothing_came = isinstance(error, (ConnectionError, asyncio.IncompleteReadError)) and not getattr(error, "partial", b"")
                if again and nothing_came:
                    self.retried += 1
                else:
                    self.failures.append(f"kept: {error!r}")
                writer = None
            await asyncio.sleep(0.04)
        if writer:
            writer.close()

    async def stream(self):
        while self.running:
            writer = None
            try:
                reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
                writer.write(b"GET /mcp HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n")
                await reader.readuntil(b"\r\n\r\n")
                await self.read_events(reader)
            except (OSError, EOFError) as error:
                self.failures.append(f"stream: {error!r}")
                return
            finally:
                if writer:
                    writer.close()

    async def read_events(self, reader):
        with contextlib.suppress(OSError, EOFError):
            while await reader.readuntil(b"\n\n"):
                self.events += 1
        self.streams_ended += 1


async def serve(reader, writer):
    """Calls take ten milliseconds; streams have four events a second and no end."""
    try:
        while True:
            start, _, _ = await read_message(reader)
            if start.startswith("GET"):
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
                while True:
                    writer.write(b"9\r\ndata: 1\n\n\r\n")
                    await writer.drain()
                    await asyncio.sleep(0.25)
            await asyncio.sleep(0.01)
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 36\r\n\r\n"
                         b'{"jsonrpc":"2.0","id":1,"result":{}}')
            await writer.drain()
    except (EOFError, ConnectionError):
        pass
    finally:
        writer.close()


class HotRestart(LoopTest):
    def setUp(self):
        super().setUp()
        self.addCleanup(self.end_successors)
        self.upstream = self.serve(serve)

    def end_successors(self):
        for pid in self.marked():
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGTERM)

    def under_load(self, proxy, disturb):
        load = Load(proxy.port)
        self.loop.run(load.start())
        time.sleep(1)
        disturb()
        time.sleep(1)
        self.loop.run(load.stop())
        return load

    def others(self, *known):
        """Proxies that run and are not those."""
        return [pid for pid in self.marked() if pid not in known]

    @ours
    def test_a_restart_loses_nothing(self):
        proxy = self.proxy(self.upstream, "--drain-max", f"{DRAIN_MAX}s")
        generations = [proxy.pid]

        def restart():
            for _ in range(3):
                old = generations[-1]
                os.kill(old, signal.SIGUSR2)
                new = self.eventually(lambda: self.others(*generations), 5, "there is a successor")[0]
                generations.append(new)
                if old == proxy.pid:  # Our own child: reaped by us.
                    proxy.process.wait(DRAIN_MAX + 5)
                self.eventually(lambda pid=old: not alive(pid), DRAIN_MAX + 5, "the old one drains and exits")

        load = self.under_load(proxy, restart)
        measured(f"3 restarts: {load.done} calls, {len(load.failures)} failed, {load.retried} sent again; "
                 f"{load.events} events on {STREAMS} streams, {load.streams_ended} ends; slowest new call {load.slowest * 1e3:.0f} ms")
        self.assertEqual(load.failures, [])
        self.assertLessEqual(load.retried, KEPT)
        self.assertGreater(load.done, 1000)
        self.assertEqual(proxy.process.returncode, 0)
        self.assertTrue(alive(generations[-1]))

    @ours
    def test_open_calls_end_in_the_old_process(self):
        """A slow call that began before is answered though its process has a successor."""
        async def slow(reader, writer):
            with contextlib.suppress(EOFError, ConnectionError):
                await read_message(reader)
                await asyncio.sleep(1.5)
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nslow")
                await writer.drain()
            writer.close()

        proxy = self.proxy(self.serve(slow), "--drain-max", "10s")
        client = self.connect(proxy)
        client.send(b"POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}")
        time.sleep(0.3)
        os.kill(proxy.pid, signal.SIGUSR2)
        self.eventually(lambda: self.others(proxy.pid), 5, "there is a successor")
        answer = client.response(5)
        self.assertEqual((answer.status, answer.body), (200, b"slow"))
        proxy.process.wait(15)

    @ours
    def test_connections_that_have_just_come_are_answered(self):
        """They have said nothing yet, but they are no idle ones: their clients will not send again."""
        for stop in (signal.SIGUSR2, signal.SIGTERM):
            with self.subTest(stop.name):
                proxy = self.proxy(self.upstream, "--drain-max", f"{DRAIN_MAX}s", name=stop.name)
                clients = [self.connect(proxy) for _ in range(40)]
                time.sleep(0.05)  # So that they have been accepted.
                os.kill(proxy.pid, stop)
                time.sleep(0.05)
                body = b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"t"}}'
                statuses = []
                for client in clients:
                    with contextlib.suppress(AssertionError, OSError):
                        statuses.append(client.exchange(post(body)).status)
                self.assertEqual(statuses, [200] * len(clients))
                proxy.process.wait(DRAIN_MAX + 5)

    @ours
    def test_a_reload_loses_nothing_and_keeps_the_process(self):
        proxy = self.proxy(self.upstream)
        times = 300 if LONG else 30

        def reload():
            for _ in range(times):
                os.kill(proxy.pid, signal.SIGHUP)
                time.sleep(0.05)

        memory, descriptors = proxy.anonymous_kib(), proxy.descriptors()
        load = self.under_load(proxy, reload)
        measured(f"{times} reloads: {load.done} calls, {len(load.failures)} failed, {load.retried} sent again")
        self.assertEqual((load.failures, load.retried, load.streams_ended), ([], 0, 0))
        self.assertIsNone(proxy.process.poll())
        self.assert_grown_less(proxy.anonymous_kib() - memory, 8 * 1024)
        # The last to go are connections to the upstream, kept for the next request.
        self.eventually(lambda: proxy.descriptors() <= descriptors + 4, 15, "descriptors are given back")

    @ours
    def test_sigterm_drains(self):
        proxy = self.proxy(self.upstream, "--drain-max", "2s")
        load = Load(proxy.port)
        self.loop.run(load.start())
        time.sleep(0.5)
        load.running = False  # No new ones: what is open is to end well.
        began = time.monotonic()
        os.kill(proxy.pid, signal.SIGTERM)
        self.assertEqual(proxy.process.wait(10), 0)
        self.assertLess(time.monotonic() - began, 2 + 3)
        self.loop.run(load.stop())
        self.assertEqual([failure for failure in load.failures if not failure.startswith("new: ConnectionRefused")], [])

    @ours
    def test_a_second_sigterm_does_not_wait(self):
        proxy = self.proxy(self.upstream, "--drain-max", "60s")
        client = self.connect(proxy)
        client.send(b"GET /mcp HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n")
        client.head()
        os.kill(proxy.pid, signal.SIGTERM)
        time.sleep(0.3)
        self.assertIsNone(proxy.process.poll())
        began = time.monotonic()
        os.kill(proxy.pid, signal.SIGTERM)
        proxy.process.wait(5)
        self.assertLess(time.monotonic() - began, 1.0)
