"""The build for arm64, under qemu-user with the libraries that it was built against."""

import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
SONDE = ROOT / "out" / "bin" / "arm64" / "sonde"
SYSROOT = ROOT / "out" / "sysroot" / "arm64"
QEMU = shutil.which("qemu-aarch64-static") or shutil.which("qemu-aarch64") or "qemu-aarch64-static"
PATIENCE = 60.0


class Arm64(unittest.TestCase):

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.home = pathlib.Path(folder.name)
        self.environment = {"HOME": folder.name, "PATH": "/usr/bin:/bin", "QEMU_LD_PREFIX": str(SYSROOT)}

    def sonde(self, *arguments, program=SONDE, **options):
        return subprocess.run([QEMU, str(program), *map(str, arguments)], env=self.environment, timeout=PATIENCE,
                              cwd=self.home, capture_output=True, check=False, **options)

    def test_it_is_for_arm64(self):
        head = SONDE.read_bytes()[:20]
        self.assertEqual((head[:4], head[18:20]), (b"\x7fELF", b"\xb7\x00"))

    def test_it_says_its_version(self):
        done = self.sonde("--version")
        self.assertRegex(done.stdout.decode(), r"^sonde \d+\.\d+\.\d+\n$")

    def test_wrap_passes_every_byte_and_logs_the_calls(self):
        stream = b'{"jsonrpc":"2.0","id":1,"method":"tools/list"}\n' + os.urandom(300_000).replace(b"\n", b"") + b"\n"
        done = self.sonde("wrap", "--no-inject", "--name", "cat", "--", "cat", input=stream)
        self.assertEqual((done.returncode, done.stdout), (0, stream), done.stderr)
        log = (self.home / ".local/state/sonde/log/cat.jsonl").read_text()
        self.assertIn('"event":"mcp.tools/list"', log)

    def test_wrap_ends_as_its_server_does(self):
        self.assertEqual(self.sonde("wrap", "--", "sh", "-c", "exit 7").returncode, 7)
        self.assertEqual(self.sonde("wrap", "--", "no-such-program").returncode, 127)

    def test_the_launcher_is_for_arm64_too(self):
        config = self.home / ".cursor" / "mcp.json"
        config.parent.mkdir()
        config.write_text('{"mcpServers": {"s": {"command": "printf", "args": ["%s", "a b"]}}}')
        self.assertEqual(self.sonde("install").returncode, 0)
        launcher = self.home / ".local/share/sonde/launch"
        self.assertEqual(launcher.read_bytes()[18:20], b"\xb7\x00")
        # Its program is replaced by one that is not there: it starts the command itself.
        launcher.write_bytes(launcher.read_bytes().replace(os.fsencode(SONDE), b"/" * len(os.fsencode(SONDE))))
        done = self.sonde("--name=s", "--", "printf", "%s|", "a b", "ü", program=launcher)
        self.assertEqual((done.returncode, done.stdout.decode()), (0, "a b|ü|"), done.stderr)

    def test_the_package_is_of_the_same_program(self):
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run(["dpkg-deb", "-x", os.environ["SONDE_ARM64_DEB"], folder], check=True)
            done = self.sonde("--version", program=pathlib.Path(folder) / "usr/bin/sonde")
            self.assertRegex(done.stdout, rb"^sonde \d")
            manual = subprocess.run(["gzip", "-dc", f"{folder}/usr/share/man/man1/sonde.1.gz"], check=True,
                                    capture_output=True, text=True).stdout
            self.assertTrue(re.search(r"^\.SH NAME$", manual, re.M))
        architecture = subprocess.run(["dpkg-deb", "-f", os.environ["SONDE_ARM64_DEB"], "Architecture"], check=True,
                                      capture_output=True, text=True).stdout
        self.assertEqual(architecture, "arm64\n")


if __name__ == "__main__":
    unittest.main()
