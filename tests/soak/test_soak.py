"""An hour of calls and streams: memory and descriptors of the proxy stay where they are.

SONDE_SOAK_SECONDS says for how long instead.
"""

import json
import os
import pathlib
import signal
import subprocess
import tempfile
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
SONDE = os.environ.get("SONDE_BIN", str(ROOT / "out" / "bin" / "sonde"))
PROGRAMS = pathlib.Path(os.environ.get("SONDE_BENCH_PROGRAMS", ROOT / "out" / "bench" / "benchmarks"))
SECONDS = int(os.environ.get("SONDE_SOAK_SECONDS", "3600"))
ROUND = 20  # Seconds of each kind of load.
RATE = 2_000


class Soak(unittest.TestCase):
    def start(self, command, **options):
        process = subprocess.Popen(list(map(str, command)), **options)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def sample(self, pid):
        status = pathlib.Path(f"/proc/{pid}/status").read_text()
        fields = dict(line.split(":", 1) for line in status.splitlines())
        return int(fields["RssAnon"].split()[0]), len(os.listdir(f"/proc/{pid}/fd"))

    def load(self, *arguments):
        done = subprocess.run([PROGRAMS / "http_load", *map(str, arguments)], stdout=subprocess.PIPE, check=True, text=True)
        return json.loads(done.stdout)["sent"]

    def test_memory_and_descriptors_stay_flat(self):
        folder = tempfile.TemporaryDirectory(prefix="sonde-soak-")
        self.addCleanup(folder.cleanup)
        origin = self.start([PROGRAMS / "http_origin"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        port = int(origin.stdout.readline())
        proxy = self.start([SONDE, "proxy", "--listen", "127.0.0.1:0", "--threads", "2", "--state-dir", folder.name,
                            "--pulse-interval", "0",  # The origin knows calls only.
                            "--upstream", f"origin=http://127.0.0.1:{port}"], stderr=subprocess.PIPE, text=True)
        listening = int(proxy.stderr.readline().strip().rsplit(":", 1)[1])
        rounds, calls, samples = 0, 0, []
        until = time.monotonic() + SECONDS
        while time.monotonic() < until or rounds < 4:
            calls += self.load("calls", listening, "--connections", 64, "--requests", RATE * ROUND, "--rate", RATE)
            calls += self.load("calls", listening, "--connections", 8, "--requests", 400, "--answer", 1 << 20)
            self.load("events", listening, "--connections", 200, "--seconds", ROUND // 4)
            time.sleep(6)  # Longer than connections to the upstream are kept.
            rounds += 1
            samples.append(self.sample(proxy.pid))
        print(f"\nmeasured: {calls} calls in {rounds} rounds; KiB and descriptors: {samples[0]} first, "
              f"{samples[len(samples) // 2]} half way, {samples[-1]} last", flush=True)
        # The first rounds fill pools; then nothing may grow.
        settled = samples[max(1, rounds // 4)]
        self.assertLessEqual(samples[-1][0], settled[0] * 1.1 + 512)
        self.assertLessEqual(samples[-1][1], settled[1] + 2)
        proxy.send_signal(signal.SIGTERM)
        self.assertEqual(proxy.wait(60), 0)
        proxy.stderr.close()
        origin.stdin.close()
        origin.stdout.close()


if __name__ == "__main__":
    unittest.main()
