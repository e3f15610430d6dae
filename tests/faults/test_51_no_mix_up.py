"""A thousand clients at once: each gets its own answers, and the log tells them apart (test 51)."""

import asyncio
import collections
import json
import os
import random
import subprocess

from coroutines import LoopTest, read_message
from support import LONG, ROOT, measured

CLIENTS = 1_000 if LONG else 250
CALLS = 200 if LONG else 24  # Of each client.
LOAD = os.environ.get("SONDE_HTTP_LOAD", str(ROOT / "out/bench/benchmarks/http_load"))
MANY = 10_000_000


class Server:
    """Answers late, as JSON or as events, with whom it takes the caller for."""

    def __init__(self):
        self.random = random.Random(51)
        self.calls = 0

    async def serve(self, reader, writer):
        try:
            while True:
                _, fields, body = await read_message(reader)
                message = json.loads(body)
                await asyncio.sleep(self.random.choice((0, 0, 0.001, 0.01, 0.03)))
                answer = {"jsonrpc": "2.0", "id": message["id"], "result": {
                    "content": [], "session": fields["mcp-session-id"], "text": message["params"]["arguments"]["text"]}}
                self.calls += 1
                writer.write(self.framed(json.dumps(answer).encode(), fields["mcp-session-id"]))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    def framed(self, body, session):
        session = b"Mcp-Session-Id: " + session.encode() + b"\r\n"
        if self.random.random() < 0.5:
            return (b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n" + session
                    + b"Content-Length: %d\r\n\r\n" % len(body) + body)
        event = b"event: message\ndata: " + body + b"\n\n"
        return (b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n" + session
                + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n" % len(event) + event + b"\r\n0\r\n\r\n")


class Client:
    def __init__(self, number, port):
        self.number = number
        self.port = port
        self.session = f"session-{number}-{random.getrandbits(64):x}"
        self.random = random.Random(number)

    async def run(self, calls):
        """Returns how many answers were somebody else's."""
        wrong = 0
        reader = writer = None
        for i in range(calls):
            if writer is None:
                reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
            # Ids repeat among clients: what tells their calls apart is the session alone.
            text = f"{self.number}/{i}/" + "x" * self.random.choice((0, 10, 1000, 9000))
            body = json.dumps({"jsonrpc": "2.0", "id": i, "method": "tools/call",
                               "params": {"name": f"tool-{self.number}", "arguments": {"text": text}}}).encode()
            writer.write(b"POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nMcp-Session-Id: "
                         + self.session.encode() + b"\r\nX-Correlation-Id: c%d-%d\r\n" % (self.number, i)
                         + b"Content-Length: %d\r\n\r\n" % len(body) + body)
            _, fields, answer = await read_message(reader)
            if answer.startswith(b"event:"):
                answer = answer.split(b"data: ", 1)[1].strip()
            message = json.loads(answer)
            wrong += (message["id"], message["result"]["session"], message["result"]["text"]) != (i, self.session, text)
            wrong += fields["mcp-session-id"] != self.session
            wrong += fields.get("x-correlation-id", f"c{self.number}-{i}") != f"c{self.number}-{i}"
            if self.random.random() < 0.05:
                writer.close()
                writer = None
        if writer:
            writer.close()
        return wrong


class NoMixUp(LoopTest):
    def test_each_client_gets_its_own(self):
        server = Server()
        proxy = self.proxy(self.serve(server.serve))

        async def all_clients():
            return await asyncio.gather(*(Client(n, proxy.port).run(CALLS) for n in range(CLIENTS)))

        wrong = sum(self.loop.run(all_clients()))
        measured(f"{CLIENTS} clients, {server.calls} calls: {wrong} answers were another's")
        self.assertEqual((wrong, server.calls), (0, CLIENTS * CALLS))
        if proxy.kind == "sonde":
            self.check_log(proxy)

    def check_log(self, proxy):
        """Each session's calls are those of one client, and all of them."""
        if CLIENTS * CALLS > 50_000:
            return  # The log has rotated.
        records = self.calls(proxy, CLIENTS * CALLS, 20)
        self.assertEqual(len(records), CLIENTS * CALLS)
        of_session = collections.defaultdict(list)
        for record in records:
            of_session[record["mcp_session_id"]].append(record)
        self.assertEqual(len(of_session), CLIENTS)
        for found in of_session.values():
            self.assertEqual(len({record["tool_name"] for record in found}), 1)
            self.assertEqual(sorted(record["jsonrpc_id"] for record in found), list(range(CALLS)))
            number = found[0]["tool_name"].removeprefix("tool-")
            for record in found:
                self.assertEqual(record["correlation_id"], f"c{number}-{record['jsonrpc_id']}")
                self.assertEqual(record["status"], "ok")

    def test_ten_million_calls(self):
        if not LONG or not os.path.isfile(LOAD):
            self.skipTest("takes minutes, and the load generator of ./bench")
        origin = self.spawn([LOAD.replace("http_load", "http_origin")], stderr=subprocess.DEVNULL)
        proxy = self.proxy(int(origin.stdout.readline()))
        done = subprocess.run([LOAD, "calls", str(proxy.port), "--connections", "1000", "--requests", str(MANY)],
                              stdout=subprocess.PIPE, check=False, timeout=3600)
        self.assertEqual(done.returncode, 0, "an answer was not its caller's")
        measured(f"{json.loads(done.stdout)['count']} calls on 1,000 connections, each answer its own")
