"""Guarantees of docs/guarantees.md that no other test shows."""
import datetime
import time

from world import World

LONG = {"deadlineMinutes": 10080}


def stored(world):
    """Servers of the world's account in the inventory."""
    return int(world.stack.redis_cli(
        "--raw", "HLEN", f"{{drs}}:inv:{world.account}:{world.region}"))


def test_a_scan_keeps_other_accounts(stack):
    """Reading one account removes nothing of another one."""
    first, second = World(stack), World(stack)
    for world, count in ((first, 3), (second, 2)):
        world.group("g", world.fleet(count))
    assert (stored(first), stored(second)) == (3, 2)
    second.group("more", second.fleet(1))
    second.wait_until(lambda: stored(second) == 3, "a scan of the second")
    assert stored(first) == 3


def test_recovery_point_of_the_run(world):
    """BEFORE: an older point is named in the call; none is refused."""
    plan, servers = world.simple_plan((2,), waves={0: LONG})
    now = datetime.datetime.now(datetime.timezone.utc)
    execution = world.start(plan, recoveryPoint="BEFORE:" + now.strftime(
        "%Y-%m-%dT%H:%M:%SZ"))
    world.wait(execution, "COMPLETED")
    sent = {s["sourceServerID"]: s.get("recoverySnapshotID", "")
            for s in world.launches()[0]["params"]["sourceServers"]}
    assert sorted(sent) == sorted(servers[0])
    assert all(point.startswith("pit-") for point in sent.values()), sent

    refused = world.start(plan, recoveryPoint="BEFORE:2001-01-01T00:00:00Z",
                          expect=400)
    assert refused["code"] == "RECOVERY_POINT_UNAVAILABLE"
    assert sorted(refused["serverIds"]) == sorted(servers[0])
    assert len(world.launches()) == 1


def test_background_work_never_takes_every_thread(make_stack):
    """Scans that hang, more of them than threads: a run goes on."""
    stack = make_stack(worker_options={"threads": "2", "inventory": "5m"})
    other, world = World(stack), World(stack)
    regions = ("us-east-1", "us-west-2", "eu-west-1", "eu-central-1")
    for region in regions:
        other.group(region, other.fleet(1, region=region), region=region)
    plan, servers = world.simple_plan((1, 1))
    other.faults({"service": "drs", "operation": "DescribeSourceServers",
                  "kind": "slow", "delayMs": 300000})

    def hanging():
        """Scans that have been running for two seconds."""
        keys = stack.redis_cli(
            "KEYS", f"{{drs}}:lease:inventory:{other.account}:*").split()
        since = [stack.redis_cli("HGET", k, "since").strip() for k in keys]
        return [s for s in since if s and int(s) < time.time() * 1000 - 2000]

    def begun():
        """What was read a moment ago is not read again: asked until it is."""
        for region in regions:
            stack.redis_cli("FCALL", "drs_task_due", "1", "{drs}",
                            f"inventory:{other.account}:{region}", "0")
        return hanging()

    world.wait_until(begun, "a scan that hangs")
    assert world.finish(world.start(plan))["status"] == "COMPLETED"
    assert hanging(), "the scan ended before the run"
    assert sorted(s["sourceServerID"] for c in world.launches()
                  for s in c["params"]["sourceServers"]) \
        == sorted(servers[0] + servers[1])
