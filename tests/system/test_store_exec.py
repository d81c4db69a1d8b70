"""Executions in the store: create, commit, commands, delete."""

import json
import time

import pytest

from store_calls import ACCOUNT, ACTOR, PLACE, REGION

pytest_plugins = ("store_fixtures",)

CANCELLED = ["CANCELLED", "PENDING"]


def claims(n):
    return ["%s:s-%d" % (PLACE, i) for i in range(n)]


def status_sets(store):
    return {k.rsplit(":", 1)[1]: store.r.zrange(k, 0, -1)
            for k in store.r.keys("{drs}:exec:status:*")}


# -- create ---------------------------------------------------------------------


def test_create_stores_everything_and_makes_the_task_due(store):
    assert store.create(waves=2, claims=claims(2), audit='{"action":"EX2"}') == ["created"]
    h = store.r.hgetall("{drs}:exec:e1")
    assert (h["status"], h["ver"], h["planId"], h["type"]) == ("PENDING", "1", "p1", "DRILL")
    assert (h["wavesTotal"], h["wavesLeft"], h["inflight"], h["launched"]) == ("2", "2", "0", "0")
    assert abs(int(h["startedAt"]) - store.now()) < 60000
    assert store.r.hget("{drs}:exec:e1:w:1", "doc") == '{"waveNumber":1}'
    assert store.r.hgetall("{drs}:claim:srv:" + PLACE) == {"s-0": "e1", "s-1": "e1"}
    assert store.r.get("{drs}:claim:plan:p1") == "e1"
    for index in ("exec:start", "exec:status:PENDING", "exec:plan:p1", "exec:acct:" + ACCOUNT):
        assert store.r.zscore("{drs}:" + index, "e1") == float(h["startedAt"])
    assert store.r.smembers("{drs}:acct:runs:" + ACCOUNT) == {"e1"}
    assert store.due("exec:e1") is not None
    assert store.events("e1") == [{"event": "execution.created"}]
    assert store.audits() == [{"action": "EX2"}]


def test_create_again_with_the_same_command_changes_nothing(store):
    store.create(claims=claims(1))
    before = store.dump()
    assert store.create(claims=claims(1)) == ["repeat"]
    assert store.dump() == before
    assert store.unchanged(*store.create_args(command="c2")).code == "ALREADY_EXISTS"


def test_create_is_atomic_per_plan(store):
    store.create()
    refusal = store.unchanged(*store.create_args(ident="e2", command="c2"))
    assert (refusal.code, refusal["executionId"]) == ("PLAN_ALREADY_EXECUTING", "e1")


def test_create_names_the_servers_in_conflict(store):
    store.create(claims=claims(3))
    refusal = store.unchanged(*store.create_args(
        ident="e2", plan="p2", command="c2", claims=[PLACE + ":s-9", PLACE + ":s-1"]))
    assert refusal.code == "SERVER_CONFLICT"
    assert refusal.details == [("conflict", PLACE + ":s-1 e1")]
    assert "1 servers" in refusal.text


def test_create_checks_the_versions_it_was_planned_with(store):
    store.call(*store.doc("plan", "p1", new="p"))
    assert store.create_args(checks=[("plan", "p1", "1")])
    refusal = store.unchanged(*store.create_args(checks=[("plan", "p1", "2")]))
    assert (refusal.code, refusal["id"], refusal["currentVersion"]) \
        == ("VERSION_CONFLICT", "p1", "1")
    store.create(checks=[("plan", "p1", "1")])


def test_create_refuses_no_waves_and_a_passed_deadline(store):
    assert store.unchanged(*store.create_args(waves=0)).code == "PLAN_HAS_NO_WAVES"
    past = str(store.now() - 1)
    assert store.unchanged(*store.create_args(deadline=past)).code == "DEADLINE_PASSED"


def test_create_with_5000_claims_is_fast(store):
    many = claims(5000)
    args = store.create_args(claims=many)
    best = 1e9
    for i in range(5):
        store.r.flushall()
        started = time.perf_counter()
        store.call(*args)
        best = min(best, time.perf_counter() - started)
    assert store.r.hlen("{drs}:claim:srv:" + PLACE) == 5000
    assert best < 1.0, best     # about 25 ms on an idle machine
    store.command("e1", "cancel")
    assert store.r.exists("{drs}:claim:srv:" + PLACE) == 0


# -- commit ---------------------------------------------------------------------


def test_commit_moves_status_index_and_version(store):
    lease = store.run()
    assert store.field("e1", "status") == "RUNNING"
    assert status_sets(store) == {"RUNNING": ["e1"]}
    ver = store.field("e1", "ver")
    assert lease.commit("wave_start", "POLLING", ops=[
        ("w", "0", "INITIATED", '{"x":1}'), ("h", "currentWave", "1"),
        ("s", "s-1", '{"launchStatus":"PENDING"}'), ("ev", '{"event":"wave.status"}'),
        ("audit", '{"action":"T3"}')], ver=ver) == str(int(ver) + 1)
    assert store.r.hgetall("{drs}:exec:e1:w:0")["doc"] == '{"x":1}'
    assert store.r.hget("{drs}:exec:e1:w:0", "ver") == "2"
    assert (store.field("e1", "wavesLeft"), store.field("e1", "currentWave")) == ("1", "1")
    assert store.r.hget("{drs}:exec:e1:s", "s-1") == '{"launchStatus":"PENDING"}'
    assert store.events("e1")[-1] == {"event": "wave.status"}
    first, second = store.audits()
    assert (first["action"], first["before"], first["after"]) == (
        "engine.T2", {"status": "PENDING"}, {"status": "RUNNING"})
    assert second == {"action": "T3"}


def test_commit_refuses_a_lost_lease(store):
    lease = store.run()
    lease.release("0")
    assert store.unchanged(*lease.commit_args()).code == "LEASE_LOST"
    other = store.lease("exec:e1", "w2")
    assert store.unchanged(*lease.commit_args()).code == "LEASE_LOST"
    args = list(other.commit_args())
    args[3] = "w1"          # right number, wrong owner
    assert store.unchanged(*args).code == "LEASE_LOST"
    other.commit()


def test_commit_refuses_an_old_version(store):
    lease = store.run()
    store.command("e1", "pause")
    refusal = store.unchanged(*lease.commit_args("wave_start", "POLLING", ver="2"))
    assert (refusal.code, refusal["currentVersion"]) == ("VERSION_CONFLICT", "3")


def test_commit_follows_the_table_only(store):
    lease = store.run()
    for event, status in (("wave_done", "RUNNING"), ("wave_start", "COMPLETED"),
                          ("-", "COMPLETED"), ("delete", "-"), ("nonsense", "-")):
        refusal = store.unchanged(*lease.commit_args(event, status))
        assert (refusal.code, refusal["currentStatus"]) == ("ILLEGAL_TRANSITION", "RUNNING")
    lease.commit("wave_start")
    assert store.field("e1", "status") == "POLLING"


def test_commit_is_all_or_nothing(store):
    lease = store.run(claims=claims(1))
    store.create(ident="e2", plan="p2", command="c2", claims=[PLACE + ":s-7"])
    good = [("h", "launched", "5"), ("w", "0", "COMPLETED", "{}"), ("s", "x", "{}"),
            lease.unit_op("0-0", 0, state="PLANNED"), ("ev", "{}"), ("task", "jwks", "0"),
            ("unclaim", ACCOUNT, REGION, "s-0"), ("claim", ACCOUNT, REGION, "s-8")]
    for bad, code in (
            (("claim", ACCOUNT, REGION, "s-7"), "SERVER_CONFLICT"),
            (lease.unit_op("0-1", 3, state="PLANNED"), "VERSION_CONFLICT"),
            (lease.unit_op("0-1", 0, state="STARTED"), "ILLEGAL_TRANSITION"),
    ):
        assert store.unchanged(*lease.commit_args(ops=good + [bad])).code == code
    for bad in (("h", "status", "FAILED"), ("h", "inflight", "0"), ("h", "doc", "{}"),
                ("w", "2", "PENDING", "{}"), ("w", "0", "STARTED", "{}"), ("final", "1"),
                ("u", "0-0", "1", "2", "state", "FAILED"), ("what",), ("due", "x"),
                ("u", "9-0", "0", "1", "state", "PLANNED"), ("ev", "-"), ("u", "0-5", "0", "0"),
                lease.unit_op("0-3", 0, state="PLANNED", open="1:2:3")):
        before = store.dump()
        reply = store.raw(*lease.commit_args(ops=good + [bad]))
        assert reply[0] == "BAD_CALL", (bad, reply)
        assert store.dump() == before
    before = store.dump()
    assert store.raw(*lease.commit_args(ops=good), "extra")[0] == "BAD_CALL"
    assert store.dump() == before
    lease.commit(ops=good)
    assert store.field("e1", "launched") == "5"
    assert store.r.hgetall("{drs}:claim:srv:" + PLACE) == {"s-7": "e2", "s-8": "e1"}
    assert store.due("jwks") is not None


def test_commit_counts_units_and_waves(store):
    lease = store.run(waves=3)
    lease.commit("wave_start", ops=[("w", "0", "INITIATED", "-")])
    lease.plan_unit("0-0", ["s-1"])
    lease.plan_unit("0-1", ["s-2"])
    assert (store.field("e1", "planned"), store.field("e1", "inflight")) == ("2", "0")
    lease.arm(unit="0-0")
    lease.arm(unit="0-1")
    assert (store.field("e1", "planned"), store.field("e1", "inflight")) == ("0", "1")
    assert store.r.hget("{drs}:exec:e1:w:0", "inflight") == "2"
    lease.fact("drsjob-1")
    lease.set_unit(state="DONE")
    assert store.field("e1", "inflight") == "1"
    refusal = store.unchanged(*lease.commit_args("all_done", "COMPLETED"))
    assert (refusal.code, refusal["reason"]) == ("ILLEGAL_TRANSITION", "inflight")
    # the same batch may end the last unit and the run
    lease.commit("all_done", "COMPLETED",
                 ops=[lease.unit_op("0-1", lease.unit("0-1")["ver"], state="FAILED")])
    assert store.field("e1", "inflight") == "0"
    assert store.field("e1", "status") == "COMPLETED"


def test_an_empty_value_removes_a_field(store):
    lease = store.run()
    lease.commit(ops=[("h", "errorCode", "X")])
    lease.commit(ops=[("h", "errorCode", "")])
    assert store.field("e1", "errorCode") is None


def test_end_releases_what_nothing_needs(store):
    lease = store.run(claims=claims(4))
    lease.commit("wave_start")
    lease.plan_unit("0-0", ["s-0"])
    lease.plan_unit("0-1", ["s-1"])
    lease.arm(unit="0-0")
    lease.commit("wave_failed_partial", "PARTIAL", ops=[("final", "12345")])
    assert store.field("e1", "endedAt") == "12345"
    assert store.r.get("{drs}:claim:plan:p1") is None
    assert store.r.smembers("{drs}:acct:runs:" + ACCOUNT) == set()
    assert store.r.hgetall("{drs}:claim:srv:" + PLACE) == {"s-0": "e1"}
    store.create(ident="e2", command="c2", claims=claims(4)[1:])    # the plan is free
    lease.close(state="FAILED")
    lease.commit(ops=[("final", "12345")])
    assert store.r.hget("{drs}:claim:srv:" + PLACE, "s-0") is None
    assert store.r.get("{drs}:claim:plan:p1") == "e2"


def test_an_open_send_keeps_its_servers(store):
    lease = store.run(claims=claims(1))
    lease.commit("wave_start")
    lease.plan_unit("0-0", ["s-0"])
    lease.arm()
    lease.fact("drsjob-1", attempt="-")     # the send stays open
    lease.set_unit(state="DONE")
    lease.commit("all_done", "COMPLETED")
    assert store.r.hgetall("{drs}:claim:srv:" + PLACE) == {"s-0": "e1"}
    lease.close(attempt="1")
    lease.commit(ops=[("unwatch", *PLACE.split(":"), "drsjob-1"), ("final", "1")])
    assert store.r.exists("{drs}:claim:srv:" + PLACE) == 0


# -- commands -------------------------------------------------------------------


def pending_after(store, lease, armed=True):
    """POLLING, wave 0 begun, wave 1 not."""
    lease.commit("wave_start", ops=[("w", "0", "IN_PROGRESS", "-")])
    lease.plan_unit("0-0", ["s-1"])
    if armed:
        lease.arm()
        lease.fact("drsjob-1")


def test_t7_pause_with_something_in_flight(store):
    lease = store.run()
    pending_after(store, lease)
    status, previous, transition, answer = store.command("e1", "pause", reason="why")
    assert (status, previous, transition) == ("PAUSE_PENDING", "POLLING", "T7")
    assert json.loads(answer)["inProgressWaves"] == [0]
    assert store.field("e1", "pauseReq") == "1"
    assert store.field("e1", "pausedBy") == "alice"
    command, change = store.events("e1")[-2:]
    assert command["data"] == {"command": "pause", "accepted": True, "reason": "why"}
    assert (change["event"], change["data"]["transition"]) == ("execution.status", "T7")
    assert change["version"] == int(store.field("e1", "ver"))
    entry = store.audits()[-1]
    assert (entry["action"], entry["outcome"], entry["reason"]) \
        == ("exec.pause", "succeeded", "why")
    assert (entry["before"], entry["after"]) \
        == ({"status": "POLLING"}, {"status": "PAUSE_PENDING"})
    # T9
    refusal = store.unchanged(*lease.commit_args("quiet", "PAUSED"))
    assert refusal["reason"] == "inflight"
    lease.set_unit(state="DONE")
    lease.commit("quiet", "PAUSED", ops=[("h", "pausedBeforeWave", "1")])
    assert store.field("e1", "pauseReq") == "0"
    assert store.field("e1", "pausedBy") == "alice"
    assert store.field("e1", "pauseEpoch") == "1"


def test_t8_pause_between_waves(store):
    lease = store.run()
    lease.commit(ops=[("w", "0", "COMPLETED", "-")])
    assert store.command("e1", "pause")[:3] == ["PAUSED", "RUNNING", "T8"]
    h = store.r.hgetall("{drs}:exec:e1")
    assert (h["pausedBeforeWave"], h["pauseReason"], h["pausedBy"]) == ("1", "REQUESTED", "alice")
    assert h["pausedAt"] and h["pauseEpoch"] == "1"
    assert store.events("e1")[-1]["data"]["pausedBeforeWave"] == 1


def test_t8_pause_with_planned_units_only(store):
    lease = store.run()
    pending_after(store, lease, armed=False)
    assert store.command("e1", "pause")[:3] == ["PAUSED", "POLLING", "T8"]
    assert store.field("e1", "pausedBeforeWave") == "0"
    refusal = store.unchanged(*lease.arm_args())
    assert (refusal.code, refusal["reason"]) == ("ARM_REFUSED", "pause")


def test_pause_refusals(store):
    lease = store.run()
    assert store.refused("drs_exec_command", "nope", "pause", "-", ACTOR).code \
        == "EXECUTION_NOT_FOUND"
    lease.commit(ops=[("w", "0", "COMPLETED", "-"), ("w", "1", "INITIATED", "-")])
    refusal = store.refused("drs_exec_command", "e1", "pause", "-", ACTOR)
    assert (refusal.code, refusal["currentStatus"], refusal["lastCompletedWave"]) \
        == ("NO_PENDING_WAVES", "RUNNING", "0")
    assert store.events("e1")[-1]["data"] == {
        "command": "pause", "accepted": False, "code": "NO_PENDING_WAVES"}
    store.create(ident="e2", plan="p2", command="c2", waves=1)
    assert store.refused("drs_exec_command", "e2", "pause", "-", ACTOR).code \
        == "EXECUTION_NOT_PAUSABLE"
    two = store.lease("exec:e2")
    two.commit("claim")
    assert store.refused("drs_exec_command", "e2", "pause", "-", ACTOR).code \
        == "SINGLE_WAVE_NOT_PAUSABLE"
    store.create(ident="e3", plan="p3", command="c3", statuses=CANCELLED)
    store.lease("exec:e3").commit("claim")
    assert store.refused("drs_exec_command", "e3", "pause", "-", ACTOR).code \
        == "SINGLE_WAVE_NOT_PAUSABLE"


def test_t12_resume(store):
    store.run()
    store.command("e1", "pause")
    status, previous, transition, answer = store.command("e1", "resume", extra='{"o":1}')
    assert (status, previous, transition) == ("RUNNING", "PAUSED", "T12")
    assert json.loads(answer)["nextWave"] == 0
    h = store.r.hgetall("{drs}:exec:e1")
    assert h["released"] == "0" and h["resumeOptions"] == '{"o":1}'
    for name in ("pausedAt", "pausedBy", "pauseReason", "pausedBeforeWave", "pauseDeadline"):
        assert name not in h
    refusal = store.refused("drs_exec_command", "e1", "resume", "-", ACTOR)
    assert (refusal.code, refusal["currentStatus"]) == ("EXECUTION_NOT_PAUSED", "RUNNING")


def test_t12_resume_refused_after_the_deadline(store):
    lease = store.run()
    store.command("e1", "pause")
    lease.commit(ops=[("h", "pauseDeadline", str(store.now() + 5000))])
    store.advance(6000)
    assert store.refused("drs_exec_command", "e1", "resume", "-", ACTOR).code \
        == "EXECUTION_NOT_RESUMABLE"
    lease.commit("pause_expired", "TIMEOUT")        # T13


def test_t12b_resume_withdraws_the_pause(store):
    lease = store.run()
    pending_after(store, lease)
    store.command("e1", "pause")
    assert store.command("e1", "resume")[:3] == ["POLLING", "PAUSE_PENDING", "T12b"]
    assert store.field("e1", "pauseReq") == "0"
    assert store.field("e1", "pausedBy") is None


@pytest.mark.parametrize("paused", [True, False])
def test_t14_cancel_with_nothing_in_flight(store, paused):
    store.run(claims=claims(2))
    if paused:
        store.command("e1", "pause")
    status, _, transition, answer = store.command("e1", "cancel")
    assert (status, transition) == ("CANCELLED", "T14")
    assert json.loads(answer)["cancelledWaves"] == [0, 1]
    h = store.r.hgetall("{drs}:exec:e1")
    assert (h["cancel"], h["cancelledBy"]) == ("1", "alice") and h["endedAt"]
    assert store.r.exists("{drs}:claim:srv:" + PLACE, "{drs}:claim:plan:p1") == 0
    assert status_sets(store) == {"CANCELLED": ["e1"]}
    assert store.due("exec:e1") is not None
    refusal = store.refused("drs_exec_command", "e1", "cancel", "-", ACTOR)
    assert (refusal.code, refusal["currentStatus"]) == ("EXECUTION_NOT_CANCELLABLE", "CANCELLED")


def test_t14_cancel_before_a_worker_saw_it(store):
    store.create()
    assert store.command("e1", "cancel")[:3] == ["CANCELLED", "PENDING", "T14"]


def test_t14_cancel_is_partial_when_something_was_launched(store):
    lease = store.run()
    lease.commit(ops=[("h", "launched", "2"), ("w", "0", "COMPLETED", "-")])
    assert store.command("e1", "cancel")[:3] == ["PARTIAL", "RUNNING", "T14"]


def test_t15_t16_t17_cancel_with_a_job_running(store):
    lease = store.run(claims=[PLACE + ":s-1"])
    pending_after(store, lease)
    assert store.command("e1", "cancel")[:3] == ["CANCELLING", "POLLING", "T15"]
    assert store.command("e1", "cancel")[:3] == ["CANCELLING", "CANCELLING", "T17"]
    assert store.r.hgetall("{drs}:claim:srv:" + PLACE) == {"s-1": "e1"}
    refusal = store.unchanged(*lease.commit_args("cancel_done", "CANCELLED"))
    assert refusal["reason"] == "inflight"
    store.call("drs_obs_put", *PLACE.split(":"), "1", "drsjob-1", "{}", "1")
    lease.set_unit(state="DONE")
    lease.commit("cancel_done_partial", "PARTIAL")
    assert store.r.exists("{drs}:claim:srv:" + PLACE) == 0


def test_a_repeated_command_gets_the_first_answer(store):
    store.run()
    first = store.command("e1", "pause", "cmd-1")
    store.command("e1", "resume", "cmd-2")
    before = store.dump()
    assert store.command("e1", "pause", "cmd-1") == first
    assert store.dump() == before
    refusal = store.refused("drs_exec_command", "e1", "resume", "cmd-3", ACTOR)
    store.command("e1", "pause")
    again = store.refused("drs_exec_command", "e1", "resume", "cmd-3", ACTOR)
    assert (again.code, again.text, again.details) \
        == (refusal.code, refusal.text, refusal.details)


def test_a_command_bumps_the_version_and_pokes_a_leased_task(store):
    lease = store.run()
    ver = store.field("e1", "ver")
    store.command("e1", "pause")
    assert int(store.field("e1", "ver")) == int(ver) + 1
    assert store.r.smembers("{drs}:poke") == {"exec:e1"}
    assert float(lease.release(str(store.now() + 999999))[0]) <= store.now()


def test_reasons_of_people_cannot_break_the_json(store):
    store.run()
    nasty = 'a"b\\c\n\x00\x1f </script> \u2028 ü'
    store.r.fcall("drs_exec_command", 1, "{drs}", "e1", "pause", "-", ACTOR,
                  nasty.encode() + b"\xff\xed\xa0\x80", "-", "-")
    assert store.events("e1")[-1]["data"]["reason"] == nasty + "????"
    assert store.audits()[-1]["reason"] == nasty + "????"


# -- delete ---------------------------------------------------------------------


def test_delete_leaves_only_history(store):
    lease = store.run(claims=claims(2))
    pending_after(store, lease)
    refusal = store.unchanged("drs_exec_delete", "e1", "-", "-")
    assert (refusal.code, refusal["currentStatus"]) == ("INVALID_STATE", "POLLING")
    store.command("e1", "cancel")
    lease.set_unit(state="DONE")
    lease.commit("cancel_done_partial", "PARTIAL")
    assert store.unchanged("drs_exec_delete", "e1", "-", "-")["reason"] == "ACTIVE_JOBS"
    lease.commit(ops=[("unwatch", *PLACE.split(":"), "drsjob-1"), ("final", "1")])
    store.call("drs_exec_delete", "e1", '{"action":"EX3"}', '{"event":"execution.deleted"}')
    left = {k[len("{drs}:"):] for k in store.r.keys("*")}
    assert left == {"audit:in", "events", "job:" + PLACE, "due"}
    assert store.due("exec:e1") is None
    assert store.audits()[-1] == {"action": "EX3"}
    assert store.refused("drs_exec_delete", "e1", "-", "-").code == "EXECUTION_NOT_FOUND"


def test_delete_waits_for_watched_units_and_terminations(store):
    lease = store.run(claims=claims(1))
    lease.commit("wave_start")
    lease.plan_unit("0-0", ["s-0"])
    lease.arm()
    lease.commit("wave_failed", "FAILED")
    assert store.unchanged("drs_exec_delete", "e1", "-", "-")["reason"] == "ACTIVE_JOBS"
    lease.close(state="FAILED")
    store.call("drs_term_put", "e1", "-", "-", "RUNNING", "0", "0", "-")
    assert store.unchanged("drs_exec_delete", "e1", "-", "-")["reason"] == "TERMINATING"
    term = store.lease("term:e1")
    store.call("drs_term_put", "e1", term.fence, term.owner, "DONE", "0", "0", "-")
    store.call("drs_exec_delete", "e1", "-", "-")
