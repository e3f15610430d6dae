"""Bytes, order, exit code and signal are what they are without wrap (test 24)."""

import json
import os
import pathlib
import pty
import signal
import socket
import subprocess
import threading

from corpora import corpora, legacy_session, line, without_requests
from support import PATIENCE, FaultTest, python, read_exactly, read_line, splices_in, without_splices

# Keeps what it reads, sends it back, says something unclean on stderr, and ends with 7.
MIRROR = ["sh", "-c", r'tee "$SEEN"; printf "err\377\n\000end" >&2; exit 7']
STDERR = b"err\xff\n\0end"


def pieces_of(data, size):
    return [data[i:i + size] for i in range(0, len(data), size)]


class Identity(FaultTest):
    def mirrored(self, data, flags, piece):
        """What server and client see of `data`, written in pieces, and how it ended."""
        seen = self.home / "seen"
        process = self.wrap(MIRROR, *flags, env={"SEEN": str(seen)})

        def write():
            for part in pieces_of(data, piece):
                process.stdin.write(part)
            process.stdin.close()

        writer = threading.Thread(target=write)
        writer.start()
        got = process.stdout.read()
        while more := process.stdout.read():
            got += more
        err = process.stderr.read()
        writer.join()
        self.assertEqual(process.wait(), 7)
        self.assertEqual(err, STDERR)
        return seen.read_bytes(), got

    def pieces_for(self, data):
        whole = max(len(data), 1)
        return [whole, 4093] + ([1, 7] if len(data) < 3000 else [65536])

    def test_without_injection_nothing_differs(self):
        for name, data in corpora().items():
            for piece in self.pieces_for(data):
                with self.subTest(name, piece=piece):
                    seen, got = self.mirrored(data, ["--no-inject"], piece)
                    self.assertEqual(seen, data)
                    self.assertEqual(got, data)

    def test_with_injection_nothing_differs_but_the_splice(self):
        for name, data in corpora().items():
            for piece in self.pieces_for(data):
                with self.subTest(name, piece=piece):
                    seen, got = self.mirrored(data, [], piece)
                    self.assertEqual(without_splices(seen), data)
                    self.assertEqual(got, seen)

    def test_every_injectable_request_is_spliced_however_it_is_written(self):
        data = legacy_session("2025-11-25")
        for piece in (1, 2, 100, len(data)):
            seen, _ = self.mirrored(data, [], piece)
            self.assertEqual(splices_in(seen), 3)

    def test_what_is_no_request_gets_no_splice(self):
        for name, data in without_requests().items():
            for piece in self.pieces_for(data):
                with self.subTest(name, piece=piece):
                    self.assertEqual(self.mirrored(data, [], piece), (data, data))

    def test_a_request_gains_members_of_its_meta_only(self):
        meta = {"io.modelcontextprotocol/protocolVersion": "2026-07-28"}
        data = line({"jsonrpc": "2.0", "id": "a", "method": "server/discover", "params": {"_meta": meta}})
        seen, _ = self.mirrored(data, [], len(data))
        changed = json.loads(seen)
        for key in ("traceparent", "tracestate", "sonde/request_id"):
            del changed["params"]["_meta"][key]
        self.assertEqual(changed, json.loads(data))

    def test_every_byte_may_be_on_stderr(self):
        script = "import os; os.write(2, bytes(range(256)) * 300); os.write(2, b'no newline')"
        _, err, _ = self.run_to_end(self.wrap(python(script)))
        self.assertEqual(err, bytes(range(256)) * 300 + b"no newline")

    def test_a_server_gets_partial_lines_at_once(self):
        process = self.wrap(["cat"], "--no-inject")
        process.stdin.write(b'{"half')
        self.assertEqual(read_exactly(process.stdout.fileno(), 6), b'{"half')

    def test_exit_codes_and_signals_are_the_servers(self):
        for script in (*(f"exit {code}" for code in (0, 1, 2, 42, 126, 127, 200, 255)),
                       *(f"kill -{s} $$" for s in ("HUP", "INT", "QUIT", "ABRT", "KILL", "SEGV",
                                                   "PIPE", "TERM", "USR1", "BUS"))):
            with self.subTest(script):
                direct = subprocess.run(["sh", "-c", script], stdin=subprocess.DEVNULL,
                                        cwd=self.home, check=False)
                process = self.wrap(["sh", "-c", script], stdin=subprocess.DEVNULL, cwd=self.home)
                self.assertEqual(self.run_to_end(process, None)[2], direct.returncode)

    def test_the_server_closing_stdout_is_seen_while_it_lives(self):
        process = self.wrap(["sh", "-c", "echo one; exec >&-; read line; exit 3"])
        self.assertEqual(process.stdout.read(), b"one\n")
        self.assertEqual(process.stdout.read(), b"")
        self.assertIsNone(process.poll())
        process.stdin.write(b"go\n")
        self.assertEqual(process.wait(PATIENCE), 3)

    def test_the_server_closing_stdin_breaks_the_clients_pipe(self):
        process = self.wrap(["sh", "-c", "exec <&-; echo closed; sleep 1000"])
        self.assertEqual(process.stdout.read(7), b"closed\n")

        def refused():
            try:
                process.stdin.write(b"x\n")
            except BrokenPipeError:
                return True
            return False

        self.eventually(refused, PATIENCE, "EPIPE for the client")

    def test_arguments_environment_and_folder_arrive(self):
        arguments = ["", " ", "-x", "--", "a b", "$HOME", "*", "\u00e9", "new\nline"]
        script = "import os,sys;print(sys.argv[1:], os.environ.get('GIVEN'), os.getcwd())"
        command = python(script, *arguments)
        direct = self.run_to_end(self.spawn(command, env={"GIVEN": "x y"}, cwd="/usr"))
        wrapped = self.run_to_end(self.wrap(command, env={"GIVEN": "x y"}, cwd="/usr"))
        self.assertEqual(wrapped, direct)


class Ends(FaultTest):
    """Whatever the client has given us as stdin and stdout."""

    data = legacy_session("2025-06-18") * 200

    def test_sockets_as_node_gives_them(self):
        ours, theirs = socket.socketpair()
        process = self.wrap(["cat"], "--no-inject", stdin=theirs, stdout=theirs)
        theirs.close()
        threading.Thread(target=lambda: (ours.sendall(self.data), ours.shutdown(socket.SHUT_WR))).start()
        got = b""
        while chunk := ours.recv(65536):
            got += chunk
        ours.close()
        self.assertEqual(process.wait(PATIENCE), 0)
        self.assertEqual(got, self.data)

    def test_files(self):
        source, target = self.home / "in", self.home / "out"
        source.write_bytes(self.data)
        with source.open("rb") as stdin, target.open("wb") as stdout:
            process = self.wrap(["cat"], "--no-inject", stdin=stdin, stdout=stdout)
            self.assertEqual(process.wait(PATIENCE), 0)
        self.assertEqual(target.read_bytes(), self.data)

    def test_a_file_on_stdin_gives_a_slow_server_its_time(self):
        source = self.home / "in"
        source.write_bytes(b"go\n")
        with source.open("rb") as stdin:
            process = self.wrap(["sh", "-c", "read x; sleep 1.5; echo done"], stdin=stdin)
            self.assertEqual(self.run_to_end(process, None)[::2], (b"done\n", 0))

    def test_a_named_pipe(self):
        fifo = self.home / "fifo"
        os.mkfifo(fifo)
        reader = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
        writer = os.open(fifo, os.O_WRONLY)
        os.set_blocking(reader, True)
        process = self.wrap(["cat"], "--no-inject", stdin=reader)
        os.close(reader)
        os.write(writer, self.data[:5000])
        os.close(writer)
        self.assertEqual(self.run_to_end(process, None)[0], self.data[:5000])

    def test_a_terminal(self):
        leader, follower = pty.openpty()
        process = self.wrap(["sh", "-c", "read line; echo got $line"], stdin=follower, stdout=follower)
        os.close(follower)
        os.write(leader, b"hello\n")
        text = b""
        while b"got hello" not in text:
            text += os.read(leader, 1000)
        os.close(leader)
        process.wait(PATIENCE)

    def test_what_the_client_shares_keeps_its_mode(self):
        for made in (os.pipe, lambda: [s.detach() for s in socket.socketpair()]):
            reader, writer = made()
            process = self.wrap(["cat"], stdin=reader)
            process.stdin = None
            os.write(writer, b"x\n")
            self.assertEqual(process.stdout.read(2), b"x\n")
            self.assertTrue(os.get_blocking(reader))
            self.assertTrue(os.get_blocking(writer))
            os.close(writer)
            os.close(reader)
            process.wait(PATIENCE)


class Signals(FaultTest):
    def test_signals_reach_the_server(self):
        for name in ("HUP", "INT", "USR1", "USR2", "TERM", "WINCH"):
            with self.subTest(name):
                script = f"trap 'echo {name}; exit 5' {name}; echo up; while :; do sleep 0.05; done"
                process = self.wrap(["sh", "-c", script])
                self.assertEqual(read_line(process.stdout.fileno()), b"up\n")
                process.send_signal(getattr(signal, "SIG" + name))
                self.assertEqual(read_line(process.stdout.fileno()), name.encode() + b"\n")
                self.assertEqual(process.wait(PATIENCE), 5)

    def masks(self, *ignored):
        """SigBlk and SigIgn of a server whose wrap was started with these ignored, and others blocked."""
        def prepare():
            signal.pthread_sigmask(signal.SIG_SETMASK, [signal.SIGTERM, signal.SIGUSR1])
            for number in range(1, 65):
                if number not in (signal.SIGKILL, signal.SIGSTOP, 32, 33):  # The last two are the C library's.
                    signal.signal(number, signal.SIG_IGN if number in ignored else signal.SIG_DFL)

        process = self.wrap(["grep", "-E", "SigBlk|SigIgn", "/proc/self/status"], preexec_fn=prepare,
                            restore_signals=False)
        return [int(text.split()[1], 16) for text in self.run_to_end(process)[0].splitlines()]

    def test_the_server_has_default_dispositions_and_no_signal_blocked(self):
        ignored = (signal.SIGPIPE, signal.SIGINT, signal.SIGQUIT, signal.SIGCHLD, signal.SIGUSR2, signal.SIGXFSZ)
        self.assertEqual(self.masks(*ignored), [0, 0])

    def test_a_server_behind_nohup_does_not_hear_of_a_hangup(self):
        self.assertEqual(self.masks(signal.SIGHUP, signal.SIGPIPE), [0, 1 << signal.SIGHUP - 1])

    def test_the_server_has_its_own_group_and_three_descriptors(self):
        script = "import os; print(os.getpgrp() == os.getpid(), sorted(map(int, os.listdir('/proc/self/fd')))[:-1])"
        reader, writer = os.pipe()
        process = self.wrap(python(script), pass_fds=[reader, writer])
        self.assertEqual(self.run_to_end(process)[0], b"True [0, 1, 2]\n")
        os.close(reader)
        os.close(writer)

    def test_stop_and_continue(self):
        process = self.wrap(["cat"])
        process.stdin.write(b"a\n")
        self.assertEqual(process.stdout.read(2), b"a\n")
        process.send_signal(signal.SIGTSTP)
        state = lambda: pathlib.Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
        self.eventually(lambda: state() == "T", PATIENCE, "stopped")
        process.send_signal(signal.SIGCONT)
        process.stdin.write(b"b\n")
        self.assertEqual(process.stdout.read(2), b"b\n")
        process.stdin.close()
        self.assertEqual(process.wait(PATIENCE), 0)
