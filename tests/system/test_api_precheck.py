"""X-4: what a start would find, and that a start finds the same."""

import datetime
import json
import uuid

import pytest
import redis

from openapi_schema import OpenApi
from world import World

OPENAPI = OpenApi()
IDS = {"GROUPS_RESOLVE", "GROUP_COUNT_CHANGED", "REPLICATION", "LAG",
       "LAST_SEEN", "WAVE_SIZE", "JOB_LIMITS", "RECOVERY_CAPACITY",
       "SERVER_CONFLICT", "DUPLICATE_SERVER", "PLAN_EXECUTING",
       "LAUNCH_SETTINGS", "ACCOUNT_ACCESS", "EXISTING_INSTANCES",
       "RECOVERY_POINT", "PLAN_AGE"}


class Checked(World):
    """A world whose answers are compared with openapi/drs.yaml."""

    def api(self, method, path, body=None, token=None, expect=200):
        answer = super().api(method, path, body, token, expect)
        OPENAPI.check(method, path, expect, answer)
        return answer

    def forget(self):
        """The next question asks DRS again."""
        self.stack.redis_cli(
            "DEL", f"{{drs}}:inv:meta:{self.account}:{self.region}")

    def precheck(self, plan, **body):
        """The precheck, its checks by id as lists."""
        answer = self.api("POST", f"/recovery-plans/{plan}/precheck", body)
        assert {c["id"] for c in answer["checks"]} == IDS, answer
        fails = [c for c in answer["checks"] if c["result"] == "FAIL"]
        rest = [c for c in answer["checks"]
                if c["result"] in ("WARN", "UNKNOWN")]
        assert answer["verdict"] == (
            "NOT_READY" if fails else "READY_WITH_WARNINGS" if rest
            else "READY"), answer
        by_id = {}
        for check in answer["checks"]:
            by_id.setdefault(check["id"], []).append(check)
        return answer, by_id

    def dry(self, plan, **body):
        """Status and code of a dry run of the same."""
        status, answer = self.try_api("POST", "/executions", {
            "planId": plan, "executionType": "DRILL", "dryRun": True, **body})
        return status, answer.get("code")


@pytest.fixture
def world(stack):
    """An AWS account of its own on the shared stack."""
    return Checked(stack)


def result(checks, name):
    """Results of one check."""
    return [c["result"] for c in checks[name]]


def test_ready(world):
    """Every member of the answer; nothing is changed; a drill makes it old."""
    plan, servers = world.simple_plan((2, 1))
    answer, checks = world.precheck(plan)
    assert answer["planId"] == plan and answer["executionType"] == "DRILL"
    assert answer["mode"] == "queue"
    assert datetime.datetime.fromisoformat(
        answer["checkedAt"].replace("Z", "+00:00"))
    assert [w["serverCount"] for w in answer["waves"]] == [2, 1]
    assert answer["waves"][0]["units"] == [{
        "accountId": world.account, "region": world.region,
        "serverCount": 2}]
    assert answer["criticalPath"] == [0, 1]
    assert answer["estimatedSeconds"] == sum(
        w["estimatedSeconds"] for w in answer["waves"]) == 1800
    assert answer["worstLag"].startswith("PT")
    assert answer["conflicts"] == answer["existingInstances"] == []
    assert answer["limits"] == [{
        "accountId": world.account, "region": world.region, "currentJobs": 0,
        "maxJobs": 20, "serversInJobs": 0, "maxServersInJobs": 500,
        "jobsNeeded": 1, "peakServers": 2, "known": True}]
    assert answer["replication"]["ok"] == 3
    assert sorted(s["serverId"] for s in answer["replication"]["servers"]) \
        == sorted(s for ids in servers for s in ids)
    assert [g["status"] for g in answer["launchConfig"]] \
        == ["not_configured"] * 2
    # no drill yet, no launch settings, not validated: warnings only
    assert answer["verdict"] == "READY_WITH_WARNINGS"
    assert result(checks, "PLAN_AGE") == ["WARN"]
    assert world.dry(plan) == (200, None)
    assert world.api("GET", f"/executions?planId={plan}")["items"] == []
    assert not world.launches()

    world.wait(world.start(plan), "COMPLETED")
    world.forget()
    answer, checks = world.precheck(plan)
    assert result(checks, "PLAN_AGE") == ["OK"]
    assert result(checks, "EXISTING_INSTANCES") == ["WARN"]
    assert len(checks["EXISTING_INSTANCES"][0]["serverIds"]) == 3
    assert sorted(i["sourceServerId"] for i in answer["existingInstances"]) \
        == sorted(s for ids in servers for s in ids)
    # durations of the last run
    assert 0 < answer["estimatedSeconds"] < 1800


def test_what_a_start_refuses_fails(world):
    """Health, overrides, existing recoveries, points, jobs: as the dry run."""
    plan, servers = world.simple_plan((2, 1))
    world.wait(world.start(plan, "RECOVERY"), "COMPLETED")
    world.server(servers[0][0], replicationState="STALLED",
                 lagDuration="PT3H")
    world.server(servers[1][0], replicationState="STOPPED")
    world.forget()
    answer, checks = world.precheck(plan)
    assert sorted(result(checks, "REPLICATION")) == ["FAIL", "FAIL"]
    assert [c["overridable"] for c in checks["REPLICATION"]] == [False, True]
    assert result(checks, "EXISTING_INSTANCES") == ["FAIL"]
    assert answer["replication"]["warn"] == 1
    assert answer["replication"]["block"] == 1
    assert answer["worstLag"] == "PT3H"
    assert world.dry(plan)[1] == "EXISTING_RECOVERY_INSTANCES"
    assert world.dry(plan, confirmReplaceExisting=True)[1] \
        == "UNHEALTHY_SERVER_REPLICATION"

    # a part of the plan, with what an operator accepts
    more = {"waves": [0], "allowDegraded": True,
            "confirmReplaceExisting": True}
    answer, checks = world.precheck(plan, **more)
    assert answer["verdict"] == "READY_WITH_WARNINGS"
    assert [w["waveNumber"] for w in answer["waves"]] == [0]
    assert result(checks, "REPLICATION") == ["WARN"]
    assert result(checks, "EXISTING_INSTANCES") == ["WARN"]
    assert world.dry(plan, overrideReason="r", **more)[0] == 200

    world.server(servers[0][0], replicationState="CONTINUOUS")
    world.forget()
    old = {**more, "recoveryPoint": "BEFORE:2001-01-01T00:00:00Z"}
    _, checks = world.precheck(plan, **old)
    assert result(checks, "RECOVERY_POINT") == ["FAIL"]
    assert sorted(checks["RECOVERY_POINT"][0]["serverIds"]) \
        == sorted(servers[0])
    assert world.dry(plan, overrideReason="r", **old)[1] \
        == "RECOVERY_POINT_UNAVAILABLE"
    named = {**more, "recoveryPoint": "SNAPSHOTS", "recoverySnapshots": {
        servers[0][1]: "pit-" + "0" * 17}}
    _, checks = world.precheck(plan, **named)
    assert checks["RECOVERY_POINT"][0]["serverIds"] == servers[0][1:]
    assert world.dry(plan, overrideReason="r", **named)[1] \
        == "RECOVERY_POINT_UNAVAILABLE"
    soon = {**more, "recoveryPoint": "BEFORE:2100-01-01T00:00:00Z"}
    assert result(world.precheck(plan, **soon)[1], "RECOVERY_POINT") == ["OK"]

    world.faults({"service": "drs", "operation": "DescribeJobs",
                  "kind": "access_denied"})
    answer, checks = world.precheck(plan, **more)
    assert result(checks, "JOB_LIMITS") == ["FAIL"]
    assert answer["limits"][0]["known"] is False
    assert world.dry(plan, overrideReason="r", **more)[1] == "LIMITS_UNKNOWN"
    _, checks = world.precheck(plan, allowUnknownLimits=True, **more)
    assert result(checks, "JOB_LIMITS") == ["UNKNOWN"]
    assert world.dry(plan, allowUnknownLimits=True, overrideReason="r",
                     **more)[0] == 200


def test_conflicts_and_lag(world):
    """The own run, another plan's run, a foreign job; RPO of the plan."""
    plan, servers = world.simple_plan((1, 1), rpo=60)
    other = world.plan("other", [{"protectionGroupId": world.api(
        "GET", f"/recovery-plans/{plan}")["waves"][1]["protectionGroupId"]}])
    world.server(servers[0][0], lagDuration="PT1H30M")
    world.server(servers[1][0], lagDuration="PT2H30M")
    world.forget()
    _, checks = world.precheck(plan, executionType="RECOVERY")
    assert sorted(result(checks, "LAG")) == ["FAIL", "WARN"]
    assert all(c["overridable"] for c in checks["LAG"])
    _, checks = world.precheck(plan)
    assert result(checks, "LAG") == ["WARN", "WARN"]

    world.freeze()
    run = world.start(other)
    world.wave_in_flight(run)
    answer, checks = world.precheck(plan)
    assert result(checks, "SERVER_CONFLICT") == ["FAIL"]
    assert checks["SERVER_CONFLICT"][0]["serverIds"] == servers[1]
    assert answer["conflicts"][0]["conflictingExecutionId"] == run
    assert result(checks, "PLAN_EXECUTING") == ["OK"]
    assert world.dry(plan)[1] == "SERVER_CONFLICT"
    answer, checks = world.precheck(other)
    assert result(checks, "PLAN_EXECUTING") == ["FAIL"]
    assert checks["PLAN_EXECUTING"][0]["details"]["activeExecutions"] == [run]
    assert result(checks, "SERVER_CONFLICT") == ["OK"]
    assert answer["limits"][0]["currentJobs"] == 1
    assert world.dry(other)[1] == "PLAN_ALREADY_EXECUTING"
    # the wave that is free may go
    assert world.precheck(plan, waves=[0])[0]["verdict"] \
        == "READY_WITH_WARNINGS"
    world.thaw()
    world.wait(run, "COMPLETED")


def test_launch_settings_and_access(world):
    """Settings that differ in AWS or name nothing; a role that is closed."""
    servers = world.fleet(2, name="cfg")
    subnets = world.api("GET", f"/ec2/subnets?region={world.region}"
                        f"&accountId={world.account}")
    group = world.group("cfg", servers, launchConfig={
        "subnetId": subnets["subnets"][0]["value"], "copyTags": True})
    plan = world.plan("cfg", [group])
    world.wait_until(lambda: world.api(
        "GET", f"/protection-groups/{group}/launch-config-status")["status"]
        == "ready", "the settings are applied")
    answer, checks = world.precheck(plan)
    assert answer["launchConfig"] == [{
        "groupId": group, "groupName": f"cfg-{world.tag}", "status": "ready",
        "driftedServers": 0, "failedServers": 0}]
    assert result(checks, "LAUNCH_SETTINGS") == ["OK"]

    # what the group wants of one server is not what AWS has
    store = redis.Redis.from_url(world.stack.redis_url)
    key = "{drs}:pg:" + group
    doc = json.loads(store.get(key))
    doc["servers"] = [{"sourceServerId": servers[0], "useGroupDefaults": True,
                       "launchTemplate": {"launchDisposition": "STOPPED"}}]
    store.set(key, json.dumps(doc))
    answer, checks = world.precheck(plan)
    assert answer["launchConfig"][0]["driftedServers"] == 1
    assert result(checks, "LAUNCH_SETTINGS") == ["WARN"]
    doc["launchConfig"]["subnetId"] = "subnet-" + "0" * 17
    store.set(key, json.dumps(doc))
    answer, checks = world.precheck(plan)
    assert "FAIL" in result(checks, "LAUNCH_SETTINGS")
    errors = checks["LAUNCH_SETTINGS"][0]["details"]["errors"]
    assert {e["error"] for e in errors} == {"SUBNET_NOT_FOUND"}

    world.faults({"service": "drs", "operation": "GetLaunchConfiguration",
                  "kind": "access_denied"})
    answer, checks = world.precheck(plan)
    assert "UNKNOWN" in result(checks, "LAUNCH_SETTINGS")
    world.stack.sim("DELETE", "/_sim/faults")

    world.forget()
    world.stack.redis_cli("DEL", f"{{drs}}:inv:{world.account}:"
                          f"{world.region}")
    world.faults({"service": "drs", "operation": "DescribeSourceServers",
                  "kind": "access_denied"})
    answer, checks = world.precheck(plan)
    assert answer["verdict"] == "NOT_READY"
    assert result(checks, "ACCOUNT_ACCESS") == ["FAIL"]
    assert result(checks, "GROUPS_RESOLVE") == ["FAIL"]
    assert answer["waves"][0]["serverCount"] == 0
    assert answer["limits"][0]["known"] is False


def test_refusals(world, stack):
    """Unknown plans, bad fields, roles."""
    plan, _ = world.simple_plan((1,))
    path = f"/recovery-plans/{plan}/precheck"
    for where, body, status, code in (
            (f"/recovery-plans/{uuid.uuid4()}/precheck", {}, 404,
             "RECOVERY_PLAN_NOT_FOUND"),
            ("/recovery-plans/x/precheck", {}, 404,
             "RECOVERY_PLAN_NOT_FOUND"),
            (path, {"executionType": "TEST"}, 400, "INVALID_EXECUTION_TYPE"),
            (path, {"waves": [7]}, 400, "INVALID_PARAMETER"),
            (path, {"waves": []}, 400, "INVALID_PARAMETER"),
            (path, {"recoveryPoint": "SNAPSHOTS"}, 400, "MISSING_FIELD"),
            (path, {"recoveryPoint": "yesterday"}, 400,
             "INVALID_PARAMETER")):
        got, answer = world.try_api("POST", where, body)
        assert (got, answer["code"]) == (status, code), answer
    for role, wanted in (("READONLY", 200), ("NOROLE", 403)):
        got, answer = stack.http("POST", path, stack.token(role), {})
        assert got == wanted, answer
        assert got == 200 or "view_recovery_plans" in json.dumps(answer)
    assert stack.http("POST", path, None, {})[0] == 401
