"""Acceptance scenarios 11 and 13: workers die and wake up."""
import json
import os
import signal
import sys

import pytest

from world import World

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))), "chaos"))

from proxy import Proxy  # noqa: E402

LONG = {"deadlineMinutes": 10080}

# a second try would hide what these are for
pytestmark = pytest.mark.flaky(reruns=0)


@pytest.fixture
def own(make_stack):
    """A World on a stack of its own, whose worker may be killed."""
    return World(make_stack())


def once_each(world, servers):
    """Every server was launched by exactly one call that took effect."""
    found = sorted(s["sourceServerID"] for c in world.launches()
                   for s in c["params"]["sourceServers"])
    assert found == sorted(s for ids in servers for s in ids), \
        world.launches()


def dies(world):
    """Wait until the worker is gone, then start another one."""
    world.wait_until(lambda: world.stack.pid("worker") is None,
                     "the worker dies")
    world.stack.start_worker()


@pytest.mark.parametrize("fault", [
    {"operation": "StartRecovery", "kind": "reset_before"},
    {"operation": "StartRecovery", "kind": "lost_response"},
    {"operation": "DescribeJobs", "kind": "reset_before"},
    {"operation": "DescribeRecoveryInstances", "kind": "lost_response"},
    {"operation": "DescribeJobLogItems", "kind": "lost_response"},
])
def test_scenario_11_killed_at_a_call(own, fault):
    """kill -9 right before or after a call took effect."""
    plan, servers = own.simple_plan((2, 1), waves={0: LONG, 1: LONG})
    own.faults({"service": "drs", "times": 1,
                "killPid": own.stack.pid("worker"), **fault})
    execution = start_past_death(own, plan)
    own.wait(execution, "COMPLETED")
    once_each(own, servers)


def start_past_death(world, plan):
    """Start by the operator's function, which does not wait; the id."""
    text = world.stack.redis_cli("FCALL", "drs_start", "1", "{drs}", plan,
                                 "DRILL", "tests")
    execution = [w for w in text.split() if len(w) == 36][1]
    dies(world)
    world.wait_until(
        lambda: world.try_api("GET", f"/executions/{execution}")[0] == 200,
        "the execution exists")
    return execution


@pytest.fixture
def watched(make_stack):
    """(World, proxy before the worker's Redis) on a stack of its own."""
    stack = make_stack(up=False)
    stack.up(("redis", "simulator"))
    proxy = Proxy(rb"FCALL\r\n\$\d+\r\n(drs_[a-z_]+)\r\n",
                  listen_path=stack.path("proxy.sock"),
                  upstream_path=stack.redis_sock)
    stack.worker_options["redis"] = "unix:" + proxy.listen_path
    stack.up()
    yield World(stack), proxy
    proxy.disarm()
    stack.stop("worker")
    proxy.close()


def test_scenario_11_killed_at_a_commit(watched):
    """kill -9 before the intent is stored, and before the job id is."""
    world, proxy = watched
    plan, servers = world.simple_plan((2, 1), waves={0: LONG, 1: LONG})
    for step in ("drs_unit_arm", "drs_unit_fact"):
        before = len(world.launches())
        proxy.arm(step, 1, "before", lambda: world.stack.kill("worker"))
        execution = start_past_death(world, plan)
        assert proxy.struck == step
        world.wait(execution, "COMPLETED")
        calls = world.launches()[before:]
        assert sorted(s["sourceServerID"] for c in calls
                      for s in c["params"]["sourceServers"]) \
            == sorted(servers[0] + servers[1])


def test_scenario_08_cancel_pending(watched):
    """PENDING, before any worker took it: CANCELLED, nothing launched."""
    world, proxy = watched
    plan, _ = world.simple_plan((1, 1))
    proxy.arm("drs_exec_create", 1, "after",
              lambda: world.stack.kill("worker"))
    text = world.stack.redis_cli("FCALL", "drs_start", "1", "{drs}", plan,
                                 "DRILL", "tests")
    execution = [w for w in text.split() if len(w) == 36][1]
    world.wait_until(lambda: world.stack.pid("worker") is None,
                     "the worker dies")
    assert world.execution(execution)["status"] == "PENDING"
    answer = world.api("POST", f"/executions/{execution}/cancel", {})
    assert answer["status"] == "CANCELLED"
    world.stack.start_worker()
    world.wait_until(
        lambda: [w["status"] for w in world.execution(execution)["waves"]]
        == ["CANCELLED", "CANCELLED"], "waves cancelled")
    assert world.execution(execution)["status"] == "CANCELLED"
    assert not world.calls("StartRecovery")
    # its servers and its plan are free again
    world.wait(world.start(plan), "COMPLETED")


def test_scenario_11_killed_in_resume(own):
    """Killed while the resumed wave launches."""
    plan, servers = own.simple_plan(
        (1, 2), waves={0: LONG, 1: {"pauseBeforeWave": True, **LONG}})
    execution = own.start(plan)
    own.wait(execution, "PAUSED")
    own.faults({"service": "drs", "operation": "StartRecovery", "times": 1,
                "kind": "lost_response",
                "killPid": own.stack.pid("worker")})
    own.api("POST", f"/executions/{execution}/resume", {})
    dies(own)
    own.wait(execution, "COMPLETED")
    once_each(own, servers)


def test_scenario_11_killed_at_random(own):
    """Again and again during one run of six waves."""
    plan, servers = own.simple_plan(
        (1,) * 6, waves={i: LONG for i in range(6)})
    execution = own.start(plan)
    for wave in (0, 2, 4):
        own.wave_in_flight(execution, wave)
        own.stack.kill("worker")
        own.stack.start_worker()
    own.wait(execution, "COMPLETED", 120)
    once_each(own, servers)


def test_scenario_13_old_owner_wakes_up(own):
    """Stopped beyond its lease, taken over, woken up: it writes nothing."""
    plan, servers = own.simple_plan((2, 2), waves={0: LONG, 1: LONG})
    own.freeze()
    execution = own.start(plan)
    own.wave_in_flight(execution)
    old = own.stack.pid("worker")
    os.kill(old, signal.SIGSTOP)
    try:
        own.stack.start_worker("worker2")
        own.thaw()
        own.wave_in_flight(execution, 1)
    finally:
        os.kill(old, signal.SIGCONT)
    own.wait(execution, "COMPLETED")
    once_each(own, servers)


def test_scenario_13_frozen_in_a_launch(own):
    """Stopped while its launch call is on its way; two workers, one job."""
    plan, servers = own.simple_plan((2,), waves={0: LONG})
    own.faults({"service": "drs", "operation": "StartRecovery",
                "kind": "hold", "effect": "before", "times": 1})
    execution = own.start(plan)
    own.wait_until(
        lambda: own.stack.sim("GET", "/_sim/health")["held"] == 1,
        "the call is held")
    old = own.stack.pid("worker")
    os.kill(old, signal.SIGSTOP)
    try:
        own.stack.start_worker("worker2")
        own.wait_until(
            lambda: "STARTED" in unit(own, execution).get("state", "")
            or unit(own, execution).get("state") == "DONE",
            "the second worker adopts the job")
        own.stack.sim("POST", "/_sim/release", {})
    finally:
        os.kill(old, signal.SIGCONT)
    own.wait(execution, "COMPLETED")
    once_each(own, servers)


def unit(world, execution, name="0-0"):
    """Fields of a launch unit as stored."""
    out = world.stack.redis_cli("--json", "HGETALL",
                                f"{{drs}}:exec:{execution}:u:{name}")
    return json.loads(out) if out.startswith("{") else {}
