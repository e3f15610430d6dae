"""What the end-to-end tests share: a home of their own, a client, and the log they read."""

import contextlib
import json
import os
import pathlib
import socket
import subprocess
import tempfile
import threading
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
SONDE = os.environ.get("SONDE_BIN", str(ROOT / "out" / "bin" / "sonde"))
MODULES = ROOT / "examples" / "node_modules"
EVERYTHING = ["node", str(MODULES / "@modelcontextprotocol/server-everything/dist/index.js"), "stdio"]
FILESYSTEM = ["node", str(MODULES / "@modelcontextprotocol/server-filesystem/dist/index.js")]
SCRIPTED = ["/usr/bin/python3", "-u", str(ROOT / "tests" / "e2e" / "scripted_server.py")]
CLIENT = ["node", str(ROOT / "examples" / "client.mjs"), "--quick"]
# Exactly what the SDKs' clients pass on to a stdio server.
PASSED_ON = ("HOME", "LOGNAME", "PATH", "SHELL", "TERM", "USER")
PATIENCE = 30.0  # Seconds before a test calls something hung; nothing waits that long in good order.


class Home:
    """A user's home in a temporary folder, with the environment that clients pass on."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.state = self.folder / ".local/state/sonde"
        self.config = self.folder / ".config/sonde/sonde.yaml"
        self.environment = {"HOME": str(folder), "LOGNAME": "tester", "PATH": os.environ["PATH"],
                            "SHELL": "/bin/sh", "TERM": "xterm", "USER": "tester"}

    def configure(self, text):
        self.config.parent.mkdir(parents=True, exist_ok=True)
        self.config.write_text(text)

    def lines(self):
        """Every log line, parsed; a line that does not parse fails the test that asks."""
        found = []
        for path in sorted((self.state / "log").glob("*.jsonl*")):
            for line in path.read_text().splitlines():
                found.append(json.loads(line))
        return found

    def raw_log(self):
        return "\n".join(p.read_text() for p in sorted((self.state / "log").glob("*.jsonl*")))

    def calls(self, tool=None):
        return [x for x in self.lines() if x["event"].startswith("tool.") and x["event"] not in
                ("tool.start", "tool.pending") and (tool is None or x.get("tool_name") == tool)]

    def every_file(self):
        return [p for p in self.folder.rglob("*") if p.is_file()]

    def run(self, *args, timeout=PATIENCE, check=True, **options):
        """Runs a sonde command to its end."""
        environment = {**self.environment, **options.pop("env", {})}
        done = subprocess.run([SONDE, *map(str, args)], env=environment, timeout=timeout, text=True,
                              stdin=options.pop("stdin", subprocess.DEVNULL), stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, **options)
        if check and done.returncode:
            raise AssertionError(f"sonde {args}: exit {done.returncode}\n{done.stdout}{done.stderr}")
        return done


class Session:
    """A client of a stdio server: sends messages, matches answers, keeps every byte."""

    def __init__(self, command, env, cwd=None, new_session=False):
        self.process = subprocess.Popen(command, env=env, cwd=cwd, stdin=subprocess.PIPE, bufsize=0,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                        start_new_session=new_session)
        self.sent = b""
        self.received = b""
        self.stderr = b""
        self._next_id = 0
        self._stderr_reader = threading.Thread(target=self._read_stderr, daemon=True)
        self._stderr_reader.start()

    def _read_stderr(self):
        with contextlib.suppress(OSError, ValueError):
            while chunk := self.process.stderr.read(65536):
                self.stderr += chunk

    def send(self, message):
        data = message if isinstance(message, bytes) else json.dumps(message).encode() + b"\n"
        self.sent += data
        self.process.stdin.write(data)

    def read_line(self):
        line = b""
        while not line.endswith(b"\n"):
            byte = self.process.stdout.readline()
            if not byte:
                break
            line += byte
        self.received += line
        return line

    def answer_to(self, wire_id):
        """Reads on until the response to `wire_id`; answers what the server asks meanwhile."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            line = self.read_line()
            if not line:
                raise AssertionError(f"the server is gone; stderr: {self.stderr[-2000:].decode(errors='replace')}")
            try:
                message = json.loads(line)
            except ValueError:
                continue
            if isinstance(message, dict) and "method" in message and "id" in message:
                self.send({"jsonrpc": "2.0", "id": message["id"], "result": {"roots": []}})
            elif isinstance(message, dict) and message.get("id") == wire_id and "method" not in message:
                return message
        raise AssertionError(f"no answer to {wire_id}")

    def request(self, method, params=None, **more):
        wire_id = more.pop("wire_id", None)
        if wire_id is None:
            wire_id = self._next_id
            self._next_id += 1
        self.send({"method": method, **({"params": params} if params is not None else {}),
                   "jsonrpc": "2.0", "id": wire_id})
        return self.answer_to(wire_id)

    def initialize(self, name="e2e", version="2025-11-25"):
        result = self.request("initialize", {"protocolVersion": version, "capabilities": {},
                                             "clientInfo": {"name": name, "version": "1"}})
        self.send({"method": "notifications/initialized", "jsonrpc": "2.0"})
        return result

    def call(self, tool, arguments=None, meta=None):
        params = {"name": tool, "arguments": arguments or {}}
        if meta:
            params["_meta"] = meta
        return self.request("tools/call", params)

    def close(self):
        """Closes stdin as a client does, reads what is left, and returns the exit code."""
        with contextlib.suppress(OSError):
            self.process.stdin.close()
        while self.read_line():
            pass
        code = self.process.wait(PATIENCE)
        self._stderr_reader.join(PATIENCE)
        self.process.stdout.close()
        self.process.stderr.close()
        return code

    def kill(self):
        with contextlib.suppress(OSError):
            self.process.kill()
        self.process.wait(PATIENCE)
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            with contextlib.suppress(OSError):
                stream.close()


class Agent:
    """A CloudWatch agent's TCP endpoint that keeps what it gets."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.endpoint = f"tcp://127.0.0.1:{self.listener.getsockname()[1]}"
        self.received = b""
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self):
        try:
            connection, _ = self.listener.accept()
            with connection:
                while chunk := connection.recv(65536):
                    self.received += chunk
        except OSError:
            pass

    def stop(self):
        self.listener.close()
        self.thread.join(10)


class EndToEnd(unittest.TestCase):
    """A test with a home of its own that leaves no process behind."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="sonde-e2e-")
        self.addCleanup(folder.cleanup)
        self.home = Home(folder.name)

    def wrap(self, command, *flags, env=None, **options):
        session = Session([SONDE, "wrap", *flags, "--", *command], {**self.home.environment, **(env or {})},
                          **options)
        self.addCleanup(session.kill)
        return session

    def direct(self, command, env=None, **options):
        session = Session(command, {**self.home.environment, **(env or {})}, **options)
        self.addCleanup(session.kill)
        return session

    def eventually(self, what, condition, seconds=PATIENCE):
        """Waits for a condition that another process brings about."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if found := condition():
                return found
            time.sleep(0.02)
        self.fail(f"never happened: {what}")
