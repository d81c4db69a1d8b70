"""Target accounts and staging accounts (AC4 to AC12, DRS3)."""

import itertools
import json

import pytest
import redis

from stack import PREFIX
from world import EXTERNAL_ID, ROLE_NAME

ROLES = ("MANAGER", "OPERATOR", "READONLY", "NOROLE")
_serial = itertools.count(1)


def role_arn(account):
    """The default role of an account."""
    return f"arn:aws:iam::{account}:role/{ROLE_NAME}"


@pytest.fixture
def store(stack):
    """The stack's Redis."""
    r = redis.Redis(unix_socket_path=stack.redis_sock, decode_responses=True)
    yield r
    r.close()


@pytest.fixture
def target(world):
    """A registered account."""
    world.register()
    return f"/accounts/targets/{world.account}"


def staging_id(world, n=1):
    """Another account id of this test."""
    return str(int(world.account) + 10**11 + n * 7 + next(_serial))


def sim_account(world, account, staging=(), servers=0, region="us-east-1",
                **server):
    """An account of the simulator; ids of its servers."""
    regions = []
    if servers:
        regions = [{"region": region, "servers": [
            {"count": servers, "namePrefix": "st", **server}]}]
    world.stack.sim("POST", "/_sim/fleet", {"accounts": [{
        "accountId": account, "stagingAccounts": list(staging), "roles": [
            {"roleName": ROLE_NAME, "externalId": EXTERNAL_ID}],
        "regions": regions}]})


def refused(world, method, path, body, status, code, error=None, token=None):
    """The body of a refusal."""
    got, answer = world.try_api(method, path, body, token)
    assert (got, answer.get("code")) == (status, code), answer
    assert answer["error"] == (error or code), answer
    assert answer["message"] and answer["requestId"]
    return answer


def test_permissions(world, target, stack):
    other = staging_id(world)
    rows = [
        ("GET", target, None), ("PUT", target, {"accountName": "x"}),
        ("DELETE", target, None), ("POST", target + "/validate", {}),
        ("POST", "/staging-accounts/validate", {}),
        ("POST", target + "/staging-accounts", {}),
        ("DELETE", f"{target}/staging-accounts/{other}", None),
        ("GET", target + "/staging-accounts/discover", None),
        ("GET", f"/accounts/{world.account}/staging-accounts/discover", None),
        ("POST", target + "/staging-accounts/sync", {}),
        ("GET", "/drs/accounts", None)]
    for method, path, body in rows:
        assert stack.http(method, path, None, body)[0] == 401, path
        status, answer = world.try_api(method, path, body,
                                       stack.token("NOROLE"))
        assert (status, answer["error"]) == (403, "Forbidden"), path
    for method, path, body in [rows[1], rows[2], rows[5], rows[6], rows[9]]:
        status, _ = world.try_api(method, path, body, stack.token("READONLY"))
        assert status == 403, path


def test_one_account(world, target, stack):
    got = world.api("GET", target)
    assert got["accountId"] == world.account
    assert got["roleArn"] == got["crossAccountRoleArn"] \
        == role_arn(world.account)
    assert got["assumeRoleName"] == ROLE_NAME
    assert got["stagingAccounts"] == [] and got["status"] == "active"
    assert got["externalId"] == EXTERNAL_ID and got["lastValidated"] is None
    seen = world.api("GET", target, token=stack.token("READONLY"))
    assert "externalId" not in seen
    for path in ("/accounts/targets/1", "/accounts/targets/000000000001"):
        answer = refused(world, "GET", path, None, 404,
                         "TARGET_ACCOUNT_NOT_FOUND", "NOT_FOUND")
        assert answer["accountId"] == path.rsplit("/", 1)[1]
    listed = world.api("GET", "/drs/accounts")
    assert listed == world.api("GET", "/accounts/targets")
    assert world.account in [a["accountId"] for a in listed]


def test_change(world, target):
    got = world.api("PUT", target, {"accountName": "renamed",
                                    "status": "inactive", "roleArn": ""})
    assert got["accountName"] == "renamed" and got["status"] == "inactive"
    assert "roleArn" not in got and got["updatedAt"] >= got["createdAt"]
    assert world.api("GET", target) == got
    back = world.api("PUT", target, {
        "accountName": "", "status": "active",
        "crossAccountRoleArn": role_arn(world.account), "externalId": "zz"})
    assert back["accountName"] == f"Account {world.account}"
    assert back["externalId"] == "zz"
    assert back["roleArn"] == role_arn(world.account)
    refused(world, "PUT", target, {}, 400, "MISSING_BODY")
    refused(world, "PUT", target, {"status": "gone"}, 400,
            "INVALID_PARAMETER")
    refused(world, "PUT", target, {"roleArn": "arn:aws:iam::1:role/x"}, 400,
            "INVALID_ROLE_ARN")
    refused(world, "PUT", target, {"version": 1, "accountName": "x"}, 409,
            "VERSION_CONFLICT")
    refused(world, "PUT", "/accounts/targets/000000000001",
            {"accountName": "x"}, 404, "TARGET_ACCOUNT_NOT_FOUND",
            "NOT_FOUND")


def test_removal(world):
    ids = world.fleet(1)
    path = f"/accounts/targets/{world.account}"
    group = world.group("held", ids)
    plan = world.plan("held", [group])
    answer = refused(world, "DELETE", path, None, 409, "ACCOUNT_IN_USE",
                     "ALREADY_EXISTS")
    assert answer["protectionGroups"] == [f"held-{world.tag}"]
    assert answer["recoveryPlans"] == [f"held-{world.tag}"]
    assert answer["activeExecutions"] == []
    refused(world, "DELETE", path + "?force=maybe", None, 400,
            "INVALID_PARAMETER")

    world.freeze()
    execution = world.start(plan)
    for query in ("", "?force=true"):
        answer = refused(world, "DELETE", path + query, None, 409,
                         "ACCOUNT_IN_USE", "ALREADY_EXISTS")
        assert answer["activeExecutions"] == [execution]
    world.thaw()
    world.finish(execution)
    world.wait_until(
        lambda: world.try_api("DELETE", path + "?force=true")[0] == 200,
        "the account is free")
    refused(world, "GET", path, None, 404, "TARGET_ACCOUNT_NOT_FOUND",
            "NOT_FOUND")
    refused(world, "DELETE", path, None, 404, "TARGET_ACCOUNT_NOT_FOUND",
            "NOT_FOUND")


def test_validation(world):
    ids = world.fleet(2)
    world.group("used", ids)
    path = f"/accounts/targets/{world.account}"
    got = world.api("POST", path + "/validate", {})
    assert got["accountId"] == world.account
    assert got["valid"] is True and got["overallStatus"] == "active"
    assert got["details"] == {"roleExists": True, "roleAccessible": True,
                              "requiredPermissions": True}
    assert [(r["service"], r["status"], r.get("region"))
            for r in got["validationResults"]] == [
        ("IAM", "success", None), ("DRS", "success", world.region)]
    assert all(r["message"] for r in got["validationResults"])
    stored = world.api("GET", path)
    assert stored["lastValidated"] == got["lastValidated"]
    assert stored["validationStatus"] == "active"

    world.faults({"service": "drs", "operation": "DescribeJobs",
                  "kind": "access_denied"})
    got = world.api("POST", path + "/validate")
    assert got["valid"] is False and got["overallStatus"] == "error"
    assert got["details"]["roleAccessible"] is True
    assert got["details"]["requiredPermissions"] is False
    world.stack.sim("DELETE", "/_sim/faults")

    world.api("PUT", path, {"externalId": "wrong-one"})
    got = world.api("POST", path + "/validate", {})
    assert got["valid"] is False and got["message"]
    assert got["details"]["roleAccessible"] is False
    assert got["details"]["error"]
    assert got["validationResults"][0]["status"] == "error"
    assert world.api("GET", path)["validationStatus"] == "error"
    refused(world, "POST", "/accounts/targets/000000000001/validate", {},
            404, "TARGET_ACCOUNT_NOT_FOUND", "NOT_FOUND")


def test_validation_of_an_unused_account(world, target):
    sim_account(world, world.account)
    got = world.api("POST", target + "/validate", {})
    assert got["valid"] is True
    regions = {r["region"]: r["status"] for r in got["validationResults"]
               if r["service"] == "DRS"}
    assert regions == {"us-east-1": "warning", "us-west-2": "warning",
                       "eu-west-1": "warning"}


def test_staging_accounts_by_hand(world, target, store):
    one = staging_id(world)
    body = {"stagingAccount": {"accountId": one, "accountName": "st",
                               "externalId": "ext-1"}}
    got = world.api("POST", target + "/staging-accounts", body)
    assert got["success"] is True and got["message"]
    entry = got["stagingAccounts"][0]
    assert entry["accountId"] == one and entry["accountName"] == "st"
    assert entry["roleArn"] == role_arn(one)
    assert entry["externalId"] == "ext-1" and entry["addedAt"]
    assert entry["addedBy"] not in ("user", "") and \
        entry["source"] == "manual"
    assert world.api("GET", target)["stagingAccounts"] == [entry]
    assert store.hget(PREFIX + ":staging:owner", one) == world.account
    refused(world, "POST", target + "/staging-accounts", body, 409,
            "STAGING_ACCOUNT_EXISTS")
    refused(world, "POST", target + "/staging-accounts",
            {"stagingAccount": {"accountId": world.account,
                                "externalId": "ext"}}, 400,
            "VALIDATION_ERROR")
    refused(world, "POST", target + "/staging-accounts", {}, 400,
            "MISSING_FIELD")
    refused(world, "POST", "/accounts/targets/000000000001/staging-accounts",
            body, 404, "TARGET_ACCOUNT_NOT_FOUND")

    other = staging_id(world, 900)
    world.register(other)
    elsewhere = f"/accounts/targets/{other}/staging-accounts"
    answer = refused(world, "POST", elsewhere, body, 409,
                     "STAGING_ACCOUNT_EXISTS")
    assert answer["targetAccountId"] == world.account
    body["stagingAccount"]["shared"] = True
    assert world.api("POST", elsewhere, body)["stagingAccounts"][0]["shared"]

    refused(world, "DELETE", f"{target}/staging-accounts/000000000009", None,
            404, "STAGING_ACCOUNT_NOT_FOUND", "NOT_FOUND")
    got = world.api("DELETE", f"{target}/staging-accounts/{one}")
    assert got["success"] is True and got["stagingAccounts"] == []
    assert store.hget(PREFIX + ":staging:owner", one) is None
    refused(world, "DELETE", "/accounts/targets/000000000001/"
            f"staging-accounts/{one}", None, 404, "TARGET_ACCOUNT_NOT_FOUND",
            "NOT_FOUND")


def test_staging_validation(world, stack):
    world.fleet(3)
    other = staging_id(world)
    sim_account(world, other, servers=2)
    body = {"accountId": other, "externalId": EXTERNAL_ID,
            "region": "us-east-1", "targetAccountId": world.account}
    got = world.api("POST", "/staging-accounts/validate", body)
    assert got == {
        "valid": True, "roleAccessible": True, "drsInitialized": True,
        "currentServers": 2, "replicatingServers": 2, "totalAfter": 5,
        "details": {"initializedRegions": ["us-east-1"],
                    "uninitializedRegions": []}}
    got = world.api("POST", "/staging-accounts/validate",
                    {**body, "region": "us-west-2"})
    assert got["valid"] is False and got["roleAccessible"] is True
    assert got["drsInitialized"] is False and got["currentServers"] == 0
    assert got["details"]["uninitializedRegions"] == ["us-west-2"]
    assert got["details"]["drsError"] == "NOT_INITIALIZED" and got["error"]
    got = world.api("POST", "/staging-accounts/validate",
                    {**body, "externalId": "not-this"})
    assert got["valid"] is False and got["roleAccessible"] is False
    assert got["totalAfter"] == 3 and got["error"]
    assert "arn:" not in got["error"]

    answer = refused(world, "POST", "/staging-accounts/validate", {}, 400,
                     "MISSING_PARAMETER")
    assert answer["details"]["parameter"] == "accountId"
    assert answer["details"]["valid"] is False
    refused(world, "POST", "/staging-accounts/validate",
            {**body, "region": "mars-1"}, 400, "INVALID_PARAMETER")
    refused(world, "POST", "/staging-accounts/validate",
            {**body, "roleArn": f"arn:aws:iam::{other}:role/Admin"}, 400,
            "INVALID_PARAMETER")
    # a stranger's account takes the right to register one
    status, answer = world.try_api("POST", "/staging-accounts/validate",
                                   body, stack.token("READONLY"))
    assert (status, answer["error"]) == (403, "Forbidden")
    status, _ = world.try_api("POST", "/staging-accounts/validate",
                              {**body, "accountId": world.account},
                              stack.token("READONLY"))
    assert status == 200


def test_discovery_and_sync(world, store):
    other = staging_id(world)
    world.fleet(1)
    path = f"/accounts/targets/{world.account}"
    # two servers extended already, two more in the staging account
    world.stack.sim("POST", "/_sim/fleet", {"accounts": [{
        "accountId": world.account, "roles": [
            {"roleName": ROLE_NAME, "externalId": EXTERNAL_ID}],
        "regions": [{"region": "us-east-1", "servers": [
            {"count": 2, "namePrefix": "ext",
             "stagingAccountId": other}]}]}]})
    got = world.api("GET", path + "/staging-accounts/discover")
    assert got["targetAccountId"] == world.account and got["message"]
    assert got["totalServers"] == 3 and got["complete"] is True
    assert got["stagingAccounts"] == [{
        "accountId": other, "accountName": f"Staging Account {other[-4:]}",
        "serverCount": 2, "replicatingServers": 2, "totalServers": 2,
        "status": "discovered"}]
    assert got == world.api(
        "GET", f"/accounts/{world.account}/staging-accounts/discover")
    assert world.api("GET", path)["stagingAccounts"] == []

    sim_account(world, other, servers=2, tags={"tier": "web"})
    manual = staging_id(world, 400)
    world.api("POST", path + "/staging-accounts", {"stagingAccount": {
        "accountId": manual, "externalId": "mine"}})
    got = world.api("POST", path + "/staging-accounts/sync", {})
    assert got["success"] is True and got["message"]
    assert got["targetAccountId"] == world.account
    assert got["changes"] == {"added": [other], "removed": []}
    by_id = {s["accountId"]: s for s in got["stagingAccounts"]}
    assert set(by_id) == {other, manual}
    assert by_id[other]["source"] == "discovered"
    assert by_id[other]["externalId"] == EXTERNAL_ID
    assert by_id[manual]["externalId"] == "mine"

    # the job extends what is not extended, and says what it did
    run = world.wait_until(
        lambda: world.api("GET", path).get("stagingSync"), "the run", 60)
    assert run["accountId"] == world.account
    assert run["startedAt"] and run["finishedAt"]
    made = [c for c in world.calls("CreateExtendedSourceServer")
            if c["applied"]]
    assert len(made) + run["failed"] >= 2, run
    assert "finishedMs" not in run
    again = world.api("POST", path + "/staging-accounts/sync", {})
    assert again["changes"] == {"added": [], "removed": []}
    assert store.hget(PREFIX + ":staging:owner", other) == world.account
    for p in ("discover", "sync"):
        refused(world, "GET" if p == "discover" else "POST",
                f"/accounts/targets/000000000001/staging-accounts/{p}",
                None if p == "discover" else {}, 404,
                "TARGET_ACCOUNT_NOT_FOUND")


def test_discovery_sees_what_has_changed_just_now(world):
    """In a Region that had no servers a moment ago, too."""
    other = staging_id(world)
    world.fleet(1)
    path = f"/accounts/targets/{world.account}"
    world.api("POST", path + "/validate", {})
    got = world.api("GET", path + "/staging-accounts/discover")
    assert (got["totalServers"], got["stagingAccounts"]) == (1, [])
    world.stack.sim("POST", "/_sim/fleet", {"accounts": [{
        "accountId": world.account, "regions": [
            {"region": "eu-west-3", "servers": [
                {"count": 2, "namePrefix": "ext", "stagingAccountId": other}]}]}]})
    got = world.api("GET", path + "/staging-accounts/discover")
    assert got["totalServers"] == 3 and got["complete"] is True
    assert [(s["accountId"], s["serverCount"]) for s in got["stagingAccounts"]] \
        == [(other, 2)]


def test_extension_happens_once(world, store):
    other = staging_id(world)
    path = f"/accounts/targets/{world.account}"
    world.fleet(1)
    sim_account(world, world.account, staging=[other])
    sim_account(world, other, servers=3, tags={"tier": "db"})
    world.api("POST", path + "/staging-accounts/sync", {})

    def applied():
        done = [c for c in world.calls("CreateExtendedSourceServer")
                if c["applied"]]
        return done if len(done) >= 3 else None

    world.wait_until(applied, "three extended servers", 60)
    run = world.wait_until(
        lambda: world.api("GET", path).get("stagingSync"), "the run", 60)
    assert run["extended"] == 3 and run["failed"] == 0, run
    assert run["status"] == "success" and run["errors"] == []
    first = run["finishedAt"]
    world.api("POST", path + "/staging-accounts/sync", {})
    world.wait_until(
        lambda: json.loads(store.get(
            f"{PREFIX}:staging:run:{world.account}"))["extended"] == 0,
        "a second run with nothing to do", 60)
    assert len(applied()) == 3 and first
    got = world.api("GET", path + "/staging-accounts/discover")
    assert got["stagingAccounts"][0]["serverCount"] == 3
    assert got["totalServers"] == 4


def test_refused_servers_are_left_alone(world, store):
    other = staging_id(world)
    path = f"/accounts/targets/{world.account}"
    world.fleet(1)
    sim_account(world, world.account, staging=[other])
    sim_account(world, other, servers=2)
    world.faults({"service": "drs", "operation": "CreateExtendedSourceServer",
                  "kind": "access_denied"})
    world.api("POST", path + "/staging-accounts/sync", {})
    run = world.wait_until(
        lambda: world.api("GET", path).get("stagingSync"), "the run", 60)
    assert run["failed"] == 2 and run["status"] == "partial", run
    assert all(e["sourceServerArn"] and e["code"] and e["message"]
               for e in run["errors"])
    tried = len(world.calls("CreateExtendedSourceServer"))
    key = f"{PREFIX}:staging:run:{world.account}"
    store.delete(key)
    store.fcall("drs_task_due", 1, PREFIX, f"staging:{world.account}", "0")
    record = world.wait_until(lambda: store.get(key), "another run", 60)
    assert json.loads(record)["skipped"] == 2
    assert len(world.calls("CreateExtendedSourceServer")) == tried
