"""Acceptance scenario 29: extended source servers."""
import random

import pytest

from world import EXTERNAL_ID, ROLE_NAME

LONG = {"deadlineMinutes": 10080}


def extended(world, count, readable):
    """Servers that replicate in a staging account; (ids, that account)."""
    staging = str(random.randrange(2 * 10**11, 9 * 10**11))
    roles = [{"roleName": ROLE_NAME, "externalId": EXTERNAL_ID}]
    world.stack.sim("POST", "/_sim/fleet", {"accounts": [
        {"accountId": staging, "roles": roles,
         "regions": [{"region": world.region}]},
        {"accountId": world.account, "roles": roles,
         "stagingAccounts": [staging],
         "regions": [{"region": world.region, "servers": [
             {"count": count, "namePrefix": "ext",
              "stagingAccountId": staging}]}]}]})
    for account in world.stack.sim("GET", "/_sim/fleet")["accounts"]:
        if account["accountId"] == world.account:
            ids = [s["sourceServerId"] for r in account["regions"]
                   for s in r["servers"]]
    world.register()
    if readable:
        world.register(staging)
    return ids, staging


@pytest.mark.parametrize("readable", [True, False])
def test_scenario_29_extended_servers(world, readable):
    """The staging job is shown; without access there is a word instead."""
    ids, staging = extended(world, 2, readable)
    plan = world.plan("ext", [{
        "protectionGroupId": world.group("ext", ids), **LONG}])
    execution = world.start(plan)
    body = world.wait(execution, "COMPLETED")
    assert len(world.launches()) == 1
    jobs = body["waves"][0]["DRSJobDetails"]["stagingJobs"]
    assert len(jobs) == 1 and jobs[0]["stagingAccountId"] == staging, jobs
    assert jobs[0]["type"] == "CREATE_CONVERTED_SNAPSHOT"
    if not readable:
        assert jobs[0]["status"] == "UNKNOWN"
        assert staging in jobs[0]["statusMessage"]
        return
    made = [j for j in world.stack.sim("GET", "/_sim/jobs?account=" + staging)[
        "jobs"]]
    assert [j["jobID"] for j in made] == [jobs[0]["jobId"]]
    assert sorted(jobs[0]["serverIds"]) == sorted(ids)
    assert jobs[0]["participatingServers"] == 2
    assert jobs[0]["status"] == "COMPLETED"
    assert jobs[0]["creationDateTime"] <= jobs[0]["endDateTime"]
