"""What OAuth does behind the proxy is what docs/oauth.md says, scenario by scenario."""

import re
import sys
import unittest

import suites  # Finds the modules of tests/http, too.
from servers import CONFORMANCE, LONG, HttpTest, measured

THROUGH = [sys.executable, str(CONFORMANCE / "through_proxy.py")]
# A client must refuse in these whatever the server's name is.
REFUSED_ANYWAY = {"auth/resource-mismatch", "auth/metadata-issuer-mismatch"}
# What --public-origin leaves: the tool compares the token's resource with what the upstream published,
# which the client never saw; metadata elsewhere than at their well-known path are not rewritten; and
# an upstream that names somebody else's resource is given our name as well.
AUDIENCE = {("resource-parameter-matches-prm", "FAILURE")}
NOT_REWRITTEN = "auth/metadata-var3"
NAMES_DIFFER = re.compile(r"Protected resource http://localhost:\d+\S* does not match expected http://localhost:\d+")
# Discovery, a 403 that asks for more, and a refusal; all of them in ./test long.
SAMPLE = ["auth/metadata-default", "auth/scope-step-up", "auth/resource-mismatch"]


class OAuth(HttpTest):
    def scenarios(self, version):
        required = [name for name in suites.required_scenarios(version, "Client") if name.startswith("auth/")]
        return required if LONG else [name for name in required if name in SAMPLE]

    def run_scenario(self, version, scenario, kind):
        folder = self.folder / f"{version}-{scenario.replace('/', '-')}-{kind}"
        folder.mkdir()
        behind = [*THROUGH, str(folder), kind] if kind else []
        return suites.client_scenario(suites.ALPHA, ["--spec-version", version], scenario, folder / "results", behind)

    def each(self, kind, check):
        for version in ("2025-11-25", "2026-07-28"):
            for scenario in self.scenarios(version):
                with self.subTest(f"{scenario} at {version}"):
                    check(scenario, self.run_scenario(version, scenario, None), self.run_scenario(version, scenario, kind))

    def test_behind_another_origin_only_the_servers_name_is_in_the_way(self):
        reasons = []

        def check(scenario, direct, proxied):
            self.assertTrue(direct.passed, direct.text)
            if scenario in REFUSED_ANYWAY:
                self.assertEqual(suites.differences(direct, proxied), [], proxied.text)
            else:
                self.assertFalse(proxied.passed, proxied.text)
                reasons.append(bool(NAMES_DIFFER.search(proxied.text)))

        self.each("sonde", check)
        self.assertTrue(reasons and all(reasons))
        measured(f"OAuth behind another origin: {len(reasons)} scenarios fail, all for the server's name")

    def test_where_the_servers_own_name_leads_to_the_proxy_nothing_differs(self):
        checks = []

        def check(_, direct, proxied):
            self.assertTrue(direct.passed, direct.text)
            self.assertEqual(suites.differences(direct, proxied), [], proxied.text)
            checks.append(direct.checks.total())

        self.each("sonde-in-place", check)
        measured(f"OAuth with the same public origin: {len(checks)} scenarios, {sum(checks)} checks, the same as direct")

    def test_with_a_public_origin_discovery_works(self):
        passed, audience = [], []

        def check(scenario, direct, proxied):
            failed = {(name, status) for _, name, status in proxied.checks if status in ("FAILURE", "WARNING")}
            if scenario == NOT_REWRITTEN:
                self.assertRegex(proxied.text, NAMES_DIFFER)
            elif failed:
                self.assertEqual(failed, AUDIENCE, proxied.text)
                audience.append(scenario)
            else:
                self.assertTrue(proxied.passed, proxied.text)
                self.assertEqual(suites.differences(direct, proxied), [], proxied.text)
                passed.append(scenario)

        self.each("sonde-public", check)
        self.assertTrue(passed and audience)
        measured(f"OAuth with --public-origin: {len(passed)} scenarios the same as direct, {len(audience)} but for the "
                 "check that the token is made out for the name that the upstream published")


if __name__ == "__main__":
    unittest.main()
