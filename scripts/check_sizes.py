#!/usr/bin/env python3
"""Refuses files and functions that have grown beyond what a reader takes in.

Limits (lines): header 300, source 600, test 900; a function 70.  Functions are found by
their braces at namespace or class level, which is exact for code formatted by clang-format.
EXCEPTIONS may only shrink.
"""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
LIMITS = {".h": 300, ".cc": 600, ".py": 600, ".mjs": 600}
TEST_LIMIT = 900
FUNCTION_LIMIT = 70
EXCEPTIONS = {}  # path -> limit, with the reason beside it
SKIP = {"out", "node_modules", ".git"}
STARTS = re.compile(r"^( *)(?!namespace|class|struct|enum|union|extern|}|//|#)\S.*\)?.*\{$")
TEST_NAME = re.compile(r"(_test\.cc|^test_.*\.py)$")


def files():
    for path in sorted(ROOT.rglob("*")):
        if path.suffix in LIMITS and not SKIP & set(path.relative_to(ROOT).parts):
            yield path


def functions(lines):
    """Yields (first line, length) of each outermost function body."""
    at = 0
    while at < len(lines):
        match = STARTS.match(lines[at])
        # A body ends where a brace stands in the same column as its first line.
        if match and "(" in " ".join(lines[max(0, at - 3):at + 1]) and len(match[1]) <= 4:
            end = next((i for i in range(at + 1, len(lines)) if re.match(rf"^{match[1]}\}}", lines[i])), at)
            yield at + 1, end - at + 1
            at = end
        at += 1


def complaints():
    for path in files():
        name = str(path.relative_to(ROOT))
        lines = path.read_text().splitlines()
        limit = EXCEPTIONS.get(name, TEST_LIMIT if TEST_NAME.search(path.name) else LIMITS[path.suffix])
        if len(lines) > limit:
            yield f"{name}: {len(lines)} lines, at most {limit}: split it where its name needs an 'and'"
        if path.suffix in {".h", ".cc"}:
            for first, length in functions(lines):
                if length > FUNCTION_LIMIT:
                    yield f"{name}:{first}: a function of {length} lines, at most {FUNCTION_LIMIT}"


def main():
    found = list(complaints())
    print("\n".join(found) or "sizes: ok")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
