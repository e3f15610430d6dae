"""A child that speaks no MCP: everything passes, and we stop looking (test 34)."""

import base64
import json
import os
import resource
import subprocess

from support import PATIENCE, FaultTest, measured, python

POUR = """
import base64, os, sys
block = {block}
for _ in range({count}): os.write(1, block)
"""
KINDS = {
    "binary": "bytes((i * 2654435761 >> 13) & 255 for i in range(1 << 20))",
    "base64 lines": "base64.encodebytes(bytes(range(256)) * 3000)",
    "base64 in one line": "base64.b64encode(bytes(range(256)) * 3000)",
}


def pour(kind, count=100):
    return python(POUR.format(block=KINDS[kind], count=count))


class NoMcp(FaultTest):
    def drained(self, process):
        total = 0
        while chunk := os.read(process.stdout.fileno(), 1 << 20):
            total += len(chunk)
        process.stdin.close()
        process.wait(PATIENCE)
        return total

    def cpu(self, start):
        """CPU seconds of what `start` starts, and of its children; and the bytes that came."""
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        total = self.drained(start())
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, total

    def test_it_costs_no_more_than_cat(self):
        for kind in KINDS:
            with self.subTest(kind):
                command = pour(kind)
                quoted = " ".join("'" + w.replace("'", "'\\''") + "'" for w in command)
                ways = {"direct": lambda c=command: self.spawn(c),
                        "cat": lambda q=quoted: self.spawn(["sh", "-c", q + " | cat"]),
                        "wrap": lambda c=command: self.wrap(c)}
                best, sizes = {}, set()
                for _ in range(3):
                    for name, start in ways.items():
                        seconds, size = self.cpu(start)
                        best[name] = min(best.get(name, 99.0), seconds)
                        sizes.add(size)
                self.assertEqual(len(sizes), 1)
                wrap, cat = best["wrap"] - best["direct"], best["cat"] - best["direct"]
                measured(f"{kind}: wrap {wrap * 1000:.0f} ms, cat {cat * 1000:.0f} ms of CPU "
                         f"for {sizes.pop() >> 20} MiB")
                self.assertLess(wrap, 1.5 * max(cat, 0) + 0.04)

    def test_every_byte_of_binary_passes_both_ways(self):
        data = os.urandom(3_000_000)
        for flags in ([], ["--no-inject"]):
            process = self.wrap(["cat"], *flags)
            out, _, code = self.run_to_end(process, data)
            self.assertEqual((out == data, code), (True, 0))

    def test_noise_before_and_between_messages_is_told_by_its_line(self):
        lines = [b"Welcome!", b'{"jsonrpc":"2.0","id":1,"result":{}}', b"oops", b"", b'{"method":"x"}']
        process = self.wrap(["printf", "%s", b"\n".join(lines).decode()], stdin=subprocess.DEVNULL)
        out, _, _ = self.run_to_end(process, None)
        self.assertEqual(out, b"\n".join(lines))
        self.assertIn(b"at line 1, 3", self.log())

    def test_noise_is_counted_and_calls_between_are_recorded(self):
        script = ("read a; echo Listening...; echo '[INFO] ready'; echo '{not json'; echo '{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}'; "
                  "read b; echo '{\"jsonrpc\":\"2.0\",\"id\":2,\"result\":{}}'")
        calls = b"".join(b'{"jsonrpc":"2.0","id":%d,"method":"tools/call","params":{"name":"t"}}\n' % i for i in (1, 2))
        self.assertEqual(self.run_to_end(self.wrap(["sh", "-c", script]), calls)[2], 0)
        records = [json.loads(line) for line in self.log().splitlines()]
        self.assertEqual(sum(r["count"] for r in records if r["event"] == "server.noise"), 3)
        self.assertEqual([r["status"] for r in records if r.get("tool_name") == "t"], ["ok", "ok"])

    def test_programs_that_are_no_servers_work(self):
        for command, data, expected in ((["true"], b"", b""), (["sort"], b"b\na\n", b"a\nb\n"),
                                        (["base64"], b"abc", base64.b64encode(b"abc") + b"\n"),
                                        (["gzip", "-dc"], None, None)):
            with self.subTest(command):
                if data is None:
                    data = subprocess.run(["gzip", "-c"], input=b"zipped", capture_output=True, check=True).stdout
                    expected = b"zipped"
                out, _, code = self.run_to_end(self.wrap(command), data)
                self.assertEqual((out, code), (expected, 0))
