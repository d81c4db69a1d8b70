"""Lists that scale: pages of executions out of several indexes."""

import itertools
import uuid

import pytest

from api_seed import Seed
from contract import OPENAPI, Client
from stack import PREFIX

STATUSES = ("COMPLETED", "FAILED", "CANCELLED", "PARTIAL", "RUNNING")


@pytest.fixture(name="filled")
def fixture_filled(make_stack):
    """250 executions by turns in five statuses, some at one instant."""
    stack = make_stack(up=False)
    stack.up(parts=("redis", "nginx"))
    seed = Seed(stack)
    runs = []
    for i, status in zip(range(250), itertools.cycle(STATUSES)):
        ident = seed.execution(str(uuid.uuid4()), f"plan {i}", waves=1)
        seed.status(ident, status)
        for key in ("exec:start", "exec:status:" + status):
            seed.r.zadd(f"{PREFIX}:{key}", {ident: 1700000000000 + i // 3})
        runs.append((i // 3, ident, status))
    runs.sort(reverse=True)
    client = Client(stack)
    yield client, runs
    client.close()
    seed.close()


def pages(client, query, limit):
    """All ids of a list, page by page."""
    found, token = [], ""
    while True:
        path = f"/executions?limit={limit}&{query}{token}"
        answer = client("GET", path)
        assert answer.status == 200, answer.raw
        body = answer.json
        OPENAPI.check("GET", path, 200, body)
        found += [e["executionId"] for e in body["items"]]
        assert body["count"] == len(body["items"]) <= limit
        if body["nextToken"] is None:
            return found
        assert len(body["items"]) == limit
        token = "&nextToken=" + body["nextToken"]


def test_pages_of_several_statuses(filled):
    """The same order and nothing twice, whatever the pages are."""
    client, runs = filled
    for names in (STATUSES, ("FAILED",), ("RUNNING", "PARTIAL"),
                  ("CANCELLED", "FAILED", "COMPLETED")):
        want = [ident for _, ident, status in runs if status in names]
        query = "status=" + ",%20".join(n.lower() for n in names)
        for limit in (7, 50, 100):
            assert pages(client, query, limit) == want, (names, limit)
        twice = query + "," + names[0] + ",,nothing"
        assert pages(client, twice, 100) == want
    assert pages(client, "status=nothing,LOCK", 10) == []
    assert pages(client, "a=b", 100) == [i for _, i, _ in runs]
    assert pages(client, "status=FAILED,RUNNING&q=plan%2024", 2) == [
        i for n, i, s in runs if s in ("FAILED", "RUNNING")
        and i in {x for x in pages(client, "q=plan%2024", 100)}]
