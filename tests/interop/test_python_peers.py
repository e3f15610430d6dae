"""FastMCP (Python SDK v2, both eras) through wrap, and AWS's own model as judge of our lines."""

import asyncio
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

from fastmcp import Client
from fastmcp.client.transports import StdioTransport

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
SONDE = os.environ["SONDE_BIN"]
SERVER = [sys.executable, str(ROOT / "tests" / "interop" / "fastmcp_server.py")]


class FastMcp(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="sonde-interop-")
        self.addCleanup(folder.cleanup)
        self.home = pathlib.Path(folder.name)
        self.environment = {"HOME": str(self.home), "PATH": os.environ["PATH"], "USER": "tester",
                            "LOGNAME": "tester", "SHELL": "/bin/sh", "TERM": "xterm"}

    def lines(self):
        found = []
        for path in (self.home / ".local/state/sonde/log").glob("*.jsonl"):
            found += [json.loads(line) for line in path.read_text().splitlines()]
        return found

    def calls(self):
        return {x["tool_name"]: x for x in self.lines() if x["event"].startswith("tool.")}

    async def drive(self, *flags):
        transport = StdioTransport(command=SONDE, args=["wrap", "--name", "fast", *flags, "--", *SERVER],
                                   env=self.environment)
        async with Client(transport) as client:
            await client.list_tools()
            self.assertEqual((await client.call_tool("add", {"a": 2, "b": 40})).data, 42)
            failed = await client.call_tool("broken", {}, raise_on_error=False)
            self.assertTrue(failed.is_error)
            await client.call_tool("rows", {"count": 3})
            await client.call_tool("rows", {"count": 0})
            return json.loads((await client.call_tool("meta", {})).data)

    def test_calls_of_the_modern_era_are_recorded(self):
        asyncio.run(self.drive())
        calls = self.calls()
        self.assertEqual(calls["add"]["status"], "ok")
        self.assertEqual(calls["add"]["protocol_version"], "2026-07-28")
        self.assertEqual(calls["broken"]["error_type"], "tool_error")
        self.assertNotIn("Miller", json.dumps(calls["broken"]))
        counts = [x["result_count"] for x in self.lines() if x.get("tool_name") == "rows"]
        self.assertEqual(counts, [3, 0])

    def test_trace_context_reaches_the_server_and_meta_is_kept(self):
        meta = asyncio.run(self.drive())
        line = self.calls()["meta"]
        self.assertEqual(meta["traceparent"][3:35], line["trace_id"])
        self.assertEqual(meta["io.modelcontextprotocol/protocolVersion"], "2026-07-28")

    def test_every_metric_line_is_valid_for_aws(self):
        asyncio.run(self.drive())
        logs = [str(p) for p in (self.home / ".local/state/sonde/log").glob("*.jsonl")]
        events = self.home / "emf.jsonl"
        kept = [x for log in logs for x in pathlib.Path(log).read_text().splitlines() if '"_aws"' in x]
        self.assertGreaterEqual(len(kept), 5)
        events.write_text("\n".join(kept) + "\n")
        done = subprocess.run([sys.executable, str(ROOT / "scripts" / "validate_aws.py"), "--emf", str(events)],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.assertEqual(done.returncode, 0, done.stdout)

    def test_the_validator_itself_can_fail(self):
        done = subprocess.run([sys.executable, str(ROOT / "scripts" / "validate_aws.py"), "--selftest"],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.assertEqual(done.returncode, 0, done.stdout)


if __name__ == "__main__":
    unittest.main()
