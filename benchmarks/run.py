#!/usr/bin/env python3
"""The benchmarks of ./bench: builds, waits for a quiet machine, runs, prints ratios.

    ./bench              wrap, proxy and scanner against their baselines, then the costs of single functions
    ./bench wrap         `sonde wrap` beside two cats and a tap from npm: latency, bulk, CPU, start-up, memory
    ./bench proxy [PART] `sonde proxy` beside nginx, haproxy and bridges from npm: latency, throughput, CPU,
                         streams, memory, a log that hangs; PART is serial, throughput, rate, large, events,
                         idle, memory, chaos or bridges
    ./bench scanner      the wire scanner beside simdjson on-demand, on the same bytes
    ./bench functions    nanoseconds of tracker, log line, privacy, recorder
    ./bench thrash       how well agents that go in circles are told from those that work, and what a call costs
    ./bench fuzz [S]     every fuzzer for S seconds (600)

Baselines run in the same minutes as what they are compared with.  The load of the machine
is printed with the result; figures from a busy machine are worth little.
"""

import json
import os
import pathlib
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
OUT = ROOT / "out"
BENCH = OUT / "bench"
PATIENCE = 120  # Seconds to wait for a quiet machine.


def build():
    subprocess.run(["cmake", "--preset", "bench"], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    subprocess.run(["cmake", "--build", "--preset", "bench"], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)


def quiet():
    """Waits until the machine is idle for a second; says so if that never happens."""
    def busy():
        fields = [int(x) for x in pathlib.Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]]
        return sum(fields) - fields[3] - fields[4], sum(fields)

    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        before = busy()
        time.sleep(1)
        after = busy()
        if (after[0] - before[0]) <= 0.15 * (after[1] - before[1]):
            return
    print("the machine is busy: what follows is worth little")


def google_benchmark(module, rounds=5):
    """Each benchmark's median nanoseconds and bytes a second, over interleaved repetitions."""
    binary = BENCH / "src" / module / f"{module}_bench"
    done = subprocess.run(
        ["taskset", "-c", "0", str(binary), f"--benchmark_repetitions={rounds}", "--benchmark_min_time=0.05",
         "--benchmark_enable_random_interleaving=true", "--benchmark_format=json"],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True, text=True)
    found = {}
    for row in json.loads(done.stdout)["benchmarks"]:
        if row.get("aggregate_name") == "median":
            unit = {"ns": 1, "us": 1e3, "ms": 1e6}[row["time_unit"]]
            found[row["run_name"]] = (row["cpu_time"] * unit, row.get("bytes_per_second", 0))
    return found


def scanner():
    """Design section 13: at least half of simdjson on-demand, any chunking, at least 1 GB/s."""
    quiet()
    rows = google_benchmark("jsonrpc")
    cases = [name.split("/")[1] for name in rows if name.startswith("simdjson_on_demand/")]
    print(f"\nThe scanner beside simdjson on-demand (median of 5, one CPU, load {os.getloadavg()[0]:.1f})\n")
    print(f"  {'document':<16}{'simdjson GB/s':>14}{'scanner GB/s':>14}{'ratio':>8}   accept 0.5")
    met = True
    for case in cases:
        theirs = rows[f"simdjson_on_demand/{case}"][1] / 1e9
        ours = rows[f"scan/{case}/chunk:0"][1] / 1e9
        good = ours >= 0.5 * theirs and ours >= 1.0
        met &= good
        print(f"  {case:<16}{theirs:>14.2f}{ours:>14.2f}{ours / theirs:>8.2f}   {'met' if good else 'MISSED'}")
    print(f"\n  {'document':<16}{'chunk':>8}{'scanner GB/s':>14}")
    for name, (_, rate) in rows.items():
        if name.startswith("scan/") and not name.endswith("chunk:0"):
            _, case, chunk = name.split("/")
            print(f"  {case:<16}{chunk.removeprefix('chunk:'):>8}{rate / 1e9:>14.3f}")
    return met


def functions():
    quiet()
    print("\nSingle functions (median of 5, one CPU)\n")
    for module in ("mcp", "sinks", "privacy", "recorder"):
        if not (BENCH / "src" / module / f"{module}_bench").exists():
            continue
        for name, (nanoseconds, rate) in google_benchmark(module).items():
            speed = f"{rate / 1e9:8.2f} GB/s" if rate else ""
            print(f"  {module:<10}{name:<44}{nanoseconds:>12.0f} ns {speed}")
    return True


def thrash():
    """Issue 4: precision 0.95, recall 0.9, no alert on legitimate polls, 200 ns and 256 B a call."""
    quiet()
    binary = BENCH / "src" / "thrash" / "thrash_bench"
    done = subprocess.run(["taskset", "-c", "0", str(binary), "--benchmark_repetitions=5", "--benchmark_min_time=0.05",
                           "--benchmark_format=json"],
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True, text=True)
    rows = {row["run_name"]: row for row in json.loads(done.stdout)["benchmarks"]
            if row.get("aggregate_name") == "median"}
    print(f"\nThrash (median of 5, one CPU, load {os.getloadavg()[0]:.1f})\n")
    met = True

    def line(name, text, good, accept):
        nonlocal met
        met &= good
        print(f"  {name:<34}{text:<58}{accept}   {'met' if good else 'MISSED'}")

    for name, row in rows.items():
        what, first, *more = name.split("/")
        if what == "labelled":
            line(f"labelled set, seed {first}",
                 f"{row['sessions']:.0f} sessions, precision {row['precision']:.3f}, recall {row['recall']:.3f}, "
                 f"{row['polls_told']:.0f} of {row['polls']:.0f} polls",
                 row["precision"] >= 0.95 and row["recall"] >= 0.9 and row["polls_told"] == 0, "0.95, 0.9, 0")
        elif what == "take" and int(first) > 1000:  # All of them cold in memory: not what the promise is about.
            print(f"  {f'time, {first} sessions of {more[0]} calls':<34}{row['real_time']:.0f} ns a call")
        elif what == "take":
            line(f"time, {first} sessions of {more[0]} calls", f"{row['real_time']:.0f} ns a call",
                 row["real_time"] <= 200, "200 ns")
        elif what == "memory":
            line(f"memory, {first} sessions of {more[0]}", f"{row['bytes_per_call']:.0f} B a call",
                 row["bytes_per_call"] <= 256, "256 B")
    return met


def set_up(*parts):
    """The program itself, and what it is compared with; returns the folder of node."""
    subprocess.run(["./run", "build"], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    for part in ("node", "npm:benchmarks/npm", *parts):
        subprocess.run(["scripts/setup", part], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    machine = {"x86_64": "x64", "aarch64": "arm64"}[os.uname().machine]
    return ROOT / "examples" / "node_modules" / f"node-linux-{machine}" / "bin"


def proxy(part=None):
    """Design section 13, the rows of `proxy`."""
    node = set_up("bench")
    import proxy as of_proxy
    return of_proxy.run(quiet, node / "node", part)


def wrap():
    node = set_up()
    tap = ROOT / "benchmarks" / "npm" / "node_modules" / "mcp-flight-recorder" / "dist" / "cli.js"
    met = True
    for flags in ([], ["--free"], ["--sockets", "--only", "426"]):
        quiet()
        done = subprocess.run([str(BENCH / "benchmarks" / "wrap_bench"), "--sonde", str(OUT / "bin" / "sonde"),
                               "--npm-tap", str(tap), *flags], cwd=ROOT,
                              env={**os.environ, "PATH": str(node) + os.pathsep + os.environ["PATH"]})
        met &= done.returncode == 0
    return met


def fuzz(seconds):
    """Every fuzzer, longer than ./test has time for."""
    subprocess.run(["cmake", "--preset", "fuzz"], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    subprocess.run(["cmake", "--build", "--preset", "fuzz"], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    good = True
    for binary in sorted((OUT / "fuzz" / "src").glob("*/*_fuzz")):
        seeds = ROOT / "tests" / "corpus" / binary.name
        found = OUT / "fuzz-found" / binary.name
        found.mkdir(parents=True, exist_ok=True)
        print(f"{binary.name}: {seconds} s", flush=True)
        done = subprocess.run([str(binary), f"-max_total_time={seconds}", "-timeout=10", "-rss_limit_mb=2048",
                               f"-artifact_prefix={found}/crash-", str(found), str(seeds)],
                              stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False)
        print("  ok" if done.returncode == 0 else "\n".join(done.stderr.splitlines()[-20:]))
        good &= done.returncode == 0
    return good


def main():
    what = sys.argv[1] if len(sys.argv) > 1 else "all"
    if what == "fuzz":
        return 0 if fuzz(int(sys.argv[2]) if len(sys.argv) > 2 else 600) else 1
    known = {"wrap": [wrap], "proxy": [lambda: proxy(*sys.argv[2:3])], "scanner": [scanner], "functions": [functions],
             "thrash": [thrash], "all": [wrap, proxy, scanner, functions, thrash]}
    if what not in known:
        print(f"bench: unknown '{what}'; there are: {', '.join([*known, 'fuzz'])}", file=sys.stderr)
        return 2
    build()
    return 0 if all([run() for run in known[what]]) else 1


if __name__ == "__main__":
    sys.exit(main())
