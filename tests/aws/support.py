"""Templates of generated configurations, by the real program."""

import os
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import configurations  # noqa: E402

SONDE = os.environ.get("SONDE_BIN", "sonde")
COUNT = 200


def sonde(folder, config, *arguments):
    """Runs `sonde aws …` on a configuration; nothing of the machine's own shows through."""
    file = pathlib.Path(folder) / "sonde.yaml"
    file.write_text(config if isinstance(config, str) else configurations.written(config))
    return subprocess.run([SONDE, "aws", *arguments, "--config", str(file)], env={"HOME": str(folder), "PATH": "/bin"},
                          capture_output=True, text=True, timeout=60)


def write_templates(folder, count=COUNT):
    """One file for each configuration; returns their paths."""
    paths = []
    for number, config in enumerate(configurations.configurations(count)):
        made = sonde(folder, config, "template")
        if made.returncode:
            raise AssertionError(f"configuration {number}: {made.stderr}")
        path = pathlib.Path(folder) / f"template-{number:03}.json"
        path.write_text(made.stdout)
        paths.append(path)
    return paths
