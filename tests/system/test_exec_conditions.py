"""Runs under other conditions: tiny pages, a drained worker, two workers."""
import pytest

from world import World

LONG = {"deadlineMinutes": 10080}


def launched_once(world, servers):
    """Every server was launched by exactly one call that took effect."""
    found = sorted(s["sourceServerID"] for c in world.launches()
                   for s in c["params"]["sourceServers"])
    assert found == sorted(s for ids in servers for s in ids)


def test_pages_of_one(make_stack):
    """Every list of AWS comes in pages of one element."""
    world = World(make_stack(page_size=1))
    plan, servers = world.simple_plan((3, 2), waves={0: LONG, 1: LONG})
    execution = world.start(plan)
    body = world.wait(execution, "COMPLETED")
    launched_once(world, servers)
    assert [w["launchedServers"] for w in body["waves"]] == [3, 2]
    answer = world.api(
        "POST", f"/executions/{execution}/terminate-instances", {})
    assert answer["totalTerminated"] == 5


def test_worker_stops_in_the_middle(make_stack):
    """SIGTERM hands the run over; the next worker goes on at once."""
    world = World(make_stack())
    plan, servers = world.simple_plan((1, 1, 1), waves={
        i: LONG for i in range(3)})
    execution = world.start(plan)
    for wave in range(2):
        world.wave_in_flight(execution, wave)
        world.stack.stop("worker")
        world.stack.start_worker()
    world.wait(execution, "COMPLETED")
    launched_once(world, servers)


def test_two_workers_many_runs(make_stack):
    """Two workers share ten runs; nothing is launched twice."""
    stack = make_stack()
    stack.start_worker("worker2")
    world = World(stack)
    runs = []
    for _ in range(10):
        plan, servers = world.simple_plan((1, 1), waves={0: LONG, 1: LONG})
        runs.append((world.start(plan), servers))
    for execution, _ in runs:
        world.wait(execution, "COMPLETED")
    launched_once(world, [ids for _, servers in runs for ids in servers])


@pytest.mark.parametrize("settle", ["quiet", "strict"])
def test_second_call_after_the_window(make_stack, settle):
    """Nothing happened at the first call: called again, once."""
    world = World(make_stack(worker_options={"launch_settle": settle}))
    plan, servers = world.simple_plan((2,), waves={0: LONG})
    world.faults({"service": "drs", "operation": "StartRecovery", "times": 1,
                  "kind": "reset_before"})
    world.wait(world.start(plan), "COMPLETED")
    assert len(world.calls("StartRecovery")) == 2
    launched_once(world, servers)


def test_late_effect_is_adopted(make_stack):
    """A call whose effect comes late is found by a later look."""
    world = World(make_stack())
    plan, servers = world.simple_plan((1, 1), waves={0: LONG, 1: LONG})
    world.faults({"service": "drs", "operation": "StartRecovery", "times": 1,
                  "kind": "late_effect", "delayMs": 2500})
    body = world.wait(world.start(plan), "COMPLETED")
    # within the quiet window: adopted, not called again
    launched_once(world, servers)
    assert body["waves"][0]["jobId"] == world.launches()[0]["resultId"]


def test_conversion_is_tried_again(world):
    """A recoverable failure of the conversion is no failure."""
    plan, servers = world.simple_plan((2,), waves={0: LONG})
    world.server(servers[0][0], failNextLaunch={
        "phase": "CONVERSION", "rawError": "busy", "recoverable": True})
    world.wait(world.start(plan), "COMPLETED")


def test_recovery_not_drill(world):
    """RECOVERY sends isDrill false and is recorded so."""
    plan, _ = world.simple_plan((1,))
    body = world.wait(world.start(plan, "RECOVERY"), "COMPLETED")
    assert body["executionType"] == "RECOVERY"
    assert world.launches()[0]["params"]["isDrill"] is False
