"""A server on stdio that dies under a live session of a real host: noticed, told, and with --restart gone on with."""

import json
import os
import re
import signal
import time
import unittest

from support import EVERYTHING, SONDE, STATEFUL, HealthTest, children, measured

PULSE = 1.0  # Seconds.
KEEP = ["--restart", "on-crash", "--pulse", f"{PULSE}s", "--pulse-timeout", f"{PULSE}s"]
GONE = -32012


class Wrapped(HealthTest):
    def wrapped(self, server, *flags, host=()):
        return self.host(*host, "--", SONDE, "wrap", "--name", "server", *flags, "--", *server)

    def wrap_of(self, host):
        [(pid, _)] = children(host.process.pid)
        return pid

    def server_of(self, host):
        """The pid of the only child of wrap, which is no zombie."""
        def only():
            found = children(self.wrap_of(host))
            return found if len(found) == 1 and found[0][1] != "Z" else None
        [(pid, _)] = self.eventually("one living server", only)
        return pid

    def told_of_lost_state(self, host):
        return [note for note in host.notifications if note["method"] == "notifications/message"
                and note["params"]["data"]["state_lost"] == "unknown"]


class Restarts(Wrapped):
    def survive(self, server, use, kill):
        """The session goes on after `kill`; returns the event of the restart."""
        host = self.wrapped(server, *KEEP)
        before = use(host)
        old = self.server_of(host)
        began = time.monotonic()
        kill(host, old)
        restarted = self.event("server.restarted")
        took = time.monotonic() - began
        after = use(host)
        self.assertEqual(after, before, "the new server holds no state of the old one")
        new = self.server_of(host)  # And no zombie beside it.
        self.assertNotEqual(new, old)
        self.assertEqual((restarted["pid"], restarted["state_lost"]), (new, "unknown"))
        self.eventually("the host is told", lambda: self.told_of_lost_state(host))
        self.assertFalse(host.closed)
        self.assertEqual(host.close(), 0)
        self.assertFalse(os.path.exists(f"/proc/{new}"))
        self.assertEqual(self.metric("ServerRestarts"), [1])
        self.assertIn(0, self.metric("ServerUp"))
        return took

    def kill_with(self, number):
        return lambda _, pid: os.kill(pid, number)

    def count(self, host):
        return [host.call("count"), host.call("count")]

    def echo(self, host):
        return host.call("echo", message="hello")

    def test_a_stateful_server_that_is_killed(self):
        self.survive(STATEFUL, self.count, self.kill_with(signal.SIGKILL))
        [end, *_] = self.events("server.exit")
        self.assertEqual(end["signal"], signal.SIGKILL)

    def test_a_stateful_server_that_crashes(self):
        self.survive(STATEFUL, self.count, self.kill_with(signal.SIGSEGV))

    def test_a_stateful_server_that_ends_with_an_error(self):
        def die(host, _):
            host.begin(call="die")
            error = host.outcome()["error"]
            self.assertEqual(error["code"], GONE)
            self.assertIn("state that the server held may be lost", error["message"])
        self.survive(STATEFUL, self.count, die)
        [end, *_] = self.events("server.exit")
        self.assertEqual((end["exit_code"], end["last_stderr"]), (1, ["about to <w>"]))

    def hang(self, server, use):
        took = self.survive(server, use, self.kill_with(signal.SIGSTOP))
        noticed, down = self.events("server.unhealthy")
        self.assertEqual((noticed["server_state"], noticed["failures"]), ("degraded", 2))
        self.assertEqual((down["server_state"], down["failures"]), ("down", 3))
        self.assertEqual(self.metric("ConnectionFailures").count(1), 3)
        measured(f"a server that hangs was replaced after {took / PULSE:.1f} pulses")

    def test_a_stateful_server_that_hangs(self):
        self.hang(STATEFUL, self.count)

    def test_server_everything_that_is_killed(self):
        self.survive([*EVERYTHING, "stdio"], self.echo, self.kill_with(signal.SIGKILL))

    def test_server_everything_that_crashes(self):
        self.survive([*EVERYTHING, "stdio"], self.echo, self.kill_with(signal.SIGSEGV))

    def test_server_everything_that_ends_with_an_error(self):
        # Node has no way to be told to; a preloaded line gives it one.
        end = "process.on('SIGUSR2', () => process.exit(1))"
        server = [EVERYTHING[0], "--import", f"data:text/javascript,{end}", *EVERYTHING[1:], "stdio"]
        self.survive(server, self.echo, self.kill_with(signal.SIGUSR2))
        [end, *_] = self.events("server.exit")
        self.assertEqual(end["exit_code"], 1)

    def test_server_everything_that_hangs(self):
        self.hang([*EVERYTHING, "stdio"], self.echo)

    def test_what_is_open_is_answered_with_an_error_and_not_asked_again(self):
        effects = self.folder / "effects"
        host = self.wrapped([*STATEFUL, "--effects", str(effects)], *KEEP)
        host.begin(call="slow", arguments={"seconds": 60})
        self.eventually("the effect", effects.exists)
        os.kill(self.server_of(host), signal.SIGKILL)
        error = host.outcome()["error"]
        self.assertEqual(error["code"], GONE)
        self.assertEqual(host.call("count"), "1")
        self.assertEqual(effects.read_text(), "done\n")
        self.assertEqual(host.close(), 0)
        [call] = [line for line in self.home.lines() if line.get("tool_name") == "slow"]
        self.assertEqual((call["status"], call["error_code"]), ("error", GONE))

    def test_a_server_stopped_in_the_middle_of_a_call_is_noticed(self):
        effects = self.folder / "effects"
        host = self.wrapped([*STATEFUL, "--effects", str(effects)], *KEEP)
        host.begin(call="slow", arguments={"seconds": 60})
        self.eventually("the effect", effects.exists)
        os.kill(self.server_of(host), signal.SIGSTOP)
        self.assertEqual(host.outcome()["error"]["code"], GONE)
        self.assertEqual(host.call("count"), "1")
        self.assertEqual(host.close(), 0)

    def test_in_the_modern_era_there_is_no_handshake_to_repeat(self):
        host = self.wrapped([*STATEFUL, "--modern"], *KEEP, host=["--modern"])
        self.assertEqual(self.count(host), ["1", "2"])
        host.begin(call="die", arguments={"signal": "SIGKILL"})
        self.assertEqual(host.outcome()["error"]["code"], GONE)
        self.assertEqual(self.count(host), ["1", "2"])
        self.event("server.restarted")
        self.assertEqual(host.close(), 0)

    def test_a_server_that_crashes_each_time_is_given_up(self):
        host = self.wrapped(STATEFUL, *KEEP, "--wrap-restarts-max", "2")
        for _ in range(2):
            host.begin(call="die")
            self.assertEqual(host.outcome()["error"]["code"], GONE)
        host.begin(call="die")
        self.assertIn("closed", host.outcome()["error"]["message"].lower())
        self.eventually("the session's end", lambda: host.closed)
        host.close()
        self.assertEqual(self.metric("ServerRestarts"), [1, 1])

    def test_a_server_that_ends_in_order_is_not_started_again(self):
        host = self.wrapped(["sh", "-c", f"{' '.join(STATEFUL)}; exit 0"], *KEEP)
        host.begin(call="die")
        host.outcome()
        self.eventually("the session's end", lambda: host.closed)
        host.close()
        self.assertEqual(self.events("server.restarted"), [])


class WithoutSwitches(Wrapped):
    def test_a_crash_ends_the_session_and_the_server_is_down(self):
        host = self.wrapped(STATEFUL)
        self.assertEqual(host.call("count"), "1")
        os.kill(self.server_of(host), signal.SIGKILL)
        self.eventually("the session's end", lambda: host.closed)
        host.close()
        self.event("server.exit")
        self.assertEqual(self.metric("ServerUp"), [1, 0])
        self.assertEqual(self.metric("ConnectionFailures"), [])
        self.assertEqual(self.events("server.restarted"), [])

    def test_an_end_that_the_client_asked_for_is_no_outage(self):
        host = self.wrapped(STATEFUL)
        host.call("count")
        self.assertEqual(host.close(), 0)
        self.event("server.exit")
        self.assertEqual(self.metric("ServerUp"), [1])

    def test_the_heart_beats_while_the_server_lives(self):
        host = self.wrapped(STATEFUL, "--wrap-heartbeat", "200ms")
        self.eventually("heartbeats", lambda: len(self.metric("ServerUp")) >= 4)
        self.assertEqual(set(self.metric("ServerUp")), {1})
        host.close()

    def test_without_metrics_no_heart_beats(self):
        host = self.wrapped(STATEFUL, "--wrap-heartbeat", "50ms", "--emf-mode", "off")
        for _ in range(20):
            host.call("count")
        host.close()
        self.assertEqual(self.events("server.pulse"), [])

    def test_a_server_that_cannot_be_started_is_a_failed_connection(self):
        for command in (["/no/such/server"], ["sh", "-c", "exit 3"]):
            with self.subTest(command), self.assertRaises(AssertionError):
                self.wrapped(command)
        self.eventually("both ends", lambda: len(self.events("server.exit")) == 2)
        self.assertEqual(self.metric("ConnectionFailures"), [1, 1])


class Pulses(Wrapped):
    def test_the_host_never_sees_a_pulse_and_none_is_counted(self):
        seen = self.folder / "seen"
        tee = ["sh", "-c", f"tee {seen} | {' '.join(STATEFUL)}"]
        host = self.wrapped(tee, "--pulse", "100ms")
        self.eventually("pulses", lambda: len(self.events("server.pulse")) >= 5)
        self.assertEqual(host.call("count"), "1")
        self.assertEqual(host.close(), 0)
        pings = [json.loads(line)["id"] for line in seen.read_text().splitlines() if '"ping"' in line]
        self.assertGreaterEqual(len(pings), 5)
        self.assertTrue(all(re.fullmatch(r"sonde-pulse-[0-9a-f]{16}-\d+", ping) for ping in pings), pings)
        self.assertEqual(host.notifications, [])
        self.assertEqual([line for line in self.home.lines() if line.get("method") == "ping"], [])
        self.assertEqual(len(self.metric("PulseDuration")), len(self.events("server.pulse")))

    def test_a_modern_server_is_asked_what_it_is(self):
        host = self.wrapped([*STATEFUL, "--modern"], "--pulse", "100ms", host=["--modern"])
        host.call("count")
        self.eventually("pulses", lambda: len(self.metric("PulseDuration")) >= 3)
        self.assertEqual(host.close(), 0)

    def test_a_server_that_is_at_work_is_left_alone(self):
        host = self.wrapped(STATEFUL, "--pulse", "100ms", "--pulse-timeout", "100ms")
        host.begin(call="slow", arguments={"seconds": 1})
        host.outcome()
        host.close()
        self.assertEqual(self.events("server.unhealthy"), [])

    def test_a_hang_is_told_and_so_is_its_end(self):
        host = self.wrapped(STATEFUL, "--pulse", "300ms", "--pulse-timeout", "300ms")
        pid = self.server_of(host)
        host.call("count")
        os.kill(pid, signal.SIGSTOP)
        self.eventually("down", lambda: [e for e in self.events("server.unhealthy") if e["server_state"] == "down"])
        self.assertEqual(self.metric("ServerUp")[-1], 0)
        os.kill(pid, signal.SIGCONT)
        self.event("server.healthy")
        self.assertEqual(host.call("count"), "2")
        self.assertEqual(host.close(), 0)


if __name__ == "__main__":
    unittest.main()
