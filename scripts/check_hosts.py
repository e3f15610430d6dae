#!/usr/bin/env python3
"""Refuses host names of package registries, and paths that leave the repository.

Dependencies are named, not located: whoever builds has a mirror of their own.
"""

import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
HOSTS = re.compile(r"registry\.npm" + r"js|deb\.debian" + r"\.org|snapshot\.debian" + r"\.org|py" + r"pi\.org|files\.python" + r"hosted|"
                   r"proxy\.golang" + r"\.org|static\.crates" + r"\.io|repo1?\.maven" + r"\.apache")
OUTSIDE = re.compile(r"\.\./sha" + r"red|/work/sha" + r"red")


def main():
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, stdout=subprocess.PIPE, check=True).stdout
    bad = 0
    for name in listed.decode().split("\0"):
        path = ROOT / name
        if not name or not path.is_file():
            continue
        text = path.read_bytes().decode("utf-8", "replace")
        for number, line in enumerate(text.splitlines(), 1):
            if HOSTS.search(line) or OUTSIDE.search(line) or (name.endswith("package-lock.json") and '"resolved"' in line):
                print(f"{name}:{number}: names a registry's host or a place outside the repository")
                bad += 1
    if not bad:
        print("hosts: ok")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
