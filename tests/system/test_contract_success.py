"""Answers to good requests: every GET of openapi/drs.yaml on a seeded world."""

import gzip
import json

import pytest

from contract import OPENAPI, OPERATIONS, Client, common_headers
from world import EXTERNAL_ID, World

READS = [op for op in OPERATIONS if op.method == "GET"]
STREAMS = ("events",)
# answers that carry the time or counters have a tag that changes
MOVING = {"health", "metrics", "drs_quotas", "capacity_account",
          "capacity_alias", "capacity_all", "config_export", "drs_servers",
          "user_permissions", "audit_list", "audit_export", "drs_jobs"}


@pytest.fixture(name="place", scope="module")
def fixture_place(shared_stack):
    """A world with one object of each kind."""
    shared_stack.up()
    world = World(shared_stack)
    servers = world.fleet(3, name="contract", tags={"app": "contract"})
    group = world.group("contract", servers)
    plan = world.plan("contract", [group])
    run = world.start(plan)
    done = world.finish(run)
    world.api("POST", f"/executions/{run}/terminate-instances", {})
    world.wait_until(lambda: world.execution(run).get("instancesTerminated"),
                     "end of the recovery instances")
    world.execution_id, world.plan_id, world.group_id = run, plan, group
    world.job_id = done["waves"][0]["jobId"]
    world.server_ids = servers
    client = Client(shared_stack)
    world.schedule_id = made(client, f"/recovery-plans/{plan}/schedules", {
        "name": "weekly", "cron": "0 3 * * 0", "executionType": "DRILL"},
        "scheduleId")
    world.webhook_id = made(client, "/config/webhooks", {
        "name": "hook", "url": "https://hooks.example.com/drs",
        "secret": "0123456789abcdef0123", "enabled": False}, "webhookId")
    yield world, client
    client.close()


def made(client, path, body, member):
    """The id of a new object, or None if there is no such operation."""
    if OPENAPI.operation("POST", path) is None:
        return None
    answer = client("POST", path, body)
    if answer.status == 400 and answer.json["code"] == "INVALID_URL":
        return None
    assert answer.status == 201, (path, answer.raw)
    OPENAPI.check("POST", path, 201, answer.json)
    return answer.json[member]


def value_of(op, world, name):
    """A value for a path parameter."""
    if name == "id":
        return {"protection-groups": world.group_id,
                "recovery-plans": world.plan_id,
                "executions": world.execution_id,
                "accounts": world.account}[op.path.split("/")[1]]
    return {"serverId": world.server_ids[0],
            "scheduleId": world.schedule_id,
            "webhookId": world.webhook_id}[name]


def request_of(op, world):
    """Path and query of a good request, or None without such an object."""
    values = {p: value_of(op, world, p) for p in op.params}
    if None in values.values():
        return None
    path = op.fill(values.get)
    known = {"region": world.region, "accountId": world.account,
             "targetAccountId": world.account,
             "jobId": world.job_id, "sourceServerId": world.server_ids[0],
             "externalId": EXTERNAL_ID}
    query = [f"{p['name']}={known[p['name']]}" for p in op.query()
             if p.get("required") or p["name"] in ("region", "accountId",
                                                   "jobId")
             and op.name not in ("exec_list", "plan_list")]
    return path + ("?" + "&".join(query) if query else "")


@pytest.mark.parametrize("op", [o for o in READS if o.name not in STREAMS
                                and not o.name.startswith("callback")
                                and not o.name.startswith("exec_callback")],
                         ids=repr)
def test_reads(place, op):
    """200 in the shape of the document; not modified with its tag."""
    world, client = place
    path = request_of(op, world)
    if path is None:
        pytest.fail(f"no object to ask {op} for")
    accept = {"Accept": "application/json"} if op.name == "exec_events" \
        else {}
    answer = client("GET", path, headers=accept)
    assert answer.status == 200, (path, answer.status, answer.raw)
    common_headers(answer)
    content = op.doc["responses"]["200"]["content"]
    kind = answer.header("Content-Type").split(";")[0]
    assert kind in content, (kind, list(content))
    if kind == "application/json":
        OPENAPI.check("GET", path, 200, answer.json)
    tag = answer.header("ETag")
    if "304" not in op.doc["responses"]:
        return
    assert tag and tag.startswith('W/"'), (path, tag)
    for _ in range(10):
        again = client("GET", path, headers={"If-None-Match": tag, **accept})
        if again.status == 304:
            break
        # what is behind it was read anew in between (inventory, accounts)
        tag = again.header("ETag")
    if op.name not in MOVING:
        assert (again.status, again.raw) == (304, b""), (path, again.raw)
        assert again.header("ETag") == tag
        common_headers(again)
    other = client("GET", path, headers={"If-None-Match": 'W/"other"',
                                         **accept})
    assert other.status == 200


def test_lists_are_in_pages(place):
    """limit below 1 or no number: 400; a foreign cursor: 400."""
    world, client = place
    for op in READS:
        names = [p["name"] for p in op.query()]
        if "limit" not in names or op.name in STREAMS:
            continue
        path = request_of(op, world)
        if path is None:
            continue
        sep = "&" if "?" in path else "?"
        accept = {"Accept": "application/json"}
        for wrong in ("limit=0", "limit=-1", "limit=x", "limit=",
                      "nextToken=%7B%22a%22%3A1%7D", "nextToken=x"):
            answer = client("GET", path + sep + wrong, headers=accept)
            assert answer.status == 400, (path, wrong, answer.raw)
            assert answer.json["code"] == "INVALID_PARAMETER", (path, wrong)
            assert answer.json["details"]["parameter"] == wrong.split("=")[0]
        answer = client("GET", path + sep + "limit=1000000", headers=accept)
        assert answer.status == 200, (path, answer.raw)


def test_compact_execution(place):
    """view=compact leaves the lists of servers out, and nothing else."""
    world, client = place
    path = f"/executions/{world.execution_id}"
    full = client("GET", path).json
    small = client("GET", path + "?view=compact").json
    OPENAPI.check("GET", path, 200, small)
    assert "waveExecutions" in full and "waveExecutions" not in small
    for a, b in zip(full["waves"], small["waves"]):
        gone = {"serverIds", "serverStatuses", "serverExecutions",
                "enrichedServers", "servers"}
        assert set(b) == set(a) - gone
        assert set(a) & gone and b["serverCount"] == 3
    assert set(small) == set(full) - {"waveExecutions"}
    servers = client("GET", path + "/servers").json
    assert servers["total"] == 3


def test_large_answers_are_compressed(place):
    """gzip when the client takes it; the same document."""
    world, client = place
    path = f"/executions/{world.execution_id}"
    plain = client("GET", path)
    assert plain.header("Content-Encoding") is None
    small = client("GET", path, headers={"Accept-Encoding": "gzip"})
    assert small.header("Content-Encoding") == "gzip"
    assert "Accept-Encoding" in small.header("Vary")
    assert len(small.raw) < len(plain.raw) / 2
    assert json.loads(gzip.decompress(small.raw)) == plain.json
    # the tag names the document, not its coding
    again = client("GET", path, headers={
        "Accept-Encoding": "gzip", "If-None-Match": small.header("ETag")})
    assert (again.status, again.raw) == (304, b"")
    # a token, or any secret, is never in a compressed answer
    session = client("POST", "/auth/login", {"username": "a",
                                             "password": "b"}, None,
                     {"Accept-Encoding": "gzip"})
    assert session.header("Content-Encoding") is None
