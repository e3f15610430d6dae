"""Disk, configuration and folders that hang or are not there cost the log, never the session (test 33)."""

import json
import os
import resource
import signal
import subprocess
import time

from support import PATIENCE, FaultTest, measured, python

PING = b'{"jsonrpc":"2.0","id":%d,"method":"ping"}\n'


class HungDisk(FaultTest):
    def setUp(self):
        super().setUp()
        self.state = self.home / ".local/state/sonde"

    def folder(self, path):
        path.mkdir(parents=True, exist_ok=True)
        return path

    def assert_session_is_fine(self, *flags, first_answer=1.0, **options):
        process = self.wrap(["cat"], "--name", "s", *flags, **options)
        started = time.monotonic()
        for i in range(50):
            process.stdin.write(PING % i)
            line = process.stdout.readline()
            self.assertIn(b'"id":%d' % i, line)
            if i == 0:
                self.assertLess(time.monotonic() - started, first_answer)
        process.stdin.close()
        self.assertEqual(process.stdout.read(), b"")
        self.assertEqual(process.wait(PATIENCE), 0)
        self.assertLess(time.monotonic() - started, 4)
        err = process.stderr.read()
        self.assertLess(err.count(b"\n"), 4, err)

    def test_a_log_file_that_never_opens(self):
        os.mkfifo(self.folder(self.state / "log") / "s.jsonl")
        self.assert_session_is_fine()

    def test_a_key_file_that_never_opens(self):
        self.folder(self.state)
        os.mkfifo(self.state / "hash.key")
        self.assert_session_is_fine()

    def test_a_configuration_that_never_opens(self):
        os.mkfifo(self.folder(self.home / ".config/sonde") / "sonde.yaml")
        self.assert_session_is_fine()

    def test_a_lock_whose_holder_has_been_stopped(self):
        log = self.folder(self.state / "log")
        self.assert_session_is_fine()  # Makes what files there are.
        script = ("import fcntl,os,sys,time\n"
                  "held=[os.open(p,os.O_RDWR) for p in sys.argv[1:]]\n"
                  "[fcntl.flock(f,fcntl.LOCK_EX) for f in held]\nprint('held',flush=True)\ntime.sleep(1000)")
        files = [p for p in log.iterdir() if p.is_file()]
        holder = self.spawn(python(script, *files))
        self.assertEqual(holder.stdout.readline(), b"held\n")
        holder.send_signal(signal.SIGSTOP)
        try:
            self.assert_session_is_fine()
        finally:
            holder.send_signal(signal.SIGCONT)
            holder.kill()
        self.assertEqual(self.log().count(b'"server.exit"'), 2)  # Written without the lock.

    def test_folders_that_are_wrong(self):
        cases = {"state is a file": lambda: (self.folder(self.state.parent), self.state.write_text("x")),
                 "log is a file": lambda: (self.folder(self.state), (self.state / "log").write_text("x")),
                 "control is a file": lambda: (self.folder(self.state), (self.state / "control").write_text("x")),
                 "state cannot be written": lambda: self.folder(self.state).chmod(0o500),
                 "home is a file": lambda: (self.home / "h").write_text("x")}
        for name, arrange in cases.items():
            with self.subTest(name):
                subprocess.run(["rm", "-rf", str(self.home / ".local")], check=True)
                arrange()
                if name == "home is a file":
                    self.environment["HOME"] = str(self.home / "h")
                self.assert_session_is_fine()

    def test_state_folders_that_cannot_be(self):
        for folder in ("/proc/nowhere", "/dev/null/x", "/sys/no/such/folder"):
            with self.subTest(folder):
                self.assert_session_is_fine(env={"SONDE_STATE_DIR": folder})

    def test_no_home_at_all(self):
        del self.environment["HOME"]
        self.assert_session_is_fine()

    def test_a_full_disk(self):
        if os.geteuid() != 0:
            self.skipTest("only root can mount")
        mount = self.folder(self.state)
        if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=512k", "none", str(mount)], check=False,
                          capture_output=True).returncode:
            self.skipTest("cannot mount here")
        self.addCleanup(subprocess.run, ["umount", "-l", str(mount)], check=False)
        (mount / "filler").write_bytes(b"")
        with open(mount / "filler", "wb", buffering=0) as filler:
            try:
                while filler.write(b"x" * 4096):
                    pass
            except OSError:
                pass
        self.assert_session_is_fine()
        (mount / "filler").unlink()
        self.assert_session_is_fine()
        self.assertEqual([r["event"] for r in self.records()][-1], "server.exit")

    def records(self):
        """Every line of the log; one that is torn fails the test."""
        return [json.loads(line) for line in self.log().splitlines()]

    def calls_recorded(self, **options):
        """How many calls are in the log after a session of twenty."""
        call = b'{"jsonrpc":"2.0","id":%d,"method":"tools/call","params":{"name":"t"}}\n'
        script = 'i=0; while read line; do echo "{\\"jsonrpc\\":\\"2.0\\",\\"id\\":$i,\\"result\\":{}}"; i=$((i + 1)); done'
        process = self.wrap(["sh", "-c", script], "--name", "s", **options)
        for i in range(20):
            process.stdin.write(call % i)
            self.assertIn(b'"id":%d' % i, process.stdout.readline())
        process.stdin.close()
        self.assertEqual(process.wait(PATIENCE), 0)
        return sum(r["event"].startswith("tool.") for r in self.records())

    def test_a_log_that_may_not_grow_loses_lines_only_and_they_come_again(self):
        def limit():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))

        before = self.calls_recorded(preexec_fn=limit)
        self.assertLess(before, 20)
        self.assertEqual(self.calls_recorded(), before + 20)

    def test_a_hanging_sink_adds_no_latency(self):
        def median(prepare):
            prepare()
            process = self.wrap(["cat"], "--name", "s")
            times = []
            for i in range(300):
                started = time.monotonic()
                process.stdin.write(PING % i)
                process.stdout.readline()
                times.append(time.monotonic() - started)
            process.stdin.close()
            process.wait(PATIENCE)
            return sorted(times[50:])[125]

        def hang():
            subprocess.run(["rm", "-rf", str(self.state)], check=True)
            os.mkfifo(self.folder(self.state / "log") / "s.jsonl")

        calm = min(median(lambda: None) for _ in range(3))
        hung = min(median(hang) for _ in range(3))
        measured(f"median round trip: {calm * 1e6:.0f} us, with a hung log {hung * 1e6:.0f} us")
        self.assertLess(hung, calm * 1.5 + 0.0005)
