"""Servers that do not want to end are ended, first politely, then not (test 28)."""

import signal
import time

from support import PATIENCE, FaultTest, measured, python

IGNORE = "import signal,time,sys; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('{}', flush=True)\n"

# Each says "{}" when it is ready, and would live for ever.
IGNORES_TERM = python(IGNORE + "time.sleep(1000)")
FLOODS = python(IGNORE + "while True: print('x' * 1000)")
DOUBLE_FORK = ["sh", "-c", "(setsid sh -c \"trap '' TERM; while :; do sleep 1; done\" &) ; echo {}; cat"]
DAEMONS = ["sh", "-c", "for i in 1 2; do setsid sh -c \"trap '' TERM HUP; while :; do sleep 1; done\" & done; echo {}; exit 0"]
HOLDS_PIPES = ["sh", "-c", "trap '' TERM; (trap '' TERM; while :; do sleep 1; done) & echo {}; exit 0"]
KEEPS_FORKING = python(IGNORE + """
import os
while True:
    if os.fork() == 0:
        os.setsid(); time.sleep(30); os._exit(0)
    time.sleep(0.2)
""")
# The longest way of all: nobody reads what they write, so neither stream comes to its end.
GRANDCHILDREN = python(IGNORE + """
import os
def flood(fd):
    os.setsid()
    while True: os.write(fd, b"x" * 60000)
for role in (lambda: flood(1), lambda: flood(2), lambda: time.sleep(1000)):
    if os.fork() == 0: role()
time.sleep(1000)
""")
STUBBORN = {"ignores SIGTERM": IGNORES_TERM, "floods": FLOODS, "double fork": DOUBLE_FORK,
            "daemons": DAEMONS, "descendants hold the pipes": HOLDS_PIPES, "keeps forking": KEEPS_FORKING,
            "grandchildren flood": GRANDCHILDREN}


class Stubborn(FaultTest):
    def start(self, command, *flags, **options):
        process = self.wrap(command, *flags, **options)
        self.assertEqual(process.stdout.read(3), b"{}\n")
        return process

    def test_after_the_clients_farewell_all_are_gone_within_seven_seconds(self):
        processes = {name: self.start(command) for name, command in STUBBORN.items()}
        started = time.monotonic()  # Before the client's end, and once for all of them.
        for process in processes.values():
            process.stdin.close()
        for name, process in processes.items():
            process.wait(PATIENCE)
            measured(f"{name}: gone after {time.monotonic() - started:.2f} s")
        self.assertEqual(self.marked(), [])
        self.assertLess(time.monotonic() - started, 7.0)

    def test_after_sigterm_too(self):
        processes = {name: self.start(command) for name, command in STUBBORN.items()}
        started = time.monotonic()
        for process in processes.values():
            process.terminate()
        for process in processes.values():
            process.wait(PATIENCE)
        self.assertEqual(self.marked(), [])
        self.assertLess(time.monotonic() - started, 6.1)

    def test_the_graces_can_be_set(self):
        process = self.start(IGNORES_TERM, "--wrap-eof-grace", "100ms", "--wrap-kill-grace", "200ms")
        started = time.monotonic()
        process.stdin.close()
        self.assertEqual(process.wait(PATIENCE), -signal.SIGKILL)
        self.assertLess(time.monotonic() - started, 1.5)
        process = self.start(IGNORES_TERM, env={"SONDE_WRAP_KILL_GRACE": "300ms"})
        started = time.monotonic()
        process.terminate()
        self.assertEqual(process.wait(PATIENCE), -signal.SIGKILL)
        self.assertGreater(time.monotonic() - started, 0.25)
        self.assertLess(time.monotonic() - started, 1.5)

    def test_a_polite_server_has_its_grace(self):
        process = self.wrap(["sh", "-c", "cat >/dev/null; sleep 0.5; echo saved; exit 4"])
        process.stdin.close()
        self.assertEqual(process.stdout.read(), b"saved\n")
        self.assertEqual(process.wait(PATIENCE), 4)

    def test_a_server_that_is_told_to_end_may_say_goodbye(self):
        # os.write, because a signal within print() would break print().
        process = self.start(python("import os,signal,time\n"
                                    "def end(*_): os.write(1, b'bye\\n'); os._exit(6)\n"
                                    "signal.signal(signal.SIGTERM, end)\nos.write(1, b'{}\\n')\n"
                                    "time.sleep(100)"))
        process.terminate()
        self.assertEqual(process.stdout.read(), b"bye\n")
        self.assertEqual(process.wait(PATIENCE), 6)
