"""Documents, settings, idempotency and versions of the store."""

import json

import pytest
import redis

pytest_plugins = ("store_fixtures",)


def put(store, *args, **kw):
    return store.call(*store.doc(*args, **kw))


def test_create_update_delete(store):
    assert put(store, "pg", "g1", new="alpha", doc='{"v":1}') == ["1"]
    assert store.r.get("{drs}:pg:g1") == '{"v":1}'
    assert store.r.hget("{drs}:pg:ver", "g1") == "1"
    assert store.r.hget("{drs}:pg:name", "alpha") == "g1"
    assert put(store, "pg", "g1", "update", "1", "alpha", "beta", '{"v":2}') == ["2"]
    assert store.r.hgetall("{drs}:pg:name") == {"beta": "g1"}
    assert store.r.zrange("{drs}:pg:ids", 0, -1) == ["beta\0g1"]
    assert put(store, "pg", "g1", "delete", "2", "beta") == ["0"]
    assert store.r.keys("*") == []


@pytest.mark.parametrize("kind,taken,missing", [
    ("pg", "PG_NAME_EXISTS", "PROTECTION_GROUP_NOT_FOUND"),
    ("plan", "RP_NAME_EXISTS", "RECOVERY_PLAN_NOT_FOUND"),
    ("acct", "ACCOUNT_EXISTS", "TARGET_ACCOUNT_NOT_FOUND"),
])
def test_refusals_by_kind(store, kind, taken, missing):
    put(store, kind, "a", new="one")
    put(store, kind, "b", new="two")
    assert store.unchanged(*store.doc(kind, "c", new="one")).code == taken
    refusal = store.unchanged(*store.doc(kind, "b", "update", "1", "two", "one"))
    assert refusal.code == taken and refusal["existingId"] == "a"
    assert store.unchanged(*store.doc(kind, "x", "update", "1")).code == missing
    assert store.unchanged(*store.doc(kind, "x", "delete")).code == missing
    assert store.unchanged(*store.doc(kind, "a", new="other")).code == "ALREADY_EXISTS"


def test_version_conflict_names_the_current_one(store):
    put(store, "plan", "p", new="n")
    put(store, "plan", "p", "update", "1", "n", "n")
    refusal = store.unchanged(*store.doc("plan", "p", "update", "1", "n", "n"))
    assert (refusal.code, refusal["currentVersion"]) == ("VERSION_CONFLICT", "2")
    assert put(store, "plan", "p", "update", "-", "n", "n") == ["3"]


def test_uniq_refuses_a_foreign_owner_and_writes_nothing(store):
    servers = "pg:server:1:r"
    put(store, "pg", "g1", new="a", ops=[("uniq", servers, "s-1", "SERVER_CONFLICT")])
    assert store.r.hget("{drs}:" + servers, "s-1") == "g1"
    refusal = store.unchanged(*store.doc("pg", "g2", new="b", ops=[
        ("uniq", servers, "s-2", "SERVER_CONFLICT"), ("uniq", servers, "s-1", "SERVER_CONFLICT")]))
    assert refusal.code == "SERVER_CONFLICT"
    assert (refusal["field"], refusal["owner"]) == ("s-1", "g1")
    put(store, "pg", "g1", "update", "1", "a", "a", ops=[("ununiq", servers, "s-1", "")])
    put(store, "pg", "g2", new="b", ops=[("uniq", servers, "s-1", "SERVER_CONFLICT")])
    put(store, "pg", "g1", "update", "2", "a", "a", ops=[("ununiq", servers, "s-1", "")])
    assert store.r.hget("{drs}:" + servers, "s-1") == "g2"


def test_exists_free_empty(store):
    ops = [("exists", "pg:g1", "", "PG_NOT_FOUND"), ("sadd", "pg:plans:g1", "p1", "")]
    assert store.unchanged(*store.doc("plan", "p1", new="p", ops=ops)).code == "PG_NOT_FOUND"
    put(store, "pg", "g1", new="g")
    put(store, "plan", "p1", new="p", ops=ops)
    empty = [("empty", "pg:plans:g1", "", "PG_IN_USE")]
    assert store.unchanged(*store.doc("pg", "g1", "delete", "1", "g", ops=empty)).code \
        == "PG_IN_USE"
    store.create(plan="p1")
    free = [("free", "claim:plan:p1", "", "PLAN_HAS_ACTIVE_EXECUTION"),
            ("srem", "pg:plans:g1", "p1", "")]
    refusal = store.unchanged(*store.doc("plan", "p1", "delete", "1", "p", ops=free))
    assert (refusal.code, refusal["executionId"]) == ("PLAN_HAS_ACTIVE_EXECUTION", "e1")
    store.command("e1", "cancel")
    put(store, "plan", "p1", "delete", "1", "p", ops=free)
    put(store, "pg", "g1", "delete", "1", "g", ops=empty)


def test_idle_lets_a_paused_execution_pass(store):
    put(store, "pg", "g1", new="g")
    put(store, "plan", "p1", new="p", ops=[("sadd", "pg:plans:g1", "p1", "")])
    idle = [("idle", "pg:plans:g1", "", "PG_IN_ACTIVE_EXECUTION")]
    store.run(plan="p1")
    refusal = store.unchanged(*store.doc("pg", "g1", "update", "1", "g", "g", ops=idle))
    assert refusal.code == "PG_IN_ACTIVE_EXECUTION"
    assert (refusal["executionId"], refusal["status"]) == ("e1", "RUNNING")
    store.command("e1", "pause")
    put(store, "pg", "g1", "update", "1", "g", "g", ops=idle)


def test_documents_are_passed_on_byte_by_byte(store):
    doc = '{"b":[],"a":12345678901234567890,"n":1.10,"t":"\\u00e4\\/"}'
    put(store, "pg", "g", new="n", doc=doc)
    assert store.r.get("{drs}:pg:g") == doc


def test_audit_and_event_go_out_with_the_change(store):
    sub = store.r.pubsub()
    sub.subscribe("{drs}:live")
    assert sub.get_message(timeout=30)["type"] == "subscribe"
    event = '{"event":"group.changed"}'
    put(store, "pg", "g", new="n", audit='{"action":"PG2"}', event=event)
    assert store.audits() == [{"action": "PG2"}]
    (gid, fields), = store.r.xrange("{drs}:events")
    assert fields == {"e": event}
    assert sub.get_message(timeout=30)["data"] == "%s - - %s" % (gid, event)
    sub.close()


def test_deadline(store):
    past, later = str(store.now() - 1), str(store.now() + 60000)
    assert store.unchanged(*store.doc("pg", "g", new="n", deadline=past)).code \
        == "DEADLINE_PASSED"
    put(store, "pg", "g", new="n", deadline=later)


@pytest.mark.parametrize("args", [
    ("nokind", "i", "create", "-", "", "", "{}", "-", "-", "0"),
    ("pg", "i", "replace", "-", "", "", "{}", "-", "-", "0"),
    ("pg", "ver", "create", "-", "", "", "{}", "-", "-", "0"),
    ("pg", "i", "create", "-", "", "", "{}", "-", "-", "2", "sadd", "k", "f", ""),
    ("pg", "i", "create", "-", "", "", "{}", "-", "-", "1", "what", "k", "f", ""),
    ("pg", "i"),
])
def test_wrong_calls_are_named(store, args):
    before = store.dump()
    assert store.raw("drs_doc_put", *args)[0] == "BAD_CALL"
    assert store.dump() == before


def test_settings(store):
    assert store.call("drs_settings_put", "tagsync", "0", "{}", "-", "-") == ["1"]
    assert store.call("drs_settings_put", "tagsync", "1", '{"a":1}', "-", "-") == ["2"]
    refusal = store.unchanged("drs_settings_put", "tagsync", "1", "{}", "-", "-")
    assert (refusal.code, refusal["currentVersion"]) == ("VERSION_CONFLICT", "2")
    assert store.r.get("{drs}:settings:tagsync") == '{"a":1}'


def test_note(store):
    store.call("drs_note", '{"action":"x"}', '{"event":"notice"}')
    assert store.audits() == [{"action": "x"}]
    assert store.r.xlen("{drs}:events") == 1


def test_idempotency(store):
    key = ("alice", "EX2", "k1")
    assert store.call("drs_idem_begin", *key, "h1") == ["run"]
    assert store.call("drs_idem_begin", *key, "h1") == ["running"]
    assert store.call("drs_idem_begin", *key, "h2") == ["reused"]
    store.call("drs_idem_end", *key, "h1", "202", '{"a": "b c"}')
    assert store.call("drs_idem_begin", *key, "h1") == ["replay", "202", '{"a": "b c"}']
    assert store.call("drs_idem_begin", *key, "h2") == ["reused"]
    assert 86000000 < store.r.pttl("{drs}:idem:alice:EX2:k1") <= 86400000
    assert store.call("drs_idem_begin", "bob", "EX2", "k1", "h9") == ["run"]
    assert 0 < store.r.pttl("{drs}:idem:bob:EX2:k1") <= 120000
    store.call("drs_idem_end", "bob", "EX2", "k1", "h9", "0", "-")
    assert store.call("drs_idem_begin", "bob", "EX2", "k1", "h9") == ["run"]


def test_versions(store):
    assert store.call("drs_version") == ["1", "1", "0", "test"]
    store.call("drs_open")
    assert store.r.hgetall("{drs}:meta") == {"schema": "1", "library": "1"}
    store.r.hset("{drs}:meta", "schema", "2")
    refusal = store.unchanged("drs_open")
    assert (refusal.code, refusal["schema"]) == ("SCHEMA_NEWER", "2")


def test_clock_offset_only_in_a_test_library(store, store_server):
    store.call("drs_heartbeat", "w", "{}", "", "1000")
    store.advance(3600000)
    store_server.load_library(test_clock=False)
    try:
        store.call("drs_heartbeat", "x", "{}", "", "1000")
        assert store.call("drs_version")[3] == "real"
    finally:
        store_server.load_library()
    store.call("drs_heartbeat", "y", "{}", "", "1000")
    at = dict(store.r.zrange("{drs}:workers", 0, -1, withscores=True))
    assert at["x"] - at["w"] < 1800000 < at["y"] - at["w"]


def test_one_key_only(store):
    with pytest.raises(redis.exceptions.ResponseError, match="exactly one key"):
        store.r.fcall("drs_version", 0)
    with pytest.raises(redis.exceptions.ResponseError, match="exactly one key"):
        store.r.fcall("drs_version", 2, "{drs}", "{drs}x")


def test_reads_are_flagged_and_changes_are_not(store):
    flags = {f[1]: set(f[5]) for lib in store.r.function_list()
             for f in [dict_to_list(f) for f in lib[5]]}
    reads = {n for n, f in flags.items() if "no-writes" in f}
    assert reads == {"drs_version", "drs_plans", "drs_status", "drs_queue", "drs_workers",
                     "drs_capacity", "drs_exec_page", "drs_schedules", "drs_runs",
                     "drs_dead", "drs_audit_find", "drs_outbox", "drs_outbox_take",
                     "drs_outbox_next", "drs_outbox_stat"}
    for name in ("drs_exec_command", "drs_pause", "drs_cancel", "drs_resume",
                 "drs_unit_fact", "drs_exec_commit"):
        assert "allow-oom" in flags[name], name
    assert not flags["drs_unit_arm"]
    assert store.r.execute_command("FCALL_RO", "drs_status", 1, "{drs}")


def dict_to_list(value):
    return value if isinstance(value, list) else json.loads(json.dumps(value))
