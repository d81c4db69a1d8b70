"""The capacity queue of an account and Region in the store (engine.md 9.4)."""

import pytest

from store_calls import ACCOUNT, PLACE, REGION

pytest_plugins = ("store_fixtures",)

FRESH, TTL, AGING = 60000, 30000, 600000


class Runs:
    """Executions that ask for room in one account and Region."""

    def __init__(self, store, jobs=2, servers=500):
        self.store, self.jobs, self.servers = store, jobs, servers
        self.leases = {}
        self.see()

    def see(self, **listed):
        """What DRS lists: job id -> server ids."""
        flat = [x for j, s in listed.items() for x in (j, " ".join(s))]
        self.store.call("drs_cap_seen", ACCOUNT, REGION, str(self.store.now()),
                        str(len(listed)), *flat)

    def run(self, ident, kind="DRILL", units=1, servers=1):
        """A POLLING run with PLANNED units; each run starts a second later."""
        self.store.advance(1000)
        args = list(self.store.create_args(ident=ident, plan="p-" + ident,
                                           command="c-" + ident))
        args[5] = kind
        self.store.call(*args)
        lease = self.store.lease("exec:" + ident)
        lease.commit("claim", "RUNNING")
        lease.commit("wave_start", ops=[("w", "0", "INITIATED", "-")])
        for n in range(units):
            lease.plan_unit("0-%d" % n, ["s-%s-%d-%d" % (ident, n, i)
                                         for i in range(servers)])
        self.leases[ident] = lease
        return lease

    def ask_args(self, ident, unit="0-0", priority=5):
        lease = self.leases[ident]
        return ("drs_cap_ask", ident, lease.fence, lease.owner, unit, str(priority),
                str(self.jobs), str(self.servers), str(AGING), str(FRESH), str(TTL), "5000")

    def ask(self, ident, unit="0-0", priority=5):
        return self.store.call(*self.ask_args(ident, unit, priority))[0]

    def start(self, ident, job, unit="0-0"):
        self.leases[ident].arm(unit=unit)
        self.leases[ident].fact(job, unit=unit)

    def end(self, *jobs):
        """The poll sees that jobs have ended."""
        flat = [x for j in jobs for x in (j, '{"jobId":"%s"}' % j, "1")]
        self.store.call("drs_obs_put", ACCOUNT, REGION, str(len(jobs)), *flat)

    def held(self):
        return sorted(self.store.r.hkeys(self.store.key("cap:held:" + PLACE)))

    def full(self, ident="full", **kw):
        """Takes all room; the returned function frees one job after another."""
        self.run(ident, units=self.jobs, **kw)
        for n in range(self.jobs):
            assert self.ask(ident, "0-%d" % n) == "granted"
            self.start(ident, "job-%d" % n, "0-%d" % n)
        left = ["job-%d" % n for n in range(self.jobs)]
        return lambda: self.end(left.pop(0))


def test_room_is_given_up_to_the_limit_and_again_when_a_job_ends(store):
    runs = Runs(store)
    for ident in ("a", "b", "c"):
        runs.run(ident)
    assert [runs.ask(i) for i in ("a", "b", "c")] == ["granted", "granted", "queued"]
    runs.start("a", "job-a")
    assert runs.ask("c") == "queued"
    runs.end("job-a")
    assert runs.held() == ["b 0-0", "c 0-0"]
    assert runs.ask("c") == "granted"


def test_servers_in_jobs_are_counted(store):
    runs = Runs(store, jobs=20, servers=150)
    runs.run("a", servers=100)
    runs.run("b", servers=51)
    runs.run("c", servers=50)
    assert [runs.ask(i) for i in ("a", "b", "c")] == ["granted", "queued", "granted"]


def test_the_next_one_is_woken_and_may_ask_at_once(store):
    runs = Runs(store, jobs=1)
    free = runs.full()
    runs.run("a")
    assert runs.ask("a") == "queued"
    runs.leases["a"].set_unit(nextAt=str(store.now() + 15000))
    ver = int(runs.leases["a"].unit()["ver"])
    runs.leases["a"].release(str(store.now() + 15000))
    assert store.due("exec:a") > store.now()
    free()
    assert store.due("exec:a") <= store.now()
    unit = runs.leases["a"].unit()
    assert (unit["nextAt"], int(unit["ver"])) == ("0", ver + 1)


def test_recovery_goes_before_drill_then_priority_then_age(store):
    runs = Runs(store, jobs=1)
    free = runs.full()
    order = [("d5", "DRILL", 5), ("d1", "DRILL", 1), ("r9", "RECOVERY", 9),
             ("r5-old", "RECOVERY", 5), ("r5-new", "RECOVERY", 5)]
    for ident, kind, priority in order:
        runs.run(ident, kind)
    for ident, _, priority in reversed(order):
        assert runs.ask(ident, priority=priority) == "queued"
    seen = []
    for n in range(5):
        free() if n == 0 else runs.end("next-%d" % (n - 1))
        (name,) = runs.held()
        seen.append(name.split()[0])
        runs.start(seen[-1], "next-%d" % n)
    assert seen == ["r5-old", "r5-new", "r9", "d1", "d5"]


def test_runs_take_turns(store):
    """A run with many units does not shut out one that starts later."""
    runs = Runs(store, jobs=4)
    runs.run("big", units=12)
    for n in range(12):
        runs.ask("big", "0-%d" % n)
    assert runs.held() == ["big 0-%d" % n for n in range(4)]
    for n in range(4):
        runs.start("big", "big-%d" % n, "0-%d" % n)
    runs.run("late", units=4)
    for n in range(4):
        assert runs.ask("late", "0-%d" % n) == "queued"
    for n in range(4):
        runs.end("big-%d" % n)
    # half and half from now on, the older run first when both have the same
    assert runs.held() == ["big 0-4", "big 0-5", "late 0-0", "late 0-1"]


def wait_long(store, runs):
    """The run "old" asks for eight times what makes up for one priority."""
    for _ in range(8):
        store.advance(AGING)
        runs.see()
        runs.ask("old", priority=9)
        store.r.hset(store.key("cap:queue:" + PLACE), "old 0-0", " ".join(
            store.r.hget(store.key("cap:queue:" + PLACE), "old 0-0").split()[:5]
            + [str(store.now() + 10 * AGING), "0"]))


def test_waiting_never_puts_a_drill_before_a_recovery(store):
    runs = Runs(store, jobs=1)
    free = runs.full()
    runs.run("old", "DRILL")
    assert runs.ask("old", priority=1) == "queued"
    wait_long(store, runs)
    runs.run("new", "RECOVERY")
    runs.ask("new", priority=9)
    runs.see()
    free()
    assert runs.held() == ["new 0-0"]


def test_waiting_makes_up_for_priority(store):
    """Nobody starves behind a stream of more important runs."""
    runs = Runs(store, jobs=1)
    free = runs.full()
    runs.run("old")
    assert runs.ask("old", priority=9) == "queued"
    wait_long(store, runs)
    runs.run("new")
    runs.ask("new", priority=1)
    runs.see()
    free()
    # after 8 steps both have rank 1: the older one is first
    assert runs.held() == ["old 0-0"]


def test_a_large_unit_is_not_passed_for_ever(store):
    runs = Runs(store, jobs=20, servers=100)
    runs.run("first", servers=60)
    assert runs.ask("first") == "granted"
    runs.start("first", "job-1")
    runs.run("large", servers=80)
    assert runs.ask("large") == "queued"
    runs.run("small", servers=10)
    assert runs.ask("small") == "granted"
    for _ in range(AGING // 20000 + 1):
        store.advance(20000)
        runs.see(**{"job-1": []})
        assert runs.ask("large") == "queued"
    runs.run("later", servers=10)
    assert runs.ask("later") == "queued"
    runs.end("job-1")
    assert "large 0-0" in runs.held()


def test_a_unit_that_can_never_fit_holds_nobody_up(store):
    runs = Runs(store, jobs=20, servers=50)
    runs.run("huge", servers=60)
    for _ in range(AGING // 20000 + 2):
        store.advance(20000)
        runs.see()
        assert runs.ask("huge") == "queued"
    runs.run("small", servers=10)
    assert runs.ask("small") == "granted"


def test_room_of_a_dead_worker_is_taken_back(store):
    """Granted and never armed: the next in the queue gets it."""
    runs = Runs(store, jobs=1)
    runs.run("dead")
    runs.run("next")
    assert runs.ask("dead") == "granted"
    assert runs.ask("next") == "queued"
    store.advance(TTL - 1000)
    assert runs.ask("next") == "queued"
    store.advance(1000)
    assert runs.ask("next") == "granted"
    assert runs.held() == ["next 0-0"]
    # who comes back has to ask again
    assert runs.ask("dead") == "queued"


def test_a_place_in_the_queue_ends_with_its_worker(store):
    runs = Runs(store, jobs=1)
    free = runs.full()
    runs.run("gone")
    runs.run("next")
    assert runs.ask("gone") == "queued"
    store.advance(TTL - 5000)
    assert runs.ask("next") == "queued"
    store.advance(5000)
    free()
    assert runs.held() == ["next 0-0"]


def test_an_unanswered_call_keeps_its_room(store):
    """An intent holds room for as long as its send is open."""
    runs = Runs(store, jobs=1)
    runs.run("a")
    runs.run("b")
    assert runs.ask("a") == "granted"
    runs.leases["a"].arm()
    store.advance(10 * TTL)
    runs.see()
    assert runs.ask("b") == "queued"
    runs.leases["a"].close(state="FAILED")
    assert runs.held() == ["b 0-0"]


@pytest.mark.parametrize("command", ["pause", "cancel"])
def test_a_paused_or_cancelled_run_gives_way(store, command):
    runs = Runs(store, jobs=1)
    free = runs.full()
    runs.run("a")
    runs.run("b")
    assert runs.ask("a") == "queued"
    assert runs.ask("b") == "queued"
    store.command("a", command)
    free()
    assert runs.held() == ["b 0-0"]
    assert store.r.hkeys(store.key("cap:queue:" + PLACE)) == []


def test_a_granted_run_that_is_paused_gives_its_room_back(store):
    runs = Runs(store, jobs=1)
    runs.run("a")
    runs.run("b")
    assert runs.ask("a") == "granted"
    store.command("a", "pause")
    assert runs.ask("b") == "granted"


def test_jobs_of_others_take_room(store):
    runs = Runs(store, jobs=2, servers=100)
    runs.run("a")
    runs.run("b")
    runs.see(**{"foreign": ["s-%d" % i for i in range(99)]})
    assert runs.ask("a") == "granted"
    assert runs.ask("b") == "queued"
    runs.see()
    assert sorted(runs.held()) == ["a 0-0", "b 0-0"]


def test_terminate_jobs_of_ours_take_room(store):
    """They are known as ours, and no unit holds room for them."""
    runs = Runs(store, jobs=1)
    runs.run("a")
    store.r.hset(store.key("job:" + PLACE), "t", "other term")
    runs.see(t=["s-1"])
    assert runs.ask("a") != "granted"
    runs.see()
    assert runs.ask("a") == "granted"


def test_own_listed_jobs_count_once(store):
    runs = Runs(store, jobs=2)
    runs.run("a")
    runs.run("b")
    assert runs.ask("a") == "granted"
    runs.start("a", "job-a")
    runs.see(**{"job-a": ["s-a-0-0"]})
    assert runs.ask("b") == "granted"


def test_a_job_that_has_ended_since_the_listing_does_not_count(store):
    runs = Runs(store, jobs=1)
    runs.run("a")
    runs.run("b")
    runs.ask("a")
    runs.start("a", "job-a")
    runs.see(**{"job-a": ["s-a-0-0", "s-b-0-0"]})
    runs.end("job-a")
    assert runs.ask("b") == "granted"


def test_servers_in_a_foreign_job_are_told(store):
    runs = Runs(store)
    runs.run("a", servers=3)
    runs.see(**{"foreign": ["s-a-0-2", "s-x", "s-a-0-0"]})
    reply = store.call(*runs.ask_args("a"))
    assert reply == ["busy", "0", "s-a-0-0", "s-a-0-2"]
    assert runs.held() == []


def test_one_looks_the_others_wait(store):
    runs = Runs(store)
    runs.run("a")
    runs.run("b")
    store.advance(FRESH + 1)
    assert runs.ask("a") == "look"
    assert runs.ask("b") == "wait"
    store.advance(5000)
    assert runs.ask("b") == "look"
    runs.see()
    assert runs.ask("b") == "granted"


def test_an_older_listing_does_not_replace_a_newer_one(store):
    runs = Runs(store)
    runs.see(foreign=["s-1"])
    reply = store.call("drs_cap_seen", ACCOUNT, REGION, str(store.now() - 60000), "0")
    assert reply == ["older"]
    assert store.r.hexists(store.key("cap:seen:" + PLACE), "j foreign")


def test_asking_needs_the_lease_and_a_planned_unit(store):
    runs = Runs(store)
    runs.run("a")
    assert runs.ask("a") == "granted"
    runs.leases["a"].arm()
    assert store.unchanged(*runs.ask_args("a")).code == "UNIT_NOT_PLANNED"
    runs.leases["a"].release("0")
    assert store.unchanged(*runs.ask_args("a")).code == "LEASE_LOST"


def test_the_report_shows_who_waits(store):
    runs = Runs(store, jobs=1)
    runs.full()
    runs.run("a", "RECOVERY", servers=3)
    runs.ask("a", priority=2)
    lines = store.raw("drs_capacity")
    assert lines[0] == "1 places with launches"
    assert lines[1].startswith("place %s  1 of 1 jobs, 1 of 500 servers" % PLACE)
    assert lines[2] == "held full 0-0  1 servers"
    assert lines[3].startswith("waits a 0-0  1. RECOVERY, priority 2, 3 servers")
    assert store.raw("drs_capacity", ACCOUNT, REGION) == lines[1:]


def test_an_observation_that_the_run_forgot_is_not_kept_again(store):
    runs = Runs(store)
    runs.run("a")
    runs.ask("a")
    runs.start("a", "job-a")
    runs.end("job-a")
    runs.leases["a"].commit(ops=[("unwatch", ACCOUNT, REGION, "job-a")])
    store.call("drs_obs_put", ACCOUNT, REGION, "1", "job-a", '{"log":1}', "1")
    assert not store.r.hexists(store.key("obs:" + PLACE), "job-a")


# -- call rates -----------------------------------------------------------------


def take(store, want=1, keep=0, per_minute=60, burst=10):
    got, wait = store.call("drs_rate_take", ACCOUNT, REGION, "drs.X", str(per_minute),
                           str(burst), str(want), str(keep))
    return int(got), int(wait)


def test_a_bucket_is_shared_and_refills(store):
    assert [take(store)[0] for _ in range(10)] == [1] * 10
    got, wait = take(store)
    assert got == 0 and 0 < wait <= 1000
    store.advance(3000)
    assert take(store, want=5)[0] == 3
    # another account, Region or API has its own
    assert store.call("drs_rate_take", ACCOUNT, "eu-west-1", "drs.X", "60", "10", "9",
                      "0") == ["9", "0"]


def test_what_is_kept_is_left_for_others(store):
    assert take(store, want=10, keep=5)[0] == 5
    got, wait = take(store, keep=5)
    assert got == 0 and wait > 0
    assert take(store, want=10)[0] == 5


def rate(store):
    """Calls a minute that the bucket gives at present."""
    return float(store.r.hget(store.key(f"rate:aws:{ACCOUNT}:{REGION}:drs.X"), "rate"))


def test_throttling_halves_the_rate_and_calls_and_time_bring_it_back(store):
    assert take(store, want=10)[0] == 10
    assert store.call("drs_rate_slow", ACCOUNT, REGION, "drs.X", "60", "10") == ["30"]
    for _ in range(6):
        last = store.call("drs_rate_slow", ACCOUNT, REGION, "drs.X", "60", "10")
    assert last == ["3"]
    store.advance(20000)
    assert take(store, want=10)[0] == 1
    assert rate(store) == pytest.approx(3.75 + 60 * 20 / 120 + 3, abs=0.3)
    assert store.call("drs_rate_slow", ACCOUNT, REGION, "drs.X", "60", "10") == ["8"]
    store.advance(120000)
    take(store)
    assert rate(store) == 60


def test_a_clock_that_goes_back_gives_nothing(store):
    store.advance(60000)
    assert take(store, want=10)[0] == 10
    store.advance(-60000)
    assert take(store)[0] == 0
