"""Faults 32 and 33: no process to be had, no disk, a disk that hangs."""

import fcntl
import json
import os
import resource
import signal
import subprocess
import time
import unittest

from rig import Fault
from support import PATIENCE, SCRIPTED, SONDE


class NoProcess(Fault):
    def test_what_cannot_be_started_is_told_as_a_shell_tells_it(self):
        plain = self.home.folder / "not-executable"
        plain.write_text("#!/bin/sh\n")
        for command, code in ((["/nowhere/at/all"], 127), ([str(plain)], 126), ([str(self.home.folder)], 126)):
            with self.subTest(command):
                out, errors, status = self.through(command, b"")
                self.assertEqual((out, status), (b"", code))
                self.assertIn(command[0].encode(), errors)
                self.assertEqual(errors.count(b"\n"), 1, errors)

    def limited(self, limit, value):
        def apply():
            resource.setrlimit(limit, (value, value))

        return subprocess.run([SONDE, "wrap", "--", "cat"], env=self.home.environment, input=b"x\n", preexec_fn=apply,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=PATIENCE)

    def test_without_descriptors_it_says_so_and_ends(self):
        done = self.limited(resource.RLIMIT_NOFILE, 5)
        self.assertEqual(done.stdout, b"")
        self.assertGreaterEqual(done.returncode, 125)
        self.assertIn(b"sonde", done.stderr)

    def test_without_processes_it_says_so_and_ends(self):
        # RLIMIT_NPROC does not bind root: another user id is needed.
        script = f"exec {SONDE} wrap -- cat"
        def drop():
            os.setgid(65534)
            os.setuid(65534)
            resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))
        if os.getuid() != 0:
            self.skipTest("needs root to become a user without processes")
        done = subprocess.run(["/bin/sh", "-c", script], env={**self.home.environment, "HOME": "/nonexistent"},
                              preexec_fn=drop, input=b"x\n", stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd="/",
                              timeout=PATIENCE)
        self.assertEqual(done.stdout, b"")
        self.assertGreaterEqual(done.returncode, 125)


class SignalsAtTheStart(Fault):
    def masks(self, *ignored):
        """SigBlk and SigIgn of a server whose wrap was started with these ignored, and SIGTERM blocked."""
        def prepare():
            signal.pthread_sigmask(signal.SIG_SETMASK, [signal.SIGTERM, signal.SIGUSR1])
            for number in range(1, 65):
                if number not in (signal.SIGKILL, signal.SIGSTOP, 32, 33):  # The last two are the C library's.
                    signal.signal(number, signal.SIG_IGN if number in ignored else signal.SIG_DFL)

        out, _, _ = self.through(["grep", "-E", "SigBlk|SigIgn", "/proc/self/status"], b"", preexec_fn=prepare,
                                 restore_signals=False)
        return [int(line.split()[1], 16) for line in out.splitlines()]

    def test_the_server_has_default_dispositions_and_no_signal_blocked(self):
        ignored = (signal.SIGPIPE, signal.SIGINT, signal.SIGQUIT, signal.SIGCHLD, signal.SIGUSR2, signal.SIGXFSZ)
        self.assertEqual(self.masks(*ignored), [0, 0])

    def test_a_server_behind_nohup_does_not_hear_of_a_hangup(self):
        self.assertEqual(self.masks(signal.SIGHUP, signal.SIGPIPE), [0, 1 << signal.SIGHUP - 1])


class NoDisk(Fault):
    def session_goes_on(self, env=None, **options):
        session = self.wrap(SCRIPTED, "--name", "disk", env=env, **options)
        began = time.monotonic()
        session.initialize()
        for number in range(20):
            session.call("echo", {"text": str(number)})
        took = time.monotonic() - began
        self.assertEqual(session.close(), 0)
        return took

    def test_a_read_only_or_missing_state_folder(self):
        for state in ("/proc/nowhere", "/dev/null/x", "/nonexistent/deep/folder"):
            with self.subTest(state):
                self.session_goes_on(env={"SONDE_STATE_DIR": state})

    def test_a_log_that_is_a_pipe_nobody_reads(self):
        (self.home.state / "log").mkdir(parents=True)
        os.mkfifo(self.home.state / "log" / "disk.jsonl")
        self.session_goes_on()

    def test_a_configuration_file_that_hangs(self):
        self.home.config.parent.mkdir(parents=True)
        os.mkfifo(self.home.config)
        took = self.session_goes_on()
        self.assertLess(took, 5)

    def test_a_lock_that_another_process_never_gives_back(self):
        self.session_goes_on()
        log = self.home.state / "log" / "disk.jsonl"
        with open(log, "rb") as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            self.session_goes_on()
        self.assertGreaterEqual(len(self.home.calls("echo")), 40)

    def test_a_full_disk_costs_lines_only_and_they_come_again(self):

        self.session_goes_on(preexec=True)
        for line in self.home.raw_log().splitlines():
            json.loads(line)
        before = len(self.home.calls("echo"))
        self.session_goes_on()
        self.assertEqual(len(self.home.calls("echo")), before + 20)

    def wrap(self, command, *flags, env=None, preexec=None, **options):
        if preexec is None:
            return super().wrap(command, *flags, env=env, **options)
        launcher = ["/usr/bin/python3", "-c",
                    "import os,resource,signal,sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
                    "resource.setrlimit(resource.RLIMIT_FSIZE, (20000, 20000)); os.execvp(sys.argv[1], sys.argv[1:])"]
        session = self.direct([*launcher, SONDE, "wrap", *flags, "--", *command], env=env)
        return session


if __name__ == "__main__":
    unittest.main()
