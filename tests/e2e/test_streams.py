"""Fault 24: the bytes of all three streams, and the way it ends, are those without wrap."""

import json
import pathlib
import random
import signal
import unittest

from rig import PYTHON, Fault

ECHO = [PYTHON, str(pathlib.Path(__file__).parent / "echo_server.py")]


def message(**members):
    return json.dumps(members).encode()


CORPORA = {
    "2024-11-05": message(jsonrpc="2.0", id=0, method="initialize", params={"protocolVersion": "2024-11-05"}) + b"\n",
    "2025-03-26 batch": b'[{"jsonrpc":"2.0","id":1,"method":"ping"},{"jsonrpc":"2.0","method":"notifications/x"}]\n',
    "2025-11-25 response": b'{"result":{"content":[{"type":"text","text":"x"}]},"jsonrpc":"2.0","id":3}\n',
    "2026-07-28": message(jsonrpc="2.0", id="a", method="server/discover", params={"_meta": {
        "io.modelcontextprotocol/protocolVersion": "2026-07-28"}}) + b"\n",
    "already traced": message(jsonrpc="2.0", id=1, method="tools/call", params={"name": "x", "_meta": {
        "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}}) + b"\n",
    "blank lines": b"\n\n \n\t\n\r\n{}\n\n",
    "carriage returns": b'{"jsonrpc":"2.0","id":1,"result":{}}\r\n\r\n',
    "no newline at the end": b'{"jsonrpc":"2.0","id":1,"result":{}}',
    "invalid UTF-8": b'{"jsonrpc":"2.0","id":1,"result":"\xff\xfe\xc0\xaf\xed\xa0\x80"}\n',
    "NUL": b'{"a":"\x00"}\n\x00\x00\n',
    "U+2028": '{"jsonrpc":"2.0","id":1,"result":"a\u2028b\u2029c"}\n'.encode(),
    "byte order mark": b'\xef\xbb\xbf{"jsonrpc":"2.0","id":1,"result":{}}\n',
    "no JSON": b"Server listening on stdio\n[INFO] ready\n{oops\n\x1b[31mred\x1b[0m\n",
    "65535": b'{"result":"' + b"x" * (65535 - 13) + b'"}\n',
    "65536": b'{"result":"' + b"x" * (65536 - 13) + b'"}\n',
    "65537": b'{"result":"' + b"x" * (65537 - 13) + b'"}\n',
    "large": b'{"result":"' + bytes(random.Random(1).randrange(35, 126) for _ in range(300_000)).replace(b"\\", b"/")
             + b'"}\n' * 3,
    "nothing": b"",
}


class Identity(Fault):
    def same(self, data, *flags, pieces=None, command=ECHO):
        wrapped = self.through(command, data, *flags, pieces=pieces)
        self.assertEqual(wrapped[0], data)
        self.assertEqual(wrapped, self.through(command, data, None, pieces=pieces))

    def test_every_corpus_passes_as_it_is_without_injection(self):
        for name, data in CORPORA.items():
            with self.subTest(name):
                out, _, code = self.through(ECHO, data, "--no-inject")
                self.assertEqual((out, code), (data, 0))

    def test_what_is_no_request_passes_as_it_is_with_injection(self):
        for name, data in CORPORA.items():
            if b'"method":' in data.replace(b" ", b"") and name not in ("already traced", "2025-03-26 batch"):
                continue
            with self.subTest(name):
                out, _, code = self.through(ECHO, data)
                self.assertEqual((out, code), (data, 0))

    def test_a_request_differs_by_its_meta_only(self):
        data = CORPORA["2026-07-28"]
        out, _, _ = self.through(ECHO, data)
        self.assertNotEqual(out, data)
        changed = json.loads(out)
        for key in ("traceparent", "tracestate", "sonde/request_id"):
            del changed["params"]["_meta"][key]
        self.assertEqual(changed, json.loads(data))

    def test_where_it_is_cut_makes_no_difference(self):
        data = CORPORA["2025-03-26 batch"] + CORPORA["U+2028"] + CORPORA["already traced"]
        single = [data[i:i + 1] for i in range(len(data))]
        for flags in ((), ("--no-inject",)):
            out, _, _ = self.through(ECHO, data, *flags, pieces=single)
            self.assertEqual(out, data)
        cuts = random.Random(2)
        for _ in range(10):
            at = sorted(cuts.sample(range(1, len(data)), 3))
            pieces = [data[a:b] for a, b in zip([0, *at], [*at, len(data)])]
            self.assertEqual(self.through(ECHO, data, pieces=pieces)[0], data)

    def test_stderr_passes_as_it_is(self):
        script = "import os; os.write(2, bytes(range(256)) * 300); os.write(2, b'no newline')"
        wrapped = self.through([PYTHON, "-c", script], b"")
        self.assertEqual(wrapped[1], bytes(range(256)) * 300 + b"no newline")

    def test_exit_codes_are_mirrored(self):
        for code in (0, 1, 2, 42, 126, 127, 255):
            with self.subTest(code):
                self.assertEqual(self.through([*ECHO, "exit", str(code)], b"x\n")[2], code)

    def test_signals_are_mirrored(self):
        for number in (signal.SIGTERM, signal.SIGKILL, signal.SIGSEGV, signal.SIGINT, signal.SIGABRT):
            with self.subTest(number.name):
                command = [*ECHO, "signal", str(int(number))]
                self.assertEqual(self.through(command, b"x\n")[2], self.through(command, b"x\n", None)[2])
                self.assertEqual(self.through(command, b"x\n")[2], -number)

    def test_the_server_sees_no_descriptor_signal_or_group_of_ours(self):
        script = ("import os,signal,json,sys;"
                  "print(json.dumps([sorted(map(int,os.listdir('/proc/self/fd')))[:-1],"
                  "signal.getsignal(signal.SIGPIPE)!=signal.SIG_IGN or True,"
                  "[l for l in open('/proc/self/status') if l[:6] in ('SigIgn','SigBlk')],"
                  "os.getpgrp()==os.getpid()]))")
        out, _, _ = self.through(["/bin/sh", "-c", f'exec {PYTHON} -S -c "$0"', script], b"")
        descriptors, _, masks, leads = json.loads(out)
        self.assertEqual(descriptors, [0, 1, 2])
        self.assertEqual(int(masks[0].split()[1], 16), 0, masks)
        # Python itself ignores SIGPIPE and SIGXFSZ; nothing else is ignored.
        self.assertEqual(int(masks[1].split()[1], 16) & ~0x1001000, 0, masks)
        self.assertTrue(leads)


if __name__ == "__main__":
    unittest.main()
