"""Acceptance scenarios 23 and 24: launch configuration before a launch."""
import ipaddress


def template(world, server):
    """The server's launch template, its configuration, all versions."""
    for item in world.stack.sim("GET", "/_sim/launch-templates")[
            "launchTemplates"]:
        if item["sourceServerId"] == server:
            return item
    raise AssertionError(f"no template of {server}")


def default(item):
    """Data of the template's default version."""
    return [v["data"] for v in item["versions"]
            if v["version"] == item["defaultVersion"]][0]


def network(world):
    """(subnet id, free address in it, two security groups)."""
    for acct in world.stack.sim("GET", "/_sim/fleet")["accounts"]:
        for region in acct["regions"]:
            if acct["accountId"] == world.account \
                    and region["region"] == world.region:
                subnet = region["subnets"][0]
                cidr = ipaddress.ip_network(subnet["cidrBlock"])
                groups = [g["groupId"] for g in region["securityGroups"]]
                return subnet["subnetId"], str(cidr[77]), groups[:2]
    raise AssertionError("no network")


def run_once(world, plan):
    """Start and wait; the detail."""
    return world.wait(world.start(plan), "COMPLETED")


def test_scenario_23_static_address(world):
    """DRS first, then a version based on the default, then the default."""
    ids = world.fleet(2)
    subnet, address, groups = network(world)
    before = {s: template(world, s) for s in ids}
    group = world.api("POST", "/protection-groups", {
        "groupName": f"static-{world.tag}", "region": world.region,
        "accountId": world.account, "sourceServerIds": ids,
        "launchConfig": {"copyPrivateIp": True, "subnetId": subnet,
                         "securityGroupIds": groups,
                         "instanceType": "m5.large"},
        "servers": [{"sourceServerId": ids[0], "useGroupDefaults": True,
                     "launchTemplate": {"staticPrivateIp": address}}],
    }, expect=201)["protectionGroupId"]
    plan = world.plan("static", [group])
    applied(world, group)
    run_once(world, plan)

    item = template(world, ids[0])
    assert item["launchConfiguration"]["copyPrivateIp"] is False
    nic = default(item)["NetworkInterfaces"][0]
    assert nic["SubnetId"] == subnet
    assert sorted(nic["Groups"]) == sorted(groups)
    assert nic["PrivateIpAddress"] == address
    assert default(item)["InstanceType"] == "m5.large"
    other = template(world, ids[1])
    assert other["launchConfiguration"]["copyPrivateIp"] is True
    assert "PrivateIpAddress" not in default(other)["NetworkInterfaces"][0]

    # everything else of the version that DRS wrote is still there
    old = [v["data"] for v in before[ids[0]]["versions"]
           if v["version"] == before[ids[0]]["defaultVersion"]][0]
    assert set(old) - {"SecurityGroupIds"} <= set(default(item))

    # order of the calls for the first server
    calls = [c for c in (world.calls("UpdateLaunchConfiguration")
                         + world.calls("CreateLaunchTemplateVersion")
                         + world.calls("ModifyLaunchTemplate"))
             if ids[0] in str(c["params"])
             or item["launchTemplateId"] in str(c["params"])]
    names = [c["operation"] for c in sorted(calls, key=lambda c: c["seq"])]
    create, modify = "CreateLaunchTemplateVersion", "ModifyLaunchTemplate"
    assert names.index(create) < names.index(modify)
    assert all(n != "UpdateLaunchConfiguration"
               for n in names[names.index(create):])
    made = [c for c in calls if c["operation"] == create][0]
    moved = [c for c in calls if c["operation"] == modify][0]
    assert made["params"].get("SourceVersion", "").isdigit() \
        or "SecurityGroupIds" in old
    assert moved["params"]["DefaultVersion"] == made["resultId"]

    # a second run finds everything as wished
    versions = {s: len(template(world, s)["versions"]) for s in ids}
    run_once(world, plan)
    assert {s: len(template(world, s)["versions"]) for s in ids} == versions

    instances = {i["sourceServerId"]: i for i in world.stack.sim(
        "GET", "/_sim/instances")["instances"]
        if i["account"] == world.account and i["state"] == "running"}
    assert instances[ids[0]]["privateIp"] == address
    assert instances[ids[1]]["subnetId"] == subnet


def applied(world, group):
    """Wait until the settings were applied in the background, or not."""
    def over():
        body = world.api("GET", f"/protection-groups/{group}")
        return body["launchConfigStatus"]["status"] \
            not in ("pending", "syncing")

    world.wait_until(over, "settings of the group")


def test_scenario_24_strict(world):
    """One server's settings are refused: it is not launched, others are."""
    ids = world.fleet(3)
    denied = {"service": "drs", "kind": "access_denied",
              "operation": "UpdateLaunchConfiguration"}
    world.faults(denied)
    group = world.group("strict", ids, launchConfig={
        "copyTags": False, "launchDisposition": "STOPPED"})
    plan = world.plan("strict", [{
        "protectionGroupId": group, "launchConfigPolicy": "STRICT"}])
    applied(world, group)
    world.stack.sim("DELETE", "/_sim/faults")
    world.faults({**denied, "times": 1})
    body = world.wait(world.start(plan), "PARTIAL")
    states = [s["launchStatus"] for s in body["waves"][0]["serverStatuses"]]
    assert sorted(states) == ["FAILED", "LAUNCHED", "LAUNCHED"]
    failed = [s for s in body["waves"][0]["serverStatuses"]
              if s["launchStatus"] == "FAILED"][0]
    assert "UpdateLaunchConfiguration" in failed["error"]
    call = world.launches()[0]
    assert failed["sourceServerId"] not in str(call["params"])
    assert len(call["params"]["sourceServers"]) == 2


def test_scenario_24_best_effort(world):
    """The same under BEST_EFFORT: launched anyway, a notice tells."""
    ids = world.fleet(2)
    world.faults({"service": "drs", "kind": "access_denied",
                  "operation": "UpdateLaunchConfiguration"})
    group = world.group("effort", ids, launchConfig={"copyTags": False})
    plan = world.plan("effort", [{
        "protectionGroupId": group, "launchConfigPolicy": "BEST_EFFORT"}])
    world.wait(world.start(plan), "COMPLETED")
    assert len(world.launches()[0]["params"]["sourceServers"]) == 2
