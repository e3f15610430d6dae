"""kill -9 of wrap itself: both sides see the end at once (test 29)."""

import os
import time

from support import FaultTest, alive

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
            process = self.start(["cat"])
            [server] = [p for p in self.marked() if p != process.pid]
            started = time.monotonic()
            process.kill()
            self.assertEqual(os.read(process.stdout.fileno(), 1), b"")
            times.append(time.monotonic() - started)
            process.wait()
            self.eventually(lambda pid=server: not alive(pid), 0.5, "the server is gone")
        self.assertLess(min(times), 0.1)

    def test_a_grandchild_sees_the_end_of_its_stdin(self):
        # PR_SET_PDEATHSIG reaches the child only; below it the closed pipes must do.
        process = self.start(["sh", "-c", f"sh -c '{LOOP}'; :"])
        process.kill()
        process.wait()
        self.eventually(lambda: (self.home / "server-saw-eof").exists(), 2, "EOF in the grandchild")
        self.eventually(lambda: not self.marked(), 2, "all are gone")

    def test_the_next_run_is_not_disturbed(self):
        for _ in range(3):
            process = self.start(["cat"])
            process.kill()
            process.wait()
        process = self.start(["cat"])
        process.stdin.close()
        self.assertEqual(process.wait(5), 0)
