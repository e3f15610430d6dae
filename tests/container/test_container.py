"""deploy/Containerfile, carried out in folders: what it builds runs without root, without a shell, and is well.

What an engine does beyond that (layers, networks, its own seccomp profile) is not run here.
"""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests" / "packages"))

from clean_root import fresh, need_root, run
from containerfile import Build

PASSED_ON = ("http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")
PATIENCE = 60.0
REQUEST = b'{"jsonrpc":"2.0","id":1,"method":"ping"}'


def base(name, folder):
    """The images that the file starts from; debian:12 with this machine's sources of packages."""
    if name == "scratch":
        folder.mkdir()
        return
    assert name == "debian:12", name
    made = fresh("bookworm-build", ("ca-certificates",), "container-base")
    made.rename(folder)
    for kind in ("sources.list", "sources.list.d", "apt.conf.d"):
        source = pathlib.Path("/etc/apt") / kind
        if source.is_dir():
            shutil.copytree(source, folder / "etc/apt" / kind, dirs_exist_ok=True)
        elif source.exists():
            shutil.copy(source, folder / "etc/apt" / kind)
    for name in ("resolv.conf", "hosts", "ssl/certs/ca-certificates.crt"):
        shutil.copy(f"/etc/{name}", folder / "etc" / name)
    keep_debian_only(folder / "etc/apt/sources.list.d")


def keep_debian_only(folder):
    """Keys of other sources are not in the image; backports are added by the build itself."""
    for file in folder.iterdir():
        text = file.read_text()
        if "bookworm" not in text.split() or "bookworm-backports" in text.split():
            file.unlink()


def run_in(stage, command):
    """RUN, in namespaces of its own so that no mount is left; with this machine's cache of compiled objects."""
    enter = ("mount --make-rprivate / && mount -t proc proc proc && mount --rbind /dev dev && mount -t tmpfs tmpfs tmp && "
             'mount --bind "$2" root/.cache/ccache && exec chroot . /bin/sh -c "cd $0 && $1"')
    cache = pathlib.Path(os.environ.get("CCACHE_DIR") or pathlib.Path.home() / ".cache/ccache")
    cache.mkdir(parents=True, exist_ok=True)
    (stage.folder / "root/.cache/ccache").mkdir(parents=True, exist_ok=True)
    variables = {**stage.env, "HOME": "/root", **{k: os.environ[k] for k in PASSED_ON if k in os.environ}}
    run("unshare", "--mount", "--pid", "--fork", "--kill-child", "/bin/sh", "-c", enter, stage.directory, command,
        cache, cwd=stage.folder, env=variables, timeout=5400)


class Container(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        need_root()
        folder = ROOT / "out" / "container"
        folder.mkdir(parents=True, exist_ok=True)
        cls.image = Build(ROOT / "deploy" / "Containerfile", ROOT, folder, base, run_in).stage

    def start(self, *arguments, network=()):
        """The container's process with these arguments behind its entry point."""
        uid = self.image.user
        return [*network, "env", "-i", *(f"{k}={v}" for k, v in self.image.env.items()), "/usr/sbin/chroot",
                f"--userspec={uid}", str(self.image.folder), *self.image.entrypoint, *arguments]

    def test_the_image_holds_no_shell_and_belongs_to_root(self):
        files = [p for p in self.image.folder.rglob("*") if not p.is_symlink()]
        names = {p.name for p in files}
        self.assertFalse(names & {"sh", "bash", "dash", "busybox", "apt", "dpkg"}, names)
        state = self.image.path("/var/lib/sonde")
        self.assertEqual(state.stat().st_uid, 65532)
        # What is below it was made by the tests.
        self.assertEqual([p for p in files if p.stat().st_uid != 0 and not p.is_relative_to(state)], [])
        self.assertEqual([p for p in files if p.stat().st_mode & 0o6000], [])
        self.assertLess(sum(p.stat().st_size for p in files if p.is_file()), 12_000_000)

    def test_it_does_not_run_as_root(self):
        user, _, group = self.image.user.partition(":")
        self.assertNotIn("0", (user, group))

    def test_the_program_runs(self):
        self.assertRegex(run(*self.start("--version")), r"^sonde \d")

    def test_it_refuses_to_listen_for_everybody_unasked(self):
        done = subprocess.run(self.start(*self.image.command, "--upstream", "x=http://127.0.0.1:1"),
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE, check=False)
        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertIn("insecure-listen", done.stderr.replace("_", "-"))

    def test_it_serves_is_well_and_drains(self):
        # A network of its own: the image's port may be taken on this machine.
        with tempfile.TemporaryFile() as log:
            holder = subprocess.Popen(["unshare", "--net", "sh", "-c", "ip link set lo up && echo up && exec sleep 600"],
                                      stdout=subprocess.PIPE)
            self.addCleanup(holder.stdout.close)
            self.addCleanup(holder.wait)
            self.addCleanup(holder.kill)
            self.assertEqual(holder.stdout.readline(), b"up\n")
            network = ["nsenter", "-t", str(holder.pid), "-n"]
            upstream = subprocess.Popen([*network, sys.executable, ROOT / "tests/packages/upstream.py"],
                                        stdout=subprocess.PIPE)
            self.addCleanup(upstream.stdout.close)
            self.addCleanup(upstream.wait)
            self.addCleanup(upstream.kill)
            self.assertEqual(upstream.stdout.readline(), b"ready\n")
            proxy = subprocess.Popen(
                self.start(*self.image.command, "--insecure-listen", "--upstream", "echo=http://127.0.0.1:3001",
                           network=network),
                stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.PIPE)
            self.addCleanup(proxy.stderr.close)
            self.addCleanup(proxy.wait)
            self.addCleanup(proxy.kill)
            self.wait_until_well(network, proxy)
            self.assertEqual(self.ask(network), "ping")
            proxy.terminate()
            self.assertEqual(proxy.wait(PATIENCE), 0)

    def wait_until_well(self, network, proxy):
        """As an engine does: the health check, again and again."""
        check = self.start(network=network)[:-len(self.image.entrypoint)] + self.image.health
        end = time.monotonic() + PATIENCE
        while subprocess.run(check, capture_output=True, timeout=PATIENCE, check=False).returncode:
            self.assertIsNone(proxy.poll(), "it has ended")
            self.assertLess(time.monotonic(), end)
            time.sleep(0.05)

    def ask(self, network):
        client = ("import sys, urllib.request as u; r = u.Request('http://127.0.0.1:8080/mcp', sys.stdin.buffer.read(), "
                  "{'Content-Type': 'application/json', 'Accept': 'application/json, text/event-stream'}); "
                  "sys.stdout.buffer.write(u.urlopen(r, timeout=30).read())")
        done = subprocess.run([*network, sys.executable, "-c", client], input=REQUEST, stdout=subprocess.PIPE,
                              check=True, timeout=PATIENCE)
        return json.loads(done.stdout)["method"]


if __name__ == "__main__":
    unittest.main()
