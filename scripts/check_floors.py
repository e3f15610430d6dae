#!/usr/bin/env python3
"""Checks that every #include points downwards, and that DEPS say what is included.

A module may include its own headers and those of lower floors.  Modules of one floor are
neighbours and do not know each other.  A header x_internal.h stays within its module.
FENCED names the libraries that only some modules may see.  With --selftest a deliberately
bad tree must draw every kind of complaint.
"""

import pathlib
import re
import sys
import tempfile

FLOORS = [
    {"base"},
    {"model"},
    {"config", "jsonrpc", "trace_context", "privacy", "http", "alarm", "thrash"},
    {"mcp", "sinks"},
    {"net", "recorder"},
    {"wrap", "proxy", "pulse", "aws", "install", "cli"},
    {"app"},
]
HEIGHT = {module: height for height, floor in enumerate(FLOORS) for module in floor}
TARGETS = {"installer": "install"}  # Where a library cannot have the name of its module.
SOCKETS = {"net", "recorder", "wrap", "proxy", "pulse", "cli", "app"}

FENCED = {  # header prefix -> the only modules that may include it outside of tests
    "boost/asio": SOCKETS,
    "boost/beast": SOCKETS - {"app"},
    "yaml-cpp": {"config"},
    "openssl": {"net", "privacy"},
    "sys/socket.h": SOCKETS,
    "sys/epoll.h": {"net", "wrap"},
    "simdjson": set(),
    "zlib.h": {"proxy"},
}
COMPANION = re.compile(r"_(test|fuzz|bench)\.cc$|_(oracle|model|for_test)\.h$")
INCLUDE = re.compile(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]')


def includes(path):
    for number, line in enumerate(path.read_text().splitlines(), 1):
        match = INCLUDE.match(line)
        if match:
            yield number, *match.groups()


def complaints(root):
    used = {}
    for path in sorted(root.rglob("*")):
        if path.suffix not in {".h", ".cc"}:
            continue
        module = path.relative_to(root).parts[0]
        if module not in HEIGHT:
            yield f"{path}: module '{module}' has no floor"
            continue
        companion = COMPANION.search(path.name)
        for number, quote, header in includes(path):
            where = f"{path}:{number}"
            if quote == '"':
                target = header.split("/")[0]
                if not companion:
                    used.setdefault(module, set()).add(target)
                yield from ours(where, module, target, header)
            elif not companion:
                yield from theirs(where, module, header)
    yield from undeclared(root, used)


def ours(where, module, target, header):
    if target not in HEIGHT:
        yield f'{where}: write "<module>/{header}", or <{header}> for a library'
    elif target != module and HEIGHT[target] >= HEIGHT[module]:
        yield f"{where}: {module} (floor {HEIGHT[module]}) may not include {target} (floor {HEIGHT[target]})"
    if target != module and header.endswith("_internal.h"):
        yield f"{where}: {header} is private to {target}"


def theirs(where, module, header):
    for prefix, allowed in FENCED.items():
        if header.startswith(prefix) and module not in allowed:
            only = ", ".join(sorted(allowed)) or "tests"
            yield f"{where}: only {only} may include <{prefix}...>"


def undeclared(root, used):
    """DEPS of a module's build file must name, directly or through its deps, what it includes."""
    deps = {}
    for module in used:
        build = root / module / "CMakeLists.txt"
        text = build.read_text() if build.exists() else ""
        block = re.search(r"(?:\bDEPS\b|add_executable.*?target_link_libraries)(.*?)(?:TEST_DEPS|\))", text, re.S)
        words = re.findall(r"[a-z_]+", block[1] if block else "")
        deps[module] = {TARGETS.get(word, word) for word in words} & set(HEIGHT)
    for module in sorted(used):
        reach, todo = set(), [module]
        while todo:
            for dep in deps.get(todo.pop(), ()):
                if dep not in reach:
                    reach.add(dep)
                    todo.append(dep)
        for target in sorted((used[module] & set(HEIGHT)) - reach - {module}):
            yield f"{root / module}/CMakeLists.txt: DEPS lacks {target}, which is included"


def selftest():
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for name, text in {
            "base/a.h": '#include "model/b.h"\n',
            "model/b.h": '#include "c.h"\n#include <yaml-cpp/yaml.h>\n',
            "jsonrpc/d.cc": '#include "privacy/e.h"\n#include "base/x_internal.h"\n',
            "nowhere/f.h": "\n",
        }.items():
            (root / name).parent.mkdir(exist_ok=True)
            (root / name).write_text(text)
        found = "\n".join(complaints(root))
    for must in ("may not include model", 'write "<module>/c.h"', "only config may include", "is private to base",
                 "may not include privacy", "has no floor", "DEPS lacks base"):
        if must not in found:
            print(f"floors: the self-test misses: {must}\n{found}")
            return 1
    return 0


def main():
    if selftest():
        return 1
    root = pathlib.Path(__file__).resolve().parent.parent / "src"
    found = list(complaints(root))
    print("\n".join(found) or "floors: ok")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
