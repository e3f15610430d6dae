"""A client that stops reading stops the server, and no memory grows (test 30)."""

import json
import os
import pathlib
import time

from support import LONG, PATIENCE, FaultTest, python, status_field

# Writes numbered lines, and leaves in a file how many bytes it could write.
FLOOD = """
import os, sys
out = open(sys.argv[1], "w")
total = 0
for i in range(200000):
    line = b'{"jsonrpc":"2.0","method":"notifications/message","params":{"n":%d,"pad":"%s"}}\\n' % (i, b"p" * 60)
    total += os.write(1, line)
    if i % 100 == 0:
        os.pwrite(out.fileno(), b"%12d" % total, 0)
"""


class SlowReader(FaultTest):
    def written(self):
        return int((self.home / "written").read_text() or 0)

    def stalled(self):
        """How much has been written when for half a second no more is."""
        seen, since = 0, time.monotonic()
        while seen <= 100_000 or time.monotonic() - since < 0.5:
            if self.written() != seen:
                seen, since = self.written(), time.monotonic()
            self.assertLess(time.monotonic() - since, PATIENCE, "the server does not begin")
            time.sleep(0.02)
        return seen

    def test_pressure_reaches_the_server_and_nothing_is_lost(self):
        for flags in ([], ["--no-inject"]):
            with self.subTest(flags):
                (self.home / "written").write_text("")
                process = self.wrap(python(FLOOD, self.home / "written"), *flags)
                stalled = self.stalled()
                if LONG:
                    time.sleep(600)
                self.assertEqual(self.written(), stalled, "the server writes on")
                # A pipe of 64 KiB, one that may have grown to 1 MiB, our buffer, and what is told late.
                self.assertLess(stalled, 1_400_000)
                self.assertLess(status_field(process.pid, "VmHWM"), 16 * 1024)
                # Meanwhile the other direction is not held up.
                process.stdin.write(b'{"jsonrpc":"2.0","id":1,"method":"ping"}\n')
                got = b"".join(iter(lambda: os.read(process.stdout.fileno(), 1 << 20), b""))
                numbers = [json.loads(line)["params"]["n"] for line in got.splitlines()]
                self.assertEqual(numbers, list(range(200_000)))
                process.stdin.close()
                self.assertEqual(process.wait(PATIENCE), 0)

    def test_a_client_that_does_not_read_can_still_write(self):
        # The server answers only when it has read everything.
        script = "import sys,os; data=sys.stdin.buffer.read(); os.write(1, b'%d' % len(data)); os.write(1, b'z' * 1000)"
        process = self.wrap(python(script))
        process.stdin.write(b"q" * 3_000_000)
        process.stdin.close()
        self.assertEqual(process.stdout.read(), b"3000000" + b"z" * 1000)

    def test_a_flood_in_both_directions_passes(self):
        script = ("import os,threading\n"
                  "def pour():\n  for _ in range(400): os.write(1, b'a' * 50_000)\n"
                  "t=threading.Thread(target=pour); t.start()\nn=0\n"
                  "while c := os.read(0, 65536): n += len(c)\nt.join(); os.write(2, b'%d' % n)")
        out, err, _ = self.run_to_end(self.wrap(python(script)), b"b" * 10_000_000)
        self.assertEqual((len(out), err), (20_000_000, b"10000000"))

    def test_a_server_that_does_not_read_stops_the_client_but_not_its_own_output(self):
        process = self.wrap(["sh", "-c", "while :; do echo '{\"beat\":1}'; sleep 0.05; done"])
        os.set_blocking(process.stdin.fileno(), False)
        line = b'{"jsonrpc":"2.0","id":1,"method":"x","params":{"pad":"' + b"p" * 900 + b'"}}\n'
        sent, since = 0, time.monotonic()
        while time.monotonic() - since < 0.5:
            try:
                sent += os.write(process.stdin.fileno(), line)
                since = time.monotonic()
            except BlockingIOError:
                time.sleep(0.02)
        self.assertLess(sent, 1_000_000)
        for _ in range(5):
            self.assertEqual(process.stdout.readline(), b'{"beat":1}\n')
        cpu = lambda: sum(map(int, pathlib.Path(f"/proc/{process.pid}/stat").read_text().split()[13:15]))
        before = cpu()
        time.sleep(1)
        self.assertLess(cpu() - before, 20, "a blocked wrap must not spin")
