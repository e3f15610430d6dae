"""The official client suites find the official SDK's client behind the proxy as they find it without."""

import json
import sys
import unittest

import suites  # Finds the modules of tests/http, too.
import log_checks
from servers import CONFORMANCE, Home, HttpTest, measured

THROUGH = [sys.executable, str(CONFORMANCE / "through_proxy.py")]
# What is required, and what was added after the release.  OAuth is apart: docs/oauth.md says why.
MORE = ["json-schema-2020-12-preservation"]


class ClientSuites(HttpTest):
    def run_scenario(self, tool, selection, scenario, kind):
        """Runs it direct, or behind what `kind` says, whose log is then under the scenario's own home."""
        folder = self.folder / f"{scenario}-{kind or 'direct'}".replace(" ", "-")
        folder.mkdir()
        behind = [*THROUGH, str(folder), kind] if kind else []
        env = {"SONDE_WITNESS": str(folder / "witness.json")}
        return suites.client_scenario(tool, selection, scenario, folder / "results", behind, env), folder

    def assert_log_is_right(self, folder):
        home = Home(folder)
        report = json.loads((folder / "witness.json").read_text())
        self.assertEqual(log_checks.complaints(home.lines(), [report], home.raw_log()), [])
        return len(log_checks.calls_in(home.lines()))

    def compare(self, name, tool, selection, scenarios):
        checks = calls = 0
        for scenario in scenarios:
            with self.subTest(scenario):
                direct, _ = self.run_scenario(tool, selection, scenario, None)
                proxied, home = self.run_scenario(tool, selection, scenario, "sonde")
                self.assertTrue(direct.passed and direct.checks, direct.text)
                self.assertEqual(suites.differences(direct, proxied), [], proxied.text)
                self.assertTrue(proxied.passed, proxied.text)
                checks += direct.checks.total()
                calls += self.assert_log_is_right(home)
        measured(f"{name}: {len(scenarios)} client scenarios, {checks} checks, the same direct and through the proxy; "
                 f"{calls} calls in the log")

    def required(self, version):
        return [name for name in suites.required_scenarios(version, "Client") if not name.startswith("auth/")] + MORE

    def test_the_stable_suite_finds_no_proxy(self):
        self.compare("conformance 0.1.16", suites.STABLE, [],
                     ["initialize", "tools_call", "elicitation-sep1034-client-defaults", "sse-retry"])

    def test_the_requirements_of_2025_11_25_find_no_proxy(self):
        version = "2025-11-25"
        self.compare(f"conformance 0.2 at {version}", suites.ALPHA, ["--spec-version", version], self.required(version))

    def test_the_requirements_of_2026_07_28_find_no_proxy(self):
        version = "2026-07-28"
        self.compare(f"conformance 0.2 at {version}", suites.ALPHA, ["--spec-version", version], self.required(version))

    def test_the_comparison_finds_a_dropped_header(self):
        selection = ["--spec-version", "2026-07-28"]
        direct, _ = self.run_scenario(suites.ALPHA, selection, "http-standard-headers", None)
        honest, _ = self.run_scenario(suites.ALPHA, selection, "http-standard-headers", "meddler:")
        meddled, _ = self.run_scenario(suites.ALPHA, selection, "http-standard-headers", "meddler:--drop mcp-name")
        self.assertEqual(suites.differences(direct, honest), [])
        self.assertNotEqual(suites.differences(direct, meddled), [])


if __name__ == "__main__":
    unittest.main()
