"""Carries a Containerfile out in folders: no engine, no layers, no registry.

Each stage is a folder; RUN is chroot, COPY is cp with the context's .dockerignore, and what describes the image
(USER, ENV, ENTRYPOINT, …) is kept for whoever starts it.  An instruction or option that is not known here is an
error, so nothing is passed over in silence.
"""

import json
import pathlib
import re
import shlex
import shutil
import subprocess


class Stage:
    def __init__(self, folder):
        self.folder = folder
        self.directory = "/"
        self.env = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}
        self.user = "0:0"
        self.entrypoint = self.command = self.health = None
        self.exposed = []
        self.volumes = []

    def path(self, inside):
        return self.folder / str(pathlib.PurePosixPath(self.directory, inside)).lstrip("/")


def instructions(text):
    """(instruction, rest) of each; lines that end in a backslash go on."""
    text = re.sub(r"\\\n", " ", "\n".join(x for x in text.splitlines() if not x.startswith("#")))
    for line in text.splitlines():
        if line.strip():
            word, rest = line.split(None, 1)
            yield word, rest.strip()


class Build:
    """`base(name, folder)` fills a folder with an image that FROM names; `run(stage, command)` is RUN."""

    def __init__(self, file, context, folder, base, run):
        self.context, self.folder, self.base, self.run = context, folder, base, run
        self.stages = {}
        self.stage = None
        for word, rest in instructions(file.read_text()):
            getattr(self, "do_" + word.lower())(rest)

    def do_from(self, rest):
        name, _, alias = rest.partition(" AS ")
        self.stage = Stage(self.folder / (alias or "image"))
        self.stages[alias] = self.stage
        shutil.rmtree(self.stage.folder, ignore_errors=True)
        self.base(name, self.stage.folder)

    def do_copy(self, rest):
        options, words = {}, rest.split()
        while words[0].startswith("--"):
            key, _, options[key] = words.pop(0).partition("=")
        assert options.keys() <= {"--from", "--chown"} and len(words) == 2, rest
        source, place = words
        target = self.stage.path(place)
        new = not target.exists()
        target.mkdir(parents=True, exist_ok=True)
        start = self.stages[options["--from"]].path(source) if "--from" in options else self.context / source
        ignored = [] if "--from" in options else self.ignored()
        pack = ["tar", "-C", str(start), *ignored, "--owner=0", "--group=0", "-cf", "-", "."]
        unpack = ["tar", "-C", str(target), "--no-overwrite-dir", "-xpf", "-"]
        with subprocess.Popen(pack, stdout=subprocess.PIPE) as packing:
            subprocess.run(unpack, stdin=packing.stdout, check=True)
        assert packing.returncode == 0, rest
        if new or "--chown" in options:
            subprocess.run(["chown", "-R", options.get("--chown", "0:0"), target], check=True)

    def ignored(self):
        lines = (self.context / ".dockerignore").read_text().split()
        return ["--exclude=" + (x[3:] if x.startswith("**/") else "./" + x) for x in lines]

    def do_workdir(self, rest):
        self.stage.directory = rest
        self.stage.path(".").mkdir(parents=True, exist_ok=True)

    def do_run(self, rest):
        self.run(self.stage, rest)

    def do_env(self, rest):
        self.stage.env.update(x.split("=", 1) for x in shlex.split(rest))

    def do_user(self, rest):
        self.stage.user = rest

    def do_volume(self, rest):
        assert self.stage.path(rest).is_dir(), rest
        self.stage.volumes.append(rest)

    def do_expose(self, rest):
        self.stage.exposed.append(int(rest))

    def do_entrypoint(self, rest):
        self.stage.entrypoint = json.loads(rest)

    def do_cmd(self, rest):
        self.stage.command = json.loads(rest)

    def do_healthcheck(self, rest):
        options, _, command = rest.partition("CMD ")
        assert all(re.fullmatch(r"--(interval|timeout|start-period)=\d+s", x) for x in options.split()), rest
        self.stage.health = json.loads(command)
