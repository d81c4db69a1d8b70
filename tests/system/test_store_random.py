"""Random calls never break what the library keeps: counters, indexes, claims."""

import random

import pytest

from store_calls import ACCOUNT, ACTOR, PLACE, REGION, Refused

pytest_plugins = ("store_fixtures",)

IN_FLIGHT = {"INTENT", "STARTED", "HELD"}
TERMINAL = {"COMPLETED", "PARTIAL", "FAILED", "CANCELLED", "TIMEOUT"}
STATUSES = ["PENDING", "RUNNING", "POLLING", "PAUSE_PENDING", "PAUSED", "CANCELLING",
            *sorted(TERMINAL)]
EVENTS = ["claim", "wave_start", "wave_done", "pause_point", "quiet", "all_done", "wave_failed",
          "wave_hold", "wave_continue", "cancel_done", "cancel_done_partial", "retry", "skip",
          "deadline", "pause_expired", "wave_failed_partial"]
STATES = ["PLANNED", "INTENT", "STARTED", "DONE", "FAILED", "HELD", "CANCELLED"]
WAVES = ["PENDING", "INITIATED", "IN_PROGRESS", "COMPLETED", "FAILED", "CANCELLED"]
SERVERS = ["s-%d" % i for i in range(6)]


class Walk:
    def __init__(self, store, seed):
        self.store, self.rnd = store, random.Random(seed)
        self.leases = {}
        self.jobs = 0
        self.count = {}

    def call(self, *args):
        """DRS codes are fine, mistakes of this test (BAD_CALL) are not."""
        try:
            reply = self.store.call(*args)
            self.count["OK"] = self.count.get("OK", 0) + 1
            return reply
        except Refused as refusal:
            assert refusal.code != "BAD_CALL", refusal
            self.count[refusal.code] = self.count.get(refusal.code, 0) + 1
            return None

    def step(self):
        pick = self.rnd.choice
        exec_id = pick(["e1", "e2"])
        lease = self.leases.get(exec_id)
        if not self.store.field(exec_id, "status"):
            self.leases.pop(exec_id, None)
            self.create(exec_id)
        elif lease is None:
            self.leases[exec_id] = self.store.lease("exec:" + exec_id)
        else:
            getattr(self, pick(["command", "commit", "commit", "unit", "unit", "arm", "arm",
                                "close", "fact", "delete", "claims"]))(exec_id, lease)

    def create(self, exec_id):
        claims = ["%s:%s" % (PLACE, s) for s in self.rnd.sample(SERVERS, 2)]
        self.jobs += 1
        self.call(*self.store.create_args(
            ident=exec_id, plan=self.rnd.choice(["p1", "p2"]), command="c%d" % self.jobs,
            waves=self.rnd.randint(1, 3), claims=claims))

    def command(self, exec_id, _):
        if self.rnd.random() < 0.5:
            name = self.rnd.choice(["pause", "resume", "cancel"])
            self.call("drs_exec_command", exec_id, name, "-", ACTOR, "", "-", "-")

    def commit(self, exec_id, lease):
        total = int(self.store.field(exec_id, "wavesTotal"))
        ops = [("w", str(self.rnd.randrange(total)), self.rnd.choice(WAVES), "-")]
        if self.rnd.random() < 0.3:
            ops.append(("h", "launched", str(self.rnd.randint(0, 3))))
        ver = self.store.field(exec_id, "ver") if self.rnd.random() < 0.8 else "1"
        self.call(*lease.commit_args(self.rnd.choice(EVENTS), "-", ops, ver))

    def some_unit(self, exec_id):
        total = int(self.store.field(exec_id, "wavesTotal"))
        return "%d-%d" % (self.rnd.randrange(total), self.rnd.randrange(2))

    def unit(self, exec_id, lease):
        unit = self.some_unit(exec_id)
        if lease.unit(unit):
            fields = {"state": self.rnd.choice(STATES)}
        else:
            fields = {"state": "PLANNED", "account": ACCOUNT, "region": REGION,
                      "servers": self.rnd.choice(SERVERS), "maxAttempts": "99"}
        self.call(*lease.commit_args(
            ops=[lease.unit_op(unit, lease.unit(unit).get("ver", 0), **fields)]))

    def arm(self, exec_id, lease):
        unit = self.some_unit(exec_id)
        done = self.call(*lease.arm_args(unit=unit, allow_open=self.rnd.choice("01")))
        if done:
            assert self.store.field(exec_id, "cancel") == "0"
            assert self.store.field(exec_id, "status") in ("RUNNING", "POLLING")
            for s in lease.unit(unit)["servers"].split():
                assert self.store.r.hget("{drs}:claim:srv:" + PLACE, s) == exec_id

    def close(self, exec_id, lease):
        unit = self.some_unit(exec_id)
        if lease.unit(unit):
            self.call(*lease.close_args(
                unit=unit, attempt=self.rnd.choice(["0", lease.unit(unit).get("attempt", "0")]),
                state=self.rnd.choice(["-", "PLANNED", "FAILED", "HELD", "CANCELLED"])))

    def fact(self, exec_id, lease):
        unit = self.some_unit(exec_id)
        if self.rnd.random() < 0.4:
            self.jobs += 1
            job = "drsjob-%d" % (self.jobs - (self.rnd.random() < 0.2))
            self.call("drs_unit_fact", exec_id, unit, self.rnd.choice(
                ["-", lease.unit(unit).get("attempt", "1")]), job, "-")

    def claims(self, _, lease):
        self.call(*lease.commit_args(
            ops=[("claim", ACCOUNT, REGION, self.rnd.choice(SERVERS))]))

    def delete(self, exec_id, _):
        self.call("drs_exec_delete", exec_id, "-", "-")


def check(store):
    owners = store.r.hgetall("{drs}:claim:srv:" + PLACE)
    for exec_id in ("e1", "e2"):
        h = store.r.hgetall("{drs}:exec:" + exec_id)
        if not h:
            assert not store.r.keys("{drs}:exec:%s:*" % exec_id)
            assert exec_id not in owners.values()
            continue
        waves = range(int(h["wavesTotal"]))
        flying, planned, needed = dict.fromkeys(waves, 0), dict.fromkeys(waves, 0), set()
        for unit in store.r.smembers("{drs}:exec:%s:units" % exec_id):
            u = store.r.hgetall("{drs}:exec:%s:u:%s" % (exec_id, unit))
            flying[int(u["wave"])] += u["state"] in IN_FLIGHT
            planned[int(u["wave"])] += u["state"] == "PLANNED"
            if u.get("open"):
                needed |= set(u["servers"].split())
        left = 0
        for n in waves:
            w = store.r.hgetall("{drs}:exec:%s:w:%d" % (exec_id, n))
            assert (int(w["inflight"]), int(w["planned"])) == (flying[n], planned[n])
            left += w["status"] == "PENDING"
        assert int(h["inflight"]) == sum(1 for n in waves if flying[n])
        assert int(h["planned"]) == sum(planned.values())
        assert int(h["wavesLeft"]) == left
        for status in STATUSES:
            listed = store.r.zscore("{drs}:exec:status:" + status, exec_id) is not None
            assert listed == (status == h["status"])
        assert (h["pauseReq"] == "1") == (h["status"] == "PAUSE_PENDING")
        assert ("pausedAt" in h) == (h["status"] == "PAUSED")
        mine = {s for s, owner in owners.items() if owner == exec_id}
        assert store.r.smembers("{drs}:exec:%s:claims" % exec_id) \
            == {"%s:%s" % (PLACE, s) for s in mine}
        assert needed <= mine       # while a send is open its servers stay ours
        terminal = h["status"] in TERMINAL
        assert ("endedAt" in h) == terminal
        plan_owner = store.r.get("{drs}:claim:plan:" + h["planId"])
        assert (plan_owner == exec_id) != terminal


@pytest.mark.parametrize("seed", range(8))
def test_random_walk(store, seed):
    walk = Walk(store, seed)
    for _ in range(250):
        walk.step()
        check(store)
    assert walk.count["OK"] > 40, walk.count
    assert len(walk.count) > 4, walk.count
