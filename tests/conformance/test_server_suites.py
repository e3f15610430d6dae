"""The official server suites find behind the proxy exactly what they find without it."""

import json
import unittest

import suites  # Finds the modules of tests/http, too.
import log_checks
from servers import HttpTest, Meddler, measured, origin


class ServerSuites(HttpTest):
    def compare(self, name, tool, selection, least):
        """Runs a suite direct and through the proxy; `least` scenarios at least."""
        record = self.folder / "record.jsonl"
        fixture = self.fixture("--record", str(record))
        proxy = self.proxy(origin(fixture.address))
        direct = suites.server_suite(tool, selection, fixture.address, self.folder / "direct")
        record.unlink()
        proxied = suites.server_suite(tool, selection, proxy.address + "/mcp", self.folder / "proxied")
        self.assertTrue(direct.passed, direct.text)
        self.assertGreaterEqual(len(direct.scenarios()), least, direct.text)
        self.assertEqual(suites.differences(direct, proxied), [], proxied.text)
        self.assertTrue(proxied.passed, proxied.text)
        self.assertEqual(proxy.stop(), 0, "".join(proxy.said))
        arrived = [json.loads(line) for line in record.read_text().splitlines()]
        lines = self.home.lines()
        self.assertEqual(log_checks.complaints_of_server(lines, arrived, self.home.raw_log()), [])
        measured(f"{name}: {len(direct.scenarios())} scenarios, {proxied.statuses()} direct and through the proxy; "
                 f"{len(arrived)} requests, {len(log_checks.calls_in(lines))} calls in the log")

    def test_the_stable_suite_finds_no_proxy(self):
        self.compare("conformance 0.1.16", suites.STABLE, [], 30)

    def test_the_requirements_of_2025_11_25_find_no_proxy(self):
        self.compare("conformance 0.2 at 2025-11-25", suites.ALPHA, ["--requirements", "2025-11-25"], 33)

    def test_the_requirements_of_2026_07_28_find_no_proxy(self):
        self.compare("conformance 0.2 at 2026-07-28", suites.ALPHA, ["--requirements", "2026-07-28"], 50)


class Control(HttpTest):
    """The comparison itself: it must see what a proxy does wrong, and nothing else."""

    def found_behind(self, *wrongs, scenario, version="2025-11-25"):
        fixture = self.fixture()
        meddler = self.started(Meddler(origin(fixture.address), *wrongs))
        selection = ["--scenario", scenario, "--spec-version", version]
        direct = suites.server_suite(suites.ALPHA, selection, fixture.address, self.folder / "direct")
        proxied = suites.server_suite(suites.ALPHA, selection, meddler.address + "/mcp", self.folder / "proxied")
        self.assertTrue(direct.passed and direct.checks, direct.text)
        return "\n".join(suites.differences(direct, proxied))

    def test_an_honest_pass_through_is_not_found(self):
        for scenario in ("server-session-lifecycle", "dns-rebinding-protection", "prompts-list"):
            with self.subTest(scenario):
                self.assertEqual(self.found_behind(scenario=scenario), "")

    def test_a_rewritten_host_is_found(self):
        found = self.found_behind("--rewrite-host", scenario="dns-rebinding-protection")
        self.assertIn("localhost-host-rebinding-rejected FAILURE", found)

    def test_a_dropped_session_header_is_found(self):
        found = self.found_behind("--drop", "mcp-session-id", scenario="server-session-lifecycle")
        self.assertIn("only through the proxy", found)

    def test_a_held_event_stream_is_found(self):
        found = self.found_behind("--hold-events", scenario="server-stateless", version="2026-07-28")
        self.assertIn("sep-2575-server-sends-subscription-ack FAILURE", found)

    def test_a_changed_result_is_found(self):
        found = self.found_behind("--break-json", scenario="prompts-list")
        self.assertIn("wire-schema-valid FAILURE", found)


if __name__ == "__main__":
    unittest.main()
