"""DRS1 out of what the worker publishes: pages, groups, freshness."""

import threading
import uuid

import pytest

from stack import PREFIX, wait_for

PATH = "/drs/source-servers"


def commands(world):
    """Commands that were ever sent to the worker."""
    rows = world.stack.redis_cli("XINFO", "STREAM", PREFIX + ":cmd").splitlines()
    return int(rows[rows.index("entries-added") + 1])


@pytest.fixture(name="place")
def fixture_place(world):
    """Servers under three names, some in a group by ids, some by tags."""
    web = world.fleet(4, tags={"tier": "web"}, name="web")
    db = world.fleet(3, tags={"tier": "db"}, name="db")
    app = world.fleet(2, tags={"tier": "app"}, name="app")
    world.by_ids = world.group("By ids", web[:2])
    world.by_tags = world.group("By tags", tags={"tier": "db"})
    world.all = {"web": web, "db": db, "app": app}
    return world


def refused(world, more, status, code):
    """A list that is refused."""
    got, answer = world.try_api("GET", more)
    assert (got, answer["code"]) == (status, code), answer


def query(world, more=""):
    return f"{PATH}?region={world.region}&accountId={world.account}{more}"


def seen(servers):
    """What no scan changes."""
    return [(s["sourceServerID"], s["assignedToProtectionGroup"]) for s in servers]


def pages(world, limit, more=""):
    """Servers of all pages, and the bodies."""
    found, bodies, token = [], [], ""
    while token is not None:
        body = world.api("GET", query(world, f"&limit={limit}{more}"
                                      + (f"&nextToken={token}" if token else "")))
        assert body["serverCount"] == len(body["servers"]) <= limit
        found += body["servers"]
        bodies.append(body)
        token = body["nextToken"]
    return found, bodies


def test_pages_and_groups(place):
    whole = place.api("GET", query(place))
    servers = whole["servers"]
    assert whole["nextToken"] is None
    assert whole["serverCount"] == whole["totalCount"] == len(servers) == 9
    assert (whole["assignedCount"], whole["availableCount"]) == (5, 4)
    names = [(s.get("nameTag") or s["hostname"], s["sourceServerID"]) for s in servers]
    assert names == sorted(names)
    held = {s["sourceServerID"]: s["assignedToProtectionGroup"] for s in servers}
    for ident in place.all["web"][:2]:
        assert held[ident] == {"protectionGroupId": place.by_ids,
                               "protectionGroupName": "By ids-" + place.tag,
                               "assignmentType": "explicit"}
    for ident in place.all["db"]:
        assert held[ident]["protectionGroupId"] == place.by_tags
        assert held[ident]["assignmentType"] == "tag-based"
    free = place.all["web"][2:] + place.all["app"]
    assert all(held[i] is None for i in free)
    assert all(s["selectable"] == (s["sourceServerID"] in free) for s in servers)

    sent, count = commands(place), 0
    for limit in (1, 2, 9, 1000):
        found, bodies = pages(place, limit)
        count += len(bodies)
        assert seen(found) == seen(servers), limit
        for body in bodies:
            assert body["totalCount"] == 9 and body["assignedCount"] == 5
    own = place.api("GET", query(place, "&currentProtectionGroupId=" + place.by_tags))
    assert (own["assignedCount"], own["availableCount"]) == (2, 7)

    for group, ids, tags in ((place.by_ids, place.all["web"][:2], None),
                             (place.by_tags, place.all["db"], {"tier": "db"})):
        more = "&filterByProtectionGroup=" + group
        body = place.api("GET", query(place, more))
        assert sorted(s["sourceServerID"] for s in body["servers"]) == sorted(ids)
        assert body["protectionGroupId"] == group and body.get("tags") == tags
        assert body["totalCount"] == len(ids) and body["resolvedAt"] > 0
        found, bodies = pages(place, 1, more)
        count += len(bodies)
        assert seen(found) == seen(body["servers"])
        assert all(b["totalCount"] == len(ids) for b in bodies)
    refused(place, query(place, f"&filterByProtectionGroup={uuid.uuid4()}"), 404,
            "PROTECTION_GROUP_NOT_FOUND")
    refused(place, query(place, "&limit=0"), 400, "INVALID_PARAMETER")
    refused(place, query(place, "&nextToken=x"), 400, "INVALID_PARAMETER")

    # this did not go through the worker, unless it grew old meanwhile
    assert commands(place) - sent < count / 2


def test_groups_change_what_is_answered_at_once(place):
    def held():
        body = place.api("GET", query(place))
        return {s["sourceServerID"]: s["assignedToProtectionGroup"] for s in body["servers"]}

    assert held()[place.all["app"][0]] is None
    more = place.group("More", place.all["app"])
    assert held()[place.all["app"][0]]["protectionGroupId"] == more
    place.api("DELETE", "/protection-groups/" + more)
    assert held()[place.all["app"][0]] is None


def test_what_is_not_published_is_asked_of_the_worker(place):
    place.api("GET", query(place))
    keys = [f"{PREFIX}:inv:{k}:{place.account}:{place.region}" for k in ("view", "order")]
    sent = commands(place)
    place.stack.redis_cli("DEL", *keys)
    body = place.api("GET", query(place))
    assert body["totalCount"] == 9
    assert commands(place) > sent

    def there():
        place.api("GET", query(place))
        return all(int(place.stack.redis_cli("PTTL", k)) > 0 for k in keys)

    wait_for(there, "what is published", 60)


def test_an_account_that_is_gone_is_refused(place):
    place.api("GET", query(place))
    refused(place, f"{PATH}?region={place.region}&accountId=999988887777", 400,
            "INVALID_ACCOUNT")


def test_an_older_answer_never_replaces_a_newer_one(world):
    """Two scans overlap; the one that asked first is answered last."""
    world.fleet(2, name="old")
    assert world.api("GET", query(world))["totalCount"] == 2
    scope = f"{world.account}:{world.region}"
    validate = f"/accounts/targets/{world.account}/validate"
    # answered as of now, but only after the release
    world.faults({"service": "drs", "operation": "DescribeSourceServers",
                  "kind": "hold", "effect": "before", "times": 1})
    first = threading.Thread(target=world.try_api, args=("POST", validate, {}))
    first.start()
    wait_for(lambda: world.stack.sim("GET", "/_sim/health")["held"] == 1, "a held call")
    world.fleet(1, name="new")
    assert world.api("POST", validate, {})["valid"] is True
    assert world.api("GET", query(world))["totalCount"] == 3
    world.stack.sim("POST", "/_sim/release", {})
    first.join()
    assert world.api("GET", query(world))["totalCount"] == 3
    redis = world.stack.redis_cli
    assert redis("HLEN", f"{PREFIX}:inv:{scope}").strip() == "3"
    assert redis("HGET", f"{PREFIX}:region:{scope}", "serverCount").strip() == "3"
    assert redis("--scan", "--pattern", "*inv:new*").strip() == ""


CLOSED = [({"initialized": False}, 400, "DRS_NOT_INITIALIZED", "NOT_INITIALIZED",
           "not initialized"),
          ({"optedIn": False}, 400, "REGION_NOT_ENABLED", "REGION_NOT_ENABLED",
           "not enabled")]


@pytest.mark.parametrize("settings, http, code, status, words", CLOSED)
def test_a_closed_region_says_what_it_is(world, settings, http, code, status, words):
    """From DRS at first, then from the state of the Region, without a call."""
    world.fleet(1)
    region = "eu-west-3"
    world.stack.sim("POST", "/_sim/region", {
        "account": world.account, "region": region, **settings})
    path = f"{PATH}?region={region}&accountId={world.account}"

    def ask():
        got, answer = world.try_api("GET", path)
        assert (got, answer["code"]) == (http, code), answer
        assert (answer["region"], answer["status"]) == (region, status)
        assert answer["initialized"] is False and words in answer["message"]
        return len(world.calls("DescribeSourceServers"))

    ask()
    # the simulated clock may have run over the time for which a state serves
    wait_for(lambda: ask() == ask(), "an answer without a call")


def test_a_denied_region_is_asked_again_soon(world):
    world.fleet(1)
    world.faults({"service": "drs", "operation": "DescribeSourceServers",
                  "kind": "access_denied"})
    got, answer = world.try_api("GET", query(world))
    assert (got, answer["code"]) == (403, "REGION_ACCESS_DENIED"), answer
    assert answer["status"] == "IAM_PERMISSION_DENIED"
    assert "not authorized" in answer["message"]
    world.stack.sim("DELETE", "/_sim/faults")
    wait_for(lambda: world.try_api("GET", query(world))[0] == 200, "the list", 60)
