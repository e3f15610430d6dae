"""Wrap in poor surroundings: six variables, no network, no disk, a faulty configuration."""

import json
import os
import pathlib
import re
import subprocess
import unittest

from support import CLIENT, EVERYTHING, PASSED_ON, PATIENCE, SCRIPTED, SONDE, EndToEnd


class Surroundings(EndToEnd):
    def test_the_six_variables_that_clients_pass_on_are_enough(self):
        self.assertEqual(set(self.home.environment), set(PASSED_ON))
        session = self.wrap(SCRIPTED, "--name", "six")
        session.initialize()
        session.call("echo", {"text": "x"})

        def seen():
            found = json.loads(self.home.run("doctor", "--json", check=False).stdout)
            return [t for t in found["taps"] if t["server"] == "six"]

        [tap] = self.eventually("doctor sees the tap", seen)
        self.assertEqual(tap["pid"], session.process.pid)
        session.close()
        self.assertEqual(len(self.home.calls("echo")), 1)
        after = json.loads(self.home.run("doctor", "--json", check=False).stdout)
        self.assertEqual(after["taps"], [])

    def test_doctor_calls_a_healthy_tap_healthy(self):
        session = self.wrap(SCRIPTED)
        session.initialize()
        self.eventually("the tap is reachable", lambda: list((self.home.state / "control").glob("*.json")))
        done = self.home.run("doctor", check=False)
        session.close()
        self.assertEqual(done.returncode, 0, done.stdout)

    def test_doctor_names_each_alarm_that_is_off(self):
        self.home.configure("alarms: {capacity_cps: 50}\n")
        said = self.home.run("doctor").stdout
        self.assertIn("HighP50Latency: is off", said)
        self.assertIn("p50_max is not set", said)
        self.assertNotIn("CallRateNearCapacity", said)

    def test_nothing_connects_in_a_namespace_without_routes(self):
        trace = self.home.folder / "trace.txt"
        # A user namespace gives anybody the right to it, but not within a chroot.
        rights = [] if os.geteuid() == 0 else ["--map-root-user"]
        command = ["unshare", "--net", *rights, "strace", "-f", "-qq", "-e", "trace=connect,sendto,sendmsg",
                   "-o", str(trace), *CLIENT, "--", SONDE, "wrap", "--name", "alone", "--", *EVERYTHING]
        done = subprocess.run(command, env=self.home.environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=4 * PATIENCE)
        self.assertEqual(done.returncode, 0, done.stdout)
        inet = [x for x in trace.read_text().splitlines()
                if re.search(r"AF_INET6?", x) and "127.0.0.1" not in x and '"::1"' not in x]
        self.assertEqual(inet, [])
        self.assertGreater(len(self.home.calls()), 8)

    def test_a_faulty_configuration_leaves_the_server_running_and_is_reported(self):
        self.home.configure("emf:\n  modee: inline\nlog:\n  files_max: many\n")
        session = self.wrap(SCRIPTED)
        session.initialize()
        self.assertEqual(session.call("echo", {"text": "still here"})["result"]["content"][0]["text"], "still here")
        session.close()
        said = [x for x in session.stderr.decode().splitlines() if "sonde" in x]
        self.assertEqual(len(said), 1, said)
        self.assertRegex(said[0], r"sonde\.yaml:2")
        self.assertIn("emf.mode", said[0])
        doctor = self.home.run("doctor", check=False)
        self.assertEqual(doctor.returncode, 1)
        for word in ("sonde.yaml:2", "emf.mode", "sonde.yaml:4", "files_max"):
            self.assertIn(word, doctor.stdout)

    def test_a_state_folder_that_cannot_be_written_costs_the_log_only(self):
        blocker = self.home.folder / ".local"
        blocker.write_text("a file where a folder should be")
        session = self.wrap(SCRIPTED)
        session.initialize()
        self.assertIn("result", session.call("echo", {"text": "x"}))
        self.assertEqual(session.close(), 0)
        self.assertEqual(len([x for x in session.stderr.decode().splitlines() if x.startswith("sonde")]), 1)

    def test_without_home_the_server_still_runs(self):
        environment = {k: v for k, v in self.home.environment.items() if k != "HOME"}
        environment["XDG_STATE_HOME"] = str(self.home.folder / "state")
        done = subprocess.run([SONDE, "wrap", "--", "cat"], env=environment, input=b"not even JSON\n",
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=PATIENCE)
        self.assertEqual(done.stdout, b"not even JSON\n")
        self.assertEqual(done.returncode, 0)

    def test_capture_reaches_running_taps_by_server_and_ends_when_told(self):
        one = self.wrap(SCRIPTED, "--name", "one")
        two = self.wrap(SCRIPTED, "--name", "two")
        for session in (one, two):
            session.initialize()
        self.eventually("both are reachable", lambda: len(list((self.home.state / "control").glob("*.sock"))) == 2)
        self.home.run("capture", "on", "--server", "one", "--for", "10m")
        for session in (one, two):
            session.call("echo", {"text": "watch this space"})
            session.close()
        texts = {p.name: p.read_text() for p in (self.home.state / "log").glob("*.jsonl")}
        self.assertIn("watch this space", texts["one.jsonl"])
        self.assertNotIn("watch this space", texts["two.jsonl"])


class Metrics(EndToEnd):
    def test_every_line_is_one_call_and_valid_emf(self):
        session = self.wrap(SCRIPTED, "--name", "emf")
        session.initialize()
        session.request("tools/list")
        for number in range(5):
            session.call("echo", {"text": str(number)})
        session.call("fail")
        session.call("unheard-of")
        session.close()
        lines = self.home.calls()
        self.assertEqual(len(lines), 7)
        self.assertEqual(sum(x["tool_call_count"] for x in lines), 7)
        self.assertEqual(sum(x["tool_error_count"] for x in lines), 2)
        self.assertEqual({x["ToolName"] for x in lines}, {"echo", "fail", "__unknown__"})
        for line in lines:
            self.assertEqual(line["Environment"], "production")
            self.assertIn("Service", line)
            [directive] = line["_aws"]["CloudWatchMetrics"]
            self.assertEqual(directive["Namespace"], "MCP/ToolServer")
            self.assertIn(["ServerName", "ToolName", "Environment"], directive["Dimensions"])
        self.check(self.home)

    def check(self, home):
        checker = pathlib.Path(__file__).resolve().parent.parent.parent / "scripts" / "check_emf.py"
        logs = [str(p) for p in (home.state / "log").glob("*.jsonl")]
        done = subprocess.run(["/usr/bin/python3", str(checker), *logs], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True)
        self.assertEqual(done.returncode, 0, done.stdout)

    def test_a_fast_caller_gets_aggregates_that_add_up(self):
        session = self.wrap(SCRIPTED, "--name", "fast", env={"SONDE_EMF_INTERVAL": "1s"})
        session.initialize()
        session.request("tools/list")
        for number in range(400):
            session.call("echo", {"text": str(number)})
        session.close()
        calls = self.home.calls()
        self.assertEqual(len(calls), 400)
        metrics = [x for x in self.home.lines() if "_aws" in x]
        counted = 0
        for line in metrics:
            value = line.get("tool_call_count", 0)
            counted += sum(value) if isinstance(value, list) else value
        self.assertEqual(counted, 400)
        self.assertLess(len(metrics), 300)
        self.check(self.home)


class Terminal(EndToEnd):
    def test_help_names_examples_and_exit_codes(self):
        for command in ("", "wrap", "tail", "call", "doctor", "hash", "capture"):
            with self.subTest(command or "sonde"):
                done = self.home.run(*([command] if command else []), "--help")
                self.assertIn("sonde", done.stdout)
                self.assertRegex(done.stdout, r"(?i)example")

    def test_man_pages_and_completions_are_there(self):
        for shell in ("bash", "zsh", "fish"):
            self.assertIn("sonde", self.home.run("completion", shell).stdout)
        self.assertIn(".TH", self.home.run("man").stdout)

    def in_shell(self, *command, script):
        done = subprocess.run(command, input=script, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              env=self.home.environment, timeout=PATIENCE)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return done.stdout

    def test_bash_completes_a_command(self):
        script = self.home.run("completion", "bash").stdout
        asked = script + '\nCOMP_WORDS=(sonde ta) COMP_CWORD=1\n_sonde\nprintf "%s\\n" "${COMPREPLY[@]}"\n'
        self.assertEqual(self.in_shell("bash", "--norc", script=asked).split(), ["tail"])

    def test_fish_completes_commands_and_flags(self):
        script = self.home.run("completion", "fish").stdout
        shown = self.in_shell("fish", "--no-config", script=script + '\ncomplete -C "sonde ta"\ncomplete -C "sonde tail --fol"\n')
        self.assertEqual([line.split("\t")[0] for line in shown.splitlines()], ["tail", "--follow"])

    def test_zsh_reads_its_completion(self):
        self.in_shell("zsh", "-f", "-n", script=self.home.run("completion", "zsh").stdout)

    def test_wrap_writes_nothing_of_its_own_to_stdout(self):
        done = subprocess.run([SONDE, "wrap", "--name", "quiet", "--", "true"], env=self.home.environment,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              timeout=PATIENCE)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, b"", b""))

    def test_a_command_that_does_not_exist_is_named(self):
        done = subprocess.run([SONDE, "wrap", "--", "no-such-program-here"], env=self.home.environment,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              timeout=PATIENCE)
        self.assertEqual(done.returncode, 127)
        self.assertIn(b"no-such-program-here", done.stderr)


if __name__ == "__main__":
    unittest.main()
