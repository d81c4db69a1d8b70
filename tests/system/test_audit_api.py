"""The audit trail over the real stack: what leaves an entry, GET /audit."""

import json
import os
import re
import secrets
import subprocess
import urllib.parse
import uuid

import pytest
import redis

from audit_check import chain, check_chain, check_entry
from stack import PREFIX

MISSING = str(uuid.uuid4())
TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def entries(world, token=None, **query):
    """All entries that fit, newest first, over as many pages as there are."""
    found, query = [], {"limit": 100, **query}
    while True:
        body = world.api("GET", "/audit?" + urllib.parse.urlencode(query), token=token)
        assert set(body) == {"entries", "count", "nextToken"}
        assert body["count"] == len(body["entries"])
        found += body["entries"]
        for entry in body["entries"]:
            check_entry(entry)
        if not body["nextToken"]:
            return found
        query["nextToken"] = body["nextToken"]


def one(world, count=1, seconds=60, **query):
    """The entries that fit, once there are `count`: no more, no fewer."""
    found = world.wait_until(
        lambda: (lambda x: x if len(x) >= count else None)(entries(world, **query)),
        f"{count} entries {query}", seconds)
    assert len(found) == count, found
    return found[0] if count == 1 else found


def admin(entry):
    """The entry names the administrator's token, and where he came from."""
    actor = entry["actor"]
    assert (actor["type"], actor["userId"]) == ("user", "dev-admin"), entry
    assert actor["email"] == "admin@example.com" and actor["tokenId"]
    assert actor["roles"] == ["DRSOrchestrationAdmin"]
    assert entry["sourceIp"] == "127.0.0.1" and entry["userAgent"].startswith("Python-urllib")
    assert entry["requestId"] and entry["correlationId"]
    return entry


def test_every_write_leaves_one_entry(world):
    servers = world.fleet(2)
    account = admin(one(world, action="account.create", resourceId=world.account))
    assert account["after"]["externalId"] == "[redacted]"
    assert account["resourceType"] == "account"
    group = world.group("G", servers)
    made = admin(one(world, action="group.create", resourceId=group))
    assert made["after"]["sourceServerIds"] == servers and "before" not in made
    world.api("PUT", f"/protection-groups/{group}", {"description": "new words"})
    changed = admin(one(world, action="group.update", resourceId=group))
    assert changed["after"]["description"] == "new words"
    assert "sourceServerIds" not in changed["after"] and "groupName" not in changed["before"]
    plan = world.plan("P", [group], description="a")
    admin(one(world, action="plan.create", resourceId=plan))
    world.api("PUT", f"/recovery-plans/{plan}", {"description": "b"})
    changed = admin(one(world, action="plan.update", resourceId=plan))
    assert (changed["before"]["description"], changed["after"]["description"]) == ("a", "b")
    assert "waves" not in changed["after"] and changed["resourceName"]
    world.api("DELETE", f"/recovery-plans/{plan}")
    gone = admin(one(world, action="plan.delete", resourceId=plan))
    assert gone["before"]["description"] == "b" and "after" not in gone
    world.api("DELETE", f"/protection-groups/{group}")
    admin(one(world, action="group.delete", resourceId=group))


def test_run_with_its_transitions_and_calls(world):
    plan, servers = world.simple_plan((1, 1), waves={1: {"pauseBeforeWave": True}})
    run = world.start(plan, initiatedBy="somebody else", reason="CHG-7")
    started = admin(one(world, action="exec.start", resourceId=run))
    assert started["after"]["initiatedBy"] == "somebody else"
    assert started["after"]["planId"] == plan and started["outcome"] == "succeeded"
    world.wait(run, "PAUSED")
    world.api("POST", f"/executions/{run}/resume", {"notes": "go on"})
    admin(one(world, action="exec.resume", resourceId=run))
    world.wait(run, "COMPLETED")
    world.api("POST", f"/executions/{run}/terminate-instances", {})
    admin(one(world, action="exec.terminate", resourceId=run))
    found = one(world, 2, action="aws.drs.StartRecovery", resourceId=run)
    for call, server in zip(found, (servers[1], servers[0])):
        assert call["actor"] == {"type": "system", "userId": "system:drs-worker", "roles": []}
        assert call["accountId"] == world.account and call["region"] == world.region
        assert call["after"]["target"]["sourceServers"][0]["sourceServerID"] == server[0]
        assert call["after"]["awsRequestId"] and call["after"]["result"] == "ok"
    assert one(world, action="aws.drs.TerminateRecoveryInstances",
               resourceId=run)["outcome"] == "succeeded"
    steps = [e for e in entries(world, resourceId=run) if e["action"].startswith("engine.")][::-1]
    assert steps[0]["before"] == {"status": "PENDING"}
    assert steps[-1]["after"] == {"status": "COMPLETED"}
    for a, b in zip(steps, steps[1:]):
        assert a["after"]["status"] != a["before"]["status"]
    assert {e["action"] for e in steps if e["after"]["status"] == "PAUSED"}


def test_pause_cancel_and_failed_commands(world):
    plan, _ = world.simple_plan((1, 1))
    world.freeze()
    run = world.start(plan)
    world.wave_in_flight(run)
    world.api("POST", f"/executions/{run}/pause", {"reason": "look"})
    assert admin(one(world, action="exec.pause", resourceId=run))["after"]["reason"] == "look"
    world.api("POST", f"/executions/{run}/cancel", {"reason": "enough"})
    admin(one(world, action="exec.cancel", resourceId=run, outcome="succeeded"))
    world.thaw()
    world.finish(run)
    status, body = world.try_api("POST", f"/executions/{run}/cancel", {})
    assert status == 400
    failed = admin(one(world, action="exec.cancel", resourceId=run, outcome="failed"))
    assert (failed["httpStatus"], failed["errorCode"]) == (400, body["code"])
    status, body = world.try_api("POST", f"/recovery-plans/{MISSING}/execute",
                                 {"executionType": "DRILL"})
    assert status == 404
    failed = one(world, resourceId=MISSING, outcome="failed", action="plan.execute")
    assert failed["errorCode"] == body["code"] == "RECOVERY_PLAN_NOT_FOUND"


def test_operator_at_redis_cli(world):
    plan, _ = world.simple_plan((1,))
    who = "eve" + secrets.token_hex(4)
    out = world.stack.redis_cli("FCALL", "drs_start", "1", PREFIX, plan, "DRILL", who, "no web")
    run = out.split("execution ")[1].split()[0].strip('"')
    noted = one(world, actor=f"redis-cli:{who}", action="operator.start")
    assert noted["actor"]["type"] == "operator" and noted["after"]["reason"] == "no web"
    assert noted["outcome"] == "allowed" and noted["resourceId"] == plan
    begun = one(world, action="exec.start", resourceId=run)
    assert begun["actor"]["userId"] == f"redis-cli:{who}"
    assert begun["correlationId"] == noted["correlationId"]
    world.finish(run)
    world.stack.redis_cli("FCALL", "drs_cancel", "1", PREFIX, run, who)
    failed = one(world, actor=f"redis-cli:{who}", action="exec.cancel")
    assert (failed["outcome"], failed["errorCode"]) == ("failed", "EXECUTION_NOT_CANCELLABLE")


def test_denied_requests(world):
    stack = world.stack
    sub = "u-" + secrets.token_hex(6)
    token = stack.token("READONLY", sub=sub)
    assert stack.http("DELETE", f"/recovery-plans/{MISSING}", token)[0] == 403
    denied = one(world, actor=sub)
    assert (denied["outcome"], denied["httpStatus"]) == ("denied", 403)
    assert (denied["action"], denied["resourceType"]) == ("plan.delete", "plan")
    assert (denied["resourceId"], denied["errorCode"]) == (MISSING, "FORBIDDEN")
    assert denied["resourceName"] == f"DELETE /recovery-plans/{MISSING}"

    # nobody is known: sampled per address
    before = entries(world, outcome="denied", action="exec.cancel")
    for _ in range(12):
        assert stack.http("POST", f"/executions/{MISSING}/cancel", "x.y.z", {})[0] == 401
    kept = world.wait_until(
        lambda: [e for e in entries(world, outcome="denied") if e.get("httpStatus") == 401][:1],
        "a 401")
    assert kept[0]["sourceIp"] == "127.0.0.1" and kept[0]["errorCode"] == "UNAUTHORIZED"
    assert kept[0]["actor"] == {"type": "system", "userId": "", "roles": []}
    assert kept[0]["after"]["attempts"] >= 1
    assert len(entries(world, outcome="denied", action="exec.cancel")) - len(before) <= 3


def routes(build):
    """The route table, as the module has it."""
    tool = os.path.join(build, "tools", "dump_routes")
    if not os.path.exists(tool):
        subprocess.run(["make", "B=" + build, tool], cwd=TOP, check=True,
                       stdout=subprocess.DEVNULL)
    out = subprocess.run([tool], check=True, capture_output=True, text=True).stdout
    return [json.loads(line) for line in out.splitlines()]


def test_every_operation_audits_its_denial(world):
    """Each row of the table, asked by somebody without a role, leaves one entry."""
    sub, stack, want = "nobody-" + secrets.token_hex(6), world.stack, []
    token = stack.token("NOROLE", sub=sub)
    for row in routes(stack.build):
        if row["public"] or row["anyUser"] or row["path"] == "/metrics":
            continue
        path = re.sub(r"\{\w+\}", "1", row["path"])
        body = {} if row["method"] in ("POST", "PUT") else None
        status, answer = stack.http(row["method"], path, token, body)
        assert (status, answer["code"]) == (403, "FORBIDDEN"), (row, answer)
        want.append((f"{row['method']} {path}", row["handler"].replace("_", ".", 1)))
    assert len(want) > 30
    found = one(world, len(want), actor=sub)
    assert sorted((e["resourceName"], e["action"]) for e in found) == sorted(want)
    assert {(e["outcome"], e["httpStatus"]) for e in found} == {("denied", 403)}


def test_log_ins(world):
    stack, name = world.stack, "bob" + secrets.token_hex(4)
    subprocess.run([os.path.join(stack.build, "drs-worker"), "--config",
                    stack.path("worker.conf"), "user", "add", name, "--group", "DRSOperator"],
                   input="Correct-horse-1\n", text=True, check=True, capture_output=True,
                   timeout=30)
    assert one(world, action="user.add", resourceId=name)["actor"]["type"] == "operator"
    for password, status in (("wrong", 401), ("Correct-horse-1", 200)):
        code, session = stack.http("POST", "/auth/login", None,
                                   {"username": name, "password": password})
        assert code == status
    good, bad = one(world, 2, action="auth.login", resourceId=name)
    assert (bad["outcome"], good["outcome"]) == ("denied", "succeeded")
    assert good["actor"]["userId"] == f"local:{name}" and good["sourceIp"] == "127.0.0.1"
    assert bad["actor"]["userId"] == "" and bad["sourceIp"] == "127.0.0.1"
    code, session = stack.http("POST", "/auth/refresh", None,
                               {"refreshToken": session["refreshToken"]})
    assert code == 200
    one(world, action="auth.refresh", resourceId=name)
    code, _ = stack.http("POST", "/auth/logout", session["token"], {})
    assert code == 200
    one(world, action="auth.logout", resourceId=name)
    text = json.dumps(entries(world, actor=f"local:{name}"))
    assert "orrect-horse" not in text and session["refreshToken"] not in text


def test_reads_of_the_trail_and_exports_are_audited(world):
    sub = "auditor-" + secrets.token_hex(6)
    token = world.stack.token("AUDITOR", sub=sub)
    world.api("GET", "/audit?limit=1", token=token)
    read = one(world, actor=sub)
    assert (read["action"], read["outcome"], read["httpStatus"]) == ("audit.list", "allowed", 200)
    sub = "manager-" + secrets.token_hex(6)
    world.api("GET", "/config/export", token=world.stack.token("ADMIN", sub=sub))
    assert one(world, actor=sub)["action"] == "config.export"


@pytest.mark.parametrize("role,status", [("ADMIN", 200), ("AUDITOR", 200), ("MANAGER", 403),
                                         ("PLANNER", 403), ("OPERATOR", 403),
                                         ("READONLY", 403), ("NOROLE", 403)])
def test_who_may_read(stack, role, status):
    assert stack.http("GET", "/audit", stack.token(role))[0] == status
    assert stack.http("GET", "/audit")[0] == 401


def test_filters_and_cursor(world):
    sub = "pager-" + secrets.token_hex(6)
    token = world.stack.token("PLANNER", sub=sub, email=f"{sub}@Example.com")
    body = {"name": f"{sub}", "waves": []}
    for i in range(25):
        world.try_api("POST", "/recovery-plans", {**body, "name": f"{sub}-{i}"}, token=token)
    mine = one(world, 25, actor=sub)
    assert entries(world, actor=f"{sub}@example.COM") == mine
    assert entries(world, actor=sub, limit=7) == mine
    assert entries(world, actor=sub, limit=1) == mine
    times = [e["time"] for e in mine]
    assert times == sorted(times, reverse=True)
    assert len({e["id"] for e in mine}) == 25
    middle = mine[10]
    assert entries(world, correlationId=middle["correlationId"], actor=sub) == [middle]
    assert entries(world, **{"from": middle["time"]}, to=middle["time"], actor=sub) == [
        e for e in mine if e["time"] == middle["time"]]
    assert entries(world, to=middle["time"], actor=sub) == [
        e for e in mine if e["time"] <= middle["time"]]
    assert entries(world, **{"from": middle["time"]}, actor=sub) == [
        e for e in mine if e["time"] >= middle["time"]]
    assert entries(world, actor=sub, outcome="denied") == []
    assert entries(world, actor=sub, resourceType="plan", outcome=mine[0]["outcome"]) == mine
    assert entries(world, actor=sub, action="no.such") == []
    day = middle["time"][:10]
    assert middle in entries(world, **{"from": day}, to=day, actor=sub)


@pytest.mark.parametrize("query,parameter", [
    ("from=yesterday", "from"), ("to=2026-13-01", "to"), ("outcome=good", "outcome"),
    ("limit=0", "limit"), ("limit=x", "limit"), ("nextToken=abc", "nextToken")])
def test_bad_queries(stack, query, parameter):
    status, body = stack.http("GET", "/audit?" + query, stack.token("ADMIN"))
    assert (status, body["code"]) == (400, "INVALID_PARAMETER"), body
    assert body["details"]["parameter"] == parameter


def test_history_of_a_server(world):
    first, other = world.fleet(2)
    group = world.group("G", [first, other])
    path = f"/protection-groups/{group}/servers/{first}/audit-log"
    assert world.api("GET", path) == []

    def config(server, kind):
        return {"sourceServerId": server, "useGroupDefaults": True,
                "launchTemplate": {"instanceType": kind}}

    # the first change by the API, later ones as any writer of the group notes them
    old = [config(first, "m5.large")]
    world.api("PUT", f"/protection-groups/{group}", {"servers": old})
    one(world, action="group.update", resourceId=group)
    client = redis.Redis(unix_socket_path=world.stack.redis_sock, decode_responses=True)
    for new in ([config(first, "c5.large"), config(other, "m5.large")],
                [config(other, "m5.large")]):
        client.xadd(PREFIX + ":audit:in", {"a": json.dumps({
            "action": "group.update", "resourceType": "group", "resourceId": group,
            "outcome": "succeeded", "before": {"servers": old}, "after": {"servers": new},
            "actor": {"type": "user", "userId": "u", "email": "admin@example.com",
                      "roles": []}})})
        old = new
    client.close()
    rows = world.wait_until(
        lambda: (lambda x: x if len(x) == 3 else None)(world.api("GET", path)), "three changes")
    assert [r["action"] for r in rows] == ["RESET_TO_DEFAULTS", "UPDATE_SERVER_CONFIG",
                                           "CREATE_SERVER_CONFIG"]
    for row in rows:
        assert set(row) == {"timestamp", "user", "action", "protectionGroupId", "serverId",
                            "changes"}
        assert row["user"] == "admin@example.com" and row["serverId"] == first
        assert row["protectionGroupId"] == group
    assert {"field": "instanceType", "oldValue": "m5.large",
            "newValue": "c5.large"} in rows[1]["changes"]
    newest = rows[0]["timestamp"]
    assert world.api("GET", path + "?startDate=" + newest)[0] == rows[0]
    assert world.api("GET", path + "?endDate=2020-01-01") == []
    stack = world.stack
    assert stack.http("GET", path, stack.token("AUDITOR"))[0] == 200
    assert stack.http("GET", path, stack.token("READONLY"))[0] == 200
    assert stack.http("GET", path, stack.token("NOROLE"))[0] == 403
    assert stack.http("GET", path)[0] == 401
    for bad, code in ((path.replace(group, MISSING), "PROTECTION_GROUP_NOT_FOUND"),
                      (path.replace(first, "s-" + "0" * 17), "SERVER_NOT_FOUND")):
        status, body = world.try_api("GET", bad)
        assert (status, body["code"]) == (404, code), body
    status, body = world.try_api("GET", path + "?startDate=soon")
    assert (status, body["code"]) == (400, "INVALID_PARAMETER")
    assert body["details"]["parameter"] == "startDate"


def test_the_whole_trail_is_a_chain(world):
    """What all of this left behind, checked here and by the tool."""
    stack = world.stack
    client = redis.Redis(unix_socket_path=stack.redis_sock, decode_responses=True)
    check_chain(chain(client, PREFIX))
    client.close()
    done = subprocess.run([os.path.join(stack.build, "drs-worker"), "--config",
                           stack.path("worker.conf"), "audit", "verify"],
                          capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0 and "intact" in done.stdout, done
