"""Operations that the worker answers, on the whole stack."""

import copy
import json
import uuid

import pytest

from openapi_schema import OpenApi
from world import TERMINAL, World

OPENAPI = OpenApi()


class Checked(World):
    """A world whose answers are compared with openapi/drs.yaml."""

    def api(self, method, path, body=None, token=None, expect=200):
        answer = super().api(method, path, body, token, expect)
        OPENAPI.check(method, path, expect, answer)
        return answer

    def try_api(self, method, path, body=None, token=None):
        status, answer = super().try_api(method, path, body, token)
        OPENAPI.check(method, path, status, answer)
        return status, answer


@pytest.fixture
def world(stack):
    """An AWS account of its own on the shared stack."""
    return Checked(stack)


def refused(world, method, path, body, status, code, error=None, token=None):
    """The body of a refusal."""
    got, answer = world.try_api(method, path, body, token)
    assert (got, answer["code"]) == (status, code), answer
    assert answer["error"] == (error or code), answer
    assert answer["message"] and answer["requestId"]
    return answer


# -- groups -------------------------------------------------------------------

def test_group_of_ids(world):
    ids = world.fleet(3)
    made = world.api("POST", "/protection-groups", {
        "groupName": "Web " + world.tag, "region": world.region,
        "accountId": world.account, "sourceServerIds": ids[:2],
        "externalId": "secret-id"}, expect=201)
    assert made["protectionGroupId"] == made["groupId"]
    assert made["version"] == 1 and made["sourceServerIds"] == ids[:2]
    assert made["launchConfigStatus"]["status"] == "not_configured"
    assert "secret-id" not in json.dumps(made)
    path = "/protection-groups/" + made["groupId"]
    assert world.api("GET", path) == made
    listed = world.api("GET", "/protection-groups?accountId="
                       + world.account)
    assert listed["groups"] == [made]

    name = refused(world, "POST", "/protection-groups", {
        "groupName": "WEB " + world.tag, "region": world.region,
        "accountId": world.account, "sourceServerIds": ids[2:]}, 409,
        "PG_NAME_EXISTS")
    assert name["existingName"] == "Web " + world.tag
    taken = refused(world, "POST", "/protection-groups", {
        "groupName": "Other " + world.tag, "region": world.region,
        "accountId": world.account, "sourceServerIds": ids[1:]}, 409,
        "SERVER_CONFLICT")
    assert taken["conflicts"] == [{
        "serverId": ids[1], "protectionGroupId": made["groupId"],
        "protectionGroupName": "Web " + world.tag}]
    unknown = refused(world, "POST", "/protection-groups", {
        "groupName": "Other " + world.tag, "region": world.region,
        "accountId": world.account,
        "sourceServerIds": ["s-" + "0" * 17]}, 400, "INVALID_PARAMETER")
    assert unknown["details"]["invalidIds"] == ["s-" + "0" * 17]
    assert unknown["details"]["invalid_ids"] == ["s-" + "0" * 17]

    wider = world.api("PUT", path, {"sourceServerIds": ids, "version": 1})
    assert wider["version"] == 2 and wider["sourceServerIds"] == ids
    assert wider["protectionGroupId"] == made["groupId"]
    refused(world, "PUT", path, {"sourceServerIds": ids[:1], "version": 1},
            409, "VERSION_CONFLICT")
    world.api("DELETE", path)
    world.group("Again", ids)


def test_group_of_tags(world):
    ids = world.fleet(2, tags={"Tier": "Web"})
    world.fleet(1, name="db", tags={"Tier": "Db"})
    preview = world.api("POST", "/protection-groups/resolve", {
        "region": world.region, "tags": {"Tier": " web "},
        "accountId": world.account})
    assert preview["serverCount"] == 2
    assert preview["resolvedServers"] == preview["sourceServers"]
    assert sorted(s["sourceServerID"] for s in preview["sourceServers"]) \
        == sorted(ids)
    assert preview["tags"] == preview["serverSelectionTags"]
    made = world.group("Tagged", tags={"Tier": "WEB"})
    group = world.api("GET", f"/protection-groups/{made}")
    assert sorted(group["sourceServerIds"]) == sorted(ids)
    assert group["serverSelectionTags"] == {"Tier": "WEB"}
    same = refused(world, "POST", "/protection-groups", {
        "groupName": "Same " + world.tag, "region": world.region,
        "accountId": world.account,
        "serverSelectionTags": {"Tier": "web"}}, 409, "TAG_CONFLICT")
    assert same["conflicts"][0]["protectionGroupId"] == made
    assert same["conflicts"][0]["conflictType"] == "exact_match"
    refused(world, "POST", "/protection-groups", {
        "groupName": "Overlap " + world.tag, "region": world.region,
        "accountId": world.account, "sourceServerIds": ids[:1]}, 409,
        "SERVER_CONFLICT")
    plan = world.plan("P", [made])
    shown = world.api("GET", f"/recovery-plans/{plan}")
    assert sorted(shown["waves"][0]["serverIds"]) == sorted(ids)


def test_unknown_account_is_refused(world):
    world.fleet(1)
    refused(world, "POST", "/protection-groups", {
        "groupName": "X " + world.tag, "region": world.region,
        "accountId": "999988887777", "sourceServerIds": ["s-" + "1" * 17]},
        400, "INVALID_ACCOUNT")


def test_source_servers(world):
    ids = world.fleet(3, tags={"a": "b"})
    group = world.group("One", ids[:1])
    query = f"?region={world.region}&accountId={world.account}"
    body = world.api("GET", "/drs/source-servers" + query)
    assert body["serverCount"] == body["totalCount"] == 3
    assert body["initialized"] is True and body["region"] == world.region
    assert body["assignedCount"] == 1 and body["availableCount"] == 2
    by_id = {s["sourceServerID"]: s for s in body["servers"]}
    assert sorted(by_id) == sorted(ids)
    one = by_id[ids[0]]
    assert one["state"] == "READY_FOR_RECOVERY"
    assert one["replicationState"] == "CONTINUOUS"
    assert one["selectable"] is False
    assert one["assignedToProtectionGroup"]["protectionGroupId"] == group
    assert one["drsTags"] == one["tags"] and one["tags"]["a"] == "b"
    assert by_id[ids[1]]["assignedToProtectionGroup"] is None
    own = world.api("GET", "/drs/source-servers" + query
                    + "&currentProtectionGroupId=" + group)
    assert all(s["selectable"] for s in own["servers"])
    only = world.api("GET", "/drs/source-servers" + query
                     + "&filterByProtectionGroup=" + group)
    assert [s["sourceServerID"] for s in only["servers"]] == ids[:1]
    assert only["protectionGroupId"] == group
    refused(world, "GET", "/drs/source-servers" + query
            + f"&filterByProtectionGroup={uuid.uuid4()}", None, 404,
            "PROTECTION_GROUP_NOT_FOUND", "NOT_FOUND")


# -- executions ------------------------------------------------------------------

def test_drill_from_start_to_termination(world):
    plan, servers = world.simple_plan((2, 1))
    both = [s for wave in servers for s in wave]
    dry = world.api("POST", "/executions", {
        "planId": plan, "executionType": "DRILL", "dryRun": True})
    assert dry["dryRun"] is True and dry["valid"] is True
    begun = world.api("POST", f"/recovery-plans/{plan}/execute",
                      {"executionType": "drill", "reason": "CHG-1"},
                      expect=202)
    run = begun["executionId"]
    assert begun["status"] == "PENDING"
    assert begun["statusUrl"] == f"/executions/{run}" and begun["message"]
    busy = refused(world, "POST", "/executions",
                   {"planId": plan, "executionType": "DRILL"}, 409,
                   "PLAN_ALREADY_EXECUTING", "ALREADY_EXISTS")
    assert busy["activeExecutions"] == [run]
    done = world.wait(run, "COMPLETED")
    assert done["executionType"] == "DRILL" and done["reason"] == "CHG-1"
    assert done["initiatedBy"] == "admin@example.com"
    assert done["percentComplete"] == 100 and done["endTime"]
    assert done["duration"] == done["durationSeconds"]
    assert [w["status"] for w in done["waves"]] == ["COMPLETED"] * 2
    assert done["outcomeSummary"]
    assert done["outcomeDetails"]["serversLaunched"] == 3

    def enriched():
        body = world.execution(run)
        found = [s for w in body["waves"] for s in w["serverExecutions"]]
        return found if all(s.get("instanceId") for s in found) else None

    launched = world.wait_until(enriched, "the instances of all servers")
    assert sorted(s["serverId"] for s in launched) == sorted(both)
    assert all(s["launchStatus"] == "LAUNCHED" and s["instanceId"]
               for s in launched)
    assert done["terminationMetadata"]["canTerminate"] is True
    assert done["waves"][0]["jobId"] == done["waves"][0]["launchUnits"][0][
        "jobId"]

    listed = world.api("GET", f"/executions?planId={plan}")
    assert [e["executionId"] for e in listed["items"]] == [run]
    assert listed["items"][0]["accountName"] == f"acct-{world.account}"
    item = next(p for p in world.api(
        "GET", f"/recovery-plans?accountId={world.account}")["plans"]
        if p["planId"] == plan)
    assert item["lastExecutionStatus"] == "COMPLETED"
    assert item["lastExecutionId"] == run
    found = world.api("GET", f"/executions/{run}/recovery-instances")
    assert found["totalInstances"] == 3
    refused(world, "POST", f"/executions/{run}/cancel", {}, 400,
            "EXECUTION_NOT_CANCELLABLE", "INVALID_STATE")
    refused(world, "POST", f"/executions/{run}/resume", {}, 400,
            "EXECUTION_NOT_PAUSED", "INVALID_STATE")

    ended = world.api("POST", f"/executions/{run}/terminate-instances", {})
    assert ended["totalFound"] == ended["totalTerminated"] == 3
    assert ended["totalFailed"] == 0 and ended["jobs"]
    world.wait_until(lambda: world.execution(run).get("instancesTerminated"),
                "instancesTerminated")
    status = world.api("GET", f"/executions/{run}/termination-status")
    assert status["allCompleted"] is True
    assert status["progressPercent"] == 100
    assert world.execution(run)["terminationMetadata"] == {
        "canTerminate": False, "reason": "Instances already terminated",
        "hasRecoveryInstances": True}
    again = world.api("POST", f"/executions/{run}/terminate-instances", {})
    assert again["alreadyTerminated"] is True


def test_planned_pause_and_resume(world):
    plan, _ = world.simple_plan((1, 1), waves={1: {"pauseBeforeWave": True}})
    run = world.start(plan)
    paused = world.wait(run, "PAUSED")
    assert paused["pausedBeforeWave"] == 1
    assert paused["pauseReason"] == "PLANNED"
    refused(world, "POST", f"/executions/{run}/terminate-instances", {}, 400,
            "TERMINATION_NOT_ALLOWED", "INVALID_STATE")
    answer = world.api("POST", f"/executions/{run}/resume", {"notes": "go"})
    assert answer["status"] == "RESUMING" and answer["nextWave"] == 1
    done = world.wait(run, "COMPLETED")
    assert done["completedWaves"] == 2


def test_start_refusals(world):
    refused(world, "POST", "/executions",
            {"planId": str(uuid.uuid4()), "executionType": "DRILL"}, 404,
            "RECOVERY_PLAN_NOT_FOUND", "NOT_FOUND")
    servers = world.fleet(1)
    world.server(servers[0], replicationState="DISCONNECTED")
    plan = world.plan("P", [world.group("G", servers)])
    bad = refused(world, "POST", "/executions",
                  {"planId": plan, "executionType": "DRILL"}, 400,
                  "UNHEALTHY_SERVER_REPLICATION", "INVALID_STATE")
    assert bad["unhealthyServers"][0]["serverId"] == servers[0]
    assert bad["details"]["unhealthyCount"] == 1
    assert world.launches() == []
    for path in ("cancel", "pause", "resume", "terminate-instances"):
        refused(world, "POST", f"/executions/{uuid.uuid4()}/{path}", {}, 404,
                "EXECUTION_NOT_FOUND", "NOT_FOUND")


def test_cancel_keeps_what_runs(world):
    plan, _ = world.simple_plan((1, 1))
    world.freeze()
    run = world.start(plan)
    world.wait_until(lambda: world.execution(run)["waves"][0].get("jobId"),
                "the job of the first wave")
    answer = world.api("POST", f"/executions/{run}/cancel")
    assert answer["status"] == "CANCELLING"
    assert answer["details"] == {"completedWaves": [], "inProgressWaves": [0],
                                 "cancelledWaves": [1]}
    assert world.api("POST", f"/executions/{run}/cancel")["status"] \
        == "CANCELLING"
    world.thaw()
    ended = world.wait(run, ("PARTIAL", "CANCELLED"))
    assert ended["status"] == "PARTIAL"
    assert ended["waves"][1]["status"] == "CANCELLED"
    assert ended["status"] in TERMINAL


# -- configuration -----------------------------------------------------------------

def mine(world, doc):
    """The groups and plans of this world in an export."""
    doc = copy.deepcopy(doc)
    for key, name in (("protectionGroups", "groupName"),
                      ("recoveryPlans", "planName")):
        doc[key] = [x for x in doc[key] if x[name].endswith(world.tag)]
    return doc


def test_export_and_import(world):
    plan, servers = world.simple_plan((1, 2), waves={
        1: {"failurePolicy": "CONTINUE", "deadlineMinutes": 60}})
    doc = mine(world, world.api("GET", "/config/export"))
    assert len(doc["protectionGroups"]) == 2
    assert len(doc["recoveryPlans"]) == 1
    same = world.api("POST", "/config/import", {"config": doc})
    assert same["success"] is True
    assert same["summary"]["protectionGroups"] == {
        "created": 0, "skipped": 2, "failed": 0}
    assert {i["reason"] for i in same["skipped"]} == {"ALREADY_EXISTS"}

    world.api("DELETE", f"/recovery-plans/{plan}")
    for group in world.api("GET", "/protection-groups?accountId="
                           + world.account)["groups"]:
        world.api("DELETE", "/protection-groups/" + group["groupId"])
    dry = world.api("POST", "/config/import?dryRun=true", doc)
    assert dry["dryRun"] is True and dry["success"] is True, dry
    assert dry["summary"]["protectionGroups"]["created"] == 2
    assert dry["summary"]["recoveryPlans"]["created"] == 1
    assert world.api("GET", "/protection-groups?accountId="
                     + world.account)["count"] == 0
    real = world.api("POST", "/config/import", doc)
    assert real["summary"] == dry["summary"] and real["correlationId"]
    again = mine(world, world.api("GET", "/config/export"))
    assert again["protectionGroups"] == doc["protectionGroups"]
    assert again["recoveryPlans"] == doc["recoveryPlans"]
    assert servers


def test_import_failures(world):
    ids = world.fleet(2)
    doc = {"protectionGroups": [
        {"groupName": "Good " + world.tag, "region": world.region,
         "accountId": world.account, "sourceServerIds": ids[:1]},
        {"groupName": "Bad " + world.tag, "region": world.region,
         "accountId": world.account, "sourceServerIds": ["s-" + "0" * 17]},
        {"groupName": "None " + world.tag, "region": world.region}],
        "recoveryPlans": [
            {"planName": "A " + world.tag, "waves": [
                {"protectionGroupName": "good " + world.tag}]},
            {"planName": "B " + world.tag, "waves": [
                {"protectionGroupName": "Bad " + world.tag}]},
            {"planName": "C " + world.tag, "waves": [
                {"protectionGroupName": "Nowhere " + world.tag}]}]}
    for dry in (True, False):
        body = world.api("POST", "/config/import",
                         {"config": doc, "dryRun": dry})
        assert body["success"] is False and body["dryRun"] is dry
        assert body["summary"] == {
            "protectionGroups": {"created": 1, "skipped": 0, "failed": 2},
            "recoveryPlans": {"created": 1, "skipped": 0, "failed": 2}}, body
        reasons = {i["name"].split()[0]: i["reason"] for i in body["failed"]}
        assert reasons == {"Bad": "SERVER_NOT_FOUND",
                           "None": "NO_SELECTION_METHOD",
                           "B": "CASCADE_FAILURE",
                           "C": "MISSING_PROTECTION_GROUP"}


# -- permissions ----------------------------------------------------------------------

@pytest.mark.parametrize("role,allowed", [
    ("READONLY", False), ("OPERATOR", True), ("NOROLE", False)])
def test_who_may_start(world, role, allowed):
    token = world.stack.token(role)
    status, body = world.try_api("POST", "/executions", {
        "planId": str(uuid.uuid4()), "executionType": "DRILL"}, token)
    assert status == (404 if allowed else 403), body
    if not allowed:
        assert body["required_permission"] == "start_recovery"
        assert body["error"] == "Forbidden"
