"""Operations that the module answers from Redis alone (nginx and Redis)."""

import json
import shutil
import tempfile
import time
import uuid

import pytest

from api_seed import HUB, Seed
from silence import assert_silent
from openapi_schema import OpenApi
from stack import PREFIX, Stack

OPENAPI = OpenApi()
S = [f"s-{i:017x}" for i in range(1, 40)]


@pytest.fixture(scope="module")
def api():
    """nginx and Redis; every test begins with an empty store."""
    run_dir = tempfile.mkdtemp(prefix="drs-api-")
    stack = Stack(run_dir)
    try:
        stack.up(parts=("redis", "nginx"))
        yield stack
        stack.down()
        assert_silent(stack)
    finally:
        for name, pid in stack.status():
            if pid:
                stack.kill(name)
        shutil.rmtree(run_dir, ignore_errors=True)


class Api:
    """Requests of one role."""

    def __init__(self, stack):
        self.stack = stack
        self.tokens = {}

    def __call__(self, method, path, body=None, role="ADMIN"):
        if role not in self.tokens:
            self.tokens[role] = self.stack.token(role)
        status, answer = self.stack.http(method, path, self.tokens[role],
                                         body)
        OPENAPI.check(method, path, status, answer)
        return status, answer

    def ok(self, method, path, body=None, status=200, role="ADMIN"):
        """The body of an answer with this status."""
        got, answer = self(method, path, body, role)
        assert got == status, (method, path, got, answer)
        return answer

    def refused(self, method, path, body, status, code, error=None,
                role="ADMIN"):
        """The body of a refusal."""
        got, answer = self(method, path, body, role)
        assert (got, answer["code"]) == (status, code), answer
        assert answer["error"] == (error or code), answer
        assert answer["message"] and answer["requestId"]
        return answer


@pytest.fixture
def seed(api):
    """An empty store with the library."""
    s = Seed(api)
    for key in s.r.scan_iter(PREFIX + ":*"):
        s.r.delete(key)
    s.close()
    s = Seed(api)
    yield s
    s.close()


@pytest.fixture
def http(api, seed):
    """The API over an empty store."""
    return Api(api)


def plan_of(http, name, groups, **more):
    """A plan with one wave per group."""
    return http.ok("POST", "/recovery-plans", {
        "name": name, "waves": [{"protectionGroupId": g} for g in groups],
        **more}, 201)


# -- user, account --------------------------------------------------------------

def test_user_as_the_token_says(http):
    me = http.ok("GET", "/user/permissions", role="READONLY")
    assert me["roles"] == ["DRSReadOnly"]
    assert me["permissions"] == sorted(me["permissions"])
    assert me["user"]["groups"] == ["DRSReadOnly"]
    profile = http.ok("GET", "/users/current", role="READONLY")
    assert profile == http.ok("GET", "/user/profile", role="READONLY")
    assert profile["emailVerified"] is True
    assert profile["givenName"] is None
    assert http.ok("GET", "/user/roles", role="NOROLE")["roles"] == []
    http.refused("GET", "/accounts/targets", None, 403, "FORBIDDEN",
                 "Forbidden", role="NOROLE")


def test_own_account(http, seed):
    assert http.ok("GET", "/accounts/current") == {
        "accountId": HUB, "accountName": f"Account {HUB}",
        "isCurrentAccount": True}
    seed.r.delete(PREFIX + ":settings:hub")
    http.refused("GET", "/accounts/current", None, 503,
                 "SERVICE_UNAVAILABLE")


def test_target_accounts(http):
    assert http.ok("GET", "/accounts/targets") == []
    made = http.ok("POST", "/accounts/targets",
                   {"accountId": "444455556666", "roleArn": ""}, 201)
    assert made["isFirstAccount"] is True and made["message"]
    assert made["externalId"] == "drs-orchestration-cross-account"
    assert made["roleArn"] == made["crossAccountRoleArn"]
    own = http.ok("POST", "/accounts/targets",
                  {"accountId": HUB, "accountName": "zz"}, 201)
    assert own["isCurrentAccount"] is True and "roleArn" not in own
    http.ok("POST", "/accounts/targets",
            {"accountId": "222233334444", "accountName": "alpha"}, 201)
    listed = http.ok("GET", "/accounts/targets")
    assert [a["accountId"] for a in listed] == [
        HUB, "444455556666", "222233334444"]
    assert all("externalId" not in a and "version" not in a for a in listed)
    again = http.refused("POST", "/accounts/targets",
                         {"accountId": "444455556666"}, 400,
                         "ACCOUNT_EXISTS")
    assert again["accountId"] == "444455556666"
    http.refused("POST", "/accounts/targets", {}, 400, "MISSING_BODY")
    http.refused("POST", "/accounts/targets", {"accountId": "1"}, 400,
                 "INVALID_FORMAT")
    http.refused("POST", "/accounts/targets", {"accountId": "444455556667"},
                 403, "FORBIDDEN", "Forbidden", role="OPERATOR")


def test_two_accounts_may_have_one_name(http):
    for ident in ("444455556666", "444455556667"):
        http.ok("POST", "/accounts/targets",
                {"accountId": ident, "accountName": "same"}, 201)
    assert len(http.ok("GET", "/accounts/targets")) == 2


# -- groups -----------------------------------------------------------------------

def test_group_read_and_lists(http, seed):
    ids = {n: seed.group(n, [S[i]], region="eu-west-1" if n == "Beta"
                         else "us-east-1")
           for i, n in enumerate(("beta2", "Alpha", "Beta", "gamma"))}
    seed.group("other", tags={"a": "b"}, account="444455556666")
    body = http.ok("GET", "/protection-groups")
    assert [g["groupName"] for g in body["groups"]] == [
        "Alpha", "Beta", "beta2", "gamma", "other"]
    assert body["count"] == 5 and body["nextToken"] is None
    one = http.ok("GET", f"/protection-groups/{ids['Alpha']}")
    assert one == body["groups"][0]
    assert one["protectionGroupId"] == one["groupId"] == ids["Alpha"]

    def names(query):
        return [g["groupName"] for g in
                http.ok("GET", "/protection-groups?" + query)["groups"]]

    assert names("accountId=" + HUB) == ["Alpha", "Beta", "beta2", "gamma"]
    assert names("accountId=444455556666") == ["other"]
    assert names("accountId=999955556666") == []
    assert names("name=ETA") == ["Beta", "beta2"]
    assert names("region=eu-west-1") == ["Beta"]
    assert names("region=eu-west-1&name=alpha") == []


def test_group_list_pages(http, seed):
    for i in range(7):
        seed.group(f"g{i}", [S[i]])
    for query in ("", "&name=g", "&region=us-east-1", "&accountId=" + HUB):
        seen, token = [], ""
        while token is not None:
            body = http.ok("GET", "/protection-groups?limit=3" + query
                           + (f"&nextToken={token}" if token else ""))
            seen += [g["groupName"] for g in body["groups"]]
            token = body["nextToken"]
        assert seen == [f"g{i}" for i in range(7)], query
    http.refused("GET", "/protection-groups?limit=x", None, 400,
                 "INVALID_PARAMETER")
    http.refused("GET", "/recovery-plans?nextToken=" + "x" * 30, None, 400,
                 "INVALID_PARAMETER")


def test_group_update_without_selection(http, seed):
    ident = seed.group("Web", [S[0], S[1]])
    path = f"/protection-groups/{ident}"
    new = http.ok("PUT", path, {"groupName": "Web 2", "description": "d",
                                "version": 1})
    assert new["version"] == 2 and new["groupName"] == "Web 2"
    assert new["protectionGroupId"] == ident
    assert http.ok("GET", path) == new
    conflict = http.refused("PUT", path, {"description": "x", "version": 1},
                            409, "VERSION_CONFLICT")
    assert conflict["expectedVersion"] == 1
    assert conflict["currentVersion"] == 2
    assert conflict["resourceId"] == ident
    set_up = http.ok("PUT", path, {"launchConfig": {"copyTags": True}})
    assert set_up["launchConfigStatus"]["status"] == "pending"
    assert set_up["version"] == 3
    same = http.ok("PUT", path, {
        "groupName": "Web 2", "description": "d", "region": "us-east-1",
        "accountId": HUB, "sourceServerIds": [S[0], S[1]],
        "launchConfig": {"copyTags": True}})
    assert same["version"] == 4
    seed.group("Taken", [S[2]])
    exists = http.refused("PUT", path, {"groupName": "tAKEN"}, 409,
                          "PG_NAME_EXISTS")
    assert exists["existingName"] == "Taken"
    bad = http.refused("PUT", path, {"launchConfig": {"subnetId": "x"}}, 400,
                       "INVALID_LAUNCH_CONFIG_FORMAT")
    assert bad["validationErrors"][0]["field"] == "launchConfig.subnetId"
    http.refused("PUT", path, {"region": "eu-west-1"}, 400,
                 "INVALID_PARAMETER")
    http.refused("PUT", f"/protection-groups/{uuid.uuid4()}", {}, 404,
                 "PROTECTION_GROUP_NOT_FOUND", "NOT_FOUND")


def test_group_and_plan_edit_locks(http, seed):
    group = seed.group("Web", [S[0]])
    plan = plan_of(http, "P", [group])["planId"]
    run = seed.execution(plan, waves=2, servers=[S[0]])
    locked = http.refused("PUT", f"/protection-groups/{group}",
                          {"description": "x"}, 409,
                          "PG_IN_ACTIVE_EXECUTION")
    assert locked["activeExecution"] == {
        "executionId": run, "planId": plan, "planName": "Plan",
        "status": "PENDING"}
    locked = http.refused("PUT", f"/recovery-plans/{plan}", {"name": ""},
                          409, "PLAN_HAS_ACTIVE_EXECUTION")
    assert locked["activeExecutions"] == [run]
    http.refused("PUT", f"/recovery-plans/{plan}", {"version": 9}, 409,
                 "VERSION_CONFLICT")
    gone = http.refused("DELETE", f"/recovery-plans/{plan}", None, 409,
                        "PLAN_HAS_ACTIVE_EXECUTION")
    assert gone["activeStatuses"] == ["PENDING"] and gone["planId"] == plan
    seed.status(run, "PAUSED")
    http.ok("PUT", f"/protection-groups/{group}", {"description": "x"})
    http.refused("PUT", f"/recovery-plans/{plan}", {"description": "x"},
                 409, "PLAN_HAS_ACTIVE_EXECUTION")


def test_group_delete(http, seed):
    group = seed.group("Web", [S[0]])
    plan = plan_of(http, "P", [group])["planId"]
    used = http.refused("DELETE", f"/protection-groups/{group}", None, 409,
                        "PG_IN_USE")
    assert used["plans"] == ["P"]
    assert used["details"] == [{"planId": plan, "planName": "P",
                                "waveName": "Wave 1"}]
    assert http.ok("DELETE", f"/recovery-plans/{plan}")["planId"] == plan
    assert http.ok("DELETE", f"/protection-groups/{group}")["groupId"] \
        == group
    http.refused("DELETE", f"/protection-groups/{group}", None, 404,
                 "PROTECTION_GROUP_NOT_FOUND", "NOT_FOUND")
    http.refused("GET", f"/protection-groups/{group}", None, 404,
                 "PROTECTION_GROUP_NOT_FOUND", "NOT_FOUND")
    # the server is free again
    seed.group("Web", [S[0]])


def test_group_create_is_checked_before_the_worker(http):
    for body, code in (
            ({}, "MISSING_FIELD"),
            ({"groupName": "x", "region": "us-east-1", "accountId": "1"},
             "VALIDATION_ERROR"),
            ({"groupName": "", "region": "us-east-1"}, "INVALID_NAME"),
            ({"groupName": "x", "region": "us-east-1"},
             "INVALID_PARAMETER"),
            ({"groupName": "x", "region": "us-east-1",
              "sourceServerIds": [S[0]], "launchConfig": 1},
             "INVALID_LAUNCH_CONFIG")):
        status, answer = http("POST", "/protection-groups", body)
        assert (status, answer["code"]) == (400, code), answer
        assert answer["details"]["errors"]


# -- plans -------------------------------------------------------------------------

def test_plan_life(http, seed):
    one = seed.group("One", [S[0], S[1]])
    two = seed.group("Two", [S[2]])
    made = http.ok("POST", "/recovery-plans", {
        "planName": " P ", "waves": [
            {"name": "Web", "protectionGroupIds": [one],
             "serverIds": [S[1]]},
            {"protectionGroupId": two, "pauseBeforeWave": True,
             "dependsOnWaves": [0]}],
        "notificationEmail": "a@example.com", "rto": 30}, 201)
    ident = made["planId"]
    assert made["planName"] == made["name"] == "P"
    assert made["accountId"] == HUB and made["waveCount"] == 2
    assert made["protectionGroupId"] == one
    web, second = made["waves"]
    assert web["serverIds"] == [S[1]] and web["serverSelection"] == "SUBSET"
    assert second["serverIds"] == [S[2]]
    assert second["serverSelection"] == "ALL" and second["serverCount"] == 1
    assert http.ok("GET", f"/recovery-plans/{ident}") == made

    # a wave follows its group
    http.ok("PUT", f"/recovery-plans/{ident}",
            {"waves": [{"protectionGroupId": one}], "version": 1})
    shown = http.ok("GET", f"/recovery-plans/{ident}")
    assert sorted(shown["waves"][0]["serverIds"]) == [S[0], S[1]]
    assert shown["version"] == 2 and shown["waveCount"] == 1
    http.refused("PUT", f"/recovery-plans/{ident}", {"version": 1}, 409,
                 "VERSION_CONFLICT")
    # the second group is free of the plan now
    http.ok("DELETE", f"/protection-groups/{two}")
    http.ok("DELETE", f"/recovery-plans/{ident}")
    http.refused("GET", f"/recovery-plans/{ident}", None, 404,
                 "RECOVERY_PLAN_NOT_FOUND", "NOT_FOUND")
    http.refused("DELETE", f"/recovery-plans/{ident}", None, 404,
                 "RECOVERY_PLAN_NOT_FOUND", "NOT_FOUND")


def test_plan_refusals(http, seed):
    one = seed.group("One", [S[0], S[1]])
    plan_of(http, "Straße", [one])
    exists = http.refused("POST", "/recovery-plans", {
        "name": "STRASSE", "waves": [{"protectionGroupId": one}]}, 409,
        "RP_NAME_EXISTS")
    assert exists["existingName"] == "Straße"
    twice = http.refused("POST", "/recovery-plans", {
        "name": "x", "waves": [{"protectionGroupId": one},
                               {"protectionGroupId": one}]}, 400,
        "DUPLICATE_SERVER", "INVALID_PARAMETER")
    assert sorted(twice["serverIds"]) == [S[0], S[1]]
    assert twice["waves"] == [0, 1]
    for body, code, error in (
            ({"waves": []}, "MISSING_FIELD", None),
            ({"name": "x", "waves": [{"protectionGroupId": "nope"}]},
             "PG_NOT_FOUND", None),
            ({"name": "x", "waves": [{"waveName": "w"}]}, "INVALID_WAVES",
             "INVALID_PARAMETER"),
            ({"name": "x", "waves": [{"protectionGroupId": one,
                                      "serverIds": [S[9]]}]},
             "INVALID_WAVES", "INVALID_PARAMETER"),
            ({"name": "x", "waves": [{"protectionGroupId": one}],
              "notificationEmail": "no"}, "INVALID_EMAIL", None)):
        http.refused("POST", "/recovery-plans", body, 400, code, error)
    assert http.ok("GET", "/recovery-plans")["count"] == 1


def test_plan_warns_of_places_without_room_for_a_job(http, seed):
    """By the quota that the workers were told, else the documented one."""
    group = seed.group("One", [S[0]])
    other = seed.group("Two", [S[1]], account="444455556666")
    plan = plan_of(http, "room", [group, other])["planId"]

    def active(account, count):
        seed.r.hset(PREFIX + ":drsjobs", f"{account}:us-east-1", json.dumps({
            "at": int(time.time() * 1000), "jobs": [
                {"jobId": f"drsjob-{n:017x}", "type": "LAUNCH",
                 "status": "STARTED", "servers": []} for n in range(count)]}))

    def warned():
        body = http.ok("PUT", f"/recovery-plans/{plan}", {"description": "d"})
        return [(w["type"], w["currentJobs"], w["maxJobs"])
                for w in body.get("warnings") or []]

    active(HUB, 19)
    assert warned() == []
    active(HUB, 20)
    assert warned() == [("CONCURRENT_JOBS_AT_LIMIT", 20, 20)]
    seed.r.set(PREFIX + f":quotas:{HUB}:us-east-1", '{"at":1,"jobs":40}')
    assert warned() == []
    seed.r.set(PREFIX + ":quotas:444455556666:us-east-1", '{"at":1,"jobs":3}')
    active("444455556666", 2)
    assert warned() == []
    active("444455556666", 3)
    assert warned() == [("CONCURRENT_JOBS_AT_LIMIT", 3, 3)]


def test_plan_list(http, seed):
    one = seed.group("One", [S[0]])
    two = seed.group("Two", [S[1]], account="444455556666")
    tagged = seed.group("Three", tags={"tier": "web"})
    p1 = plan_of(http, "beta", [one])["planId"]
    p2 = plan_of(http, "Alpha", [one, two])["planId"]
    p3 = plan_of(http, "gamma", [tagged])["planId"]
    body = http.ok("GET", "/recovery-plans")
    assert body["plans"] == body["recoveryPlans"] and body["count"] == 3
    assert [p["planName"] for p in body["plans"]] == [
        "Alpha", "beta", "gamma"]
    alpha = body["plans"][0]
    assert alpha["lastExecutionStatus"] is None
    assert alpha["hasServerConflict"] is False
    assert alpha["conflictInfo"] is None
    assert alpha["sharedProtectionGroups"] == [{
        "protectionGroupId": one, "protectionGroupName": "One",
        "sharedWithPlans": [{"planId": p1, "planName": "beta"}]}]
    assert body["plans"][2]["sharedProtectionGroups"] is None

    run = seed.execution(p1, servers=[S[0]])
    warned = http.ok("PUT", f"/recovery-plans/{p2}", {"description": "d"})
    assert [w["type"] for w in warned["warnings"]] == [
        "SERVER_CONFLICTS_DETECTED"]
    assert warned["warnings"][0]["conflicts"] == {
        "execution_conflicts": 1, "drs_job_conflicts": 0,
        "quota_violations": 0}
    assert "warnings" not in http.ok("GET", f"/recovery-plans/{p2}")
    body = http.ok("GET", "/recovery-plans")
    alpha, beta, _ = body["plans"]
    assert beta["lastExecutionStatus"] == "PENDING"
    assert beta["lastExecutionId"] == run and beta["lastStartTime"] > 0
    assert beta["lastEndTime"] is None
    assert beta["hasServerConflict"] is False
    assert alpha["hasServerConflict"] is True
    info = alpha["conflictInfo"]
    assert info["conflictingServers"] == [S[0]]
    assert info["conflictingExecutionId"] == run
    assert info["conflictingPlanId"] == p1
    assert info["conflictingStatus"] == "PENDING" and info["reason"]

    def ids(query):
        return [p["planId"] for p in
                http.ok("GET", "/recovery-plans?" + query)["plans"]]

    assert ids("accountId=444455556666") == [p2]
    assert ids("name=A") == [p2, p1, p3]
    assert ids("nameExact=BETA") == [p1]
    assert ids("tag=tier%3Dweb") == [p3]
    assert ids("tag=tier%3Ddb") == []
    assert ids("hasConflict=true") == [p2]
    assert ids("hasConflict=false") == [p1, p3]
    assert ids("status=pending") == [p1]
    seen, token = [], ""
    while token is not None:
        page = http.ok("GET", "/recovery-plans?limit=1"
                       + (f"&nextToken={token}" if token else ""))
        seen += [p["planId"] for p in page["plans"]]
        token = page["nextToken"]
    assert seen == [p2, p1, p3]


# -- executions ---------------------------------------------------------------------

def test_execution_detail(http, seed):
    plan = str(uuid.uuid4())
    run = seed.execution(plan, "My plan", servers=S[:4],
                         request={"reason": "CHG-7"})
    e = http.ok("GET", f"/executions/{run}")
    assert e["executionId"] == run
    assert e["planId"] == e["recoveryPlanId"] == plan
    assert e["planName"] == "My plan"
    assert e["recoveryPlanName"] == "Deleted Plan"
    assert e["status"] == "PENDING" and e["executionType"] == "DRILL"
    assert e["initiatedBy"] == e["executedBy"] == "tests"
    assert e["currentWave"] == 1 and e["totalWaves"] == 2
    assert e["waves"] == e["waveExecutions"]
    assert e["waves"][0]["serverIds"] == [S[0], S[2]]
    assert [s["launchStatus"] for s in e["waves"][0]["serverStatuses"]] == [
        "PENDING", "PENDING"]
    first = e["waves"][0]["serverExecutions"][0]
    assert first["serverId"] == first["sourceServerId"] == S[0]
    assert first["status"] == first["launchStatus"] == "PENDING"
    assert e["accountContext"] == {"accountId": HUB, "assumeRoleName": "",
                                   "isCurrentAccount": True}
    assert e["accountContexts"] == [e["accountContext"]]
    assert e["terminationMetadata"] == {
        "canTerminate": False, "hasRecoveryInstances": False,
        "reason": "Execution not in terminal state"}
    assert e["reason"] == "CHG-7" and e["planVersion"] == 3
    assert e["percentComplete"] == 0 and e["activeWaves"] == []
    assert e["dataSource"] == "cached" and e["hasRealtimeData"] is False
    text = json.dumps(e)
    for secret in ("taskToken", "externalId", "stateMachineArn"):
        assert secret not in text
    compact = http.ok("GET", f"/executions/{run}?view=compact")
    assert "waveExecutions" not in compact
    for wave in compact["waves"]:
        assert not {"serverIds", "serverStatuses", "serverExecutions",
                    "enrichedServers"} & set(wave)
        assert wave["serverCount"] == 2
    assert http.ok("GET", f"/executions/arn:aws:states:x:{run}") == e
    assert http.ok("GET", f"/executions/{run}/realtime") == e
    for path in (f"/executions/{uuid.uuid4()}", "/executions/nope"):
        gone = http.refused("GET", path, None, 404, "EXECUTION_NOT_FOUND",
                            "NOT_FOUND")
        assert gone["executionId"] == path.rsplit("/", 1)[1]


def test_execution_list(http, seed):
    plans = [str(uuid.uuid4()) for _ in range(3)]
    runs = []
    for i in range(9):
        run = seed.execution(plans[i % 3], f"Plan {i}",
                             kind="DRILL" if i % 2 else "RECOVERY",
                             account="444455556666" if i == 4 else HUB,
                             request={"initiatedBy": f"user{i % 2}"})
        seed.status(run, "COMPLETED" if i < 6 else "PAUSED")
        seed.r.delete(f"{PREFIX}:claim:plan:{plans[i % 3]}")
        # some begin in the same millisecond
        at = 1700000000000 + (i // 2) * 60000
        for key in ("exec:start", f"exec:plan:{plans[i % 3]}",
                    "exec:status:" + ("COMPLETED" if i < 6 else "PAUSED"),
                    "exec:acct:" + ("444455556666" if i == 4 else HUB)):
            seed.r.zadd(f"{PREFIX}:{key}", {run: at})
        seed.r.hset(f"{PREFIX}:exec:{run}", "startedAt", at)
        runs.append((at, run))
    order = [r for _, r in sorted(runs, reverse=True)]
    body = http.ok("GET", "/executions")
    assert [e["executionId"] for e in body["items"]] == order
    assert body["count"] == body["totalCount"] == 9
    assert body["nextToken"] is None
    item = body["items"][0]
    assert item["waves"][0]["status"] == "PENDING"
    assert [s["sourceServerId"] for s in item["waves"][0]["serverStatuses"]] \
        == item["waves"][0]["serverIds"]
    compact = http.ok("GET", "/executions?view=compact")["items"][0]
    assert not {"serverIds", "serverStatuses", "serverExecutions"} \
        & set(compact["waves"][0])
    assert item["waves"] == item["waveExecutions"]

    def ids(query):
        return [e["executionId"] for e in
                http.ok("GET", "/executions?" + query)["items"]]

    def those(test):
        return [r for r in order if test([x for _, x in runs].index(r))]

    assert ids("planId=" + plans[1]) == those(lambda i: i % 3 == 1)
    assert ids("status=paused") == those(lambda i: i >= 6)
    assert ids("status=paused,COMPLETED&planId=" + plans[0]) == those(
        lambda i: i % 3 == 0)
    assert ids("executionType=drill") == those(lambda i: i % 2 == 1)
    assert ids("initiatedBy=user0") == those(lambda i: i % 2 == 0)
    assert ids("accountId=444455556666") == those(lambda i: i == 4)
    assert ids("q=plan%207") == those(lambda i: i == 7)
    assert ids("startedAfter=1700000120") == those(lambda i: i >= 6)
    assert ids("startedBefore=1700000060") == those(lambda i: i < 2)
    assert ids("startedBefore=2023-11-14T22:14:20Z") == those(
        lambda i: i < 2)
    http.refused("GET", "/executions?startedAfter=soon", None, 400,
                 "INVALID_PARAMETER")
    for query in ("", "&status=COMPLETED,PAUSED"):
        seen, token = [], ""
        while token is not None:
            page = http.ok("GET", "/executions?limit=2" + query
                           + (f"&nextToken={token}" if token else ""))
            seen += [e["executionId"] for e in page["items"]]
            token = page["nextToken"]
        assert seen == order, query


def test_execution_servers(http, seed):
    run = seed.execution(str(uuid.uuid4()), servers=S[:10])
    path = f"/executions/{run}/servers"
    body = http.ok("GET", path)
    assert body["count"] == body["total"] == 10
    assert body["nextToken"] is None
    assert [s["serverId"] for s in body["servers"]] == S[0:10:2] + S[1:10:2]
    seen, token = [], ""
    while token is not None:
        page = http.ok("GET", path + "?limit=3"
                       + (f"&nextToken={token}" if token else ""))
        assert page["total"] == 10
        seen += [s["serverId"] for s in page["servers"]]
        token = page["nextToken"]
    assert seen == S[0:10:2] + S[1:10:2]
    assert http.ok("GET", path + "?wave=1")["total"] == 5
    assert http.ok("GET", path + "?status=launched")["total"] == 0
    assert http.ok("GET", path + "?status=PENDING,FAILED&wave=0")[
        "total"] == 5
    assert http.ok("GET", path + f"?q={S[3].upper()}")["total"] == 1
    http.refused("GET", path + "?wave=x", None, 400, "INVALID_PARAMETER")
    http.refused("GET", f"/executions/{uuid.uuid4()}/servers", None, 404,
                 "EXECUTION_NOT_FOUND", "NOT_FOUND")


def test_pause_and_cancel(http, seed):
    run = seed.execution(str(uuid.uuid4()), waves=3)
    refused = http.refused("POST", f"/executions/{run}/pause", {}, 400,
                           "EXECUTION_NOT_PAUSABLE", "INVALID_STATE")
    assert refused["currentStatus"] == "PENDING" and refused["reason"]
    assert refused["pausableStatuses"] == ["RUNNING", "IN_PROGRESS",
                                           "POLLING"]
    seed.status(run, "RUNNING")
    body = http.ok("POST", f"/executions/{run}/pause", {"reason": "lunch"})
    assert body == {"executionId": run, "status": "PAUSED",
                    "message": body["message"], "lastCompletedWave": 0}
    detail = http.ok("GET", f"/executions/{run}")
    assert detail["status"] == "PAUSED"
    assert detail["pauseReason"] == "REQUESTED"
    assert detail["pausedBeforeWave"] == 0
    http.refused("POST", f"/executions/{run}/cancel",
                 {"terminateLaunched": True}, 403, "FORBIDDEN", "Forbidden",
                 role="OPERATOR")
    body = http.ok("POST", f"/executions/{run}/cancel", role="OPERATOR")
    assert body["status"] == "CANCELLED" and body["executionId"] == run
    assert body["details"] == {"completedWaves": [], "inProgressWaves": [],
                               "cancelledWaves": [0, 1, 2]}
    refused = http.refused("POST", f"/executions/{run}/cancel", {}, 400,
                           "EXECUTION_NOT_CANCELLABLE", "INVALID_STATE")
    assert refused["currentStatus"] == "CANCELLED"
    assert "PAUSE_PENDING" in refused["cancellableStatuses"]
    for word in ("pause", "cancel"):
        http.refused("POST", f"/executions/{uuid.uuid4()}/{word}", {}, 404,
                     "EXECUTION_NOT_FOUND", "NOT_FOUND")
    single = seed.execution(str(uuid.uuid4()), waves=1)
    seed.status(single, "RUNNING")
    one = http.refused("POST", f"/executions/{single}/pause", {}, 400,
                       "SINGLE_WAVE_NOT_PAUSABLE", "INVALID_STATE")
    assert one["waveCount"] == 1
    audits = [json.loads(f["a"]) for _, f in
              seed.r.xrange(PREFIX + ":audit:in")]
    assert {"exec.pause", "exec.cancel"} <= {a["action"] for a in audits}


def test_instances_and_termination(http, seed):
    run = seed.execution(str(uuid.uuid4()), servers=S[:2])
    path = f"/executions/{run}"
    empty = http.ok("GET", path + "/recovery-instances")
    assert empty["instances"] == [] and empty["totalInstances"] == 0
    http.refused("GET", path + "/termination-status", None, 400,
                 "MISSING_PARAMETER")
    seed.r.hset(f"{PREFIX}:exec:{run}:s", S[0], json.dumps({
        "sourceServerId": S[0], "waveNumber": 0, "unitId": "0-1",
        "accountId": HUB, "region": "us-east-1", "launchStatus": "LAUNCHED",
        "recoveryInstanceId": "i-0123456789abcdef0", "serverName": "web"}))
    job = "drsjob-0123456789abcdef0"
    seed.r.hset(f"{PREFIX}:exec:{run}:u:0-1", mapping={
        "state": "DONE", "ver": 1, "wave": 0, "account": HUB,
        "region": "us-east-1", "servers": S[0], "attempt": 1,
        "jobId": job, "jobs": job})
    seed.r.sadd(f"{PREFIX}:exec:{run}:units", "0-1")
    body = http.ok("GET", path + "/recovery-instances")
    assert body["totalInstances"] == 1
    assert body["instances"][0] == {
        "instanceId": "i-0123456789abcdef0",
        "recoveryInstanceId": "i-0123456789abcdef0", "sourceServerId": S[0],
        "region": "us-east-1", "waveName": "Wave 1", "waveNumber": 0,
        "jobId": job, "status": "LAUNCHED", "serverName": "web",
        "accountId": HUB}
    detail = http.ok("GET", path)
    assert detail["waves"][0]["jobId"] == job
    assert detail["waves"][0]["launchUnits"][0]["state"] == "DONE"
    seed.status(run, "PARTIAL")
    listed = http.ok("GET", "/executions")["items"][0]
    assert listed["terminationMetadata"] == {
        "canTerminate": True, "reason": None, "hasRecoveryInstances": True}

    term = "drsjob-00000000000000001"
    seed.r.hset(f"{PREFIX}:exec:{run}:term", mapping={
        "state": "RUNNING", term: json.dumps({
            "jobId": term, "region": "us-east-1", "accountId": HUB,
            "status": "STARTED", "servers": [
                {"launchStatus": "TERMINATED"}, {"launchStatus": "PENDING"}]
        })})
    body = http.ok("GET", path + "/termination-status")
    assert body == {
        "executionId": run, "jobs": [{
            "jobId": term, "status": "STARTED", "type": "TERMINATE",
            "accountId": HUB, "region": "us-east-1",
            "totalServers": 2, "completedServers": 1, "failedServers": 0}],
        "totalServers": 2, "completedServers": 1, "progressPercent": 50,
        "allCompleted": False, "anyFailed": False,
        "state": "RUNNING", "instances": []}
    assert http.ok("GET", path + f"/termination-status?jobIds={term},x")[
        "progressPercent"] == 50
    http.refused("GET", path + "/termination-status?jobIds=" + job, None,
                 400, "INVALID_PARAMETER")
    assert http.ok("GET", path)["terminateJobs"][0]["jobId"] == term


def test_start_is_checked_before_the_worker(http):
    plan = str(uuid.uuid4())
    for body, status, code, error in (
            ({"executionType": "DRILL"}, 400, "MISSING_FIELD",
             "MISSING_PARAMETER"),
            ({"planId": plan, "executionType": "X"}, 400,
             "INVALID_EXECUTION_TYPE", "INVALID_PARAMETER"),
            ({"planId": "x", "executionType": "DRILL"}, 404,
             "RECOVERY_PLAN_NOT_FOUND", "NOT_FOUND"),
            ({"planId": plan, "executionType": "DRILL",
              "allowDegraded": True}, 400, "MISSING_FIELD",
             "MISSING_PARAMETER")):
        http.refused("POST", "/executions", body, status, code, error)
    answer = http.refused("POST", f"/recovery-plans/{plan}/execute",
                          {"executionType": "no"}, 400,
                          "INVALID_EXECUTION_TYPE", "INVALID_PARAMETER")
    assert answer["allowedValues"] == ["DRILL", "RECOVERY"]


# -- configuration -------------------------------------------------------------------

def test_export(http, seed):
    one = seed.group("Web", [S[0], S[1]])
    tagged = seed.group("Db", tags={"tier": "db"}, sourceServerIds=[S[5]])
    plan_of(http, "Plan", [one, tagged], notificationEmail="a@example.com")
    doc = http.ok("GET", "/config/export")
    assert doc["metadata"]["schemaVersion"] == "1.1"
    assert doc["metadata"]["protectionGroupCount"] == 2
    assert doc["metadata"]["exportedBy"] == "admin@example.com"
    assert doc["sourceAccount"] == HUB
    assert [g["groupName"] for g in doc["protectionGroups"]] == ["Db", "Web"]
    assert "sourceServerIds" not in doc["protectionGroups"][0]
    plan = doc["recoveryPlans"][0]
    assert plan["notificationEmail"] == "a@example.com"
    assert [w["protectionGroupName"] for w in plan["waves"]] == ["Web", "Db"]
    assert one not in json.dumps(doc)
    http.refused("GET", "/config/export", None, 403, "FORBIDDEN",
                 "Forbidden", role="PLANNER")
    for body in ({"config": []}, {"protectionGroups": {}},
                 {"config": {}, "dryRun": 1}):
        http.refused("POST", "/config/import", body, 400,
                     "INVALID_PARAMETER")
    bad = http.refused("POST", "/config/import",
                       {"metadata": {"schemaVersion": "9"}}, 400,
                       "UNSUPPORTED_SCHEMA_VERSION", "INVALID_PARAMETER")
    assert bad["supportedVersions"] == ["1.0", "1.1"]


def test_servers_parameters(http):
    http.refused("GET", "/drs/source-servers", None, 400, "MISSING_REGION",
                 "MISSING_PARAMETER")
    for query in ("region=mars-1", "region=us-east-1&accountId=12"):
        http.refused("GET", "/drs/source-servers?" + query, None, 400,
                     "INVALID_PARAMETER")
    http.refused("GET", "/drs/source-servers?region=us-east-1"
                 "&filterByProtectionGroup=x", None, 404,
                 "PROTECTION_GROUP_NOT_FOUND", "NOT_FOUND")


def test_local_sign_in_is_off_without_a_worker(http):
    http.refused("POST", "/auth/login", {"username": "a", "password": "b"},
                 404, "LOCAL_AUTH_DISABLED", "NOT_FOUND")
    missing = http.refused("POST", "/auth/login", {"username": "a"}, 400,
                           "MISSING_FIELD")
    assert missing["field"] == "password"
    http.refused("POST", "/auth/refresh", {}, 400, "MISSING_FIELD")


def test_events_of_writes(http, seed):
    group = seed.group("Web", [S[0]])
    http.ok("PUT", f"/protection-groups/{group}", {"description": "x"})
    plan = plan_of(http, "P", [group])["planId"]
    http.ok("DELETE", f"/recovery-plans/{plan}")
    events = [json.loads(f["e"]) for _, f in
              seed.r.xrange(PREFIX + ":events")]
    assert [(e["event"], e["resourceId"], e["data"]["change"])
            for e in events] == [
        ("group.changed", group, "updated"), ("plan.changed", plan,
                                              "created"),
        ("plan.changed", plan, "deleted")]
    assert all(e["actor"] == "admin@example.com" for e in events)
    audits = [json.loads(f["a"]) for _, f in
              seed.r.xrange(PREFIX + ":audit:in")]
    assert [a["action"] for a in audits] == ["group.update", "plan.create",
                                             "plan.delete"]


def test_realtime_asks_for_a_poll(http, seed):
    run = seed.execution(str(uuid.uuid4()), servers=S[:2])
    job = "drsjob-0123456789abcdef0"
    seed.r.hset(f"{PREFIX}:exec:{run}:u:0-1", mapping={
        "state": "STARTED", "ver": 1, "wave": 0, "account": HUB,
        "region": "us-east-1", "servers": S[0], "attempt": 1,
        "jobId": job, "jobs": job})
    seed.r.sadd(f"{PREFIX}:exec:{run}:units", "0-1")
    task = f"poll:{HUB}:us-east-1"
    http.ok("GET", f"/executions/{run}/realtime")
    assert seed.r.zscore(PREFIX + ":due", task) is None
    seed.status(run, "POLLING")
    http.ok("GET", f"/executions/{run}")
    assert seed.r.zscore(PREFIX + ":due", task) is None
    body = http.ok("GET", f"/executions/{run}/realtime")
    assert body["status"] == "POLLING"
    assert seed.r.zscore(PREFIX + ":due", task) is not None
    seed.r.zrem(PREFIX + ":due", task)
    http.ok("GET", f"/executions/{run}?realtime=true")
    assert seed.r.zscore(PREFIX + ":due", task) is not None
