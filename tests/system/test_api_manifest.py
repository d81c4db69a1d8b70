"""Documents are checked before they are imported."""

import uuid

import pytest

from openapi_schema import OpenApi
from world import World

OPENAPI = OpenApi()
PATH = "/config/validate-manifest"


class Checked(World):
    """A world whose answers are compared with openapi/drs.yaml."""

    def api(self, method, path, body=None, token=None, expect=200):
        answer = super().api(method, path, body, token, expect)
        OPENAPI.check(method, path, expect, answer)
        return answer


@pytest.fixture
def world(stack):
    """An AWS account of its own on the shared stack."""
    return Checked(stack)


def test_an_export_is_valid(world):
    world.simple_plan((1, 1))
    doc = world.api("GET", "/config/export")
    job = str(uuid.uuid4())
    body = world.api("POST", PATH, {"manifest": doc, "correlationId": job})
    assert body["valid"] is True, body["errors"]
    assert body["correlationId"] == job
    assert body["schemaValidation"] == {"valid": True, "errors": []}
    summary = body["summary"]
    assert summary["totalProtectionGroups"] == len(doc["protectionGroups"])
    assert summary["totalRecoveryPlans"] == len(doc["recoveryPlans"])
    assert summary["totalServers"] >= 2
    assert summary["validationErrors"] == 0
    assert all(v["valid"] for v in body["protectionGroupValidation"]
               + body["recoveryPlanValidation"])
    assert world.api("POST", PATH, doc)["valid"] is True


def test_groups_of_the_store_count(world):
    group = world.group("Stored", world.fleet(1))
    name = world.api("GET", f"/protection-groups/{group}")["groupName"]
    doc = {"metadata": {"schemaVersion": "1.1"}, "recoveryPlans": [
        {"planName": "A", "waves": [
            {"waveName": "w", "protectionGroupName": name.upper()}]},
        {"planName": "B", "waves": [
            {"waveName": "w", "protectionGroupName": "No such group"}]},
        {"planName": "C", "waves": [
            {"waveName": "w", "protectionGroupId": group}]}]}
    calls = len(world.calls("DescribeSourceServers"))
    body = world.api("POST", PATH, doc)
    assert [p["valid"] for p in body["recoveryPlanValidation"]] \
        == [True, False, True], body["errors"]
    assert [e["code"] for e in body["errors"]] \
        == ["PROTECTION_GROUP_NOT_FOUND"]
    assert body["errors"][0]["path"] \
        == "recoveryPlans[1].waves[0].protectionGroupName"
    assert body["valid"] is False
    assert len(world.calls("DescribeSourceServers")) == calls
    plans = world.api("GET", f"/recovery-plans?accountId={world.account}")
    assert plans["plans"] == []


def test_refusals(world):
    for body in ({"manifest": 1}, {"manifest": {}, "correlationId": "x"}):
        status, answer = world.try_api("POST", PATH, body)
        assert (status, answer["code"]) == (400, "INVALID_PARAMETER")
    empty = world.api("POST", PATH, {})
    assert empty["valid"] is False
    status, answer = world.try_api("POST", PATH, {},
                                   world.stack.token("PLANNER"))
    assert (status, answer["required_permission"]) \
        == (403, "import_configuration")
    status, answer = world.try_api("POST", PATH, {}, "a.b.c")
    assert status == 401
