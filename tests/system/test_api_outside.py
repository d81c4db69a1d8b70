"""The API as its clients know it, checked from outside.

One world and the life of everything in it.  Each answer is compared with the
shapes of outside_shapes.py, which know nothing of openapi/drs.yaml; what the
pages of the web client read (`need`) must be there.
"""

import ipaddress
import json
import random
import urllib.parse

import pytest

from contract import UNKNOWN_UUID as NOBODY
from contract import Client, common_headers
from outside_shapes import check, has, leaks
from stack import HUB_ACCOUNT
from world import EXTERNAL_ID, ROLE_NAME, World

STRANGER = "999999999999"
TARGETS = "/accounts/targets"
GROUPS = "/protection-groups"
PLANS = "/recovery-plans"
RUNS = "/executions"
JOBS = "/drs/jobs"
START = "/drs/failover/start-recovery"


class Outside(World):
    """A caller that knows the contract only."""

    def __init__(self, stack):
        super().__init__(stack, register=False)
        self.client = Client(stack)

    def call(self, method, path, body=None, status=200, shape=None, need=(),
             role="ADMIN"):
        """One request; the body, after all checks."""
        answer = self.client(method, path, body, role)
        what = f"{method} {path}"
        assert answer.status == status, (what, answer.status, answer.raw)
        common_headers(answer)
        assert answer.header("Content-Type") == "application/json", what
        found = answer.json
        if status >= 400:
            shape = "Error"
            assert found["requestId"] == answer.header("X-Request-Id"), what
        problems = check(found, shape) if shape else []
        problems += has(found, *need) + leaks(found)
        assert not problems, (what, problems[:20])
        return found

    def get(self, path, shape, *need, **query):
        """A read."""
        if query:
            path += "?" + urllib.parse.urlencode(query)
        return self.call("GET", path, shape=shape, need=need)

    def refused(self, method, path, body, status, error, code=None, *top):
        """A refusal: both codes; further members at the top and in details."""
        found = self.call(method, path, body, status)
        assert (found["error"], found["code"]) == (error, code or error), found
        for name in top:
            assert name in found, (method, path, name, found)
            assert found["details"][name] == found[name], (name, found)
        return found

    def many(self, method, path, status, rows):
        """Refusals: (body, error, code or None, members...)."""
        for body, error, code, *top in rows:
            self.refused(method, path, body, status, error, code, *top)

    @property
    def place(self):
        """Region and account as a query."""
        return {"region": self.region, "accountId": self.account}


@pytest.fixture(name="out", scope="module")
def fixture_out(shared_stack):
    """The world of this file, with what its tests build on."""
    shared_stack.up()
    shared_stack.sim("DELETE", "/_sim/faults")
    shared_stack.sim("POST", "/_sim/thaw", {})
    out = Outside(shared_stack)
    out.ids = out.fleet(6, name="out", tags={"Tier": "Web", "Zone": "é"})
    out.tagged = out.fleet(2, name="tag", tags={"Team": "X-" + out.tag})
    out.call("POST", TARGETS, {
        "accountId": out.account, "accountName": "Konto ü", "roleArn": "",
        "externalId": EXTERNAL_ID}, 201, "AccountMade",
        ["roleArn", "crossAccountRoleArn", "assumeRoleName", "createdBy",
         "lastValidated", "externalId"])
    out.registered = True
    yield out
    out.client.close()


# -- users, accounts ----------------------------------------------------------

def test_user_and_health(out):
    out.get("/health", "Health", "version", "redis.status", "worker.status")
    out.get("/user/permissions", "Permissions", "user.groups[]")
    out.get("/user/roles", "Roles")
    assert out.get("/user/profile", "Profile") \
        == out.get("/users/current", "Profile")


def test_accounts(out):
    one = f"{TARGETS}/{out.account}"
    out.refused("POST", TARGETS, None, 400, "MISSING_BODY")
    out.many("POST", TARGETS, 400, [
        ({"accountName": "x"}, "MISSING_FIELD", None, "field"),
        ({"accountId": "12"}, "INVALID_FORMAT", None),
        ({"accountId": HUB_ACCOUNT,
          "roleArn": f"arn:aws:iam::{HUB_ACCOUNT}:role/x"},
         "SAME_ACCOUNT_NO_ROLE_NEEDED", None),
        ({"accountId": STRANGER, "roleArn": "nonsense"}, "INVALID_ROLE_ARN",
         None),
        ({"accountId": STRANGER,
          "roleArn": f"arn:aws:iam::{out.account}:role/{ROLE_NAME}"},
         "INVALID_ROLE_ARN", None),
        ({"accountId": out.account}, "ACCOUNT_EXISTS", None)])
    found = out.get(TARGETS, "Account[]", "[].stagingAccounts")
    assert found == out.get("/drs/accounts", "Account[]")
    mine = [a for a in found if a["accountId"] == out.account][0]
    assert not has(mine, "roleArn", "crossAccountRoleArn", "assumeRoleName")
    assert "externalId" not in mine
    out.get(one, "Account", "externalId")
    assert "externalId" not in out.call("GET", one, shape="Account",
                                        role="READONLY")
    assert out.call("PUT", one, {
        "accountName": "Konto ü 2", "crossAccountRoleArn":
        f"arn:aws:iam::{out.account}:role/{ROLE_NAME}"}, 200, "Account",
        ["updatedAt"])["accountName"] == "Konto ü 2"
    out.refused("PUT", one, None, 400, "MISSING_BODY")
    out.many("PUT", one, 400, [
        ({"status": "ACTIVE!"}, "INVALID_PARAMETER", None),
        ({"roleArn": "arn:x"}, "INVALID_ROLE_ARN", None)])
    for method, more, body in (("GET", "", None), ("PUT", "", {"status": "x"}),
                               ("DELETE", "", None), ("POST", "/validate", {})):
        out.refused(method, f"{TARGETS}/{STRANGER}{more}", body, 404,
                    "NOT_FOUND", "TARGET_ACCOUNT_NOT_FOUND")
    seen = out.call("POST", one + "/validate", {}, 200, "AccountValidated",
                    ["validationResults[].status"])
    assert seen["valid"] is True and seen["overallStatus"] == "active"
    assert out.get(one, "Account")["lastValidated"]
    out.get("/accounts/current", "CurrentAccount")


def test_staging_accounts_and_capacity(out):
    staging = str(random.randrange(2 * 10**11, 9 * 10**11))
    out.stack.sim("POST", "/_sim/fleet", {"accounts": [
        {"accountId": staging,
         "roles": [{"roleName": ROLE_NAME, "externalId": "e1"}],
         "regions": [{"region": out.region, "servers": []}]}]})
    path = "/staging-accounts/validate"
    ask = {"accountId": staging, "externalId": "e1", "region": out.region}
    assert out.call("POST", path, ask, 200, "StagingValidated")["valid"]
    assert not out.call("POST", path, {**ask, "externalId": "wrong"}, 200,
                        "StagingValidated", ["error"])["valid"]
    out.many("POST", path, 400, [
        ({**ask, "accountId": None}, "MISSING_PARAMETER", None, "parameter",
         "valid"),
        ({**ask, "accountId": "1"}, "INVALID_PARAMETER", None, "parameter",
         "value", "valid")])
    one = f"{TARGETS}/{out.account}/staging-accounts"
    entry = {"accountId": staging, "accountName": "x", "externalId": "e1"}
    for bad, code in (({}, "MISSING_FIELD"),
                      ({"stagingAccount": {**entry, "accountId": "1"}},
                       "INVALID_FORMAT"),
                      ({"stagingAccount": {**entry, "accountId": out.account}},
                       "VALIDATION_ERROR"),
                      ({"stagingAccount": {**entry, "roleArn": "z"}},
                       "INVALID_ROLE_ARN")):
        out.refused("POST", one, bad, 400, code)
    out.refused("POST", f"{TARGETS}/{STRANGER}/staging-accounts",
                {"stagingAccount": entry}, 404, "TARGET_ACCOUNT_NOT_FOUND")
    out.call("POST", one, {"stagingAccount": entry}, 200, "StagingList",
             ["stagingAccounts[].externalId"])
    out.refused("POST", one, {"stagingAccount": entry}, 409,
                "STAGING_ACCOUNT_EXISTS")
    kept = out.call("POST", one + "/sync", {}, 200, "StagingSynced")
    assert [s["accountId"] for s in kept["stagingAccounts"]] == [staging]
    for alias in (one, f"/accounts/{out.account}/staging-accounts"):
        out.get(alias + "/discover", "Discovered")
    out.refused("DELETE", f"{one}/{STRANGER}", None, 404, "NOT_FOUND",
                "STAGING_ACCOUNT_NOT_FOUND")
    for path in (f"{TARGETS}/{out.account}/capacity?includeRegionalBreakdown="
                 "true", f"/accounts/{out.account}/capacity"):
        seen = out.get(path, "Capacity", "accounts[].accountName",
                       "regionalCapacity[].accountCount")
    assert {a["accountType"] for a in seen["accounts"]} == {"target",
                                                           "staging"}
    out.get("/accounts/capacity/all", "Capacity")
    out.refused("GET", f"{TARGETS}/{STRANGER}/capacity", None, 404,
                "TARGET_ACCOUNT_NOT_FOUND")
    out.refused("GET", f"{TARGETS}/12/capacity", None, 400, "INVALID_FORMAT")
    assert out.call("DELETE", f"{one}/{staging}", None, 200,
                    "StagingList")["stagingAccounts"] == []


# -- EC2, groups ----------------------------------------------------------------

def test_pick_lists(out):
    for path, shape, member in (
            ("subnets", "Subnets", "subnets"),
            ("security-groups", "SecurityGroups", "securityGroups"),
            ("instance-profiles", "InstanceProfiles", "instanceProfiles"),
            ("instance-types", "InstanceTypes", "instanceTypes")):
        path = "/ec2/" + path
        out.get(path, shape, member + "[].label", **out.place)
        out.refused("GET", path, None, 400, "MISSING_PARAMETER",
                    "MISSING_REGION")
        out.refused("GET", f"{path}?region={out.region}&accountId={STRANGER}",
                    None, 404, "NOT_FOUND", "TARGET_ACCOUNT_NOT_FOUND")


def test_group_refusals(out):
    good = {"groupName": "x", "sourceServerIds": out.ids[:1], **out.place}
    out.many("POST", GROUPS, 400, [
        ({"region": out.region}, "MISSING_FIELD", None, "field"),
        ({"groupName": "x"}, "MISSING_FIELD", None, "field"),
        ({**good, "groupName": " "}, "INVALID_NAME", None, "field"),
        ({**good, "groupName": "x" * 65}, "INVALID_NAME", None, "field",
         "maxLength", "actualLength"),
        ({**good, "accountId": "1"}, "VALIDATION_ERROR", None),
        ({**good, "description": "x" * 1001}, "VALIDATION_ERROR", None),
        ({**good, "region": "mars-1"}, "INVALID_PARAMETER", None),
        ({**good, "sourceServerIds": []}, "INVALID_PARAMETER", None),
        ({**good, "launchConfig": []}, "INVALID_LAUNCH_CONFIG", None),
        ({**good, "launchConfig": {"securityGroupIds": "sg-1"}},
         "INVALID_SECURITY_GROUPS", None),
        ({**good, "launchConfig": {"subnetId": 5}},
         "INVALID_LAUNCH_CONFIG_FORMAT", None, "validationErrors"),
        ({**good, "accountId": STRANGER}, "INVALID_ACCOUNT", None),
        (b"{", "INVALID_PARAMETER", "INVALID_JSON")])
    unknown = out.refused("POST", GROUPS, {
        **good, "sourceServerIds": ["s-" + "0" * 17]}, 400,
        "INVALID_PARAMETER")
    assert unknown["details"]["invalid_ids"] == ["s-" + "0" * 17]
    one = f"{GROUPS}/{NOBODY}"
    for method, path, body in (
            ("GET", one, None), ("PUT", one, {}), ("DELETE", one, None),
            ("GET", one + "/launch-config-status", None),
            ("POST", one + "/apply-launch-configs", {}),
            ("POST", one + "/servers/bulk-launch-config",
             {"servers": [{"sourceServerId": out.ids[0]}]}),
            ("GET", f"{one}/servers/{out.ids[0]}/launch-config", None)):
        out.refused(method, path, body, 404, "NOT_FOUND",
                    "PROTECTION_GROUP_NOT_FOUND")


def settled(out, group):
    """The status when the settings were applied."""
    def over():
        status = out.get(f"{GROUPS}/{group}/launch-config-status",
                         "LaunchConfigStatus")
        return status if status["status"] in ("ready", "partial",
                                              "failed") else None
    return out.wait_until(over, "launch settings")


def test_group_and_its_servers(out):
    ids, tagged = out.ids, out.tagged
    subnet = out.get("/ec2/subnets", "Subnets", **out.place)["subnets"][0]
    address = ipaddress.ip_network(subnet["cidr"])
    name = "Gruppe Ü " + out.tag
    made = out.call("POST", GROUPS, {
        "groupName": f" {name} ", **out.place, "description": "O'Brien <b>",
        "assumeRoleName": ROLE_NAME, "externalId": "secret",
        "sourceServerIds": ids[:2],
        "launchConfig": {"subnetId": subnet["value"],
                         "instanceType": "m5.large", "copyTags": True},
        "servers": [{"sourceServerId": ids[0], "launchTemplate": {
            "instanceType": "m5.xlarge"}}]}, 201, "Group",
        ["servers[].launchTemplate", "launchConfigStatus.syncJobId"])
    assert made["groupName"] == name and made["version"] == 1
    assert made["description"] == "O'Brien <b>"
    assert "secret" not in json.dumps(made)
    one = f"{GROUPS}/{made['protectionGroupId']}"
    tags = out.call("POST", GROUPS, {
        "groupName": "Tags " + out.tag, **out.place,
        "serverSelectionTags": {"Team": "x-" + out.tag}}, 201, "Group")
    assert sorted(tags["sourceServerIds"]) == sorted(tagged)
    again = {"groupName": "y" + out.tag, **out.place}
    for body, code, member in (
            ({**again, "groupName": name.upper(), "sourceServerIds": ids[3:]},
             "PG_NAME_EXISTS", "existingName"),
            ({**again, "serverSelectionTags": {"Team": "X-" + out.tag}},
             "TAG_CONFLICT", "conflicts"),
            ({**again, "sourceServerIds": ids[:1]}, "SERVER_CONFLICT",
             "conflicts"),
            ({**again, "sourceServerIds": tagged[:1]}, "SERVER_CONFLICT",
             "conflicts")):
        out.refused("POST", GROUPS, body, 409, code, None, member)
    status = settled(out, made["groupId"])
    assert status["status"] == "ready", status
    assert not has(status, "servers[].hostname", "servers[].configHash",
                   "startTime", "completionTime", "startTimeIso")
    listed = out.get(GROUPS, "GroupList", accountId=out.account)
    shown = out.get(one, "Group")
    assert shown in listed["groups"]
    assert shown["launchConfigStatus"] == status

    out.many("PUT", one, 400, [
        ({"version": 0}, "INVALID_PARAMETER", None),
        ({"region": "us-west-2"}, "INVALID_PARAMETER", None),
        ({"serverSelectionTags": {}}, "INVALID_TAGS", None),
        ({"sourceServerIds": []}, "INVALID_SERVERS", None),
        ({"sourceServerIds": ids, "serverSelectionTags": {"a": "b"}},
         "INVALID_PARAMETER", None),
        ({"groupName": " "}, "INVALID_NAME", None, "field"),
        ({"launchConfig": "x"}, "INVALID_LAUNCH_CONFIG", None)])
    for version in ("version", "Version"):
        out.refused("PUT", one, {version: 99, "description": "n"}, 409,
                    "VERSION_CONFLICT", None, "expectedVersion",
                    "currentVersion", "resourceId")
    saved = out.call("PUT", one + "?applyConfigsSync=true", {
        k: shown[k] for k in ("groupName", "description", "region", "version",
                              "accountId", "assumeRoleName", "launchConfig",
                              "sourceServerIds")}, 200, "Group")
    assert saved["version"] == 2
    assert saved["launchConfigStatus"]["status"] == "ready"

    # single servers
    path = f"{one}/servers/{ids[0]}/launch-config"
    out.get(path, "ServerLaunchConfig", "effectiveConfig")
    assert out.get(f"{one}/servers/{ids[1]}/launch-config",
                   "ServerLaunchConfig")["launchTemplate"] == {}
    out.refused("GET", f"{one}/servers/{tagged[0]}/launch-config", None, 404,
                "SERVER_NOT_FOUND", None, "serverId", "groupId")
    ip = str(address[77])
    out.many("PUT", path, 400, [
        ({"launchTemplate": {"imageId": "x"}}, "BLOCKED_FIELDS_PRESENT", None,
         "blockedFields", "valid", "field"),
        ({"launchTemplate": {"nonsense": 1}}, "UNKNOWN_FIELDS_PRESENT", None,
         "unknownFields", "valid"),
        ({"launchTemplate": {"staticPrivateIp": "300.1.1.1"}},
         "VALIDATION_FAILED", None, "validationErrors")])
    kept = out.call("PUT", path, {"launchTemplate": {
        "staticPrivateIp": ip, "monitoring": True, "tags": {"a": "b"},
        "postLaunchEnabled": False}}, 200, "ServerConfigSaved",
        ["auditTrail.changedFields", "auditTrail.applyResult.details[]"])
    assert kept["effectiveConfig"]["subnetId"] == subnet["value"]
    assert out.get(one, "Group", "updatedAt")["version"] == 3
    probe = f"{one}/servers/{ids[1]}/validate-ip"
    ask = {"staticPrivateIp": str(address[88]), "subnetId": subnet["value"]}
    out.call("POST", probe, ask, 200, "IpValid")
    for bad, code in (("x", "INVALID_IP_FORMAT"), ("8.8.8.8", "IP_NOT_PRIVATE"),
                      (str(address[1]), "IP_RESERVED"), (ip, "DUPLICATE_IP"),
                      ("10.255.255.9", "IP_OUT_OF_RANGE")):
        seen = out.call("POST", probe, {**ask, "staticPrivateIp": bad}, 200,
                        "IpInvalid")
        assert (seen["valid"], seen["error"]) == (False, code), seen
    out.refused("POST", probe, {"subnetId": "x"}, 400, "MISSING_FIELD", None,
                "field")
    settled(out, made["groupId"])
    bulk = f"{one}/servers/bulk-launch-config"
    out.many("POST", bulk, 400, [
        ({}, "MISSING_FIELD", None, "field"),
        ({"servers": "x"}, "INVALID_TYPE", None, "field")])
    seen = out.refused("POST", bulk, {"servers": [
        {}, {"serverId": tagged[0]},
        {"serverId": ids[1], "launchTemplate": {"keyName": "x"}}]}, 400,
        "VALIDATION_FAILED", None, "validationErrors")
    assert [e["error"] for e in seen["validationErrors"]] == [
        "MISSING_SERVER_ID", "SERVER_NOT_FOUND", "BLOCKED_FIELDS_PRESENT"]
    out.call("POST", bulk, {"servers": [{"serverId": ids[1], "launchTemplate": {
        "instanceType": "t3.large"}}]}, 200, "Bulk",
        ["results[].effectiveConfig"])
    settled(out, made["groupId"])
    out.call("DELETE", path, None, 200, "ServerConfigDeleted")
    out.refused("DELETE", path, None, 404, "SERVER_NOT_FOUND")
    log = f"{one}/servers/{ids[0]}/audit-log"

    def history():
        found = out.get(log, "AuditLogEntry[]")
        return found if len(found) >= 3 else None
    assert [e["action"] for e in out.wait_until(history, "history")] == [
        "DELETE_SERVER_CONFIG", "UPDATE_SERVER_CONFIG", "CREATE_SERVER_CONFIG"]
    assert out.get(log, "AuditLogEntry[]", endDate="2020-01-01T00:00:00Z") == []
    out.refused("GET", log + "?startDate=x", None, 400, "INVALID_PARAMETER")
    settled(out, made["groupId"])
    out.call("POST", one + "/apply-launch-configs", {"force": True}, 202,
             "LaunchConfigStatus", ["groupId", "message"])
    settled(out, made["groupId"])

    # preview
    path = GROUPS + "/resolve"
    out.refused("POST", path, {"tags": {"a": "b"}}, 400, "MISSING_PARAMETER")
    out.refused("POST", path, {"region": out.region, "tags": {}}, 400,
                "INVALID_PARAMETER")
    seen = out.call("POST", path, {"tags": {"Team": "x-" + out.tag},
                                   **out.place}, 200, "Resolved", [
        "resolvedServers[].hardware.cpus[].modelName",
        "resolvedServers[].networkInterfaces[].ips",
        "resolvedServers[].assignedToProtectionGroup.assignmentType"])
    assert not any(s["selectable"] for s in seen["resolvedServers"])
    seen = out.call("POST", path, {
        "region": out.region, "serverSelectionTags": {"Team": "x-" + out.tag},
        "protectionGroupId": tags["groupId"]}, 200, "Resolved")
    assert all(s["selectable"] for s in seen["resolvedServers"])
    out.group_id, out.tag_group = made["groupId"], tags["groupId"]


# -- plans, executions ------------------------------------------------------------

def wave(*groups, **more):
    """A wave of groups."""
    return {"protectionGroupIds": list(groups), **more}


def test_plans(out):
    one, two = out.group_id, out.tag_group
    rest = out.group("rest", out.ids[2:4])
    out.many("POST", PLANS, 400, [
        ({"waves": [wave(one)]}, "MISSING_FIELD", None, "field"),
        ({"name": "x", "waves": []}, "MISSING_FIELD", None, "field"),
        ({"name": " ", "waves": [wave(one)]}, "INVALID_NAME", None, "field"),
        ({"name": "x" * 65, "waves": [wave(one)]}, "INVALID_NAME", None,
         "field", "maxLength", "actualLength"),
        ({"name": "x", "waves": [wave(one)], "notificationEmail": "no"},
         "INVALID_EMAIL", None, "field"),
        ({"name": "x", "waves": [wave(NOBODY)]}, "PG_NOT_FOUND", None,
         "field"),
        ({"name": "x", "waves": [wave(one), wave(one)]}, "INVALID_PARAMETER",
         "DUPLICATE_SERVER", "serverIds", "waves")] + [
        ({"name": "x", "waves": w}, "INVALID_PARAMETER", "INVALID_WAVES")
        for w in ([{"waveName": "a"}], [wave()],
                  [wave(one, waveNumber=0), wave(two, waveNumber=0)],
                  [wave(one, dependsOnWaves=[1]), wave(two, dependsOnWaves=[0])],
                  [wave(one, dependsOnWaves=[7])],
                  [wave(one, serverIds=["s-" + "0" * 17])])])
    plan = out.call("POST", PLANS, {
        "name": f" Plan ß {out.tag} ", "description": "d", "rpo": 15,
        "rto": "4h", "protectionGroupId": one, "waves": [
            {"name": "eins", "description": "erste", "protectionGroupId": one,
             "serverIds": [], "preWaveActions": [{"x": 1}]},
            wave(rest, serverIds=out.ids[2:3], pauseBeforeWave=True,
                 dependsOnWaves=[0]),
            wave(two, waveName="drei", dependsOnWaves=[1])]}, 201, "Plan",
        ["waves[].serverCount", "waves[].serverSelection"])
    assert [w["waveName"] for w in plan["waves"]] == ["eins", "Wave 2", "drei"]
    assert [w["serverSelection"] for w in plan["waves"]] == ["ALL", "SUBSET",
                                                             "ALL"]
    path = f"{PLANS}/{plan['planId']}"
    out.refused("POST", PLANS, {"planName": f"PLAN SS {out.tag}",
                                "waves": [wave(one)]}, 409, "RP_NAME_EXISTS",
                None, "existingName")
    other = out.call("POST", PLANS, {"planName": "Two " + out.tag,
                                     "waves": [wave(one)]}, 201, "Plan")
    got = out.get(path, "Plan", "rpo", "rto")
    assert (got["rpo"], got["rto"]) == (15, "4h")
    found = out.get(PLANS, "PlanList", accountId=out.account)
    assert found["plans"] == found["recoveryPlans"]
    item = [p for p in found["plans"] if p["planId"] == plan["planId"]][0]
    assert item["waves"] == got["waves"]
    assert [s["protectionGroupId"] for s in item["sharedProtectionGroups"]] \
        == [one]
    for query, n in (({"name": "lan ß " + out.tag}, 1),
                     ({"nameExact": "PLAN ß " + out.tag}, 1),
                     ({"tag": "Team=x-" + out.tag}, 1),
                     ({"hasConflict": "false", "name": out.tag}, 2),
                     ({"hasConflict": "true", "name": out.tag}, 0),
                     ({"status": "completed", "name": out.tag}, 0),
                     ({"accountId": HUB_ACCOUNT, "name": out.tag}, 0)):
        assert out.get(PLANS, "PlanList", **query)["count"] == n, query
    out.many("PUT", path, 400, [
        ({"version": 0}, "INVALID_PARAMETER", None),
        ({"name": ""}, "INVALID_NAME", None),
        ({"notificationEmail": "x"}, "INVALID_PARAMETER", "INVALID_EMAIL"),
        ({"waves": [{"protectionGroupId": one, "serverIds": "x"}]},
         "INVALID_WAVE_DATA", None, "waveIndex"),
        ({"waves": [wave(NOBODY)]}, "PG_NOT_FOUND", None)])
    out.refused("PUT", path, {"version": 9}, 409, "VERSION_CONFLICT", None,
                "expectedVersion", "currentVersion", "resourceId")
    out.refused("PUT", path, {"name": "two " + out.tag}, 409,
                "RP_NAME_EXISTS", None, "existingName")
    assert out.call("PUT", path, {"description": "neu", "version": 1,
                                  "status": "draft"}, 200,
                    "Plan")["version"] == 2
    used = out.call("DELETE", f"{GROUPS}/{two}", None, 409)
    assert used["details"][0]["planId"] == plan["planId"]
    for method in ("GET", "PUT", "DELETE"):
        out.refused(method, f"{PLANS}/{NOBODY}",
                    {} if method == "PUT" else None, 404, "NOT_FOUND",
                    "RECOVERY_PLAN_NOT_FOUND")
    for method in ("GET", "POST"):
        out.call(method, path + "/check-existing-instances",
                 {} if method == "POST" else None, 200, "Existing")
    out.refused("GET", f"{PLANS}/{NOBODY}/check-existing-instances", None, 404,
                "RECOVERY_PLAN_NOT_FOUND", None, "planId")
    out.plan_id, out.other_plan = plan["planId"], other["planId"]


def test_jobs_of_others_are_conflicts(out):
    out.freeze()
    try:
        out.stack.sim("POST", "/_sim/foreign-job", {
            "account": out.account, "region": out.region,
            "serverIds": out.ids[:1], "type": "LAUNCH"})

        def seen():
            out.call("POST", "/drs/recovery-instance-sync", {}, 200,
                     "InstanceSync")
            return [p["conflictInfo"] for p in out.get(
                PLANS, "PlanList", hasConflict="true",
                accountId=out.account)["plans"]
                if p["planId"] == out.other_plan]
        info = out.wait_until(seen, "the conflict")[0]
        assert info["conflictingServers"] == out.ids[:1]
        assert info["conflictingDrsJobId"] in info["reason"]
        assert info["conflictingExecutionId"] is None
        saved = out.call("PUT", f"{PLANS}/{out.other_plan}",
                         {"description": "w"}, 200, "Plan", ["warnings[]"])
        assert saved["warnings"][0]["conflicts"]["drs_job_conflicts"] == 1
    finally:
        out.thaw()

    def over():
        jobs = out.get(JOBS, "Jobs", **out.place)["jobs"]
        return all(j["status"] == "COMPLETED" for j in jobs) and out.get(
            PLANS, "PlanList", hasConflict="true",
            accountId=out.account)["count"] == 0
    out.wait_until(over, "the end of the job and of the conflict")


def start_refusals(out):
    """EX2, RP8: what does not start."""
    out.many("POST", RUNS, 400, [
        ({"executionType": "DRILL"}, "MISSING_PARAMETER", "MISSING_FIELD",
         "field"),
        ({"planId": out.plan_id}, "MISSING_PARAMETER", "MISSING_FIELD",
         "field", "allowedValues"),
        ({"planId": out.plan_id, "executionType": "X"}, "INVALID_PARAMETER",
         "INVALID_EXECUTION_TYPE", "field", "providedValue",
         "allowedValues")])
    for path, body in ((RUNS, {"planId": NOBODY}),
                       (f"{PLANS}/{NOBODY}/execute", {})):
        out.refused("POST", path, {**body, "executionType": "DRILL"}, 404,
                    "NOT_FOUND", "RECOVERY_PLAN_NOT_FOUND", "planId")
    before = len(out.launches())
    out.call("POST", RUNS, {"planId": out.plan_id, "executionType": "drill",
                            "dryRun": True}, 200, "DryRun")
    assert len(out.launches()) == before


def running(out, run):
    """What an active run keeps others from."""
    plan = f"{PLANS}/{out.plan_id}"
    out.refused("POST", plan + "/execute", {"executionType": "DRILL"}, 409,
                "ALREADY_EXISTS", "PLAN_ALREADY_EXECUTING", "activeExecutions",
                "planId")
    clash = out.refused("POST", RUNS, {"planId": out.other_plan,
                                       "executionType": "DRILL"}, 409,
                        "ALREADY_EXISTS", "SERVER_CONFLICT", "conflicts",
                        "conflictingExecutions", "conflictingDrsJobs")
    assert clash["conflictingExecutions"][0]["executionId"] == run
    assert clash["conflicts"][0]["conflictingWaveName"] == "eins"
    out.refused("PUT", plan, {"description": "z"}, 409,
                "PLAN_HAS_ACTIVE_EXECUTION", None, "activeExecutions", "planId")
    out.refused("DELETE", plan, None, 409, "PLAN_HAS_ACTIVE_EXECUTION", None,
                "activeExecutions", "activeStatuses", "planId")
    out.refused("PUT", f"{GROUPS}/{out.group_id}", {"description": "z"}, 409,
                "PG_IN_ACTIVE_EXECUTION", None, "activeExecution")
    out.wave_in_flight(run)
    items = {p["planId"]: p for p in out.get(
        PLANS, "PlanList", accountId=out.account)["plans"]}
    assert items[out.other_plan]["conflictInfo"]["conflictingPlanId"] \
        == out.plan_id
    assert items[out.plan_id]["hasServerConflict"] is False
    assert items[out.plan_id]["lastExecutionId"] == run
    path = f"{RUNS}/{run}"
    detail = out.get(path + "/realtime", "Execution", "accountName",
                     "drsJobId", "drsRegion", "lastUpdated", "updatedAt",
                     "waves[].serverExecutions[].launchStatus")
    first = detail["waves"][0]
    assert not has(first, "DRSJobDetails.targetAccountName", "servers[]",
                   "enrichedServers[].Hostname", "region", "startTime")
    assert detail["waveExecutions"] == detail["waves"]
    for status in first["serverExecutions"]:
        assert status["serverId"] == status["sourceServerId"]
        assert status["status"] == status["launchStatus"]
    out.refused("POST", path + "/terminate-instances", {}, 400,
                "INVALID_STATE", "TERMINATION_NOT_ALLOWED")
    out.refused("GET", path + "/termination-status", None, 400,
                "MISSING_PARAMETER")
    out.call("POST", path + "/pause", {"reason": "x"}, 200, "Paused")
    out.refused("POST", path + "/pause", {}, 400, "INVALID_STATE",
                "EXECUTION_NOT_PAUSABLE", "currentStatus", "pausableStatuses",
                "reason")
    out.call("POST", path + "/resume", None, 200, "Resumed")
    out.refused("POST", path + "/resume", None, 400, "INVALID_STATE",
                "EXECUTION_NOT_PAUSED", "currentStatus", "reason")


def test_execution_from_start_to_deletion(out):
    start_refusals(out)
    out.freeze()
    try:
        started = out.call("POST", RUNS, {
            "recoveryPlanId": out.plan_id, "executionType": "drill",
            "executedBy": "jemand", "AccountContext": {"accountId": "1"},
            "dryRun": False, "topicArn": ""}, 202, "Started")
        run = started["executionId"]
        assert started["statusUrl"] == f"{RUNS}/{run}"
        running(out, run)
    finally:
        out.thaw()
    path = f"{RUNS}/{run}"
    out.wait(run, "PAUSED")
    out.get(path, "Execution", "pausedBeforeWave", "pauseReason", "pausedAt")
    out.call("PUT", f"{GROUPS}/{out.group_id}", {"description": "z"}, 200,
             "Group")
    out.call("POST", path + "/resume", None, 200, "Resumed")
    assert out.finish(run)["status"] == "COMPLETED"
    # addresses and types of the new machines are read behind the launch
    out.wait_until(lambda: not has(out.get(path, "Execution"), *[
        "waves[].serverExecutions[]." + m for m in (
            "recoveredInstanceId", "privateIp", "instanceType")]),
        "what EC2 says of the instances")
    done = out.get(path, "Execution", "duration", "endTime", "outcomeSummary",
                   "outcomeDetails.completedWaves[].name", "completedWaves",
                   "waves[].serverExecutions[].recoveredInstanceId",
                   "waves[].serverExecutions[].privateIp",
                   "waves[].serverExecutions[].instanceType",
                   "waves[].DRSJobDetails")
    assert done["durationSeconds"] == done["duration"]
    assert done["initiatedBy"] == done["executedBy"] == "jemand"
    assert done["terminationMetadata"]["canTerminate"] is True
    assert out.get(f"{RUNS}/arn:aws:states:x:1:execution:y:{run}",
                   "Execution")["executionId"] == run
    item = out.get(RUNS, "ExecutionList", "items[].waves[].serverIds[]",
                   "items[].waves[].serverExecutions[].launchStatus",
                   "items[].accountName", planId=out.plan_id)["items"][0]
    assert item["waves"][0]["serverStatuses"] \
        == done["waves"][0]["serverStatuses"]
    for query in ({"status": "completed,failed"}, {"executionType": "DRILL"},
                  {"initiatedBy": "jemand"}, {"q": out.tag},
                  {"accountId": out.account}):
        found = out.get(RUNS, "ExecutionList", limit="1", **query)
        assert [x["executionId"] for x in found["items"]] == [run], query
    for query in ("limit=0", "limit=x", "nextToken=zz"):
        out.refused("GET", f"{RUNS}?{query}", None, 400, "INVALID_PARAMETER")
    ended(out, run)


def ended(out, run):
    """Instances, logs, termination, deletion."""
    path = f"{RUNS}/{run}"
    for more in ("", "/realtime", "/job-logs", "/recovery-instances",
                 "/termination-status"):
        out.refused("GET", f"{RUNS}/{NOBODY}{more}", None, 404, "NOT_FOUND",
                    "EXECUTION_NOT_FOUND", "executionId")
    for more in ("cancel", "pause", "resume", "terminate-instances"):
        out.refused("POST", f"{RUNS}/{NOBODY}/{more}", None, 404, "NOT_FOUND",
                    "EXECUTION_NOT_FOUND", "executionId")
    out.refused("POST", path + "/cancel", None, 400, "INVALID_STATE",
                "EXECUTION_NOT_CANCELLABLE", "currentStatus",
                "cancellableStatuses", "reason")
    there = out.get(path + "/recovery-instances", "Instances",
                    "instances[].hostname")
    assert there["totalInstances"] == 5

    def told():
        logs = out.get(path + "/job-logs", "JobLogs")
        return logs if all(j["events"] for j in logs["jobLogs"]) else None
    logs = out.wait_until(told, "the logs of the jobs")
    assert len(logs["jobLogs"]) == 3
    job = logs["jobLogs"][0]["jobId"]
    assert len(out.get(path + "/job-logs", "JobLogs",
                       jobId=job)["jobLogs"]) == 1
    existing = out.get(f"{PLANS}/{out.plan_id}/check-existing-instances",
                       "Existing", "existingInstances[].sourcePlanName",
                       "existingInstances[].name",
                       "existingInstances[].privateIp")
    assert existing["instanceCount"] == 5
    kept = out.call("DELETE", f"{RUNS}?ids={run}", None, 200, "Deletion")
    assert kept["activeExecutionsSkipped"][0]["reason"] \
        == "INSTANCES_NOT_TERMINATED"
    kept = out.call("DELETE", f"{RUNS}/completed?accountId={out.account}",
                    None, 200, "BulkDeletion")
    assert kept["skippedWithInstances"] == 1
    for method, where, body in (("DELETE", RUNS + "?ids=", None),
                                ("POST", RUNS + "/delete", {}),
                                ("DELETE", RUNS, {"executionIds": []})):
        out.refused(method, where, body, 400, "MISSING_EXECUTION_IDS")
    gone = out.call("POST", path + "/terminate-instances", None, 200,
                    "Terminated", ["jobs[].jobId"])
    assert gone["totalTerminated"] == 5
    out.get(path + "/termination-status", "TerminationStatus")
    out.wait_until(lambda: out.execution(run).get("instancesTerminated"),
                   "end of the instances")
    out.get(path, "Execution", "terminateJobs[].accountId",
            "instancesTerminatedAt", "terminationInitiatedAt")
    over = out.get(path + "/termination-status", "TerminationStatus",
                   jobIds=gone["jobs"][0]["jobId"], region=out.region)
    assert over["allCompleted"] and over["progressPercent"] == 100
    out.refused("GET", path + "/termination-status?jobIds=z", None, 400,
                "INVALID_PARAMETER")
    out.call("POST", path + "/terminate-instances", None, 200, "Terminated",
             ["alreadyTerminated"])
    last = out.call("DELETE", f"{RUNS}?ids={run}%2C{NOBODY}", None, 200,
                    "Deletion")
    assert (last["deletedCount"], last["notFoundIds"]) == (1, [NOBODY])
    out.refused("GET", path, None, 404, "NOT_FOUND", "EXECUTION_NOT_FOUND")


# -- DRS, configuration -------------------------------------------------------------

def test_drs(out):
    path = "/drs/source-servers"
    found = out.get(path, "SourceServers", "servers[].hardware.disks[]",
                    "servers[].networkInterfaces[].isPrimary", **out.place)
    assert found["totalCount"] == found["serverCount"] == 8
    assert found["assignedCount"] + found["availableCount"] == 8
    pages, token = [], {}
    while token is not None:
        page = out.get(path, "SourceServers", "nextToken", limit=3,
                       **out.place, **token)
        assert page["totalCount"] == 8
        pages += page["servers"]
        token = page["nextToken"] and {"nextToken": page["nextToken"]}
    assert pages == found["servers"]
    out.get(path, "SourceServersOfGroup", "tags",
            filterByProtectionGroup=out.tag_group, **out.place)
    edit = out.get(path, "SourceServers",
                   currentProtectionGroupId=out.group_id, **out.place)
    assert sum(s["selectable"] for s in edit["servers"]) \
        == sum(s["selectable"] for s in found["servers"]) + 2
    for query, code in (("", "MISSING_REGION"),
                        ("?region=mars-1", "INVALID_PARAMETER")):
        assert out.call("GET", path + query, None, 400)["code"] == code
    out.refused("GET", f"{path}?region={out.region}&filterByProtectionGroup="
                + NOBODY, None, 404, "NOT_FOUND", "PROTECTION_GROUP_NOT_FOUND")
    closed = out.refused("GET", f"{path}?region=us-west-2&accountId="
                         + out.account, None, 400, "DRS_NOT_INITIALIZED", None,
                         "region", "initialized", "status")
    assert "not initialized" in closed["message"]
    for query, n in (({"sourceAccountId": out.account}, 8),
                     ({"sourceAccountId": out.account, "filters": json.dumps(
                         {"hostname": "tag-0001"})}, 1),
                     ({"sourceAccountId": STRANGER}, 0)):
        seen = out.get("/drs/source-server-inventory", "Inventory",
                       *(["servers[].dataSource"] if n else []),
                       region=out.region, **query)
        assert seen["count"] == n, (query, seen)
    out.refused("GET", "/drs/source-server-inventory?filters=x", None, 400,
                "INVALID_PARAMETER")
    out.get("/drs/quotas", "Quotas", "capacity.regionalBreakdown[]",
            "capacity.activeRegions", "capacity.totalRegionalCapacity",
            **out.place)
    out.refused("GET", "/drs/quotas?accountId=" + STRANGER, None, 400,
                "INVALID_ACCOUNT")
    out.get("/drs/service-limits", "ServiceLimits")
    out.get(JOBS, "Jobs", "jobs[].endDateTime", **out.place)
    assert out.get(JOBS, "Jobs", jobType="TERMINATE", status="PENDING",
                   **out.place)["count"] == 0
    out.get("/drs/replication", "Replication", "servers[].totalStorageBytes",
            **out.place)
    assert out.get("/drs/service", "Service", **out.place)["count"] == 1
    out.get("/drs/failover", "Failover", **out.place)
    for path in (JOBS, "/drs/replication", "/drs/failover"):
        out.refused("GET", path, None, 400, "MISSING_PARAMETER",
                    "MISSING_REGION")
    body = {"sourceServerIds": out.ids[4:], **out.place}
    out.call("POST", START, body, 202, "RecoveryStarted")
    out.call("POST", "/drs/recovery-instance-sync", {"async": True}, 202)
    out.get("/drs/recovery-instance-sync", "InstanceSyncLast")


def test_configuration(out):
    path = "/config/tag-sync"
    out.many("PUT", path, 400, [
        ({}, "MISSING_PARAMETER", None),
        ({"enabled": "x"}, "INVALID_PARAMETER", None),
        ({"enabled": True, "intervalHours": 25}, "INVALID_PARAMETER", None)])
    saved = out.call("PUT", path, {"enabled": False, "intervalHours": 2.7},
                     200, "TagSyncSaved")
    assert saved["scheduleExpression"] == "rate(2 hours)"
    out.get(path, "TagSyncSettings")
    out.get("/drs/tag-sync", "TagSyncLast")
    out.refused("POST", "/drs/tag-sync", {"accountId": STRANGER}, 400,
                "INVALID_ACCOUNT")
    exported = out.get("/config/export", "Export")
    assert exported["metadata"]["exportedBy"] == "admin@example.com"
    assert "externalId" not in json.dumps(exported)
    for member, name in (("protectionGroups", "groupName"),
                         ("recoveryPlans", "planName")):
        exported[member] = [x for x in exported[member]
                            if x[name].endswith(out.tag)]
        assert exported[member], member
    result = out.call("POST", "/config/import?dryRun=true", exported, 200,
                      "Import")
    assert result["dryRun"] and result["success"] and not result["created"]
    out.many("POST", "/config/import", 400, [
        ({"config": []}, "INVALID_PARAMETER", None),
        ({"config": {"protectionGroups": {}}}, "INVALID_PARAMETER", None),
        ({"config": {"metadata": {"schemaVersion": "9"}}}, "INVALID_PARAMETER",
         "UNSUPPORTED_SCHEMA_VERSION", "supportedVersions")])
    path = "/config/validate-manifest"
    assert out.call("POST", path, {"manifest": exported}, 200,
                    "Manifest")["valid"]
    bad = out.call("POST", path, {
        "recoveryPlans": [{"planName": "x", "waves": []}],
        "protectionGroups": [{"region": out.region}]}, 200, "Manifest")
    assert {e["code"] for e in bad["errors"]} == {"MISSING_REQUIRED_FIELD",
                                                  "EMPTY_WAVES"}
    assert bad["warnings"][0]["code"] == "MISSING_SCHEMA_VERSION"
