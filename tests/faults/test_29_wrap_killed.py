"""kill -9 of wrap itself: both sides see the end at once (test 29)."""

import json
import os
import time

from support import LONG, PATIENCE, FaultTest, alive

# It would not end by itself, whatever happens to its streams.
DEAF = ["sh", "-c", "read line; echo \"$line\"; exec sleep 1000"]
# Answers every line, in order, with the result of a call.
ANSWERS = ["sh", "-c", 'i=0; while read line; do echo "{\\"jsonrpc\\":\\"2.0\\",\\"id\\":$i,\\"result\\":{}}"; '
                       'i=$((i + 1)); done']
LOOP = "while read line; do echo \"$line\"; done; echo eof > \"$HOME/server-saw-eof\""


class WrapKilled(FaultTest):
    def start(self, command):
        process = self.wrap(command)
        process.stdin.write(b"{}\n")
        self.assertEqual(process.stdout.read(3), b"{}\n")
        return process

    def test_the_client_sees_the_end_and_the_server_dies(self):
        times = []
        for _ in range(5):
            process = self.start(DEAF)
            # While it executes another program, nobody can read its environment.
            [server] = self.eventually(lambda own=process.pid: [p for p in self.marked() if p != own], PATIENCE,
                                       "the server is there")
            started = time.monotonic()
            process.kill()
            self.assertEqual(os.read(process.stdout.fileno(), 1), b"")
            times.append(time.monotonic() - started)
            process.wait()
            self.eventually(lambda pid=server: not alive(pid), 2, "the server is gone")
        self.assertLess(min(times), 0.1)

    def test_a_grandchild_sees_the_end_of_its_stdin(self):
        # PR_SET_PDEATHSIG reaches the child only; below it the closed pipes must do.
        process = self.start(["sh", "-c", f"sh -c '{LOOP}'; :"])
        process.kill()
        process.wait()
        self.eventually(lambda: (self.home / "server-saw-eof").exists(), 2, "EOF in the grandchild")
        self.eventually(lambda: not self.marked(), 2, "all are gone")

    def test_taps_that_share_a_log_and_are_killed_tear_no_line(self):
        running = [self.wrap(ANSWERS, "--name", "shared") for _ in range(50)]
        call = b'{"jsonrpc":"2.0","id":%d,"method":"tools/call","params":{"name":"x","arguments":{"text":"' + b"x" * 50 + b'"}}}\n'
        rounds = 20 if LONG else 6
        for turn in range(rounds):
            for process in running[turn:]:
                process.stdin.write(call % turn)
                self.assertIn(b'"id":%d' % turn, process.stdout.readline())
            running[turn].kill()
        for process in running[25:]:
            process.kill()
        for process in running:
            process.stdin.close()
            process.wait(PATIENCE)
        self.assertEqual(self.run_to_end(self.wrap(["true"], "--name", "shared"))[2], 0)
        records = [json.loads(text) for text in self.log().splitlines()]
        exits = [r for r in records if r["event"] == "server.exit"]
        self.assertEqual(len(exits), 25 - rounds + 1)
        self.assertGreaterEqual(len([r for r in records if r.get("tool_name") == "x"]), (25 - rounds) * rounds)

    def test_the_next_run_is_not_disturbed(self):
        for _ in range(3):
            process = self.start(["cat"])
            process.kill()
            process.wait()
        process = self.start(["cat"])
        process.stdin.close()
        self.assertEqual(process.wait(PATIENCE), 0)
