"""Writes what it reads, to stdout and, marked, to stderr; ends as its arguments say.

    echo_server.py [exit CODE | signal NUMBER]
"""

import os
import signal
import sys

while chunk := os.read(0, 65536):
    view = memoryview(chunk)
    while view:
        view = view[os.write(1, view):]
    os.write(2, b"read %d\n" % 0)
if sys.argv[1:2] == ["exit"]:
    os._exit(int(sys.argv[2]))
if sys.argv[1:2] == ["signal"]:
    signal.signal(int(sys.argv[2]), signal.SIG_DFL) if int(sys.argv[2]) != signal.SIGKILL else None
    os.kill(os.getpid(), int(sys.argv[2]))
