"""What the fault tests share: a home, processes that carry a mark, and a look at /proc.

Run one group with `python3 -m unittest tests/faults/test_24_identity.py`, all of them with
`python3 -m unittest discover -s tests/faults`.  SONDE_BIN names another binary, SONDE_LONG=1
adds what takes minutes.
"""

import contextlib
import os
import pathlib
import re
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest
import uuid

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
SONDE = os.environ.get("SONDE_BIN", str(ROOT / "out" / "bin" / "sonde"))
LONG = os.environ.get("SONDE_LONG") == "1"
PYTHON = os.path.realpath(sys.executable)
PATIENCE = 20.0  # Seconds; nothing in good order takes so long.
MARK = "SONDE_FAULT_MARK"

# A shell starts what runs in the background with these ignored, and so would wrap be.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGQUIT, signal.SIG_DFL)

# What wrap splices into a request that has none of its own.
_CONTEXT = (rb'"traceparent":"00-[0-9a-f]{32}-[0-9a-f]{16}-01","tracestate":"[^"]*"'
            rb'(?:,"sonde/request_id":"[^"]*")?')
_SPLICES = [re.compile(rb',"params":\{"_meta":\{' + _CONTEXT + rb"\}\}"),
            re.compile(rb',?"_meta":\{' + _CONTEXT + rb"\}"),
            re.compile(_CONTEXT + rb",?")]


def measured(text):
    """A figure for the reader of the test's log; scripts/run_tests.py shows it."""
    print(f"\nmeasured: {text}", flush=True)


def without_splices(data):
    for pattern in _SPLICES:
        data = pattern.sub(b"", data)
    return data


def splices_in(data):
    return len(re.findall(rb'"traceparent":"00-[0-9a-f]{32}-', data))


def status_field(pid, name):
    """A number from /proc/<pid>/status, in KiB where it has a unit."""
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(name + ":"):
            return int(line.split()[1])
    raise KeyError(name)


def alive(pid):
    with contextlib.suppress(OSError):
        state = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
        return state not in "ZX"
    return False


def gone(pid):
    """Not even a zombie is left."""
    return not os.path.exists(f"/proc/{pid}")


def read_exactly(fd, size, seconds=PATIENCE):
    data = b""
    deadline = time.monotonic() + seconds
    while len(data) < size:
        ready, _, _ = select.select([fd], [], [], max(0.0, deadline - time.monotonic()))
        if not ready:
            raise AssertionError(f"only {len(data)} of {size} bytes came: {data[:200]!r}")
        chunk = os.read(fd, size - len(data))
        if not chunk:
            raise AssertionError(f"the stream ended after {len(data)} of {size} bytes")
        data += chunk
    return data


def read_line(fd, seconds=PATIENCE):
    line = b""
    while not line.endswith(b"\n"):
        line += read_exactly(fd, 1, seconds)
    return line


class FaultTest(unittest.TestCase):
    """A test with a home of its own, which no process outlives."""

    def setUp(self):
        self.assertTrue(os.access(SONDE, os.X_OK), f"no binary at {SONDE}; build it or set SONDE_BIN")
        self.home = pathlib.Path(tempfile.mkdtemp(prefix="sonde-fault-"))
        self.mark = uuid.uuid4().hex
        self.environment = {"HOME": str(self.home), "PATH": os.environ["PATH"], MARK: self.mark}
        self.addCleanup(shutil.rmtree, self.home, ignore_errors=True)
        self.addCleanup(self.assert_nothing_left)

    def marked(self):
        """Living processes that have inherited this test's mark."""
        found = []
        wanted = f"{MARK}={self.mark}".encode()
        for entry in pathlib.Path("/proc").iterdir():
            with contextlib.suppress(OSError):
                if entry.name.isdigit() and wanted in (entry / "environ").read_bytes():
                    if alive(entry.name):
                        found.append(int(entry.name))
        return found

    def assert_nothing_left(self):
        with contextlib.suppress(AssertionError):
            self.eventually(lambda: not self.marked(), 1.0, "")
        left = {pid: pathlib.Path(f"/proc/{pid}/cmdline").read_bytes() for pid in self.marked()}
        for pid in left:
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)
        self.assertEqual(left, {}, "processes were left behind")

    def eventually(self, condition, seconds, what):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if found := condition():
                return found
            time.sleep(0.01)
        raise AssertionError(f"not within {seconds} s: {what}")

    def spawn(self, command, **options):
        """Starts a command with pipes for all that is not said otherwise."""
        pipes = {name: options.pop(name, subprocess.PIPE) for name in ("stdin", "stdout", "stderr")}
        environment = {**self.environment, **options.pop("env", {})}
        process = subprocess.Popen([str(x) for x in command], env=environment, bufsize=0, **pipes,
                                   **options)
        self.addCleanup(self.finish, process)
        return process

    def finish(self, process):
        if process.poll() is None:
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(PATIENCE)
        if process.poll() is None:
            process.kill()
            process.wait()
        for stream in (process.stdin, process.stdout, process.stderr):
            if stream:
                with contextlib.suppress(OSError):
                    stream.close()

    def wrap(self, command, *flags, **options):
        return self.spawn([SONDE, "wrap", *flags, "--", *command], **options)

    def run_to_end(self, process, data=b"", seconds=PATIENCE):
        """Sends data, closes stdin, and returns stdout, stderr and the exit code."""
        out, err = process.communicate(data, timeout=seconds)
        return out, err, process.returncode

    def log(self):
        return b"".join(p.read_bytes() for p in sorted((self.home / ".local/state/sonde/log").glob("*")))


def python(script, *arguments):
    """The command that runs a script of ours."""
    return [PYTHON, "-S", "-E", "-c", script, *map(str, arguments)]
