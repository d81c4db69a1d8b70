"""What an outside tester of the API found, one test for each symptom."""

import uuid

HUB = "111111111111"


def refused(world, method, path, body, status, error, code=None):
    """A refusal with its codes; the body."""
    got, answer = world.try_api(method, path, body)
    assert (got, answer["error"], answer["code"]) \
        == (status, error, code or error), answer
    assert answer["message"]
    return answer


def test_error_is_a_code_where_the_reference_had_a_sentence(world):
    ids = world.fleet(1)
    body = {"groupName": f"text-{world.tag}", "region": world.region,
            "accountId": world.account, "sourceServerIds": ids}
    refused(world, "POST", "/protection-groups",
            {**body, "launchConfig": "x"}, 400, "INVALID_LAUNCH_CONFIG")
    refused(world, "POST", "/protection-groups",
            {**body, "launchConfig": {"securityGroupIds": "x"}}, 400,
            "INVALID_SECURITY_GROUPS")


def test_missing_parameter_is_named_in_details(world):
    answer = refused(world, "POST", "/protection-groups/resolve",
                     {"tags": {"a": "b"}}, 400, "MISSING_PARAMETER")
    assert answer["details"]["parameter"] == "region"
    answer = refused(world, "POST", "/executions", {
        "executionType": "DRILL"}, 400, "MISSING_PARAMETER", "MISSING_FIELD")
    assert answer["field"] == "planId"
    assert answer["details"]["parameter"] == "planId"


def test_resolve_takes_the_account_from_the_group(world):
    world.fleet(2, tags={"Tier": "db"})
    group = world.group("resolve", tags={"Tier": "db"})
    body = {"region": world.region, "tags": {"Tier": "db"},
            "protectionGroupId": group}
    answer = world.api("POST", "/protection-groups/resolve", body)
    assert answer["serverCount"] == 2
    assert all(s["selectable"] for s in answer["resolvedServers"])
    refused(world, "POST", "/protection-groups/resolve",
            {**body, "protectionGroupId": str(uuid.uuid4())}, 404,
            "NOT_FOUND", "PROTECTION_GROUP_NOT_FOUND")


def test_a_fixed_field_names_the_stored_value(world):
    ids = world.fleet(1)
    path = f"/protection-groups/{world.group('fixed', ids)}"
    answer = refused(world, "PUT", path, {"region": "us-west-2"}, 400,
                     "INVALID_PARAMETER")
    assert answer["details"]["parameter"] == "region"
    assert answer["details"]["expected"] == world.region
    answer = refused(world, "PUT", path, {"accountId": HUB}, 400,
                     "INVALID_PARAMETER")
    assert answer["details"]["expected"] == world.account


def test_own_account_in_the_list_has_empty_role_fields(world):
    world.try_api("POST", "/accounts/targets", {"accountId": HUB})
    own = world.api("GET", "/accounts/targets")[0]
    assert own["accountId"] == HUB and own["isCurrentAccount"] is True
    assert own["roleArn"] == own["crossAccountRoleArn"] \
        == own["assumeRoleName"] == ""
    assert own["stagingAccounts"] == []


def test_conflict_names_the_wave_of_the_other_run(world):
    plan, servers = world.simple_plan((1, 1))
    group = world.api("GET", f"/recovery-plans/{plan}")["waves"][1]
    other = world.plan("other", [group["protectionGroupId"]])
    world.freeze()
    try:
        execution = world.start(plan)
        answer = world.start(other, expect=409)
        assert answer["code"] == "SERVER_CONFLICT"
        assert [(c["serverId"], c["conflictingExecutionId"],
                 c["conflictingWaveName"]) for c in answer["conflicts"]] \
            == [(servers[1][0], execution, "Wave 2")]
    finally:
        world.thaw()
    world.finish(execution)


def test_times_of_an_ended_run_agree(world):
    plan, _ = world.simple_plan((1, 1))
    body = world.finish(world.start(plan))
    assert body["duration"] == body["durationSeconds"] \
        == body["endTime"] - body["startTime"]
    for wave in body["waves"]:
        assert wave["duration"] == wave["endTime"] - wave["startTime"]


def test_error_of_a_cancelled_run_has_a_code(world):
    plan, _ = world.simple_plan((1, 1))
    world.freeze()
    try:
        execution = world.start(plan)
        world.wave_in_flight(execution)
        world.api("POST", f"/executions/{execution}/cancel")
    finally:
        world.thaw()
    body = world.finish(execution)
    assert body["status"] == "PARTIAL"
    assert body["error"]["code"] == "PARTIAL"
    assert body["error"]["message"] == body["errorMessage"]


def test_missing_override_reason_is_named_in_details(world):
    plan, _ = world.simple_plan((1, 1))
    answer = refused(world, "POST", "/executions", {
        "planId": plan, "executionType": "DRILL", "allowDegraded": True},
        400, "MISSING_PARAMETER", "MISSING_FIELD")
    assert answer["details"]["parameter"] == "overrideReason"


def test_import_result_names_a_plan_given_by_name(world):
    ids = world.fleet(1)
    group = f"import-{world.tag}"
    plan = f"plan-{world.tag}"
    result = world.api("POST", "/config/import", {
        "protectionGroups": [{
            "groupName": group, "region": world.region,
            "accountId": world.account, "sourceServerIds": ids}],
        "recoveryPlans": [{
            "name": plan, "waves": [{"protectionGroupName": group}]}]})
    assert result["success"] is True
    assert [i["name"] for i in result["created"]] == [group, plan]


def test_history_of_a_deleted_plan_says_so(world):
    plan, _ = world.simple_plan((1, 1))
    execution = world.start(plan)
    name = world.finish(execution)["planName"]
    world.api("DELETE", f"/recovery-plans/{plan}")
    items = world.api("GET", f"/executions?planId={plan}")["items"]
    for body in (world.execution(execution), *items):
        assert body["recoveryPlanName"] == "Deleted Plan"
        assert body["planName"] == name
    assert len(items) == 1


def test_throttled_and_unreachable_regions_have_their_own_status(world):
    world.fleet(1)
    path = f"/drs/source-servers?accountId={world.account}&region="
    for region, kind, status, region_status, words in (
            ("us-east-2", "throttle", 429, "THROTTLED", "rate limit"),
            ("us-west-2", "reset_before", 502, "ENDPOINT_UNREACHABLE",
             "unreachable"),
            ("eu-west-1", "http_500", 500, "ERROR", "")):
        world.fleet(1, region=region)
        world.faults({"operation": "DescribeSourceServers",
                      "region": region, "kind": kind})
        answer = refused(world, "GET", path + region, None, status,
                         "DRS_ERROR")
        assert answer["retryable"] is True
        assert answer["initialized"] is False
        assert answer["region"] == answer["details"]["region"] == region
        assert answer["status"] == region_status
        assert words in answer["message"]
