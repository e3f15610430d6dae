"""Faults 25, 30, 31, 34 and 35: huge lines, slow readers, floods, what is not MCP, ids at play."""

import hashlib
import json
import os
import select
import threading
import time
import unittest

from rig import LONG, PYTHON, Fault, measured, resident
from support import PATIENCE, SCRIPTED

MIB = 1024 * 1024
POUR = ("import os,sys\nblock=b'x'*65536\nleft=int(sys.argv[1])\nos.write(1,b'{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":\"')\n"
        "while left>0: left-=os.write(1,block)\nos.write(1,b'\"}\\n')")


class HugeLine(Fault):
    def test_a_line_of_a_gibibyte_passes_in_constant_memory(self):
        size = 1024 * MIB
        process = self.start([PYTHON, "-c", POUR, str(size)], "--name", "huge")
        digest, total = hashlib.sha256(), 0
        began = time.monotonic()
        peak = 0
        while chunk := process.stdout.read(1 << 20):
            total += len(chunk)
            if total % (64 * MIB) < len(chunk):
                peak = max(peak, resident(process.pid))
        took = time.monotonic() - began
        process.wait(PATIENCE)
        self.assertGreaterEqual(total, size)
        del digest
        measured(f"1 GiB in one line: {total / took / 1e6:.0f} MB/s, peak RSS {peak / 1024:.1f} MiB")
        self.assertLessEqual(peak, 16 * 1024)

    def test_a_large_answer_arrives_whole_and_is_recorded_with_its_size(self):
        session = self.wrap(SCRIPTED, "--name", "large")
        session.initialize()
        answer = session.call("big", {"bytes": 20 * MIB})
        self.assertEqual(len(answer["result"]["content"][0]["text"]), 20 * MIB)
        session.close()
        [line] = self.home.calls("big")
        self.assertGreater(line["result_size_bytes"], 20 * MIB)
        self.assertRegex(line["result_hash"], r"^(r1|t1):[0-9a-f]{64}$")


class SlowReader(Fault):
    def test_a_client_that_does_not_read_stops_the_server_and_loses_nothing(self):
        script = ("import os,sys\nn=0\ntry:\n  while n < 40_000_000: n += os.write(1, b'y' * 65536)\n"
                  "finally: os.write(2, b'%d\\n' % n)")
        process = self.start([PYTHON, "-c", script])
        time.sleep(1)
        peak = resident(process.pid)
        self.assertEqual(select.select([process.stderr], [], [], 0)[0], [], "the server must be blocked")
        received = 0
        while chunk := process.stdout.read(1 << 20):
            received += len(chunk)
        wrote = int(process.stderr.read())
        self.assertEqual(received, wrote)
        self.assertLessEqual(peak, 16 * 1024)

    def test_a_client_that_does_not_read_can_still_write(self):
        # The server answers only when it has read everything: without room in both
        # directions at once this would be a deadlock of our making.
        script = "import sys,os; data=sys.stdin.buffer.read(); os.write(1, b'%d' % len(data)); os.write(1, b'z' * 1000)"
        process = self.start([PYTHON, "-c", script])
        process.stdin.write(b"q" * 3_000_000)
        process.stdin.close()
        self.assertEqual(process.stdout.read(), b"3000000" + b"z" * 1000)

    def test_a_flood_in_both_directions_passes(self):
        script = ("import os,threading\n"
                  "def pour():\n  for _ in range(400): os.write(1, b'a' * 50_000)\n"
                  "t=threading.Thread(target=pour); t.start()\nn=0\n"
                  "while c := os.read(0, 65536): n += len(c)\nt.join(); os.write(2, b'%d' % n)")
        out, errors, _ = self.through([PYTHON, "-c", script], b"b" * 10_000_000)
        self.assertEqual((len(out), errors), (20_000_000, b"10000000"))


class StderrFlood(Fault):
    SERVER = ("import os,sys,threading\n"
              "def flood():\n  while True: os.write(2, b'noise ' * 10_000)\n"
              "if sys.argv[1] == 'flood': threading.Thread(target=flood, daemon=True).start()\n"
              "while line := sys.stdin.buffer.readline(): os.write(1, line)")

    def round_trips(self, mode):
        process = self.start([PYTHON, "-c", self.SERVER, mode])
        drained = threading.Thread(target=lambda: [None for _ in iter(lambda: process.stderr.read(1 << 20), b"")])
        drained.start()
        times = []
        for _ in range(300):
            began = time.perf_counter()
            process.stdin.write(b'{"jsonrpc":"2.0","method":"x"}\n')
            process.stdout.readline()
            times.append(time.perf_counter() - began)
        process.kill()
        process.wait()
        drained.join(PATIENCE)
        return sorted(times)[len(times) // 2]

    def test_answers_still_come_while_stderr_is_flooded(self):
        calm, flooded = self.round_trips("calm"), self.round_trips("flood")
        measured(f"round trip p50 {calm * 1e6:.0f} us, with a stderr flood {flooded * 1e6:.0f} us")
        self.assertLess(flooded, 0.25)

    def test_nobody_reading_stderr_stops_stderr_only(self):
        script = ("import os,sys,threading\n"
                  "threading.Thread(target=lambda: [os.write(2, b'e' * 60_000) for _ in range(100)], daemon=True).start()\n"
                  "for line in sys.stdin: print(line, end='', flush=True)")
        process = self.start([PYTHON, "-c", script])
        for number in range(50):
            process.stdin.write(b'{"n":%d}\n' % number)
            self.assertEqual(process.stdout.readline(), b'{"n":%d}\n' % number)


class Foreign(Fault):
    def test_what_is_not_mcp_passes_and_is_no_longer_looked_at(self):
        data = os.urandom(3_000_000)
        out, _, code = self.through(["cat"], data, "--name", "binary")
        self.assertEqual((out == data, code), (True, 0))

    def test_lines_that_are_no_json_are_counted_and_attributed(self):
        session = self.wrap(SCRIPTED, "--name", "noisy")
        session.initialize()
        session.call("noise", {"lines": ["Listening...", "[INFO] ready", "{not json"]})
        session.call("echo", {"text": "still observed"})
        session.close()
        self.assertEqual(len(self.home.calls("echo")), 1)
        noise = [x for x in self.home.lines() if x["event"] == "server.noise"]
        self.assertEqual(sum(x["count"] for x in noise), 3)


class IdGames(Fault):
    SILENT = [PYTHON, "-c", "import sys\nfor _ in sys.stdin: pass"]

    def anomalies(self, *messages):
        """What doctor's counters say after these were sent to a server that echoes."""
        process = self.start(["cat"], "--name", "games")
        for message in messages:
            process.stdin.write(json.dumps(message).encode() + b"\n")
            process.stdout.readline()

        def counters():
            found = json.loads(self.home.run("doctor", "--json", check=False).stdout)
            taps = [t for t in found["taps"] if t["pid"] == process.pid]
            return taps and taps[0]["counters"].get("messages_to_client", 0) >= len(messages) and taps[0]["counters"]

        return self.eventually("the counters are there", counters)

    def test_each_game_is_counted_by_its_kind(self):
        request = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "x"}}
        counters = self.anomalies(request, request, {"jsonrpc": "2.0", "id": "1", "method": "ping"},
                                  {"jsonrpc": "2.0", "id": 777, "result": {}}, {"jsonrpc": "2.0", "id": None, "result": {}},
                                  {"jsonrpc": "2.0", "id": 10**30, "method": "ping"}, {"hello": 1})
        for kind in ("anomaly_duplicate_id", "anomaly_response_without_request", "anomaly_null_id", "anomaly_not_jsonrpc"):
            self.assertGreaterEqual(counters[kind], 1, kind)

    def test_a_million_open_requests_stay_within_bounds(self):
        count = 1_000_000 if LONG else 200_000
        process = self.start(self.SILENT, "--name", "greedy", "--no-inject")
        batch = 1000
        for start in range(0, count, batch):
            process.stdin.write(b"".join(b'{"jsonrpc":"2.0","id":%d,"method":"tools/call","params":{"name":"t"}}\n' % n
                                         for n in range(start, start + batch)))
        peak = resident(process.pid)
        measured(f"{count} open requests: peak RSS {peak / 1024:.1f} MiB")
        self.assertLessEqual(peak, 48 * 1024)
        process.stdin.close()
        self.assertEqual(process.wait(PATIENCE), 0)


if __name__ == "__main__":
    unittest.main()
