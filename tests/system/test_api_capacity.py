"""Capacity, quotas, limits, states of Regions (AC13, AC14, DRS2, DRS12)."""

import itertools

import pytest
import redis

from stack import PREFIX
from world import EXTERNAL_ID, ROLE_NAME

LIMITS = {"MAX_SERVERS_PER_JOB": 100, "MAX_CONCURRENT_JOBS": 20,
          "MAX_SERVERS_IN_ALL_JOBS": 500, "MAX_REPLICATING_SERVERS": 300,
          "MAX_SOURCE_SERVERS": 4000, "WARNING_REPLICATING_THRESHOLD": 250,
          "CRITICAL_REPLICATING_THRESHOLD": 280}
_serial = itertools.count(1)


@pytest.fixture
def store(stack):
    """The stack's Redis."""
    r = redis.Redis(unix_socket_path=stack.redis_sock, decode_responses=True)
    yield r
    r.close()


def forget(store, *accounts):
    """Drop kept answers and the states of Regions of these accounts."""
    for key in store.scan_iter(PREFIX + ":capacity:*"):
        store.delete(key)
    for account in accounts:
        for key in store.scan_iter(f"{PREFIX}:region:{account}:*"):
            store.delete(key)


def staging(world, servers, external_id=EXTERNAL_ID, region="us-east-1"):
    """A staging account with servers, attached to the world's account."""
    other = str(int(world.account) + 10**11 + next(_serial))
    world.stack.sim("POST", "/_sim/fleet", {"accounts": [{
        "accountId": other, "roles": [
            {"roleName": ROLE_NAME, "externalId": EXTERNAL_ID}],
        "regions": [{"region": region, "servers": [
            {"count": servers, "namePrefix": "st"}]}]}]})
    world.api("POST", f"/accounts/targets/{world.account}/staging-accounts", {
        "stagingAccount": {"accountId": other, "accountName": "stage",
                           "externalId": external_id}})
    return other


def test_permissions(world, stack):
    world.register()
    for path in (f"/accounts/targets/{world.account}/capacity",
                 f"/accounts/{world.account}/capacity",
                 "/accounts/capacity/all", "/drs/quotas",
                 "/drs/service-limits"):
        assert stack.http("GET", path, None)[0] == 401, path
        status, answer = world.try_api("GET", path, None,
                                       stack.token("NOROLE"))
        assert (status, answer["error"]) == (403, "Forbidden"), path


def test_limits(world, stack):
    got = world.api("GET", "/drs/service-limits",
                    token=stack.token("READONLY"))
    assert got["limits"] == LIMITS and got["mode"] == "queue"
    assert "us-east-1" in got["regions"]
    assert set(got) == {"limits", "mode", "regions"}


def test_capacity_of_an_account(world, store, stack):
    ids = world.fleet(4)
    world.server(ids[0], replicationState="STOPPED")
    world.fleet(2, region="eu-west-1")
    other = staging(world, 3)
    forget(store, world.account)
    path = f"/accounts/targets/{world.account}/capacity"
    got = world.api("GET", path + "?includeRegionalBreakdown=true",
                    token=stack.token("READONLY"))

    assert got["combined"] == {
        "totalReplicating": 8, "maxReplicating": 900,
        "percentUsed": 0.89, "availableSlots": 892, "status": "OK",
        "message": "Capacity OK"}
    target, stage = got["accounts"]
    assert target["accountId"] == world.account
    assert target["accountType"] == "target" and target["accessible"]
    assert target["accountName"] == f"acct-{world.account}"
    assert (target["replicatingServers"], target["totalServers"]) == (5, 6)
    assert target["activeRegions"] == 2
    assert target["maxReplicating"] == target["totalRegionalCapacity"] == 600
    assert target["availableSlots"] == 595 and target["status"] == "OK"
    assert target["warnings"] == [] and target["percentUsed"] == 0.83
    rows = {r["region"]: r for r in target["regionalBreakdown"]}
    assert rows["us-east-1"] == {
        "region": "us-east-1", "totalServers": 4, "replicatingServers": 3,
        "maxReplicating": 300, "availableSlots": 297, "percentUsed": 1,
        "status": "OK", "error": None}
    assert set(rows) == {"us-east-1", "eu-west-1"}
    assert stage["accountId"] == other and stage["accountName"] == "stage"
    assert stage["accountType"] == "staging"
    assert stage["replicatingServers"] == 3
    assert got["recoveryCapacity"] == {
        "currentServers": 8, "maxRecoveryInstances": 8000,
        "availableSlots": 7992, "percentUsed": 0.1, "status": "OK"}
    east = [r for r in got["regionalCapacity"]
            if r["region"] == "us-east-1"][0]
    assert east["replicatingServers"] == 6 and east["accountCount"] == 2
    assert east["maxReplicating"] == 600 and east["recoveryMax"] == 4000
    assert got["concurrentJobs"] == {"current": 0, "max": 20, "available": 20}
    assert got["serversInJobs"]["available"] == 500
    assert got["maxServersPerJob"]["jobId"] is None
    assert got["maxServersPerJob"]["status"] == "OK"
    assert got["worst"]["replicatingServers"] == 3
    assert got["warnings"] == [] and got["timestamp"].endswith("Z")

    # kept for a while, also behind the other path
    asked = len(world.calls("DescribeSourceServers"))
    assert world.api("GET", path) == got
    assert world.api("GET", f"/accounts/{world.account}/capacity") == got
    assert len(world.calls("DescribeSourceServers")) == asked
    assert 0 < store.ttl(f"{PREFIX}:capacity:{world.account}") <= 30


def test_change_of_staging_accounts_is_seen_at_once(world, store):
    world.fleet(1)
    path = f"/accounts/targets/{world.account}/capacity"
    assert len(world.api("GET", path)["accounts"]) == 1
    other = staging(world, 2)
    assert len(world.api("GET", path)["accounts"]) == 2
    world.api("DELETE",
              f"/accounts/targets/{world.account}/staging-accounts/{other}")
    assert len(world.api("GET", path)["accounts"]) == 1
    forget(store)


def test_jobs_are_counted(world, store):
    world.freeze()
    plan, _ = world.simple_plan((3,))
    execution = world.start(plan)
    world.wave_in_flight(execution)
    forget(store)
    got = world.api("GET", f"/accounts/targets/{world.account}/capacity")
    assert got["concurrentJobs"] == {"current": 1, "max": 20, "available": 19}
    assert got["serversInJobs"]["current"] == 3
    assert got["maxServersPerJob"]["current"] == 3
    assert got["maxServersPerJob"]["jobId"].startswith("drsjob-")
    got = world.api("GET", f"/drs/quotas?accountId={world.account}"
                    "&region=us-east-1")
    assert got["concurrentJobs"]["current"] == 1
    got = world.api("GET", f"/drs/quotas?accountId={world.account}"
                    "&region=us-west-2")
    assert got["concurrentJobs"]["current"] == 0
    world.thaw()
    world.finish(execution)


def test_bands_and_warnings(world, store):
    world.fleet(230)
    forget(store, world.account)
    got = world.api("GET", f"/accounts/targets/{world.account}/capacity")
    assert got["accounts"][0]["status"] == "WARNING"
    assert got["accounts"][0]["warnings"] == got["warnings"][:1]
    assert got["warnings"][0].startswith("WARNING: account acct-")
    assert world.account in got["warnings"][0]
    assert got["combined"]["status"] == "INFO"
    assert got["combined"]["message"] == "Monitor capacity usage"
    assert len(got["warnings"]) == 2
    everything = world.api("GET", "/accounts/capacity/all")
    mine = [a for a in everything["accounts"]
            if a["accountId"] == world.account]
    assert mine == [got["accounts"][0]]


def test_a_broken_account_does_not_break_the_answer(world, store):
    world.fleet(2)
    broken = staging(world, 3, external_id="not-the-one")
    good = staging(world, 1)
    forget(store, world.account)
    got = world.api("GET", f"/accounts/targets/{world.account}/capacity")
    by_id = {a["accountId"]: a for a in got["accounts"]}
    assert by_id[broken]["accessible"] is False and by_id[broken]["error"]
    assert by_id[broken]["replicatingServers"] == 0
    assert by_id[broken]["status"] != "OK"
    assert by_id[good]["accessible"] is True
    assert by_id[good]["replicatingServers"] == 1
    assert got["combined"]["totalReplicating"] == 3
    assert got["combined"]["maxReplicating"] == 600

    # one Region that fails is one entry with an error
    world.faults({"service": "drs", "operation": "DescribeSourceServers",
                  "region": "us-west-2", "kind": "access_denied"})
    forget(store, world.account)
    got = world.api("GET", f"/accounts/targets/{world.account}/capacity")
    rows = {r["region"]: r for r in got["accounts"][0]["regionalBreakdown"]}
    assert rows["us-west-2"]["error"] and rows["us-west-2"][
        "totalServers"] == 0
    assert rows["us-east-1"]["error"] is None
    assert got["accounts"][0]["replicatingServers"] == 2
    key = f"{PREFIX}:region:{world.account}:us-west-2"
    assert store.hget(key, "status") == "IAM_PERMISSION_DENIED"
    assert store.hget(key, "errorMessage")

    # the whole account
    world.faults({"service": "drs", "operation": "DescribeSourceServers",
                  "kind": "access_denied"})
    forget(store, world.account)
    got = world.api("GET", f"/accounts/targets/{world.account}/capacity")
    assert got["accounts"][0]["accessible"] is False
    assert got["combined"]["totalReplicating"] == 1
    quotas = world.api("GET", f"/drs/quotas?accountId={world.account}")
    assert quotas["capacity"]["status"] == "ACCESS_DENIED"
    assert quotas["concurrentJobs"] == {"current": None, "max": 20,
                                        "available": None}


def test_a_slow_region_does_not_hold_the_answer(world, store):
    world.fleet(2)
    world.faults({"service": "drs", "operation": "DescribeSourceServers",
                  "region": "us-west-2", "kind": "slow", "delayMs": 40000})
    forget(store, world.account)
    got = world.api("GET", f"/accounts/targets/{world.account}/capacity")
    rows = {r["region"]: r for r in got["accounts"][0]["regionalBreakdown"]}
    assert rows["us-west-2"]["error"]
    assert rows["us-east-1"]["replicatingServers"] == 2
    assert got["accounts"][0]["accessible"] is True
    quotas = world.api("GET", f"/drs/quotas?accountId={world.account}")
    assert quotas["capacity"]["failedRegions"] == ["us-west-2"]
    assert quotas["capacity"]["status"] == "OK"


def test_capacity_errors(world):
    status, answer = world.try_api("GET", "/accounts/targets/12/capacity")
    assert (status, answer["error"]) == (400, "INVALID_FORMAT")
    for path in ("/accounts/targets/000000000001/capacity",
                 "/accounts/000000000001/capacity"):
        status, answer = world.try_api("GET", path)
        assert (status, answer["error"]) == (404, "TARGET_ACCOUNT_NOT_FOUND")


def test_all_accounts(world, store):
    world.fleet(2)
    shared = staging(world, 1)
    second = str(int(world.account) + 10**11 + 5000 + next(_serial))
    world.register(second)
    world.api("POST", f"/accounts/targets/{second}/staging-accounts", {
        "stagingAccount": {"accountId": shared, "externalId": EXTERNAL_ID,
                           "shared": True}})
    forget(store, world.account)
    got = world.api("GET", "/accounts/capacity/all")
    ids = [a["accountId"] for a in got["accounts"]]
    assert len(ids) == len(set(ids))
    assert {world.account, shared, second} <= set(ids)
    by_id = {a["accountId"]: a for a in got["accounts"]}
    assert by_id[world.account]["replicatingServers"] == 2
    assert by_id[shared]["accountType"] == "staging"
    one = world.api("GET", f"/accounts/targets/{world.account}/capacity")
    assert set(one) == set(got)
    assert world.api("GET", "/accounts/capacity/all") == got


def test_quotas(world, store):
    ids = world.fleet(3)
    world.server(ids[0], replicationState="DISCONNECTED")
    forget(store, world.account)
    got = world.api("GET", f"/drs/quotas?accountId={world.account}")
    assert got["accountId"] == world.account and got["region"] == "all"
    assert got["accountName"] == f"acct-{world.account}"
    assert got["limits"] == LIMITS
    assert got["capacity"] == {
        "totalSourceServers": 3, "replicatingServers": 2,
        "maxReplicatingServers": 300, "maxSourceServers": 4000,
        "availableReplicatingSlots": 298, "status": "OK",
        "message": "Capacity OK", "failedRegions": [], "activeRegions": 1,
        "totalRegionalCapacity": 300,
        "regionalBreakdown": [{
            "region": "us-east-1", "totalServers": 3, "replicatingServers": 2,
            "maxReplicating": 300, "availableSlots": 298, "percentUsed": 0.7,
            "status": "OK"}]}
    assert got["concurrentJobs"] == {"current": 0, "max": 20, "available": 20}
    assert got["serversInJobs"] == {"current": 0, "max": 500}
    own = world.api("GET", "/drs/quotas?region=us-east-1")
    assert own["accountId"] == "111111111111"
    assert own["region"] == "us-east-1"
    for bad in ("000000000001", "12"):
        status, answer = world.try_api("GET", f"/drs/quotas?accountId={bad}")
        assert (status, answer["error"]) == (400, "INVALID_ACCOUNT")
    status, answer = world.try_api("GET", "/drs/quotas?region=mars-1")
    assert (status, answer["error"]) == (400, "INVALID_PARAMETER")


def test_states_of_regions(world, store):
    world.fleet(2)
    forget(store, world.account)
    world.api("GET", f"/accounts/targets/{world.account}/capacity")

    def state(region):
        return store.hgetall(f"{PREFIX}:region:{world.account}:{region}")

    east = state("us-east-1")
    assert east["status"] == "ACTIVE" and east["serverCount"] == "2"
    assert east["replicating"] == "2" and east["errorMessage"] == ""
    assert int(east["lastUpdated"]) > 10**12
    assert state("us-west-2")["status"] == "NOT_INITIALIZED"
    assert state("ap-east-1")["status"] == "REGION_NOT_ENABLED"
    assert state("us-west-2")["serverCount"] == "0"

    # a Region without servers is not asked again soon
    forget(store)
    asked = [c for c in world.calls("DescribeSourceServers")
             if c["region"] == "us-west-2"]
    world.api("GET", f"/accounts/targets/{world.account}/capacity")
    assert [c for c in world.calls("DescribeSourceServers")
            if c["region"] == "us-west-2"] == asked
