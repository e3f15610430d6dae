"""Reverse proxies for one upstream on loopback: nginx and haproxy from Debian, and ours.

Tests and ./bench start them the same way, so that what is said of one can be tried on the
others: SONDE_FAULT_PROXY=nginx runs the tests of the proxy against nginx.
"""

import os
import pathlib
import re
import socket
import time

PATIENCE = 20.0

NGINX = """
daemon off;
{user}
worker_processes 1;
worker_rlimit_nofile 65536;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 32768; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  client_max_body_size 0;
  keepalive_requests 1000000000;
  upstream origin {{ server 127.0.0.1:{upstream}; keepalive 512; keepalive_requests 1000000000; }}
  server {{
    listen 127.0.0.1:{port} backlog=4096;
    location / {{
      proxy_pass http://origin;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $http_host;
      proxy_buffering off;
      proxy_read_timeout 1h;
    }}
  }}
}}
"""

HAPROXY = """
global
  maxconn 9990
  nbthread 1
defaults
  mode http
  timeout connect 5s
  timeout client 1h
  timeout server 1h
  timeout http-request 10s
  option http-keep-alive
  option http-no-delay
  http-reuse always
frontend front
  bind 127.0.0.1:{port} backlog 4096
  default_backend back
backend back
  server origin 127.0.0.1:{upstream}
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def open_files_max():
    """What haproxy may ask for: it wants to know before it starts."""
    import resource
    return resource.getrlimit(resource.RLIMIT_NOFILE)[1]


class Proxy:
    """One that runs.  `process` is what spawn() returned; its stderr is in the file `stderr`."""

    def __init__(self, kind, process, port, folder):
        self.kind = kind
        self.process = process
        self.port = port
        self.folder = folder
        self.stderr = folder / f"{kind}.stderr"

    @property
    def pid(self):
        return self.process.pid

    def pids(self):
        """The process and its workers."""
        children = pathlib.Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        return [self.pid, *map(int, children)]

    def memory_kib(self):
        """Private memory and what is shared, of all processes."""
        return sum(memory_kib(pid) for pid in self.pids())

    def anonymous_kib(self):
        """The same without what is in files: it does not grow when code is run for the first time."""
        return sum(memory_kib(pid, "Anonymous:") for pid in self.pids())

    def cpu_us(self):
        return sum(cpu_us(pid) for pid in self.pids())

    def descriptors(self):
        return sum(len(os.listdir(f"/proc/{pid}/fd")) for pid in self.pids())


def memory_kib(pid, row="Pss:"):
    """Proportional set size: what workers share with their parent counts once."""
    for line in pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith(row):
            return int(line.split()[1])
    return 0


def cpu_us(pid):
    """CPU time of all threads, in microseconds; finer than the ticks of /proc/PID/stat."""
    total = 0
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        try:
            total += int((task / "schedstat").read_text().split()[0])
        except OSError:
            continue  # It has just ended.
    return total / 1000


def command_of(kind, folder, upstream, sonde, flags):
    """The command line, and the port; None where the program tells it."""
    if kind == "nginx":
        port = free_port()
        user = "user root;" if os.geteuid() == 0 else ""
        text = NGINX.format(folder=folder, upstream=upstream, port=port, user=user)
        (folder / "nginx.conf").write_text(text)
        return ["nginx", "-c", str(folder / "nginx.conf"), "-p", str(folder), "-e", str(folder / "error.log")], port
    if kind == "haproxy":
        port = free_port()
        (folder / "haproxy.cfg").write_text(HAPROXY.format(upstream=upstream, port=port))
        return ["haproxy", "-db", "-f", str(folder / "haproxy.cfg")], port
    command = [sonde, "proxy", *flags]
    if "--listen" not in flags:
        command += ["--listen", "127.0.0.1:0"]
    if "--upstream" not in flags:
        command += ["--upstream", f"origin=http://127.0.0.1:{upstream}"]
    if "--state-dir" not in flags:
        command += ["--state-dir", str(folder / "state")]
    return command, None


def start(kind, spawn, folder, upstream, sonde, flags=()):
    """Starts a proxy with spawn(command, stdin=, stdout=, stderr=) and waits until it listens."""
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    command, port = command_of(kind, folder, upstream, sonde, list(flags))
    stderr = folder / f"{kind}.stderr"
    with open(stderr, "wb") as err, open(os.devnull, "r+b") as null:
        process = spawn(command, stdin=null, stdout=null, stderr=err)
    port = port or port_told(process, stderr)
    await_listener(process, port, stderr)
    return Proxy(kind, process, port, folder)


def port_told(process, stderr):
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if found := re.search(rb"listening on https?://\S+:(\d+)", stderr.read_bytes()):
            return int(found[1])
        if process.poll() is not None:
            break
        time.sleep(0.005)
    raise AssertionError(f"it does not listen: {stderr.read_text(errors='replace')}")


def await_listener(process, port, stderr):
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            if process.poll() is not None:
                break
            time.sleep(0.005)
    raise AssertionError(f"it does not listen: {stderr.read_text(errors='replace')}")
