"""Every server of thirty clients' files starts as before: through sonde where sonde is, directly where it is not.

The files are tests/data/mcp_configs.  What a client would expand is expanded here, absolute programs are moved
into the test's folder, and behind every name stands a probe which tells how it was started.
"""

import contextlib
import json
import os
import pathlib
import re
import shutil
import stat
import subprocess
import tempfile
import unittest

from support import PATIENCE, ROOT, SONDE, Home

CONFIGS = ROOT / "tests" / "data" / "mcp_configs"
PLACES = {
    "claude-user": ".claude.json",
    "claude-project": "project/.mcp.json",
    "cursor-user": ".cursor/mcp.json",
    "cursor-project": "project/.cursor/mcp.json",
    "vscode-user": ".config/Code/User/mcp.json",
    "vscode-project": "project/.vscode/mcp.json",
}
# Tells all that a program is given, copies its stdin, and ends with a code of its own.
PROBE = r"""#!/usr/bin/python3 -I
import json, os, sys
given = open("/proc/self/cmdline", "rb").read().split(b"\0")[2:-1]
variables = open("/proc/self/environ", "rb").read().split(b"\0")[:-1]
told = {"argv": [a.decode("utf-8", "surrogateescape") for a in given], "cwd": os.getcwd(),
        "environment": [v.decode("utf-8", "surrogateescape") for v in variables]}
sys.stderr.write("PROBE" + json.dumps(told) + "\n")
sys.stdout.buffer.write(sys.stdin.buffer.read())
sys.exit(42)
"""
# Names that a shell cannot spell, as npm and others use them.
ODD = {"npm_config_@scope:registry": "x", "a.b-c": "1", "PWD": "/elsewhere", "EMPTY": ""}
# What wrap adds to a server's environment (design section 6).
ADDED = re.compile(r"^(TRACEPARENT|TRACESTATE|BAGGAGE|SONDE_\w+|OTEL_\w+)=")


def without_comments(text):
    """Plain JSON of a JSON text with comments and trailing commas."""
    parts = re.findall(r'"(?:\\.|[^"\\])*"|//[^\r\n]*|/\*.*?\*/|[^"/]+|/', text, re.S)
    plain = "".join(p for p in parts if not p.startswith(("//", "/*")))
    return re.sub(r'("(?:\\.|[^"\\])*")|,(?=\s*[}\]])', lambda m: m[1] or "", plain)


def entries(document):
    """(name, entry) of every server, as any of the clients sees it."""
    if not isinstance(document, dict):
        return
    for key in ("mcpServers", "servers"):
        yield from (document.get(key) or {}).items()
    for project in (document.get("projects") or {}).values():
        yield from ((project or {}).get("mcpServers") or {}).items()


class Machine:
    """A home with one sample's file in its place, and probes for all programs it names."""

    def __init__(self, sample, folder):
        self.home = Home(folder)
        self.folder = pathlib.Path(folder)
        self.project = self.folder / "project"
        self.project.mkdir()
        self.sample = sample
        self.file = self.folder / PLACES["-".join(sample.stem.split("-")[:2])]
        self.file.parent.mkdir(parents=True, exist_ok=True)
        self.original = sample.read_bytes().replace(b"/opt/", f"{folder}/opt/".encode()).replace(
            b"\\/opt\\/", json.dumps(f"{folder}/opt/")[1:-1].replace("/", "\\/").encode())
        self.file.write_bytes(self.original)
        self.bin = self.folder / "bin"
        self.sonde = self.folder / "sonde-bin" / "sonde"
        self.sonde.parent.mkdir()
        shutil.copy(SONDE, self.sonde)

    def sonde_run(self, *arguments):
        done = subprocess.run([self.sonde, *arguments], env=self.home.environment, cwd=self.project,
                              capture_output=True, text=True, timeout=PATIENCE, check=False)
        if done.returncode:
            raise AssertionError(f"{arguments}: {done.stdout}{done.stderr}")
        return done.stdout

    def stdio(self):
        """(name, command, arguments, environment) of each server that is a program, expanded."""
        text = self.file.read_bytes().decode("utf-8-sig")
        for name, entry in entries(json.loads(without_comments(text))):
            if "command" in entry and entry.get("type", "stdio") == "stdio":
                variables = {k: self.expand(str(v)) for k, v in (entry.get("env") or {}).items()}
                yield (name, self.expand(entry["command"]),
                       [self.expand(a) for a in entry.get("args", [])], variables)

    def expand(self, text):
        known = {"workspaceFolder": str(self.project), "userHome": str(self.folder), "/": "/",
                 "pathSeparator": "/", "workspaceFolderBasename": "project",
                 "CLAUDE_PROJECT_DIR:-.": str(self.project)}
        return re.sub(r"\$\{([^}]+)\}", lambda m: known.get(m[1], "typed " + m[1]), text)

    def provide(self, command):
        """Puts a probe where the command is looked for; /bin/sh and its like are there."""
        path = pathlib.Path(command) if "/" in command else self.bin / command
        if not path.is_relative_to(self.folder):
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(PROBE)
        path.chmod(0o755)

    def start(self, command, arguments, variables):
        environment = {**self.home.environment, "PATH": f"{self.bin}:/usr/bin:/bin", **ODD, **variables}
        environment["PATH"] = f"{self.bin}:" + environment["PATH"]
        return subprocess.run([command, *arguments], env=environment, cwd=self.project, timeout=PATIENCE,
                              input=b"not json\r\n\0\xff", capture_output=True, check=False)


def told(done):
    """What the probe said of how it was started, and what came back from it."""
    said = re.search(rb"^PROBE(.*)$", done.stderr, re.M)
    return {**json.loads(said[1]), "out": done.stdout, "code": done.returncode} if said else None


@contextlib.contextmanager
def machine(name):
    with tempfile.TemporaryDirectory() as folder:
        yield Machine(CONFIGS / name, os.path.realpath(folder))


class Install(unittest.TestCase):

    def each_server(self, box):
        """(how it was started before, how it is started now) of each server."""
        before = {}
        for name, command, arguments, variables in box.stdio():
            box.provide(command)
            before.setdefault(name, []).append((command, box.start(command, arguments, variables)))
        box.sonde_run("install")
        for name, command, arguments, variables in box.stdio():
            yield name, command, before[name].pop(0), lambda: box.start(command, arguments, variables)

    def test_every_server_starts_with_sonde_and_without(self):
        probed = 0
        for sample in sorted(CONFIGS.glob("*.json")):
            with self.subTest(sample.stem), machine(sample.name) as box:
                for name, command, (was, direct), start in self.each_server(box):
                    if command == was:
                        continue  # Left alone, as it must be.
                    with self.subTest(name):
                        self.assertEqual(command, str(box.folder / ".local/share/sonde/launch"))
                        probed += self.compare(box, direct, start)
                box.sonde_run("uninstall")
                self.assertEqual(box.file.read_bytes(), box.original)
        self.assertGreater(probed, 30)

    def compare(self, box, direct, start):
        expected = told(direct)
        for path in (box.home.state / "log").glob("*"):
            path.unlink()
        through = start()
        self.assertTrue(list((box.home.state / "log").glob("*.jsonl")), "it did not run through sonde")
        away = box.sonde.with_suffix(".away")
        box.sonde.rename(away)
        alone = start()
        box.sonde.write_text("not a program")  # There, but not executable.
        refused = start()
        box.sonde.unlink()
        away.rename(box.sonde)
        if expected is None:  # No probe, but a program of the machine, or one that changes what it starts.
            for done in (through, alone, refused):
                self.assertEqual((done.returncode, done.stdout), (direct.returncode, direct.stdout))
            return 0
        self.assertEqual(told(alone), expected)
        self.assertEqual(told(refused), expected)
        observed = told(through)
        observed["environment"] = [v for v in observed["environment"] if not ADDED.match(v)]
        self.assertEqual(observed, expected)
        return 1

    def test_removing_sonde_kills_no_server(self):
        with machine("claude-project-team.json") as box:
            box.sonde_run("install")
            box.sonde.unlink()
            for _, command, arguments, variables in box.stdio():
                original = arguments[arguments.index("--") + 1]
                box.provide(original)
                self.assertEqual(told(box.start(command, arguments, variables))["code"], 42)

    def test_a_command_that_is_missing_is_told_and_ends_with_127(self):
        with machine("claude-project-filesystem.json") as box:
            box.sonde_run("install")
            box.sonde.unlink()
            done = box.start(*next(iter(box.stdio()))[1:3], {"PATH": "/nowhere:relative:"})
            self.assertEqual(done.returncode, 127)
            self.assertEqual(done.stderr, b"sonde launch: cannot start `npx`: not found\n")

    def test_a_command_that_may_not_be_executed_ends_with_126(self):
        with machine("claude-project-filesystem.json") as box:
            box.sonde_run("install")
            box.sonde.unlink()
            box.provide("npx")
            (box.bin / "npx").chmod(stat.S_IRUSR)
            done = box.start(*next(iter(box.stdio()))[1:3], {"PATH": "/nowhere"})
            self.assertEqual((done.returncode, done.stdout), (126, b""))

    def test_a_script_without_its_first_line_runs_as_under_execvp(self):
        with machine("claude-project-filesystem.json") as box:
            box.sonde_run("install")
            box.sonde.unlink()
            box.bin.mkdir()
            (box.bin / "npx").write_text('echo "$0 $@"\n')
            (box.bin / "npx").chmod(0o755)
            done = box.start(*next(iter(box.stdio()))[1:3], {})
            self.assertEqual(done.stdout.decode(), f"{box.bin}/npx -y @modelcontextprotocol/server-filesystem "
                                                   "/srv/projects /srv/notes\n")

    def test_folders_of_xdg_variables_travel_as_flags(self):
        with machine("claude-project-filesystem.json") as box:
            box.home.environment.update(XDG_STATE_HOME=str(box.folder / "s"), XDG_DATA_HOME=str(box.folder / "d"))
            box.provide("npx")
            box.sonde_run("install")
            name, command, arguments, variables = next(iter(box.stdio()))
            self.assertEqual(command, str(box.folder / "d/sonde/launch"))
            del box.home.environment["XDG_STATE_HOME"]
            self.assertEqual(told(box.start(command, arguments, variables))["code"], 42)
            self.assertTrue((box.folder / "s/sonde/log" / f"{name}.jsonl").exists())
            box.home.environment["XDG_STATE_HOME"] = str(box.folder / "s")
            box.sonde_run("uninstall")
            self.assertEqual(box.file.read_bytes(), box.original)

    def test_sonde_found_by_a_link_stays_a_link(self):
        with machine("claude-project-filesystem.json") as box:
            box.bin.mkdir()
            (box.bin / "sonde").symlink_to(box.sonde)
            environment = {**box.home.environment, "PATH": str(box.bin)}
            subprocess.run(["sonde", "install"], env=environment, executable=str(box.bin / "sonde"),
                           cwd=box.project, check=True, timeout=PATIENCE, capture_output=True)
            program = (box.folder / ".local/share/sonde/launch").read_bytes()
            self.assertIn(str(box.bin / "sonde").encode() + b"\0", program)

    def test_installs_at_once_are_one(self):
        for _ in range(5):  # The first moment, when there is no folder yet, is the hard one.
            with machine("claude-user-state.json") as box:
                running = [subprocess.Popen([box.sonde, "install"], env=box.home.environment, cwd=box.project,
                                            stdout=subprocess.DEVNULL) for _ in range(8)]
                self.assertEqual([p.wait(PATIENCE) for p in running], [0] * 8)
                box.sonde_run("uninstall")
                self.assertEqual(box.file.read_bytes(), box.original)

    def test_wrong_words_are_told_with_the_nearest(self):
        home = Home(tempfile.gettempdir())
        done = home.run("install", "--client", "claude-cod", check=False)
        self.assertEqual(done.returncode, 2)
        self.assertEqual(done.stderr, "sonde: --client: there is no `claude-cod`; did you mean `claude-code`?\n")
        self.assertEqual(home.run("uninstall", "--scope=users", check=False).returncode, 2)


if __name__ == "__main__":
    unittest.main()
