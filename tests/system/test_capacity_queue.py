"""Launches wait for capacity: limits of Service Quotas, recoveries first."""

from world import World

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


def test_strict_limits_and_views_go_by_the_quotas(make_stack):
    """`limits strict`: refusals name the quotas of the account, and so do
    capacity and quotas."""
    world = World(make_stack(worker_options={"limits": "strict"}))
    quotas = {JOBS: 2, "L-05AFA8C6": 5, "L-B827C881": 3, "L-E28BE5E0": 6000}
    world.stack.sim("POST", "/_sim/quotas", {"account": world.account,
                                             "quotas": quotas})
    large, _ = world.simple_plan((4,))
    answer = world.start(large, expect=400)
    assert answer["code"] == "WAVE_SIZE_LIMIT_EXCEEDED"
    assert answer["limit"] == 3 and answer["errors"][0]["serverCount"] == 4

    plans = [world.simple_plan((n,))[0] for n in (3, 3, 1, 1)]
    world.freeze()
    try:
        runs = [world.start(plans[0])]
        world.wave_in_flight(runs[0])
        answer = world.start(plans[1], expect=429)
        assert answer["code"] == "SERVERS_IN_JOBS_LIMIT_EXCEEDED"
        assert (answer["currentServersInJobs"], answer["totalAfterNew"],
                answer["maxServers"]) == (3, 6, 5)
        world.stack.sim("POST", "/_sim/foreign-job", {
            "account": world.account, "region": world.region,
            "serverIds": world.fleet(1, "other"), "type": "LAUNCH",
            "isDrill": True})
        answer = world.start(plans[2], expect=429)
        assert answer["code"] == "CONCURRENT_JOBS_LIMIT_EXCEEDED"
        assert (answer["currentJobs"], answer["maxJobs"]) == (2, 2)
        assert sorted((j["type"], j["serverCount"])
                      for j in answer["activeJobs"]) == [("LAUNCH", 1),
                                                         ("LAUNCH", 3)]

        seen = world.api("GET", f"/accounts/targets/{world.account}/capacity")
        assert seen["concurrentJobs"] == {"current": 2, "max": 2,
                                          "available": 0}
        assert seen["serversInJobs"]["max"] == 5
        assert seen["maxServersPerJob"]["max"] == 3
        assert seen["regionalCapacity"][0]["recoveryMax"] == 6000
        told = world.api("GET", f"/drs/quotas?accountId={world.account}")
        assert told["capacity"]["maxSourceServers"] == 6000
        assert told["concurrentJobs"]["max"] == 2
    finally:
        world.thaw()
    assert world.finish(runs[0])["status"] == "COMPLETED"
