"""A flood on stderr does not hold up messages (test 31)."""

import os
import statistics
import subprocess
import threading
import time

from support import PATIENCE, FaultTest, measured, python

# Answers lines; a second thread of it writes to stderr as fast as it can.
SERVER = """
import os, sys, threading
def flood():
    block = (b"debug: " + b"x" * 90 + b"\\n") * 600
    while True: os.write(2, block)
if sys.argv[1] == "flood": threading.Thread(target=flood, daemon=True).start()
while chunk := os.read(0, 65536): os.write(1, chunk)
os._exit(0)
"""
LINE = b'{"jsonrpc":"2.0","id":1,"method":"ping"}\n'


class StderrFlood(FaultTest):
    def round_trips(self, process):
        """Median seconds of a round trip while somebody drains stderr."""
        drained = [0]

        def drain():
            while chunk := os.read(process.stderr.fileno(), 1 << 20):
                drained[0] += len(chunk)

        drainer = threading.Thread(target=drain)
        drainer.start()
        times = []
        give_up = time.monotonic() + PATIENCE
        while (len(times) < 400 or drained[0] < 1_000_000) and time.monotonic() < give_up:
            started = time.monotonic()
            process.stdin.write(LINE)
            os.read(process.stdout.fileno(), 65536)
            times.append(time.monotonic() - started)
        process.stdin.close()
        process.wait(PATIENCE)
        drainer.join()
        return statistics.median(times), drained[0]

    def test_latency_under_a_flood_is_that_of_the_server(self):
        command = python(SERVER, "flood")
        best = {}
        for _ in range(3):
            for name, start in (("direct", self.spawn), ("wrap", self.wrap)):
                median, drained = self.round_trips(start(command))
                self.assertGreater(drained, 1_000_000)
                best[name] = min(best.get(name, 1), median)
        measured(f"median round trip under a stderr flood: {best['wrap'] * 1e6:.0f} us, "
                 f"direct {best['direct'] * 1e6:.0f} us")
        self.assertLess(best["wrap"], best["direct"] * 3 + 0.002)

    def test_stderr_that_nobody_reads_holds_up_the_server_only_there(self):
        process = self.wrap(python(SERVER, "flood"))
        time.sleep(0.5)  # By now all pipes on the way are full.
        for _ in range(100):
            process.stdin.write(LINE)
            self.assertEqual(len(os.read(process.stdout.fileno(), len(LINE) * 10)) > 0, True)
        process.stdin.close()
        process.wait(PATIENCE)

    def test_every_byte_of_stderr_arrives_before_the_end(self):
        script = "import os\nfor i in range(20000): os.write(2, b'%06d\\n' % i)"
        process = self.wrap(python(script), stdin=subprocess.DEVNULL)
        out, err, code = self.run_to_end(process, None)
        self.assertEqual((out, code), (b"", 0))
        self.assertEqual(err, b"".join(b"%06d\n" % i for i in range(20000)))

    def test_stderr_that_is_closed_is_the_servers_to_notice(self):
        process = self.wrap(["sh", "-c", "trap '' PIPE; while echo x >&2; do :; done; echo noticed"])
        process.stderr.close()
        self.assertEqual(process.stdout.read(), b"noticed\n")
        process.stdin.close()
        process.wait(PATIENCE)
