"""The operators' functions through the real redis-cli."""

import json
import re

import pytest

from store_calls import ACCOUNT, REGION

pytest_plugins = ("store_fixtures",)

UUID4 = r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"


class Cli:
    def __init__(self, store):
        self.store = store

    def __call__(self, function, *args):
        code, out = self.store.server.cli("FCALL", function, "1", "{drs}", *args)
        assert code == 0, out
        return out

    def refused(self, function, *args):
        before = self.store.dump()
        code, out = self.store.server.cli("FCALL", function, "1", "{drs}", *args)
        assert code != 0, out
        if function not in ("drs_pause", "drs_resume", "drs_cancel"):
            assert self.store.dump() == before
        return out.strip()


@pytest.fixture
def cli(store):
    return Cli(store)


@pytest.fixture
def plan(store):
    store.call(*store.doc("plan", "11111111-2222-4333-8444-555555555555", new="three tier"))
    return "11111111-2222-4333-8444-555555555555"


def test_plans(store, cli, plan):
    assert "1 recovery plans" in cli("drs_plans")
    assert plan + "  three tier  idle" in cli("drs_plans")
    store.create(plan=plan)
    assert "execution e1 PENDING" in cli("drs_plans")


@pytest.mark.parametrize("how", ["id", "name", "NAME"])
def test_start(store, cli, plan, how):
    ref = {"id": plan, "name": "three tier", "NAME": "THREE TIER"}[how]
    out = cli("drs_start", ref, "drill", "bob", 'game "day"')
    command = re.search("^command (%s)$" % UUID4, out, re.M).group(1)
    execution = re.search("^execution (%s)$" % UUID4, out, re.M).group(1)
    assert command != execution
    (_, f), = store.r.xrange("{drs}:cmd")
    assert (f["id"], f["type"], f["replyTo"]) == (command, "exec.start", "")
    assert json.loads(f["payload"]) == {
        "executionId": execution, "planId": plan, "executionType": "DRILL", "initiatedBy": "bob",
        "invocationSource": "CLI", "reason": 'game "day"'}
    assert json.loads(f["actor"]) == {"type": "operator", "userId": "redis-cli:bob",
                                      "username": "bob", "roles": json.loads("[]")}
    entry, = store.audits()
    assert entry["action"] == "operator.start" and entry["actor"]["type"] == "operator"
    assert entry["after"]["executionId"] == execution
    assert store.r.xlen("{drs}:events") == 1


def test_start_refusals(store, cli, plan):
    assert cli.refused("drs_start").startswith("USAGE")
    assert cli.refused("drs_start", plan, "TEST", "bob").startswith("USAGE")
    assert cli.refused("drs_start", plan, "DRILL").startswith("USAGE")
    out = cli.refused("drs_start", "nope", "DRILL", "bob")
    assert out.startswith("RECOVERY_PLAN_NOT_FOUND") and "drs_plans" in out
    store.create(plan=plan)
    out = cli.refused("drs_start", plan, "DRILL", "bob")
    assert out.startswith("PLAN_ALREADY_EXECUTING") and "e1" in out and "PENDING" in out


def test_pause_resume_cancel(store, cli):
    store.run()
    out = cli("drs_pause", "e1", "bob", "change window")
    assert "pause accepted: RUNNING -> PAUSED (T8)" in out
    assert store.field("e1", "pausedBy") == "bob"
    entry = store.audits()[-1]
    assert entry["actor"] == {"type": "operator", "userId": "redis-cli:bob", "username": "bob",
                              "roles": []}
    assert entry["reason"] == "change window"
    assert store.events("e1")[-1]["actor"] == "bob"
    assert "resume accepted: PAUSED -> RUNNING (T12)" in cli("drs_resume", "e1", "bob")
    assert "cancel accepted: RUNNING -> CANCELLED (T14)" in cli("drs_cancel", "e1", "bob")


def test_illegal_transitions_name_status_and_what_is_possible(store, cli):
    store.create()
    out = cli.refused("drs_pause", "e1", "bob")
    assert out.startswith("EXECUTION_NOT_PAUSABLE") and "PENDING" in out and "RUNNING" in out
    assert store.audits()[-1]["outcome"] == "failed"
    assert store.audits()[-1]["errorCode"] == "EXECUTION_NOT_PAUSABLE"
    out = cli.refused("drs_resume", "e1", "bob")
    assert out.startswith("EXECUTION_NOT_PAUSED") and "PAUSED or PAUSE_PENDING" in out
    cli("drs_cancel", "e1", "bob")
    out = cli.refused("drs_cancel", "e1", "bob")
    assert out.startswith("EXECUTION_NOT_CANCELLABLE") and "CANCELLED" in out and "PAUSED" in out
    for name in ("drs_pause", "drs_resume", "drs_cancel"):
        assert cli.refused(name, "nope", "bob").startswith("EXECUTION_NOT_FOUND")
        assert cli.refused(name, "e1").startswith("USAGE")
    assert store.field("e1", "status") == "CANCELLED"


def test_status(store, cli):
    assert cli("drs_status").startswith("0 executions, 0 active")
    lease = store.run(waves=2)
    lease.commit("wave_start", ops=[("w", "0", "IN_PROGRESS", "-")])
    lease.plan_unit("0-0", ["s-1", "s-2"])
    lease.arm()
    lease.fact("drsjob-1")
    out = cli("drs_status")
    assert "1 executions, 1 active" in out
    assert "e1  POLLING  DRILL  Plan One" in out and "1/2 waves begun" in out
    out = cli("drs_status", "e1")
    assert "status POLLING" in out
    assert "wave 0  IN_PROGRESS  1 units in flight, 0 planned" in out
    assert "unit 0-0  STARTED  %s %s  2 servers, attempt 1 of 3, jobs drsjob-1" \
        % (ACCOUNT, REGION) in out
    assert "task leased by w1" in out
    assert "possible now: drs_pause, drs_cancel" in out
    cli("drs_pause", "e1", "bob")
    lease.set_unit(state="DONE")
    lease.commit("quiet", "PAUSED", ops=[("h", "pausedBeforeWave", "1")])
    assert "before wave 1 (REQUESTED) by bob" in cli("drs_status", "e1")
    assert cli.refused("drs_status", "nope").startswith("EXECUTION_NOT_FOUND")


def test_terminate(store, cli):
    store.run()
    out = cli.refused("drs_terminate", "e1", "bob")
    assert out.startswith("TERMINATION_NOT_ALLOWED") and "RUNNING" in out
    cli("drs_pause", "e1", "bob")
    assert "confirmation" in cli.refused("drs_terminate", "e1", "bob")
    cli("drs_terminate", "e1", "bob", "confirm-paused")
    cli("drs_cancel", "e1", "bob")
    out = cli("drs_terminate", "e1", "bob")
    assert re.search("^command %s$" % UUID4, out, re.M)
    payloads = [json.loads(f["payload"]) for _, f in store.r.xrange("{drs}:cmd")]
    assert payloads == [{"executionId": "e1", "confirmPaused": True},
                        {"executionId": "e1", "confirmPaused": False}]
    store.call("drs_term_put", "e1", "-", "-", "RUNNING", "0", "0", "-")
    assert cli.refused("drs_terminate", "e1", "bob").startswith("ALREADY_EXISTS")
    assert cli.refused("drs_terminate", "e1").startswith("USAGE")


def test_retry_skip_resolve(store, cli):
    lease = store.run(waves=2)
    lease.commit("wave_start", ops=[("w", "0", "IN_PROGRESS", "-")])
    lease.plan_unit("0-0", ["s-1", "s-2"])
    out = cli("drs_retry", "e1", "0", "bob", "again")
    assert re.search("^command %s$" % UUID4, out, re.M) and "wave 0" in out
    cli("drs_retry", "e1", "1", "bob")
    cli("drs_skip", "e1", "1", "bob", 'no "time"')
    assert cli.refused("drs_resolve", "e1", "0-0", "FAIL", "bob", "r").startswith("UNIT_NOT_HELD")
    assert cli.refused("drs_resolve", "e1", "0-9", "FAIL", "bob", "r").startswith("UNIT_NOT_FOUND")
    store.r.hset("{drs}:exec:e1:u:0-0", "state", "HELD")
    cli("drs_resolve", "e1", "0-0", "adopt", "bob", "seen", "drsjob-1")
    cli("drs_resolve", "e1", "0-0", "FAIL", "bob", "no use")
    sent = [(f["type"], json.loads(f["payload"])) for _, f in store.r.xrange("{drs}:cmd")]
    assert sent == [
        ("wave.retry", {"executionId": "e1", "waveNumber": 0, "reason": "again"}),
        ("wave.retry", {"executionId": "e1", "waveNumber": 1}),
        ("wave.skip", {"executionId": "e1", "waveNumber": 1, "reason": 'no "time"'}),
        ("unit.resolve", {"executionId": "e1", "unitId": "0-0", "action": "ADOPT",
                          "reason": "seen", "jobId": "drsjob-1"}),
        ("unit.resolve", {"executionId": "e1", "unitId": "0-0", "action": "FAIL",
                          "reason": "no use"})]
    assert [a["action"] for a in store.audits()[-5:]] == [
        "operator.retry", "operator.retry", "operator.skip", "operator.resolve",
        "operator.resolve"]
    for bad in (("drs_retry", "e1", "0"), ("drs_skip", "e1", "0", "bob"),
                ("drs_resolve", "e1", "0-0", "GUESS", "bob", "r"),
                ("drs_resolve", "e1", "0-0", "ADOPT", "bob", "r")):
        assert cli.refused(*bad).startswith("USAGE")
    for wave in ("2", "x", "-1", "99999"):
        assert cli.refused("drs_retry", "e1", wave, "bob").startswith("WAVE_NOT_FOUND")
    assert cli.refused("drs_skip", "e9", "0", "bob", "r").startswith("EXECUTION_NOT_FOUND")
    store.r.hset("{drs}:exec:e1", "status", "COMPLETED")
    assert cli.refused("drs_retry", "e1", "0", "bob").startswith("WAVE_NOT_RETRYABLE")
    assert cli.refused("drs_skip", "e1", "0", "bob", "r").startswith("WAVE_NOT_SKIPPABLE")
    assert cli.refused("drs_resolve", "e1", "0-0", "FAIL", "bob", "r").startswith("UNIT_NOT_HELD")


def test_queue_dead_requeue(store, cli):
    store.create()
    sid = store.call("drs_cmd_add", "c9", "exec.start", '{"username":"eve"}', "r", '{"a":1}', "",
                     "0", "-")[0]
    out = cli("drs_queue")
    assert "1 tasks, 1 due now; 1 commands open" in out
    assert "task exec:e1" in out and "exec.start  c9  by eve" in out
    store.call("drs_cmd_fail", sid, "w1", "it broke", "5", "5")
    out = cli("drs_dead")
    assert "1 dead commands" in out and "it broke" in out
    dead = store.r.xrange("{drs}:cmd:dead")[0][0]
    assert cli.refused("drs_requeue", "1-1", "bob").startswith("NOT_FOUND")
    assert cli.refused("drs_requeue", "x", "bob").startswith("BAD_ID")
    assert cli.refused("drs_requeue", dead).startswith("USAGE")
    assert "exec.start c9 is queued again" in cli("drs_requeue", dead, "bob")
    (_, f), = store.r.xrange("{drs}:cmd")
    assert (f["id"], f["payload"], f["deadline"]) == ("c9", '{"a":1}', "0")
    assert store.r.xlen("{drs}:cmd:dead") == 0
    assert store.audits()[-1]["action"] == "operator.requeue"
    sid = store.call("drs_cmd_add", "c8", "auth.login", "{}", "r", '{"a":1}', "", "0", "-")[0]
    store.call("drs_cmd_fail", sid, "w1", "it broke", "5", "5")
    dead = store.r.xrange("{drs}:cmd:dead")[0][0]
    assert cli.refused("drs_requeue", dead, "bob").startswith("NOT_REQUEUABLE")


def test_workers_and_drain(store, cli):
    assert cli.refused("drs_drain", "w1", "bob").startswith("WORKER_NOT_FOUND")
    store.call("drs_heartbeat", "w1", "{}", "", "60000")
    assert "w1  alive, last heartbeat 0 s ago" in cli("drs_workers")
    assert "gets no new task" in cli("drs_drain", "w1", "bob")
    assert "w1  alive, drained" in cli("drs_workers")
    assert "takes work again" in cli("drs_drain", "w1", "bob", "off")
    assert "was not drained" in cli("drs_drain", "w1", "bob", "off")
    cli("drs_drain", "*", "bob")
    assert "all are drained" in cli("drs_workers")
    assert cli.refused("drs_drain", "w1").startswith("USAGE")
    actions = [e["action"] for e in store.audits()]
    assert actions == ["operator.drain", "operator.undrain", "operator.undrain",
                       "operator.drain"]


def test_every_function_says_when_the_prefix_is_missing(store):
    names = [f[1] for lib in store.r.function_list() for f in lib[5]]
    assert len(names) >= 38
    for name in names:
        code, out = store.server.cli("FCALL", name, "0", "x")
        assert code != 0 and "exactly one key" in out, (name, out)


def test_every_function_survives_a_call_without_arguments(store):
    for lib in store.r.function_list():
        for f in lib[5]:
            code, out = store.server.cli("FCALL", f[1], "1", "{drs}")
            assert "script:" not in out and "user_function" not in out, (f[1], out)
            assert code == 0 or out.startswith(("USAGE", "EXECUTION_NOT_FOUND")), (f[1], out)
