"""A system that gives no process, descriptor or memory (test 32)."""

import os
import pathlib
import resource
import stat
import subprocess
import time
import unittest

from support import SONDE, FaultTest

NOBODY = 65534


def limited(**limits):
    """A preexec_fn that sets limits; `uid` after them, because root has none on processes."""
    def apply():
        uid = limits.pop("uid", None)
        for name, value in limits.items():
            resource.setrlimit(getattr(resource, "RLIMIT_" + name), (value, value))
        if uid is not None:
            os.setuid(uid)
    return apply


class SpawnLimits(FaultTest):
    def outcome(self, preexec, *flags):
        process = self.wrap(["cat"], *flags, preexec_fn=preexec)
        started = time.monotonic()
        out, err, code = self.run_to_end(process, b"hello\n", 5)
        self.assertLess(time.monotonic() - started, 4)
        return out, err, code

    def assert_works_or_says_why(self, out, err, code):
        if code == 0:
            self.assertEqual(out, b"hello\n")
            return True
        self.assertEqual((code, out), (127, b""), err)
        self.assertEqual(err.count(b"\n"), 1, err)
        self.assertIn(b"cannot start the server", err)
        return False

    def test_few_descriptors(self):
        worked = []
        for count in range(5, 40):
            with self.subTest(count):
                worked.append(self.assert_works_or_says_why(*self.outcome(limited(NOFILE=count))))
        self.assertIn(True, worked)
        self.assertIn(False, worked)
        # Once it works, it works with more.
        self.assertEqual(worked, sorted(worked))

    def reachable_by_nobody(self):
        if os.geteuid() != 0:
            raise unittest.SkipTest("only root can become somebody else")
        path = self.home / "sonde"
        path.write_bytes(pathlib.Path(SONDE).read_bytes())
        path.chmod(path.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH | stat.S_IROTH)
        self.home.chmod(0o755)
        return path

    def outcome_as_nobody(self, processes):
        path = self.reachable_by_nobody()
        process = self.spawn([path, "wrap", "--", "cat"], cwd="/",
                             preexec_fn=limited(NPROC=processes, uid=NOBODY))
        return self.run_to_end(process, b"hello\n", 5)

    def test_no_process(self):
        out, err, code = self.outcome_as_nobody(1)
        self.assertFalse(self.assert_works_or_says_why(out, err, code))
        self.assertIn(b"ulimit -u", err)

    def test_a_process_but_no_thread_makes_wrap_a_plain_pipe(self):
        for processes in (2, 3):
            out, _, code = self.outcome_as_nobody(processes)
            self.assertEqual((out, code), (b"hello\n", 0))

    def test_little_memory(self):
        mebibyte = 1 << 20
        for size in (24, 32, 48, 64, 96, 128, 256):
            with self.subTest(size):
                out, err, code = self.outcome(limited(AS=size * mebibyte))
                if code == 0:
                    self.assertEqual(out, b"hello\n")
                else:
                    self.assertNotEqual(err, b"")

    def test_programs_that_cannot_be_run(self):
        script = self.home / "no-interpreter"
        script.write_text("#!/no/such/interpreter\n")
        script.chmod(0o755)
        plain = self.home / "plain"
        plain.write_text("text\n")
        for command, code, words in ((["no-such-program"], 127, b"PATH"),
                                     ([self.home / "none"], 127, b"no such file"),
                                     ([script], 127, b"interpreter"),
                                     ([plain], 126, b"not executable"),
                                     ([self.home], 126, b"cannot start")):
            with self.subTest(command):
                out, err, got = self.run_to_end(self.wrap(command))
                self.assertEqual((out, got), (b"", code), err)
                self.assertIn(words, err)
                self.assertIn(os.fsencode(command[0]), err)
                self.assertEqual(err.count(b"\n"), 1, err)

    def test_standard_streams_that_are_not_there(self):
        command = f"'{SONDE}' wrap -- sh -c 'echo out; echo err >&2; exit 3'"
        for closed in ("<&-", ">&-", "2>&-", "<&- >&- 2>&-"):
            with self.subTest(closed):
                done = subprocess.run(["sh", "-c", f"{command} {closed}"], env=self.environment, timeout=10,
                                      capture_output=True, check=False)
                self.assertEqual(done.returncode, 3)
                self.assertEqual(done.stdout, b"out\n" if closed in ("<&-", "2>&-") else b"")
