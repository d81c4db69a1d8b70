"""Launches wait for capacity: limits of Service Quotas, recoveries first."""

JOBS = "L-D88FAC3A"


def overlap(jobs):
    """Most jobs that were active at a time."""
    events = sorted([(j["createdAt"], 1) for j in jobs]
                    + [(j["endedAt"], -1) for j in jobs])
    now = most = 0
    for _, step in events:
        now += step
        most = max(most, now)
    return most


def test_runs_queue_within_the_quota_and_recoveries_go_first(world):
    """Two jobs are allowed, one of them is left free for people."""
    servers = world.fleet(5)
    world.stack.sim("POST", "/_sim/quotas", {"account": world.account,
                                             "quotas": {JOBS: 2}})
    plans = [world.plan(f"p{i}", [world.group(f"g{i}", [s])])
             for i, s in enumerate(servers)]
    world.freeze()
    try:
        first = world.start(plans[0])
        world.wave_in_flight(first)
        drills = [world.start(p) for p in plans[1:4]]
        recovery = world.start(plans[4], kind="RECOVERY")
        for run in [*drills, recovery]:
            world.wait_until(
                lambda run=run: world.execution(run)["waves"][0]["statusReason"]
                == "WAITING_FOR_CAPACITY", "waiting for capacity")
    finally:
        world.thaw()
    for run in [first, recovery, *drills]:
        assert world.finish(run)["status"] == "COMPLETED"

    jobs = sorted((j for j in world.stack.sim("GET", "/_sim/jobs")["jobs"]
                   if j["account"] == world.account), key=lambda j: j["createdAt"])
    assert [j["initiatedBy"] for j in jobs] == [
        "START_DRILL", "START_RECOVERY"] + ["START_DRILL"] * 3
    assert overlap(jobs) == 1
    calls = world.calls("StartRecovery")
    assert [c for c in calls if not c["applied"]] == []
    assert world.calls("ListServiceQuotas")


def test_limits_hold_where_quotas_may_not_be_read(world):
    """The configured numbers serve; nothing fails."""
    world.faults({"service": "servicequotas", "kind": "access_denied"})
    plan, _ = world.simple_plan((1,))
    run = world.start(plan)
    assert world.finish(run)["status"] == "COMPLETED"
    asked = world.calls("ListServiceQuotas")
    assert len(asked) == 1 and not asked[0]["applied"]


def test_a_lower_quota_makes_smaller_jobs(world):
    """Servers in one job: what Service Quotas says."""
    world.stack.sim("POST", "/_sim/quotas", {"account": world.account,
                                             "quotas": {"L-B827C881": 2}})
    plan, _ = world.simple_plan((5,))
    run = world.start(plan)
    assert world.finish(run)["status"] == "COMPLETED"
    sizes = [len(c["params"]["sourceServers"]) for c in world.launches()]
    assert sorted(sizes) == [1, 2, 2]
