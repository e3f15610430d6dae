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
NO_FUNCTION = re.compile(r"^(namespace|class|struct|enum|union|extern|#)|[=,(]\s*\{$|\[\]\s*\{$|^\}")
TEST_NAME = re.compile(r"(_test\.cc|^test_.*\.py)$")


def files():
    for path in sorted(ROOT.rglob("*")):
        if path.suffix in LIMITS and not SKIP & set(path.relative_to(ROOT).parts):
            yield path


def statement_start(lines, at):
    """The first line of the statement that ends on line `at`: its indent is that of the closing brace."""
    while at > 0 and lines[at - 1].strip() and not re.search(r"([;{}>]|\w:|//.*|\*/)$", lines[at - 1]):
        at -= 1
    return at


def functions(lines):
    """Yields (first line, length) of each outermost function body."""
    at = 0
    while at < len(lines):
        if lines[at].endswith("{"):
            first = statement_start(lines, at)
            statement = " ".join(line.strip() for line in lines[first:at + 1])
            indent = len(lines[first]) - len(lines[first].lstrip())
            balanced = statement.count("(") == statement.count(")")  # Else a lambda among arguments.
            if "(" in statement and balanced and not NO_FUNCTION.search(statement) and indent <= 4:
                end = next((i for i in range(at + 1, len(lines)) if re.match(rf"^ {{{indent}}}\}}", lines[i])), at)
                yield first + 1, end - first + 1
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
