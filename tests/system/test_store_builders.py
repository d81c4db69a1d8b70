"""Every builder of the C code makes a call that the library takes."""

import os
import subprocess

import pytest

from redis_server import ROOT

pytest_plugins = ("store_fixtures",)

BUILD = os.environ.get("DRS_BUILD", os.path.join(ROOT, "build"))


@pytest.fixture(scope="module")
def vectors():
    tool = os.path.join(BUILD, "tools", "store_vectors")
    if not os.path.exists(tool):
        subprocess.run(["make", "B=" + BUILD, tool], cwd=ROOT, check=True,
                       stdout=subprocess.DEVNULL)
    data = subprocess.run([tool], stdout=subprocess.PIPE, check=True).stdout
    commands, at = [], 0

    def line():
        nonlocal at
        end = data.index(b"\n", at)
        text, at = data[at:end], end + 1
        return int(text)

    while at < len(data):
        command = []
        for _ in range(line()):
            length = line()
            command.append(data[at:at + length])
            at += length + 1
        commands.append(command)
    return commands


def test_builders_and_library_agree(store, vectors):
    for command in vectors:
        reply = store.r.execute_command(*command)
        assert reply[0] == "OK", (command, reply)


def test_every_function_of_the_machines_has_a_builder(store, vectors):
    built = {c[1].decode() for c in vectors}
    names = {f[1] for lib in store.r.function_list() for f in lib[5]}
    people = {"drs_" + n for n in (
        "plans", "status", "start", "pause", "resume", "cancel", "terminate", "queue",
        "workers", "dead", "requeue", "drain", "reindex", "capacity", "retry", "skip",
        "resolve", "schedules", "runs", "schedule", "outbox", "outbox_retry")}
    assert names - people == built
