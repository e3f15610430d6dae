"""A client that dies leaves nothing behind: no process, however deep (test 27)."""

import json
import os
import subprocess
import time

from support import LONG, PATIENCE, SONDE, FaultTest, python

# Starts wrap as a client does, has one round trip, tells wrap's pid, and hangs.
CLIENT = """
import subprocess, sys, time
wrap = subprocess.Popen(sys.argv[1:], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
wrap.stdin.write(b'{"jsonrpc":"2.0","id":0,"method":"initialize","params":{}}\\n')
line = wrap.stdout.readline()
print(wrap.pid, flush=True)
time.sleep(1000)
"""

# What a server started through launchers looks like: each level has a child of its own.
SIMPLE = ["cat"]
CHAIN = ["sh", "-c", "sh -c 'sh -c cat; :'; :"]
IGNORES_EOF = python("import time,sys; print('{}', flush=True); time.sleep(1000)")
CHAIN_IGNORES_EOF = ["sh", "-c", "sh -c '\"$@\"; :' sh \"$@\"; :", "sh", *IGNORES_EOF]
OWN_SESSION = ["sh", "-c", "setsid sleep 1000 >/dev/null 2>&1 & exec cat"]
DAEMON = ["sh", "-c", "setsid -f sh -c 'setsid sleep 1000 & wait' >/dev/null 2>&1 </dev/null; exec cat"]


# Asked to end, it leaves a child behind that was not there to be asked.
FORKS_WHEN_ASKED = ["sh", "-c", "trap 'setsid sleep 1000 & exit' TERM; echo '{}'; while :; do sleep 0.05; done"]


class ClientDeath(FaultTest):
    def start_client(self, server):
        client = self.spawn(python(CLIENT, SONDE, "wrap", "--", *server))
        wrap = int(client.stdout.readline())
        return client, wrap

    def test_everything_is_gone_within_two_seconds(self):
        for name, server in (("simple", SIMPLE), ("chain", CHAIN), ("ignores EOF", IGNORES_EOF),
                             ("chain that ignores EOF", CHAIN_IGNORES_EOF), ("own session", OWN_SESSION), ("daemon", DAEMON),
                             ("forks when asked", FORKS_WHEN_ASKED)):
            with self.subTest(name):
                client, _ = self.start_client(server)
                self.assertGreaterEqual(len(self.marked()), 3)
                client.kill()
                client.wait()
                self.eventually(lambda: not self.marked(), 2.5, f"{self.marked()} are gone")

    def test_a_client_whose_pipe_somebody_else_holds_is_missed_too(self):
        reader, writer = os.pipe()
        os.set_inheritable(reader, True)
        server = 'read line; : >"$HOME/heard"; while :; do sleep 0.1; done'
        script = f"exec 0<&{reader}; '{SONDE}' wrap -- sh -c '{server}'; :"
        shell = self.spawn(["sh", "-c", script], stdin=subprocess.DEVNULL, pass_fds=[reader])
        os.write(writer, b"{}\n")
        # A parent that goes before the first byte has passed was only a launcher.
        self.eventually(lambda: (self.home / "heard").exists(), PATIENCE, "the server has heard of the client")
        shell.kill()
        shell.wait()
        self.eventually(lambda: not self.marked(), 2.5, "all are gone though stdin is open")
        os.close(reader)
        os.close(writer)

    def test_a_launcher_that_goes_is_no_client(self):
        # The shell starts wrap in the background and ends; the client still holds the pipes.
        launcher = self.spawn(["sh", "-c", f"exec 3<&0; '{SONDE}' wrap -- cat <&3 &"])
        launcher.wait()
        time.sleep(0.3)
        launcher.stdin.write(b"still here\n")
        self.assertEqual(launcher.stdout.read(11), b"still here\n")
        launcher.stdin.close()
        self.eventually(lambda: not self.marked(), PATIENCE, "gone after EOF")

    def test_no_zombie_is_left_while_a_server_keeps_starting_helpers(self):
        process = self.wrap(["sh", "-c", "for i in 1 2 3 4 5 6 7 8 9; do setsid -f true; done; echo x; cat"])
        self.assertEqual(process.stdout.read(2), b"x\n")

        def children():
            with open(f"/proc/{process.pid}/task/{process.pid}/children") as file:
                return file.read().split()

        self.eventually(lambda: len(children()) == 1, PATIENCE, "the helpers are reaped")
        process.stdin.close()
        self.assertEqual(process.wait(PATIENCE), 0)

    def test_many_sessions_leave_no_process_descriptor_or_file(self):
        sessions = 2000 if LONG else 40
        control = self.home / ".local/state/sonde/control"
        before = len(os.listdir("/proc/self/fd"))
        temporary = self.home / "temporary"
        temporary.mkdir()
        self.environment["TMPDIR"] = str(temporary)
        clean = 0
        for i in range(sessions):
            command = [SONDE, "wrap", "--name", "short", "--", "cat"]
            with subprocess.Popen(command, env=self.environment, stdin=subprocess.PIPE, bufsize=0,
                                  stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
                if i % 3 == 2:
                    process.kill()
                    continue
                process.stdin.write(b'{"jsonrpc":"2.0","id":1,"method":"ping"}\n')
                process.stdout.readline()
                process.stdin.close()
                self.assertEqual(process.wait(PATIENCE), 0)
                clean += 1
        self.eventually(lambda: not self.marked(), PATIENCE, "all processes are gone")
        self.assertEqual(len(os.listdir("/proc/self/fd")), before)
        # A killed tap cannot remove its files; the next one does.
        self.assertEqual(self.run_to_end(self.wrap(["cat"], "--name", "short"))[2], 0)
        self.assertEqual(list(control.iterdir()), [])
        self.assertEqual(list(temporary.iterdir()), [])
        exits = [r for r in map(json.loads, self.log().splitlines()) if r["event"] == "server.exit"]
        self.assertEqual(len(exits), clean + 1)

    def test_fifty_at_once_all_killed(self):
        count = 50 if LONG else 12
        clients = [self.start_client(CHAIN)[0] for _ in range(count)]
        for client in clients:
            client.kill()
        for client in clients:
            client.wait()
        self.eventually(lambda: not self.marked(), 4, "all are gone")

