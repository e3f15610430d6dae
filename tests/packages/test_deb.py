"""The Debian package on a clean Debian 12 whose own systemd runs: what it holds, the unit, and life after it."""

import json
import os
import pathlib
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "e2e"))

from clean_root import ROOT, Booted, fresh, need_root, run
from test_install import CONFIGS, PLACES, entries, without_comments

PACKAGES = ("systemd", "dbus", "ca-certificates", "man-db", "bash-completion")
UNIT = "/lib/systemd/system/sonde-proxy.service"
REQUEST = b'{"jsonrpc":"2.0","id":1,"method":"ping"}'


def package():
    found = os.environ.get("SONDE_DEB")
    if not found:
        raise unittest.SkipTest("needs SONDE_DEB: the package that ./run package has built")
    return pathlib.Path(found)


class Deb(unittest.TestCase):

    def test_lintian_has_nothing_to_say(self):
        self.assertEqual(run("lintian", "--allow-root", "--fail-on", "error,warning", package()), "")

    def test_it_needs_nothing_but_libc(self):
        depends = run("dpkg-deb", "-f", package(), "Depends").strip()
        self.assertRegex(depends, r"^libc6 \(>= 2\.\d+\)$")

    def test_packing_again_gives_the_same_bytes(self):
        run(ROOT / "run", "package", timeout=900)
        before = package().read_bytes()
        run(ROOT / "run", "package", timeout=900)
        self.assertEqual(package().read_bytes(), before)


class Machine(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        need_root()
        deb = package()
        folder = fresh("bookworm", PACKAGES, "deb")
        run("cp", deb, folder / "root")
        cls.machine = Booted(folder)
        cls.addClassCleanup(cls.machine.end)
        cls.deb = f"/root/{deb.name}"
        cls.inside("apt-get", "install", "-y", "-qq", cls.deb)

    @classmethod
    def inside(cls, *command, **options):
        return cls.machine.inside(*command, **options).stdout


class Installed(Machine):

    def test_it_runs_and_has_its_manual_and_completions(self):
        self.assertRegex(self.inside("sonde", "--version"), r"^sonde \d")
        self.assertIn("sonde-wrap", self.inside("man", "-P", "cat", "sonde"))
        self.assertIn("/usr/share/man/man5/sonde.yaml.5", self.inside("man", "-w", "5", "sonde.yaml"))
        for page in self.inside("sonde", "man", "--list").splitlines():
            self.inside("man", "-w", page.split()[1].rsplit(".", 1)[0])
        self.assertIn("sonde", self.inside("bash", "-c", "source /usr/share/bash-completion/completions/sonde; "
                                           "complete -p sonde"))

    def test_the_example_configuration_is_without_fault(self):
        said = self.inside("sonde", "doctor", "--json", "--config", "/usr/share/doc/sonde/examples/sonde.yaml")
        self.assertEqual(json.loads(said)["config"]["faults"], [])

    def test_systemd_finds_nothing_wrong_with_the_unit(self):
        done = self.machine.inside("systemd-analyze", "verify", UNIT)
        self.assertEqual(done.stdout + done.stderr, "")

    def test_the_unit_is_hardened(self):
        # 12 of 100 when it was written; what remains is what a proxy must do.
        self.inside("systemd-analyze", "security", "--threshold=15", "sonde-proxy.service")

    def test_nothing_is_started_or_enabled_by_itself(self):
        self.assertEqual(self.machine.inside("systemctl", "is-enabled", "sonde-proxy", check=False).stdout, "disabled\n")

    def test_the_flags_are_a_conffile(self):
        self.assertIn("/etc/default/sonde-proxy", self.inside("dpkg-query", "-W", "-f", "${Conffiles}", "sonde"))


class Unit(Machine):

    def setUp(self):
        self.upstream = subprocess.Popen(
            self.machine.in_network(sys.executable, ROOT / "tests" / "packages" / "upstream.py"),
            stdout=subprocess.PIPE)
        self.addCleanup(self.upstream.stdout.close)
        self.addCleanup(self.upstream.wait)
        self.addCleanup(self.upstream.kill)
        self.assertEqual(self.upstream.stdout.readline(), b"ready\n")
        self.inside("systemctl", "start", "sonde-proxy")
        self.addCleanup(self.machine.inside, "systemctl", "stop", "sonde-proxy")

    def show(self, key):
        return self.inside("systemctl", "show", "-P", key, "sonde-proxy").strip()

    def ask(self):
        client = ("import sys, urllib.request as u; r = u.Request('http://127.0.0.1:8080/mcp', sys.stdin.buffer.read(), "
                  "{'Content-Type': 'application/json', 'Accept': 'application/json, text/event-stream'}); "
                  "sys.stdout.buffer.write(u.urlopen(r, timeout=30).read())")
        return subprocess.run(self.machine.in_network(sys.executable, "-c", client), input=REQUEST,
                              stdout=subprocess.PIPE, check=True, timeout=60).stdout

    def test_it_serves_as_soon_as_systemd_calls_it_started(self):
        self.assertEqual(json.loads(self.ask())["method"], "ping")
        self.assertEqual(self.show("StatusErrno"), "0")
        self.assertEqual(self.inside("stat", "-c", "%a", "/var/lib/private/sonde"), "700\n")
        self.assertNotEqual(self.inside("stat", "-c", "%U", "/var/lib/private/sonde"), "root\n")

    def test_reload_keeps_the_process_and_the_service(self):
        before = self.show("MainPID")
        self.inside("systemctl", "reload", "sonde-proxy")
        self.assertEqual(self.show("MainPID"), before)
        self.assertIn(b"ping", self.ask())

    def test_a_successor_takes_over_under_the_same_unit(self):
        before = self.show("MainPID")
        self.inside("systemctl", "kill", "-s", "USR2", "--kill-whom=main", "sonde-proxy")
        for _ in range(600):
            if self.show("MainPID") != before:
                break
            self.assertIn(b"ping", self.ask())
        self.assertNotEqual(self.show("MainPID"), before)
        self.assertEqual(self.show("ActiveState"), "active")
        self.assertIn(b"ping", self.ask())

    def test_stopping_is_no_failure(self):
        self.inside("systemctl", "stop", "sonde-proxy")
        self.assertEqual((self.show("ActiveState"), self.show("Result")), ("inactive", "success"))

    def test_wrong_flags_are_told_in_the_journal(self):
        self.inside("systemctl", "stop", "sonde-proxy")
        self.inside("sed", "-i", "s/--upstream/--upstraem/", "/etc/default/sonde-proxy")
        self.addCleanup(self.machine.inside, "sed", "-i", "s/--upstraem/--upstream/", "/etc/default/sonde-proxy")
        self.assertNotEqual(self.machine.inside("systemctl", "start", "sonde-proxy", check=False).returncode, 0)
        self.assertIn("did you mean `--upstream`?", self.inside("journalctl", "-u", "sonde-proxy"))
        self.inside("systemctl", "stop", "sonde-proxy")


class Removed(Machine):
    """Every server of thirty clients' files starts when the package that set it up is gone."""

    def test_every_server_starts_after_the_removal(self):
        homes = [self.prepare(sample) for sample in sorted(CONFIGS.glob("*.json"))]
        for home in homes:
            self.inside("sonde", "install", cwd=f"{home}/project", env={"HOME": home})
        first = self.start_all(homes)
        self.assertTrue(any(self.inside("find", home, "-name", "*.jsonl") for home in homes))
        self.inside("systemctl", "start", "sonde-proxy")
        self.inside("apt-get", "remove", "-y", "-qq", "sonde")
        self.assertEqual(self.machine.inside("sh", "-c", "command -v sonde", check=False).stdout, "")
        self.assertEqual(self.machine.inside("systemctl", "is-active", "sonde-proxy", check=False).stdout,
                         "inactive\n")
        self.assertEqual(self.start_all(homes), first)
        self.inside("apt-get", "purge", "-y", "-qq", "sonde")
        left = self.inside("find", "/etc", "/usr", "/lib", "/var", "-name", "*sonde*", "-not", "-path", "/var/log/*",
                           "-not", "-path", "/var/lib/dpkg/*", "-not", "-path", "/var/cache/*")
        self.assertEqual(left, "")
        self.assertEqual(self.start_all(homes), first)
        self.assertGreater(first, 30)

    def prepare(self, sample):
        """A home with the sample's file in it, and a program behind each of its commands."""
        home = f"/home/{sample.stem}"
        folder = self.machine.folder / home[1:]
        file = folder / PLACES["-".join(sample.stem.split("-")[:2])]
        for parent in (file.parent, folder / "project"):
            parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(sample.read_bytes())
        for command, _ in self.servers(home):
            program = self.machine.folder / (command[1:] if command.startswith("/") else f"usr/local/bin/{command}")
            if "$" in command or program.exists():
                continue
            program.parent.mkdir(parents=True, exist_ok=True)
            program.write_text('#!/bin/sh\necho "started with $# words"\nexec cat\n')
            program.chmod(0o755)
        return home

    def servers(self, home):
        """(command, arguments) of each server in a home."""
        for place in PLACES.values():
            file = self.machine.folder / home[1:] / place
            if file.exists():
                document = json.loads(without_comments(file.read_bytes().decode("utf-8-sig")))
                for _, entry in entries(document):
                    if "command" in entry and entry.get("type", "stdio") == "stdio":
                        yield entry["command"], entry.get("args", [])

    def start_all(self, homes):
        """How many servers there are that run through the launcher; all of them start."""
        started = 0
        for home in homes:
            for command, arguments in self.servers(home):
                if not command.endswith("/sonde/launch") or "$" in arguments[arguments.index("--") + 1]:
                    continue  # Left alone; or a path that only a client can expand.
                done = self.machine.inside(command, *arguments, env={"HOME": home}, check=False, input="hello\n")
                with self.subTest(home, arguments=arguments):
                    self.assertNotIn(done.returncode, (126, 127), done.stderr)
                    self.assertNotIn("sonde launch", done.stderr)
                started += 1
        return started


if __name__ == "__main__":
    unittest.main()
