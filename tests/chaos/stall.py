"""What a lane looks like when a run does not go on: for the person who has to
find out why.

One folder per run: `store.json` (everything in Redis that belongs to the run
or to the scheduler, times relative to now), `machine.json` (load; processor
and waiting time of every thread of the stack, altogether and within one
second), `aws.json` (jobs and calls of the run's account), and the logs.
"""

import json
import os
import shutil
import time

import redis

from stack import PREFIX

SCHEDULER = ("due", "poke", "lease:", "fence", "drain", "workers", "worker:",
             "cmd", "watch:", "obs:", "job:", "cap:", "rate:", "claim:")
SECOND = 1.0


def dump(lane, work, folder):
    """Write all of it; returns the folder. Nothing in here may raise."""
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    for name, source in (("machine", lambda: machine(lane)),
                         ("store", lambda: store(lane, work)),
                         ("aws", lambda: aws(lane, work))):
        try:
            value = source()
        except Exception as exc:  # pylint: disable=broad-except
            value = {"not known": repr(exc)}
        with open(os.path.join(folder, name + ".json"), "w",
                  encoding="utf-8") as f:
            json.dump(value, f, indent=1)
    shutil.copytree(lane.stack.log_dir, os.path.join(folder, "log"),
                    dirs_exist_ok=True)
    return folder


# -- Redis ---------------------------------------------------------------------


def _value(client, key):
    kind = client.type(key)
    if kind == "hash":
        return client.hgetall(key)
    if kind == "set":
        return sorted(client.smembers(key))
    if kind == "zset":
        return client.zrange(key, 0, -1, withscores=True)
    if kind == "stream":
        return client.xrevrange(key, count=50)
    return client.get(key)


def store(lane, work):
    """Keys of the run and of the scheduler."""
    client = redis.Redis(unix_socket_path=lane.stack.redis_sock,
                         decode_responses=True, socket_timeout=10)
    seconds, micros = client.time()
    now = seconds * 1000 + micros // 1000
    found = {"now": now}
    for key in sorted(client.scan_iter(PREFIX + ":*", count=1000)):
        name = key[len(PREFIX) + 1:]
        if work.execution and work.execution in name \
                or name.startswith(SCHEDULER):
            found[name] = _value(client, key)
    found["due"] = [(task, f"{at - now:+.0f} ms")
                    for task, at in found.get("due") or []]
    try:
        found["pending commands"] = client.xpending_range(
            PREFIX + ":cmd", "workers", "-", "+", 50)
    except redis.ResponseError as exc:
        found["pending commands"] = str(exc)
    return found


# -- processes -----------------------------------------------------------------


def _times(pid):
    """{thread: (name, state, ms on a processor, ms waiting for one)}."""
    times = {}
    for tid in os.listdir(f"/proc/{pid}/task"):
        base = f"/proc/{pid}/task/{tid}/"
        try:
            with open(base + "stat", encoding="utf-8") as f:
                left, _, right = f.read().rpartition(")")
            with open(base + "schedstat", encoding="utf-8") as f:
                ran, waited, _ = f.read().split()
        except (OSError, ValueError):
            continue
        times[tid] = (left.partition("(")[2], right.split()[0],
                      int(ran) // 10**6, int(waited) // 10**6)
    return times


def _process(before, after):
    """Threads of one process, altogether and within the second."""
    zero = (None, None, 0, 0)
    return [{"thread": name, "state": state, "ran ms": ran,
             "waited ms": waited,
             "ran in 1 s": ran - before.get(tid, zero)[2],
             "waited in 1 s": waited - before.get(tid, zero)[3]}
            for tid, (name, state, ran, waited) in sorted(after.items())]


def machine(lane):
    """Who runs and who waits for a processor."""
    pids = {name: pid for name, pid in lane.stack.status() if pid}
    pids["harness"] = os.getpid()
    before = {name: _times(pid) for name, pid in pids.items()}
    time.sleep(SECOND)
    with open("/proc/loadavg", encoding="utf-8") as f:
        load = f.read().split()
    return {"load": load[:4], "nice": os.nice(0), "processes": {
        name: _process(before[name], _times(pid))
        for name, pid in pids.items()}, "proxies": {
            name: proxy.state() for name, proxy in (
                ("redis", lane.redis), ("aws", lane.aws))}}


# -- AWS -----------------------------------------------------------------------


def aws(lane, work):
    """Jobs of the account and its last calls."""
    where = f"?account={work.world.account}"
    return {"jobs": lane.stack.sim("GET", "/_sim/jobs" + where)["jobs"],
            "calls": lane.stack.sim("GET", "/_sim/calls" + where)[
                "calls"][-200:]}
