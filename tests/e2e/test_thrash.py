"""Agents that go in circles, through wrap and through the proxy: told with evidence, and denied where that is asked for."""

import datetime
import http.client
import http.server
import itertools
import json
import threading
import unittest

from support import PATIENCE, SCRIPTED, EndToEnd
from test_proxy import Handler, Proxy

LOOPS = 8


class Watched(EndToEnd):
    def thrash(self):
        return [x for x in self.home.lines() if x["event"] == "agent.thrash"]

    def metric_names(self, line):
        return {m["Name"] for directive in line["_aws"]["CloudWatchMetrics"] for m in directive["Metrics"]}


class ThroughWrap(Watched):
    def looping(self, tool, arguments, *flags, times=LOOPS):
        session = self.wrap(SCRIPTED, "--name", "scripted", *flags)
        session.initialize()
        session.request("tools/list")
        answers = [session.call(tool, arguments) for _ in range(times)]
        session.close()
        return answers

    def test_an_agent_that_repeats_itself_is_told_with_the_evidence(self):
        self.looping("echo", {"text": "again"})
        [line] = self.thrash()
        self.assertEqual((line["pattern"], line["tools"], line["count"]), ("repeat", ["echo"], 6))
        calls = self.home.calls("echo")
        self.assertEqual(line["first_request_id"], calls[0]["request_id"])
        self.assertEqual(line["request_id"], calls[5]["request_id"])
        self.assertEqual(line["args_hash"], calls[0]["args_hash"])
        self.assertEqual(line["session_id"], calls[0]["session_id"])
        self.assertEqual((line["AgentThrash"], line["ServerName"]), (1, "scripted"))
        self.assertEqual(self.metric_names(line), {"AgentThrash"})
        self.assertNotIn("again", json.dumps(self.home.lines()))

    def test_a_tool_that_fails_with_ever_other_arguments_is_told(self):
        session = self.wrap(SCRIPTED, "--name", "scripted")
        session.initialize()
        for number in range(7):
            session.call("fail", {"text": f"no such file: /tmp/{number}"})
        session.close()
        [line] = self.thrash()
        self.assertEqual((line["pattern"], line["count"]), ("failure", 6))
        self.assertIn("no such file", line["error_message"])

    def test_calls_in_turn_are_told(self):
        session = self.wrap(SCRIPTED, "--name", "scripted")
        session.initialize()
        for _ in range(4):
            session.call("echo", {"text": "one"})
            session.call("show_meta", None, {"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"})
        session.close()
        [line] = self.thrash()
        self.assertEqual((line["pattern"], line["tools"], line["count"]), ("cycle", ["echo", "show_meta"], 8))

    def test_work_and_polls_that_get_on_are_not_told(self):
        session = self.wrap(SCRIPTED, "--name", "scripted")
        session.initialize()
        for number in range(20):
            session.call("echo", {"text": f"file {number}"})
            session.call("print_environment")  # The same each time, but there is work in between.
        session.close()
        self.assertEqual(self.thrash(), [])

    def test_the_turn_is_told_with_its_iterations(self):
        self.looping("echo", {"text": "x"}, times=3)
        [line] = [x for x in self.home.lines() if x["event"] == "agent.turn"]
        self.assertEqual((line["iterations"], line["count"], line["turn_inferred"]), (3, 3, True))
        self.assertEqual(self.metric_names(line), {"IterationsPerTurn"})

    def test_a_session_that_fills_the_context_is_told_once(self):
        self.home.configure("alarms: {context_limit_tokens: 1000}\n")  # The same that alarms are made from.
        session = self.wrap(SCRIPTED, "--name", "scripted")
        session.initialize()
        for number in range(6):
            session.call("big", {"bytes": 1000 + number})
        session.close()
        [line] = [x for x in self.home.lines() if x["event"] == "agent.context"]
        self.assertGreater(line["result_tokens"], 800)
        self.assertEqual(line["SessionResultTokens"], line["result_tokens"])

    def denied(self, session, arguments):
        """Repeats itself until it is denied; the result it gets."""
        for _ in range(6):
            session.call("echo", arguments)

        def answer():
            result = session.call("echo", arguments)["result"]
            return result if result.get("isError") else None
        return self.eventually("a denial", answer)

    def test_a_denied_call_is_answered_with_the_reason_and_does_not_reach_the_server(self):
        session = self.wrap(SCRIPTED, "--name", "scripted", "--thrash-action", "deny")
        session.initialize()
        text = self.denied(session, {"text": "again"})["content"][0]["text"]
        self.assertIn("Denied by sonde: `echo` has been called", text)
        # Answers of the server and ours, in one stream, each a whole line.
        for number in range(20):
            self.assertIn("Denied by sonde", session.call("echo", {"text": "again"})["result"]["content"][0]["text"])
            other = session.call("echo", {"text": f"other {number}"})
            self.assertEqual(other["result"]["content"][0]["text"], f"other {number}")
        large = session.call("big", {"bytes": 300_000, "x": "x" * 300_000})
        self.assertEqual(len(large["result"]["content"][0]["text"]), 300_000)
        session.close()
        denied = [x for x in self.home.calls("echo") if x["status"] == "denied"]
        self.assertEqual(len(denied), 21)
        for line in denied:
            self.assertEqual((line["event"], line["error_type"], line["ToolDenied"]), ("tool.denied", "thrash", 1))
        counts = [x["count"] for x in self.thrash()]
        self.assertEqual(counts, [6 * 2 ** n for n in range(len(counts))])
        self.assertGreaterEqual(len(counts), 3)

    def test_without_the_switch_nothing_is_denied(self):
        for answer in self.looping("echo", {"text": "again"}, times=40):
            self.assertNotIn("isError", answer["result"])

    def test_it_can_be_switched_off(self):
        self.looping("echo", {"text": "again"}, "--no-thrash")
        self.assertEqual({x["event"].split(".")[0] for x in self.home.lines()} & {"agent"}, set())


class Upstream(http.server.ThreadingHTTPServer):
    """An MCP server over HTTP with sessions: `same` answers the same each time, `count` does not."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Sessions)
        self.port = self.server_address[1]
        self.sessions = itertools.count(1)
        self.count = itertools.count(1)
        self.called = []
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()


class Sessions(Handler):
    def do_POST(self):
        message = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if "id" not in message:
            return self.answer(202, b"")
        fields = {"Content_Type": "application/json"}
        if message["method"] == "initialize":
            fields["Mcp_Session_Id"] = f"handle-{next(self.server.sessions)}"
            result = {"protocolVersion": "2025-11-25", "capabilities": {"tools": {}},
                      "serverInfo": {"name": "up", "version": "1"}}
        else:
            tool = message["params"]["name"]
            self.server.called.append(tool)
            text = "the same" if tool == "same" else f"number {next(self.server.count)}"
            result = {"content": [{"type": "text", "text": text}]}
        body = json.dumps({"jsonrpc": "2.0", "id": message["id"], "result": result})
        return self.answer(200, body.encode(), **fields)


class Client:
    """A client of Streamable HTTP with a session of its own, or of the modern era without one."""

    def __init__(self, port, modern=False):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        self.ids = itertools.count(1)
        self.fields = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}
        self.meta = None
        if modern:
            self.fields["MCP-Protocol-Version"] = "2026-07-28"
            self.meta = {"io.modelcontextprotocol/protocolVersion": "2026-07-28",
                         "io.modelcontextprotocol/clientInfo": {"name": "modern", "version": "1"},
                         "io.modelcontextprotocol/clientCapabilities": {}}
            return
        self.request("initialize", {"protocolVersion": "2025-11-25", "capabilities": {},
                                    "clientInfo": {"name": "legacy", "version": "1"}})

    def request(self, method, params):
        if self.meta:
            params = {**params, "_meta": self.meta}
        body = json.dumps({"jsonrpc": "2.0", "id": next(self.ids), "method": method, "params": params})
        self.connection.request("POST", "/mcp", body, self.fields)
        answer = self.connection.getresponse()
        text = answer.read()
        if session := answer.getheader("Mcp-Session-Id"):
            self.fields["Mcp-Session-Id"] = session
        return json.loads(text)

    def call(self, tool, arguments=None):
        return self.request("tools/call", {"name": tool, "arguments": arguments or {}})["result"]

    def close(self):
        self.connection.close()


class ThroughProxy(Watched, Proxy):
    def begin(self, *flags):
        self.up = Upstream()
        self.addCleanup(self.up.server_close)
        self.addCleanup(self.up.shutdown)
        return self.start(*flags, url=f"http://127.0.0.1:{self.up.port}")

    def client(self, port, modern=False):
        client = Client(port, modern)
        self.addCleanup(client.close)
        return client

    def test_an_agent_that_repeats_itself_is_told_in_either_era(self):
        port = self.begin()
        for modern in (False, True):
            client = self.client(port, modern)
            for _ in range(LOOPS):
                client.call("same")
        lines = self.eventually("two lines", lambda: (found := self.thrash()) and len(found) == 2 and found)
        for line in lines:
            self.assertEqual((line["pattern"], line["count"], line["ServerName"]), ("repeat", 6, "up"))
        self.assertNotEqual(lines[0]["session_id"], lines[1]["session_id"])
        self.assertEqual(len(self.up.called), 2 * LOOPS)

    def test_polls_that_get_on_and_calls_of_several_agents_are_not_told(self):
        port = self.begin()
        poller = self.client(port)
        for _ in range(30):
            poller.call("count")
        for _ in range(10):
            self.client(port).call("same")
        self.eventually("all calls are written", lambda: len(self.home.calls()) == 40)
        self.assertEqual(self.thrash(), [])

    def deny(self, client):
        """Repeats itself until it is denied; the text it gets."""
        for _ in range(6):
            client.call("same", {"path": "a"})
        return self.eventually("a denial", lambda: (result := client.call("same", {"path": "a"})).get("isError") and result)

    def test_a_denied_call_is_answered_with_the_reason_and_does_not_reach_the_server(self):
        port = self.begin("--thrash-action", "deny")
        for modern in (False, True):
            with self.subTest(modern=modern):
                client = self.client(port, modern)
                result = self.deny(client)
                self.assertIn("Denied by sonde: `same` has been called", result["content"][0]["text"])
                self.assertEqual(result.get("resultType"), "complete" if modern else None)
                reached = len(self.up.called)
                for _ in range(3):
                    self.assertTrue(client.call("same", {"path": "a"}).get("isError"))
                self.assertEqual(len(self.up.called), reached)
                # What is not the same call of the same agent goes on.
                self.assertNotIn("isError", client.call("same", {"path": "b"}))
                self.assertNotIn("isError", client.call("count"))
                self.assertNotIn("isError", self.client(port, modern).call("same", {"path": "a"}))

        def denied():
            return [x for x in self.home.calls("same") if x["status"] == "denied"]
        found = self.eventually("the denied calls are written", lambda: len(denied()) >= 8 and denied())
        for line in found:
            self.assertEqual((line["event"], line["error_type"]), ("tool.denied", "thrash"))
            self.assertEqual(line["ToolDenied"], 1)
            self.assertNotEqual(line["session_id"], "none")

    def test_a_denied_call_goes_through_again_when_its_time_is_over(self):
        port = self.begin("--thrash-action", "deny", "--thrash-deny-for", "1s")
        client = self.client(port)
        self.deny(client)
        reached = len(self.up.called)
        # Not asked meanwhile: each attempt would make it longer.
        other = self.client(port)

        def passed_on():
            self.assertNotIn("isError", other.call("count"))
            return self.seconds_since_denial() >= 1.2
        self.eventually("its time is over", passed_on)
        self.assertNotIn("isError", client.call("same", {"path": "a"}))
        self.assertEqual(self.up.called[reached:].count("same"), 1)

    def seconds_since_denial(self):
        """By the log's own clock, as the other client's calls show it."""
        last = max((x["ended_at"] for x in self.home.calls("same")), default=None)
        now = max((x["ended_at"] for x in self.home.calls("count")), default=None)
        if not last or not now:
            return 0
        parse = datetime.datetime.fromisoformat
        return (parse(now.replace("Z", "+00:00")) - parse(last.replace("Z", "+00:00"))).total_seconds()

    def test_large_bodies_pass_while_something_is_denied(self):
        port = self.begin("--thrash-action", "deny")
        client = self.client(port)
        self.deny(client)
        for size in (100_000, 2_000_000):
            self.assertNotIn("isError", client.call("same", {"text": "x" * size}))


if __name__ == "__main__":
    unittest.main()
