"""Acceptance scenarios about starting: 14, 25, 27, 28."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from world import World


def test_scenario_14_two_plans_one_server_at_once(world):
    """100 parallel tries on two plans with a common server: one run."""
    ids = world.fleet(3)
    # a server is in one group only: the plans share the group of it
    shared = world.group("shared", ids[:1])
    plans = [world.plan("a", [shared, world.group("ga", ids[1:2])]),
             world.plan("b", [shared, world.group("gb", ids[2:])])]
    world.freeze()

    def attempt(i):
        return world.try_api("POST", "/executions", {
            "planId": plans[i % 2], "executionType": "DRILL",
            "initiatedBy": f"try {i}"})

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(attempt, range(100)))
    good = [body for status, body in answers if status == 202]
    assert len(good) == 1, [s for s, _ in answers]
    winner = world.execution(good[0]["executionId"])["planId"]
    codes = {}
    for i, (status, body) in enumerate(answers):
        if status == 202:
            continue
        assert status == 409, (status, body)
        codes.setdefault(plans[i % 2] == winner, set()).add(body["code"])
    assert codes[True] == {"PLAN_ALREADY_EXECUTING"}
    assert codes[False] == {"SERVER_CONFLICT"}
    world.thaw()
    assert world.finish(good[0]["executionId"])["status"] == "COMPLETED"
    assert len(world.launches()) == 2


def test_scenario_25_tags_change_between_save_and_run(world):
    """The run uses the servers that match when it runs, and records them."""
    tag = {"Role": "web-" + world.tag}
    first = world.fleet(2, name="web", tags=tag)
    group = world.group("web", tags=tag)
    plan = world.plan("web", [group])
    late = world.fleet(1, name="late", tags=tag)
    world.server(first[0], tags={"Role": "retired"})

    def seen():
        body = world.api("POST", "/protection-groups/resolve", {
            "region": world.region, "accountId": world.account,
            "serverSelectionTags": tag})
        return {s["sourceServerID"] for s in body["resolvedServers"]}

    wanted = {first[1], late[0]}
    world.wait_until(lambda: seen() == wanted, "the new set")
    execution = world.start(plan)
    body = world.finish(execution)
    assert body["status"] == "COMPLETED"
    assert set(body["waves"][0]["serverIds"]) == wanted
    launched = {s["sourceServerID"] for c in world.launches()
                for s in c["params"]["sourceServers"]}
    assert launched == wanted
    assert body["selectionMode"] == "TAGS"


def test_scenario_27_wrong_external_id(stack):
    """The start is refused with role, account and cause; nothing is left."""
    world = World(stack, register=False)
    ids = world.fleet(1)
    world.register()
    plan = world.plan("p", [world.group("g", ids)])
    account = world.api("GET", "/accounts/targets/" + world.account)
    world.api("PUT", "/accounts/targets/" + world.account, {
        "externalId": "another-external-id",
        "version": account.get("version")})

    def refused():
        status, body = world.try_api("POST", "/executions", {
            "planId": plan, "executionType": "DRILL", "initiatedBy": "t"})
        if status == 202:
            world.finish(body["executionId"])
            return None
        return status, body

    status, body = world.wait_until(refused, "a refusal")
    assert status == 503 and body["code"] == "LIMITS_UNKNOWN", body
    reason = body["details"]["accounts"][0]["reason"]
    assert world.account in reason
    assert "DRSOrchestrationRole" in reason
    assert "external id" in reason
    assert "another-external-id" not in str(body)
    listed = world.api("GET", "/executions?planId=" + plan)["items"]
    assert all(e["status"] == "COMPLETED" for e in listed)


def test_scenario_28_region_not_initialised(world):
    """A Region without DRS refuses clearly, before anything is stored."""
    ids = world.fleet(1)
    world.group("fine", ids)
    status, body = world.try_api("POST", "/protection-groups", {
        "groupName": "elsewhere-" + world.tag, "region": "eu-west-3",
        "accountId": world.account, "sourceServerIds": ids})
    assert status == 400 and body["code"] == "DRS_NOT_INITIALIZED", body
    assert "eu-west-3" in body["message"]


@pytest.mark.parametrize("change, code, status", [
    ({"initialized": False}, "DRS_NOT_INITIALIZED", "NOT_INITIALIZED"),
    ({"optedIn": False}, "REGION_NOT_ENABLED", "REGION_NOT_ENABLED")])
def test_scenario_28_start_refused(world, change, code, status):
    """A Region that went away: the start says so, and so does capacity."""
    region = "eu-south-1"
    world.fleet(1)
    ids = world.fleet(1, region=region)
    plan = world.plan("gone", [world.group("gone", ids, region=region)])
    world.stack.sim("POST", "/_sim/region", {
        "account": world.account, "region": region, **change})

    def refused():
        answer = world.try_api("POST", "/executions", {
            "planId": plan, "executionType": "DRILL", "initiatedBy": "t"})
        if answer[0] == 202:
            # the servers were read a moment before
            world.finish(answer[1]["executionId"])
            return None
        return answer

    http, body = world.wait_until(refused, "a refusal")
    assert http in (400, 503) and body["code"] == code, body
    assert region in body["message"]
    key = f"{{drs}}:region:{world.account}:{region}"
    # an answer that was read before may be written after it: asked again
    world.wait_until(lambda: refused() and world.stack.redis_cli(
        "--raw", "HGET", key, "status").strip() == status,
        "status of the Region")
    got = world.api("GET", f"/accounts/targets/{world.account}/capacity"
                           "?includeRegionalBreakdown=true")
    rows = {r["region"]: r for r in got["accounts"][0]["regionalBreakdown"]}
    assert rows[world.region]["totalServers"] == 1
    assert rows.get(region, {"totalServers": 0})["totalServers"] == 0
