"""Indexes of executions, the last execution of each plan, and pages of them."""

import json
import random

import pytest

from store_calls import ACCOUNT, ACTOR

pytest_plugins = ("store_fixtures",)

NAMES = ("Plan One", "plan two", "Große Insel", "a.b*c", "ABC", "Deadbeef")
DERIVED = ("exec:status:", "exec:plan:", "exec:acct:", "exec:type:", "exec:by:",
           "exec:source:", "exec:name", "plan:last", "plan:status:")


def create(store, ident, plan="p1", name="Plan One", kind="DRILL", by="alice",
           source="UI", accounts=ACCOUNT, waves=1):
    """An execution with all that its indexes tell."""
    args = ["drs_exec_create", ident, "c-" + ident, plan, name, kind, "{}", "{}",
            accounts, waves]
    for i in range(waves):
        args += ["PENDING", '{"waveNumber":%d}' % i]
    return store.call(*args, 0, 0, "-", "-", 0, name.casefold(), by, source)


def cancel(store, ident):
    store.call("drs_exec_command", ident, "cancel", "-", ACTOR, "", "-", "-")


def headers(store):
    """Every execution's header."""
    out = {}
    for ident in store.r.zrange(store.key("exec:start"), 0, -1):
        out[ident] = store.r.hgetall(store.key("exec:" + ident))
    return out


def expected(store):
    """The derived keys as the headers say that they must be."""
    want = {}

    def put(key, member, value):
        want.setdefault(store.key(key), {})[member] = value

    last = {}
    for ident, f in headers(store).items():
        at = float(f["startedAt"])
        for key in (["status:" + f["status"], "plan:" + f["planId"],
                     "type:" + f["type"], "name:" + f["nameKey"]]
                    + ["acct:" + a for a in f["accounts"].split()]
                    + (["by:" + f["initiatedBy"]] if f["initiatedBy"] else [])
                    + (["source:" + f["source"].upper()] if f["source"] else [])):
            put("exec:" + key, ident, at)
        last[f["planId"]] = max(last.get(f["planId"], (0, "")), (at, ident))
        key = store.key("exec:names")
        count = int(want.setdefault(key, {}).get(f["nameKey"], "0"))
        put("exec:names", f["nameKey"], str(count + 1))
    for plan, (_, ident) in last.items():
        f = store.r.hgetall(store.key("exec:" + ident))
        put("plan:last", plan, " ".join((ident, f["status"], f["startedAt"],
                                         f.get("endedAt", "0"))))
        put("plan:status:" + f["status"], plan, True)
    return want


def derived(store):
    """The derived keys as they are."""
    out = {}
    for key, value in store.dump().items():
        short = key.split(":", 1)[1]
        if short.startswith(DERIVED):
            kind = store.r.type(key)
            out[key] = (dict(value) if kind == "zset" else
                        {m: True for m in value} if kind == "set" else value)
    return out


def check_packs(store):
    """Every id stands where its header says, and nothing else does."""
    left = {k: store.r.get(k) for k in store.r.keys(store.key("exec:pack:*"))}
    for ident, f in headers(store).items():
        if len(ident) == 36:
            n, at = map(int, f["pack"].split(":"))
            key = store.key(f"exec:pack:{n}")
            assert left[key][at:at + 37] == ident + " "
            left[key] = left[key][:at] + " " * 37 + left[key][at + 37:]
    assert all(text.isspace() for text in left.values())


def fill(store, rng, n=40):
    """Executions of all kinds, some ended, some deleted."""
    alive = []
    for i in range(n):
        ident = "%08x-0000-4000-8000-%012x" % (rng.getrandbits(32), i)
        k = rng.randrange(len(NAMES))
        try:
            create(store, ident, plan=f"p{k}", name=NAMES[k],
                   kind=rng.choice(("DRILL", "RECOVERY")),
                   by=rng.choice(("alice", "bob:x y", "")),
                   source=rng.choice(("UI", "CLI", "api", "")),
                   accounts=rng.choice((ACCOUNT, "999988887777",
                                        ACCOUNT + " 999988887777")))
        except AssertionError as e:
            assert e.code == "PLAN_ALREADY_EXECUTING"
            continue
        alive.append(ident)
        if rng.random() < 0.8:
            cancel(store, ident)
            if rng.random() < 0.2:
                store.call("drs_exec_delete", ident, "-", "-")
                alive.remove(ident)
        store.advance(rng.choice((0, 0, 1, 5)))
    return alive


@pytest.mark.parametrize("seed", range(3))
def test_indexes_say_what_the_headers_say(store, seed):
    rng = random.Random(seed)
    alive = fill(store, rng)
    assert sorted(headers(store)) == sorted(alive)
    assert derived(store) == expected(store)
    check_packs(store)

    for ident in alive:
        if headers(store)[ident]["status"] == "PENDING":
            cancel(store, ident)
    rng.shuffle(alive)
    for ident in alive:
        store.call("drs_exec_delete", ident, "-", "-")
    assert derived(store) == {}
    assert not store.r.keys(store.key("exec:pack:*"))


def test_steps_of_the_engine_move_the_plans_last_execution(store):
    create(store, "e1")
    cancel(store, "e1")
    store.advance(5)
    create(store, "e2", waves=2)
    lease = store.lease("exec:e2")
    lease.commit("claim", "RUNNING")
    assert store.r.smembers(store.key("plan:status:RUNNING")) == {"p1"}
    assert derived(store) == expected(store)
    cancel(store, "e2")
    lease.commit(ops=[("final", "12345")])
    assert store.r.hget(store.key("plan:last"), "p1").endswith(" 12345")
    assert derived(store) == expected(store)
    store.call("drs_exec_delete", "e2", "-", "-")
    assert store.r.hget(store.key("plan:last"), "p1").split()[:2] == ["e1", "CANCELLED"]


def test_fields_of_the_indexes_belong_to_the_library(store):
    create(store, "e1")
    lease = store.lease("exec:e1")
    for field in ("nameKey", "initiatedBy", "source", "pack"):
        reply = store.raw(*lease.commit_args(ops=[("h", field, "x")]))
        assert reply[0] == "BAD_CALL"


def test_without_the_fields_the_documents_are_looked_at(store):
    store.call(*store.create_args())
    assert store.r.hget(store.key("exec:names"), "plan one") == "1"
    doc = json.dumps({"request": {"initiatedBy": "eve", "invocationSource": "cli"}})
    args = list(store.create_args(ident="e2", plan="p2", command="c2"))
    args[6] = doc
    store.call(*args)
    assert store.r.zrange(store.key("exec:by:eve"), 0, -1) == ["e2"]
    assert store.r.zrange(store.key("exec:source:CLI"), 0, -1) == ["e2"]


def reindex(store, n):
    at = "0"
    while at != "-":
        at = store.call("drs_reindex", at, n)[0]


def test_reindex_makes_all_indexes_anew(store):
    fill(store, random.Random(7), 60)
    before = derived(store)
    assert before == expected(store)
    for key in before:
        store.r.delete(key)
    for key in store.r.keys(store.key("exec:pack:*")):
        store.r.delete(key)
    reindex(store, 7)
    assert derived(store) == before
    check_packs(store)
    reindex(store, 1000)
    assert derived(store) == before
    check_packs(store)


def test_reindex_reads_executions_of_before(store):
    doc = json.dumps({"request": {"initiatedBy": "eve"}})
    args = list(store.create_args())
    args[6] = doc
    store.call(*args)
    before = derived(store)
    for key in before:
        if not key.endswith("exec:plan:p1"):
            store.r.delete(key)
    store.r.hdel(store.key("exec:e1"), "nameKey", "initiatedBy", "source")
    store.r.zadd(store.key("exec:start"), {"gone": 1})
    store.r.zadd(store.key("exec:status:RUNNING"), {"e1": 1})
    reindex(store, 1)
    assert derived(store) == before
    assert store.r.zrange(store.key("exec:start"), 0, -1) == ["e1"]


# -- pages ---------------------------------------------------------------------

def pages(store, limit, groups=(), after="-", hi="+inf"):
    """All pages; ids in order."""
    found, member = [], "-"
    for _ in range(1000):
        flat = [x for g in groups for x in g]
        reply = store.call("drs_exec_page", hi, member, after, limit, len(groups), *flat)
        hi, member, rows = reply[0], reply[1], reply[2:]
        assert len(rows) <= 2 * limit
        found += list(zip(rows[::2], map(int, rows[1::2])))
        if member == "-":
            return found
    raise AssertionError("the pages have no end")


def wanted(store, test, after=0, before=1 << 60):
    rows = [(i, int(f["startedAt"])) for i, f in headers(store).items()
            if test(i, f) and after < int(f["startedAt"]) <= before]
    return sorted(rows, key=lambda r: (r[1], r[0]), reverse=True)


def any_of(*keys):
    return ("any", len(keys), *keys)


@pytest.mark.parametrize("seed", range(3))
def test_pages_are_what_a_look_at_every_execution_finds(store, seed):
    rng = random.Random(seed)
    fill(store, rng, 120)
    one = rng.choice(sorted(headers(store)))
    cases = [
        ((), lambda i, f: True),
        ((any_of("plan:p1"),), lambda i, f: f["planId"] == "p1"),
        ((any_of("status:CANCELLED", "status:PENDING"), any_of("type:DRILL")),
         lambda i, f: f["type"] == "DRILL"),
        ((any_of("acct:999988887777"), any_of("by:bob:x y")),
         lambda i, f: "9999" in f["accounts"] and f["initiatedBy"] == "bob:x y"),
        ((any_of("source:API"),), lambda i, f: f["source"] == "api"),
        ((any_of("status:RUNNING"), any_of("type:DRILL")), lambda i, f: False),
        ((("q", "plan"),), lambda i, f: "plan" in f["nameKey"]),
        ((("q", "grosse"),), lambda i, f: "grosse" in f["nameKey"]),
        ((("q", ".b*"),), lambda i, f: ".b*" in f["nameKey"]),
        ((("q", "a"),), lambda i, f: "a" in f["nameKey"] or "a" in i),
        ((("q", "dea"),), lambda i, f: "dea" in f["nameKey"] or "dea" in i),
        ((("q", one[:5]),), lambda i, f: one[:5] in i),
        ((("q", one),), lambda i, f: i == one),
        ((("q", "b"), any_of("type:RECOVERY")),
         lambda i, f: f["type"] == "RECOVERY" and ("b" in f["nameKey"] or "b" in i)),
    ]
    for groups, test in cases:
        for limit in (1, 3, 50):
            assert pages(store, limit, groups) == wanted(store, test), (groups, limit)
    rows = wanted(store, lambda i, f: True)
    after, before = rows[len(rows) * 2 // 3][1], rows[len(rows) // 3][1]
    for groups, test in cases:
        assert pages(store, 4, groups, str(after), str(before)) == wanted(
            store, test, after, before), groups


def test_names_beyond_number_are_merged(store):
    for i in range(260):
        create(store, f"e{i:03}", plan=f"p{i}", name=f"name {i}" if i % 5 else f"rare {i}")
        store.advance(i % 3)
    got = pages(store, 50, (("q", "rare"),))
    assert got == wanted(store, lambda i, f: "rare" in f["nameKey"]) and len(got) == 52
    assert pages(store, 50, (("q", "e "),)) == wanted(store, lambda i, f: True)


def test_many_packs_of_ids(store):
    ids = ["%08x-0000-4000-8000-%012x" % (i * 7919, i) for i in range(2100)]
    pipe = store.r.pipeline()
    for i, ident in enumerate(ids):
        pipe.fcall("drs_exec_create", 1, "{drs}", ident, "c", f"p{i}", "N", "DRILL", "{}", "{}",
                   ACCOUNT, 1, "PENDING", "{}", 0, 0, "-", "-", 0, "n", "", "")
    assert all(reply[0] == "OK" for reply in pipe.execute())
    assert len(store.r.keys(store.key("exec:pack:*"))) == 3
    check_packs(store)
    for text in (ids[5][:8], ids[1003][3:11], ids[2099][24:], "-8000-0000000003", ids[1000]):
        got = pages(store, 50, (("q", text),))
        assert got == wanted(store, lambda i, f: text in i) and got, text
    for ident in ids[:1000]:
        pipe.fcall("drs_exec_command", 1, "{drs}", ident, "cancel", "-", ACTOR, "", "-", "-")
        pipe.fcall("drs_exec_delete", 1, "{drs}", ident, "-", "-")
    assert all(reply[0] == "OK" for reply in pipe.execute())
    assert len(store.r.keys(store.key("exec:pack:*"))) == 2
    assert pages(store, 50, (("q", ids[5][:8]),)) == []
    check_packs(store)


def test_pages_refuse_what_they_do_not_know(store):
    for bad in (("x", "-", "-", 5, 0), ("+inf", "-", "x", 5, 0), ("+inf", "-", "-", 0, 0),
                ("+inf", "-", "-", 1001, 0), ("+inf", "-", "-", 5, 1),
                ("+inf", "-", "-", 5, 1, "any", 0), ("+inf", "-", "-", 5, 1, "q", ""),
                ("+inf", "-", "-", 5, 0, "q"), ("+inf",)):
        assert store.raw("drs_exec_page", *bad)[0] == "BAD_CALL", bad
