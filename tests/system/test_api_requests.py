"""X-5, X-6, X-7: an operator retries, skips and decides over REST."""

import json
import uuid

import pytest

from contract import Client
from openapi_schema import OpenApi
from world import World

LONG = {"deadlineMinutes": 10080}
UNKNOWN = "00000000-0000-4000-8000-000000000000"
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


def refused(world, path, body, status, code, error=None):
    """The body of a refused POST."""
    got, answer = world.try_api("POST", path, body)
    assert (got, answer["code"]) == (status, code), answer
    assert answer["error"] == (error or code), answer
    assert answer["message"] and answer["requestId"]
    return answer


def failed_pause(world, failures=1, sizes=(2, 1)):
    """A run PAUSED by the failure of its first wave; (id, servers)."""
    plan, servers = world.simple_plan(sizes, waves={
        0: {"failurePolicy": "PAUSE", **LONG}, 1: LONG})
    for server in servers[0][:failures]:
        world.server(server, failNextLaunch=True)
    execution = world.start(plan)
    body = world.wait(execution, "PAUSED")
    assert body["pauseReason"] == "WAVE_FAILED"
    return execution, servers


def commands(world, execution):
    """data and actor of the command events of a run."""
    return [(e["data"], e.get("actor")) for e in world.events(execution)
            if e["event"] == "execution.command"]


def audits(world, execution, action):
    """Sealed entries of the audit trail about a run."""
    return world.api("GET", f"/audit?resourceId={execution}"
                     f"&action={action}")["entries"]


# -- X-5 -----------------------------------------------------------------------

def test_retry(world):
    """The failed server only, once for an idempotency key, on the record."""
    execution, servers = failed_pause(world)
    path = f"/executions/{execution}/waves/0/retry"
    world.freeze()
    client = Client(world.stack)
    key = {"Idempotency-Key": "retry-" + uuid.uuid4().hex}
    first = client("POST", path, {"reason": "CHG-7"}, headers=key)
    assert first.status == 202, first.raw
    OPENAPI.check("POST", path, 202, first.json)
    assert first.json["serverIds"] == servers[0][:1]
    assert first.json["attempt"] == 2 and first.json["waveNumber"] == 0
    again = client("POST", path, {"reason": "CHG-7"}, headers=key)
    assert (again.status, again.json) == (202, first.json)
    assert again.header("Idempotent-Replay") == "true"
    client.close()
    world.wait_until(lambda: len(world.launches()) == 2, "the second launch")
    busy = refused(world, path, {}, 400, "WAVE_NOT_RETRYABLE",
                   "INVALID_STATE")
    assert busy["waveStatus"] == "IN_PROGRESS"
    assert busy["currentStatus"] == busy["details"]["currentStatus"]
    assert busy["reason"]
    world.thaw()
    done = world.wait(execution, "COMPLETED")
    assert done["waves"][0]["attempt"] == 2
    assert [s["sourceServerID"] for s in
            world.launches()[1]["params"]["sourceServers"]] == servers[0][:1]

    data = commands(world, execution)
    assert ({"command": "retry", "accepted": True, "reason": "CHG-7"},
            "admin@example.com") in data
    assert any(d["command"] == "retry" and not d["accepted"]
               and d["code"] == "WAVE_NOT_RETRYABLE" for d, _ in data)
    entry = world.wait_until(
        lambda: [e for e in audits(world, execution, "exec.retry")
                 if e["outcome"] == "succeeded"], "the audit entry")[0]
    assert entry["after"]["reason"] == "CHG-7"
    assert entry["actor"]["email"] == "admin@example.com"
    assert entry["after"]["waveNumber"] == 0


def test_retry_is_checked_as_a_start(world):
    """Health and jobs of the servers; overrides, audited with a reason."""
    execution, servers = failed_pause(world)
    path = f"/executions/{execution}/waves/0/retry"
    failed = servers[0][0]
    world.server(failed, replicationState="STALLED")
    # one scan serves every question for a while: it is over
    world.stack.redis_cli(
        "DEL", f"{{drs}}:inv:meta:{world.account}:{world.region}")
    sick = refused(world, path, {}, 400, "UNHEALTHY_SERVER_REPLICATION",
                   "INVALID_STATE")
    assert [s["serverId"] for s in sick["unhealthyServers"]] == [failed]
    missing = refused(world, path, {"allowDegraded": True}, 400,
                      "MISSING_FIELD", "MISSING_PARAMETER")
    assert missing["field"] == "overrideReason"

    world.faults({"service": "drs", "operation": "DescribeJobs",
                  "kind": "access_denied"})
    dark = refused(world, path, {
        "allowDegraded": True, "overrideReason": "no time"}, 503,
        "LIMITS_UNKNOWN", "DRS_ERROR")
    assert dark["accounts"][0]["accountId"] == world.account
    world.stack.sim("DELETE", "/_sim/faults")
    assert world.execution(execution)["status"] == "PAUSED"

    answer = world.api("POST", path, {
        "serverIds": [failed], "allowDegraded": True,
        "allowUnknownLimits": True, "overrideReason": "site is dark"},
        expect=202)
    assert answer["serverIds"] == [failed]
    world.wait(execution, "COMPLETED")
    entry = world.wait_until(
        lambda: [e for e in audits(world, execution, "exec.retry")
                 if e["outcome"] == "succeeded"], "the audit entry")[0]
    assert entry["overrideReason"] == "site is dark"
    assert entry["after"]["allowDegraded"] is True
    given = {"allowDegraded": True, "allowUnknownLimits": True,
             "overrideReason": "site is dark"}
    assert world.execution(execution)["overrides"] == {**given, "retry": given}


def test_retry_refusals(world):
    """Unknown things, a foreign job, bodies that make no sense."""
    execution, servers = failed_pause(world)
    path = f"/executions/{execution}/waves"
    refused(world, f"/executions/{UNKNOWN}/waves/0/retry", {}, 404,
            "EXECUTION_NOT_FOUND", "NOT_FOUND")
    for wave in ("7", "x", "-1"):
        refused(world, f"{path}/{wave}/retry", {}, 404, "WAVE_NOT_FOUND",
                "NOT_FOUND")
    for body in ({"serverIds": []}, {"serverIds": "s"}, {"serverIds": ["x"]},
                 {"allowDegraded": 1}, {"reason": 7}):
        refused(world, f"{path}/0/retry", body, 400, "INVALID_PARAMETER")
    refused(world, f"{path}/0/retry", {"serverIds": [servers[0][1]]}, 400,
            "WAVE_NOT_RETRYABLE", "INVALID_STATE")
    refused(world, f"{path}/1/retry", {}, 400, "WAVE_NOT_RETRYABLE",
            "INVALID_STATE")

    world.freeze()
    world.stack.sim("POST", "/_sim/foreign-job", {
        "account": world.account, "region": world.region,
        "serverIds": servers[0][:1], "type": "LAUNCH", "isDrill": True})
    conflict = refused(world, f"{path}/0/retry", {}, 409, "SERVER_CONFLICT",
                       "ALREADY_EXISTS")
    assert conflict["conflicts"][0]["conflictSource"] == "drs_job"
    assert conflict["conflicts"][0]["serverId"] == servers[0][0]
    world.thaw()
    world.api("POST", f"/executions/{execution}/cancel", {})
    refused(world, f"{path}/0/retry", {}, 400, "WAVE_NOT_RETRYABLE",
            "INVALID_STATE")


# -- X-6 -----------------------------------------------------------------------

def test_skip(world):
    """A wave that has not started, then the failed one; a reason is needed."""
    execution, _ = failed_pause(world, sizes=(2, 1, 1))
    path = f"/executions/{execution}/waves"
    missing = refused(world, f"{path}/1/skip", {}, 400, "MISSING_FIELD",
                      "MISSING_PARAMETER")
    assert missing["field"] == "reason"
    refused(world, f"{path}/1/skip", {"reason": "  "}, 400, "MISSING_FIELD",
            "MISSING_PARAMETER")
    refused(world, f"{path}/9/skip", {"reason": "r"}, 404, "WAVE_NOT_FOUND",
            "NOT_FOUND")
    refused(world, f"/executions/{UNKNOWN}/waves/0/skip", {"reason": "r"},
            404, "EXECUTION_NOT_FOUND", "NOT_FOUND")
    left = world.api("POST", f"{path}/1/skip", {"reason": "not today"})
    assert left == {"executionId": execution, "waveNumber": 1,
                    "status": "PAUSED", "waveStatus": "CANCELLED"}
    refused(world, f"{path}/1/skip", {"reason": "twice"}, 400,
            "WAVE_NOT_SKIPPABLE", "INVALID_STATE")
    cause = world.api("POST", f"{path}/0/skip", {"reason": "good enough"})
    assert cause["waveStatus"] == "PARTIAL"
    assert cause["status"] == "RUNNING"
    done = world.wait(execution, "PARTIAL")
    assert [w["status"] for w in done["waves"]] == [
        "PARTIAL", "CANCELLED", "COMPLETED"]
    assert done["waves"][1]["skipped"] is True
    reasons = [d["reason"] for d, _ in commands(world, execution)
               if d["command"] == "skip" and d["accepted"]]
    assert reasons == ["not today", "good enough"]
    assert [(n["user"], n["text"]) for n in done["notes"]] == [
        ("admin@example.com", "not today"),
        ("admin@example.com", "good enough")]
    assert all(n["time"] >= done["startTime"] for n in done["notes"])


# -- X-7 -----------------------------------------------------------------------

@pytest.fixture(name="holding")
def fixture_holding(make_stack):
    """A World whose worker leaves every ambiguity to an operator."""
    return Checked(make_stack(worker_options={"launch_ambiguity": "hold"}))


def held_unit(world, frozen=False):
    """A run whose only unit is HELD after a lost answer; its launch."""
    before = len(world.launches())
    plan, servers = world.simple_plan((2,), waves={0: LONG})
    if frozen:
        world.freeze()
    world.faults({"service": "drs", "operation": "StartRecovery", "times": 1,
                  "kind": "lost_response"})
    execution = world.start(plan)

    def held():
        units = world.execution(execution)["waves"][0]["launchUnits"]
        return units and units[0]["state"] == "HELD" and units[0]

    unit = world.wait_until(held, "the unit is HELD")
    return execution, servers[0], unit, world.launches()[before]


def test_resolve(holding):
    """One unit is adopted, one is not retried and given up."""
    adopt(holding)
    retry_and_fail(holding)


def adopt(holding):
    """The evidence names the job; it is adopted, followed, recorded."""
    execution, servers, unit, launch = held_unit(holding)
    assert unit["held"]["reason"] == "MATCH_NEEDS_OPERATOR"
    candidate = unit["held"]["candidates"][0]
    assert candidate["jobId"] == launch["resultId"]
    assert sorted(candidate["serverIds"]) == sorted(servers)
    assert {s["sourceServerId"] for s in unit["held"]["servers"]} \
        == set(servers)
    path = f"/executions/{execution}/units"
    for body, field in (({}, "action"), ({"action": "FAIL"}, "reason"),
                        ({"action": "ADOPT", "reason": "r"}, "jobId")):
        missing = refused(holding, f"{path}/0-0/resolve", body, 400,
                          "MISSING_FIELD", "MISSING_PARAMETER")
        assert missing["field"] == field
    refused(holding, f"{path}/0-0/resolve",
            {"action": "GUESS", "reason": "r"}, 400, "INVALID_PARAMETER")
    refused(holding, f"{path}/0-7/resolve",
            {"action": "FAIL", "reason": "r"}, 404, "UNIT_NOT_FOUND",
            "NOT_FOUND")
    refused(holding, f"/executions/{UNKNOWN}/units/0-0/resolve",
            {"action": "FAIL", "reason": "r"}, 404, "EXECUTION_NOT_FOUND",
            "NOT_FOUND")
    refused(holding, f"{path}/0-0/resolve", {
        "action": "ADOPT", "jobId": "drsjob-00000000000000000",
        "reason": "r"}, 409, "JOB_NOT_ADOPTABLE", "ALREADY_EXISTS")
    answer = holding.api("POST", f"{path}/0-0/resolve", {
        "action": "ADOPT", "jobId": launch["resultId"],
        "reason": "seen in the console"})
    assert answer["jobId"] == launch["resultId"]
    assert answer["state"] == "STARTED" and "held" not in answer
    holding.wait(execution, "COMPLETED")
    refused(holding, f"{path}/0-0/resolve",
            {"action": "FAIL", "reason": "late"}, 400, "UNIT_NOT_HELD",
            "INVALID_STATE")
    data = commands(holding, execution)
    assert any(d["command"] == "resolve" and d["accepted"]
               and d["reason"] == "seen in the console" for d, _ in data)


def retry_and_fail(holding):
    """No retry while a job holds the servers; the unit is given up then."""
    execution, servers, _, _ = held_unit(holding, frozen=True)
    path = f"/executions/{execution}/units/0-0/resolve"
    refused(holding, path, {"action": "RETRY", "reason": "again"}, 409,
            "UNIT_NOT_IDLE", "ALREADY_EXISTS")
    answer = holding.api("POST", path, {"action": "FAIL",
                                        "reason": "not needed"})
    assert answer["state"] == "FAILED"
    assert answer["error"]["code"] == "HELD_UNRESOLVED"
    assert answer["failedServers"] == len(servers)
    done = holding.wait(execution, "FAILED")
    found = done["waves"][0]["serverExecutions"]
    assert {s["errorCode"] for s in found} == {"HELD_UNRESOLVED"}
    holding.thaw()


# -- roles ---------------------------------------------------------------------

@pytest.mark.parametrize("role,may", [("READONLY", False),
                                      ("AUDITOR", False), ("NOROLE", False),
                                      ("OPERATOR", True)])
def test_roles(stack, role, may):
    """start_recovery is needed for all three."""
    for path in ("waves/0/retry", "waves/0/skip", "units/0-0/resolve"):
        status, answer = stack.http(
            "POST", f"/executions/{UNKNOWN}/{path}", stack.token(role),
            {"action": "FAIL", "reason": "r"})
        assert status == (404 if may else 403), (path, answer)
        assert may or "start_recovery" in json.dumps(answer)
    status, _ = stack.http("POST", f"/executions/{UNKNOWN}/waves/0/retry",
                           None, {})
    assert status == 401
