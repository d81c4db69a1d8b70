"""Acceptance scenario 30: a pause of thirteen months."""
import pytest

from conftest import SPEED
from world import World

DAY_MS = 86400 * 1000 / SPEED


@pytest.fixture
def timeless(make_stack):
    """A World whose store takes an offset for the time that passes."""
    return World(make_stack(worker_options={"test_clock": "on"}))


def passed(world, days):
    """So many days of the scaled world have passed."""
    world.stack.redis_cli("SET", "{drs}:test:offset", str(int(days * DAY_MS)))


def reminders(world):
    """How often somebody was reminded of the pause."""
    return world.stack.redis_cli(
        "--raw", "XRANGE", "{drs}:events", "-", "+").count(
            '"code":"pause_reminder"')


def test_scenario_30_thirteen_months(timeless):
    """Reminded after a day, a week, then weekly; TIMEOUT after a year."""
    world = timeless
    plan, _ = world.simple_plan(
        (1, 1), waves={1: {"pauseBeforeWave": True}})
    execution = world.start(plan)
    world.wait(execution, "PAUSED")
    assert not reminders(world)
    for n, days in enumerate((1.5, 8, 16, 24, 364), 1):
        passed(world, days)
        world.wait_until(lambda: reminders(world) == n,
                         f"reminder {n}")
        assert world.execution(execution)["status"] == "PAUSED"
    passed(world, 396)
    body = world.wait(execution, "TIMEOUT")
    world.wait_until(
        lambda: [w["status"] for w in world.execution(execution)["waves"]]
        == ["COMPLETED", "CANCELLED"], "the second wave is cancelled")
    assert len(world.launches()) == 1
    assert body["endTime"] > body["startTime"]
    # the leases of its servers and of its plan are released
    world.wait_until(lambda: world.stack.redis_cli(
        "--raw", "HLEN",
        f"{{drs}}:claim:srv:{world.account}:{world.region}").strip() == "0",
        "servers are released")
    assert world.stack.redis_cli(
        "--raw", "EXISTS", f"{{drs}}:claim:plan:{plan}").strip() == "0"
