"""Secrets and personal data planted everywhere are found nowhere but on the wire."""

import json

from support import ROOT, SCRIPTED, Agent, EndToEnd

CANARIES = json.loads((ROOT / "tests" / "canary" / "canaries.json").read_text())


def value_of(canary):
    """What must not be found.  In parts in the file, so that no scanner takes it for real."""
    return "".join(canary["value_parts"])


def text_of(canary):
    """What is planted: the value as it is met in life, in a URL, a header, an assignment."""
    return "".join(canary.get("text_parts", ["{}"])).replace("{}", value_of(canary), 1)


class Canaries(EndToEnd):
    """The client plants; the server echoes in every channel; then every output is searched."""

    def plant(self, *flags, to_agent=True):
        texts = [text_of(c) for c in CANARIES]
        self.assertGreaterEqual(len({c["kind"] for c in CANARIES}), 60)
        agent = Agent()
        self.addCleanup(agent.stop)
        argv = [*texts, *(f"--note={text}" for text in texts), "--api-key", value_of(CANARIES[0])]
        env = {**({"AWS_EMF_AGENT_ENDPOINT": agent.endpoint} if to_agent else {}), "DB_PASSWORD": value_of(CANARIES[0]),
               **{f"NOTE_{number}": text for number, text in enumerate(texts)}}
        session = self.wrap([*SCRIPTED, *argv], "--name", "canary", *flags, env=env)
        session.initialize()
        session.request("tools/list")
        for canary, text in zip(CANARIES, texts):
            session.call("echo", {"text": f"before {text} after"})
            session.call("echo", {"nested": json.dumps({"deep": json.dumps({"x": text})})})
            session.call("fail", {"text": f"could not store {text} in table"})
            session.call("refuse", {"text": f"invalid value {text}"})
            session.call("complain", {"text": f"warning: saw {text}"})
            session.call("noise", {"lines": [f"debug {text}"]})
            if canary["secret"]:  # The name of an argument is no content, and is recorded as it is.
                session.call("echo", {text: 1})
            session.request("resources/read", {"uri": f"note://store/{text}?token={text}"})
        session.send({"jsonrpc": "2.0", "id": "last", "method": "tools/call",
                      "params": {"name": "exit", "arguments": {"code": 3}}})
        self.eventually("wrap ends", lambda: session.process.poll() is not None)
        session.kill()
        agent.stop()
        return agent.received.decode(errors="replace")

    def outputs(self, agent_received):
        yield "agent", agent_received
        for path in self.home.every_file():
            if path.name != "hash.key":  # Random, and the one secret that is ours.
                yield str(path.relative_to(self.home.folder)), path.read_text(errors="replace")
        for command in (["tail", "-n", "100000"], ["tail", "--json", "-n", "100000"], ["tail", "--summary"],
                        ["doctor"], ["doctor", "--json"]):
            done = self.home.run(*command, check=False)
            yield " ".join(command), done.stdout + done.stderr
        for line in self.home.calls()[:5]:
            yield "call", self.home.run("call", line["request_id"]).stdout

    def leaks(self, agent_received, wanted):
        found = []
        for where, text in self.outputs(agent_received):
            plain = text + "\n" + text.replace("\\/", "/").replace('\\"', '"')
            found += [(where, c["kind"]) for c in wanted if value_of(c) in plain]
        return sorted(set(found))

    def test_with_capture_off_nothing_of_it_is_in_any_output(self):
        received = self.plant()
        self.assertGreater(len(received), 1000, "the agent must have got lines, or the test shows nothing")
        self.assertGreater(len(self.home.calls()), 500)
        self.assertEqual(self.leaks(received, CANARIES), [])

    def test_nor_is_it_in_log_lines_that_carry_the_metrics(self):
        received = self.plant("--emf-mode", "inline", to_agent=False)
        with_metrics = [line for line in self.home.calls() if "_aws" in line]
        self.assertGreater(len(with_metrics), 50)
        self.assertEqual(self.leaks(received, CANARIES), [])

    def test_with_capture_on_content_is_kept_but_no_secret(self):
        session = self.wrap(SCRIPTED, "--name", "captured")
        session.initialize()
        self.eventually("the tap is reachable", lambda: list((self.home.state / "control").glob("*.sock")))
        self.home.run("capture", "on", "--for", "5m")
        session.call("echo", {"text": "an innocent sentence"})
        for canary in CANARIES:
            session.call("echo", {"text": f"before {text_of(canary)} after"})
            session.call("fail", {"text": f"could not store {text_of(canary)}"})
        self.home.run("capture", "off")
        session.call("echo", {"text": "after capture"})
        session.close()
        self.assertIn("an innocent sentence", self.home.raw_log())
        self.assertNotIn("after capture", self.home.raw_log())
        secrets = [c for c in CANARIES if c["secret"]]
        self.assertGreaterEqual(len(secrets), 30)
        self.assertEqual(self.leaks("", secrets), [])
