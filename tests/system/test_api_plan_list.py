"""The list of recovery plans: filters out of indexes, pages, shared groups."""

import itertools
import random

import pytest

from api_seed import HUB
from contract import Client
import test_api_store
from test_api_store import S, plan_of

# its nginx and Redis, its empty store
api, http, seed = test_api_store.api, test_api_store.http, test_api_store.seed

OTHER = "444455556666"
END = ("COMPLETED", "FAILED", "PARTIAL", "CANCELLED")


def fill(http, seed):
    """30 plans over 9 groups, two accounts, executions in several statuses."""
    rng = random.Random(5)
    groups = [seed.group(f"Größe {i}", [S[i]] if i % 3 else (),
                         tags=None if i % 3 else {"tier": "web" if i else "a=b"},
                         account=OTHER if i > 6 else HUB)
              for i in range(9)]
    one, two = groups[:7], groups[7:]
    for i in range(30):
        some = rng.sample(two if i % 5 == 0 else one, rng.randint(1, 2))
        plan = plan_of(http, f"Plan {'ABC'[i % 3]} {i}", some)["planId"]
        for k in range(i % 3):
            run = seed.execution(plan, f"Plan {i}", servers=())
            seed.status(run, "RUNNING" if i % 7 == 0 and k else END[(i + k) % 4])
            if i % 7 or not k:
                seed.r.delete("{drs}:claim:plan:" + plan)
            seed.r.hset(f"{{drs}}:exec:{run}", "startedAt", 1700000000000 + k * 1000)
            for key in ("start", "plan:" + plan):
                seed.r.zadd("{drs}:exec:" + key, {run: 1700000000000 + k * 1000})
            seed.call("drs_reindex", 0, 1000)
    return groups


def pages(http, query, limit):
    """All items, page by page."""
    found, token = [], ""
    while token is not None:
        page = http.ok("GET", f"/recovery-plans?limit={limit}&{query}"
                       + (f"&nextToken={token}" if token else ""))
        assert page["plans"] == page["recoveryPlans"]
        assert page["count"] == len(page["plans"]) <= limit
        found += page["plans"]
        token = page["nextToken"]
    return found


def test_filters_and_pages_agree_with_the_whole_list(http, seed):
    groups = fill(http, seed)
    docs = {g: http.ok("GET", f"/protection-groups/{g}") for g in groups}
    whole = http.ok("GET", "/recovery-plans")["plans"]
    assert len(whole) == 30
    names = [p["planName"].casefold() for p in whole]
    assert names == sorted(names)

    def of(plan):
        return [g for w in plan["waves"] for g in w["protectionGroupIds"]]

    for plan in whole:
        shared = {s["protectionGroupId"]: s for s in plan["sharedProtectionGroups"] or ()}
        for g in of(plan):
            others = {p["planId"]: p["planName"] for p in whole
                      if g in of(p) and p is not plan}
            assert (g in shared) == bool(others)
            if others:
                assert shared[g]["protectionGroupName"] == docs[g]["groupName"]
                assert {s["planId"]: s["planName"]
                        for s in shared[g]["sharedWithPlans"]} == others
        assert (plan["lastExecutionId"] is not None if "lastExecutionId" in plan
                else plan["lastExecutionStatus"] is None)

    def key(plan):
        for g in plan["sharedProtectionGroups"] or ():
            g["sharedWithPlans"].sort(key=lambda s: s["planId"])
        return plan

    whole = [key(p) for p in whole]
    cases = [
        ("", lambda p: True),
        ("name=b%20", lambda p: "b " in p["planName"].casefold()),
        ("nameExact=plan%20c%202", lambda p: p["planName"] == "Plan C 2"),
        ("accountId=" + OTHER, lambda p: any(docs[g]["accountId"] == OTHER for g in of(p))),
        ("accountId=999999999999", lambda p: False),
        ("tag=tier%3Dweb", lambda p: any(
            docs[g]["serverSelectionTags"].get("tier") == "web" for g in of(p))),
        ("tag=tier%3Da%3Db", lambda p: groups[0] in of(p)),
        ("tag=tier", lambda p: False),
        ("status=completed", lambda p: p["lastExecutionStatus"] == "COMPLETED"),
        ("status=RUNNING,%20failed", lambda p: p["lastExecutionStatus"] in (
            "RUNNING", "FAILED")),
        ("status=nothing", lambda p: False),
        ("hasConflict=false", lambda p: True),
        ("hasConflict=true", lambda p: False),
        ("status=completed,partial&name=a&accountId=" + HUB, lambda p: (
            p["lastExecutionStatus"] in ("COMPLETED", "PARTIAL")
            and "a" in p["planName"].casefold()
            and any(docs[g]["accountId"] == HUB for g in of(p)))),
    ]
    seen = 0
    for (query, test), limit in itertools.product(cases, (1, 4, 1000)):
        want = [p for p in whole if test(p)]
        assert [key(p) for p in pages(http, query, limit)] == want, (query, limit)
        seen += len(want)
    assert seen > 300


@pytest.mark.parametrize("query", ("", "?limit=2"))
def test_tag_of_the_answer_follows_what_it_says(http, seed, query):
    """304 while nothing changes; another tag after an execution began."""
    plan = plan_of(http, "One", [seed.group("g", [S[0]])])["planId"]

    client = Client(http.stack)
    path = "/recovery-plans" + query
    first = client("GET", path)
    tag = first.header("ETag")
    assert first.status == 200 and tag
    assert client("GET", path, headers={"If-None-Match": tag}).status == 304
    seed.execution(plan, "One")
    again = client("GET", path, headers={"If-None-Match": tag})
    assert again.status == 200 and again.header("ETag") != tag
    client.close()
