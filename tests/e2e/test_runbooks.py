"""The commands of docs/runbooks run as they stand, on the logs of an incident, and find it; the queries use real keys."""

import http.client
import json
import pathlib
import re
import subprocess
import tempfile
import threading
import time
import unittest

from support import PATIENCE, ROOT, SCRIPTED, SONDE, Home, Session
from test_proxy import CALL, Upstream

BOOKS = ROOT / "docs" / "runbooks"
PAGES = sorted(p for p in BOOKS.glob("*.md") if p.name != "README.md")
BLOCK = re.compile(r"^```(sh runnable|insights)\n(.*?)^```$", re.M | re.S)
KEYWORDS = {"filter", "stats", "sort", "limit", "fields", "by", "as", "and", "or", "not", "in", "like", "desc", "asc"}


def blocks(kind, text):
    return [body for found, body in BLOCK.findall(text) if found == kind]


def known_keys():
    """Every key that docs/formats/log_line.md names, and CloudWatch's own."""
    text = (ROOT / "docs" / "formats" / "log_line.md").read_text()
    return set(re.findall(r"`([a-z][a-z0-9_]*)`", text)) | {"@timestamp", "@message", "@logStream"}


def unknown_fields(query, known):
    """Fields of a Logs Insights query that no log line has."""
    bare = re.sub(r'"[^"]*"', '""', query)
    bare = re.sub(r"(like\s+)/(?:[^/\\]|\\.)*/", r"\1", bare)
    aliases = set(re.findall(r"\bas\s+(\w+)", bare))
    unknown = []
    for found in re.finditer(r"(?<![\w@.])[A-Za-z_@][\w@.]*", bare):
        word = found[0].split(".")[0]
        called = bare[found.end():].lstrip().startswith("(") and word not in KEYWORDS
        if word not in KEYWORDS and word not in aliases and word not in known and not called:
            unknown.append(word)
    return unknown


def play_incident(home):
    """A server that fails, answers too much, is asked in circles and dies; and a proxy with somebody at it."""
    client = Session([SONDE, "wrap", "--name", "files", "--", *SCRIPTED], home.environment)
    try:
        client.initialize()
        client.request("tools/list")
        for _ in range(8):
            client.call("echo", {"text": "again"})
        for number in range(3):
            client.call("fail", {"text": f"no such file {number}"})
        for number in range(4):
            client.call("big", {"bytes": 200_000 + number})
        client.send({"jsonrpc": "2.0", "id": 99, "method": "tools/call", "params": {"name": "exit", "arguments": {"code": 3}}})
        client.close()
    finally:
        client.kill()
    play_proxy(home)


def play_proxy(home):
    upstream = Upstream()
    proxy = subprocess.Popen([SONDE, "proxy", "--listen", "127.0.0.1:0", "--emf-interval", "1s",
                              "--subject-header", "X-User", "--upstream", f"search=http://127.0.0.1:{upstream.port}"], env=home.environment, stdin=subprocess.DEVNULL,
                             stderr=subprocess.PIPE, text=True)
    try:
        port = int(proxy.stderr.readline().strip().rsplit(":", 1)[1])
        threading.Thread(target=proxy.stderr.read, daemon=True).start()
        client = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        client.request("POST", "/mcp", json.dumps(CALL), {"Content-Type": "application/json", "X-User": "ada"})
        client.getresponse().read()
        client.close()
        wait_until(lambda: '"event":"tap.gauges"' in home.raw_log())
    finally:
        proxy.terminate()
        proxy.wait(PATIENCE)
        proxy.stderr.close()
        upstream.shutdown()
        upstream.server_close()


def wait_until(condition):
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError("never happened")
        time.sleep(0.05)


class RunBooks(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="sonde-runbooks-")
        cls.addClassCleanup(folder.cleanup)
        cls.home = Home(folder.name)
        cls.bin = pathlib.Path(folder.name) / "bin"
        cls.bin.mkdir()
        (cls.bin / "sonde").symlink_to(SONDE)
        play_incident(cls.home)

    def run_block(self, text):
        environment = {**self.home.environment, "PATH": f"{self.bin}:{self.home.environment['PATH']}"}
        return subprocess.run(["sh", "-euc", text], env=environment, cwd=self.home.folder, timeout=PATIENCE,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True)

    def test_every_command_runs_and_finds_something(self):
        ran = 0
        for page in PAGES:
            for line in "".join(blocks("sh runnable", page.read_text())).splitlines():
                with self.subTest(page=page.name, command=line):
                    done = self.run_block(line)
                    self.assertEqual(done.returncode, 0, done.stderr)
                    self.assertNotEqual(done.stdout.strip(), "", "found nothing")
                    ran += 1
        self.assertGreaterEqual(ran, len(PAGES))

    def test_a_command_that_finds_nothing_would_be_noticed(self):
        self.assertNotEqual(self.run_block("sonde tail --json | grep '\"event\":\"no.such\"'").returncode, 0)

    def test_every_page_has_the_same_parts(self):
        for page in PAGES:
            with self.subTest(page.name):
                text = page.read_text()
                self.assertRegex(text, r"\A# MCP-\w+: ")
                for part in ("First look", "Likely causes", "What to do", "When to tune or silence"):
                    self.assertIn(f"\n## {part}\n", text)
                self.assertTrue(blocks("sh runnable", text))
                self.assertTrue(blocks("insights", text))

    def test_links_lead_somewhere(self):
        for page in [*PAGES, BOOKS / "README.md"]:
            for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text()):
                self.assertTrue((page.parent / target).exists(), f"{page.name}: {target}")

    def test_queries_use_only_keys_that_log_lines_have(self):
        known = known_keys()
        for page in PAGES:
            for query in blocks("insights", page.read_text()):
                self.assertEqual(unknown_fields(query, known), [], f"{page.name}:\n{query}")

    def test_a_key_that_no_line_has_would_be_noticed(self):
        known = known_keys()
        self.assertEqual(unknown_fields('filter tool = "no_such" | stats count(*) as n by nothing | sort n desc', known),
                         ["nothing"])
        self.assertEqual(unknown_fields("filter event like /^server\\./ and ispresent(latency)", known), ["latency"])

    def test_every_alarm_of_the_template_leads_to_a_page(self):
        text = self.home.run("aws", "template").stdout
        pages = set(re.findall(r"docs/runbooks/([a-z0-9-]+)\.md", text))
        self.assertGreaterEqual(len(pages), 13)
        self.assertEqual(pages - {p.stem for p in PAGES}, set())


if __name__ == "__main__":
    unittest.main()
