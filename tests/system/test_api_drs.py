"""What DRS shows, recovery instances that are there, starts without plans."""

import json
import threading
import uuid

import pytest

from openapi_schema import OpenApi
from stack import PREFIX
from world import World

OPENAPI = OpenApi()
START = "/drs/failover/start-recovery"
GETS = ("/drs/jobs", "/drs/replication", "/drs/service", "/drs/failover",
        "/drs/source-server-inventory", "/drs/recovery-instance-sync")


class Checked(World):
    """A world whose answers are compared with openapi/drs.yaml."""

    def api(self, method, path, body=None, token=None, expect=200):
        answer = super().api(method, path, body, token, expect)
        OPENAPI.check(method, path, expect, answer)
        return answer

    def refused(self, method, path, body, status, code, token=None):
        """The body of a refusal."""
        got, answer = self.try_api(method, path, body, token)
        assert (got, answer["code"]) == (status, code), answer
        assert answer["message"] and answer["requestId"]
        return answer

    @property
    def place(self):
        """Query of this world's account and Region."""
        return f"?region={self.region}&accountId={self.account}"


@pytest.fixture
def world(stack):
    """An AWS account of its own on the shared stack."""
    return Checked(stack)


def drill(world, waves=(1,)):
    """An ended drill; (plan, servers of all waves, execution)."""
    plan, servers = world.simple_plan(waves)
    run = world.start(plan)
    world.wait(run, "COMPLETED")
    return plan, [s for wave in servers for s in wave], run


# -- RP6, RP7, DRS8, DRS13, DRS14 --------------------------------------------

def test_existing_instances(world):
    plan, servers, run = drill(world, (1, 1))
    path = f"/recovery-plans/{plan}/check-existing-instances"
    body = world.api("GET", path)
    assert body["hasExistingInstances"] is True
    assert body["instanceCount"] == 2 and body["planId"] == plan
    found = body["existingInstances"]
    assert {i["sourceServerId"] for i in found} == set(servers)
    name = world.execution(run)["planName"]
    for i in found:
        assert i["recoveryInstanceId"].startswith("i-")
        assert i["ec2InstanceId"].startswith("i-")
        assert i["ec2InstanceState"] == "RUNNING"
        assert i["region"] == world.region
        assert i["sourceExecutionId"] == run and i["sourcePlanName"] == name
        assert i["privateIp"] and i["launchTime"] and i["instanceType"]
        assert i["sourceServerName"] and i["isDrill"] is True
    posted = world.api("POST", path, {"any": "thing"})
    assert posted["instanceCount"] == 2

    shown = world.api("GET", "/drs/failover" + world.place)
    assert shown["count"] == 2
    for i in shown["recoveryInstances"]:
        assert i["isDrill"] is True and i["accountId"] == world.account
        assert i["sourceExecutionId"] == run
        assert i["jobId"].startswith("drsjob-")

    # what was read last serves when DRS cannot be asked
    world.faults({"service": "drs", "operation": "DescribeRecoveryInstances",
                  "kind": "access_denied", "times": 1000})
    assert world.api("GET", path)["instanceCount"] == 2
    world.refused("GET", "/drs/failover" + world.place, None, 403,
                  "REGION_ACCESS_DENIED")
    world.stack.sim("DELETE", "/_sim/faults")

    world.api("POST", f"/executions/{run}/terminate-instances", {})
    world.wait_until(lambda: world.execution(run).get("instancesTerminated"),
                     "the end of the instances")
    body = world.api("GET", path)
    assert body == {"hasExistingInstances": False, "instanceCount": 0,
                    "planId": plan, "existingInstances": []}


def test_existing_instances_refusals(world):
    for ident in (str(uuid.uuid4()), "nothing"):
        path = f"/recovery-plans/{ident}/check-existing-instances"
        for method in ("GET", "POST"):
            body = world.refused(method, path, None, 404,
                                 "RECOVERY_PLAN_NOT_FOUND")
            assert body["planId"] == ident
    world.refused("GET", path, None, 401, "UNAUTHORIZED", "a.b.c")
    world.refused("GET", path, None, 403, "FORBIDDEN",
                  world.stack.token("NOROLE"))
    plan = world.plan("P", [world.group("G", world.fleet(1))])
    world.faults({"service": "drs", "operation": "DescribeRecoveryInstances",
                  "kind": "access_denied", "times": 1000})
    body = world.refused("GET", f"/recovery-plans/{plan}"
                         "/check-existing-instances", None, 500,
                         "CHECK_FAILED")
    assert body["planId"] == plan


def test_instance_sync(world):
    _, _, run = drill(world, (2,))
    world.api("GET", "/drs/source-servers" + world.place)
    body = world.api("POST", "/drs/recovery-instance-sync", {})
    assert body["instancesUpdated"] >= 2 and body["regionsScanned"] >= 1
    after = world.api("GET", "/drs/recovery-instance-sync")
    assert after["lastSyncTime"].endswith("Z")
    assert after["status"] == ("error" if after["errors"] else "healthy")
    begun = world.api("POST", "/drs/recovery-instance-sync",
                      {"async": True}, expect=202)
    assert begun["status"] == "STARTED"
    world.refused("POST", "/drs/recovery-instance-sync", {"async": 1}, 400,
                  "INVALID_PARAMETER")
    rows = world.stack.redis_cli("HVALS", f"{PREFIX}:ri:{world.account}:"
                                 f"{world.region}").splitlines()
    mine = [json.loads(r) for r in rows if r.startswith("{")]
    assert [r["sourceExecutionId"] for r in mine] == [run, run]


# -- DRS5, DRS6, DRS7 ----------------------------------------------------------

def test_jobs(world):
    plan, servers, run = drill(world, (1, 1))
    body = world.api("GET", "/drs/jobs" + world.place)
    assert body["count"] == 2 and body["region"] == world.region
    assert [j["waveNumber"] for j in body["jobs"]] == [1, 0]
    for job, server in zip(body["jobs"], reversed(servers)):
        assert job["type"] == "LAUNCH" and job["status"] == "COMPLETED"
        assert job["executionId"] == run and job["planId"] == plan
        assert job["accountId"] == world.account
        assert job["serverCount"] == 1
        one = job["participatingServers"][0]
        assert one["sourceServerId"] == server
        assert one["launchStatus"] == "LAUNCHED"
        assert job["creationDateTime"] <= job["endDateTime"]
    query = "/drs/jobs" + world.place
    assert world.api("GET", query + "&jobType=launch")["count"] == 2
    assert world.api("GET", query + "&jobType=TERMINATE")["count"] == 0
    assert world.api("GET", query + "&status=STARTED")["count"] == 0
    world.refused("GET", query + "&status=X", None, 400, "INVALID_PARAMETER")


def test_terminate_jobs_of_a_run_name_it(world):
    plan, _, run = drill(world, (1,))
    world.api("POST", f"/executions/{run}/terminate-instances", {})
    world.wait_until(lambda: world.execution(run).get("instancesTerminated"),
                     "the end of the instances")
    body = world.api("GET", "/drs/jobs" + world.place + "&jobType=TERMINATE")
    assert body["count"] == 1
    job = body["jobs"][0]
    assert (job["executionId"], job["planId"]) == (run, plan)
    assert "waveNumber" not in job
    # a terminate job of somebody else belongs to no run
    other = world.fleet(1)
    world.stack.sim("POST", "/_sim/foreign-job", {
        "account": world.account, "region": world.region, "serverIds": other,
        "type": "LAUNCH", "isDrill": True})
    jobs = world.api("GET", "/drs/jobs" + world.place)["jobs"]
    assert [j.get("executionId") for j in jobs].count(None) == 1


def test_replication(world):
    servers = world.fleet(3)
    world.server(servers[0], replicationState="STALLED")
    body = world.api("GET", "/drs/replication" + world.place)
    assert body["count"] == 3 and body["region"] == world.region
    states = {s["sourceServerID"]: s["replicationState"]
              for s in body["servers"]}
    assert states[servers[0]] == "STALLED"
    assert states[servers[1]] == "CONTINUOUS"
    two = world.api("GET", "/drs/replication" + world.place
                    + "&sourceServerIds=" + "%2C".join(servers[1:]))
    assert {s["sourceServerID"] for s in two["servers"]} == set(servers[1:])


def test_service(world):
    world.fleet(2)
    body = world.api("GET", f"/drs/service?accountId={world.account}")
    rows = {r["region"]: r for r in body["regions"]}
    assert body["count"] == len(rows) > 1
    here = rows[world.region]
    assert here["status"] == "ACTIVE" and here["initialized"] is True
    assert here["serverCount"] == 2 and here["lastUpdated"].endswith("Z")
    one = world.api("GET", "/drs/service" + world.place)
    assert [r["region"] for r in one["regions"]] == [world.region]


def test_place_is_checked(world):
    for path in ("/drs/jobs", "/drs/replication", "/drs/failover"):
        world.refused("GET", path, None, 400, "MISSING_REGION")
        world.refused("GET", path + "?region=mars-1", None, 400,
                      "INVALID_PARAMETER")
        world.refused("GET", path + f"?region={world.region}&accountId=1",
                      None, 400, "INVALID_PARAMETER")
        world.refused("GET", path + f"?region={world.region}"
                      "&accountId=999988887777", None, 400,
                      "INVALID_ACCOUNT")
    for path in GETS:
        world.refused("GET", path, None, 401, "UNAUTHORIZED", "a.b.c")
        world.refused("GET", path, None, 403, "FORBIDDEN",
                      world.stack.token("NOROLE"))


# -- DRS10 ----------------------------------------------------------------------

def test_inventory(world):
    servers = world.fleet(2, name="web")
    other = world.fleet(1, name="db")
    group = world.group("G", servers[:1])
    world.api("GET", "/drs/source-servers" + world.place)
    path = (f"/drs/source-server-inventory?region={world.region}")
    shown = world.api("GET", path)
    mine = {s["sourceServerID"]: s for s in shown["servers"]
            if s["sourceServerID"] in servers + other}
    assert set(mine) == set(servers + other)
    assert shown["count"] == len(shown["servers"])
    assert shown["regions"] == [world.region]
    assert shown["source"] == "inventory_database"
    taken = mine[servers[0]]["assignedToProtectionGroup"]
    assert taken["protectionGroupId"] == group
    assert mine[servers[1]]["assignedToProtectionGroup"] is None

    source = mine[servers[0]].get("sourceAccountId", world.account)
    some = world.api("GET", path + f"&sourceAccountId={source}")
    assert {s["sourceServerID"] for s in some["servers"]} >= set(servers)
    host = mine[other[0]]["hostname"]
    one = world.api("GET", path + "&filters="
                    + json.dumps({"hostname": host}).replace('"', "%22")
                    .replace(" ", ""))
    assert host in [s["hostname"] for s in one["servers"]]
    assert {s["hostname"] for s in one["servers"]} == {host}
    none = world.api("GET", path + "&filters=%7B%22minCpuCores%22%3A9999%7D")
    assert none["count"] == 0 and none["servers"] == []
    own = world.api("GET", path + f"&filterByProtectionGroup={group}"
                    f"&currentProtectionGroupId={group}")
    assert [s["sourceServerID"] for s in own["servers"]] == servers[:1]
    assert own["servers"][0]["selectable"] is True
    empty = world.api("GET", "/drs/source-server-inventory?regions=eu-west-1")
    assert empty["count"] == 0 and empty["regions"] == []


def inventory(world, query, limit=None):
    """Ids of DRS10: of the whole list, or of all its pages."""
    found, token = [], ""
    while token is not None:
        more = f"&limit={limit}" if limit else ""
        more += f"&nextToken={token}" if token else ""
        body = world.api("GET", f"/drs/source-server-inventory?x=1{query}{more}")
        assert body["count"] == len(body["servers"]) <= (limit or 10**6)
        found += [s["sourceServerID"] for s in body["servers"]]
        token = body.get("nextToken")
        assert token is None or body["count"] == limit
    return found


def test_inventory_pages(world):
    """Pages are the whole list, whether or not rows decide what is in it.
    Other accounts are scanned meanwhile: only the own servers are compared."""
    web = world.fleet(5, name="web", tags={"tier": "web"})
    db = world.fleet(3, name="db", tags={"tier": "db"})
    by_ids = world.group("By ids", [web[0], web[3]])
    by_tags = world.group("By tags", tags={"tier": "db"})
    world.api("GET", "/drs/source-servers" + world.place)
    for query, wanted in (
            ("", web + db),
            (f"&sourceAccountId={world.account}", web + db),
            ("&filters=%7B%22minCpuCores%22%3A1%7D", web + db),
            (f"&filterByProtectionGroup={by_ids}", [web[0], web[3]]),
            (f"&filterByProtectionGroup={by_tags}", db)):
        whole = [s for s in inventory(world, query) if s in web + db]
        assert sorted(whole) == sorted(wanted), query
        for limit in (1, 2, 3, 1000):
            found = [s for s in inventory(world, query, limit)
                     if s in web + db]
            assert found == whole, (query, limit)


def test_inventory_refusals(world):
    path = "/drs/source-server-inventory"
    for text in ("x", "[]", "%7B%22hostname%22%3A1%7D"):
        world.refused("GET", f"{path}?filters={text}", None, 400,
                      "INVALID_PARAMETER")
    world.refused("GET", f"{path}?region=mars-1", None, 400,
                  "INVALID_PARAMETER")
    world.refused("GET", f"{path}?filterByProtectionGroup={uuid.uuid4()}",
                  None, 404, "PROTECTION_GROUP_NOT_FOUND")


# -- DRS9 -----------------------------------------------------------------------

@pytest.mark.parametrize("path", ["/drs/failover/start-recovery",
                                  "/drs/start-recovery"])
def test_start_without_a_plan(world, path):
    servers = world.fleet(2)
    world.freeze()
    body = world.api("POST", path, {
        "sourceServerIds": servers, "region": world.region,
        "accountId": world.account}, expect=202)
    assert body["jobId"].startswith("drsjob-") and body["type"] == "LAUNCH"
    assert body["status"] in ("PENDING", "STARTED")
    assert body["isDrill"] is True
    assert body["participatingServers"] == servers
    assert body["accountId"] == world.account
    assert len(world.launches()) == 1
    jobs = world.api("GET", "/drs/jobs" + world.place)["jobs"]
    assert [j["jobId"] for j in jobs] == [body["jobId"]]
    assert "executionId" not in jobs[0]
    busy = world.refused("POST", path, {
        "sourceServerIds": servers[:1], "region": world.region,
        "accountId": world.account}, 409, "SERVER_CONFLICT")
    assert busy["conflicts"][0]["conflictSource"] == "drs_job"
    assert busy["conflicts"][0]["serverId"] == servers[0]
    assert len(world.launches()) == 1
    world.thaw()

    def audited():
        found = world.api("GET", f"/audit?resourceId={body['jobId']}")
        return [e for e in found["entries"] if e["action"] == "drs.start"]

    assert world.wait_until(audited, "the audit entry")


def test_start_without_a_plan_meets_a_run(world):
    plan, servers = world.simple_plan((1, 1), waves={
        1: {"pauseBeforeWave": True}})
    run = world.start(plan)
    world.wait(run, "PAUSED")
    busy = world.refused("POST", "/drs/start-recovery", {
        "sourceServerIds": servers[1], "region": world.region,
        "accountId": world.account}, 409, "SERVER_CONFLICT")
    assert busy["conflicts"][0]["conflictingExecutionId"] == run
    assert len(world.launches()) == 1


def test_start_without_a_plan_refusals(world):
    servers = world.fleet(1)
    world.server(servers[0], replicationState="DISCONNECTED")
    good = {"sourceServerIds": servers, "region": world.region,
            "accountId": world.account}
    path = "/drs/failover/start-recovery"
    world.refused("POST", path, good, 400, "UNHEALTHY_SERVER_REPLICATION")
    for change, code in (
            ({"sourceServerIds": None}, "MISSING_FIELD"),
            ({"sourceServerIds": []}, "INVALID_PARAMETER"),
            ({"sourceServerIds": ["s-1"]}, "INVALID_PARAMETER"),
            ({"region": None}, "MISSING_REGION"),
            ({"region": "mars-1"}, "INVALID_PARAMETER"),
            ({"isDrill": "yes"}, "INVALID_PARAMETER"),
            ({"accountId": "1"}, "INVALID_PARAMETER"),
            ({"allowDegraded": True}, "MISSING_FIELD"),
            ({"accountId": "999988887777"}, "INVALID_ACCOUNT")):
        world.refused("POST", path, {**good, **change}, 400, code)
    unknown = {**good, "sourceServerIds": ["s-" + "0" * 17]}
    world.refused("POST", path, unknown, 400, "UNHEALTHY_SERVER_REPLICATION")
    assert world.launches() == []
    denied = world.refused("POST", path, good, 403, "FORBIDDEN",
                           world.stack.token("READONLY"))
    assert denied["required_permission"] == "start_recovery"
    world.refused("POST", path, good, 401, "UNAUTHORIZED", "a.b.c")


def test_start_without_a_plan_whose_answer_is_lost(world):
    """The job is found by its tag and not sent a second time."""
    servers = world.fleet(1)
    world.faults({"service": "drs", "operation": "StartRecovery",
                  "times": 1, "kind": "lost_response"})
    body = world.api("POST", "/drs/start-recovery", {
        "sourceServerIds": servers, "region": world.region,
        "accountId": world.account}, expect=202)
    assert [c["resultId"] for c in world.calls("StartRecovery")] \
        == [body["jobId"]]


def test_start_without_a_plan_without_an_effect(world):
    """No job of it is known: the caller is told, nothing is repeated."""
    servers = world.fleet(1)
    world.faults({"service": "drs", "operation": "StartRecovery",
                  "times": 1, "kind": "http_500"})
    body = world.refused("POST", "/drs/start-recovery", {
        "sourceServerIds": servers, "region": world.region,
        "accountId": world.account}, 500, "DRS_ERROR")
    assert body["details"]["launchKey"]
    assert len(world.calls("StartRecovery")) == 1 and not world.launches()


def test_two_starts_of_one_server(world):
    ids = world.fleet(2)
    plan = world.plan("held", [world.group("held", ids)])
    body = {"sourceServerIds": ids[:1], "region": world.region,
            "accountId": world.account}
    world.faults({"service": "drs", "operation": "StartRecovery",
                  "kind": "hold", "times": 1})
    first = []

    def start():
        first.append(world.try_api("POST", START, body))

    thread = threading.Thread(target=start)
    thread.start()
    try:
        world.wait_until(lambda: world.stack.sim("GET", "/_sim/health")["held"],
                         "the call of the first start")
        for path, other in ((START, {**body, "sourceServerIds": ids}),
                            ("/executions", {"planId": plan,
                                             "executionType": "DRILL"})):
            status, answer = world.try_api("POST", path, other)
            assert (status, answer["code"]) == (409, "SERVER_CONFLICT"), answer
            assert [c["serverId"] for c in answer["conflicts"]] == ids[:1]
            assert answer["conflicts"][0]["conflictSource"] == "drs_job"
            assert answer["conflicts"][0]["heldUntil"].endswith("Z")
    finally:
        world.stack.sim("POST", "/_sim/release", {})
        thread.join()
    assert first[0][0] == 202, first
    assert len(world.launches()) == 1
    assert not world.stack.redis_cli(
        "KEYS", f"*:hold:{world.account}:*").strip()
