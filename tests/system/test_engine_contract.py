"""The engine's plans against the real store, worker and simulated AWS."""

import os

import pytest


@pytest.fixture
def quiet(world):
    """The world; afterwards the store must not have refused any step."""
    yield world
    with open(os.path.join(world.stack.log_dir, "worker.log"),
              encoding="utf-8", errors="replace") as f:
        bad = [line.rstrip() for line in f if "the store refused" in line]
    assert not bad, "\n".join(bad[:10])


def unit(world, execution, wave=0, index=0):
    """A launch unit of the execution's detail."""
    units = world.execution(execution)["waves"][wave].get("launchUnits") or []
    return units[index] if len(units) > index else None


def test_lost_answer_is_adopted(quiet):
    """The effect happened, the answer did not come: one call, adopted."""
    plan, _servers = quiet.simple_plan((3, 1))
    quiet.faults({"service": "drs", "operation": "StartRecovery",
                  "kind": "lost_response", "times": 1})
    body = quiet.wait(quiet.start(plan), "COMPLETED")
    assert len(quiet.launches()) == 2
    assert len(quiet.calls("StartRecovery")) == 2
    assert [w["status"] for w in body["waves"]] == ["COMPLETED"] * 2


def test_call_without_effect_is_repeated_after_the_window(quiet):
    """A 500 before the effect: looked for, then called again."""
    plan, _servers = quiet.simple_plan((2,))
    quiet.faults({"service": "drs", "operation": "StartRecovery",
                  "kind": "http_500", "times": 1})
    body = quiet.wait(quiet.start(plan), "COMPLETED")
    assert len(quiet.launches()) == 1
    assert body["waves"][0]["launchUnits"][0]["attempt"] == 2


def test_throttled_launch_is_repeated(quiet):
    """Throttling uses up no attempts."""
    plan, _servers = quiet.simple_plan((1,))
    quiet.faults({"service": "drs", "operation": "StartRecovery",
                  "kind": "throttle", "times": 4})
    quiet.wait(quiet.start(plan), "COMPLETED")
    assert len(quiet.launches()) == 1


def test_pause_and_resume_in_flight(quiet):
    """PAUSE_PENDING, PAUSED after the wave, resumed to the end."""
    plan, _servers = quiet.simple_plan((1, 1))
    quiet.freeze()
    try:
        execution = quiet.start(plan)
        quiet.wave_in_flight(execution)
        answer = quiet.api("POST", f"/executions/{execution}/pause", {})
        assert answer["status"] == "PAUSE_PENDING"
    finally:
        quiet.thaw()
    body = quiet.wait(execution, "PAUSED")
    assert body["pausedBeforeWave"] == 1
    assert body["pauseReason"] == "REQUESTED"
    assert len(quiet.launches()) == 1
    quiet.api("POST", f"/executions/{execution}/resume", {})
    quiet.wait(execution, "COMPLETED")
    assert len(quiet.launches()) == 2


def test_cancel_in_flight_follows_the_job(quiet):
    """CANCELLING, then PARTIAL because the job launched its server."""
    plan, _servers = quiet.simple_plan((1, 1))
    quiet.freeze()
    try:
        execution = quiet.start(plan)
        quiet.wave_in_flight(execution)
        answer = quiet.api("POST", f"/executions/{execution}/cancel", {})
        assert answer["status"] == "CANCELLING"
    finally:
        quiet.thaw()
    body = quiet.wait(execution, "PARTIAL")
    assert [w["status"] for w in body["waves"]] == ["COMPLETED", "CANCELLED"]
    assert len(quiet.launches()) == 1


def test_pause_policy_then_cancel(quiet):
    """WAVE_FAILED pause, cancelled: the rest is cancelled, claims are free."""
    plan, servers = quiet.simple_plan(
        (2, 1), waves={0: {"failurePolicy": "PAUSE"}})
    quiet.server(servers[0][0], failNextLaunch=True)
    execution = quiet.start(plan)
    body = quiet.wait(execution, "PAUSED")
    assert body["pauseReason"] == "WAVE_FAILED"
    quiet.api("POST", f"/executions/{execution}/cancel", {})
    quiet.wait(execution, "PARTIAL")
    quiet.wait_until(
        lambda: [w["status"] for w in quiet.execution(execution)["waves"]]
        == ["PARTIAL", "CANCELLED"], "the worker's part of the cancel")
    quiet.wait(quiet.start(plan), ("COMPLETED", "PARTIAL"))


def test_late_effect_is_noticed(quiet):
    """The call takes effect after its connection was cut: never two jobs."""
    plan, _servers = quiet.simple_plan((2,))
    quiet.faults({"service": "drs", "operation": "StartRecovery",
                  "kind": "late_effect", "delayMs": 300, "times": 1})
    quiet.finish(quiet.start(plan))
    assert len(quiet.launches()) == 1


def test_parallel_waves_and_regions(quiet):
    """A diamond with three waves at once at most."""
    plan, _servers = quiet.simple_plan(
        (1, 1, 1, 1), waves={1: {"dependsOnWaves": [0]},
                             2: {"dependsOnWaves": [0]},
                             3: {"dependsOnWaves": [1, 2]}},
        maxParallelWaves=3)
    body = quiet.wait(quiet.start(plan), "COMPLETED")
    waves = body["waves"]
    assert waves[3]["startTime"] >= max(waves[1]["endTime"],
                                        waves[2]["endTime"])
    assert len(quiet.launches()) == 4
