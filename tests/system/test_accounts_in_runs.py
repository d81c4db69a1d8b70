"""Runs over several accounts: trouble of one account stays with its units."""

from world import EXTERNAL_ID, ROLE_NAME, World


def two_accounts(world, waves=1):
    """Another account, and a plan whose waves have a group in each."""
    other = World(world.stack)
    full, servers = [], []
    for n in range(waves):
        mine, theirs = world.fleet(1, f"a{n}"), other.fleet(1, f"b{n}")
        servers.append((mine[0], theirs[0]))
        full.append({"protectionGroupIds": [world.group(f"a{n}", mine),
                                            other.group(f"b{n}", theirs)],
                     "failurePolicy": "CONTINUE"})
    return other, world.plan("both", full), servers


def status_of(world, run):
    """Server id -> (launchStatus, error code)."""
    return {s["sourceServerId"]: (s["launchStatus"], s.get("errorCode"))
            for w in world.execution(run)["waves"]
            for s in w["serverStatuses"]}


def test_a_role_revoked_in_mid_run_fails_its_units_only(world):
    other, plan, servers = two_accounts(world, waves=2)
    world.freeze()
    try:
        run = world.start(plan)
        world.wave_in_flight(run)
        other.wait_until(other.launches, "the first launch there")
        other.faults({"service": "drs", "operation": "StartRecovery",
                      "kind": "access_denied"})
    finally:
        world.thaw()
    end = world.finish(run)
    assert end["status"] == "PARTIAL"
    got = status_of(world, run)
    assert [got[s][0] for s in servers[0]] == ["LAUNCHED", "LAUNCHED"]
    assert [got[s][0] for s in servers[1]] == ["LAUNCHED", "FAILED"]
    assert "AccessDenied" in got[servers[1][1]][1]
    assert len(world.launches()) == 2 and len(other.launches()) == 1


def test_an_account_that_cannot_be_polled_does_not_hold_up_another(world):
    other, plan, servers = two_accounts(world)
    world.freeze()
    try:
        run = world.start(plan)
        world.wait_until(lambda: world.launches() and other.launches(),
                         "both launches")
        other.faults({"service": "drs", "operation": "DescribeJobs",
                      "kind": "access_denied"})
    finally:
        world.thaw()
    mine, theirs = servers[0]
    world.wait_until(lambda: status_of(world, run)[mine][0] == "LAUNCHED",
                     "the own account's server")
    assert status_of(world, run)[theirs][0] in ("PENDING", "IN_PROGRESS")
    world.stack.sim("DELETE", "/_sim/faults")
    assert world.finish(run)["status"] == "COMPLETED"
    assert len(other.launches()) == 1


def test_each_account_is_entered_by_its_role_external_id_and_session(world):
    other, plan, _ = two_accounts(world)
    run = world.start(plan)
    assert world.finish(run)["status"] == "COMPLETED"
    calls = [c for c in world.stack.sim(
        "GET", "/_sim/calls?since=0&operation=AssumeRole")["calls"]
        if c["params"]["RoleArn"].split(":")[4] in (world.account, other.account)]
    assert {c["params"]["RoleArn"] for c in calls} == {
        f"arn:aws:iam::{a}:role/{ROLE_NAME}" for a in (world.account, other.account)}
    for c in calls:
        assert c["params"]["ExternalId"] == EXTERNAL_ID
        assert c["params"]["RoleSessionName"].startswith("drsorch-")
    sessions = [(c["params"]["RoleArn"], c["params"]["RoleSessionName"])
                for c in calls]
    assert len(sessions) == len(set(sessions)), "cached per session"

    # the trail of an account tells runs apart
    second = world.start(plan)
    assert world.finish(second)["status"] == "COMPLETED"
    for one in (world, other):
        launches = one.calls("StartRecovery")
        assert {c["role"] for c in launches} == {ROLE_NAME}
        assert [c["session"] for c in launches] == [
            f"drsorch-exec-{r[:8]}" for r in (run, second)]
        assert {c["session"] for c in one.calls("DescribeJobLogItems")} \
            == {"drsorch-poll"}

    world.api("POST", f"/executions/{second}/terminate-instances", {},
              token=world.stack.token("MANAGER"))
    world.wait_until(lambda: world.execution(second).get("instancesTerminated"),
                     "termination")
    for one in (world, other):
        assert {c["session"] for c in one.calls("TerminateRecoveryInstances")} \
            == {f"drsorch-term-{second[:8]}"}

    # ... and who stands behind them
    named = {c["params"]["RoleSessionName"]: c["params"].get("SourceIdentity")
             for c in assumed(world)}
    assert named["drsorch-poll"] is None
    assert named[f"drsorch-exec-{run[:8]}"] == "dev-admin"
    assert named[f"drsorch-exec-{second[:8]}"] == "dev-admin"
    assert named[f"drsorch-term-{second[:8]}"] == "dev-manager"


def assumed(world):
    """Calls of AssumeRole for the world's account that were answered."""
    return [c for c in world.stack.sim(
        "GET", "/_sim/calls?since=0&operation=AssumeRole")["calls"]
        if c["params"]["RoleArn"].split(":")[4] == world.account
        and c["status"] == 200]


def test_a_role_that_takes_no_source_identity_is_used_without(world):
    """A trust policy without sts:SetSourceIdentity stops no recovery."""
    plan, _ = world.simple_plan((1,))
    world.stack.sim("POST", "/_sim/fleet", {"accounts": [{
        "accountId": world.account, "roles": [{
            "roleName": ROLE_NAME, "externalId": EXTERNAL_ID,
            "sourceIdentity": False}], "regions": []}]})
    run = world.start(plan)
    assert world.finish(run)["status"] == "COMPLETED"
    names = {c["params"]["RoleSessionName"] for c in assumed(world)}
    assert f"drsorch-exec-{run[:8]}" in names
    assert not [c for c in assumed(world) if "SourceIdentity" in c["params"]]


def test_the_permission_self_test_names_what_is_missing(world):
    """IAM is asked about the rights that DRS uses for us (engine.md 5.6)."""
    other = World(world.stack, register=False)
    other.stack.sim("POST", "/_sim/fleet", {"accounts": [{
        "accountId": other.account, "roles": [{
            "roleName": ROLE_NAME, "externalId": EXTERNAL_ID,
            "deny": ["ec2:Detach*", "drs:CreateRecoveryInstanceForDrs"]}],
        "regions": [{"region": other.region, "servers": []}]}]})
    other.register()
    got = other.api("POST", f"/accounts/targets/{other.account}/validate", {})
    assert got["valid"] is True
    assert got["details"] == {"roleExists": True, "roleAccessible": True,
                              "requiredPermissions": False}
    (text,) = [r["message"] for r in got["validationResults"]
               if r["service"] == "IAM" and r["status"] == "warning"]
    assert text.endswith("Missing: drs:CreateRecoveryInstanceForDrs, ec2:DetachVolume")
    assert "LAUNCH_FAILED" in text and ROLE_NAME in text

    other.faults({"service": "iam", "kind": "access_denied"})
    got = other.api("POST", f"/accounts/targets/{other.account}/validate", {})
    assert got["details"]["requiredPermissions"] is True
