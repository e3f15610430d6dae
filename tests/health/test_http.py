"""Pulses over HTTP: upstreams that die and come back under a live session, and such as answer oddly."""

import datetime
import json
import os
import signal
import socket
import time
import unittest
import urllib.request

from support import EVERYTHING, HERE, STATEFUL, HealthTest, Started, free_port, measured

PULSE = 0.4  # Seconds.
FLAGS = ["--pulse-interval", f"{PULSE}s", "--pulse-timeout", f"{PULSE}s", "--emf-interval", "1s"]


class Proxied(HealthTest):
    def everything(self, port):
        env = {**self.home.environment, "PORT": str(port)}
        return self.started(Started([*EVERYTHING, "streamableHttp"], rf"port ({port})$", env=env))

    def stateful(self, port):
        return self.started(Started([*STATEFUL, "--http", str(port)], r"listening on (http://\S+)"))

    def states(self):
        """What was told of the server's health, in order."""
        return [line["server_state"] for line in self.home.lines()
                if line["event"] in ("server.unhealthy", "server.healthy")]

    def up(self):
        self.eventually("a pulse that is answered", lambda: 1 in self.metric("ServerUp"))

    def told(self, state, seconds=30):
        began = time.monotonic()
        self.eventually(state, lambda: self.states()[-1:] == [state], seconds)
        return time.monotonic() - began


class Outages(Proxied):
    def die_and_come_back(self, start, use):
        port = free_port()
        upstream = start(port)
        proxy = self.proxy(f"http://127.0.0.1:{port}", *FLAGS)
        host = self.host("--http", proxy.address + "/mcp")
        before = use(host)
        self.up()
        killed = time.time()
        upstream.process.send_signal(signal.SIGKILL)
        upstream.process.wait()
        took = self.told("down")
        first = self.events("server.unhealthy")[0]
        self.assertEqual(first["failures"], 2)
        noticed = datetime.datetime.fromisoformat(first["timestamp"]).timestamp() - killed
        self.assertLess(noticed, 2 * PULSE + 1)
        self.assertEqual(self.states(), ["degraded", "down"])
        host.begin(list=True)
        self.assertIn("error", host.outcome())
        start(port)
        back = self.told("up")
        # The session has gone with the process; a real host opens another.
        self.assertEqual(host.do(connect=True), "connected")
        self.assertEqual(use(host), before)
        self.assertEqual(host.close(), 0)
        self.assertEqual(proxy.stop(), 0)
        measured(f"a dead upstream was noticed after {noticed / PULSE:.1f} pulses, down after {took / PULSE:.1f}, and up {back / PULSE:.1f} after its start")
        self.assertLess(took, 5 * PULSE + 1)
        # The host's own failed request is counted, once an interval and not per line.
        [unreached] = self.events("server.unreached")
        self.assertGreaterEqual(unreached["count"], 1)
        self.assertEqual(sorted(set(self.metric("ServerUp"))), [0, 1])

    def test_a_stateful_server(self):
        self.die_and_come_back(self.stateful, lambda host: [host.call("count"), host.call("count")])

    def test_server_everything(self):
        self.die_and_come_back(self.everything, lambda host: host.call("echo", message="hello"))

    def test_a_server_that_hangs_and_goes_on(self):
        upstream = self.stateful(free_port())
        proxy = self.proxy(upstream.address, *FLAGS)
        host = self.host("--http", proxy.address + "/mcp")
        self.assertEqual(host.call("count"), "1")
        self.up()
        os.kill(upstream.process.pid, signal.SIGSTOP)
        self.told("down")
        self.assertIn("no answer in time", self.events("server.unhealthy")[-1]["message"])
        os.kill(upstream.process.pid, signal.SIGCONT)
        self.told("up")
        self.assertEqual(host.call("count"), "2")
        self.assertEqual(host.close(), 0)

    def test_readiness_does_not_depend_on_one_upstream(self):
        health = f"127.0.0.1:{free_port()}"
        self.proxy(f"http://127.0.0.1:{free_port()}", *FLAGS, "--health-listen", health)
        self.told("down")
        with urllib.request.urlopen(f"http://{health}/readyz") as answer:
            self.assertEqual(answer.status, 200)

    def test_what_a_pulse_asks_is_no_call_and_no_session(self):
        upstream = self.stateful(free_port())
        proxy = self.proxy(upstream.address, *FLAGS, "--name", "quiet")
        self.eventually("pulses", lambda: len(self.events("server.pulse")) >= 4)
        self.assertEqual(proxy.stop(), 0)
        self.assertEqual({line["event"] for line in self.home.lines()}, {"server.pulse"})
        self.assertEqual(self.metric("McpSessions"), [])

    def test_the_configuration_is_read_again(self):
        upstream = self.stateful(free_port())
        config = self.folder / "sonde.yaml"
        config.write_text(f"proxy:\n  upstreams: ['upstream={upstream.address}']\npulse:\n  interval: 100ms\n")
        proxy = self.proxy({}, "--config", str(config))
        self.up()
        config.write_text(config.read_text().replace("100ms", "0"))
        proxy.process.send_signal(signal.SIGHUP)
        self.eventually("the reload", lambda: any("read again" in line for line in proxy.said))
        self.eventually("the last pulse", lambda: self.quiet_for(0.5))
        self.assertEqual(proxy.stop(), 0)

    def quiet_for(self, seconds):
        before = len(self.events("server.pulse"))
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if len(self.events("server.pulse")) != before:
                return False
            time.sleep(0.05)
        return True


class OddAnswers(Proxied):
    def odd(self, kind, *flags):
        upstream = self.started(Started(["/usr/bin/python3", "-u", str(HERE / "odd_server.py"), kind],
                                        r"listening on (http://\S+)"))
        self.proxy(upstream.address, *FLAGS, *flags)
        return upstream

    def test_whoever_refuses_us_is_alive(self):
        for status in ("401", "403", "404", "405"):
            with self.subTest(status):
                self.setUp()
                self.odd(status)
                self.eventually("pulses", lambda: len(self.metric("ServerUp")) >= 3)
                self.assertEqual(set(self.metric("ServerUp")), {1})
                self.assertEqual(self.events("server.pulse")[-1]["http_status"], int(status))
                self.assertEqual(self.states(), [])

    def test_whoever_does_not_answer_is_down(self):
        reasons = {"500": "HTTP 500", "hang": "no answer in time", "close": "the connection ended",
                   "garbage": "no MCP", "html": "no MCP"}
        for kind, reason in reasons.items():
            with self.subTest(kind):
                self.setUp()
                self.odd(kind)
                self.told("down")
                [down] = self.events("server.unhealthy")
                self.assertIn(reason, down["message"])
                self.assertEqual(down["level"], "error")
                self.eventually("the metric", lambda: 0 in self.metric("ServerUp"))

    def test_nobody_at_the_port(self):
        self.proxy(f"http://127.0.0.1:{free_port()}", *FLAGS)
        self.told("down")
        self.assertIn("Connection refused", self.events("server.unhealthy")[0]["message"])

    def test_a_port_that_accepts_and_says_nothing(self):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            self.proxy(f"http://127.0.0.1:{listener.getsockname()[1]}", *FLAGS)
            self.told("down")
            self.assertIn("no answer in time", self.events("server.unhealthy")[0]["message"])

    def test_servers_of_one_era_only(self):
        for kind in ("modern", "legacy", "sse"):
            with self.subTest(kind):
                self.setUp()
                upstream = self.odd(kind)
                self.eventually("pulses", lambda: len(self.metric("PulseDuration")) >= 3)
                self.assertEqual(set(self.metric("ServerUp")), {1})
                if kind == "legacy":
                    self.eventually("no session is left", lambda: self.open_sessions(upstream) == 0)

    def open_sessions(self, upstream):
        with urllib.request.urlopen(upstream.address + "/open") as answer:
            return json.load(answer)

    def test_missing_tools_degrade(self):
        for kind in ("modern", "legacy"):
            with self.subTest(kind):
                self.setUp()
                self.odd(kind, "--expect-tool", "find", "--expect-tool", "upstream/write", "--expect-tool", "other/x")
                self.told("degraded")
                [degraded] = self.events("server.unhealthy")
                self.assertEqual(degraded["missing_tools"], ["write"])
                self.eventually("the metric", lambda: set(self.metric("ServerUp")) == {1})


if __name__ == "__main__":
    unittest.main()
