#!/usr/bin/env python3
"""Records sessions of real servers behind `sonde wrap`: one file of log lines each, named by what it was meant to be.

    SONDE_BIN=out/bin/sonde tests/data/thrash/record.py

The servers are those of examples/ (server-everything, server-filesystem).  The agent is a script that pauses between
its calls; what is recorded is what the tap wrote, so hashes, templates and progress are the real ones.
"""

import json
import pathlib
import random
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent.parent / "e2e"))

from support import EVERYTHING, FILESYSTEM, SONDE, Home, Session  # noqa: E402

DICE = random.Random(4)


def think():
    time.sleep(DICE.uniform(0.05, 0.4))


def thrash_echo(call, _):
    for _ in range(12):
        call("echo", {"message": "is it done?"})
        think()


def thrash_wrong_arguments(call, _):
    for number in range(9):
        call("get-sum", {"a": f"one{number}", "b": "two"})
        think()


def thrash_two_in_turn(call, _):
    for _ in range(6):
        call("echo", {"message": "left"})
        think()
        call("get-sum", {"a": 1, "b": 2})
        think()


def thrash_missing_files(call, folder):
    for number in range(8):
        call("read_text_file", {"path": f"{folder}/guess{number}.txt"})
        think()


def thrash_edit_that_does_not_fit(call, folder):
    for number in range(8):
        call("edit_file", {"path": f"{folder}/notes.txt", "edits": [{"oldText": f"never there {number}", "newText": ""}]})
        think()
        call("read_text_file", {"path": f"{folder}/notes.txt"})
        think()


def thrash_same_file(call, folder):
    call("list_directory", {"path": folder})
    for _ in range(10):
        call("read_text_file", {"path": f"{folder}/notes.txt"})
        think()


def poll_with_progress(call, _):
    for _ in range(9):
        call("trigger-long-running-operation", {"duration": 0.4, "steps": 2}, {"progressToken": "p"})
        think()


def poll_that_grows(call, folder):
    for number in range(12):
        with open(f"{folder}/job.log", "a") as log:
            log.write(f"step {number}\n")
        call("read_text_file", {"path": f"{folder}/job.log"})
        think()


def work_batch(call, folder):
    for number in range(25):
        call("write_file", {"path": f"{folder}/f{number}.txt", "content": f"text {number}\n"})
    for number in range(25):
        call("read_text_file", {"path": f"{folder}/f{number}.txt"})
        if number % 5 == 0:
            think()


def work_edit_and_check(call, folder):
    call("write_file", {"path": f"{folder}/a.txt", "content": "0\n"})
    for number in range(10):
        call("edit_file", {"path": f"{folder}/a.txt", "edits": [{"oldText": f"{number}\n", "newText": f"{number + 1}\n"}]})
        think()
        call("read_text_file", {"path": f"{folder}/a.txt"})
        call("get_file_info", {"path": f"{folder}/notes.txt"})
        think()


def work_everything(call, _):
    for number in range(8):
        call("echo", {"message": f"step {number}"})
        call("get-sum", {"a": number, "b": number})
        think()


SESSIONS = [(f, EVERYTHING) for f in (thrash_echo, thrash_wrong_arguments, thrash_two_in_turn, poll_with_progress,
                                      work_everything)]
SESSIONS += [(f, FILESYSTEM) for f in (thrash_missing_files, thrash_edit_that_does_not_fit, thrash_same_file,
                                       poll_that_grows, work_batch, work_edit_and_check)]


def record(what, server):
    with tempfile.TemporaryDirectory() as folder:
        home = Home(folder)
        files = pathlib.Path(folder) / "files"
        files.mkdir()
        (files / "notes.txt").write_text("remember the milk\n")
        command = [*server, str(files)] if server is FILESYSTEM else server
        session = Session([SONDE, "wrap", "--name", "recorded", "--instance", "recorded", "--emf-mode", "off", "--",
                           *command], home.environment)
        session.initialize()
        session.request("tools/list")
        what(session.call, str(files))
        session.close()
        name = what.__name__.replace("_", "-")
        (HERE / f"{name}.jsonl").write_text("".join(json.dumps(line, separators=(",", ":")) + "\n"
                                                    for line in home.calls()))
        print(name, len(home.calls()))


if __name__ == "__main__":
    for session, of in SESSIONS:
        record(session, of)
