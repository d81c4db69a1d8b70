"""Launch settings of groups and servers: jobs, status, validation."""

import ipaddress
import json
import uuid

import pytest
import redis

from openapi_schema import OpenApi
from world import World

OPENAPI = OpenApi()
DONE = ("ready", "partial", "failed")


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

    def refused(self, method, path, body, status, code, error=None,
                token=None):
        """The body of a refusal."""
        got, answer = self.try_api(method, path, body, token)
        assert (got, answer["code"]) == (status, code), answer
        if error:
            assert answer["error"] == error, answer
        assert answer["message"] and answer["requestId"]
        return answer

    def settled(self, group, wanted=DONE):
        """Wait until the settings are applied; the status."""
        def over():
            status = self.api(
                "GET", f"/protection-groups/{group}/launch-config-status")
            return status if status["status"] in wanted else None
        return self.wait_until(over, f"launch settings of {group}", 60)

    def network(self):
        """(subnets, security groups) of the account's Region."""
        for acct in self.stack.sim("GET", "/_sim/fleet")["accounts"]:
            for region in acct["regions"]:
                if acct["accountId"] == self.account \
                        and region["region"] == self.region:
                    return region["subnets"], region["securityGroups"]
        raise AssertionError("no network")

    def template(self, server):
        """Launch configuration and default template data of a server."""
        for item in self.stack.sim("GET", "/_sim/launch-templates")[
                "launchTemplates"]:
            if item["sourceServerId"] == server:
                data = [v["data"] for v in item["versions"]
                        if v["version"] == item["defaultVersion"]][0]
                return item, data
        raise AssertionError(f"no template of {server}")


@pytest.fixture
def world(stack):
    """An AWS account of its own on the shared stack."""
    return Checked(stack)


def address(subnet, n):
    """The n-th address of a subnet."""
    return str(ipaddress.ip_network(subnet["cidrBlock"])[n])


def codes(answer):
    """Codes of the validation errors."""
    return [e["error"] for e in answer["validationErrors"]]


# -- jobs ---------------------------------------------------------------------

def test_settings_are_applied_in_the_background(world):
    ids = world.fleet(12)
    made = world.api("POST", "/protection-groups", {
        "groupName": "Job " + world.tag, "region": world.region,
        "accountId": world.account, "sourceServerIds": ids,
        "launchConfig": {"copyTags": False, "instanceType": "m5.large"}},
        expect=201)
    first = made["launchConfigStatus"]
    assert first["status"] == "pending" and first["totalServers"] == 12
    assert uuid.UUID(first["syncJobId"]).version == 4
    group = made["groupId"]
    status = world.settled(group)
    assert status["status"] == "ready", status
    assert status["syncJobId"] is None and status["errors"] == []
    assert status["appliedServers"] == status["completedServers"] == 12
    assert status["percentage"] == 100 and status["failedServers"] == 0
    assert status["progress"] == {"completed": 12, "total": 12,
                                  "percentage": 100}
    assert status["startTime"] <= status["completionTime"]
    assert status["startTimeIso"].endswith("Z")
    assert status["appliedBy"] and status["lastApplied"].endswith("Z")
    assert status["servers"] == status["serverConfigs"]
    assert [s["sourceServerId"] for s in status["servers"]] == sorted(ids)
    one = status["servers"][0]
    assert one["status"] == "ready" and one["errors"] == []
    assert one["configHash"].startswith("sha256:") and one["hostname"]
    for server in ids:
        item, data = world.template(server)
        assert item["launchConfiguration"]["copyTags"] is False
        assert data["InstanceType"] == "m5.large"

    shown = world.api("GET", f"/protection-groups/{group}")
    assert shown["launchConfigStatus"] == status and shown["version"] == 1
    listed = world.api("GET", "/protection-groups?accountId="
                       + world.account)["groups"][0]["launchConfigStatus"]
    assert listed == status

    # unchanged values begin nothing
    same = world.api("PUT", f"/protection-groups/{group}", {
        "groupName": "Job " + world.tag, "sourceServerIds": ids,
        "launchConfig": {"copyTags": False, "instanceType": "m5.large"}})
    assert same["launchConfigStatus"]["status"] == "ready"
    assert same["version"] == 2


def test_group_without_settings(world):
    group = world.group("plain", world.fleet(1))
    path = f"/protection-groups/{group}"
    status = world.api("GET", path + "/launch-config-status")
    assert status["status"] == "not_configured"
    assert status["syncJobId"] is None and status["servers"] == []
    assert status["lastApplied"] is None and status["appliedBy"] is None
    answer = world.refused("POST", path + "/apply-launch-configs", {}, 400,
                           "INVALID_STATE", "INVALID_PARAMETER")
    assert answer["currentStatus"] == "not_configured"
    world.refused("GET", f"/protection-groups/{uuid.uuid4()}"
                  "/launch-config-status", None, 404,
                  "PROTECTION_GROUP_NOT_FOUND", "NOT_FOUND")
    world.refused("POST", f"/protection-groups/{uuid.uuid4()}"
                  "/apply-launch-configs", {}, 404,
                  "PROTECTION_GROUP_NOT_FOUND", "NOT_FOUND")


def test_apply_again_and_partial_failure(world):
    ids = world.fleet(3)
    world.faults({"service": "drs", "kind": "access_denied", "times": 1,
                  "operation": "UpdateLaunchConfiguration"})
    group = world.group("again", ids, launchConfig={"copyTags": False})
    path = f"/protection-groups/{group}"
    status = world.settled(group)
    assert status["status"] == "partial" and status["failedServers"] == 1
    bad = [s for s in status["servers"] if s["status"] == "failed"]
    assert len(bad) == 1 and "UpdateLaunchConfiguration" in bad[0]["error"]
    assert status["error"] == bad[0]["error"]

    world.refused("POST", path + "/apply-launch-configs", {"force": "x"},
                  400, "INVALID_PARAMETER")
    begun = world.api("POST", path + "/apply-launch-configs",
                      {"force": True}, expect=202)
    assert begun["groupId"] == group and begun["status"] == "pending"
    assert begun["syncJobId"] and begun["message"]
    status = world.settled(group)
    assert status["status"] == "ready" and status["failedServers"] == 0
    assert world.api("GET", path)["version"] == 1


def test_busy_group(world):
    ids = world.fleet(1)
    world.faults({"service": "drs", "kind": "slow", "delayMs": 4000,
                  "operation": "GetLaunchConfiguration", "times": 1})
    group = world.group("busy", ids, launchConfig={"copyTags": False})
    path = f"/protection-groups/{group}"
    world.settled(group, ("syncing",))
    world.refused("POST", path + "/apply-launch-configs", {"force": True},
                  409, "SYNC_IN_PROGRESS")
    busy = world.refused("PUT", path, {"launchConfig": {"copyTags": True}},
                         409, "LAUNCH_CONFIG_SYNC_IN_PROGRESS")
    assert busy["currentStatus"] == "syncing"
    # what does not touch the settings is allowed, and loses nothing
    text = world.api("PUT", path, {"description": "new"})
    assert text["version"] == 2
    assert world.settled(group)["status"] == "ready"
    shown = world.api("GET", path)
    assert shown["description"] == "new" and shown["version"] == 2


def test_synchronous_update(world):
    ids = world.fleet(2)
    group = world.group("sync", ids)
    path = f"/protection-groups/{group}"
    done = world.api("PUT", path + "?applyConfigsSync=true",
                     {"launchConfig": {"copyTags": False}})
    assert done["launchConfigStatus"]["status"] == "ready"
    assert len(done["launchConfigStatus"]["servers"]) == 2
    world.faults({"service": "drs", "kind": "access_denied",
                  "operation": "UpdateLaunchConfiguration"})
    failed = world.refused("PUT", path + "?applyConfigsSync=true", {
        "servers": [{"sourceServerId": ids[0], "launchTemplate": {
            "copyTags": True}}]}, 400, "SERVERS_CONFIG_APPLY_FAILED")
    assert failed["failedServers"] == [ids[0]]
    assert failed["applyResults"]["failed"] == 1
    assert world.api("GET", path)["servers"][0]["sourceServerId"] == ids[0]


def test_events_and_audit(world):
    ids = world.fleet(2)
    group = world.group("told", ids, launchConfig={"copyTags": False})
    world.settled(group)
    store = redis.Redis.from_url(world.stack.redis_url,
                                 decode_responses=True)
    events = [json.loads(f["e"]) for _, f in store.xrevrange(
        "{drs}:events", count=2000)][::-1]
    mine = [e for e in events if e["resourceId"] == group]
    assert mine[0]["event"] == "group.changed"
    told = [e for e in mine if e["event"] == "launchconfig.status"]
    assert {e["topic"] for e in told} == {"groups"}
    assert [e["data"]["status"] for e in told][-1] == "ready"
    assert "syncing" in [e["data"]["status"] for e in told]
    assert told[-1]["data"] == {"status": "ready", "progressCount": 2,
                                "totalCount": 2, "failedServers": 0}
    assert told[-1]["version"] == 1
    assert told[-1]["accountId"] == world.account


def test_worker_dies_while_settings_are_applied(world):
    """Another worker goes on where it was; nothing stays syncing."""
    ids = world.fleet(2)
    world.faults({"service": "drs", "kind": "slow", "delayMs": 3000,
                  "operation": "GetLaunchConfiguration", "times": 2})
    group = world.group("crash", ids, launchConfig={"copyTags": False})
    world.settled(group, ("syncing",))
    world.stack.kill("worker")
    world.stack.up()
    status = world.settled(group)
    assert status["status"] == "ready" and status["appliedServers"] == 2


def test_drift_is_found(world):
    ids = world.fleet(2)
    group = world.group("drift", ids, launchConfig={
        "launchDisposition": "STOPPED"})
    world.settled(group, ("ready",))
    store = redis.Redis.from_url(world.stack.redis_url)

    # what the group wants of one server is not what AWS has
    key = "{drs}:pg:" + group
    doc = json.loads(store.get(key))
    doc["servers"] = [{"sourceServerId": ids[0], "useGroupDefaults": True,
                       "launchTemplate": {"launchDisposition": "STARTED"}}]
    store.set(key, json.dumps(doc))
    key = "{drs}:pg:launch:" + group
    job = json.loads(store.hget(key, "job"))
    job["lookedAt"] = 1
    store.hset(key, "job", json.dumps(job))
    store.execute_command("FCALL", "drs_task_due", 1, "{drs}",
                          "launch:" + group, "0")
    status = world.settled(group, ("drifted",))
    assert status["appliedBy"] == "drift-detection"
    states = {s["sourceServerId"]: s["status"] for s in status["servers"]}
    assert states == {ids[0]: "pending", ids[1]: "ready"}
    world.api("POST", f"/protection-groups/{group}/apply-launch-configs",
              {}, expect=202)
    assert world.settled(group)["status"] == "ready"
    assert world.template(ids[0])[0]["launchConfiguration"][
        "launchDisposition"] == "STARTED"


def test_a_new_group_brings_the_settings_of_its_servers(world):
    """servers[] of a create is stored and applied (api.md PG2)."""
    ids = world.fleet(2)
    subnet = world.network()[0][0]
    own = {"staticPrivateIp": address(subnet, 60), "instanceType": "m5.large"}
    group = world.api("POST", "/protection-groups", {
        "groupName": "Brings " + world.tag, "region": world.region,
        "accountId": world.account, "sourceServerIds": ids,
        "launchConfig": {"subnetId": subnet["subnetId"]},
        "servers": [{"sourceServerId": ids[0], "launchTemplate": own}]},
        expect=201)["groupId"]
    assert world.settled(group)["status"] == "ready"
    shown = world.api("GET", f"/protection-groups/{group}")
    assert shown["servers"] == [{
        "sourceServerId": ids[0], "useGroupDefaults": True,
        "launchTemplate": own}]
    data = world.template(ids[0])[1]
    assert data["InstanceType"] == "m5.large"
    assert data["NetworkInterfaces"][0]["PrivateIpAddress"] == own[
        "staticPrivateIp"]
    assert "PrivateIpAddress" not in world.template(ids[1])[1][
        "NetworkInterfaces"][0]


@pytest.mark.parametrize("by_tags", [False, True])
def test_a_new_group_is_refused_with_bad_settings_of_servers(world, by_tags):
    ids = world.fleet(2)
    other = world.fleet(1)[0]
    subnet = world.network()[0][0]
    ip = {"staticPrivateIp": address(subnet, 60)}
    more = {"serverSelectionTags": {"Name": "nobody"}} if by_tags else {
        "sourceServerIds": ids}

    def fields(servers):
        answer = world.refused("POST", "/protection-groups", {
            "groupName": "Bad " + world.tag, "region": world.region,
            "accountId": world.account, **more,
            "launchConfig": {"subnetId": subnet["subnetId"]},
            "servers": [{"sourceServerId": s, "launchTemplate": t}
                        for s, t in servers]},
            400, "INVALID_LAUNCH_CONFIG_FORMAT")
        return [(e["field"], e["error"]) for e in answer["validationErrors"]]

    assert fields([(other, {"copyTags": False})]) == [
        ("servers[0].sourceServerId", "SERVER_NOT_FOUND")]
    assert ("servers[1].launchTemplate.staticPrivateIp", "DUPLICATE_IP") in (
        fields([(ids[0], ip), (ids[1], ip)]))
    assert fields([(ids[0], {"copyTags": True}),
                   (ids[1], {"instanceType": "huge"})]) == [
        ("servers[1].launchTemplate.instanceType",
         "INVALID_LAUNCH_CONFIG_FORMAT")]


# -- single servers ---------------------------------------------------------------

def test_settings_of_a_server(world):
    ids = world.fleet(2)
    subnets, groups = world.network()
    group = world.group("one", ids, launchConfig={"copyTags": True})
    world.settled(group)
    path = f"/protection-groups/{group}/servers/{ids[0]}/launch-config"
    assert world.api("GET", path) == {
        "sourceServerId": ids[0], "useGroupDefaults": True,
        "launchTemplate": {}, "effectiveConfig": {"copyTags": True}}

    free = address(subnets[0], 60)
    template = {"subnetId": subnets[0]["subnetId"], "staticPrivateIp": free,
                "securityGroupIds": [groups[0]["groupId"]],
                "instanceType": "m5.large", "monitoring": True}
    done = world.api("PUT", path, {"launchTemplate": template, "version": 1})
    assert done["sourceServerId"] == ids[0] and done["version"] == 2
    assert done["useGroupDefaults"] is True
    assert done["launchTemplate"] == template
    assert done["effectiveConfig"] == dict(template, copyTags=True)
    trail = done["auditTrail"]
    assert sorted(trail["changedFields"]) == sorted(template)
    assert trail["user"] and trail["timestamp"].endswith("Z")
    assert trail["applyResult"]["applied"] == 1, trail
    assert trail["applyResult"]["details"][0]["templateId"]
    item, data = world.template(ids[0])
    assert data["NetworkInterfaces"][0]["PrivateIpAddress"] == free
    assert data["Monitoring"]["Enabled"] is True
    assert item["launchConfiguration"]["copyPrivateIp"] is False
    shown = world.api("GET", f"/protection-groups/{group}")
    assert shown["version"] == 2 and shown["updatedAt"].endswith("Z")
    assert world.settled(group)["status"] == "ready"
    stale = world.refused("PUT", path, {"version": 1}, 409,
                          "VERSION_CONFLICT")
    assert stale["currentVersion"] == 2 and stale["resourceId"] == group

    # the other server cannot have the address
    other = path.replace(ids[0], ids[1])
    twice = world.refused("PUT", other, {"launchTemplate": {
        "subnetId": subnets[0]["subnetId"], "staticPrivateIp": free}}, 400,
        "VALIDATION_FAILED")
    assert codes(twice) == ["DUPLICATE_IP"] and twice["valid"] is False
    assert twice["validationErrors"][0]["conflictingServer"] == ids[0]

    gone = world.api("DELETE", path)
    assert gone["effectiveConfig"] == {"copyTags": True}
    assert gone["auditTrail"]["action"] == "deleted_server_config"
    log = path.replace("launch-config", "audit-log")

    def told():
        found = world.api("GET", log)
        return found if len(found) == 2 else None
    history = world.wait_until(told, "history of the server", 30)
    assert [h["action"] for h in history] == ["DELETE_SERVER_CONFIG",
                                              "CREATE_SERVER_CONFIG"]
    assert {c["field"] for c in history[1]["changes"]} >= set(template)
    world.refused("DELETE", path, None, 404, "SERVER_NOT_FOUND")
    world.refused("GET", path.replace(ids[0], "s-" + "0" * 17), None, 404,
                  "SERVER_NOT_FOUND")
    world.refused("PUT", path.replace(group, str(uuid.uuid4())), {}, 404,
                  "PROTECTION_GROUP_NOT_FOUND", "NOT_FOUND")
    reset = world.api("PUT", path, {})
    assert reset["launchTemplate"] == {}


@pytest.fixture(scope="module")
def checks(shared_stack):
    """A group of two servers for what is only refused."""
    shared_stack.up()
    world = Checked(shared_stack)
    ids = world.fleet(2)
    group = world.group("checks", ids)
    return world, group, ids


@pytest.mark.parametrize("template, code", [
    ({"staticPrivateIp": "10.0.0.9"}, "MISSING_SUBNET"),
    ({"staticPrivateIp": "10.0.0.256"}, "INVALID_IP_FORMAT"),
    ({"subnetId": "subnet-1"}, "INVALID_SUBNET_FORMAT"),
    ({"subnetId": "subnet-" + "0" * 17}, "SUBNET_NOT_FOUND"),
    ({"subnetId": "@", "staticPrivateIp": "203.0.113.9"}, "IP_NOT_PRIVATE"),
    ({"subnetId": "@", "staticPrivateIp": "192.168.250.9"},
     "IP_OUT_OF_RANGE"),
    ({"subnetId": "@", "staticPrivateIp": "@2"}, "IP_RESERVED"),
    ({"subnetId": "@", "staticPrivateIp": "@-1"}, "IP_RESERVED"),
    ({"securityGroupIds": ["sg-1"]}, "INVALID_SECURITY_GROUP_FORMAT"),
    ({"securityGroupIds": ["sg-" + "0" * 17]}, "SECURITY_GROUPS_NOT_FOUND"),
    ({"instanceType": "q9.huge"}, "INSTANCE_TYPE_UNAVAILABLE"),
    ({"instanceProfileName": "nobody"}, "IAM_PROFILE_NOT_FOUND"),
])
def test_validation_of_a_server(stack, checks, template, code):
    world, group, ids = checks
    subnet = world.network()[0][0]
    template = dict(template)
    if template.get("subnetId") == "@":
        template["subnetId"] = subnet["subnetId"]
    ip = template.get("staticPrivateIp", "")
    if ip.startswith("@"):
        template["staticPrivateIp"] = address(subnet, int(ip[1:]))
    path = f"/protection-groups/{group}/servers/{ids[0]}/launch-config"
    answer = world.refused("PUT", path, {"launchTemplate": template}, 400,
                           "VALIDATION_FAILED")
    assert codes(answer) == [code], answer
    assert answer["validationErrors"][0]["field"] in template
    assert world.api("GET", f"/protection-groups/{group}")["version"] == 1


def test_fields_that_are_not_allowed(stack, checks):
    world, group, ids = checks
    path = f"/protection-groups/{group}/servers/{ids[0]}/launch-config"
    blocked = world.refused("PUT", path, {"launchTemplate": {
        "imageId": "ami-1", "keyName": "k", "other": 1}}, 400,
        "BLOCKED_FIELDS_PRESENT")
    assert sorted(blocked["blockedFields"]) == ["imageId", "keyName"]
    assert blocked["valid"] is False
    unknown = world.refused("PUT", path, {"launchTemplate": {"other": 1}},
                            400, "UNKNOWN_FIELDS_PRESENT")
    assert unknown["unknownFields"] == ["other"]


def test_checks_that_cannot_be_made_refuse(world):
    ids = world.fleet(1)
    group = world.group("closed", ids)
    world.faults({"service": "ec2", "kind": "access_denied",
                  "operation": "DescribeInstanceTypeOfferings"})
    answer = world.refused(
        "PUT", f"/protection-groups/{group}/servers/{ids[0]}/launch-config",
        {"launchTemplate": {"instanceType": "m5.large"}}, 400,
        "VALIDATION_FAILED")
    assert codes(answer) == ["AWS_API_ERROR"]


def test_validate_ip(world):
    ids = world.fleet(1)
    subnet = world.network()[0][0]
    group = world.group("ip", ids)
    path = f"/protection-groups/{group}/servers/{ids[0]}/validate-ip"
    body = {"subnetId": subnet["subnetId"],
            "staticPrivateIp": address(subnet, 70)}
    assert world.api("POST", path, body) == {
        "valid": True, "ip": body["staticPrivateIp"],
        "subnetId": body["subnetId"], "details": {
            "inCidrRange": True, "notReserved": True, "available": True,
            "subnetCidr": subnet["cidrBlock"]}}
    bad = world.api("POST", path, dict(body,
                                       staticPrivateIp=address(subnet, 1)))
    assert bad["valid"] is False and bad["error"] == "IP_RESERVED"
    assert bad["message"] and bad["details"]["reservedRange"]
    bad = world.api("POST", path, dict(body, staticPrivateIp="1.2.3"))
    assert bad["valid"] is False and bad["error"] == "INVALID_IP_FORMAT"
    missing = world.refused("POST", path, {"subnetId": "x"}, 400,
                            "MISSING_FIELD")
    assert missing["field"] == "staticPrivateIp"
    world.refused("POST", path.replace(ids[0], "s-" + "0" * 17), body, 404,
                  "SERVER_NOT_FOUND")

    # an address in use, of another server and of a former drill of its own
    plan = world.plan("ip", [group])
    world.wait(world.start(plan), "COMPLETED")
    used = [i for i in world.stack.sim("GET", "/_sim/instances")["instances"]
            if i["account"] == world.account and i["state"] == "running"
            and i["sourceServerId"] == ids[0]][0]
    mine = {"subnetId": used["subnetId"],
            "staticPrivateIp": used["privateIp"]}
    assert world.api("POST", path, mine)["valid"] is True
    more = world.fleet(1, name="more")
    other = world.group("other", more)
    taken = world.api("POST", f"/protection-groups/{other}/servers/{more[0]}"
                      "/validate-ip", mine)
    assert taken["error"] == "IP_IN_USE"
    assert taken["conflictingResource"]["id"] == used["instanceId"]
    assert taken["conflictingResource"]["isDrsResource"] is True


def test_bulk(world):
    ids = world.fleet(3)
    subnet = world.network()[0][0]
    group = world.group("bulk", ids)
    path = f"/protection-groups/{group}/servers/bulk-launch-config"
    done = world.api("POST", path, {"servers": [
        {"sourceServerId": ids[0], "launchTemplate": {"copyTags": False}},
        {"serverId": ids[1], "useGroupDefaults": False,
         "launchTemplate": {"instanceType": "m5.large"}}]})
    assert done["summary"] == {"total": 2, "applied": 2, "failed": 0}
    assert (done["totalRequested"], done["successCount"],
            done["failureCount"]) == (2, 2, 0)
    assert [r["sourceServerId"] for r in done["results"]] == ids[:2]
    assert done["results"][0]["effectiveConfig"] == {"copyTags": False}
    assert all(r["serverId"] == r["sourceServerId"] and r["success"]
               and r["status"] == "applied" for r in done["results"])
    shown = world.api("GET", f"/protection-groups/{group}")
    assert len(shown["servers"]) == 2 and shown["version"] == 2

    ip = address(subnet, 80)
    same = {"subnetId": subnet["subnetId"], "staticPrivateIp": ip}
    bad = world.refused("POST", path, {"servers": [
        {"sourceServerId": ids[0], "launchTemplate": same},
        {"sourceServerId": ids[1], "launchTemplate": same}]}, 400,
        "VALIDATION_FAILED")
    assert codes(bad) == ["DUPLICATE_IP_IN_BATCH"] * 2
    assert [e["index"] for e in bad["validationErrors"]] == [0, 1]
    assert world.api("GET", f"/protection-groups/{group}")["version"] == 2
    mixed = world.refused("POST", path, {"servers": [
        {}, {"sourceServerId": "s-" + "0" * 17},
        {"sourceServerId": ids[2], "launchTemplate": {"userData": "x"}}]},
        400, "VALIDATION_FAILED")
    assert codes(mixed) == ["MISSING_SERVER_ID", "SERVER_NOT_FOUND",
                            "BLOCKED_FIELDS_PRESENT"]
    assert world.refused("POST", path, {}, 400,
                         "MISSING_FIELD")["field"] == "servers"
    assert world.refused("POST", path, {"servers": {}}, 400,
                         "INVALID_TYPE")["field"] == "servers"
    world.refused("POST", path.replace(group, str(uuid.uuid4())),
                  {"servers": []}, 404, "PROTECTION_GROUP_NOT_FOUND")


def test_changed_subnet_of_the_group(world):
    ids = world.fleet(1)
    subnets = world.network()[0]
    group = world.group("move", ids, launchConfig={
        "subnetId": subnets[0]["subnetId"]})
    world.settled(group)
    world.api("PUT", f"/protection-groups/{group}", {"servers": [{
        "sourceServerId": ids[0], "launchTemplate": {
            "staticPrivateIp": address(subnets[0], 90)}}]})
    world.settled(group)
    bad = world.refused("PUT", f"/protection-groups/{group}", {
        "launchConfig": {"subnetId": subnets[1]["subnetId"]}}, 400,
        "INVALID_LAUNCH_CONFIG_FORMAT")
    assert codes(bad) == ["SUBNET_CHANGE_IP_INVALID"]
    assert bad["validationErrors"][0]["sourceServerId"] == ids[0]


@pytest.mark.parametrize("method, path", [
    ("POST", "apply-launch-configs"), ("GET", "launch-config-status"),
    ("GET", "servers/@/launch-config"), ("PUT", "servers/@/launch-config"),
    ("DELETE", "servers/@/launch-config"), ("POST", "servers/@/validate-ip"),
    ("POST", "servers/bulk-launch-config")])
def test_who_may(stack, checks, method, path):
    world, group, ids = checks
    path = f"/protection-groups/{group}/" + path.replace("@", ids[0])
    body = {} if method in ("POST", "PUT") else None
    assert world.refused(method, path, body, 401, "UNAUTHORIZED",
                         token="x.y.z")
    none = world.refused(method, path, body, 403, "FORBIDDEN",
                         token=stack.token("NOROLE"))
    assert none["required_permission"]
    if method in ("PUT", "DELETE") or path.endswith("s") \
            and method == "POST":
        world.refused(method, path, body, 403, "FORBIDDEN",
                      token=stack.token("READONLY"))


# -- pick lists -----------------------------------------------------------------

def test_pick_lists(world):
    world.fleet(1)
    query = f"?region={world.region}&accountId={world.account}"
    known, groups = world.network()
    body = world.api("GET", "/ec2/subnets" + query)
    assert sorted(s["value"] for s in body["subnets"]) \
        == sorted(s["subnetId"] for s in known)
    labels = [s["label"] for s in body["subnets"]]
    assert labels == sorted(labels, key=str.lower)
    one = body["subnets"][0]
    assert one["cidr"] in one["label"] and one["az"] in one["label"]
    body = world.api("GET", "/ec2/security-groups" + query)
    assert sorted(g["value"] for g in body["securityGroups"]) \
        == sorted(g["groupId"] for g in groups)
    vpc = body["securityGroups"][0]["vpcId"]
    some = world.api("GET", f"/ec2/security-groups{query}&vpcId={vpc}")
    assert some["securityGroups"] == [
        g for g in body["securityGroups"] if g["vpcId"] == vpc]
    none = world.api("GET", "/ec2/security-groups" + query
                     + "&vpcId=vpc-" + "0" * 17)
    assert none["securityGroups"] == []
    body = world.api("GET", "/ec2/instance-profiles" + query)
    for profile in body["instanceProfiles"]:
        assert profile["arn"].endswith(profile["value"])
    body = world.api("GET", "/ec2/instance-types" + query)
    types = body["instanceTypes"]
    assert "m5.large" in [t["value"] for t in types]
    assert not any(".metal" in t["value"] for t in types)
    order = [(t["value"].split(".")[0], t["vcpus"]) for t in types]
    assert order == sorted(order)

    # the second time from the cache
    calls = len(world.calls("DescribeSubnets"))
    assert world.api("GET", "/ec2/subnets" + query)["subnets"]
    assert len(world.calls("DescribeSubnets")) == calls
    assert world.api("GET", f"/ec2/instance-types?region={world.region}")


def test_pick_lists_refuse(world):
    world.fleet(1)
    query = f"?region={world.region}&accountId={world.account}"
    for name in ("subnets", "security-groups", "instance-profiles",
                 "instance-types"):
        path = "/ec2/" + name
        world.refused("GET", path, None, 400, "MISSING_REGION",
                      "MISSING_PARAMETER")
        world.refused("GET", path + "?region=mars-1", None, 400,
                      "INVALID_PARAMETER")
        world.refused("GET", path + f"?region={world.region}&accountId=1",
                      None, 400, "INVALID_PARAMETER")
        world.refused("GET", path + f"?region={world.region}"
                      "&accountId=999988887777", None, 404,
                      "TARGET_ACCOUNT_NOT_FOUND", "NOT_FOUND")
        world.refused("GET", path + query, None, 401, "UNAUTHORIZED",
                      token="x.y.z")
        world.refused("GET", path + query, None, 403, "FORBIDDEN",
                      token=world.stack.token("NOROLE"))
    world.faults({"service": "ec2", "kind": "access_denied",
                  "operation": "DescribeSubnets"})
    failed = world.refused("GET", "/ec2/subnets" + query, None, 500,
                           "INTERNAL_ERROR")
    assert failed["details"]["region"] == world.region
    assert failed["details"]["accountId"] == world.account


def test_an_address_that_is_dropped_leaves_the_template(world):
    ids = world.fleet(2)
    group = world.group("addr", ids)
    subnet = world.network()[0][0]
    one = f"/protection-groups/{group}/servers/{ids[0]}/launch-config"

    def nic():
        return world.template(ids[0])[1]["NetworkInterfaces"][0]

    wanted = {"staticPrivateIp": address(subnet, 70),
              "subnetId": subnet["subnetId"]}
    world.api("PUT", one, {"launchTemplate": wanted})
    assert nic()["PrivateIpAddress"] == wanted["staticPrivateIp"]
    world.settled(group)
    saved = world.api("DELETE", one)
    assert saved["auditTrail"]["applyResult"]["applied"] == 1, saved
    assert "PrivateIpAddress" not in nic()
    assert nic()["SubnetId"] == subnet["subnetId"]
    shown = world.api("GET", f"/protection-groups/{group}")
    assert "releasedIps" not in shown and "releasedIps" not in world.api(
        "GET", f"/protection-groups?accountId={world.account}")["groups"][0]

    wanted["staticPrivateIp"] = address(subnet, 71)
    world.api("PUT", one, {"launchTemplate": wanted})
    world.settled(group)
    version = world.api("GET", f"/protection-groups/{group}")["version"]
    world.api("PUT", f"/protection-groups/{group}", {
        "version": version, "launchConfig": {"copyTags": True},
        "servers": []})
    world.settled(group, ("ready",))
    assert "PrivateIpAddress" not in nic()
