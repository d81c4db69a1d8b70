"""Faults of the execution path that random campaigns and reviews found."""
import json
import uuid

import pytest

from world import World

LONG = {"deadlineMinutes": 10080}
ACTOR = json.dumps({"type": "user", "userId": "u-1", "username": "tests",
                    "roles": []})


@pytest.fixture
def holding(make_stack):
    """A World whose worker leaves every ambiguity to an operator."""
    return World(make_stack(worker_options={"launch_ambiguity": "hold"}))


def unit_field(world, execution, name, unit="0-0"):
    """A field of a launch unit as stored."""
    return world.stack.redis_cli(
        "--raw", "HGET", f"{{drs}}:exec:{execution}:u:{unit}", name).strip()


def claims(world):
    """Number of servers of the world's account that runs hold."""
    return int(world.stack.redis_cli(
        "--raw", "HLEN", f"{{drs}}:claim:srv:{world.account}:"
                         f"{world.region}").strip())


def ask(world, kind, payload, command=None):
    """Send one command to the workers; its answer."""
    command = command or str(uuid.uuid4())
    world.stack.redis_cli(
        "FCALL", "drs_cmd_add", "1", "{drs}", command, kind, ACTOR, command,
        json.dumps(payload), "", "0", "-")

    def answered():
        text = world.stack.redis_cli("--raw", "GET",
                                     f"{{drs}}:cmd:done:{command}").strip()
        return json.loads(text) if text else None

    return world.wait_until(answered, f"answer to {kind}")


def test_failed_unit_keeps_its_servers_while_its_job_runs(holding):
    """FAIL of a HELD unit ends the run; its job holds the servers on."""
    plan, _ = holding.simple_plan((2,), waves={0: LONG})
    holding.freeze()
    holding.faults({"service": "drs", "operation": "StartRecovery",
                    "times": 1, "kind": "lost_response"})
    execution = holding.start(plan)
    holding.wait_until(lambda: unit_field(holding, execution, "state")
                       == "HELD",
                       "the unit is HELD")
    answer = ask(holding, "unit.resolve", {
        "executionId": execution, "unitId": "0-0", "action": "FAIL",
        "reason": "not needed"})
    assert answer["status"] == 200, answer
    holding.wait(execution, "FAILED")

    # an open send would hold them too
    holding.wait_until(
        lambda: not unit_field(holding, execution, "open"),
        "no send is open")
    polls = len(holding.calls("DescribeJobs"))
    holding.wait_until(
        lambda: len(holding.calls("DescribeJobs")) > polls + 2,
        "the job is followed on")
    assert claims(holding) == 2
    holding.thaw()
    holding.wait_until(lambda: claims(holding) == 0,
                       "the servers are released")
    assert len(holding.launches()) == 1


def test_request_delivered_again_is_answered_again(world):
    """A worker died between the effect of a retry and its answer."""
    plan, servers = world.simple_plan(
        (2, 1), waves={0: {"failurePolicy": "PAUSE", **LONG}, 1: LONG})
    world.server(servers[0][1], failNextLaunch=True)
    execution = world.start(plan)
    world.wait(execution, "PAUSED")
    world.server(servers[0][1], failNextLaunch=True)
    command = str(uuid.uuid4())
    request = {"executionId": execution, "waveNumber": 0}
    first = ask(world, "wave.retry", request, command)
    assert first["status"] == 202, first
    world.wait_until(lambda: len(world.launches()) == 2, "second launch")
    world.wait(execution, "PAUSED")

    world.stack.redis_cli("DEL", f"{{drs}}:cmd:done:{command}")
    again = ask(world, "wave.retry", request, command)
    assert again["status"] == 202, again
    for name in ("attempt", "serverIds", "waveNumber"):
        assert again["body"][name] == first["body"][name]
    assert world.execution(execution)["status"] == "PAUSED"
    assert len(world.launches()) == 2
