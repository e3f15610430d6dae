"""A real client drives a real server through wrap: every call is recorded, and rightly."""

import json
import re
import subprocess

from support import CLIENT, EVERYTHING, FILESYSTEM, PATIENCE, SCRIPTED, SONDE, Agent, EndToEnd

HASH = re.compile(r"^(c1|r1):[0-9a-f]{64}$")


class RealClient(EndToEnd):
    def drive(self, *flags):
        done = subprocess.run([*CLIENT, "--", SONDE, "wrap", "--name", "everything", *flags, "--", *EVERYTHING],
                              env=self.home.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True, timeout=PATIENCE, stdin=subprocess.DEVNULL)
        self.assertEqual(done.returncode, 0, done.stdout)
        return done.stdout

    def test_every_outcome_is_told_apart(self):
        self.drive()
        by_tool = {}
        for line in self.home.calls():
            by_tool.setdefault(line["tool_name"], []).append(line["status"])
        self.assertEqual(by_tool["echo"], ["ok"])
        self.assertEqual(sorted(by_tool["get-sum"]), ["error", "ok"])
        self.assertEqual(by_tool["get-structured-content"], ["ok"])
        self.assertEqual(by_tool["trigger-sampling-request"], ["ok"])
        self.assertEqual(by_tool["trigger-elicitation-request"], ["ok"])
        self.assertEqual(sorted(by_tool["trigger-long-running-operation"]), ["cancelled", "ok", "timeout"])

    def test_a_record_says_who_what_when_and_how_large(self):
        self.drive()
        [line] = self.home.calls("echo")
        self.assertEqual(line["event"], "tool.success")
        self.assertEqual(line["server_name"], "everything")
        self.assertEqual(line["client_name"], "sonde-example")
        self.assertEqual(line["protocol_version"], "2025-11-25")
        self.assertEqual(line["transport"], "stdio")
        self.assertEqual(line["vantage"], "tap")
        self.assertEqual(line["args_keys"], ["message"])
        self.assertEqual(line["args_size_bytes"], len('{"message":"hello"}'))
        self.assertRegex(line["args_hash"], HASH)
        self.assertRegex(line["result_hash"], HASH)
        self.assertRegex(line["trace_id"], r"^[0-9a-f]{32}$")
        self.assertGreater(line["result_size_bytes"], 10)
        self.assertGreaterEqual(line["duration_ms"], 0)
        self.assertNotIn("hello", json.dumps(line))

    def test_the_duration_is_the_one_the_client_saw(self):
        self.drive()
        ok = [x for x in self.home.calls("trigger-long-running-operation") if x["status"] == "ok"]
        self.assertGreaterEqual(ok[0]["duration_ms"], 390)
        self.assertLess(ok[0]["duration_ms"], 1500)

    def test_server_initiated_requests_are_calls_of_the_other_direction(self):
        self.drive()
        events = [x["event"] for x in self.home.lines()]
        self.assertIn("mcp.sampling/createMessage", events)
        self.assertIn("mcp.elicitation/create", events)
        [asked] = self.home.calls("trigger-elicitation-request")
        self.assertIn("human_wait_ms", asked)

    def test_the_life_of_the_server_is_recorded(self):
        self.drive()
        lines = self.home.lines()
        self.assertEqual([x["event"] for x in lines].count("server.start"), 1)
        [gone] = [x for x in lines if x["event"] == "server.exit"]
        self.assertTrue("exit_code" in gone or "signal" in gone, gone)

    def test_all_calls_share_one_session_and_each_has_its_own_request_id(self):
        self.drive()
        calls = self.home.calls()
        self.assertEqual(len({x["session_id"] for x in calls}), 1)
        self.assertEqual(len({x["request_id"] for x in calls}), len(calls))
        self.assertNotIn("none", {x["session_id"] for x in calls})


class MetricsGoOneWay(EndToEnd):
    def lines_of_a_call(self, **env):
        session = self.wrap(SCRIPTED, "--name", "scripted", env=env)
        session.initialize()
        session.call("echo", {"text": "hello"})
        session.close()
        return [line for line in self.home.calls() if line["tool_name"] == "echo"]

    def test_without_an_agent_they_are_in_the_log_line(self):
        (line,) = self.lines_of_a_call()
        self.assertIn("_aws", line)

    def test_with_an_agent_they_go_there_and_the_log_line_has_none(self):
        agent = Agent()
        self.addCleanup(agent.stop)
        (line,) = self.lines_of_a_call(AWS_EMF_AGENT_ENDPOINT=agent.endpoint)
        self.assertNotIn("_aws", line)
        self.eventually("the agent has its line", lambda: b'"tool_call_count"' in agent.received)
        self.assertEqual(agent.received.count(b'"tool_call_count":'), 1)


class Filesystem(EndToEnd):
    def test_the_filesystem_server_is_recorded_and_its_paths_are_not(self):
        folder = self.home.folder / "private-notes"
        folder.mkdir()
        (folder / "diary.txt").write_text("Dear diary\n")
        session = self.wrap([*FILESYSTEM, str(folder)])
        session.initialize()
        session.request("tools/list")
        answer = session.call("read_text_file", {"path": str(folder / "diary.txt")})
        self.assertEqual(answer["result"]["content"][0]["text"], "Dear diary\n")
        missing = session.call("read_text_file", {"path": str(folder / "nothing.txt")})
        self.assertTrue(missing["result"]["isError"])
        session.close()

        statuses = [(x["tool_name"], x["status"]) for x in self.home.calls()]
        self.assertEqual(statuses, [("read_text_file", "ok"), ("read_text_file", "error")])
        self.assertEqual(self.home.calls()[0]["server_name"], "server-filesystem")
        calls = "\n".join(json.dumps(x) for x in self.home.calls())
        self.assertNotIn("diary", calls)
        self.assertNotIn("private-notes", calls)


class Commands(EndToEnd):
    def setUp(self):
        super().setUp()
        session = self.wrap(SCRIPTED, "--name", "scripted")
        session.initialize()
        session.request("tools/list")
        session.call("echo", {"text": "one", "n": 12345678901234567890})
        session.call("fail", {"text": "no such table payroll_2024 for Bob Miller"})
        session.call("refuse")
        session.close()

    def test_hash_prints_what_the_log_says(self):
        [line] = self.home.calls("echo")
        file = self.home.folder / "arguments.json"
        file.write_text('{ "n": 12345678901234567890,\n "text": "one" }')
        self.assertIn(line["args_hash"], self.home.run("hash", file).stdout)

    def test_tail_shows_the_calls_and_their_outcomes(self):
        shown = self.home.run("tail", "-n", "20").stdout
        for word in ("echo", "fail", "refuse", "scripted", "ok", "error"):
            self.assertIn(word, shown)
        self.assertNotIn("\x1b", shown)

    def test_tail_json_gives_the_lines_and_summary_counts_them(self):
        lines = [json.loads(x) for x in self.home.run("tail", "--json", "-n", "100").stdout.splitlines()]
        self.assertEqual(len([x for x in lines if x.get("tool_name") == "echo"]), 1)
        rows = self.home.run("tail", "--summary").stdout
        self.assertRegex(rows, r"scripted +echo +1 +0\b")
        self.assertRegex(rows, r"scripted +fail +1 +1\b")

    def test_call_finds_a_call_by_any_of_its_ids(self):
        [line] = self.home.calls("echo")
        for key in ("request_id", "trace_id", "correlation_id"):
            with self.subTest(key):
                self.assertIn("echo", self.home.run("call", line[key]).stdout)
        found = json.loads(self.home.run("call", line["request_id"], "--json").stdout.splitlines()[0])
        self.assertEqual(found["request_id"], line["request_id"])
        self.assertEqual(self.home.run("call", "no-such-id", check=False).returncode, 1)

    def test_the_error_text_is_kept_as_a_template_only(self):
        [line] = self.home.calls("fail")
        self.assertNotIn("Bob", line["error_message"])
        self.assertNotIn("Miller", line["error_message"])
        self.assertNotIn("payroll", line["error_message"])
        self.assertEqual(line["error_type"], "tool_error")
        [refused] = self.home.calls("refuse")
        self.assertEqual(refused["error_code"], -32602)

    def test_a_wrong_flag_stops_with_the_nearest_name(self):
        for args, word in ((["tail", "--sumary"], "--summary"), (["tial"], "tail"),
                           (["wrap", "--nme", "x", "--", "true"], "--name")):
            with self.subTest(args):
                done = self.home.run(*args, check=False)
                self.assertEqual(done.returncode, 2, done.stderr)
                self.assertIn(word, done.stderr)
                self.assertEqual(done.stdout, "")
