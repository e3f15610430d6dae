"""What the tests over HTTP share: servers and proxies on ports of their own, and where their logs are."""

import contextlib
import json
import os
import pathlib
import queue
import re
import signal
import socket
import subprocess
import tempfile
import threading
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
SONDE = os.environ.get("SONDE_BIN", str(ROOT / "out" / "bin" / "sonde"))
CONFORMANCE = ROOT / "tests" / "conformance"
MODULES = CONFORMANCE / "node_modules"
FIXTURE = ["node", str(CONFORMANCE / "fixture" / "server.mjs")]
MEDDLER = ["node", str(CONFORMANCE / "meddler.mjs")]
EVERYTHING = str(MODULES / "@modelcontextprotocol/server-everything/dist/index.js")
LONG = os.environ.get("SONDE_LONG") == "1"
PATIENCE = 30.0  # Seconds before a test calls something hung; nothing waits that long in good order.


def measured(text):
    """A figure for the reader of the test's log; scripts/run_tests.py shows it."""
    print(f"\nmeasured: {text}", flush=True)


class Started:
    """A process that names its address on a line of stdout or stderr.

    `pattern` finds the address in that line.  Everything the process writes is kept in
    `said`; stop() ends it and returns its exit code.
    """

    def __init__(self, command, pattern, env=None):
        self.said = []
        self._lines = queue.Queue()
        self.process = subprocess.Popen(command, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT, text=True, errors="replace")
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        try:
            self.address = self._wait_for(pattern)
        except BaseException:
            self.stop()
            raise

    def _read(self):
        for line in self.process.stdout:
            self.said.append(line)
            self._lines.put(line)
        self._lines.put(None)

    def _wait_for(self, pattern):
        deadline = time.monotonic() + PATIENCE
        while (left := deadline - time.monotonic()) > 0:
            try:
                line = self._lines.get(timeout=left)
            except queue.Empty:
                break
            if line is None:
                raise AssertionError(f"{self.process.args} ended: {''.join(self.said)[-2000:]}")
            if found := re.search(pattern, line):
                return found[1]
        raise AssertionError(f"{self.process.args} never said where it serves: {''.join(self.said)[-2000:]}")

    def stop(self, number=signal.SIGTERM):
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(number)
        try:
            code = self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            code = self.process.wait(PATIENCE)
        self._reader.join(PATIENCE)
        self.process.stdout.close()
        return code


class Proxy(Started):
    """`sonde proxy` in front of one upstream, or of several by name; on a port of its own choice, if 0."""

    def __init__(self, home, upstream, *flags, port=0):
        upstreams = upstream if isinstance(upstream, dict) else {"upstream": upstream}
        # Upstreams and logs here are counted; tests/health looks at pulses.
        asked = any(str(flag).startswith(("--pulse", "--config")) for flag in flags)
        flags = flags if asked else ("--pulse-interval", "0", *flags)
        named = [word for name, url in upstreams.items() for word in ("--upstream", f"{name}={url}")]
        super().__init__([SONDE, "proxy", "--listen", f"127.0.0.1:{port}", *named, *flags],
                         r"listening on (http://\S+)", env=home.environment)


class Meddler(Started):
    """A pass-through that does one thing wrong, or nothing."""

    def __init__(self, upstream, *wrongs):
        super().__init__([*MEDDLER, upstream, *wrongs], r"listening on (http://\S+)")


class Home:
    """A user's home in a temporary folder, and the log that a proxy writes there."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.state = self.folder / ".local/state/sonde"
        self.environment = {"HOME": str(folder), "LOGNAME": "tester", "PATH": os.environ["PATH"],
                            "SHELL": "/bin/sh", "TERM": "xterm", "USER": "tester"}

    def log_files(self):
        return sorted((self.state / "log").glob("*.jsonl*"))

    def raw_log(self):
        return "\n".join(path.read_text() for path in self.log_files())

    def lines(self):
        """Every log line, parsed; a line that does not parse fails the test that asks."""
        return [json.loads(line) for path in self.log_files() for line in path.read_text().splitlines()]


class HttpTest(unittest.TestCase):
    """A test with a home of its own that leaves no process behind."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="sonde-http-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.home = Home(folder.name)

    def started(self, process):
        self.addCleanup(process.stop)
        return process

    def fixture(self, *flags):
        """Our own MCP server; its address ends with /mcp."""
        return self.started(Started([*FIXTURE, *flags], r"^(http://\S+/mcp)$"))

    def proxy(self, upstream, *flags, home=None):
        return self.started(Proxy(home or self.home, upstream, *flags))

    def eventually(self, what, condition, seconds=PATIENCE):
        """Waits for a condition that another process brings about."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if found := condition():
                return found
            time.sleep(0.02)
        self.fail(f"never happened: {what}")


def free_port():
    """A port for who must be told one; free a moment ago."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def origin(url):
    """http://host:port of a URL: what a proxy is given as its upstream, for it forwards every path."""
    return re.match(r"https?://[^/]+", url)[0]
