"""The checks of the log themselves: a right log passes, and each way to be wrong is named."""

import copy
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "http"))
import log_checks  # noqa: E402

HANDLE = "5d9f0c1e-handle"


def request(number, step, name, **more):
    return {"step": step, "id": number, "method": "tools/call", "name": name, "session": HANDLE, "http_status": 200,
            "x-request-id": f"r{number}", "x-correlation-id": "c", **more}


def line(number, tool, status="ok", **more):
    return {"event": "tool.success", "method": "tools/call", "request_id": f"r{number}", "correlation_id": "c",
            "tool_name": tool, "status": status, "duration_ms": 4.2, "mcp_session_id": "hash", "session_id": "s", **more}


REPORT = {
    "requests": [request(1, "one", "echo"), request(2, "two", "ask"), request(3, "two", "ask"),
                 request(4, "poll", "count"), request(5, "poll", "count")],
    "calls": [{"step": "one", "tool": "echo", "status": "ok", "took_ms": 5.0},
              {"step": "two", "tool": "ask", "status": "ok", "took_ms": 9.0}],
}
LINES = [line(1, "echo"), line(2, "ask", hops=2), line(4, "count"), line(5, "count"),
         {"event": "server.start"}, line(9, "", direction="to_client")]


class LogChecks(unittest.TestCase):
    def wrong(self, change=None, raw_log=""):
        lines, report = copy.deepcopy(LINES), copy.deepcopy(REPORT)
        if change:
            change(lines)
        return log_checks.complaints(lines, [report], raw_log)

    def test_a_right_log_passes(self):
        self.assertEqual(self.wrong(), [])

    def test_a_missing_call_is_named(self):
        self.assertIn("one: tools/call echo: 0 lines in the log for 1 calls of 1 requests",
                      self.wrong(lambda lines: lines.pop(0)))

    def test_a_call_that_is_there_twice_is_named(self):
        self.assertTrue(self.wrong(lambda lines: lines.append(line(1, "echo"))))

    def test_a_hop_that_became_a_call_is_named(self):
        self.assertTrue(self.wrong(lambda lines: lines.append(line(3, "ask"))))

    def test_a_call_that_nobody_made_is_named(self):
        self.assertTrue(self.wrong(lambda lines: lines.append(line(77, "echo"))))

    def test_each_wrong_value_is_named(self):
        for key, value in {"tool_name": "other", "status": "error", "correlation_id": "d", "duration_ms": 6.5,
                           "mcp_session_id": "other hash", "session_id": "none", "method": "tools/list"}.items():
            with self.subTest(key):
                self.assertTrue(self.wrong(lambda lines, key=key, value=value: lines[0].update({key: value})))

    def test_a_call_that_the_client_gave_up_must_be_there_once(self):
        report = copy.deepcopy(REPORT)
        report["requests"].append(request(6, "six", "wait", **{"http_status": None, "x-request-id": None}))
        cancelled = line(6, "wait", status="cancelled")
        self.assertEqual(log_checks.complaints([*LINES, cancelled], [report]), [])
        self.assertTrue(log_checks.complaints(LINES, [report]))
        self.assertTrue(log_checks.complaints([*LINES, cancelled, line(7, "wait", status="cancelled")], [report]))

    def test_a_handle_in_the_log_is_named(self):
        self.assertTrue(self.wrong(raw_log=f"... {HANDLE} ..."))


class ServerChecks(unittest.TestCase):
    def wrong(self, change=None, raw_log=""):
        lines = copy.deepcopy(LINES)
        if change:
            change(lines)
        return log_checks.complaints_of_server(lines, REPORT["requests"], raw_log)

    def test_a_right_log_passes(self):
        self.assertEqual(self.wrong(), [])

    def test_what_is_missing_or_too_much_is_named(self):
        self.assertIn("1 requests of ('tools/call', 'echo') are not in the log", self.wrong(lambda lines: lines.pop(0)))
        self.assertTrue(self.wrong(lambda lines: lines.append(line(1, "echo"))))
        self.assertTrue(self.wrong(lambda lines: lines.append(line(77, "echo"))))
        self.assertTrue(self.wrong(lambda lines: lines[1].pop("hops")))
        self.assertTrue(self.wrong(lambda lines: lines[0].update(hops=2)))

    def test_each_wrong_value_is_named(self):
        for key, value in {"tool_name": "other", "correlation_id": "d", "mcp_session_id": "other hash",
                           "method": "tools/list"}.items():
            with self.subTest(key):
                self.assertTrue(self.wrong(lambda lines, key=key, value=value: lines[0].update({key: value})))
        self.assertTrue(self.wrong(raw_log=f"... {HANDLE} ..."))


if __name__ == "__main__":
    unittest.main()
