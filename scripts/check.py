#!/usr/bin/env python3
"""Runs every check of the sources; exit code 1 if any complains.  See ./check."""

import concurrent.futures
import hashlib
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
# How far the static analyzer follows the paths of one function; its own default is five times that, which
# --deep leaves it, at more than twice the time for the whole.
ANALYZER_NODES_MAX = 40_000
CLEAN = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "sonde" / "tidy"


def tracked(*patterns):
    listed = subprocess.run(["git", "ls-files", "-z", "-co", "--exclude-standard", *patterns], cwd=ROOT,
                            stdout=subprocess.PIPE, check=True).stdout.decode()
    return [name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def run(name, *command):
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        print(f"-- {name}\n{done.stdout}")
    return done.returncode != 0


def headers_of(name, seen):
    """Our own headers that a file includes, directly or not."""
    for header in re.findall(r'^#include "([^"]+)"', (ROOT / name).read_text(), re.M):
        path = f"src/{header}"
        if path not in seen and (ROOT / path).is_file():
            seen.add(path)
            headers_of(path, seen)
    return seen


def tidy_key(name, deep):
    """What clang-tidy's verdict on a file depends on: the file, its headers, the rules."""
    digest = hashlib.sha256(b"deep" if deep else b"")
    for path in (".clang-tidy", name, *sorted(headers_of(name, set()))):
        digest.update((ROOT / path).read_bytes())
    return digest.hexdigest()


def tidy_plugin():
    """Halves the time of clang-tidy; see its source."""
    source = ROOT / "scripts/tidy_own_code.cc"
    plugin = ROOT / "out/tidy" / f"own_code-{hashlib.sha256(source.read_bytes()).hexdigest()[:16]}.so"
    if not plugin.exists():
        plugin.parent.mkdir(parents=True, exist_ok=True)
        part = plugin.with_suffix(f".{os.getpid()}")
        subprocess.run(["clang++-19", "-std=c++20", "-O1", "-fPIC", "-shared", "-fno-rtti", "-isystem",
                        "/usr/lib/llvm-19/include", source, "-o", part], check=True)
        part.rename(plugin)
    return plugin


def tidy(names, deep):
    """clang-tidy on what has changed since it was last clean, here or in another clone."""
    subprocess.run(["cmake", "--preset", "dev"], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    subprocess.run(["cmake", "--build", "--preset", "dev", "--target", "generated"], cwd=ROOT, check=True,
                   stdout=subprocess.DEVNULL)
    CLEAN.mkdir(parents=True, exist_ok=True)
    plugin = tidy_plugin()
    budget = () if deep else ("-Xclang", "-analyzer-config", "-Xclang", f"max-nodes={ANALYZER_NODES_MAX}")

    def one(name):
        stamp = CLEAN / tidy_key(name, deep)
        if stamp.exists():
            return False
        bad = run(f"clang-tidy {name}", "clang-tidy-19", "-load", plugin, "--checks=sonde-own-code", "--quiet",
                  "-p", "out/dev", *(f"--extra-arg={word}" for word in budget), name)
        if not bad:
            stamp.touch()
        return bad

    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        return any(list(pool.map(one, names)))


def main():
    fast = "--fast" in sys.argv[1:]
    sources = tracked("src/*.cc", "src/*.h", "benchmarks/*.cc", "tests/*.cc")
    bad = run("format (mend with: clang-format-19 -i)", "clang-format-19", "--dry-run", "-Werror", *sources)
    bad |= run("floors", "scripts/check_floors.py")
    bad |= run("sizes", "scripts/check_sizes.py")
    bad |= run("hosts", "scripts/check_hosts.py")
    bad |= run("co_await", "/usr/bin/python3", "scripts/check_coawait.py", *sources)
    if not fast:
        bad |= tidy([name for name in sources if name.startswith("src/") and name.endswith(".cc")
                     and not name.endswith(("_fuzz.cc", "_bench.cc", "_test.cc"))], "--deep" in sys.argv[1:])
    print("check: failed" if bad else "check: ok")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
