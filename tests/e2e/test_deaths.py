"""Faults 26 to 29: whoever dies, the others learn of it, and nobody is left."""

import json
import os
import pathlib
import signal
import subprocess
import sys
import time
import unittest

from rig import LONG, PYTHON, Fault, children_of, measured
from support import PATIENCE, SCRIPTED, SONDE, end, processes_with

SLEEPER = [PYTHON, "-c", "import time; time.sleep(1000)"]


class ServerDies(Fault):
    def test_the_client_sees_the_end_at_once_and_open_calls_are_aborted(self):
        for how, script in {"exit 1": "os._exit(1)", "SIGSEGV": "os.kill(os.getpid(), 11)",
                            "SIGKILL": "os.kill(os.getpid(), 9)"}.items():
            with self.subTest(how):
                server = f"import os,sys; sys.stdin.readline(); os.write(1, b'{{\"half'); {script}"
                process = self.start([PYTHON, "-c", server], "--name", how.replace(" ", "-"))
                process.stdin.write(b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"x"}}\n')
                self.assertEqual(process.stdout.read(), b'{"half')
                began = time.monotonic()
                process.wait(PATIENCE)
                self.assertLess(time.monotonic() - began, 1.0)
        statuses = [x["status"] for x in self.home.calls("x")]
        self.assertEqual(statuses, ["aborted"] * 3)

    def test_the_exit_is_recorded_with_the_last_lines_of_stderr(self):
        script = "import sys; [print('line', n, file=sys.stderr) for n in range(30)]; sys.exit(3)"
        self.through([PYTHON, "-c", script], b"", "--name", "dying")
        [gone] = [x for x in self.home.lines() if x["event"] == "server.exit"]
        self.assertEqual(gone["exit_code"], 3)
        self.assertLessEqual(len(gone["last_stderr"]), 10)
        self.assertIn("line", gone["last_stderr"][-1])


class ClientDies(Fault):
    CHAIN = ["/bin/sh", "-c", f'{PYTHON} -c "import subprocess,sys; subprocess.run([sys.argv[1], chr(45)+chr(99), '
             f'sys.argv[2]])" {PYTHON} "import time; time.sleep(1000)"; true']

    def client(self, command, *flags):
        """A client that starts wrap and then sits there; returns (client, pids behind it)."""
        code = ("import subprocess,sys,time\n"
                "p=subprocess.Popen(sys.argv[1:],stdin=subprocess.PIPE,stdout=subprocess.PIPE)\n"
                "print(p.pid,flush=True)\ntime.sleep(1000)")
        client = subprocess.Popen([sys.executable, "-c", code, SONDE, "wrap", *flags, "--", *command],
                                  env=self.home.environment, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL)
        self.addCleanup(lambda: (end(client.pid), client.wait(), client.stdout.close()))
        wrap = int(client.stdout.readline())
        return client, wrap

    def test_killing_the_client_leaves_nobody(self):
        for name, command, depth in (("plain", SLEEPER, 1), ("npx, sh, node", self.CHAIN, 3)):
            with self.subTest(name):
                client, wrap = self.client(command)
                below = self.eventually("the server is up", lambda: len(p := children_of(wrap)) >= depth and p)
                client.kill()
                client.wait()
                took = self.gone([wrap, *below], 8)
                measured(f"client killed, {name}: everything gone after {took:.2f} s")
                self.assertLess(took, 7.0)

    def test_a_server_that_leaves_its_group_and_ignores_sigterm_is_found(self):
        script = ("import os,signal,time\n"
                  "if os.fork(): os._exit(0) if os.fork() else None\n"
                  "os.setsid(); signal.signal(signal.SIGTERM, signal.SIG_IGN); signal.signal(signal.SIGHUP, signal.SIG_IGN)\n"
                  "time.sleep(1000)")
        marker = f"sonde-daemon-{os.getpid()}"
        process = self.start([PYTHON, "-c", script, marker])
        self.eventually("the daemons are up", lambda: len(processes_with(marker)) >= 2)
        time.sleep(0.3)
        daemons = [p for p in processes_with(marker) if p != process.pid]
        process.stdin.close()
        took = self.gone([process.pid, *daemons], 8)
        self.assertLess(took, 7.5)

    def test_a_server_that_ignores_sigterm_is_killed(self):
        script = "import signal,time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(1000)"
        process = self.start([PYTHON, "-c", script], env={"SONDE_WRAP_KILL_GRACE": "500ms"})
        process.stdout.readline()
        process.terminate()
        began = time.monotonic()
        self.assertEqual(process.wait(PATIENCE), -signal.SIGKILL)
        self.assertGreater(time.monotonic() - began, 0.4)

    def test_a_server_that_ends_on_eof_is_not_hurried(self):
        script = "import sys,time; sys.stdin.read(); time.sleep(0.5); print('done', flush=True)"
        out, _, code = self.through([PYTHON, "-c", script], b"x\n")
        self.assertEqual((out, code), (b"done\n", 0))

    def test_signals_reach_the_server(self):
        # os.write: print() in a handler may meet itself in the middle of print().
        script = ("import os,signal,time\nsignal.signal(signal.{0}, lambda *a: (os.write(1, b'got it\\n'), os._exit(7)))\n"
                  "print('up', flush=True)\ntime.sleep(1000)")
        for name in ("SIGTERM", "SIGHUP", "SIGUSR1", "SIGINT"):
            with self.subTest(name):
                process = self.start([PYTHON, "-c", script.format(name)])
                process.stdout.readline()
                process.send_signal(getattr(signal, name))
                self.assertEqual(process.stdout.readline(), b"got it\n")
                self.assertEqual(process.wait(PATIENCE), 7)


class WrapDies(Fault):
    def test_killing_wrap_tells_both_sides(self):
        process = self.start(SLEEPER)
        [server] = self.eventually("the server is up", lambda: children_of(process.pid))
        process.kill()
        self.assertEqual(process.stdout.read(), b"")
        self.assertLess(self.gone([server], 2), 1.0)


class ManyRuns(Fault):
    def test_many_short_runs_leave_no_process_and_no_file(self):
        count = 2000 if LONG else 60
        marker = f"sonde-short-{os.getpid()}"
        temporary = set(os.listdir("/tmp"))
        opened = len(os.listdir("/proc/self/fd"))
        running = []
        for number in range(count):
            running.append(subprocess.Popen([SONDE, "wrap", "--name", "short", "--", "/bin/sh", "-c", f": {marker}; cat"],
                                            env=self.home.environment, stdin=subprocess.DEVNULL,
                                            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
            if len(running) == 20:
                for process in running:
                    self.assertEqual(process.wait(PATIENCE), 0)
                running.clear()
        for process in running:
            process.wait(PATIENCE)
        self.assertEqual(processes_with(marker), [])
        self.assertEqual(len(os.listdir("/proc/self/fd")), opened)
        self.assertEqual(list((self.home.state / "control").iterdir()), [])
        self.assertEqual([x for x in set(os.listdir("/tmp")) - temporary if "sonde" in x and "e2e" not in x], [])
        exits = [x for x in self.home.lines() if x["event"] == "server.exit"]
        self.assertEqual(len(exits), count)

    def test_fifty_wraps_at_once_some_killed_tear_no_line(self):
        count = 50
        running = [self.start(SCRIPTED, "--name", "shared") for _ in range(count)]
        call = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/call",
                           "params": {"name": "echo", "arguments": {"text": "x" * 50}}}).encode() + b"\n"
        for turn in range(20 if LONG else 6):
            for process in running:
                try:
                    process.stdin.write(call.replace(b'"id": 1', b'"id": %d' % turn))
                    process.stdout.readline()
                except BrokenPipeError:
                    pass
            running[turn].kill()
        for process in running[25:]:
            process.kill()
        for process in running:
            process.stdin.close()
            process.wait(PATIENCE)
        final = self.start(["true"], "--name", "shared")
        final.wait(PATIENCE)
        self.assertGreater(len(self.home.lines()), 100)  # Each parsed, or lines() has failed.

    def test_an_idle_wrap_does_not_wake_up(self):
        process = self.start(SCRIPTED, "--name", "idle")
        process.stdin.write(b'{"jsonrpc":"2.0","id":1,"method":"ping"}\n')
        process.stdout.readline()
        time.sleep(2.5)  # Until batch and stats file are written.
        def switches():
            total = 0
            for task in pathlib.Path(f"/proc/{process.pid}/task").iterdir():
                for line in (task / "status").read_text().splitlines():
                    if line.startswith("voluntary_ctxt"):
                        total += int(line.split()[1])
            return total
        before = switches()
        time.sleep(20 if LONG else 5)
        self.assertLessEqual(switches() - before, 1)


if __name__ == "__main__":
    unittest.main()
