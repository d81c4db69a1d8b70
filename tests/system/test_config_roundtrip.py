"""Groups and plans of one deployment go into another and come out the same."""

import copy

from world import EXTERNAL_ID, ROLE_NAME, World

EXPORT = "/config/export"
IMPORT = "/config/import"
CHECK = "/config/validate-manifest"


def twin(stack, world, accounts):
    """The world's AWS accounts on another stack, and an empty product."""
    other = World(stack, register=False)
    stack.sim("POST", "/_sim/fleet", {"accounts": [{
        "accountId": account,
        "roles": [{"roleName": ROLE_NAME, "externalId": EXTERNAL_ID}],
        "regions": [{"region": world.region, "servers": [
            {"count": len(ids), "namePrefix": "twin", "sourceServerIds": ids,
             "tags": tags} for ids, tags in fleets]}]}
        for account, fleets in accounts.items()]})
    for account in accounts:
        other.register(account)
    return other


def configure(world):
    """Everything that an export carries, in two accounts."""
    ids = world.fleet(6, name="one")
    tags = {"Rôle": "Datenbank ÄÖ", "tag": world.tag}
    by_tag = world.fleet(2, name="two", tags=tags)
    second = str(int(world.account) + 1)
    far = world.fleet(2, name="three", account=second)
    world.register(second)

    def group(name, **more):
        return world.api("POST", "/protection-groups", {
            "groupName": f"{name} {world.tag}", "region": world.region,
            **more}, expect=201)["groupId"]

    web = group("Wëb 网站 \U0001f310", accountId=world.account, owner="O'Brien",
                description="<b>\"quoted\" & 'more'\\",
                sourceServerIds=ids[:3], assumeRoleName=ROLE_NAME,
                launchConfig={"instanceType": "m5.large", "copyTags": True,
                              "launchDisposition": "STARTED",
                              "licensing": {"osByol": True},
                              "targetInstanceTypeRightSizingMethod": "NONE"},
                servers=[{"sourceServerId": ids[0], "launchTemplate": {
                             "instanceType": "m5.xlarge", "monitoring": True,
                             "tags": {"Größe": "XL"}}},
                         {"sourceServerId": ids[2], "useGroupDefaults": False,
                          "launchTemplate": {"copyTags": False}}])
    app = group("App", accountId=world.account, sourceServerIds=ids[3:5])
    one = group("one more", accountId=world.account, sourceServerIds=ids[5:])
    data = group("Daten", accountId=world.account, serverSelectionTags=tags)
    distant = group("far", accountId=second, sourceServerIds=far,
                    launchConfig={"copyPrivateIp": False})
    world.api("POST", "/recovery-plans", {
        "name": "Plan ß " + world.tag, "description": "multi\nline",
        "notificationEmail": "ops@example.com", "rpo": 15, "rto": "4h",
        "maxParallelWaves": 3, "interWaveDelaySeconds": 5, "priority": 2,
        "waves": [
            {"waveName": "Ɓasis", "waveDescription": "first",
             "protectionGroupIds": [data], "emptyWavePolicy": "SKIP",
             "preWaveActions": [{"kind": "note", "text": "é"}]},
            {"waveName": "web", "protectionGroupIds": [web, app],
             "serverIds": [ids[0], ids[3]], "dependsOnWaves": [0],
             "pauseBeforeWave": True, "failurePolicy": "CONTINUE",
             "minLaunchedPercent": 50, "optionalServerIds": [ids[3]],
             "autoRetryFailed": 1, "deadlineMinutes": 90},
            {"waveName": "far", "protectionGroupIds": [distant],
             "dependsOnWaves": [0], "launchConfigPolicy": "BEST_EFFORT"}]},
        expect=201)
    world.api("POST", "/recovery-plans", {
        "name": "Another " + world.tag,
        "waves": [{"protectionGroupId": one}]}, expect=201)
    return {world.account: [(ids, {}), (by_tag, tags)], second: [(far, {})]}


def mine(document, world):
    """What this world has in an export."""
    picked = copy.deepcopy(document)
    for member, name in (("protectionGroups", "groupName"),
                         ("recoveryPlans", "planName")):
        picked[member] = [x for x in picked[member]
                          if x[name].endswith(world.tag)]
    return picked


def content(document):
    """An export without who, when and where."""
    return document["protectionGroups"], document["recoveryPlans"]


def renamed(document, suffix, keep_groups=True):
    """Plans under other names; groups as they are, or gone."""
    other = copy.deepcopy(document)
    if not keep_groups:
        other["protectionGroups"] = []
    for plan in other["recoveryPlans"]:
        plan["planName"] += suffix
    return other


def test_round_trip(stack, make_stack):
    world = World(stack)
    accounts = configure(world)
    exported = mine(world.api("GET", EXPORT), world)
    assert len(exported["protectionGroups"]) == 5
    assert len(exported["recoveryPlans"]) == 2
    for secret in (EXTERNAL_ID, "snsSubscriptionArn", "groupId", '"version"'):
        assert secret not in str(exported)

    other = twin(make_stack(), world, accounts)
    assert content(other.api("GET", EXPORT)) == ([], [])
    assert other.api("POST", CHECK, {"manifest": exported})["valid"]

    dry = other.api("POST", IMPORT, {"config": exported, "dryRun": True})
    assert dry["success"] and dry["dryRun"], dry
    assert dry["summary"] == {
        "protectionGroups": {"created": 5, "skipped": 0, "failed": 0},
        "recoveryPlans": {"created": 2, "skipped": 0, "failed": 0}}
    assert all(x["details"]["wouldCreate"] for x in dry["created"])
    assert content(other.api("GET", EXPORT)) == ([], []), "nothing is stored"

    done = other.api("POST", IMPORT, exported)
    assert done["success"] and done["summary"] == dry["summary"], done
    again = other.api("GET", EXPORT)
    assert content(again) == content(exported)
    assert {k: v for k, v in again["metadata"].items() if k != "exportedAt"} \
        .keys() == {k: v for k, v in exported["metadata"].items()
                    if k != "exportedAt"}.keys()
    repeat = other.api("POST", IMPORT, {"config": exported})
    assert repeat["success"] and not repeat["created"]
    assert {x["reason"] for x in repeat["skipped"]} == {"ALREADY_EXISTS"}
    assert content(other.api("GET", EXPORT)) == content(exported)

    # what was imported works: the wave that was narrowed, in both accounts
    plan = [p for p in other.api("GET", "/recovery-plans")["plans"]
            if p["planName"].startswith("Plan")][0]
    assert [len(w["serverIds"]) for w in plan["waves"]] == [2, 2, 2]
    checked = other.api("POST", "/executions", {
        "planId": plan["planId"], "executionType": "DRILL", "dryRun": True})
    assert checked["valid"]
    older_files(other, exported)


def older_files(other, exported):
    """Schema 1.0, no metadata, one group name per wave, unknown versions."""
    first = renamed(exported, " (1.0)", keep_groups=False)
    first["metadata"] = {"schemaVersion": "1.0"}
    second = renamed(exported, " (bare)", keep_groups=False)
    del second["metadata"]
    for plan in second["recoveryPlans"]:
        for wave in plan["waves"]:
            if len(wave["protectionGroupNames"]) == 1:
                del wave["protectionGroupNames"]
            for member in ("failurePolicy", "deadlineMinutes"):
                wave.pop(member, None)
    for document in (first, second):
        names = {p["planName"] for p in document["recoveryPlans"]}
        for body in ({"config": document, "dryRun": True}, document):
            got = other.api("POST", IMPORT, body)
            assert got["success"], got
            assert {x["name"] for x in got["created"]} == names
    plans = {p["planName"]: p for p in
             other.api("GET", EXPORT)["recoveryPlans"]}
    for plan in exported["recoveryPlans"]:
        same = plans[plan["planName"] + " (1.0)"]
        assert same["waves"] == plan["waves"]
        assert len(plans[plan["planName"] + " (bare)"]["waves"]) \
            == len(plan["waves"])
    status, answer = other.try_api(
        "POST", IMPORT, {**exported, "metadata": {"schemaVersion": "2.0"}})
    assert (status, answer["code"]) == (400, "UNSUPPORTED_SCHEMA_VERSION")
