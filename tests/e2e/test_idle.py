"""What wrap does when nothing happens: nothing."""

import os
import pathlib
import time
import unittest

from support import SCRIPTED, EndToEnd

LONG = bool(os.environ.get("SONDE_LONG"))


class Idle(EndToEnd):
    def test_an_idle_wrap_does_not_wake_up(self):
        session = self.wrap(SCRIPTED, "--name", "idle")
        session.request("ping")
        time.sleep(2.5)  # Until batch and stats file are written.

        def switches():
            total = 0
            for task in pathlib.Path(f"/proc/{session.process.pid}/task").iterdir():
                for line in (task / "status").read_text().splitlines():
                    if line.startswith("voluntary_ctxt"):
                        total += int(line.split()[1])
            return total

        before = switches()
        time.sleep(20 if LONG else 5)
        self.assertLessEqual(switches() - before, 1)


if __name__ == "__main__":
    unittest.main()
