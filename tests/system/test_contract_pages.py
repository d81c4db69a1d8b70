"""Every list takes limit and nextToken, and its pages are the whole list."""

import re

import pytest

from contract import OPENAPI, OPERATIONS, common_headers
from test_contract_success import fixture_place, request_of

assert fixture_place

READS = [op for op in OPERATIONS if op.method == "GET"]
# answers about one thing with arrays in them, not lists
DETAILS = {"group_get", "launch_status", "plan_get", "exec_get",
           "exec_realtime", "exec_termination", "instances_status",
           "config_export", "account_get", "capacity_account",
           "capacity_account_alias", "capacity_all"}


def lists(op):
    """Members of an answer that are arrays of objects; "" for the body."""
    ok = OPENAPI.resolve(op.doc["responses"].get("200", {}))
    kind = ok.get("content", {}).get("application/json")
    if kind is None:
        return []
    schema = OPENAPI.resolve(kind["schema"])
    if schema.get("type") == "array":
        return [""]
    found = []
    for part in [schema, *schema.get("allOf", [])]:
        for name, value in OPENAPI.resolve(part).get("properties",
                                                     {}).items():
            value = OPENAPI.resolve(value)
            items = OPENAPI.resolve(value.get("items", {}))
            if value.get("type") == "array" and ("properties" in items
                                                 or "allOf" in items):
                found.append(name)
    return found


def paged(op):
    """Whether the operation documents both parameters."""
    return {"limit", "nextToken"} <= {p["name"] for p in op.query()}


def name_of(element):
    """What does not change between two answers."""
    if not isinstance(element, dict):
        return element
    for key in ("id", "webhookId", "executionId", "groupId", "planId",
                "sourceServerID", "sourceServerId", "recoveryInstanceId",
                "jobId", "scheduleId", "region", "accountId", "value",
                "serverId", "timestamp"):
        if key in element:
            return element[key]
    raise AssertionError(f"no name in {element}")


def next_page(answer):
    """Path of the next page of a bare array."""
    link = answer.header("Link")
    if link is None:
        return None
    found = re.fullmatch(r'<(/api)?(/[^>]+)>; rel="next"', link)
    assert found, link
    return found[2]


@pytest.mark.parametrize("op", READS, ids=repr)
def test_lists_are_paged(op):
    """No list without the two parameters, none of them without a list."""
    if op.name in DETAILS or not lists(op):
        return
    assert paged(op), f"{op} sends {lists(op)} and takes no limit"


LISTS = [op for op in READS if paged(op) and op.name != "exec_events"]


@pytest.mark.parametrize("op", LISTS, ids=repr)
def test_pages(place, op):
    """One element a page, until all that the whole list has was there."""
    world, client = place
    path = request_of(op, world)
    member = next((m for m in lists(op) if m not in ("regions",)
                   or op.name == "drs_service"), None)
    whole = client("GET", path)
    assert whole.status == 200, whole.raw
    want = [name_of(e) for e in (whole.json[member] if member
                                 else whole.json)]
    if op.name == "audit_list":
        want = want[:5]
    glue = "&" if "?" in path else "?"
    at, found = f"{path}{glue}limit=1", []
    while at:
        answer = client("GET", at)
        assert answer.status == 200, (at, answer.raw)
        common_headers(answer)
        OPENAPI.check("GET", at, 200, answer.json)
        elements = answer.json[member] if member else answer.json
        assert len(elements) <= 1, at
        found += [name_of(e) for e in elements]
        if member:
            assert answer.json.get("count", len(elements)) == len(elements)
            token = answer.json["nextToken"]
            at = token and f"{path}{glue}limit=1&nextToken={token}"
        else:
            at = next_page(answer)
        if op.name == "audit_list" and len(found) == 5:
            break
    if op.name == "audit_list":
        # reading it writes to it: the newest have moved on
        assert len(set(found)) == 5
    else:
        assert found == want
