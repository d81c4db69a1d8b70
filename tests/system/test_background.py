"""Background jobs: inventory of every place, last runs, dying workers."""

import json

import pytest

from test_schedules import come_due, create, iso, last_run, minute, runs, \
    show
from world import EXTERNAL_ID, ROLE_NAME, World

KEY = "{drs}:"


@pytest.fixture(scope="module")
def busy():
    """A stack whose worker scans every 2 s."""
    import shutil
    import tempfile

    from conftest import SPEED
    from silence import assert_silent
    from stack import Stack

    stack = Stack(tempfile.mkdtemp(prefix="drs-test-"), speed=SPEED)
    stack.worker_env = {"DRS_INVENTORY": "2s", "DRS_REGION_IDLE": "10m"}
    try:
        stack.up()
        yield stack
        stack.down()
        assert_silent(stack)
    finally:
        for name, pid in stack.status():
            if pid:
                stack.kill(name)
        shutil.rmtree(stack.dir, ignore_errors=True)


def redis(stack, *args):
    """redis-cli --raw"""
    return stack.redis_cli("--raw", *args).strip()


def record(stack, scope):
    """Last run of the inventory of a place, or None."""
    text = redis(stack, "HGET", f"{KEY}runs", f"inventory {scope}")
    return json.loads(text) if text else None


def events(stack, account, name):
    """Global events of a name about an account, oldest first."""
    found = []
    for line in redis(stack, "XRANGE", f"{KEY}events", "-", "+").splitlines():
        if line.startswith("{") and account in line:
            event = json.loads(line)
            if event["event"] == name and event.get("accountId") == account:
                found.append(event)
    return found


def test_inventory_is_kept_fresh(busy):
    """Read without being asked, place by place; news is told."""
    world = World(busy)
    scope = f"{world.account}:{world.region}"
    meta = f"{KEY}inv:meta:{scope}"
    ids = world.fleet(2)

    def generation():
        text = redis(busy, "HGET", meta, "gen")
        return int(text) if text else 0

    world.wait_until(lambda: generation() >= 2, "two scans")
    last = record(busy, scope)
    assert set(last) == {"job", "scope", "startedAt", "finishedAt", "status",
                         "counters", "errors", "regionStatus", "failures"}
    assert (last["job"], last["scope"]) == ("inventory", scope)
    assert last["status"] == "SUCCESS" and last["errors"] == []
    assert last["counters"]["servers"] == 2 and last["failures"] == 0
    assert redis(busy, "HLEN", f"{KEY}inv:{scope}") == "2"
    first = events(busy, world.account, "inventory.updated")
    assert [e["data"]["changedCount"] for e in first] == [2]
    assert first[0]["data"] == {
        "accountId": world.account, "region": world.region,
        "status": "ACTIVE", "serverCount": 2, "changedCount": 2}

    # idle Regions were asked once, and are not asked again so soon
    def idle():
        return record(busy, f"{world.account}:ap-south-2")
    world.wait_until(idle, "an idle Region")
    assert idle()["regionStatus"] != "" and idle()["counters"]["servers"] == 0
    due = redis(busy, "ZSCORE", f"{KEY}due",
                f"inventory:{world.account}:ap-south-2")
    now = redis(busy, "TIME").split()[0]
    assert float(due) / 1000 > int(now) + 10

    # a server stops: told once, seen by the list without asking DRS
    world.server(ids[0], replicationState="STALLED")
    world.wait_until(
        lambda: [e for e in events(busy, world.account, "notice")
                 if e["data"]["code"] == "replication_stalled"],
        "the notice")
    notice = [e for e in events(busy, world.account, "notice")
              if e["data"]["code"] == "replication_stalled"]
    assert len(notice) == 1, notice
    more = world.fleet(1, name="late")
    world.wait_until(
        lambda: redis(busy, "HEXISTS", f"{KEY}inv:{scope}", more[0]) == "1",
        "the new server")
    lines = redis(busy, "FCALL", "drs_runs", "1", "{drs}").splitlines()
    assert any(line.startswith(f"inventory {scope}  SUCCESS")
               for line in lines), lines


def test_a_place_that_fails_stops_no_other(busy):
    """Its inventory stays, it is asked more seldom, and comes back."""
    world = World(busy)
    other = World(busy)
    scope = f"{world.account}:{world.region}"
    healthy = f"{KEY}inv:meta:{other.account}:{other.region}"
    world.fleet(1)
    other.fleet(1)
    world.wait_until(
        lambda: redis(busy, "HGET", f"{KEY}inv:meta:{scope}", "gen")
        and redis(busy, "HGET", healthy, "gen"), "both places")
    world.faults({"service": "drs", "operation": "DescribeSourceServers",
                  "kind": "access_denied", "times": 100000})
    world.wait_until(
        lambda: (record(busy, scope) or {}).get("failures", 0) >= 2,
        "failures")
    failed = record(busy, scope)
    assert failed["status"] == "FAILED" and len(failed["errors"]) == 1
    assert failed["regionStatus"] == "IAM_PERMISSION_DENIED"
    assert redis(busy, "HLEN", f"{KEY}inv:{scope}") == "1"
    codes = [e["data"]["code"]
             for e in events(busy, world.account, "notice")]
    assert codes.count("account_unreachable") == 1
    gen = int(redis(busy, "HGET", healthy, "gen"))
    world.wait_until(
        lambda: int(redis(busy, "HGET", healthy, "gen")) > gen,
        "the other place goes on")
    busy.sim("DELETE", "/_sim/faults")
    redis(busy, "FCALL", "drs_task_due", "1", "{drs}", f"inventory:{scope}",
          "0")
    world.wait_until(lambda: record(busy, scope)["status"] == "SUCCESS"
                     and record(busy, scope)["failures"] == 0,
                     "the place is back")

    # an account that is gone is not read any more, and leaves no records
    world.api("DELETE", f"/accounts/targets/{world.account}")
    redis(busy, "FCALL", "drs_task_due", "1", "{drs}", f"inventory:{scope}",
          "0")
    world.wait_until(
        lambda: record(busy, scope) is None
        and not redis(busy, "ZSCORE", f"{KEY}due", f"inventory:{scope}"),
        "the end of the task")


def test_staging_accounts_are_read_as_target_accounts_are(busy):
    """By themselves, with the role of their entry; not after they went."""
    world = World(busy)
    world.fleet(1)
    staging = str(int(world.account) + 7)
    world.want_register = False
    world.fleet(2, account=staging)
    path = f"/accounts/targets/{world.account}/staging-accounts"
    world.api("POST", path, {"stagingAccount": {
        "accountId": staging, "externalId": EXTERNAL_ID}})
    scope = f"{staging}:{world.region}"
    redis(busy, "FCALL", "drs_task_due", "1", "{drs}", "inventory", "0")
    world.wait_until(lambda: record(busy, scope), "the inventory")
    assert record(busy, scope)["status"] == "SUCCESS"
    assert record(busy, scope)["counters"]["servers"] == 2
    assert redis(busy, "HGET", f"{KEY}region:{scope}", "replicating") == "2"
    capacity = world.api("GET", f"/accounts/targets/{world.account}/capacity")
    assert {a["accountId"]: a["replicatingServers"] for a in capacity["accounts"]} \
        == {world.account: 1, staging: 2}
    world.api("DELETE", f"{path}/{staging}")
    redis(busy, "FCALL", "drs_task_due", "1", "{drs}", f"inventory:{scope}", "0")
    world.wait_until(
        lambda: record(busy, scope) is None
        and not redis(busy, "ZSCORE", f"{KEY}due", f"inventory:{scope}"),
        "the end of the task")


def test_the_inventory_knows_the_source_instances(busy):
    """Tags and network from EC2, kept apart, and after the machine is gone."""
    world = World(busy)
    busy.sim("POST", "/_sim/fleet", {"accounts": [{
        "accountId": world.account, "roles": [
            {"roleName": ROLE_NAME, "externalId": EXTERNAL_ID}],
        "regions": [{"region": world.region, "servers": [{
            "count": 1, "namePrefix": "ec2", "originAccountId": world.account,
            "originRegion": "us-west-2",
            "instanceTags": {"Tier": "web", "aws:x": "y", "Name": "shop"}}]}]}]})
    world.register()
    path = f"/drs/source-servers?region={world.region}&accountId={world.account}"

    def known():
        server = world.api("GET", path)["servers"][0]
        return server if "sourceTags" in server else None

    server = world.wait_until(known, "what EC2 says")
    assert server["sourceTags"] == {"Tier": "web", "Name": "shop"}
    assert "Tier" not in server["tags"], "not used for selection"
    network = server["ec2NetworkConfig"]
    assert network["vpcId"].startswith("vpc-")
    assert network["subnetId"].startswith("subnet-")
    assert network["privateIp"] == server["sourceIp"]
    assert network["securityGroups"] == []
    assert (server["originalAccountId"], server["originalSourceRegion"]) \
        == (world.account, "us-west-2")
    kept = json.loads(redis(busy, "HGET", f"{KEY}inv:source:{world.account}:"
                            f"{world.region}", server["sourceServerID"]))
    assert kept["topologyLastUpdated"].endswith("Z")
    # new servers at once, known ones not with every scan
    asked = len(world.calls("DescribeInstances"))
    scans = len(world.calls("DescribeSourceServers"))
    world.wait_until(lambda: len(world.calls("DescribeSourceServers"))
                     >= scans + 2, "further scans")
    assert len(world.calls("DescribeInstances")) == asked

    # a recovery instance shows where its machine was
    plan = world.plan("p", [world.group("g", [server["sourceServerID"]])])
    world.finish(world.start(plan))
    place = f"{KEY}ri:{world.account}:{world.region}"

    def rows():
        found = redis(busy, "HVALS", place).splitlines()
        return [json.loads(r) for r in found if r.startswith("{")]

    row = world.wait_until(rows, "the recovery instance")[0]
    assert row["sourceVpcId"] == network["vpcId"]
    assert row["sourceSubnetId"] == network["subnetId"]
    assert row["sourceSecurityGroupIds"] == []


def test_workers_that_die_start_one_drill(busy):
    """Killed in the middle of a start; two others; one execution."""
    world = World(busy)
    plan, _ = world.simple_plan((1,))
    schedule = create(world, plan)
    world.faults({"service": "drs", "operation": "DescribeJobs",
                  "kind": "hold", "effect": "before", "times": 1})
    at = minute()
    come_due(world, schedule, at)
    world.wait_until(
        lambda: world.stack.sim("GET", "/_sim/health")["held"] == 1,
        "a call of the start")
    assert show(world, plan, schedule)["lastRun"] is None
    world.stack.kill("worker")
    world.stack.sim("POST", "/_sim/release", {})
    world.stack.start_worker()
    world.stack.start_worker("worker2")
    last = last_run(world, plan, schedule)
    assert (last["result"], last["time"]) == ("STARTED", iso(at))
    body = world.finish(last["executionId"])
    assert body["status"] == "COMPLETED"
    assert len(runs(world, plan)) == 1 and len(world.launches()) == 1
    place = f"{KEY}ri:{world.account}:{world.region}"
    world.wait_until(lambda: redis(busy, "HLEN", place) == "2",
                     "the recovery instances are read after the launch")
