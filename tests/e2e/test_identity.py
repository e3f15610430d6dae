"""With --no-inject the bytes are the same with and without wrap; else only `_meta` differs."""

import hashlib
import json

from support import EVERYTHING, FILESYSTEM, SCRIPTED, EndToEnd


def digest(data):
    return hashlib.sha256(data).hexdigest()


class Identity(EndToEnd):
    """Replays one session directly and through wrap, in step with the server's answers."""

    def script(self, session, folder):
        session.initialize()
        listed = session.request("tools/list")
        for tool in listed["result"]["tools"]:
            name = tool["name"]
            if name == "echo":
                session.call(name, {"message": "h\u00e9llo \u2028 \U0001f600", "text": "x" * 5000})
            elif name == "get-sum":
                session.call(name, {"a": 2, "b": 40})
                session.call(name, {"a": "two"})
            elif name == "get-tiny-image":
                session.call(name)
            elif name == "big":
                session.call(name, {"bytes": 300_000})
            elif name == "complain":
                session.call(name, {"text": "a line on stderr \u00e9"})
            elif name == "list_directory":
                session.call(name, {"path": folder})
        session.request("no/such/method")
        session.send(b'{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":99}}\n')
        session.request("ping")
        code = session.close()
        return {"stdin": digest(session.sent), "stdout": digest(session.received),
                "stderr": digest(session.stderr), "code": code}

    def compare(self, command, folder="/"):
        direct = self.direct(command)
        expected = self.script(direct, folder)
        wrapped = self.wrap(command, "--no-inject")
        self.assertEqual(self.script(wrapped, folder), expected)
        self.assertGreater(len(wrapped.received), 500)

    def test_server_everything(self):
        self.compare(EVERYTHING)

    def test_server_filesystem(self):
        (self.home.folder / "a").mkdir()
        (self.home.folder / "a" / "b.txt").write_text("b")
        self.compare([*FILESYSTEM, str(self.home.folder / "a")], str(self.home.folder / "a"))

    def test_scripted_server(self):
        self.compare(SCRIPTED)


class Injection(EndToEnd):
    def meta_seen_by_server(self, session, meta=None):
        answer = session.call("show_meta", {"x": 1}, meta)
        return json.loads(answer["result"]["content"][0]["text"])

    def test_a_call_gets_trace_context_that_its_record_names(self):
        session = self.wrap(SCRIPTED)
        session.initialize()
        meta = self.meta_seen_by_server(session)
        session.close()
        [line] = self.home.calls("show_meta")
        self.assertEqual(meta["traceparent"], f"00-{line['trace_id']}-{line['span_id']}-01")
        self.assertIn(f"sonde={line['span_id']}", meta["tracestate"])
        self.assertEqual(meta["sonde/request_id"], line["request_id"])

    def test_what_the_client_sent_in_meta_stays_beside_it(self):
        session = self.wrap(SCRIPTED)
        session.initialize()
        meta = self.meta_seen_by_server(session, {"progressToken": 7, "claudecode/toolUseId": "toolu_1"})
        session.close()
        self.assertEqual(meta["progressToken"], 7)
        self.assertIn("traceparent", meta)
        [line] = self.home.calls("show_meta")
        self.assertEqual(line["tool_call_id"], "toolu_1")
        self.assertEqual(line["request_id"], "toolu_1")

    def test_a_valid_traceparent_is_left_as_it_is_and_becomes_the_parent(self):
        given = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
        session = self.wrap(SCRIPTED)
        session.initialize()
        self.assertEqual(self.meta_seen_by_server(session, {"traceparent": given}), {"traceparent": given})
        session.close()
        [line] = self.home.calls("show_meta")
        self.assertEqual(line["trace_id"], given[3:35])
        self.assertEqual(line["parent_span_id"], given[36:52])

    def test_no_inject_leaves_message_and_environment_alone(self):
        session = self.wrap(SCRIPTED, "--no-inject")
        session.initialize()
        self.assertIsNone(self.meta_seen_by_server(session))
        environment = json.loads(session.call("print_environment")["result"]["content"][0]["text"])
        session.close()
        self.assertFalse([k for k in environment if k.startswith("SONDE") or k.startswith("TRACE")], environment)

    def test_the_child_inherits_the_environment_and_learns_the_correlation_id(self):
        session = self.wrap(SCRIPTED, env={"SOME_SETTING": "kept", "SONDE_CORRELATION_ID": "order-66"})
        session.initialize()
        environment = json.loads(session.call("print_environment")["result"]["content"][0]["text"])
        session.close()
        self.assertEqual(environment["SOME_SETTING"], "kept")
        self.assertEqual(environment["SONDE_CORRELATION_ID"], "order-66")
        self.assertEqual({x["correlation_id"] for x in self.home.calls()}, {"order-66"})
