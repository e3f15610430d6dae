"""Real clients and servers cannot tell the proxy from no proxy, and the log says what they did."""

import json
import pathlib
import signal
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "http"))
import log_checks  # noqa: E402
from servers import (CONFORMANCE, EVERYTHING, MODULES, HttpTest, Meddler, Started, free_port,  # noqa: E402
                     measured, origin)

DRIVE = ["node", str(CONFORMANCE / "client" / "drive.mjs")]
MCP_REMOTE = str(MODULES / "mcp-remote/dist/proxy.js")
TIME_UP = 60  # Seconds; a run takes 2.


class Driven(HttpTest):
    def everything(self, transport):
        """The stock server, on a free port; where it says which is not in its power to tell us."""
        port = free_port()
        env = {**self.home.environment, "PORT": str(port)}
        self.started(Started(["node", EVERYTHING, transport], rf"port ({port})$", env=env))
        return f"http://127.0.0.1:{port}/{'sse' if transport == 'sse' else 'mcp'}"

    def drive(self, *how):
        done = subprocess.run([*DRIVE, *how], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, timeout=TIME_UP,
                              env={**self.home.environment, "MCP_REMOTE_CONFIG_DIR": str(self.folder / "remote")})
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)


def without_last_progress(transcript):
    """What the user saw, but for progress right before a result: the SDK forgets a request when its result comes,
    and shows progress a turn later, so that of two events in one read it loses the first."""
    entries = [entry if isinstance(entry, dict) else entry[-1] for entry in transcript]
    results = [isinstance(entry, dict) and "progress" not in entry for entry in entries] + [False]
    return [transcript[i] for i, entry in enumerate(entries)
            if not (isinstance(entry, dict) and "progress" in entry and results[i + 1])]


class RealClients(Driven):
    def compare(self, how, url, server):
        """The same run direct and through the proxy; returns what the second one saw."""
        proxy = self.proxy(origin(url))
        direct = self.drive(*how, url, server)
        proxied = self.drive(*how, url.replace(origin(url), proxy.address), server)
        self.assertEqual(without_last_progress(proxied["transcript"]), without_last_progress(direct["transcript"]))
        self.assertGreater(len(direct["calls"]), 8)
        self.assertEqual(proxy.stop(signal.SIGTERM), 0, "".join(proxy.said))
        return proxied

    def compare_and_read_log(self, name, how, url, server):
        report = self.compare(how, url, server)
        wrong = log_checks.complaints(self.home.lines(), [report], self.home.raw_log())
        self.assertEqual(wrong, [])
        measured(f"{name}: {len(report['requests'])} requests, {len(log_checks.calls_in(self.home.lines()))} calls in "
                 f"the log, the client's stopwatch {report['stopwatch_minus_log_ms']} ms above it in the median")

    def test_the_second_sdk_in_the_modern_era(self):
        self.compare_and_read_log("SDK v2, modern", ["v2", "modern", "http"], self.fixture().address, "fixture")

    def test_the_second_sdk_in_the_legacy_era(self):
        self.compare_and_read_log("SDK v2, legacy", ["v2", "legacy", "http"], self.fixture().address, "fixture")

    def test_the_first_sdk_and_a_server_of_the_second(self):
        self.compare_and_read_log("SDK v1", ["v1", "legacy", "http"], self.fixture().address, "fixture")

    def test_the_first_sdk_and_server_everything(self):
        self.compare_and_read_log("SDK v1, server-everything", ["v1", "legacy", "http"],
                                  self.everything("streamableHttp"), "everything")

    def test_the_second_sdk_and_server_everything(self):
        self.compare_and_read_log("SDK v2, server-everything", ["v2", "legacy", "http"],
                                  self.everything("streamableHttp"), "everything")

    def test_the_first_sdk_over_http_and_sse(self):
        self.compare_and_read_log("SDK v1, HTTP+SSE", ["v1", "legacy", "sse"], self.everything("sse"), "everything")

    def test_the_second_sdk_over_http_and_sse(self):
        self.compare_and_read_log("SDK v2, HTTP+SSE", ["v2", "legacy", "sse"], self.everything("sse"), "everything")

    def test_mcp_remote_and_server_everything(self):
        url = self.everything("streamableHttp")
        proxy = self.proxy(origin(url))
        bridge = ["v1", "legacy", "stdio", "node", MCP_REMOTE]
        flags = ["--allow-http", "--transport", "http-only", "everything"]
        direct = self.drive(*bridge, url, *flags)
        proxied = self.drive(*bridge, proxy.address + "/mcp", *flags)
        self.assertEqual(proxied["transcript"], direct["transcript"])
        self.assertEqual(proxy.stop(), 0, "".join(proxy.said))
        # The bridge shows us no headers; the log must have its calls even so.
        logged = [line for line in log_checks.calls_in(self.home.lines()) if line["method"] == "tools/call"]
        self.assertEqual(sorted((line["tool_name"], line["status"]) for line in logged),
                         sorted((call["tool"], call["status"]) for call in proxied["calls"]))
        self.assertEqual(len({line["mcp_session_id"] for line in logged}), 1)


class Control(Driven):
    """The comparison must fail for a proxy that is none."""

    def transcripts(self, *wrongs):
        fixture = self.fixture()
        meddler = self.started(Meddler(origin(fixture.address), *wrongs))
        direct = self.drive("v2", "modern", "http", fixture.address, "fixture")
        return direct["transcript"], self.drive("v2", "modern", "http", meddler.address + "/mcp", "fixture")["transcript"]

    def test_an_honest_pass_through_is_not_found(self):
        direct, behind = self.transcripts()
        self.assertEqual(direct, behind)

    def test_a_dropped_header_is_found(self):
        direct, behind = self.transcripts("--drop", "accept-language")
        self.assertNotEqual(direct, behind)

    def test_a_cancel_that_does_not_arrive_is_found(self):
        _, behind = self.transcripts("--no-cancel")
        said = [what for step, what in behind if step == "the server knows of the cancel"]
        self.assertEqual([what.get("message") for what in said], ["never: a cancel"])


if __name__ == "__main__":
    unittest.main()
