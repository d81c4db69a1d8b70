"""Launch units in the store: arm, close, facts (launch protocol)."""

import pytest

from store_calls import ACCOUNT, PLACE, REGION

pytest_plugins = ("store_fixtures",)



@pytest.fixture
def lease(store):
    """A POLLING run with the PLANNED unit 0-0 of two servers."""
    got = store.run(waves=2)
    got.commit("wave_start", ops=[("w", "0", "INITIATED", "-")])
    got.plan_unit("0-0", ["s-1", "s-2"])
    return got


def reason(store, lease, **kw):
    refusal = store.unchanged(*lease.arm_args(**kw))
    assert refusal.code == "ARM_REFUSED"
    return refusal["reason"]


# -- arm ------------------------------------------------------------------------


def test_arm_stores_the_intent(store, lease):
    ver, now, at = lease.arm()
    u = lease.unit()
    assert (u["state"], u["attempt"], u["owner"], u["launchKey"]) == ("INTENT", "1", "w1", "key-1")
    assert u["open"] == "1:%s:w1" % u["intentAt"]
    assert u["intentAt"] == at == now and u["ver"] == ver == "2"
    assert abs(int(now) - store.now()) < 60000
    assert (store.field("e1", "planned"), store.field("e1", "inflight")) == ("0", "1")


def test_arm_takes_the_callers_intent_time(store, lease):
    assert lease.arm(at="1234567890123")[2] == "1234567890123"
    assert lease.unit()["open"] == "1:1234567890123:w1"


def test_arm_needs_the_lease(store, lease):
    lease.release("0")
    assert store.unchanged(*lease.arm_args()).code == "LEASE_LOST"
    store.lease("exec:e1", "w2")
    assert store.unchanged(*lease.arm_args()).code == "LEASE_LOST"


def test_arm_compares_the_version_of_the_unit(store, lease):
    old = lease.unit()["ver"]
    lease.set_unit(nextAt="5")
    refusal = store.unchanged(*lease.arm_args(ver=old))
    assert (refusal.code, refusal["currentVersion"]) == ("VERSION_CONFLICT", "2")


def test_arm_refused_after_cancel(store, lease):
    lease.arm()
    lease.plan_unit("0-1", ["s-3"])
    store.command("e1", "cancel")
    assert reason(store, lease, unit="0-1") == "cancel"


def test_arm_refused_after_a_cancel_that_ended_the_run(store, lease):
    store.command("e1", "cancel")
    assert reason(store, lease) == "cancel"


@pytest.mark.parametrize("in_flight", [True, False])
def test_arm_refused_after_a_pause(store, lease, in_flight):
    lease.plan_unit("0-1", ["s-3"])
    if in_flight:
        lease.arm()
    store.command("e1", "pause")
    assert reason(store, lease, unit="0-1") == "pause"
    store.command("e1", "resume")
    if in_flight:
        lease.arm(unit="0-1")
    else:
        lease.commit("wave_start", ops=[])
        lease.arm(unit="0-1")


def test_arm_refused_when_the_run_has_ended(store, lease):
    lease.commit("wave_failed", "FAILED")
    assert reason(store, lease) == "status"


def test_arm_refused_in_other_states(store, lease):
    lease.arm()
    assert reason(store, lease) == "state"          # INTENT: only with allowOpen
    lease.fact("drsjob-1")
    assert reason(store, lease, allow_open="1") == "state"


def test_arm_refused_for_a_wrong_attempt(store, lease):
    assert reason(store, lease, attempt="2") == "attempt"
    assert reason(store, lease, attempt="0") == "attempt"


def test_arm_refused_when_attempts_are_used_up(store, lease):
    for n in ("1", "2", "3"):
        lease.arm()
        lease.close(attempt=n, state="PLANNED")
    assert reason(store, lease) == "attempts"


def test_arm_refused_while_a_send_is_open(store, lease):
    lease.arm()
    assert lease.close(attempt="9", state="PLANNED")[1] == "PLANNED"    # 1 stays open
    assert reason(store, lease) == "open"
    lease.arm(allow_open="1")
    assert len(lease.unit()["open"].split()) == 2


def test_arm_refused_without_the_claims(store, lease):
    lease.commit(ops=[("unclaim", ACCOUNT, REGION, "s-2")])
    assert reason(store, lease) == "claim"
    store.create(ident="e2", plan="p2", command="c2", claims=[PLACE + ":s-2"])
    refusal = store.unchanged(*lease.arm_args())
    assert (refusal["server"], refusal["owner"]) == ("s-2", "e2")


def test_arm_of_unknown_things(store, lease):
    assert store.unchanged(*lease.arm_args(unit="0-9")).code == "UNIT_NOT_FOUND"
    args = list(lease.arm_args())
    args[1] = "nope"
    assert store.unchanged(*args).code == "EXECUTION_NOT_FOUND"


def test_only_arm_makes_an_intent(store, lease):
    refusal = store.unchanged(*lease.commit_args(ops=[lease.unit_op("0-0", 1, state="INTENT")]))
    assert refusal.code == "ILLEGAL_TRANSITION"


# -- close ----------------------------------------------------------------------


def test_close_after_a_refusal(store, lease):
    lease.arm()
    assert lease.close(state="PLANNED", next_at="777", doc='{"e":1}') == ["3", "PLANNED"]
    u = lease.unit()
    assert ("open" not in u, u["nextAt"], u["doc"], u["attempt"]) == (True, "777", '{"e":1}', "1")
    assert (store.field("e1", "planned"), store.field("e1", "inflight")) == ("1", "0")
    lease.arm()


def test_close_needs_the_lease(store, lease):
    lease.arm()
    lease.release("0")
    assert store.unchanged(*lease.close_args(state="PLANNED")).code == "LEASE_LOST"


def test_close_leaves_a_state_that_moved_on(store, lease):
    lease.arm()
    lease.fact("drsjob-1", attempt="-")
    assert lease.close(state="FAILED")[1] == "STARTED"
    assert "open" not in lease.unit()


def test_close_of_a_cancelled_run_never_goes_back_to_planned(store, lease):
    lease.arm()
    store.command("e1", "cancel")
    assert lease.close(state="PLANNED")[1] == "CANCELLED"
    assert store.field("e1", "inflight") == "0"


def test_close_of_a_cancelled_run_waits_for_other_open_sends(store, lease):
    lease.arm()
    lease.arm(allow_open="1")
    store.command("e1", "cancel")
    assert lease.close(attempt="2", state="PLANNED")[1] == "INTENT"
    assert lease.close(attempt="1", state="PLANNED")[1] == "CANCELLED"


def test_close_all(store, lease):
    lease.arm()
    lease.arm(allow_open="1")
    assert lease.close(attempt="0", state="FAILED")[1] == "FAILED"
    assert "open" not in lease.unit()


def test_commit_cannot_plan_again_after_cancel(store, lease):
    lease.arm()
    lease.set_unit(state="HELD")
    store.command("e1", "cancel")
    refusal = store.unchanged(*lease.commit_args(
        ops=[lease.unit_op("0-0", lease.unit()["ver"], state="PLANNED")]))
    assert (refusal.code, refusal["reason"]) == ("ILLEGAL_TRANSITION", "cancel")


# -- facts ----------------------------------------------------------------------


def test_fact_starts_the_unit(store, lease):
    lease.arm()
    assert lease.fact("drsjob-1", doc='{"d":1}') == ["STARTED", "3"]
    u = lease.unit()
    assert (u["jobId"], u["jobs"], u["doc"], "open" in u) == ("drsjob-1", "drsjob-1", '{"d":1}',
                                                             False)
    for name in ("job", "watch"):
        assert store.r.hgetall("{drs}:%s:%s" % (name, PLACE)) == {"drsjob-1": "e1 0-0"}
    assert store.due("poll:" + PLACE) is not None
    before = store.dump()
    assert lease.fact("drsjob-1") == ["STARTED", "3"]
    assert store.dump() == before


def test_fact_needs_no_lease(store, lease):
    lease.arm()
    lease.release("0")
    store.lease("exec:e1", "w2")
    assert lease.fact("drsjob-1")[0] == "STARTED"
    assert store.r.smembers("{drs}:poke") == {"exec:e1"}


def test_fact_of_a_second_job_holds_the_unit(store, lease):
    lease.arm()
    lease.fact("drsjob-1")
    assert lease.fact("drsjob-2")[0] == "HELD"
    assert lease.unit()["jobs"] == "drsjob-1 drsjob-2"
    assert lease.unit()["jobId"] == "drsjob-1"
    assert store.field("e1", "inflight") == "1"


def test_fact_of_an_older_open_send_is_an_adoption(store, lease):
    lease.arm()
    lease.arm(allow_open="1")
    assert lease.fact("drsjob-1", attempt="1")[0] == "STARTED"
    assert lease.unit()["open"].startswith("2:")


def test_fact_of_a_send_that_was_closed_holds_the_unit(store, lease):
    lease.arm()
    lease.close(attempt="1")
    lease.arm(allow_open="1")
    assert lease.fact("drsjob-1", attempt="1")[0] == "HELD"


def test_fact_after_a_refusal_holds_the_unit(store, lease):
    lease.arm()
    lease.close(state="PLANNED")
    assert lease.fact("drsjob-1")[0] == "HELD"
    assert (store.field("e1", "planned"), store.field("e1", "inflight")) == ("0", "1")


def test_a_stray_after_the_end_takes_its_servers_back(store, lease):
    lease.arm()
    lease.close(state="FAILED")
    lease.commit("wave_failed", "FAILED")
    assert store.r.exists("{drs}:claim:srv:" + PLACE) == 0
    assert lease.fact("drsjob-1", attempt="-")[0] == "HELD"
    assert store.r.hgetall("{drs}:claim:srv:" + PLACE) == {"s-1": "e1", "s-2": "e1"}
    lease.set_unit(state="DONE")
    lease.commit(ops=[("final", "5")])
    assert store.r.hlen("{drs}:claim:srv:" + PLACE) == 2       # its job still runs
    lease.commit(ops=[("unwatch", ACCOUNT, REGION, "drsjob-1"), ("final", "5")])
    assert store.r.exists("{drs}:claim:srv:" + PLACE) == 0


def test_the_end_keeps_the_servers_of_jobs_that_still_run(store, lease):
    """An operator failed a unit whose job goes on (launch-protocol step 9)."""
    lease.plan_unit("0-1", ["s-3"])
    lease.arm()
    lease.fact("drsjob-1")
    lease.set_unit(state="HELD")
    lease.set_unit(state="FAILED")
    lease.commit("wave_failed", "FAILED")
    assert store.r.hgetall("{drs}:claim:srv:" + PLACE) == {"s-1": "e1", "s-2": "e1"}
    store.call("drs_obs_put", ACCOUNT, REGION, "1", "drsjob-1", "{}", "1")
    lease.commit(ops=[("final", "5")])
    assert store.r.exists("{drs}:claim:srv:" + PLACE) == 0


def test_fact_of_a_foreign_job_is_refused(store, lease):
    lease.arm()
    lease.plan_unit("0-1", ["s-3"])
    lease.arm(unit="0-1")
    lease.fact("drsjob-1")
    refusal = store.unchanged("drs_unit_fact", "e1", "0-1", "1", "drsjob-1", "-")
    assert (refusal.code, refusal["owner"]) == ("JOB_NOT_ADOPTABLE", "e1 0-0")


def test_fact_of_unknown_things(store, lease):
    assert store.unchanged("drs_unit_fact", "e1", "0-9", "1", "j", "-").code == "UNIT_NOT_FOUND"
    assert store.unchanged("drs_unit_fact", "x", "0-9", "1", "j", "-").code \
        == "EXECUTION_NOT_FOUND"


def test_watch_and_unwatch(store, lease):
    lease.arm()
    lease.fact("drsjob-1")
    store.call("drs_obs_put", ACCOUNT, REGION, "1", "drsjob-1", '{"o":1}', "0")
    lease.commit(ops=[("unwatch", ACCOUNT, REGION, "drsjob-1")])
    assert store.r.exists("{drs}:watch:" + PLACE, "{drs}:obs:" + PLACE) == 0
    lease.commit(ops=[("watch", ACCOUNT, REGION, "drsjob-1", "0-0")])
    assert store.r.hgetall("{drs}:watch:" + PLACE) == {"drsjob-1": "e1 0-0"}
    refusal = store.unchanged(*lease.commit_args(
        ops=[("watch", ACCOUNT, REGION, "drsjob-1", "0-1")]))
    assert refusal.code == "JOB_NOT_ADOPTABLE"


# -- observations -----------------------------------------------------------------


def test_observations_poke_only_on_a_change(store, lease):
    lease.arm()
    lease.fact("drsjob-1")
    store.r.delete("{drs}:poke")
    put = ("drs_obs_put", ACCOUNT, REGION, "2", "drsjob-1", '{"o":1}', "0", "drsjob-x", "{}", "0")
    assert store.call(*put) == ["e1"]
    assert store.r.smembers("{drs}:poke") == {"exec:e1"}
    assert store.r.hgetall("{drs}:obs:" + PLACE) == {"drsjob-1": '{"o":1}'}
    assert store.call(*put) == []
    put = ("drs_obs_put", ACCOUNT, REGION, "1", "drsjob-1", '{"o":1}', "1")
    assert store.call(*put) == ["e1"]           # the end is news
    assert store.call(*put) == []
    assert store.r.exists("{drs}:watch:" + PLACE) == 0
    assert store.r.hget("{drs}:job:" + PLACE, "drsjob-1") == "e1 0-0"


# -- terminate --------------------------------------------------------------------


def test_terminate_jobs(store, lease):
    begin = ("drs_term_put", "e1", "-", "-", "RUNNING")
    refusal = store.unchanged(*begin, "0", "0", "-")
    assert (refusal.code, refusal["currentStatus"]) == ("TERMINATION_NOT_ALLOWED", "POLLING")
    store.command("e1", "pause")
    assert store.unchanged(*begin, "0", "0", "-").code == "TERMINATION_NOT_ALLOWED"
    store.call(*begin, "1", "1", "drsjob-t", '{"s":1}', '{"event":"terminate.status"}')
    assert store.r.hgetall("{drs}:exec:e1:term")["drsjob-t"] == '{"s":1}'
    assert store.events("e1")[-1] == {"event": "terminate.status"}
    assert store.unchanged(*begin, "1", "0", "-").code == "ALREADY_EXISTS"
    term = store.lease("term:e1")
    wrong = ("drs_term_put", "e1", term.fence, "w9", "DONE", "0", "0", "-")
    assert store.unchanged(*wrong).code == "LEASE_LOST"
    store.call("drs_term_put", "e1", term.fence, term.owner, "FAILED", "0", "0", "-")
    store.call(*begin, "1", "0", "-")
    assert store.r.hget("{drs}:exec:e1:term", "state") == "RUNNING"
