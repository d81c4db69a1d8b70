"""Acceptance scenarios 5 to 10: pause, resume, cancel."""
import threading

import pytest

CODES = {"pause": "EXECUTION_NOT_PAUSABLE", "resume": "EXECUTION_NOT_PAUSED",
         "cancel": "EXECUTION_NOT_CANCELLABLE"}


def refused(world, execution, command, code, body=None):
    """A command that must be refused with 400 and this code."""
    status, answer = world.try_api(
        "POST", f"/executions/{execution}/{command}", body or {})
    assert (status, answer.get("error")) == (400, code) \
        or (status, answer.get("code")) == (400, code), (status, answer)
    return answer


def command(world, execution, name, expect=200, body=None):
    """A command that must be accepted."""
    return world.api("POST", f"/executions/{execution}/{name}", body or {},
                     expect=expect)


def test_scenario_05_pause_before_waves(world):
    """pauseBeforeWave on waves 0 and 2: pauses twice, resumes."""
    plan, _ = world.simple_plan((1, 1, 1), waves={
        0: {"pauseBeforeWave": True}, 2: {"pauseBeforeWave": True}})
    execution = world.start(plan)
    body = world.wait(execution, "PAUSED")
    assert body["pausedBeforeWave"] == 0
    assert not world.launches()
    answer = command(world, execution, "resume")
    assert answer["status"] == "RESUMING" and answer["nextWave"] == 0

    body = world.wait(execution, "PAUSED")
    world.wait_until(
        lambda: world.execution(execution)["pausedBeforeWave"] == 2,
        "pause before wave 2")
    assert len(world.launches()) == 2
    command(world, execution, "resume")
    refused(world, execution, "resume", "EXECUTION_NOT_PAUSED")
    world.wait(execution, "COMPLETED")
    assert len(world.launches()) == 3


def test_scenario_06_pause_in_flight(world):
    """PAUSE_PENDING survives polls, then PAUSED, then it goes on."""
    plan, _ = world.simple_plan((2, 1))
    world.freeze()
    execution = world.start(plan)
    world.wave_in_flight(execution)
    command(world, execution, "pause")
    assert world.execution(execution)["status"] == "PAUSE_PENDING"
    polls = len(world.calls("DescribeJobs"))
    world.wait_until(lambda: len(world.calls("DescribeJobs")) > polls + 2,
                     "further polls")
    assert world.execution(execution)["status"] == "PAUSE_PENDING"
    world.thaw()
    body = world.wait(execution, "PAUSED")
    assert body["pausedBeforeWave"] == 1
    assert len(world.launches()) == 1
    command(world, execution, "resume")
    world.wait(execution, "COMPLETED")
    assert len(world.launches()) == 2


def test_scenario_07_no_pending_waves(world):
    """400 NO_PENDING_WAVES while the last wave is in flight."""
    plan, _ = world.simple_plan((1, 1), waves={1: {"pauseBeforeWave": True}})
    execution = world.start(plan)
    world.wait(execution, "PAUSED")
    world.freeze()
    command(world, execution, "resume")
    world.wave_in_flight(execution, 1)
    refused(world, execution, "pause", "NO_PENDING_WAVES")
    world.thaw()
    world.wait(execution, "COMPLETED")


def test_scenario_08_cancel_between_waves(world):
    """RUNNING with nothing in flight: over at once, no further launch."""
    plan, _ = world.simple_plan((1,) * 4, interWaveDelaySeconds=3600)
    world.freeze()
    execution = world.start(plan)
    world.wave_in_flight(execution)
    world.thaw()
    # any of the three pauses between waves
    world.wait(execution, "RUNNING")
    answer = command(world, execution, "cancel")
    if answer["status"] == "CANCELLING":
        # the delay was over on a slow machine: a launch is on its way
        assert world.finish(execution)["status"] == "PARTIAL"
        return
    assert answer["status"] == "PARTIAL"
    done = len(world.launches())
    assert 1 <= done <= 3
    world.wait_until(
        lambda: [w["status"] for w in world.execution(execution)["waves"]]
        == ["COMPLETED"] * done + ["CANCELLED"] * (4 - done), "waves over")
    assert len(world.launches()) == done


def test_scenario_08_cancel_paused(world):
    """PAUSED before anything was launched: CANCELLED at once."""
    plan, _ = world.simple_plan((1, 1), waves={0: {"pauseBeforeWave": True}})
    execution = world.start(plan)
    world.wait(execution, "PAUSED")
    command(world, execution, "cancel")
    body = world.wait(execution, "CANCELLED")
    assert not world.launches()
    world.wait_until(
        lambda: [w["status"] for w in world.execution(execution)["waves"]]
        == ["CANCELLED", "CANCELLED"], "waves cancelled")
    refused(world, execution, "cancel", "EXECUTION_NOT_CANCELLABLE")
    assert body["status"] == "CANCELLED"


def test_scenario_08_cancel_paused_after_launches(world):
    """PAUSED with launched servers: PARTIAL."""
    plan, _ = world.simple_plan((1, 1), waves={1: {"pauseBeforeWave": True}})
    execution = world.start(plan)
    world.wait(execution, "PAUSED")
    command(world, execution, "cancel")
    world.wait(execution, "PARTIAL")
    assert len(world.launches()) == 1


def test_scenario_08_cancel_pause_pending(world):
    """PAUSE_PENDING: CANCELLING, a second cancel is accepted."""
    plan, _ = world.simple_plan((1, 1))
    world.freeze()
    execution = world.start(plan)
    world.wave_in_flight(execution)
    command(world, execution, "pause")
    command(world, execution, "cancel")
    assert world.execution(execution)["status"] == "CANCELLING"
    command(world, execution, "cancel")
    world.thaw()
    world.wait(execution, "PARTIAL")
    assert len(world.launches()) == 1


@pytest.mark.parametrize("name", sorted(CODES))
def test_scenario_08_terminal(world, name):
    """A run that has ended takes no command."""
    plan, _ = world.simple_plan((1,))
    execution = world.start(plan)
    world.wait(execution, "COMPLETED")
    refused(world, execution, name, CODES[name])


def test_scenario_09_cancel_while_launching(world):
    """CANCELLING until the job has ended, then PARTIAL."""
    plan, _ = world.simple_plan((2, 1))
    world.freeze()
    execution = world.start(plan)
    world.wave_in_flight(execution)
    command(world, execution, "cancel")
    polls = len(world.calls("DescribeJobs"))
    world.wait_until(lambda: len(world.calls("DescribeJobs")) > polls + 2,
                     "the job is polled on")
    assert world.execution(execution)["status"] == "CANCELLING"
    world.thaw()
    body = world.wait(execution, "PARTIAL")
    assert body["waves"][0]["status"] == "COMPLETED"
    assert body["waves"][1]["status"] == "CANCELLED"
    assert len(world.launches()) == 1


def test_scenario_10_cancel_against_resume(world):
    """Exactly one of the two wins."""
    for _ in range(4):
        plan, _ = world.simple_plan(
            (1,), waves={0: {"pauseBeforeWave": True}})
        execution = world.start(plan)
        world.wait(execution, "PAUSED")
        before = len(world.launches())
        results = {}

        def run(name, target=execution, into=results):
            into[name] = world.try_api(
                "POST", f"/executions/{target}/{name}", {})

        threads = [threading.Thread(target=run, args=(n,))
                   for n in ("resume", "cancel")]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        assert results["cancel"][0] == 200, results
        body = world.finish(execution)
        if body["status"] == "CANCELLED":
            assert len(world.launches()) == before
        else:
            assert results["resume"][0] == 200, results
            assert body["status"] in ("COMPLETED", "PARTIAL")
