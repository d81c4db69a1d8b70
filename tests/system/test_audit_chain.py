"""Sealing, verification, export, retention and the copy (Redis and workers)."""

import json
import os
import random
import signal
import threading
import uuid

import pytest

from audit_check import ZERO, chain, check_chain
from redis_server import RedisServer
from worker_process import Worker, fcall, key, wait_for


@pytest.fixture(name="server")
def fixture_server():
    with RedisServer() as server:
        server.load_library()
        yield server


@pytest.fixture(name="client")
def fixture_client(server):
    client = server.client()
    yield client
    client.close()


@pytest.fixture(name="workers")
def fixture_workers(server, tmp_path):
    """Starts workers; all ended afterwards."""
    made = []

    def make(name="w1", **options):
        options.setdefault("time_scale", 20)
        worker = Worker(tmp_path, server, name=name, **options)
        made.append(worker)
        worker.start()
        return worker

    yield make
    for worker in made:
        worker.close()


def add(client, **entry):
    """One raw entry, as the functions of the library write them."""
    raw = {"action": "test.write", "resourceType": "test", "resourceId": "x",
           "outcome": "succeeded",
           "actor": {"type": "user", "userId": "u1", "email": "U1@example.org", "roles": []}}
    raw.update(entry)
    return client.xadd(key("audit:in"), {"a": json.dumps(raw)})


def sealed(client, count):
    """Wait until that many entries are in the chain; the chain."""
    wait_for(lambda: client.xlen(key("audit")) >= count and not client.xlen(key("audit:in")),
             f"{count} sealed entries")
    return chain(client)


def verify(worker, *args):
    """Exit code and output of `audit verify`."""
    code, out = worker.run("audit", "verify", *args)[:2]
    return code, out


def rebuild(client, entries):
    """What somebody with write access to Redis could do to the stream."""
    rows = client.xrange(key("audit"))
    client.delete(key("audit"))
    for (ident, fields), entry in zip(rows, entries):
        client.xadd(key("audit"), {**fields, "e": json.dumps(entry)}, id=ident)


def test_entries_are_sealed_in_order(client, workers):
    worker = workers()
    raw = [add(client, resourceId=f"r{i}") for i in range(450)]
    client.xadd(key("audit:in"), {"a": "no JSON \x01"})
    entries = sealed(client, 451)
    last = check_chain(entries)
    assert [e["resourceId"] for e in entries] == [f"r{i}" for i in range(450)] + [
        entries[-1]["resourceId"]]
    assert [e["id"].split("-")[0] for e in entries[:450]] == [r.split("-")[0] for r in raw]
    assert entries[-1]["action"] == "audit.unreadable"
    head = client.hgetall(key("audit:head"))
    assert head["seq"] == "451" and head["hash"] == last and head["id"] == entries[-1]["id"]
    code, out = verify(worker)
    assert code == 0 and "451 entries" in out and last in out
    assert verify(worker, "--anchor", entries[7]["hash"])[0] == 0
    assert verify(worker, "--anchor", "ab" * 32)[0] == 3


def test_secrets_do_not_reach_the_chain(client, workers):
    workers()
    secret = "Xx-very-secret-Xx"
    add(client, before={"password": secret, "n": 1, "same": 2},
        after={"password": secret + "2", "n": 2, "same": 2, "list": [{"apiKey": secret}]},
        userAgent="x eyJhbGciOiJ.eyJzdWIiOiIx.c2ln y")
    entry, = sealed(client, 1)
    assert secret not in json.dumps(entry)
    assert entry["before"] == {"password": "[redacted]", "n": 1}
    assert entry["after"] == {"password": "[redacted]", "n": 2,
                              "list": [{"apiKey": "[redacted]"}]}
    assert entry["userAgent"] == "x [redacted] y"


def test_kill_while_sealing_loses_and_doubles_nothing(client, workers):
    """kill -9 at any moment: every raw entry is in the chain exactly once."""
    total, names, done = 4000, [], threading.Event()

    def write():
        own = client
        for i in range(total):
            add(own, resourceId=f"k{i}")
            names.append(f"k{i}")
        done.set()

    writer = threading.Thread(target=write)
    writer.start()
    rnd = random.Random(7)
    kills = 0
    while not done.is_set() or kills < 6:
        worker = workers(name=f"k{kills}")
        before = client.xlen(key("audit"))
        wait_for(lambda b=before: client.xlen(key("audit")) > b or done.is_set(), "progress")
        for _ in range(rnd.randrange(50)):
            client.ping()
        worker.proc.send_signal(signal.SIGKILL)
        worker.proc.wait(30)
        kills += 1
        assert kills < 200
        if done.is_set() and kills >= 6:
            break
        if done.is_set():
            add(client, resourceId=f"more{kills}")
            names.append(f"more{kills}")
    writer.join()
    worker = workers(name="last")
    entries = sealed(client, len(names))
    check_chain(entries)
    assert [e["resourceId"] for e in entries] == names
    assert verify(worker)[0] == 0


def test_two_workers_and_a_late_one(client, workers):
    first, second = workers("a"), workers("b")
    for i in range(500):
        add(client, resourceId=f"t{i}")
    entries = sealed(client, 500)
    check_chain(entries)
    assert [e["resourceId"] for e in entries] == [f"t{i}" for i in range(500)]

    # what a worker that lost its lease without knowing would send
    stale = entries[10]
    answer = fcall(client, "drs_audit_seal", "10", entries[9]["hash"], "1", "1-1",
                   "99999999999999-11", stale["hash"], "{}", "u", "-", "a", "t", "r",
                   "succeeded", "c")
    assert answer[0] == "AUDIT_HEAD_MOVED", answer
    assert client.xlen(key("audit")) == 500
    assert verify(first)[0] == 0 and verify(second)[0] == 0


@pytest.fixture(name="trail")
def fixture_trail(client, workers):
    """A worker that has ended, and 20 sealed entries."""
    worker = workers()
    for i in range(20):
        add(client, resourceId=f"e{i}")
    entries = sealed(client, 20)
    worker.stop()
    return worker, entries


def test_changed_entry_is_named(client, trail):
    worker, entries = trail
    entries[6]["actor"]["userId"] = "somebody else"
    rebuild(client, entries)
    code, out = verify(worker)
    assert code == 3
    assert f"changed: entry {entries[6]['id']}" in out and out.count("\n") == 2, out


def test_removed_entries_are_named(client, trail):
    worker, entries = trail
    client.xdel(key("audit"), *[e["id"] for e in entries[4:7]])
    client.xdel(key("audit"), entries[12]["id"])
    code, out = verify(worker)
    assert code == 3
    assert "removed: entries number 5 to 7" in out and "removed: entry number 13" in out


def test_removed_end_and_start_are_named(client, trail):
    worker, entries = trail
    client.xdel(key("audit"), entries[19]["id"])
    code, out = verify(worker)
    assert code == 3 and "removed: entry number 20" in out
    client.xdel(key("audit"), entries[0]["id"])
    code, out = verify(worker)
    assert code == 3 and "removed: entry number 1 is" in out


def test_reordered_entries_are_named(client, trail):
    worker, entries = trail
    a, b = entries[8], entries[9]
    entries[8], entries[9] = b, a
    rebuild(client, entries)
    code, out = verify(worker)
    assert code == 3 and f"reordered: entry {a['id']}" in out, out


def test_added_entry_is_named(client, trail):
    worker, entries = trail
    fake = {**entries[-1], "id": entries[-1]["id"].split("-")[0] + "-21",
            "prevHash": entries[-1]["hash"]}
    client.xadd(key("audit"), {"e": json.dumps(fake)}, id=fake["id"])
    code, out = verify(worker)
    assert code == 3 and f"changed: entry {fake['id']}" in out and "end:" in out, out


def test_exported_file(client, trail, tmp_path):
    worker, entries = trail
    path = str(tmp_path / "trail.jsonl")
    assert worker.run("audit", "export", "--output", path)[0] == 0
    assert worker.run("audit", "export", "--output", path)[0] == 1      # never overwritten
    with open(path, encoding="utf-8") as f:
        lines = f.read().splitlines()
    assert [json.loads(x) for x in lines[1:-1]] == entries
    assert json.loads(lines[0])["checkpoint"]["seq"] == 0
    assert json.loads(lines[-1])["head"]["hash"] == entries[-1]["hash"]
    raw = json.loads(client.xrange(key("audit:in"))[-1][1]["a"])
    assert raw["action"] == "audit.export" and raw["actor"]["type"] == "operator"
    code, out = verify(worker, "--file", path)
    assert code == 0 and "20 entries" in out

    def damaged(change):
        rows = list(lines)
        change(rows)
        other = str(tmp_path / (uuid.uuid4().hex + ".jsonl"))
        with open(other, "w", encoding="utf-8") as out_file:
            out_file.write("\n".join(rows) + "\n")
        return verify(worker, "--file", other)

    def swap(rows):
        rows[3], rows[4] = rows[4], rows[3]

    def change(rows):
        rows[5] = rows[5].replace('"succeeded"', '"denied"')

    def cut(rows):
        del rows[-4:-1]

    code, out = damaged(lambda rows: rows.pop(9))
    assert code == 3 and "removed: entry number 9" in out
    code, out = damaged(swap)
    assert code == 3 and f"reordered: entry {entries[2]['id']}" in out
    code, out = damaged(change)
    assert code == 3 and f"changed: entry {entries[4]['id']}" in out
    code, out = damaged(cut)
    assert code == 3 and "removed: entries number 18 to 20" in out
    code, out = damaged(lambda rows: rows.insert(4, "{}"))
    assert code == 3 and "unreadable" in out
    assert verify(worker, "--file", str(tmp_path / "none"))[0] == 1
    assert worker.run("audit", "prove")[0] == 2
    assert worker.run("audit", "verify", "--output", "x")[0] == 2


def test_retention_is_signed_off(client, workers):
    """Old entries leave; the rest still proves itself, and only with its sign-off."""
    for i in range(6):
        client.xadd(key("audit:in"), {"a": json.dumps({"action": "old", "resourceId": f"o{i}"})},
                    id=f"{1000 + i}-1")
    worker = workers()
    wait_for(lambda: client.hget(key("audit:cut"), "seq") == "5", "old entries are removed")
    for i in range(3):
        add(client, resourceId=f"n{i}")
    entries = sealed(client, 5)     # number 6, the sign-off, three new ones
    cut = client.hgetall(key("audit:cut"))
    check_chain(entries, cut["hash"], 5)
    trim, = [e for e in entries if e["action"] == "audit.trim"]
    assert trim["after"]["throughHash"] == cut["hash"] and trim["after"]["removed"] == 5
    assert client.zrange(key("audit:by:action:old"), 0, -1) == [entries[0]["id"]]
    code, out = verify(worker)
    assert code == 0 and "number 6 to 10" in out, out
    worker.stop()

    # nobody removes young ones, not even by hand
    assert fcall(client, "drs_audit_trim", str(int(entries[-1]["id"].split("-")[0]) + 1),
                 "10")[0] == "AUDIT_TOO_YOUNG"

    # cutting off more than was signed off
    client.xdel(key("audit"), entries[0]["id"])
    assert verify(worker)[0] == 3
    client.hset(key("audit:cut"), mapping={"seq": "6", "id": entries[0]["id"],
                                           "hash": entries[0]["hash"]})
    code, out = verify(worker)
    assert code == 3 and "no entry of the chain signs that off" in out, out


def test_retention_cannot_be_short(server, tmp_path):
    worker = Worker(tmp_path, server, audit_keep="399d")
    assert worker.run("--check")[0] == 2


def test_copy_in_a_file(client, workers, tmp_path):
    """Whole after a crash in the middle of a line."""
    path = str(tmp_path / "copy.jsonl")
    worker = workers(audit_file=path)
    for i in range(700):
        add(client, resourceId=f"c{i}")
    sealed(client, 700)
    wait_for(lambda: open(path, encoding="utf-8").read().count("\n") == 700, "the copy")
    worker.proc.send_signal(signal.SIGKILL)
    worker.proc.wait(30)
    with open(path, "a", encoding="utf-8") as f:
        f.write('{"id":"1-1","cut')
    for i in range(5):
        add(client, resourceId=f"d{i}")
    worker = workers("w2", audit_file=path)
    sealed(client, 705)
    wait_for(lambda: open(path, encoding="utf-8").read().count("\n") == 705, "the copy")
    with open(path, encoding="utf-8") as f:
        assert check_chain([json.loads(x) for x in f]) == client.hget(key("audit:head"), "hash")
    assert os.stat(path).st_mode & 0o007 == 0
    assert verify(worker, "--file", path)[0] == 0


def find(client, limit=5, before="-", start="-", end="-", **filters):
    """(next, resource ids) of drs_audit_find."""
    args = [x for pair in filters.items() for x in pair]
    answer = fcall(client, "drs_audit_find", start, end, before, limit, len(filters), *args)
    assert answer[0] == "OK", answer
    return answer[1], [json.loads(x)["resourceId"] for x in answer[2:]]


def test_find_walks_and_filters(client, workers):
    """Every filter against a plain look at all entries, page by page."""
    workers()
    rnd = random.Random(3)
    for i in range(900):
        add(client, resourceId=f"f{i}", action=rnd.choice("abc"),
            resourceType=rnd.choice("st"), correlationId=f"c{i // 3}",
            outcome=rnd.choice(("succeeded", "denied", "failed", "allowed")),
            actor={"type": "user", "userId": f"u{i % 7}", "email": f"M{i % 5}@x", "roles": []})
    entries = sealed(client, 900)[::-1]
    ms = [int(e["id"].split("-")[0]) for e in entries]
    lo, hi = sorted(rnd.sample(ms, 2))
    cases = [({}, lambda e: True),
             ({"action": "a"}, lambda e: e["action"] == "a"),
             ({"actor": "m3@X"}, lambda e: e["actor"]["email"] == "M3@x"),
             ({"actor": "u5", "outcome": "denied"},
              lambda e: e["actor"]["userId"] == "u5" and e["outcome"] == "denied"),
             ({"outcome": "succeeded", "type": "s"},
              lambda e: e["outcome"] == "succeeded" and e["resourceType"] == "s"),
             ({"correlation": "c77"}, lambda e: e["correlationId"] == "c77"),
             ({"resource": "f13"}, lambda e: e["resourceId"] == "f13"),
             ({"action": "none"}, lambda e: False)]
    for filters, fits in cases:
        for start, end in (("-", "-"), (lo, hi), (hi, "-"), ("-", lo)):
            want = [e["resourceId"] for e, t in zip(entries, ms) if fits(e)
                    and (start == "-" or t >= start) and (end == "-" or t <= end)]
            got, before = [], "-"
            while True:
                before, page = find(client, 37, before, start, end, **filters)
                assert len(page) <= 37
                got += page
                if before == "-":
                    break
            assert got == want, (filters, start, end)


def test_sampling(client):
    """Of 1,200 refusals of an address four are kept, of another one its own."""
    for _ in range(1200):
        fcall(client, "drs_audit_sample", "192.0.2.1", "60000", '{"action":"x"}')
    fcall(client, "drs_audit_sample", "2001:db8::1", "60000", '{"action":"x"}')
    kept = [json.loads(f["a"])["after"]["attempts"] for _, f in client.xrange(key("audit:in"))]
    assert kept == [1, 10, 100, 1000, 1]
    assert 0 < client.pttl(key("audit:seen:192.0.2.1")) <= 60000


def test_empty_store(server, tmp_path):
    worker = Worker(tmp_path, server)
    code, out = verify(worker)
    assert code == 0 and "0 entries" in out
    assert worker.run("audit", "export")[0] == 0
    server.stop()
    assert verify(worker)[0] == 1
    server.start()
    assert ZERO.strip("0") == ""
