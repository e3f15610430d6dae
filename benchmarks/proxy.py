"""`sonde proxy` beside nginx and haproxy, which observe nothing (design section 13).

All of them are started here, in front of the same origin, and take turns in interleaved rounds.
A ratio is ours over nginx's.  What is pinned is on one CPU by affinity; elsewhere the proxy has
one CPU and the client and the origin the other.
"""

import contextlib
import json
import os
import pathlib
import resource
import statistics
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests" / "faults"))

import bridges  # noqa: E402
import proxies  # noqa: E402

PROGRAMS = ROOT / "out" / "bench" / "benchmarks"
SONDE = os.environ.get("SONDE_BIN", str(ROOT / "out" / "bin" / "sonde"))
# Neither looks into what it forwards nor tells anything of it.
OFF = os.environ.get("SONDE_BENCH_OFF", "--no-observe").split()
IDLE_STREAMS = 10_000


class Process(subprocess.Popen):
    """Ends with the block it was made for, with all it started."""

    def __init__(self, command, cpus=None, **options):
        place = ["taskset", "-c", cpus] if cpus else []
        super().__init__([*place, *map(str, command)], **options)

    def __exit__(self, *rest):
        if self.stdin:
            self.stdin.close()
        self.terminate()
        try:
            self.wait(10)
        except subprocess.TimeoutExpired:
            self.kill()
        super().__exit__(*rest)


class Bench:
    """The origin, the proxies in front of it, and what was measured."""

    def __init__(self, stack, cpus, load_cpus, kinds, folder, flags=()):
        self.stack = stack
        self.cpus = cpus
        self.load_cpus = load_cpus
        self.folder = pathlib.Path(folder) / f"on-{cpus}-{len(os.listdir(folder))}"
        origin = stack.enter_context(Process([PROGRAMS / "http_origin"], load_cpus, stdin=subprocess.PIPE,
                                             stdout=subprocess.PIPE))
        self.origin = int(origin.stdout.readline())
        self.proxies = {}
        for kind in kinds:
            if kind != "direct":
                self.add(kind, [*flags, *(OFF if kind == "sonde off" else [])])

    def add(self, kind, flags):
        program = kind.split()[0]
        if program == "sonde":
            # As nginx has one worker, and haproxy one thread; the origin knows calls only.
            flags = ["--threads", "1", "--pulse-interval", "0", *flags]

        def spawn(command, **options):
            return self.stack.enter_context(Process(command, self.cpus, **options))

        self.proxies[kind] = proxies.start(program, spawn, self.folder / kind.replace(" ", "-"), self.origin, SONDE,
                                           flags)

    def kinds(self):
        return ["direct", *self.proxies]

    def load(self, kind, what, *flags):
        """One run of the load generator; CPU is the proxy's, per request."""
        proxy = self.proxies.get(kind)
        port = proxy.port if proxy else self.origin
        before = proxy.cpu_us() if proxy else 0
        done = subprocess.run(["taskset", "-c", self.load_cpus, PROGRAMS / "http_load", what, str(port), *map(str, flags)],
                              stdout=subprocess.PIPE, check=True, text=True)
        found = json.loads(done.stdout)
        found["cpu_us"] = ((proxy.cpu_us() - before) / max(found["sent"], 1)) if proxy else 0.0
        return found


def rounds_of(bench, rounds, what, *flags):
    """{kind: {figure: [one a round]}}, in interleaved rounds."""
    found = {kind: {} for kind in bench.kinds()}
    for _ in range(rounds):
        for kind in bench.kinds():
            for name, value in bench.load(kind, what, *flags).items():
                found[kind].setdefault(name, []).append(value)
    return found


def least(series, name):
    return min(series[name])


def median(series, name):
    return statistics.median(series[name])


def added(found, kind, name, pick):
    return pick(found[kind], name) - pick(found["direct"], name)


class Report:
    """Rows of the table, and the verdicts; both go to out/bench/proxy.json."""

    def __init__(self):
        self.rows = []
        self.figures = {}
        self.met = True

    def keep(self, part, found):
        self.figures[part] = {"load": os.getloadavg()[0], "rounds": found}

    def verdict(self, what, value, limit, at_most=True, unit="x"):
        good = value <= limit if at_most else value >= limit
        self.met &= good
        sign = "<=" if at_most else ">="
        self.rows.append({"what": what, "value": value, "limit": limit, "met": good})
        print(f"  {what:<64}{value:>9.3f} {unit:<4} {sign} {limit:<6g} {'met' if good else 'MISSED'}", flush=True)


def table(title, found, columns):
    """One line a kind: each column is (heading, figure, how to pick it from the rounds)."""
    print(f"\n{title} (load {os.getloadavg()[0]:.1f})\n")
    print(f"  {'through':<12}" + "".join(f"{heading:>15}" for heading, _, _ in columns))
    for kind, series in found.items():
        print(f"  {kind:<12}" + "".join(f"{pick(series, name):>15.2f}" for _, name, pick in columns), flush=True)


TIMES = [("p50 us min", "p50_us", least), ("p50 us median", "p50_us", median), ("p99 us min", "p99_us", least),
         ("p99 us median", "p99_us", median), ("rps median", "rps", median), ("CPU us", "cpu_us", median)]


def ratios(report, found, part, ours="sonde"):
    """Ours over nginx's, least and median of the rounds."""
    for name, words in (("p50_us", "added p50"), ("p99_us", "added p99")):
        for pick in (least, median):
            theirs = added(found, "nginx", name, pick)
            # Where nginx adds nothing that can be measured, neither may we.
            value = added(found, ours, name, pick) / theirs if theirs > 0 else float("inf")
            report.verdict(f"{part}: {words} / nginx, {pick.__name__}", value, 1.0)
    report.verdict(f"{part}: CPU / nginx", median(found[ours], "cpu_us") / median(found["nginx"], "cpu_us"), 1.0)


def serial(report, kinds, rounds, folder):
    with contextlib.ExitStack() as stack:
        bench = Bench(stack, "0", "0", kinds, folder)
        found = rounds_of(bench, rounds, "calls", "--requests", 10_000)
    report.keep("serial", found)
    table("Serial, 500 B to 1 KB, all on one CPU", found, TIMES)
    ratios(report, found, "serial")


def throughput(report, kinds, rounds, folder):
    with contextlib.ExitStack() as stack:
        bench = Bench(stack, "1", "0", kinds, folder)
        for connections, requests in ((1, 5_000), (32, 40_000), (512, 40_000)):
            found = rounds_of(bench, rounds, "calls", "--connections", connections, "--requests", requests)
            report.keep(f"throughput c={connections}", found)
            table(f"Throughput, the proxy on one CPU, c={connections}", found, TIMES)
            if connections > 1:
                report.verdict(f"c={connections}: rps / nginx", median(found["sonde"], "rps") / median(found["nginx"], "rps"),
                               1.0, at_most=False)
            report.verdict(f"c={connections}: CPU / nginx",
                           median(found["sonde"], "cpu_us") / median(found["nginx"], "cpu_us"), 1.0)
            on_off(report, found, f"c={connections}")


def on_off(report, found, part):
    if "sonde off" not in found:
        return
    report.verdict(f"{part}: rps, observation on / off",
                   median(found["sonde"], "rps") / median(found["sonde off"], "rps"), 0.95, at_most=False)
    report.verdict(f"{part}: p99, observation on / off",
                   median(found["sonde"], "p99_us") / median(found["sonde off"], "p99_us"), 1.1)


def fixed_rate(report, kinds, rounds, folder):
    """Requests at fixed times: what is late counts, and so does what waits behind it."""
    with contextlib.ExitStack() as stack:
        bench = Bench(stack, "1", "0", kinds, folder)
        found = rounds_of(bench, rounds, "calls", "--connections", 64, "--requests", 20_000, "--rate", 10_000)
    report.keep("10,000 a second", found)
    table("10,000 calls a second at fixed times, c=64", found, TIMES)
    ratios(report, found, "fixed rate")
    on_off(report, found, "fixed rate")


def large(report, kinds, rounds, folder):
    with contextlib.ExitStack() as stack:
        bench = Bench(stack, "1", "0", kinds, folder)
        for size, requests in ((65_536, 5_000), (1_048_576, 500)):
            found = rounds_of(bench, rounds, "calls", "--connections", 8, "--requests", requests, "--answer", size)
            report.keep(f"answers of {size}", found)
            table(f"Answers of {size >> 10} KiB, c=8", found, TIMES)
            report.verdict(f"{size >> 10} KiB: rps / nginx", median(found["sonde"], "rps") / median(found["nginx"], "rps"),
                           1.0, at_most=False)


def events(report, kinds, rounds, folder):
    with contextlib.ExitStack() as stack:
        bench = Bench(stack, "1", "0", kinds, folder)
        found = rounds_of(bench, rounds, "events", "--connections", 1_000, "--seconds", 4)
    report.keep("events", found)
    table("1,000 streams of 10 events a second: delay of an event", found, TIMES)
    for pick in (least, median):
        report.verdict(f"event delay p99 / nginx, {pick.__name__}",
                       pick(found["sonde"], "p99_us") / pick(found["nginx"], "p99_us"), 1.0)


def idle(report, kinds, folder):
    """KiB that a stream costs which sends nothing; descriptors are two a stream."""
    streams = min(IDLE_STREAMS, (proxies.open_files_max() - 200) // 2)
    found = {}
    with contextlib.ExitStack() as stack:
        bench = Bench(stack, "1", "0", [kind for kind in kinds if kind not in ("direct", "sonde off")], folder)
        for kind, proxy in bench.proxies.items():
            before = proxy.memory_kib()
            with Process([PROGRAMS / "http_load", "idle", proxy.port, "--connections", streams], "0",
                         stdin=subprocess.PIPE, stdout=subprocess.PIPE) as client:
                if client.stdout.readline() != b"ready\n":
                    print(f"  {kind}: cannot hold {streams} streams")
                    continue
                found[kind] = {"kib_per_stream": [(proxy.memory_kib() - before) / streams]}
    report.keep(f"{streams} idle streams", found)
    table(f"{streams} idle streams", found, [("KiB a stream", "kib_per_stream", least)])
    report.verdict("idle stream, KiB / nginx", found["sonde"]["kib_per_stream"][0] / found["nginx"]["kib_per_stream"][0], 1.0)


def memory(report, folder):
    with contextlib.ExitStack() as stack:
        bench = Bench(stack, "1", "0", ["sonde"], folder)
        sizes = []
        for requests in (100_000, 100_000):
            bench.load("sonde", "calls", "--connections", 32, "--requests", requests)
            sizes.append(bench.proxies["sonde"].memory_kib())
    report.figures["memory"] = sizes
    print(f"\nMemory of sonde proxy: {sizes[0]} KiB after 100,000 calls, {sizes[1]} KiB after 200,000")
    report.verdict("memory after 200,000 calls / after 100,000", sizes[1] / sizes[0], 1.1)


def arrange_fifo(folder):
    log = folder / "sonde" / "state" / "log"
    log.mkdir(parents=True)
    os.mkfifo(log / "origin.jsonl")


def arrange_full_disk(folder):
    state = folder / "sonde" / "state"
    state.mkdir(parents=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "none", str(state)], check=True)


def chaos(report, rounds, folder):
    """P24: what a log that hangs, or cannot grow, adds to the latency of a call."""
    cases = {"calm": lambda place: None, "log hangs": arrange_fifo}
    if os.geteuid() == 0:
        cases["disk full"] = arrange_full_disk
    found = {}
    with contextlib.ExitStack() as stack:
        benches = {}
        for name, arrange in cases.items():
            bench = Bench(stack, "1", "0", [], folder)
            arrange(bench.folder)
            if name == "disk full":
                stack.callback(subprocess.run, ["umount", "-l", str(bench.folder / "sonde" / "state")], check=False)
            bench.add("sonde", [])
            benches[name] = bench
        for _ in range(rounds):
            for name, bench in benches.items():
                figures = bench.load("sonde", "calls", "--connections", 64, "--requests", 20_000, "--rate", 8_000)
                for key, value in figures.items():
                    found.setdefault(name, {}).setdefault(key, []).append(value)
    report.keep("chaos", found)
    table("8,000 calls a second while the log is not well", found, TIMES)
    for name in found:
        if name != "calm":
            report.verdict(f"p99, {name} / calm", median(found[name], "p99_us") / median(found["calm"], "p99_us"), 1.5)


def npm_bridges(report, node, folder):
    """CPU of the bridge alone, its server left out; ours in front of the origin."""
    with contextlib.ExitStack() as stack:
        bench = Bench(stack, "0", "0", ["sonde"], folder)
        for size in (256, 65_536):
            ours = [bench.load("sonde", "calls", "--requests", 2_000, "--call", 256, "--answer", size) for _ in range(3)]
            found = {"sonde": {"cpu_us": [row["cpu_us"] for row in ours]}}
            for name in bridges.NAMES:
                found[name] = {"cpu_us": bridges.cpu_per_call(name, node, size, Process)}
            report.keep(f"bridges, {size} B", found)
            table(f"Bridges: CPU of a call of 256 B with a result of {size} B, all on one CPU", found, [("CPU us", "cpu_us", median)])
            for name in bridges.NAMES:
                report.verdict(f"{size} B: CPU / {name}", median(found["sonde"], "cpu_us") / median(found[name], "cpu_us"),
                               1 / 30)


def run(quiet, node, only=None, rounds=5):
    """All parts, or the one named; returns whether every limit was met."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    kinds = ["direct", "nginx", "haproxy", "sonde", "sonde off"]
    report = Report()
    with tempfile.TemporaryDirectory(prefix="sonde-proxy-bench-") as folder:
        parts = {"serial": lambda: serial(report, kinds, rounds, folder),
                 "throughput": lambda: throughput(report, kinds, rounds, folder),
                 "rate": lambda: fixed_rate(report, kinds, rounds, folder),
                 "large": lambda: large(report, kinds, rounds, folder),
                 "events": lambda: events(report, kinds[:-1], rounds, folder),
                 "idle": lambda: idle(report, kinds, folder),
                 "memory": lambda: memory(report, folder),
                 "chaos": lambda: chaos(report, rounds, folder),
                 "bridges": lambda: npm_bridges(report, node, folder)}
        if only and only not in parts:
            print(f"bench proxy: unknown '{only}'; there are: {', '.join(parts)}", file=sys.stderr)
            return False
        for name, part in parts.items():
            if only in (None, name):
                quiet()
                part()
    result = {"rows": report.rows, "figures": report.figures, "rounds": rounds, "sonde": SONDE}
    (ROOT / "out" / "bench" / "proxy.json").write_text(json.dumps(result, indent=1) + "\n")
    print("\nEvery figure of every round: out/bench/proxy.json")
    return report.met
