"""A thousand clients at once: nobody gets what is another's, nothing is lost, and all is in the log."""

import json
import os
import pathlib
import resource
import statistics
import subprocess
import sys
import unittest
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "http"))
import log_checks  # noqa: E402
from servers import LONG, ROOT, HttpTest, Started, measured  # noqa: E402

UPSTREAM = ["node", str(ROOT / "tests" / "crowd" / "upstream.mjs")]
CROWD = ["node", str(ROOT / "tests" / "crowd" / "crowd.mjs")]
SMALL = os.environ.get("SONDE_SMALL") == "1"  # For a build that a sanitizer slows down.
CLIENTS, CALLS = (100, 1_000) if SMALL else (1_000, 10_000)
# The stopwatch also measures two sockets and the client's own work; the log no more than the call.
MOST_ABOVE_MS = 3.0
LISTENING = r"listening on (http://\S+)"


def with_many_files():
    """A connection is a file on each side of the proxy, and clients have two."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def reports_of(witness):
    """What the crowd saw, in the form of log_checks: a report a session, and one for those without."""
    reports = {}
    for number, line in enumerate(witness.read_text().splitlines()):
        seen = json.loads(line)
        report = reports.setdefault(seen.get("session"), {"requests": [], "calls": []})
        report["requests"].append({**seen, "step": number, "mcp-session-id": seen.get("session")})
        if "took_ms" in seen:
            report["calls"].append({"step": number, "tool": seen["name"], "status": "ok", "took_ms": seen["took_ms"]})
    return list(reports.values())


class Crowd(HttpTest):
    def setUp(self):
        super().setUp()
        with_many_files()

    def upstream(self, *flags):
        return self.started(Started([*UPSTREAM, *flags], LISTENING)).address

    def crowd(self, url, clients, calls, *flags, timeout=300):
        done = subprocess.run([*CROWD, url + "/mcp", str(clients), str(calls), *flags], stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=timeout)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def assert_all_well(self, counts, calls, upstream):
        self.assertEqual((counts["crossed"], counts["lost"], counts["untold"]), (0, 0, 0), counts["examples"])
        self.assertEqual((counts["calls"], counts["answered"]), (calls, calls))
        with urllib.request.urlopen(upstream + "/stats", timeout=30) as answer:
            stats = json.load(answer)
        self.assertEqual((stats["calls"], stats["strangers"], stats["open"]), (calls, 0, 0))
        self.assertEqual(stats["ended"], counts["sessions"])

    def test_everyone_gets_their_own_and_all_is_in_the_log(self):
        upstream = self.upstream()
        proxy = self.proxy(upstream)
        witness = self.folder / "witness.jsonl"
        counts = self.crowd(proxy.address, CLIENTS, CALLS, "--witness", str(witness))
        self.assert_all_well(counts, CALLS, upstream)
        self.assertEqual(proxy.stop(), 0, "".join(proxy.said))
        lines = self.home.lines()
        self.assertEqual(len(log_checks.calls_in(lines)), CALLS + counts["sessions"])
        reports = reports_of(witness)
        self.assertEqual(len(reports), counts["sessions"] + 1)
        wrong = log_checks.complaints(lines, reports, self.home.raw_log())
        self.assertEqual(wrong[:20], [])
        hashes = [report["session_hash"] for report in reports if report["session_hash"]]
        self.assertEqual(len(set(hashes)), counts["sessions"])
        measured(f"{CLIENTS} clients, {CALLS} calls in {counts['seconds']:.1f} s: 0 crossed, 0 lost, all in the log")

    def test_durations_are_those_of_a_clients_stopwatch(self):
        """With few clients, so that a stopwatch measures calls and not its own event loop."""
        proxy = self.proxy(self.upstream())
        witness = self.folder / "witness.jsonl"
        self.crowd(proxy.address, 3, 600, "--pause", "6", "--witness", str(witness))
        self.assertEqual(proxy.stop(), 0, "".join(proxy.said))
        reports = reports_of(witness)
        self.assertEqual(log_checks.complaints(self.home.lines(), reports, self.home.raw_log()), [])
        slower = statistics.median(report["stopwatch_minus_log_ms"] for report in reports if report["calls"])
        measured(f"600 calls: the client's stopwatch {slower:.2f} ms above the log's duration in the median")
        self.assertLess(slower, 10.0 if SMALL else MOST_ABOVE_MS)

    def test_an_answer_that_goes_astray_is_found(self):
        counts = self.crowd(self.upstream("--astray", "50"), 20, 1_000)
        self.assertGreater(counts["crossed"], 0)

    @unittest.skipUnless(LONG, "takes minutes")
    def test_a_million_calls(self):
        calls = 1_000_000
        upstream = self.upstream()
        proxy = self.proxy(upstream, "--log-files-max", "1000")
        counts = self.crowd(proxy.address, 1_000, calls, "--pause", "0", timeout=1_800)
        self.assert_all_well(counts, calls, upstream)
        self.assertEqual(proxy.stop(), 0, "".join(proxy.said))
        requests = set()
        lines = 0
        for path in self.home.log_files():
            with open(path, encoding="utf-8") as log:
                for line in map(json.loads, log):
                    if line.get("event") == "tool.success":
                        lines += 1
                        requests.add(line["request_id"])
        self.assertEqual((lines, len(requests)), (calls, calls))
        measured(f"1,000 clients, {calls} calls in {counts['seconds']:.0f} s: 0 crossed, 0 lost, {lines} lines in the log")


if __name__ == "__main__":
    unittest.main()
