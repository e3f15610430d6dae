#!/usr/bin/env python3
"""Checks lines in the embedded metric format as CloudWatch does, which drops faults without a word.

usage: check_emf.py [--require N] FILE.jsonl...   ("-" is standard input)
       check_emf.py --selftest

Lines without `_aws` are plain log lines: they must be JSON objects, no more.  With --require
there must be at least N lines with metrics.  The rules are those of validate_aws.py --emf,
which takes the units from botocore; here they stand below.
"""

import json
import math
import re
import sys

UNITS = set("""Seconds Microseconds Milliseconds Bytes Kilobytes Megabytes Gigabytes Terabytes
Bits Kilobits Megabits Gigabits Terabits Percent Count Bytes/Second Kilobytes/Second
Megabytes/Second Gigabytes/Second Terabytes/Second Bits/Second Kilobits/Second
Megabits/Second Gigabits/Second Terabits/Second Count/Second None""".split())
NAMESPACE = re.compile(r"(?!:)(?=.*\S)[A-Za-z0-9 ._#:/-]{1,255}")
LINE_BYTES_MAX = 1024 * 1024 - 26  # CloudWatch Logs adds 26 bytes to each event.


def parse(line):
    def refuse(word):
        raise ValueError(f"{word} is not JSON")

    return json.loads(line, parse_constant=refuse)


def is_number(value):
    return (isinstance(value, (int, float)) and not isinstance(value, bool)
            and math.isfinite(value) and abs(value) <= 2.0**360)


def check_dimension(where, name, root):
    if not isinstance(name, str) or not 1 <= len(name) <= 250 or name.startswith(":") or not name.isascii():
        yield f"{where}: dimension name {name!r}"
        return
    value = root.get(name)
    if not isinstance(value, str):
        yield f"{where}: dimension {name!r} must be a string member of the root"
    elif not value.strip() or len(value) > 1024 or not value.isascii():
        yield f"{where}: dimension {name!r} must be 1-1024 ASCII characters, not blank"


def check_dimensions(where, sets, root):
    if not isinstance(sets, list) or not sets or not all(isinstance(names, list) for names in sets):
        yield f"{where}.Dimensions: non-empty array of arrays ([[]] for none)"
        return
    for names in sets:
        if len(names) > 30:
            yield f"{where}: {len(names)} dimensions in one set, at most 30"
        for name in names:
            yield from check_dimension(where, name, root)
    if len({frozenset(map(str, names)) for names in sets}) < len(sets):
        yield f"{where}: two dimension sets with the same names"


def check_metric(where, metric, root):
    name = metric.get("Name")
    if metric.get("Unit", "None") not in UNITS:
        yield f"{where}: {name!r} unit {metric['Unit']!r}"
    if metric.get("StorageResolution", 60) not in (1, 60):
        yield f"{where}: {name!r} StorageResolution must be 1 or 60"
    if not isinstance(name, str) or name not in root:
        yield f"{where}: metric {name!r} has no member on the root"
        return
    value = root[name]
    values = value if isinstance(value, list) else [value]
    if not 1 <= len(values) <= 100 or not all(map(is_number, values)):
        yield f"{where}: metric {name!r} must be a number or an array of 1-100 numbers"


def check_directive(where, directive, root):
    if not NAMESPACE.fullmatch(str(directive.get("Namespace", ""))):
        yield f"{where}.Namespace {directive.get('Namespace')!r}"
    yield from check_dimensions(where, directive.get("Dimensions"), root)
    metrics = directive.get("Metrics")
    if not isinstance(metrics, list) or not 1 <= len(metrics) <= 100:
        yield f"{where}.Metrics: array of 1 to 100"
        return
    for metric in metrics:
        yield from check_metric(where, metric, root)


def check_line(line):
    """Yields the faults of one line; returns whether it has metrics."""
    if len(line.encode()) > LINE_BYTES_MAX:
        yield f"longer than {LINE_BYTES_MAX} bytes"
    try:
        root = parse(line)
    except ValueError as error:
        yield f"not JSON: {error}"
        return False
    if not isinstance(root, dict):
        yield "not an object"
        return False
    if "_aws" not in root:
        return False
    aws = root["_aws"]
    if not isinstance(aws, dict) or not isinstance(aws.get("CloudWatchMetrics"), list):
        yield "_aws.CloudWatchMetrics: array"
        return False
    if type(aws.get("Timestamp")) is not int or aws["Timestamp"] < 10**12:
        yield "_aws.Timestamp: integer milliseconds since 1970"
    for number, directive in enumerate(aws["CloudWatchMetrics"]):
        yield from check_directive(f"CloudWatchMetrics[{number}]", directive, root)
    return True


def faults_of(line):
    """(faults, has metrics)"""
    faults = []
    checker = check_line(line)
    while True:
        try:
            faults.append(next(checker))
        except StopIteration as stop:
            return faults, bool(stop.value)


GOOD = {"_aws": {"Timestamp": 1700000000000, "CloudWatchMetrics": [{
    "Namespace": "Mcp", "Dimensions": [["Tool"]], "Metrics": [{"Name": "ms", "Unit": "Milliseconds"}]}]},
    "Tool": "search", "ms": [1, 2.5]}


def selftest():
    def directive(**change):
        aws = json.loads(json.dumps(GOOD["_aws"]))
        aws["CloudWatchMetrics"][0].update(change)
        return {**GOOD, "_aws": aws}

    bad = [
        {**GOOD, "Tool": 5}, {**GOOD, "Tool": " "}, {**GOOD, "Tool": "x" * 1025}, {**GOOD, "Tool": "\u00e4"},
        {**GOOD, "ms": "1"}, {**GOOD, "ms": [1] * 101}, {**GOOD, "ms": []}, {**GOOD, "ms": True},
        {**GOOD, "_aws": {**GOOD["_aws"], "Timestamp": 1700000000}},
        {**GOOD, "_aws": {**GOOD["_aws"], "Timestamp": 1700000000000.0}},
        {**GOOD, "_aws": []}, {"_aws": GOOD["_aws"], "ms": 1},
        directive(Namespace=":x"), directive(Namespace=""), directive(Dimensions=[]),
        directive(Dimensions=["Tool"]), directive(Dimensions=[["Tool"] * 31]),
        directive(Dimensions=[["Tool"], ["Tool"]]), directive(Metrics=[]),
        directive(Metrics=[{"Name": "ms", "Unit": "ms"}]), directive(Metrics=[{"Name": "no"}]),
        directive(Metrics=[{"Name": "ms", "StorageResolution": 30}]),
    ]
    failed = [json.dumps(line)[:120] for line in bad if not faults_of(json.dumps(line))[0]]
    failed += [line for line in ('{"a":NaN}', "[]", "", "{} {}") if not faults_of(line)[0]]
    failed += [f"refused: {faults_of(json.dumps(line))[0]}" for line in (GOOD, {"event": "plain"})
               if faults_of(json.dumps(line))[0]]
    print("\n".join(failed) or f"check_emf: {len(bad) + 6} cases ok")
    return 1 if failed else 0


def main(arguments):
    if arguments == ["--selftest"]:
        return selftest()
    required = 0
    if arguments[:1] == ["--require"] and len(arguments) > 2:
        required, arguments = int(arguments[1]), arguments[2:]
    if not arguments:
        print(__doc__)
        return 2
    bad = with_metrics = lines = 0
    for name in arguments:
        file = sys.stdin if name == "-" else open(name, encoding="utf-8", newline="\n")
        with file:
            for number, line in enumerate(file, 1):
                faults, metrics = faults_of(line.rstrip("\n"))
                lines += 1
                with_metrics += metrics
                bad += bool(faults)
                for fault in faults:
                    print(f"{name}:{number}: {fault}")
    if with_metrics < required:
        print(f"only {with_metrics} lines with metrics, {required} wanted")
        bad += 1
    print(f"{lines} lines, {with_metrics} with metrics, {bad} faulty")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
