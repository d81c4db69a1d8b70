"""Acceptance scenarios 21 and 22: termination of recovery instances."""
import json

from stack import wait_for

EAST, WEST = "us-east-1", "us-west-2"


def terminate(world, execution, expect=200, body=None):
    """EX9."""
    return world.api("POST", f"/executions/{execution}/terminate-instances",
                     body or {}, expect=expect)


def flag(world, execution):
    """instancesTerminated as stored, without asking the API."""
    out = world.stack.redis_cli("--raw", "HGET", f"{{drs}}:exec:{execution}",
                                "out")
    return json.loads(out).get("instancesTerminated", False)


def live(world):
    """Instances of the account that are not terminated."""
    return {i["instanceId"]: i for i in world.stack.sim(
        "GET", "/_sim/instances")["instances"]
        if i["account"] == world.account and i["state"] != "terminated"}


def two_region_plan(world, east, west):
    """A plan of one wave in two Regions; (plan, all server ids)."""
    world.fleet(east, "east", region=EAST)
    world.fleet(west, "west", region=WEST)
    ids = world.servers[(world.account, EAST)], \
        world.servers[(world.account, WEST)]
    groups = [world.group("east", ids[0], region=EAST),
              world.group("west", ids[1], region=WEST)]
    plan = world.plan("two", [{
        "protectionGroupIds": groups, "protectionGroupId": groups[0],
        "deadlineMinutes": 10080}])
    return plan, ids[0] + ids[1]


def test_scenario_21_two_regions_450_instances(world):
    """Chunks of at most 200, tracked to the end, then already terminated."""
    plan, ids = two_region_plan(world, 230, 220)
    world.server(ids[5], failNextLaunch=True)
    execution = world.start(plan)
    world.wait(execution, "PARTIAL")
    assert len(live(world)) == 449

    # jobs stand still: the second request meets the first one
    world.freeze()
    answer = terminate(world, execution)
    assert answer["totalFound"] == 449
    assert answer["totalTerminated"] == 449, answer["failed"]
    calls = [c for c in world.calls("TerminateRecoveryInstances")
             if c["applied"]]
    sizes = [len(c["params"]["recoveryInstanceIDs"]) for c in calls]
    assert max(sizes) <= 200 and sum(sizes) == 449
    assert {c["region"] for c in calls} == {EAST, WEST}
    assert sorted(j["jobId"] for j in answer["jobs"]) \
        == sorted(c["resultId"] for c in calls)
    status, again = world.try_api(
        "POST", f"/executions/{execution}/terminate-instances", {})
    assert status == 409, again
    world.thaw()

    wait_for(lambda: flag(world, execution), "flag without polling", 60)
    assert not live(world)
    last = terminate(world, execution)
    assert last["alreadyTerminated"] is True
    state = world.api("GET", f"/executions/{execution}/termination-status")
    assert state["allCompleted"] is True and state["progressPercent"] == 100
    body = world.execution(execution)
    assert body["instancesTerminated"] is True
    assert body["terminationMetadata"]["canTerminate"] is False


def test_scenario_21_after_timeout(world):
    """A wave that ended in TIMEOUT: its instances can be terminated."""
    plan, servers = world.simple_plan(
        (2,), waves={0: {"deadlineMinutes": 10}})
    world.server(servers[0][0], neverFinishes=True)
    execution = world.start(plan)
    body = world.wait(execution, ("TIMEOUT", "PARTIAL"))
    assert body["waves"][0]["status"] == "TIMEOUT"
    world.server(servers[0][0], neverFinishes=False)

    def accepted():
        status, answer = world.try_api(
            "POST", f"/executions/{execution}/terminate-instances", {})
        return answer if status == 200 else None

    answer = world.wait_until(accepted, "jobs have ended")
    assert answer["totalFound"] >= 1
    wait_for(lambda: flag(world, execution), "flag", 60)
    assert not live(world)


def test_scenario_21_not_while_running(world):
    """400 before the end; nothing to do when nothing was launched."""
    plan, _ = world.simple_plan((1,), waves={0: {"pauseBeforeWave": True}})
    execution = world.start(plan)
    world.wait(execution, "PAUSED")
    answer = terminate(world, execution, expect=400)
    assert answer["code"] == "TERMINATION_NOT_ALLOWED"
    world.api("POST", f"/executions/{execution}/cancel", {})
    world.wait(execution, "CANCELLED")
    assert terminate(world, execution)["noInstancesFound"] is True


def test_scenario_21_answer_lost(world):
    """The terminate call took effect, its answer is lost: found again."""
    plan, _ = world.simple_plan((3,))
    execution = world.start(plan)
    world.wait(execution, "COMPLETED")
    world.faults({"service": "drs", "kind": "lost_response", "times": 1,
                  "operation": "TerminateRecoveryInstances"})
    answer = terminate(world, execution)
    assert answer["totalTerminated"] == 3
    wait_for(lambda: flag(world, execution), "flag", 60)
    assert len(world.calls("TerminateRecoveryInstances")) == 1
    assert not live(world)


def test_scenario_22_newer_instances_stay(world):
    """Another run launched the same servers later: not its business."""
    plan, _ = world.simple_plan((2,))
    first = world.start(plan)
    world.wait(first, "COMPLETED")
    second = world.start(plan)
    world.wait(second, "COMPLETED")
    kept = live(world)
    assert len(kept) == 2
    answer = terminate(world, first)
    assert answer["totalFound"] == 0 and answer["noInstancesFound"] is True
    assert not world.calls("TerminateRecoveryInstances")
    assert live(world).keys() == kept.keys()
    assert terminate(world, second)["totalTerminated"] == 2


def test_scenario_21_unknown_instance_among_others(world):
    """One id is refused as unknown: only that one counts as gone."""
    plan, servers = world.simple_plan((4,))
    execution = world.start(plan)
    world.wait(execution, "COMPLETED")
    unknown = servers[0][2]
    world.server(unknown, instanceNotFound=True)
    terminate(world, execution)
    wait_for(lambda: flag(world, execution), "flag", 60)
    left = [i["sourceServerId"] for i in live(world).values()]
    assert left == [unknown]
    called = [i for c in world.calls("TerminateRecoveryInstances")
              if c["applied"] for i in c["params"]["recoveryInstanceIDs"]]
    assert len(called) == 3
