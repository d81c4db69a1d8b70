"""An operator's retry, skip and resolve (T19d to T19f)."""
import json
import uuid

import pytest

from world import World

LONG = {"deadlineMinutes": 10080}
ACTOR = json.dumps({"type": "user", "userId": "u-1", "username": "tests",
                    "roles": []})


def ask(world, kind, payload):
    """Send one command to the workers; its answer."""
    command = str(uuid.uuid4())
    world.stack.redis_cli(
        "FCALL", "drs_cmd_add", "1", "{drs}", command, kind, ACTOR, command,
        json.dumps(payload), "", "0", "-")

    def answered():
        text = world.stack.redis_cli("--raw", "GET",
                                     f"{{drs}}:cmd:done:{command}").strip()
        return json.loads(text) if text else None

    return world.wait_until(answered, f"answer to {kind}")


def failed_pause(world):
    """A run PAUSED by the failure of its first wave; (id, servers)."""
    plan, servers = world.simple_plan(
        (2, 1), waves={0: {"failurePolicy": "PAUSE"}})
    world.server(servers[0][1], failNextLaunch=True)
    execution = world.start(plan)
    body = world.wait(execution, "PAUSED")
    assert body["pauseReason"] == "WAVE_FAILED"
    return execution, servers


def test_retry_failed_servers(world):
    """Only the failed server is launched again; the run goes on."""
    execution, servers = failed_pause(world)
    answer = ask(world, "wave.retry", {"executionId": execution,
                                       "waveNumber": 0})
    assert answer["status"] == 202, answer
    assert answer["body"]["serverIds"] == [servers[0][1]]
    assert answer["body"]["attempt"] == 2
    world.wait(execution, "COMPLETED")
    calls = world.launches()
    assert len(calls) == 3
    assert [s["sourceServerID"]
            for s in calls[1]["params"]["sourceServers"]] == [servers[0][1]]


def test_retry_is_refused(world):
    """A wave that went well, a wave that is not there, a run that ended."""
    execution, _ = failed_pause(world)
    for wave, code in ((1, "WAVE_NOT_RETRYABLE"), (7, "WAVE_NOT_FOUND")):
        answer = ask(world, "wave.retry", {"executionId": execution,
                                           "waveNumber": wave})
        assert answer["error"]["code"] == code, answer
    assert world.execution(execution)["status"] == "PAUSED"
    answer = ask(world, "wave.retry", {
        "executionId": str(uuid.uuid4()), "waveNumber": 0})
    assert answer["error"]["code"] == "EXECUTION_NOT_FOUND"


def test_skip_failed_wave(world):
    """The failed wave keeps its status, the next one starts."""
    execution, _ = failed_pause(world)
    answer = ask(world, "wave.skip", {"executionId": execution,
                                      "waveNumber": 0})
    assert answer["error"]["code"] == "MISSING_FIELD"
    answer = ask(world, "wave.skip", {
        "executionId": execution, "waveNumber": 0, "reason": "good enough"})
    assert answer["status"] == 200, answer
    body = world.wait(execution, "PARTIAL")
    assert [w["status"] for w in body["waves"]] == ["PARTIAL", "COMPLETED"]


def held_unit(world):
    """A run whose only unit is HELD after a lost answer."""
    plan, servers = world.simple_plan((2,), waves={0: LONG})
    world.faults({"service": "drs", "operation": "StartRecovery", "times": 1,
                  "kind": "lost_response"})
    execution = world.start(plan)

    def held():
        state = world.stack.redis_cli(
            "--raw", "HGET", f"{{drs}}:exec:{execution}:u:0-0", "state")
        return state.strip() == "HELD"

    world.wait_until(held, "the unit is HELD")
    return execution, servers


@pytest.fixture
def holding(make_stack):
    """A World whose worker leaves every ambiguity to an operator."""
    return World(make_stack(worker_options={"launch_ambiguity": "hold"}))


def test_resolve_adopt(holding):
    """The operator says that the job is ours."""
    execution, servers = held_unit(holding)
    job = holding.launches()[0]["resultId"]
    answer = ask(holding, "unit.resolve", {
        "executionId": execution, "unitId": "0-0", "action": "ADOPT",
        "jobId": "drsjob-00000000000000000", "reason": "no"})
    assert answer["error"]["code"] == "JOB_NOT_ADOPTABLE", answer
    answer = ask(holding, "unit.resolve", {
        "executionId": execution, "unitId": "0-0", "action": "ADOPT",
        "jobId": job, "reason": "seen in the console"})
    assert answer["status"] == 200, answer
    assert answer["body"]["jobId"] == job
    body = holding.wait(execution, "COMPLETED")
    assert len(holding.launches()) == 1
    assert body["waves"][0]["jobId"] == job
    answer = ask(holding, "unit.resolve", {
        "executionId": execution, "unitId": "0-0", "action": "FAIL",
        "reason": "late"})
    assert answer["error"]["code"] == "UNIT_NOT_HELD"
    assert servers


def test_resolve_fail(holding):
    """The operator gives the unit up; nothing is launched again."""
    execution, _ = held_unit(holding)
    answer = ask(holding, "unit.resolve", {
        "executionId": execution, "unitId": "0-0", "action": "FAIL",
        "reason": "not needed"})
    assert answer["status"] == 200, answer
    holding.wait(execution, ("FAILED", "PARTIAL"))
    assert len(holding.launches()) == 1
