"""Acceptance scenarios 12, 15 to 20, 26: AWS misbehaves."""
import pytest

from stack import PREFIX
from world import TERMINAL

LONG = {"deadlineMinutes": 10080}


def started_servers(calls):
    """Server ids of applied StartRecovery calls, with repetitions."""
    return sorted(s["sourceServerID"] for c in calls
                  for s in c["params"]["sourceServers"])


def statuses(body, wave=0):
    """serverStatuses of a wave by id."""
    return {s["sourceServerId"]: s
            for s in body["waves"][wave]["serverStatuses"]}


@pytest.mark.parametrize("fault", [
    {"kind": "lost_response"}, {"kind": "http_500", "effect": "before"},
    {"kind": "http_503", "effect": "before"}])
def test_scenario_12_answer_lost(world, fault):
    """The call took effect, its answer is lost: adopted, no second call."""
    plan, servers = world.simple_plan((3, 1), waves={0: LONG, 1: LONG})
    world.faults({"service": "drs", "operation": "StartRecovery", "times": 1,
                  **fault})
    body = world.wait(world.start(plan), "COMPLETED")
    calls = world.calls("StartRecovery")
    assert len(calls) == 2, calls
    assert started_servers(world.launches()) \
        == sorted(servers[0] + servers[1])
    assert body["waves"][0]["jobId"] == calls[0]["resultId"]


def test_scenario_12_call_without_effect(world):
    """The connection broke, nothing happened: called again after Q."""
    plan, servers = world.simple_plan((2,), waves={0: LONG})
    world.faults({"service": "drs", "operation": "StartRecovery", "times": 1,
                  "kind": "http_500"})
    world.wait(world.start(plan), "COMPLETED")
    assert len(world.calls("StartRecovery")) == 2
    assert started_servers(world.launches()) == sorted(servers[0])


def test_scenario_12_contradictory_evidence(world):
    """The servers point to a job that is not listed: HELD, then adopted."""
    plan, servers = world.simple_plan((2, 1), waves={0: LONG, 1: LONG})
    world.faults(
        {"service": "drs", "operation": "StartRecovery", "times": 1,
         "kind": "lost_response"},
        {"service": "drs", "operation": "DescribeJobs", "kind": "list_lag",
         "delayMs": 600000})
    execution = world.start(plan)

    def held():
        units = world.execution(execution)["waves"][0]["launchUnits"]
        return units and units[0]["state"] == "HELD" and units[0]

    unit = world.wait_until(held, "the unit is HELD")
    assert len(world.calls("StartRecovery")) == 1
    world.stack.sim("DELETE", "/_sim/faults")
    job = world.launches()[0]["resultId"]
    world.api("POST", f"/executions/{execution}/units/{unit['unitId']}"
                      "/resolve",
              {"action": "ADOPT", "jobId": job, "reason": "seen in DRS"})
    body = world.wait(execution, "COMPLETED")
    assert body["waves"][0]["jobId"] == job
    assert started_servers(world.launches()) \
        == sorted(servers[0] + servers[1])


def test_scenario_15_foreign_job_refuses_start(world):
    """A console job holds a server: 409 before anything is launched."""
    plan, servers = world.simple_plan((2, 1))
    world.freeze()
    world.stack.sim("POST", "/_sim/foreign-job", {
        "account": world.account, "region": world.region,
        "serverIds": [servers[1][0]], "type": "LAUNCH", "isDrill": True})
    answer = world.start(plan, expect=409)
    assert answer["conflicts"][0]["serverId"] == servers[1][0]
    world.thaw()
    assert not world.launches()


def test_scenario_15_foreign_job_at_launch(world):
    """It waits, then fails that server only and launches the others."""
    plan, servers = world.simple_plan(
        (3,), waves={0: {"pauseBeforeWave": True, **LONG}})
    execution = world.start(plan)
    world.wait(execution, "PAUSED")
    world.freeze()
    world.stack.sim("POST", "/_sim/foreign-job", {
        "account": world.account, "region": world.region,
        "serverIds": [servers[0][1]], "type": "LAUNCH", "isDrill": True})
    status, answer = world.try_api(
        "POST", f"/executions/{execution}/resume", {})
    assert status == 409, answer
    assert world.execution(execution)["status"] == "PAUSED"

    # the operator's function of the store does not look at AWS
    assert "accepted" in world.stack.redis_cli(
        "FCALL", "drs_resume", "1", "{drs}", execution, "tests")
    world.wait_until(lambda: world.launches(), "launch of the others")
    world.thaw()
    body = world.wait(execution, "PARTIAL")
    rest = [s for s in servers[0] if s != servers[0][1]]
    assert started_servers(world.launches()) == sorted(rest)
    assert statuses(body)[servers[0][1]]["launchStatus"] == "FAILED"
    assert {statuses(body)[s]["launchStatus"] for s in rest} == {"LAUNCHED"}


def test_scenario_16_large_wave_waits_for_capacity(world):
    """250 servers, 20 active jobs: three units, no failure."""
    plan, servers = world.simple_plan((250,), waves={0: LONG})
    others = world.fleet(20, "other")
    world.freeze()
    for server in others:
        world.stack.sim("POST", "/_sim/foreign-job", {
            "account": world.account, "region": world.region,
            "serverIds": [server], "type": "LAUNCH", "isDrill": True})
    execution = world.start(plan)
    world.wait_until(
        lambda: world.execution(execution)["waves"][0].get("statusReason")
        == "WAITING_FOR_CAPACITY", "unit waits for capacity")
    assert not world.launches()
    world.thaw()
    body = world.wait(execution, "COMPLETED")
    calls = world.launches()
    assert [len(c["params"]["sourceServers"]) for c in calls] \
        == [100, 100, 50]
    assert started_servers(calls) == sorted(servers[0])
    assert body["waves"][0]["launchedServers"] == 250


def calls_to_drs(world):
    """All calls to DRS in the world's account."""
    found, since = [], 0
    while True:
        page = world.stack.sim("GET", f"/_sim/calls?since={since}&service=drs")
        if not page["calls"]:
            return [c for c in found if c["account"] == world.account]
        found += page["calls"]
        since = page["next"]


def test_scenario_17_throttling(world):
    """Half of all calls are throttled from start to end: it completes, nothing
    is lost, the rate of calls drops and comes back.

    Retry-After is not scaled: at this speed one second of it is 25 minutes."""
    full = 100 * world.stack.speed
    lowest = [full]

    def rate():
        text = world.stack.redis_cli(
            "HGET", f"{PREFIX}:rate:aws:{world.account}:{world.region}"
                    ":drs.DescribeJobs", "rate").strip()
        return float(text) if text else full

    def over():
        lowest[0] = min(lowest[0], rate())
        return world.execution(execution)["status"] in TERMINAL

    plan, servers = world.simple_plan((2, 2), waves={0: LONG, 1: LONG})
    world.stack.sim("POST", "/_sim/faults", {"seed": 7, "faults": [{
        "service": "drs", "operation": "*", "account": world.account,
        "kind": "throttle", "rate": 0.5, "retryAfter": 1}]})
    execution = world.start(plan)
    world.wait_until(over, "the end", 300)
    assert world.execution(execution)["status"] == "COMPLETED"
    assert started_servers(world.launches()) \
        == sorted(servers[0] + servers[1])
    calls = calls_to_drs(world)
    throttled = [c for c in calls if c.get("fault") == "throttle"]
    assert len(throttled) >= 15 and len(throttled) > len(calls) / 4, calls
    assert lowest[0] <= full / 4

    world.stack.sim("DELETE", "/_sim/faults")
    world.finish(world.start(plan))
    assert rate() > 3 * lowest[0]


def test_scenario_18_instance_of_the_run(world):
    """An older drill instance exists: the run's own is recorded."""
    plan, servers = world.simple_plan((2,))
    first = world.wait(world.start(plan), "COMPLETED")
    execution = world.start(plan)
    body = world.wait(execution, "COMPLETED")
    job = body["waves"][0]["jobId"]
    assert job != first["waves"][0]["jobId"]
    expected = {}
    for job_doc in world.stack.sim("GET", "/_sim/jobs")["jobs"]:
        if job_doc["jobID"] == job:
            assert not any(p.get("recoveryInstanceID")
                           for p in job_doc["participatingServers"])

    def enriched():
        listed = world.api(
            "GET", f"/executions/{execution}/recovery-instances")["instances"]
        found = {i["sourceServerId"]: i["recoveryInstanceId"] for i in listed}
        return found if len(found) == 2 else None

    expected = world.wait_until(enriched, "instances are known")
    instances = {i["sourceServerId"]: i for i in world.stack.sim(
        "GET", "/_sim/instances")["instances"]
        if i["jobId"] == job}
    assert {s: instances[s]["instanceId"] for s in servers[0]} \
        == expected


def test_scenario_19_completed_but_pending(world):
    """The job is COMPLETED, its servers follow later: success."""
    plan, servers = world.simple_plan((2,), waves={0: LONG})
    world.server(servers[0][0], lateStatus=1500)
    body = world.wait(world.start(plan), "COMPLETED")
    assert {s["launchStatus"] for s in statuses(body).values()} \
        == {"LAUNCHED"}


def test_scenario_20_job_disappears(world):
    """Gone from DescribeJobs: settled through the recovery instances."""
    plan, _ = world.simple_plan((2, 1), waves={0: LONG, 1: LONG})
    world.freeze()
    execution = world.start(plan)
    world.wave_in_flight(execution)
    world.faults({"service": "drs", "operation": "DescribeJobs",
                  "kind": "list_lag", "delayMs": 600000})
    world.thaw()
    world.wait_until(
        lambda: world.execution(execution)["waves"][0]["status"]
        == "COMPLETED", "wave 0 is settled")
    world.stack.sim("DELETE", "/_sim/faults")
    world.wait(execution, "COMPLETED")
    assert len(world.launches()) == 2


def test_scenario_26_credentials_expire(world):
    """Sessions of two seconds: renewed in the middle of a wave."""
    world.stack.sim("POST", "/_sim/sts", {"sessionSeconds": 2})
    try:
        plan, _ = world.simple_plan((2, 1), waves={0: LONG, 1: LONG})
        world.freeze()
        execution = world.start(plan)
        world.wave_in_flight(execution)
        world.wait_until(
            lambda: len([c for c in _assumed(world) if c["applied"]]) > 2,
            "credentials are renewed")
        world.thaw()
        world.wait(execution, "COMPLETED")
        assert len(world.launches()) == 2
    finally:
        world.stack.sim("POST", "/_sim/sts", {"sessionSeconds": None})


def _assumed(world):
    """AssumeRole calls for the world's account."""
    found = []
    since = 0
    while True:
        page = world.stack.sim("GET", f"/_sim/calls?since={since}"
                                      "&operation=AssumeRole")
        if not page["calls"]:
            return found
        found += [c for c in page["calls"]
                  if world.account in c["params"].get("RoleArn", "")]
        since = page["next"]
