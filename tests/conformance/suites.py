"""Runs the official conformance tool and reads what it found."""

import collections
import dataclasses
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "http"))
from servers import CONFORMANCE, MODULES  # noqa: E402

STABLE = str(MODULES / "@modelcontextprotocol/conformance/dist/index.js")  # 0.1.16
ALPHA = str(MODULES / "conformance-alpha/dist/index.js")  # 0.2.0-alpha.12
CLIENT = str(CONFORMANCE / "client" / "suite_client.mjs")
TIME_UP = 120  # Seconds; the longest suite takes 5.


@dataclasses.dataclass
class Outcome:
    """What a run of the tool found: how often each (scenario, check id, status) came up."""

    passed: bool  # Every required scenario, by the tool's own exit code.
    checks: collections.Counter
    text: str

    def scenarios(self):
        return {scenario for scenario, _, _ in self.checks}

    def statuses(self):
        return dict(collections.Counter(status for _, _, status in self.checks.elements()))


def _checks(folder):
    """One entry a check.  The folder of a scenario is its name with the time of the run behind it."""
    found = collections.Counter()
    for path in sorted(folder.rglob("checks.json")):
        name = re.sub(r"-\d{4}-\d\d-\d\dT[\d-]+Z$", "", str(path.parent.relative_to(folder)))
        for check in json.loads(path.read_text()):
            found[(name, check["id"], check["status"])] += 1
    return found


def _run(tool, arguments, folder, env=None):
    done = subprocess.run(["node", tool, *arguments, "-o", str(folder)], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=TIME_UP,
                          env={**os.environ, **(env or {})})
    return Outcome(done.returncode == 0, _checks(folder), done.stdout)


def server_suite(tool, selection, url, folder):
    """The whole suite against the server at `url`; the tool runs its scenarios one after another."""
    return _run(tool, ["server", "--url", url, *selection], folder)


def client_scenario(tool, selection, scenario, folder, behind=(), env=None):
    """One scenario for our client, which is started directly or by `behind`, a command that puts a proxy before it."""
    command = shlex.join([*behind, "node", CLIENT])
    return _run(tool, ["client", "--command", command, "--scenario", scenario, *selection], folder, env)


def required_scenarios(requirements, side):
    """The scenarios that a requirement set scores, in the tool's own words."""
    listed = subprocess.run(["node", ALPHA, "list", "--requirements", requirements], stdout=subprocess.PIPE,
                            text=True, check=True, timeout=TIME_UP).stdout
    scored = listed.split("Run and reported")[0]
    part = re.search(rf"^{side} scenarios.*?:\n((?:  - .*\n)+)", scored, re.M)[1]
    return re.findall(r"^  - (\S+)", part, re.M)


def differences(direct, proxied):
    """What one run found and the other did not, in words."""
    only_direct = direct.checks - proxied.checks
    only_proxied = proxied.checks - direct.checks
    return sorted([f"only direct: {n} x {' '.join(key)}" for key, n in only_direct.items()] +
                  [f"only through the proxy: {n} x {' '.join(key)}" for key, n in only_proxied.items()])
