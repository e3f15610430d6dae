"""What the tests of health share: a host on the real SDK, servers to kill, and what the log says of it."""

import contextlib
import json
import os
import pathlib
import queue
import re
import subprocess
import sys
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests" / "http"))
from servers import PATIENCE, SONDE, HttpTest, Started, free_port, measured  # noqa: E402,F401

HERE = pathlib.Path(__file__).resolve().parent
MODULES = ROOT / "examples" / "node_modules"
EVERYTHING = ["node", str(MODULES / "@modelcontextprotocol/server-everything/dist/index.js")]
STATEFUL = ["/usr/bin/python3", "-u", str(HERE / "stateful_server.py")]
HOST = ["node", str(HERE / "host.mjs")]


class Host:
    """The SDK's client in a process of its own."""

    def __init__(self, *arguments, env):
        # Of the servers, too; whoever looks for it finds it in the home of the test.
        with open(pathlib.Path(env["HOME"]) / "stderr", "a") as errors:
            self.process = subprocess.Popen([*HOST, *arguments], env=env, stdin=subprocess.PIPE, bufsize=1,
                                            stdout=subprocess.PIPE, stderr=errors, text=True)
        self.notifications = []
        self.closed = False
        self._answers = queue.Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        try:
            self._take("ready")
        except BaseException:
            self.kill()
            raise

    def _read(self):
        for line in self.process.stdout:
            message = json.loads(line)
            if "notification" in message:
                self.notifications.append(message["notification"])
            elif "closed" in message:
                self.closed = True
            else:
                self._answers.put(message)
        self._answers.put(None)

    def _take(self, *kinds):
        message = self._answers.get(timeout=PATIENCE)
        if message is None:
            raise AssertionError("the host has ended")
        if not set(kinds) & set(message):
            raise AssertionError(f"wanted {kinds}, got {message}")
        return message

    def begin(self, **wish):
        self.process.stdin.write(json.dumps(wish) + "\n")

    def outcome(self):
        """{"result": …} or {"error": …} of what was begun first."""
        return self._take("result", "error")

    def do(self, **wish):
        self.begin(**wish)
        outcome = self.outcome()
        if "error" in outcome:
            raise AssertionError(outcome["error"])
        return outcome["result"]

    def call(self, tool, **arguments):
        return self.do(call=tool, arguments=arguments)["content"][0]["text"]

    def close(self):
        with contextlib.suppress(OSError):
            self.process.stdin.close()
        code = self.process.wait(PATIENCE)
        self._reader.join(PATIENCE)
        self.process.stdout.close()
        return code

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
        with contextlib.suppress(OSError, subprocess.TimeoutExpired):
            self.close()


def children(pid):
    """[(pid, state)] of all living and dead children."""
    found = []
    for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = stat.read_text().rsplit(")", 1)[1].split()
            if int(fields[1]) == pid:
                found.append((int(stat.parent.name), fields[0]))
    return found


class HealthTest(HttpTest):
    def host(self, *arguments):
        host = Host(*arguments, env=self.home.environment)
        self.addCleanup(host.kill)
        return host

    def events(self, name):
        return [line for line in self.home.lines() if line["event"] == name]

    def event(self, name, seconds=PATIENCE):
        """The first of them, as soon as it is written."""
        return self.eventually(name, lambda: self.events(name), seconds)[0]

    def metric(self, name):
        """Every value of a metric, in the order of the log; only what EMF declares counts."""
        values = []
        for line in self.home.lines():
            declared = [metric["Name"] for block in line.get("_aws", {}).get("CloudWatchMetrics", [])
                        for metric in block["Metrics"]]
            if name in declared:
                values.append(line[name])
        return values
