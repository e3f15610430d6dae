#!/usr/bin/env python3
"""Runs the stages of the tests and sums them up.

Each stage builds what it needs, runs, and returns (passed, failed) counts taken from the
runner's own words.  The last line printed is "N passed, N failed"; the exit code is 0 only
if something passed and nothing failed.
"""

import argparse
import concurrent.futures
import os
import pathlib
import re
import signal
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
OUT = ROOT / "out"
LOGS = OUT / "logs"
JOBS = str(os.cpu_count() or 2)
# A sanitizer's finding must be a failure, whatever the tests say.
SANITIZERS = {
    "ASAN_OPTIONS": "detect_leaks=1:abort_on_error=0:exitcode=99:detect_stack_use_after_return=1",
    "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1",
    "TSAN_OPTIONS": "halt_on_error=1:exitcode=99:second_deadlock_stack=1",
}


class Failed(Exception):
    """A stage could not even run; its message says where to look."""


def as_from_a_terminal():
    """In the child: a runner started in the background, or by nohup, ignores signals that tests send."""
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM, signal.SIGPIPE):
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())


def sh(name, *command, env=None, cwd=ROOT, check=True, timeout=3600):
    """Runs a command with its output in out/logs/<name>.log; returns (exit code, output)."""
    LOGS.mkdir(parents=True, exist_ok=True)
    log = LOGS / f"{name}.log"
    with open(log, "wb") as out:
        # A group of its own, so that nothing of it is left when its time is up.
        process = subprocess.Popen(command, cwd=cwd, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT,
                                   process_group=0, preexec_fn=as_from_a_terminal,
                                   env={**os.environ, **SANITIZERS, **(env or {})})
        try:
            code = process.wait(timeout)
        except BaseException as e:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            if not isinstance(e, subprocess.TimeoutExpired):
                raise
            out.write(f"\n{' '.join(map(str, command))}: not done after {timeout} s\n".encode())
            code = 124
    text = log.read_text(errors="replace")
    if code and check:
        tail = "\n".join(text.splitlines()[-40:])
        raise Failed(f"{' '.join(map(str, command))}: exit {code}\n{tail}\n(whole log: {log})")
    return code, text


def configure(preset):
    sh(f"cmake-{preset}", "cmake", "--preset", preset)


def build(preset, *targets):
    configure(preset)
    wanted = ["--target", *targets] if targets else []
    sh(f"build-{preset}", "cmake", "--build", "--preset", preset, "-j", JOBS, *wanted)


def catch2(preset, only=None):
    """Builds and runs the unit tests of a preset; counts test cases, not binaries."""
    build(preset, *(f"{module}_test" for module in only or ()))
    passed = failed = 0
    for binary in sorted((OUT / preset / "src").glob("*/*_test")):
        module = binary.parent.name
        if only and module not in only:
            continue
        code, text = sh(f"{preset}-{module}", str(binary), "--durations", "no", check=False, timeout=600)
        found = re.search(r"test cases: +(\d+)(?: \| +(\d+) passed)?(?: \| +(\d+) failed)?", text)
        everything = re.search(r"All tests passed \(.* in (\d+) test case", text)
        bad = 0
        if everything:
            passed += int(everything[1])
        elif found:
            bad = int(found[3] or 0)
            passed += int(found[2] or 0)
        if code and not bad:
            bad = 1  # A crash or a sanitizer's finding.
        failed += bad
        if bad:
            print("\n".join(text.splitlines()[-60:]))
    return passed, failed


def stage_check():
    code, text = sh("check", "./check", check=False, timeout=1800)
    if code:
        print("\n".join(text.splitlines()[-60:]))
    return (0, 1) if code else (1, 0)


def stage_deep_check():
    code, text = sh("deep-check", "./check", "--deep", check=False, timeout=7200)
    if code:
        print("\n".join(text.splitlines()[-60:]))
    return (0, 1) if code else (1, 0)


def stage_unit():
    return catch2("dev")


def stage_asan():
    return catch2("asan")


def stage_tsan():
    """Only what has threads."""
    return catch2("tsan", only={"base", "net", "recorder", "wrap", "pulse"})


def fuzz(binary, seconds):
    """None if it has found nothing, else what it said."""
    name = binary.name
    seeds = ROOT / "tests" / "corpus" / name
    if not seeds.is_dir() or not any(seeds.iterdir()):
        return f"no seeds in {seeds.relative_to(ROOT)}"
    found = OUT / "fuzz" / name
    found.mkdir(parents=True, exist_ok=True)
    code, text = sh(f"fuzz-{name}", str(binary), f"-max_total_time={seconds}", "-timeout=10",
                    "-rss_limit_mb=2048", "-print_final_stats=1", f"-artifact_prefix={found}/crash-",
                    str(found), str(seeds), check=False, timeout=seconds * 3 + 120)
    runs = re.search(r"number_of_executed_units: (\d+)", text)
    print(f"  {name}: {runs[1] if runs else 0} runs")
    return "\n".join(text.splitlines()[-30:]) if code or not runs else None


def fuzzers(seconds):
    """Each has a core of its own."""
    build("asan")
    binaries = sorted((OUT / "asan" / "src").glob("*/*_fuzz"))
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        complaints = list(pool.map(lambda binary: fuzz(binary, seconds), binaries))
    for binary, complaint in zip(binaries, complaints):
        if complaint:
            print(f"-- {binary.name}\n{complaint}")
    failed = sum(complaint is not None for complaint in complaints)
    return len(binaries) - failed, failed


def stage_fuzz():
    return fuzzers(6)


def stage_fuzz_long():
    return fuzzers(600)


def binary():
    sh("run-build", "./run", "build")
    return str(OUT / "bin" / "sonde")


def node_bin():
    sh("setup-node", "scripts/setup", "node")
    machine = {"x86_64": "x64", "aarch64": "arm64"}[os.uname().machine]
    return str(ROOT / "examples" / "node_modules" / f"node-linux-{machine}" / "bin")


def unittests(name, folder, env=None, python="/usr/bin/python3", timeout=900):
    """Python's unittest over a folder of tests against the real binary."""
    where = {"SONDE_BIN": binary(), "PATH": node_bin() + os.pathsep + os.environ["PATH"], **(env or {})}
    code, text = sh(name, python, "-m", "unittest", "discover", "-v", "-s", folder, "-p", "test_*.py",
                    env=where, check=False, timeout=timeout)
    ran = re.search(r"^Ran (\d+) tests?", text, re.M)
    words = {w: int(n) for w, n in re.findall(r"(failures|errors|unexpected successes|skipped)=(\d+)", text)}
    bad = words.get("failures", 0) + words.get("errors", 0)
    if code and not bad:
        bad = 1
    if bad:
        print("\n".join(text.splitlines()[-120:]))
    for line in re.findall(r"^measured: .*$", text, re.M):
        print(f"  {line}")
    # A class that is skipped as a whole counts as skipped, but not as run.
    return max(int(ran[1]) - bad - words.get("skipped", 0), 0) if ran else 0, bad


def smuggling_vectors():
    """Where the faults of the proxy find the vectors that its reader is tested with."""
    build("asan", "smuggling_vectors")
    return {"SONDE_SMUGGLING_VECTORS": str(OUT / "asan" / "src" / "http" / "smuggling_vectors")}


def stage_faults():
    return unittests("faults", "tests/faults", env=smuggling_vectors())


def stage_e2e():
    return unittests("e2e", "tests/e2e")


def stage_health():
    """Servers that die, hang and answer oddly, under live sessions of the SDK's clients."""
    return unittests("health", "tests/health")


def stage_alarms():
    """Every default alarm fires on its incident and recovers."""
    return unittests("alarms", "tests/alarms")


def stage_conformance():
    """The official conformance suites, direct and through the proxy."""
    sh("setup-conformance", "scripts/setup", "npm:tests/conformance")
    return unittests("conformance", "tests/conformance", timeout=480)


def stage_clients():
    """Real clients and servers from npm through the proxy, and what the log says of them."""
    sh("setup-conformance", "scripts/setup", "npm:tests/conformance")
    return unittests("clients", "tests/clients", timeout=480)


def stage_crowd():
    """A thousand clients at once through the proxy."""
    return unittests("crowd", "tests/crowd", timeout=480)


def stage_crowd_tsan():
    """The same, smaller, with the proxy built for finding data races."""
    build("tsan", "sonde")
    where = {"SONDE_BIN": str(OUT / "tsan" / "src" / "app" / "sonde"), "SONDE_SMALL": "1"}
    return unittests("crowd-tsan", "tests/crowd", env=where, timeout=480)


def stage_emf():
    """Our EMF lines against the npm package aws-embedded-metrics."""
    build("asan", "emf_lines")
    sh("setup-emf", "scripts/setup", "npm:tests/emf")
    code, text = sh("emf", "node", "tests/emf/compare.mjs", check=False,
                    env={"PATH": node_bin() + os.pathsep + os.environ["PATH"],
                         "EMF_LINES": str(OUT / "asan" / "src" / "sinks" / "emf_lines")})
    counts = re.search(r"(\d+) passed, (\d+) failed", text)
    if code or not counts:
        print("\n".join(text.splitlines()[-40:]))
    return (int(counts[1]), int(counts[2]) or (1 if code else 0)) if counts else (0, 1)


def stage_aws():
    """Templates of generated configurations against AWS's models (botocore) and its own validator (npm)."""
    sh("setup-aws", "scripts/setup", "npm:tests/aws")
    return unittests("aws", "tests/aws", timeout=1200)


def stage_interop():
    """With Python packages from PyPI in a virtual environment of their own."""
    venv = OUT / "interop"
    wanted = (ROOT / "tests" / "interop" / "requirements.txt").read_text()
    stamp = venv / "requirements.txt"
    if not stamp.exists() or stamp.read_text() != wanted:
        sh("venv", sys.executable, "-m", "venv", "--clear", str(venv))
        sh("pip", str(venv / "bin" / "pip"), "install", "--quiet", "--disable-pip-version-check",
           "-r", "tests/interop/requirements.txt")
        stamp.write_text(wanted)
    # cfn-lint looks at 200 templates for minutes.
    return unittests("interop", "tests/interop", python=str(venv / "bin" / "python"), timeout=3600)


def package(*flags):
    """The path of the Debian package, built."""
    sh("setup-package", "scripts/setup", "package")
    built = sh(f"run-package{''.join(flags)}", "./run", "package", *flags, timeout=7200)[1]
    return re.search(r"^built (.*)$", built, re.M)[1]


def stage_packages():
    """The .deb on a clean Debian with its own systemd; needs root."""
    return unittests("packages", "tests/packages", env={"SONDE_DEB": package()}, timeout=1800)


def stage_container():
    """The steps of deploy/Containerfile, in folders instead of images; needs root."""
    sh("setup-package", "scripts/setup", "package")
    return unittests("container", "tests/container", timeout=7200)


def stage_arm64():
    """The cross build, under qemu-user."""
    return unittests("arm64", "tests/arm64", env={"SONDE_ARM64_DEB": package("--arch", "arm64")}, timeout=1800)


def stage_long_faults():
    build("bench", "http_load", "http_origin")
    programs = {"SONDE_HTTP_LOAD": str(OUT / "bench" / "benchmarks" / "http_load")}
    return unittests("long-faults", "tests/faults", env={"SONDE_LONG": "1", **programs, **smuggling_vectors()}, timeout=7200)


def stage_long_e2e():
    return unittests("long-e2e", "tests/e2e", env={"SONDE_LONG": "1"}, timeout=7200)


def stage_long_conformance():
    sh("setup-conformance", "scripts/setup", "npm:tests/conformance")
    return unittests("long-conformance", "tests/conformance", env={"SONDE_LONG": "1"}, timeout=1800)


def stage_long_crowd():
    return unittests("long-crowd", "tests/crowd", env={"SONDE_LONG": "1"}, timeout=7200)


def stage_soak():
    """An hour; SONDE_SOAK_SECONDS for less."""
    build("bench", "http_load", "http_origin")
    return unittests("soak", "tests/soak", env={"SONDE_BENCH_PROGRAMS": str(OUT / "bench" / "benchmarks")}, timeout=7200)


STAGES = {
    "check": stage_check,
    "asan": stage_asan,
    "tsan": stage_tsan,
    "fuzz": stage_fuzz,
    "emf": stage_emf,
    "aws": stage_aws,
    "faults": stage_faults,
    "e2e": stage_e2e,
    "health": stage_health,
    "alarms": stage_alarms,
    "conformance": stage_conformance,
    "clients": stage_clients,
    "crowd": stage_crowd,
    "crowd-tsan": stage_crowd_tsan,
    "packages": stage_packages,
}
OTHERS = {
    "deep-check": stage_deep_check,
    "unit": stage_unit,
    "interop": stage_interop,
    "arm64": stage_arm64,
    "container": stage_container,
    "fuzz-long": stage_fuzz_long,
    "long-faults": stage_long_faults,
    "long-e2e": stage_long_e2e,
    "long-conformance": stage_long_conformance,
    "long-crowd": stage_long_crowd,
    "soak": stage_soak,
}
GROUPS = {"fast": ["unit"],
          "long": ["deep-check", "arm64", "container", "long-faults", "long-e2e", "long-conformance", "long-crowd", "soak", "fuzz-long"],
          "interop": ["interop"]}


def run(names):
    passed = failed = 0
    for name in names:
        began = time.monotonic()
        print(f"== {name}", flush=True)
        try:
            good, bad = {**STAGES, **OTHERS}[name]()
        except Failed as error:
            print(error)
            good, bad = 0, 1
        print(f"== {name}: {good} passed, {bad} failed in {time.monotonic() - began:.0f} s", flush=True)
        passed += good
        failed += bad
    print(f"{passed} passed, {failed} failed")
    return 0 if passed and not failed else 1


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("stages", nargs="*", help=f"any of: {', '.join([*GROUPS, *STAGES, *OTHERS])}")
    parser.add_argument("--list", action="store_true", help="name the stages and end")
    arguments = parser.parse_args()
    if arguments.list:
        print("\n".join([*STAGES, *OTHERS]))
        return 0
    names = []
    for name in arguments.stages or list(STAGES):
        if name not in GROUPS and name not in STAGES and name not in OTHERS:
            parser.error(f"unknown stage '{name}'; there are: {', '.join([*GROUPS, *STAGES, *OTHERS])}")
        names += GROUPS.get(name, [name])
    return run(names)


if __name__ == "__main__":
    sys.exit(main())
