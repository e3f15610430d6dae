"""A clean Debian 12 in a folder: made by debootstrap once, copied for each test, and booted in namespaces.

Needs root.  Packages come from whatever mirror this machine uses.
"""

import os
import pathlib
import shutil
import signal
import subprocess
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
ROOTS = ROOT / "out" / "roots"
PATIENCE = 120.0
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def run(*command, **options):
    """Runs a command of this machine to its end, and fails with what it said."""
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True, check=False,
                          timeout=options.pop("timeout", PATIENCE), stdin=subprocess.DEVNULL, **options)
    if done.returncode:
        raise AssertionError(f"{command}: exit {done.returncode}\n{done.stdout[-4000:]}{done.stderr[-4000:]}")
    return done.stdout


def need_root():
    if os.geteuid() != 0:
        raise unittest.SkipTest("needs root: debootstrap, chroot and namespaces")
    if subprocess.run(["unshare", "--user", "true"], capture_output=True, check=False).returncode:
        raise unittest.SkipTest("needs user namespaces, which there are none of within a chroot")


def mirror():
    """Where this machine has its Debian 12 from."""
    for line in run("apt-get", "indextargets", "--format", "$(CODENAME) $(REPO_URI)").splitlines():
        codename, uri = line.split()
        if codename == "bookworm":
            return uri
    raise AssertionError("this machine has no source of Debian 12")


def base(name, packages):
    """The folder of a root with these packages, made once."""
    folder, stamp = ROOTS / name, ROOTS / f"{name}.packages"
    wanted = " ".join(packages)
    if not stamp.exists() or stamp.read_text() != wanted:
        shutil.rmtree(folder, ignore_errors=True)
        stamp.unlink(missing_ok=True)
        folder.parent.mkdir(parents=True, exist_ok=True)
        run("debootstrap", "--variant=minbase", f"--include={','.join(packages)}", "bookworm", folder, mirror(),
            timeout=900)
        stamp.write_text(wanted)
    return folder


def fresh(name, packages, copy):
    """A copy of a base, to be changed."""
    folder = ROOTS / copy
    if folder.exists():
        shutil.rmtree(folder)
    run("cp", "-a", "--reflink=auto", base(name, packages), folder)
    return folder


class Booted:
    """A root whose own systemd runs, in namespaces that end with it."""

    def __init__(self, folder):
        self.folder = folder
        self.shell = subprocess.Popen(
            ["unshare", "--pid", "--fork", "--mount", "--uts", "--ipc", "--net", "--cgroup", "--kill-child",
             ROOT / "tests" / "packages" / "boot", folder],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        self.pid = self._first_process()
        self._wait_until_up()

    def _first_process(self):
        """The process that is number 1 inside."""
        children = pathlib.Path(f"/proc/{self.shell.pid}/task/{self.shell.pid}/children")
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if self.shell.poll() is not None:
                raise AssertionError("it did not boot: " + self.shell.stderr.read().decode())
            found = children.read_text().split()
            if found and pathlib.Path(f"/proc/{found[0]}/comm").read_text() == "systemd\n":
                return int(found[0])
            time.sleep(0.02)
        raise AssertionError("it did not boot")

    def _wait_until_up(self):
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if self.inside("systemctl", "is-system-running", check=False).stdout.strip() in ("running", "degraded"):
                return
            time.sleep(0.1)
        raise AssertionError("systemd did not come up")

    def inside(self, *command, check=True, cwd="/", env=None, **options):
        """Runs a command in the booted root."""
        variables = {"PATH": PATH, "HOME": "/root", "LANG": "C.UTF-8", **(env or {})}
        done = subprocess.run(
            ["nsenter", "-t", str(self.pid), "-p", "-m", "-n", "-u", "-i", "-C", "-r", "/usr/bin/env", "-i",
             "-C", cwd, *(f"{k}={v}" for k, v in variables.items()), *map(str, command)],
            capture_output=True, text=True, check=False, timeout=PATIENCE,
            **({} if "input" in options else {"stdin": subprocess.DEVNULL}), **options)
        if check and done.returncode:
            raise AssertionError(f"{command}: exit {done.returncode}\n{done.stdout}{done.stderr}")
        return done

    def in_network(self, *command):
        """A command of this machine in the root's network: clients and upstreams of the proxy."""
        return ["nsenter", "-t", str(self.pid), "-n", *map(str, command)]

    def end(self):
        os.kill(self.pid, signal.SIGKILL)  # With it everything inside.
        self.shell.wait(PATIENCE)
        self.shell.stderr.close()
