"""Deleting executions, job logs, real-time reads, existing instances."""

import uuid

import pytest

from openapi_schema import OpenApi
from stack import PREFIX
from world import World

OPENAPI = OpenApi()
LOG_EVENTS = {"JOB_START", "SNAPSHOT_START", "SNAPSHOT_END", "JOB_END",
              "CONVERSION_START", "CONVERSION_END", "LAUNCH_START"}


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


@pytest.fixture
def world(stack):
    """An AWS account of its own on the shared stack."""
    return Checked(stack)


def finished(world, waves=(1,)):
    """An ended drill with its instances; (plan, execution)."""
    plan, _ = world.simple_plan(waves)
    run = world.start(plan)
    world.wait(run, "COMPLETED")
    return plan, run


def terminated(world, run):
    """Terminates the instances of an ended drill."""
    world.api("POST", f"/executions/{run}/terminate-instances", {})
    world.wait_until(lambda: world.execution(run).get("instancesTerminated"),
                     "the end of the instances")


# -- EX3, EX4, EX15 -------------------------------------------------------------

def test_delete_by_id(world):
    plan, run = finished(world)
    other = str(uuid.uuid4())
    kept = world.api("DELETE", f"/executions?ids={run}%2C{other}")
    assert kept["deletedCount"] == 0 and kept["totalRequested"] == 2
    assert kept["notFound"] == 1 and kept["notFoundIds"] == [other]
    assert kept["activeSkipped"] == 1 and kept["failed"] == 0
    assert kept["activeExecutionsSkipped"] == [{
        "executionId": run, "status": "COMPLETED",
        "reason": "INSTANCES_NOT_TERMINATED"}]
    assert kept["message"] and "failedDeletes" not in kept
    assert world.execution(run)["status"] == "COMPLETED"

    gone = world.api("POST", "/executions/delete",
                     {"executionIds": [run, run], "force": True})
    assert gone["deletedCount"] == gone["totalRequested"] == 1
    assert "notFoundIds" not in gone
    assert "activeExecutionsSkipped" not in gone
    world.refused("GET", f"/executions/{run}", None, 404,
                  "EXECUTION_NOT_FOUND")
    assert world.api("GET", f"/executions?planId={plan}")["count"] == 0
    again = world.api("DELETE", "/executions", {"executionIds": [run]})
    assert again["notFound"] == 1 and again["deletedCount"] == 0

    def audited():
        found = world.api("GET", f"/audit?resourceId={run}")["entries"]
        return [e for e in found if e["action"] == "exec.delete"]

    entry = world.wait_until(audited, "the audit entry")[0]
    assert entry["before"]["planId"] == plan
    assert entry["before"]["status"] == "COMPLETED"
    assert entry["before"]["startTime"] <= entry["before"]["endTime"]
    assert len(entry["before"]["instanceIds"]) == 1
    assert entry["actor"]["email"] == "admin@example.com"


def test_a_terminated_run_needs_no_force(world):
    _, run = finished(world)
    terminated(world, run)
    gone = world.api("DELETE", "/executions", {"executionIds": [run]})
    assert gone["deletedCount"] == 1


def test_active_runs_are_kept(world):
    plan, _ = world.simple_plan((1, 1), waves={1: {"pauseBeforeWave": True}})
    run = world.start(plan)
    world.wait(run, "PAUSED")
    kept = world.api("POST", "/executions/delete",
                     {"executionIds": [run], "force": True})
    assert kept["activeExecutionsSkipped"] == [
        {"executionId": run, "status": "PAUSED", "reason": "ACTIVE"}]
    assert world.execution(run)["status"] == "PAUSED"


def test_delete_all_of_an_account(world):
    plan, first = finished(world)
    terminated(world, first)
    second = world.start(plan)
    world.wait(second, "COMPLETED")
    paused, _ = world.simple_plan((1, 1), waves={
        1: {"pauseBeforeWave": True}})
    third = world.start(paused)
    world.wait(third, "PAUSED")
    query = f"?accountId={world.account}"
    body = world.api("DELETE", "/executions/completed" + query)
    assert body["deletedCount"] == 1 and body["safeToDelete"] == 1
    assert body["totalScanned"] == 3 and body["completedFound"] == 2
    assert body["skippedWithInstances"] == 1
    assert body["skippedWithActiveJobs"] == 0
    assert body["activePreserved"] == 1
    assert body["skippedExecutionIds"] == [second]
    body = world.api("DELETE", "/executions" + query + "&force=true")
    assert body["deletedCount"] == 1 and body["totalScanned"] == 2
    assert "skippedExecutionIds" not in body
    assert world.execution(third)["status"] == "PAUSED"


def test_delete_refusals(world):
    for method, path, body in (
            ("DELETE", "/executions?ids=", None),
            ("DELETE", "/executions", {"executionIds": []}),
            ("POST", "/executions/delete", {}),
            ("POST", "/executions/delete", {"executionIds": [" "]})):
        world.refused(method, path, body, 400, "MISSING_EXECUTION_IDS")
    world.refused("POST", "/executions/delete", {"executionIds": "x"}, 400,
                  "INVALID_PARAMETER")
    world.refused("DELETE", "/executions/completed?accountId=1", None, 400,
                  "INVALID_PARAMETER")
    for method, path in (("DELETE", "/executions"),
                         ("POST", "/executions/delete"),
                         ("DELETE", "/executions/completed")):
        denied = world.refused(method, path, None, 403, "FORBIDDEN",
                               world.stack.token("READONLY"))
        assert denied["required_permission"] == "stop_recovery"
        world.refused(method, path, None, 401, "UNAUTHORIZED", "a.b.c")


# -- EX11 -----------------------------------------------------------------------

def test_job_logs(world):
    _, run = finished(world, (1, 2))
    body = world.api("GET", f"/executions/{run}/job-logs")
    assert body["executionId"] == run
    detail = world.execution(run)
    assert [(log["waveNumber"], log["jobId"]) for log in body["jobLogs"]] \
        == [(w["waveNumber"], w["jobId"]) for w in detail["waves"]]
    for wave, log in zip(detail["waves"], body["jobLogs"]):
        events = log["events"]
        assert LOG_EVENTS <= {e["event"] for e in events}
        times = [e["logDateTime"] for e in events]
        assert times == sorted(times, reverse=True)
        assert events[-1]["event"] == "JOB_START"
        servers = {e["sourceServerId"] for e in events
                   if "sourceServerId" in e}
        assert servers == set(wave["serverIds"])
        for e in events:
            assert e["eventData"].get("sourceServerID") \
                == e.get("sourceServerId")
        assert any("conversionServerID" in e["eventData"] for e in events)
        # each step once, however often the log was read
        assert len(events) == len({(e["event"], e.get("sourceServerId"))
                                   for e in events})
    job = detail["waves"][1]["jobId"]
    one = world.api("GET", f"/executions/{run}/job-logs?jobId={job}")
    assert one["jobLogs"] == body["jobLogs"][1:]
    none = world.api("GET", f"/executions/{run}/job-logs?jobId=drsjob-1")
    assert none["jobLogs"] == []


def test_job_log_names_the_error(world):
    servers = world.fleet(1)
    plan = world.plan("P", [world.group("G", servers)])
    world.server(servers[0], failNextLaunch=True)
    run = world.start(plan)
    world.finish(run)
    logs = world.api("GET", f"/executions/{run}/job-logs")["jobLogs"]
    failed = [e for e in logs[0]["events"] if e["event"] == "LAUNCH_FAILED"]
    assert failed[0]["error"] == failed[0]["eventData"]["rawError"]


def test_job_logs_refusals(world):
    for run in (str(uuid.uuid4()), "x"):
        world.refused("GET", f"/executions/{run}/job-logs", None, 404,
                      "EXECUTION_NOT_FOUND")
    path = f"/executions/{uuid.uuid4()}/job-logs"
    world.refused("GET", path, None, 401, "UNAUTHORIZED", "a.b.c")
    world.refused("GET", path, None, 403, "FORBIDDEN",
                  world.stack.token("NOROLE"))


# -- EX14, EX5 with realtime ------------------------------------------------------

def test_realtime_is_the_stored_record(world):
    plan, _ = world.simple_plan((1, 1), waves={1: {"pauseBeforeWave": True}})
    run = world.start(plan)
    world.wait(run, "PAUSED")
    plain = world.api("GET", f"/executions/{run}")
    stored = world.stack.redis_cli("HMGET", f"{PREFIX}:exec:{run}", "ver", "status")
    for path in (f"/executions/{run}/realtime",
                 f"/executions/{run}?realtime=true&_t=1"):
        body = world.api("GET", path)
        assert body["executionId"] == run and body["status"] == "PAUSED"
        assert body["dataSource"] in ("realtime", "cached")
        assert [w["jobId"] for w in body["waves"] if w.get("jobId")] \
            == [w["jobId"] for w in plain["waves"] if w.get("jobId")]
        assert body["waves"][0]["serverExecutions"]
    assert world.stack.redis_cli("HMGET", f"{PREFIX}:exec:{run}", "ver", "status") == stored
    world.refused("GET", f"/executions/{uuid.uuid4()}/realtime", None, 404,
                  "EXECUTION_NOT_FOUND")
    world.refused("GET", f"/executions/{run}/realtime", None, 403,
                  "FORBIDDEN", world.stack.token("NOROLE"))
