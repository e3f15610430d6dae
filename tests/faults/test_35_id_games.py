"""Ids that are doubled, reused, unknown, odd, or a million at once (test 35)."""

import json
import os
import time

from support import PATIENCE, SONDE, FaultTest, measured, status_field

ODD_IDS = ["1", '"1"', "1.0", "1e0", "-0", "0", "null", '""', '"' + "x" * 5000 + '"', "9" * 400,
           "18446744073709551616", '"\\u0031"', "true", "[1]", '{"a":1}', '"\\ud800"']


class IdGames(FaultTest):
    def echo(self, data):
        """`cat` answers a request with a request, and a response with a response."""
        out, _, code = self.run_to_end(self.wrap(["cat"], "--no-inject"), data)
        self.assertEqual((out == data, code), (True, 0))
        return [json.loads(line) for line in self.log().splitlines()]

    def test_odd_ids_pass(self):
        requests = "".join('{"jsonrpc":"2.0","id":%s,"method":"tools/call","params":{"name":"t"}}\n' % i for i in ODD_IDS)
        answers = "".join('{"jsonrpc":"2.0","id":%s,"result":{}}\n' % i for i in ODD_IDS)
        self.echo((requests + answers).encode())

    def test_string_and_number_are_two_ids(self):
        script = (r"""read a; read b; printf '{"id":"1","result":{"isError":true,"content":[]}}\n"""
                  r"""{"id":1,"result":{"content":[]}}\n'; cat >/dev/null""")
        process = self.wrap(["sh", "-c", script])
        process.stdin.write(b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"number"}}\n'
                            b'{"jsonrpc":"2.0","id":"1","method":"tools/call","params":{"name":"string"}}\n')
        process.stdout.readline()
        process.stdout.readline()
        process.stdin.close()
        self.assertEqual(process.wait(PATIENCE), 0)
        by_tool = {r["tool_name"]: r["status"] for r in map(json.loads, self.log().splitlines())
                   if "tool_name" in r}
        self.assertEqual(by_tool, {"number": "ok", "string": "error"})

    def test_reused_and_unknown_ids_end_nothing(self):
        one = b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"t"}}\n'
        answer = b'{"jsonrpc":"2.0","id":1,"result":{}}\n'
        self.echo(one * 3 + answer * 5 + one + answer)

    def test_each_game_is_counted_by_its_kind(self):
        request = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "x"}}
        messages = [request, request, {"jsonrpc": "2.0", "id": "1", "method": "ping"},
                    {"jsonrpc": "2.0", "id": 777, "result": {}}, {"jsonrpc": "2.0", "id": None, "result": {}},
                    {"jsonrpc": "2.0", "id": 10**30, "method": "ping"}, {"hello": 1}]
        process = self.wrap(["cat"], "--name", "games")
        for message in messages:
            process.stdin.write(json.dumps(message).encode() + b"\n")
            process.stdout.readline()

        def counters():
            doctor = self.spawn([SONDE, "doctor", "--json"])
            found = json.loads(self.run_to_end(doctor)[0])
            taps = [t for t in found["taps"] if t["pid"] == process.pid]
            return taps and taps[0]["counters"].get("messages_to_client", 0) >= len(messages) and taps[0]["counters"]

        counted = self.eventually(counters, PATIENCE, "the counters are there")
        for kind in ("duplicate_id", "response_without_request", "null_id", "not_jsonrpc"):
            self.assertGreaterEqual(counted["anomaly_" + kind], 1, kind)

    def test_a_million_open_requests_stay_within_bounds(self):
        process = self.wrap(["sh", "-c", "cat > /dev/null"])
        started = time.monotonic()
        for base in range(0, 1_000_000, 5000):
            block = b"".join(b'{"jsonrpc":"2.0","id":%d,"method":"tools/call","params":{"name":"t","arguments":{"a":%d}}}\n'
                             % (i, i) for i in range(base, base + 5000))
            view = memoryview(block)
            while view:
                view = view[os.write(process.stdin.fileno(), view):]
        peak = status_field(process.pid, "VmHWM")
        measured(f"a million open requests: {time.monotonic() - started:.1f} s, peak RSS {peak} KiB")
        self.assertLess(peak, 40 * 1024)
        process.stdin.close()
        self.assertEqual(process.wait(PATIENCE), 0)
        # What was lost of the log was counted, and the log itself stays within its rotation.
        self.assertLess(sum(p.stat().st_size for p in (self.home / ".local/state/sonde/log").iterdir()),
                        11 * 16 * 1024 * 1024)
