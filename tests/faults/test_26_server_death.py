"""A server that dies mid-message: the client learns it at once, open calls are recorded (test 26)."""

import json
import os
import signal
import time

from support import PATIENCE, FaultTest, python, read_exactly

PARTIAL = b'{"jsonrpc":"2.0","id":1,"result":{"con'
CALL = b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"slow"}}\n'
DEATHS = {"exit 0": 0, "exit 1": 1, "kill -SEGV $$": -signal.SIGSEGV, "kill -KILL $$": -signal.SIGKILL}


class ServerDeath(FaultTest):
    def die(self, how):
        """Seconds from the partial message to the end of the stream and of wrap; its exit code."""
        process = self.wrap(["sh", "-c", f"read line; printf '%s' '{PARTIAL.decode()}'; {how}"])
        process.stdin.write(CALL)
        self.assertEqual(read_exactly(process.stdout.fileno(), len(PARTIAL)), PARTIAL)
        started = time.monotonic()
        self.assertEqual(os.read(process.stdout.fileno(), 1), b"")
        eof_after = time.monotonic() - started
        code = process.wait(PATIENCE)
        return eof_after, time.monotonic() - started, code

    def test_the_client_sees_the_end_and_the_same_status(self):
        for how, expected in DEATHS.items():
            with self.subTest(how):
                times = [self.die(how) for _ in range(5)]
                self.assertEqual({code for _, _, code in times}, {expected})
                # The best of five, for a machine that has other things to do.
                self.assertLess(min(eof for eof, _, _ in times), 0.05)
                self.assertLess(min(end for _, end, _ in times), 0.05)
                self.assertLess(max(end for _, end, _ in times), 1.5)
        calls = [r for r in map(json.loads, self.log().splitlines()) if r.get("tool_name") == "slow"]
        self.assertEqual([call["status"] for call in calls], ["aborted"] * 5 * len(DEATHS))

    def test_a_pending_call_is_recorded_as_aborted(self):
        self.die("echo goodbye >&2; exit 1")
        records = [json.loads(line) for line in self.log().splitlines()]
        [call] = [r for r in records if r.get("tool_name") == "slow"]
        self.assertEqual((call["event"], call["status"]), ("tool.aborted", "aborted"))
        [end] = [r for r in records if r["event"] == "server.exit"]
        self.assertEqual(end["exit_code"], 1)
        self.assertEqual(len(end["last_stderr"]), 1)

    def test_of_much_stderr_the_last_lines_are_recorded(self):
        script = "import sys; [print('line', n, file=sys.stderr) for n in range(30)]; sys.exit(3)"
        self.run_to_end(self.wrap(python(script)))
        [end] = [r for r in map(json.loads, self.log().splitlines()) if r["event"] == "server.exit"]
        self.assertEqual(end["exit_code"], 3)
        self.assertLessEqual(len(end["last_stderr"]), 10)
        self.assertIn("line", end["last_stderr"][-1])

    def test_a_signal_is_recorded(self):
        self.die("kill -SEGV $$")
        [end] = [r for r in map(json.loads, self.log().splitlines()) if r["event"] == "server.exit"]
        self.assertEqual(end["signal"], signal.SIGSEGV if isinstance(end["signal"], int) else "SIGSEGV")

    def test_no_core_file_is_left(self):
        process = self.wrap(["sh", "-c", "ulimit -c 0; kill -SEGV $$"], cwd=self.home)
        self.run_to_end(process)
        self.assertEqual([p for p in self.home.iterdir() if "core" in p.name], [])

    def test_descendants_that_hold_stdout_are_still_heard(self):
        process = self.wrap(["sh", "-c", "(sleep 0.5; echo late) & exit 3"])
        self.assertEqual(process.stdout.read(), b"late\n")
        self.assertEqual(process.wait(PATIENCE), 3)
