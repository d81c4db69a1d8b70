"""Acceptance scenario 33: 5,000 servers in 50 waves.

Run by `make scenarios`, not by `make test`: it takes minutes.  It measures
times, which other work of the machine makes longer: each thing is done several
times and the quickest quarter counts, and it may take as many times as long as
plain computing takes here at the same moment.  On an idle machine that is once.
"""
import os
import shutil
import sys
import tempfile
import time

import pytest

TOP = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
for _p in ("scripts", "tests/system", "tests/simulator"):
    sys.path.insert(0, os.path.join(TOP, _p))

from stack import Stack  # noqa: E402
from world import TERMINAL, World  # noqa: E402

WAVES = int(os.environ.get("DRS_SCALE_WAVES", "50"))
SIZE = 100
REGIONS = ("us-east-1", "us-west-2")
LONG = {"deadlineMinutes": 10080}
ROUNDS = 20
STARTS = 3


@pytest.fixture
def large():
    """A World on a stack of its own."""
    run_dir = tempfile.mkdtemp(prefix="drs-scale-")
    stack = Stack(run_dir, speed=3000.0, page_size=200)
    try:
        stack.up()
        yield World(stack)
        stack.down()
    finally:
        for name, pid in stack.status():
            if pid:
                stack.kill(name)
        shutil.rmtree(run_dir, ignore_errors=True)


def slowdown():
    """How many times longer than on an idle machine computing takes."""
    begin, cpu = time.monotonic(), time.thread_time()
    while time.thread_time() - cpu < 0.3:
        pass
    return max(1.0, (time.monotonic() - begin) / 0.3)


def took_ms(action):
    """(milliseconds, result) of an action."""
    begin = time.monotonic()
    result = action()
    return (time.monotonic() - begin) * 1000, result


def quick_ms(times):
    """The lower quartile."""
    return sorted(times)[len(times) // 4]


def reads_ms(action):
    """Time of an action that may be repeated."""
    return quick_ms([took_ms(action)[0] for _ in range(ROUNDS)])


def starts_ms(world, groups):
    """Times of starts of all servers that are cancelled in their first pause,
    before anything is launched."""
    plan = world.plan("held", [
        {"protectionGroupId": g, "pauseBeforeWave": g == groups[0]}
        for g in groups])
    times = []
    for _ in range(STARTS):
        ms, execution = took_ms(lambda: world.start(plan))
        times.append(ms)
        world.wait_until(lambda execution=execution: world.api(
            "GET", f"/executions/{execution}?view=compact")["status"]
            == "PAUSED", "the pause", 120)
        world.api("POST", f"/executions/{execution}/cancel", {})
        world.wait_until(lambda execution=execution: world.api(
            "GET", f"/executions/{execution}?view=compact")["status"]
            in TERMINAL, "the end of what was cancelled", 120)
    return times


def polls(world, since):
    """(calls that ask for jobs by id, jobs that they asked for)."""
    calls = [c for c in world.calls("DescribeJobs", since=since)
             if "jobIDs" in c["params"].get("filters", {})]
    return len(calls), sum(len(c["params"]["filters"]["jobIDs"])
                           for c in calls)


@pytest.mark.timeout(900)
def test_scenario_33_five_thousand_servers(large):
    """Start in a second, polls by jobs and not by servers, quick reads."""
    world = large
    ids, groups = [], []
    # an account has at most 4,000 servers in a Region
    for region in REGIONS:
        half = WAVES // len(REGIONS)
        world.fleet(half * SIZE, "many", region=region)
        mine = world.servers[(world.account, region)]
        ids += mine
        groups += [world.group(f"{region}-{n}",
                               mine[n * SIZE:(n + 1) * SIZE], region=region)
                   for n in range(half)]
    plan = world.plan("large", [{"protectionGroupId": g, **LONG}
                                for g in groups])
    slow = slowdown()
    times = starts_ms(world, groups)
    assert not world.launches()
    ms, execution = took_ms(lambda: world.start(plan))
    start_ms = quick_ms(times + [ms])
    slow = max(slow, slowdown())

    world.wait_until(lambda: world.api(
        "GET", f"/executions/{execution}?view=compact")["status"]
        in TERMINAL, "the end", 600)
    body = world.execution(execution)
    assert [w["status"] for w in body["waves"]] == ["COMPLETED"] * WAVES
    calls = world.launches()
    assert [len(c["params"]["sourceServers"]) for c in calls] \
        == [SIZE] * WAVES
    launched = [s["sourceServerID"] for c in calls
                for s in c["params"]["sourceServers"]]
    assert sorted(launched) == sorted(ids)

    # one job at a time, whatever its servers: one id in every poll
    count, asked = polls(world, 0)
    assert count and asked == count

    detail_ms = reads_ms(lambda: world.api(
        "GET", f"/executions/{execution}?view=compact"))
    list_ms = reads_ms(lambda: world.api("GET", "/executions?limit=50"))
    print(f"start {start_ms:.0f} ms on a machine {slow:.1f} times slower than "
          f"idle, detail {detail_ms:.1f} ms, list {list_ms:.1f} ms, {count} "
          f"polls for {WAVES} jobs")
    assert start_ms < 1000 * slow
    assert detail_ms < 200 and list_ms < 200
