#!/usr/bin/env python3
"""Every default alarm fires on its incident, recovers, and is quiet on a quiet day.

The template is the one that `sonde aws template` prints, the incidents are tests/data/incidents, the evaluation is
`sonde alarm replay`: no definition of an alarm is repeated here, only which incident is whose.
"""

import functools
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
DATA = ROOT / "tests" / "data" / "incidents"
SONDE = os.environ.get("SONDE_BIN", str(ROOT / "out" / "bin" / "sonde"))

sys.path.insert(0, str(ROOT / "tests" / "alarms"))
from make_incidents import DIMENSION_FLAGS  # noqa: E402

# Switches on every alarm that needs a value.
CONFIGURATION = ["--alarms-p50-max", "200ms", "--alarms-capacity-cps", "2", "--alarms-servers", "files",
                 "--alarms-max-sessions", "100", "--alarms-tools", "files/find",
                 *DIMENSION_FLAGS]
ALL_ERRORS = {"MCP-ElevatedToolErrorRate", "MCP-HighToolErrorRate", "MCP-MostCallsFail"}
# Of the environment; those of the server and the tool have a path behind the same name.
FIRES = {
    "error_rate_over_1_percent": {"MCP-ElevatedToolErrorRate"},
    "error_rate_over_5_percent": {"MCP-ElevatedToolErrorRate", "MCP-HighToolErrorRate"},
    "error_rate_over_50_percent": ALL_ERRORS | {"MCP-Page"},
    "outage_that_fails_fast": ALL_ERRORS | {"MCP-Page"},
    "outage_that_hangs": ALL_ERRORS | {"MCP-Page"},
    "errors_and_latency": {"MCP-ElevatedToolErrorRate", "MCP-HighToolErrorRate", "MCP-HighP99Latency",
                           "MCP-HighP95Latency", "MCP-Page"},
    "high_p50": {"MCP-HighP50Latency"},
    "high_p95": {"MCP-HighP95Latency"},
    "high_p99": {"MCP-HighP99Latency"},
    "call_rate_near_capacity": {"MCP-CallRateNearCapacity"},
    "large_result": {"MCP-LargeResult"},
    "sessions_near_max": {"MCP-SessionsNearLimit"},
    "session_leak": {"MCP-SessionLeak"},
    "session_context": {"MCP-SessionContextHigh"},
    "server_down": ALL_ERRORS | {"MCP-ServerDown", "MCP-Page"},
    "server_restarts": {"MCP-ServerRestarts"},
    "thrash": {"MCP-AgentThrash"},
    "emf_parsing_errors": {"MCP-EmfParsingErrors"},
    "emf_validation_errors": {"MCP-EmfValidationErrors"},
    "emf_disabled_errors": {"MCP-EmfDisabledErrors"},
    "quiet_day": set(),
}
WITH_HEARTBEAT = {
    "silence": {"MCP-ServerDown", "MCP-Page"},
    "server_down": ALL_ERRORS | {"MCP-ServerDown", "MCP-Page"},
    "quiet_day": set(),
}


def kind_of(alarm):
    return alarm.split("/")[0]


class Incidents(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.template = cls.make_template("plain", [])
        cls.with_heartbeat = cls.make_template("heartbeat", ["--alarms-heartbeat"])

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    @classmethod
    def sonde(cls, *arguments):
        environment = {"HOME": cls.folder.name, "PATH": os.environ["PATH"]}
        done = subprocess.run([SONDE, *arguments], env=environment, capture_output=True, text=True, timeout=120)
        if done.returncode:
            raise AssertionError(f"sonde {' '.join(arguments)}: exit {done.returncode}\n{done.stderr}")
        return done.stdout

    @classmethod
    def make_template(cls, name, more):
        path = pathlib.Path(cls.folder.name) / f"{name}.json"
        path.write_text(cls.sonde("aws", "template", "--environment", "production", *CONFIGURATION, *more))
        return path

    @classmethod
    @functools.lru_cache(maxsize=None)  # Several tests look at the same replay.
    def replay(cls, template, incident, *more):
        """Of one incident: the alarms that fired, who was told of which state, and the states at the end."""
        out = cls.sonde("alarm", "replay", "--json", "--template", str(template), *more, str(DATA / f"{incident}.jsonl"))
        lines = [json.loads(line) for line in out.splitlines()]
        summary = lines[-1]["summary"]
        if summary["values_dropped"] or summary["values_late"]:
            raise AssertionError(f"{incident}: not every value was counted: {summary}")
        fired = {line["alarm"] for line in lines if line.get("after") == "ALARM"}
        notified = {(line["notified"], line["state"]) for line in lines if "notified" in line}
        return fired, notified, summary["states"]

    def check_incident(self, template, incident, expected):
        fired, notified, states = self.replay(template, incident)
        self.assertEqual({kind_of(name) for name in fired}, expected)
        for name in fired:
            self.assertEqual(states[name], "OK", f"{name} did not recover")
            self.assertIn((name, "ALARM"), notified, f"{name} told nobody")
            self.assertIn((name, "OK"), notified, f"{name} told nobody that it is over")
        for name, state in states.items():
            self.assertNotEqual(state, "ALARM", name)

    def test_each_alarm_fires_on_its_incident_and_recovers(self):
        for incident, expected in FIRES.items():
            with self.subTest(incident):
                self.check_incident(self.template, incident, expected)

    def test_with_a_heartbeat_silence_is_an_outage(self):
        for incident, expected in WITH_HEARTBEAT.items():
            with self.subTest(incident):
                self.check_incident(self.with_heartbeat, incident, expected)

    def test_no_alarm_of_the_template_is_without_an_incident(self):
        everything = set().union(*FIRES.values())
        fired = {}
        for incident in FIRES:
            fired[incident], _, states = self.replay(self.template, incident)
        of_any = set().union(*fired.values())
        self.assertEqual(set(states) - of_any, set(), "never fired")
        self.assertEqual({kind_of(name) for name in states}, everything)

    def test_a_suffix_changes_names_and_nothing_else(self):
        fired, _, _ = self.replay(self.template, "high_p95", "--parameter", "Suffix=-blue")
        self.assertIn("MCP-HighP95Latency-blue", fired)

    def test_another_environment_sees_nothing(self):
        fired, _, _ = self.replay(self.template, "outage_that_fails_fast", "--parameter", "Environment=staging")
        self.assertEqual(fired, set())

    def test_every_incident_has_the_minutes_of_its_story(self):
        done = subprocess.run([sys.executable, str(ROOT / "tests/alarms/make_incidents.py"), "--check"],
                              capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)
        files = {path.stem for path in DATA.glob("*.jsonl")}
        self.assertEqual(files, set(FIRES) | set(WITH_HEARTBEAT))


if __name__ == "__main__":
    unittest.main()
