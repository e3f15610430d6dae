"""Metric lines of real runs, to an agent and to stdout, are valid one by one, and are what the default alarms watch."""

import http.client
import json
import subprocess
import sys
import threading
import unittest

from support import PATIENCE, ROOT, SCRIPTED, SONDE, Agent, EndToEnd
from test_proxy import CALL, Upstream

CONFIG = """
environment: production
emf:
  interval: 1s
  dimensions: [[ServerName, ToolName, Environment], [ServerName, Environment], [ToolName, Environment], [Environment]]
alarms:
  servers: [files, search]
  tools: [files/echo]
  p50_max: 1s
  capacity_cps: 100
  max_sessions: 100
"""


def metric_lines(text):
    """Those that have metrics; each must be one JSON object."""
    return [line for line in map(json.loads, filter(None, text.splitlines())) if "_aws" in line]


def series(line):
    """(namespace, metric, dimensions) of every metric that CloudWatch makes of a line."""
    for directive in line["_aws"]["CloudWatchMetrics"]:
        for names in directive["Dimensions"]:
            dimensions = frozenset((name, line[name]) for name in names)
            for metric in directive["Metrics"]:
                yield directive["Namespace"], metric["Name"], dimensions


def of_any_server(namespace, metric, dimensions):
    """Which of the two servers it is does not matter: one is on stdio, one on HTTP, and each makes what it can."""
    return namespace, metric, frozenset((name, "any" if name == "ServerName" else value) for name, value in dimensions)


class Emitted(EndToEnd):
    def setUp(self):
        super().setUp()
        self.home.configure(CONFIG)

    def check_emf(self, text, least):
        """The project's checker, which knows every rule of the format."""
        done = subprocess.run([sys.executable, str(ROOT / "scripts/check_emf.py"), "--require", str(least), "-"],
                              input=text, capture_output=True, text=True, timeout=PATIENCE)
        self.assertEqual(done.returncode, 0, done.stdout[-2000:])

    def drive_wrap(self, *flags):
        """A session with every outcome, thrash, much context, a second turn, and a server that dies."""
        session = self.wrap(SCRIPTED, "--name", "files", "--restart", "on-crash", *flags)
        session.initialize()
        session.request("tools/list")
        for _ in range(8):
            session.call("echo", {"text": "again"})
        session.call("fail")
        session.call("refuse")
        for number in range(4):
            session.call("big", {"bytes": 200_000 + number})
        session.send({"jsonrpc": "2.0", "id": 99, "method": "tools/call", "params": {"name": "exit", "arguments": {"code": 3}}})
        session.answer_to(99)
        session.call("echo", {"text": "there again"})
        return session

    def drive_proxy(self, *flags, until):
        """Somebody at an upstream; returns what the proxy wrote to stdout."""
        upstream = Upstream()
        self.addCleanup(upstream.server_close)
        self.addCleanup(upstream.shutdown)
        proxy = subprocess.Popen([SONDE, "proxy", "--listen", "127.0.0.1:0", "--subject-header", "X-User", "--upstream",
                                  f"search=http://127.0.0.1:{upstream.port}", *flags], env=self.home.environment,
                                 stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(proxy.stderr.close)
        self.addCleanup(proxy.stdout.close)
        self.addCleanup(proxy.kill)
        port = int(proxy.stderr.readline().strip().rsplit(":", 1)[1])
        said, errors = [], threading.Thread(target=proxy.stderr.read, daemon=True)
        reader = threading.Thread(target=lambda: said.extend(iter(proxy.stdout.readline, "")), daemon=True)
        errors.start()
        reader.start()
        client = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        self.addCleanup(client.close)
        for _ in range(3):
            client.request("POST", "/mcp", json.dumps(CALL), {"Content-Type": "application/json", "X-User": "ada"})
            client.getresponse().read()
        self.eventually("the proxy's lines", lambda: until("".join(said)))
        proxy.terminate()
        proxy.wait(PATIENCE)
        reader.join(PATIENCE)
        errors.join(PATIENCE)
        return "".join(said)

    def test_lines_to_an_agent_are_valid_one_by_one(self):
        agents = {"agent.thrash", "agent.context", "agent.turn"}
        life = {"server.start", "server.exit", "server.restarted"}
        called = {"tool.success", "tool.error"}
        for mode, kinds in (("inline", called | agents | life), ("aggregate", {"emf.aggregate"} | agents | life)):
            with self.subTest(mode):
                agent = Agent()
                self.drive_wrap("--emf-agent-endpoint", agent.endpoint, "--emf-mode", mode).close()
                self.eventually("the agent's end", lambda: not agent.thread.is_alive())
                agent.stop()
                text = agent.received.decode()
                self.check_emf(text, least=5)
                lines = [json.loads(x) for x in text.splitlines()]
                self.assertTrue(all(x["_aws"]["LogGroupName"] for x in lines), "the agent needs a log group")
                self.assertLessEqual(kinds, {x["event"] for x in lines})
                self.assertEqual(metric_lines(self.home.raw_log()), [], "no metric goes two ways")

    def test_lines_to_stdout_are_valid_one_by_one(self):
        text = self.drive_proxy("--log-stdout", "--no-log-to-file", until=lambda said: '"event":"tap.gauges"' in said)
        self.check_emf(text, least=4)
        self.assertLessEqual({"tool.success", "tap.gauges"}, {x["event"] for x in metric_lines(text)})
        self.assertFalse(any("LogGroupName" in x["_aws"] for x in metric_lines(text)))

    def test_proxy_lines_to_an_agent_are_valid_one_by_one(self):
        agent = Agent()
        self.drive_proxy("--emf-agent-endpoint", agent.endpoint, until=lambda _: b'"event":"tap.gauges"' in agent.received)
        self.eventually("the agent's end", lambda: not agent.thread.is_alive())
        agent.stop()
        self.check_emf(agent.received.decode(), least=4)

    def test_every_default_alarm_watches_a_series_that_a_run_has_emitted(self):
        self.drive_wrap().close()
        self.drive_proxy("--log-stdout", until=lambda said: '"event":"tap.gauges"' in said)
        emitted = {of_any_server(*one) for line in metric_lines(self.home.raw_log()) for one in series(line)}
        watched = 0
        for row in self.home.run("aws", "template", "--matrix").stdout.splitlines():
            alarm, namespace, *rest = row.split("\t")
            if namespace == "AWS/Logs" or not rest:
                continue  # CloudWatch's own; or the page, which reads alarms.
            name, _, dimensions = rest
            watched += 1
            with self.subTest(alarm=alarm, metric=name):
                wanted = frozenset(tuple(x.split("=", 1)) for x in dimensions.split(","))
                self.assertIn(of_any_server(namespace, name, wanted), emitted)
        self.assertGreater(watched, 30)


if __name__ == "__main__":
    unittest.main()
