"""What the fault tests share, on top of the end-to-end support: raw pipes and processes."""

import contextlib
import os
import pathlib
import subprocess
import sys
import threading
import time

from support import PATIENCE, SONDE, EndToEnd

LONG = bool(os.environ.get("SONDE_LONG"))
PYTHON = "/usr/bin/python3"


def measured(text):
    """A figure for the reader of the test's log."""
    print(f"measured: {text}", file=sys.stderr)


def resident(pid):
    """Peak resident memory in KiB."""
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1])
    return 0


def alive(pid):
    with contextlib.suppress(OSError):
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] not in "ZX"
    return False


def children_of(pid):
    """All descendants, by the process table."""
    parents = {}
    for entry in pathlib.Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                parents[int(entry.name)] = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
    found, todo = [], [pid]
    while todo:
        parent = todo.pop()
        for child, of in parents.items():
            if of == parent:
                found.append(child)
                todo.append(child)
    return found


class Fault(EndToEnd):
    """Runs commands behind wrap or alone, with every byte of the three streams under control."""

    def start(self, command, *flags, env=None, **options):
        """wrap in front of `command`; with flags None the command alone."""
        whole = command if flags == (None,) else [SONDE, "wrap", *flags, "--", *command]
        options = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "bufsize": 0,
                   **options}
        process = subprocess.Popen(whole, env={**self.home.environment, **(env or {})}, **options)
        self.addCleanup(self.stop, process)
        return process

    def stop(self, process):
        with contextlib.suppress(OSError):
            process.kill()
        process.wait(PATIENCE)
        for stream in (process.stdin, process.stdout, process.stderr):
            if stream:
                with contextlib.suppress(OSError):
                    stream.close()

    def through(self, command, data, *flags, pieces=None, **options):
        """Feeds `data` (in `pieces`, if given), closes stdin; returns (stdout, stderr, returncode)."""
        process = self.start(command, *flags, **options)

        def feed():
            with contextlib.suppress(BrokenPipeError, OSError):
                for piece in pieces or [data]:
                    process.stdin.write(piece)
                process.stdin.close()

        feeder = threading.Thread(target=feed)
        feeder.start()
        kept = {}
        reader = threading.Thread(target=lambda: kept.update(stderr=process.stderr.read()))
        reader.start()
        kept["stdout"] = process.stdout.read()
        code = process.wait(PATIENCE)
        feeder.join(PATIENCE)
        reader.join(PATIENCE)
        return kept["stdout"], kept["stderr"], code

    def gone(self, pids, seconds):
        """All of them have ended within so many seconds; returns how long it took."""
        began = time.monotonic()
        self.eventually(f"{pids} are gone", lambda: not any(alive(p) for p in pids), seconds)
        return time.monotonic() - began
