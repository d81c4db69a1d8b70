"""Tag synchronisation and its settings."""

import pytest

from openapi_schema import OpenApi
from stack import PREFIX
from world import EXTERNAL_ID, ROLE_NAME, World

OPENAPI = OpenApi()
PATH = "/drs/tag-sync"
SETTINGS = "/config/tag-sync"


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

    def machines(self, count, tags):
        """Source servers that run on EC2 instances of this account."""
        answer = self.stack.sim("POST", "/_sim/fleet", {"accounts": [{
            "accountId": self.account, "roles": [
                {"roleName": ROLE_NAME, "externalId": EXTERNAL_ID}],
            "regions": [{"region": self.region, "servers": [{
                "count": count, "namePrefix": "ec2",
                "originAccountId": self.account,
                "originRegion": self.region, "instanceTags": tags}]}]}]})
        servers = answer["accounts"][-1]["regions"][0]["servers"]
        if not self.registered:
            self.register()
        return [s["sourceServerId"] if isinstance(s, dict) else s
                for s in servers]

    def tags(self):
        """Tags of the source servers, by id, as DRS has them."""
        body = self.api("GET", f"/drs/source-servers?region={self.region}"
                        f"&accountId={self.account}")
        return {s["sourceServerID"]: s["tags"] for s in body["servers"]}

    def sync(self, **more):
        """A run that is waited for, when no other one is under way."""
        body = {"async": False, "accountId": self.account, **more}

        def ran():
            status, answer = self.try_api("POST", PATH, body)
            assert status in (200, 409), answer
            return answer if status == 200 else None

        answer = self.wait_until(ran, "a run")
        OPENAPI.check("POST", PATH, 200, answer)
        return answer


@pytest.fixture
def world(stack):
    """An AWS account of its own; the schedule is off again afterwards."""
    w = Checked(stack)
    yield w
    w.api("PUT", SETTINGS, {"enabled": False})
    w.wait_until(lambda: w.api("GET", PATH)["status"] != "IN_PROGRESS",
                 "the end of the run")


def test_tags_are_copied(world):
    servers = world.machines(3, {"Tier": "web", "aws:x": "y"})
    plain = [s for s in world.fleet(1) if s not in servers]
    world.server(servers[2], replicationState="DISCONNECTED")
    body = world.sync()
    assert body["accountId"] == world.account and body["message"]
    assert body["accountName"] == f"acct-{world.account}"
    assert body["regions"] == [world.region]
    assert body["total_servers"] == body["totalServers"] == 4
    assert body["total_synced"] == body["totalSynced"] == 2
    assert body["total_failed"] == body["totalFailed"] == 0
    assert body["regions_with_servers"] == 1
    assert body["total_regions"] >= 1
    assert len(world.calls("TagResource")) == 2
    assert len(world.calls("DescribeInstances")) == 1
    world.wait_until(lambda: world.tags()[servers[0]].get("Tier") == "web",
                     "the tags in the inventory")
    tags = world.tags()
    assert tags[servers[1]]["Tier"] == "web"
    assert "aws:x" not in tags[servers[0]]
    assert "Tier" not in tags[servers[2]] and "Tier" not in tags[plain[0]]
    assert tags[servers[0]]["Name"]

    again = world.sync()
    assert again["total_synced"] == 2
    assert len(world.calls("TagResource")) == 2, "only differences"
    assert len(world.calls("GetLaunchConfiguration")) == 2
    assert world.calls("UpdateLaunchConfiguration") == []

    last = world.api("GET", PATH)
    assert last["lastSync"].endswith("Z") and last["source"] == "manual"
    assert last["totalAccounts"] == 1 and last["totalServers"] == 4
    assert last["totalSynced"] == 2 and last["totalFailed"] == 0
    assert last["status"] == "SUCCESS"


def test_changed_and_removed_tags(world):
    servers = world.machines(1, {"Tier": "web", "Owner": "x"})
    world.sync()
    key = f"{PREFIX}:inv:meta:{world.account}:{world.region}"
    world.server(servers[0], instanceTags={"Tier": "db"})
    world.stack.redis_cli("DEL", key)
    world.sync()
    world.stack.redis_cli("DEL", key)
    tags = world.tags()[servers[0]]
    assert tags["Tier"] == "db" and "Owner" not in tags
    assert tags["Name"], "tags of others stay"


def test_server_in_a_job_is_left_alone(world):
    servers = world.machines(2, {"Tier": "web"})
    world.freeze()
    world.stack.sim("POST", "/_sim/foreign-job", {
        "account": world.account, "region": world.region,
        "serverIds": servers[:1], "type": "LAUNCH", "isDrill": True})
    body = world.sync(region=world.region)
    world.thaw()
    assert body["total_servers"] == 2 and body["total_synced"] == 1


def test_failures_are_told(world):
    world.machines(1, {"Tier": "web"})
    world.faults({"service": "drs", "operation": "TagResource",
                  "kind": "access_denied", "times": 1000})
    body = world.sync()
    assert body["total_failed"] == 1 and body["total_synced"] == 0
    assert world.api("GET", PATH)["status"] == "PARTIAL"


def test_background_run(world):
    world.machines(1, {"Tier": "web"})

    def begun():
        status, answer = world.try_api("POST", PATH, {
            "async": True, "accountId": world.account})
        assert status in (202, 409), answer
        return answer if status == 202 else None

    answer = world.wait_until(begun, "a free place")
    OPENAPI.check("POST", PATH, 202, answer)
    assert answer["status"] == "STARTED" and answer["statusCode"] == 202
    assert answer["functionName"] and answer["details"]
    world.wait_until(lambda: world.calls("TagResource"), "the tags")
    world.wait_until(lambda: world.api("GET", PATH)["status"] == "SUCCESS",
                     "the record")


def test_one_run_at_a_time(world):
    world.machines(1, {"Tier": "web"})
    want = PREFIX + ":tagsync:want"
    world.wait_until(lambda: world.api("GET", PATH)["status"]
                     != "IN_PROGRESS", "a free place")
    world.stack.redis_cli("SET", want, '{"source":"manual","by":"command"}')
    try:
        for mode in (True, False):
            body = world.refused("POST", PATH, {
                "async": mode, "_source": "settings_update"}, 409,
                "ALREADY_RUNNING")
            assert body["error"] == "ALREADY_EXISTS"
            assert body["status"] == "ALREADY_RUNNING"
        assert world.api("GET", PATH)["status"] == "IN_PROGRESS"
        on = world.api("PUT", SETTINGS, {"enabled": True})
        assert on["syncTriggered"] is False and on["syncResult"] is None
        world.stack.redis_cli("SET", want, '{"source":"settings_update",'
                              '"by":"command"}')
        world.api("POST", PATH, {"async": True}, expect=202)
        assert world.api("GET", PATH)["source"] == "settings_update"
    finally:
        world.stack.redis_cli("DEL", want)


def test_settings(world):
    world.machines(1, {"Tier": "web"})
    off = world.api("PUT", SETTINGS, {"enabled": False, "intervalHours": 1})
    assert off["enabled"] is False and off["intervalHours"] == 1
    assert off["scheduleExpression"] == "rate(1 hour)"
    assert off["syncTriggered"] is False and off["syncResult"] is None
    world.wait_until(lambda: world.api("GET", PATH)["status"]
                     != "IN_PROGRESS", "a free place")
    on = world.api("PUT", SETTINGS, {"enabled": True, "intervalHours": 6.7})
    assert on["intervalHours"] == 6 and on["message"]
    assert on["syncTriggered"] is True and on["syncResult"]["message"]
    shown = world.api("GET", SETTINGS)
    assert shown["enabled"] is True and shown["intervalHours"] == 6
    assert shown["scheduleExpression"] == "rate(6 hours)"
    assert shown["ruleName"] == on["ruleName"]
    assert shown["lastModified"] == on["lastModified"]
    # what the console sends next is not refused
    world.api("POST", PATH, {"async": True}, expect=202)
    world.wait_until(lambda: world.calls("TagResource"), "the run", 90)

    def audited():
        return [e for e in world.api(
            "GET", "/audit?action=config.tagsync")["entries"]
            if e["resourceId"] == "tagsync"]

    assert world.wait_until(audited, "the audit entry")


def test_refusals(world):
    for body, code in (({}, "MISSING_PARAMETER"),
                       ({"enabled": "yes"}, "INVALID_PARAMETER"),
                       ({"enabled": True, "intervalHours": 0},
                        "INVALID_PARAMETER"),
                       ({"enabled": True, "intervalHours": "4"},
                        "INVALID_PARAMETER")):
        world.refused("PUT", SETTINGS, body, 400, code)
    for body, code in (({"accountId": "999988887777"}, "INVALID_ACCOUNT"),
                       ({"accountId": "1"}, "INVALID_ACCOUNT"),
                       ({"region": "mars-1"}, "INVALID_PARAMETER"),
                       ({"async": "no"}, "INVALID_PARAMETER")):
        world.refused("POST", PATH, body, 400, code)
    reader = world.stack.token("READONLY")
    nobody = world.stack.token("NOROLE")
    for method, path, body in (("POST", PATH, {}),
                               ("PUT", SETTINGS, {"enabled": False})):
        denied = world.refused(method, path, body, 403, "FORBIDDEN", reader)
        assert denied["required_permission"] == "modify_protection_groups"
        world.refused(method, path, body, 401, "UNAUTHORIZED", "a.b.c")
    for path in (PATH, SETTINGS):
        world.refused("GET", path, None, 403, "FORBIDDEN", nobody)
        world.refused("GET", path, None, 401, "UNAUTHORIZED", "a.b.c")
