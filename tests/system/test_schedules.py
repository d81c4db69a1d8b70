"""Scheduled drills: X-8 to X-12, and the task that starts them."""

import datetime
import json
import os
import re
import subprocess
import time
import uuid

import pytest

from world import World

KEY = "{drs}:"
UUID = re.compile(r"^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}"
                  r"-[0-9a-f]{12}$")
ISO = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
FIELDS = {"scheduleId", "planId", "name", "enabled", "cron", "timeZone",
          "executionType", "skipIfConflict", "allowDegraded", "nextRunAt",
          "lastRun", "createdAt", "updatedAt", "createdBy", "version"}
# comes in half a year, not while the tests run
RARE = f"0 5 1 {(datetime.date.today().month + 5) % 12 + 1} *"


@pytest.fixture(scope="module", autouse=True)
def whole(shared_stack):
    """The shared stack, once for all tests here: they break nothing."""
    shared_stack.up()
    shared_stack.sim("DELETE", "/_sim/faults")
    yield
    shared_stack.sim("POST", "/_sim/thaw", {})


@pytest.fixture
def world(shared_stack):
    """An AWS account of its own."""
    return World(shared_stack)


def create(world, plan, **body):
    """A schedule of the plan; its id."""
    body = {"name": "weekly", "cron": RARE, **body}
    return world.api("POST", f"/recovery-plans/{plan}/schedules", body,
                     expect=201)["scheduleId"]


def show(world, plan, schedule):
    """The schedule as X-10 shows it."""
    return world.api("GET", f"/recovery-plans/{plan}/schedules/{schedule}")


def redis(world, *args):
    """redis-cli --raw"""
    return world.stack.redis_cli("--raw", *args).strip()


def minute(back_s=0):
    """A full minute, epoch ms."""
    now = int(time.time()) - back_s
    return (now - now % 60) * 1000


def iso(ms):
    """As the API shows it."""
    return datetime.datetime.fromtimestamp(
        ms / 1000, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def come_due(world, schedule, at):
    """The next run of the schedule is the one at a time that has come."""
    redis(world, "HSET", f"{KEY}sched:run:{schedule}", "next", str(at))
    assert redis(world, "FCALL", "drs_task_due", "1", "{drs}",
                 f"schedule:{schedule}", "0") == "OK"


def last_run(world, plan, schedule, at=None):
    """Wait for the record of a run (of that time)."""
    def ran():
        last = show(world, plan, schedule)["lastRun"]
        return last if last and (at is None or last["time"] == iso(at)) \
            else None
    return world.wait_until(ran, "the record of the run", 60)


def runs(world, plan):
    """Executions of the plan."""
    return world.api("GET", f"/executions?planId={plan}")["items"]


def test_life_of_a_schedule(world):
    """Created, listed, read, changed, deleted, with every field."""
    plan, _ = world.simple_plan((1,))
    path = f"/recovery-plans/{plan}/schedules"
    assert world.api("GET", path) == {"schedules": [], "count": 0}
    body = world.api("POST", path, {
        "name": " Weekly ", "cron": "0 6 * * SAT",
        "timeZone": "Europe/Berlin"}, expect=201)
    assert set(body) == FIELDS
    assert UUID.match(body["scheduleId"]) and body["planId"] == plan
    assert body["name"] == "Weekly" and body["cron"] == "0 6 * * SAT"
    assert body["enabled"] is True and body["executionType"] == "DRILL"
    assert body["skipIfConflict"] is True and body["allowDegraded"] is False
    assert body["lastRun"] is None and body["version"] == 1
    assert ISO.match(body["createdAt"]) and body["createdBy"]
    coming = datetime.datetime.fromisoformat(
        body["nextRunAt"].replace("Z", "+00:00"))
    assert coming.weekday() == 5 and coming.hour in (4, 5)
    assert coming > datetime.datetime.now(datetime.timezone.utc)

    one = f"{path}/{body['scheduleId']}"
    assert world.api("GET", one) == body
    other = create(world, plan, name="Another")
    listed = world.api("GET", path)
    assert listed["count"] == 2
    assert [s["name"] for s in listed["schedules"]] == ["Another", "Weekly"]
    assert listed["schedules"][1] == body

    changed = world.api("PUT", one, {
        "version": 1, "cron": "30 2 * * *", "timeZone": "UTC",
        "allowDegraded": True, "overrideReason": "lag is known",
        "skipIfConflict": False})
    assert changed["version"] == 2 and changed["timeZone"] == "UTC"
    assert changed["name"] == "Weekly"
    assert changed["overrideReason"] == "lag is known"
    assert changed["nextRunAt"].endswith("T02:30:00Z")
    off = world.api("PUT", one, {"version": 2, "enabled": False})
    assert off["nextRunAt"] is None and off["version"] == 3
    again = world.api("PUT", one, {"enabled": True, "allowDegraded": False})
    assert again["nextRunAt"] and "overrideReason" not in again

    gone = world.api("DELETE", one)
    assert gone["scheduleId"] == body["scheduleId"] and gone["message"]
    status, answer = world.try_api("GET", one)
    assert (status, answer["code"]) == (404, "SCHEDULE_NOT_FOUND")
    assert [s["scheduleId"] for s in world.api("GET", path)["schedules"]] \
        == [other]
    assert redis(world, "KEYS", f"{KEY}sched:run:{body['scheduleId']}") == ""


BAD = (
    ({"name": None}, "MISSING_FIELD"),
    ({"cron": None}, "MISSING_FIELD"),
    ({"name": "  "}, "INVALID_NAME"),
    ({"name": "x" * 65}, "INVALID_NAME"),
    ({"cron": "0 6 * *"}, "INVALID_CRON"),
    ({"cron": "0 6 30 2 *"}, "INVALID_CRON"),
    ({"cron": 5}, "INVALID_CRON"),
    ({"timeZone": "Mars/Olympus"}, "INVALID_TIME_ZONE"),
    ({"timeZone": "../../etc/passwd"}, "INVALID_TIME_ZONE"),
    ({"timeZone": "tzdata.zi"}, "INVALID_TIME_ZONE"),
    ({"timeZone": "Europe"}, "INVALID_TIME_ZONE"),
    ({"executionType": "RECOVERY"}, "INVALID_PARAMETER"),
    ({"enabled": "yes"}, "INVALID_PARAMETER"),
    ({"allowDegraded": True}, "MISSING_FIELD"),
)


def test_bad_schedules(world):
    """Every documented refusal, for a new one and for a change."""
    plan, _ = world.simple_plan((1,))
    path = f"/recovery-plans/{plan}/schedules"
    schedule = create(world, plan)
    for change, code in BAD:
        body = {"name": "n", "cron": RARE, **change}
        status, answer = world.try_api(
            "POST", path, {k: v for k, v in body.items() if v is not None})
        assert (status, answer["code"]) == (400, code), (change, answer)
        if None not in change.values():
            status, answer = world.try_api("PUT", f"{path}/{schedule}", change)
            assert (status, answer["code"]) == (400, code), (change, answer)
    assert show(world, plan, schedule)["version"] == 1


def test_unknown_plans_schedules_and_versions(world):
    """404 for what is not there, 409 for an old version."""
    plan, _ = world.simple_plan((1,))
    other = world.plan("other", [world.group("o", world.fleet(1))])
    schedule = create(world, plan)
    nothing = str(uuid.uuid4())
    body = {"name": "n", "cron": RARE}
    for method, path, code in (
            ("GET", f"/recovery-plans/{nothing}/schedules", "plan"),
            ("POST", f"/recovery-plans/{nothing}/schedules", "plan"),
            ("GET", f"/recovery-plans/{plan}/schedules/{nothing}", "s"),
            ("PUT", f"/recovery-plans/{plan}/schedules/nonsense", "s"),
            ("DELETE", f"/recovery-plans/{plan}/schedules/{nothing}", "s"),
            ("GET", f"/recovery-plans/{other}/schedules/{schedule}", "s")):
        status, answer = world.try_api(
            method, path, body if method in ("POST", "PUT") else None)
        assert status == 404, answer
        assert ("planId" in answer) == (code == "plan"), answer
    path = f"/recovery-plans/{plan}/schedules/{schedule}"
    status, answer = world.try_api("PUT", path, {"version": 7})
    assert (status, answer["code"]) == (409, "VERSION_CONFLICT")
    assert answer["currentVersion"] == 1


def test_drsctl(world):
    """By name: create, list, change, switch off and on, delete."""
    plan, _ = world.simple_plan((1,))

    def ctl(*args, code=0):
        done = subprocess.run(
            [os.path.join(world.stack.build, "drsctl"), "schedules", *args],
            env={"PATH": os.environ["PATH"], "HOME": world.stack.dir,
                 "DRS_URL": world.stack.url, "DRS_CA": world.stack.ca,
                 "DRS_TOKEN": world.admin},
            capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == code, done
        return done.stdout + done.stderr

    made = json.loads(ctl("create", plan, "Weekly", "--cron", "0 6 * * SAT",
                          "--time-zone", "Asia/Tokyo", "--wait-for-conflict",
                          "--output", "json"))
    assert made["timeZone"] == "Asia/Tokyo" and not made["skipIfConflict"]
    assert "Weekly" in ctl("list", plan) and "0 6 * * SAT" in ctl("list", plan)
    assert made["scheduleId"] == ctl("list", plan, "-q").strip()
    assert "0 7 * * *" in ctl("update", plan, "weekly", "--cron", "0 7 * * *")
    assert "disabled" in ctl("disable", plan, "Weekly")
    assert "starts at once" in ctl("run", plan, "Weekly")
    assert "disabled" not in ctl("enable", plan, made["scheduleId"])
    assert "INVALID_CRON" in ctl("create", plan, "x", "--cron", "1", code=1)
    assert "no schedule named" in ctl("show", plan, "Monthly", code=1)
    assert "deleted" in ctl("delete", plan, "WEEKLY", "--yes")
    assert world.api("GET", f"/recovery-plans/{plan}/schedules")["count"] == 0


def test_who_may(world):
    """A schedule starts runs: saving one needs both permissions."""
    plan, _ = world.simple_plan((1,))
    schedule = create(world, plan)
    path = f"/recovery-plans/{plan}/schedules"
    body = {"name": "n", "cron": RARE}
    for role, read, write in (
            ("ADMIN", 200, 201), ("MANAGER", 200, 201),
            ("PLANNER", 200, 201), ("OPERATOR", 200, 201),
            ("READONLY", 200, 403), ("AUDITOR", 200, 403)):
        token = world.stack.token(role)
        assert world.try_api("GET", path, token=token)[0] == read, role
        status, answer = world.try_api("POST", path, body, token)
        assert status == write, (role, answer)
        at = f"{path}/" + (answer["scheduleId"] if write == 201 else schedule)
        status, answer = world.try_api("PUT", at, {"version": 1}, token)
        assert status == (200 if write == 201 else 403), (role, answer)
        status, answer = world.try_api("DELETE", at, token=token)
        assert status == (200 if write == 201 else 403), (role, answer)
    assert world.stack.http("GET", path)[0] == 401
    assert world.stack.http("POST", path, None, body)[0] == 401
    assert show(world, plan, schedule)["version"] == 1


def test_a_due_time_starts_one_drill(world):
    """The run names the schedule; its record names the run."""
    plan, servers = world.simple_plan((2,))
    schedule = create(world, plan, name="Nightly", cron="* * * * *",
                      enabled=False)
    world.api("PUT", f"/recovery-plans/{plan}/schedules/{schedule}",
              {"cron": RARE, "enabled": True})
    at = minute()
    come_due(world, schedule, at)
    last = last_run(world, plan, schedule)
    assert last == {"time": iso(at), "executionId": last["executionId"],
                    "result": "STARTED"}
    body = world.finish(last["executionId"])
    assert body["status"] == "COMPLETED"
    assert body["executionType"] == "DRILL"
    assert body["initiatedBy"] == "schedule:Nightly"
    assert body["scheduleId"] == schedule
    assert body["invocationSource"] == "EVENTBRIDGE"
    assert body["invocationDetails"]["scheduleRuleName"] == "Nightly"
    assert len(world.launches()) == 1 and len(runs(world, plan)) == 1
    assert body["waves"][0]["serverIds"] == sorted(servers[0])
    view = show(world, plan, schedule)
    assert view["nextRunAt"].endswith("-01T05:00:00Z")
    assert view["version"] == 2
    entries = world.api("GET", f"/audit?resourceId={schedule}")["entries"]
    assert {"schedule.create", "schedule.update", "schedule.run"} \
        <= {e["action"] for e in entries}
    started = world.api(
        "GET", f"/audit?resourceId={last['executionId']}")["entries"]
    assert any(e["action"] == "exec.start"
               and e["actor"]["userId"] == f"schedule:{schedule}"
               for e in started)


def test_a_run_without_a_record_is_found_again(world):
    """A worker that died behind the start: the same drill is recorded."""
    plan, _ = world.simple_plan((1,))
    schedule = create(world, plan)
    at = minute()
    come_due(world, schedule, at)
    first = last_run(world, plan, schedule)
    assert first["result"] == "STARTED"
    redis(world, "HDEL", f"{KEY}sched:run:{schedule}", "last")
    come_due(world, schedule, at)
    assert last_run(world, plan, schedule) == first
    world.finish(first["executionId"])
    assert len(runs(world, plan)) == 1 and len(world.launches()) == 1


def test_a_run_that_is_still_active_is_not_joined(world):
    """Skipped with the reason, and told; later ones go on."""
    plan, _ = world.simple_plan((1, 1))
    schedule = create(world, plan)
    world.freeze()
    execution = world.start(plan)
    at = minute()
    come_due(world, schedule, at)
    last = last_run(world, plan, schedule)
    assert last["result"] == "SKIPPED" and last["executionId"] is None
    assert last["reason"].startswith("PLAN_ALREADY_EXECUTING: ")
    assert last["time"] == iso(at)
    events = redis(world, "XREVRANGE", f"{KEY}events", "+", "-", "COUNT",
                   "300")
    mine = [json.loads(line) for line in events.splitlines()
            if schedule in line and '"notice"' in line]
    assert [e["data"]["code"] for e in mine] == ["schedule_skipped"]
    assert mine[0]["planId"] == plan
    world.thaw()
    world.finish(execution)
    assert len(runs(world, plan)) == 1
    come_due(world, schedule, at + 1000)
    assert last_run(world, plan, schedule, at + 1000)["result"] == "STARTED"


def test_a_conflict_may_be_waited_for(world):
    """skipIfConflict false: tried again until the plan is free."""
    plan, _ = world.simple_plan((1,))
    schedule = create(world, plan, skipIfConflict=False)
    world.freeze()
    execution = world.start(plan)
    come_due(world, schedule, minute())

    def tried():
        due = redis(world, "ZSCORE", f"{KEY}due", f"schedule:{schedule}")
        return due and float(due) > time.time() * 1000 \
            and float(due) < (time.time() + 600) * 1000
    world.wait_until(tried, "the next try")
    assert show(world, plan, schedule)["lastRun"] is None
    world.thaw()
    world.finish(execution)
    redis(world, "FCALL", "drs_task_due", "1", "{drs}",
          f"schedule:{schedule}", "0")
    last = last_run(world, plan, schedule)
    assert last["result"] == "STARTED"
    assert last["executionId"] != execution


def test_a_refused_start_is_on_record(world):
    """What a start refuses is the reason of a failed run."""
    servers = world.fleet(1)
    world.server(servers[0], replicationState="DISCONNECTED")
    plan = world.plan("sick", [world.group("sick", servers)])
    schedule = create(world, plan)
    come_due(world, schedule, minute())
    last = last_run(world, plan, schedule)
    assert last["result"] == "FAILED"
    assert last["reason"].startswith("UNHEALTHY_SERVER_REPLICATION: ")
    assert runs(world, plan) == []


def test_missed_times_are_one_and_not_made_up_for(world):
    """Older than the grace time: left out, once; the next one counts."""
    plan, _ = world.simple_plan((1,))
    schedule = create(world, plan)
    at = minute(3 * 86400)
    coming = show(world, plan, schedule)["nextRunAt"]
    come_due(world, schedule, at)
    last = last_run(world, plan, schedule)
    assert last["result"] == "SKIPPED" and last["time"] == iso(at)
    assert last["reason"].startswith("MISSED: ")
    assert runs(world, plan) == []
    assert show(world, plan, schedule)["nextRunAt"] == coming

    # of many that were missed the last one counts, and it is fresh
    world.api("PUT", f"/recovery-plans/{plan}/schedules/{schedule}",
              {"cron": "* * * * *"})
    come_due(world, schedule, at)
    world.wait_until(lambda: runs(world, plan), "the drill")
    world.api("PUT", f"/recovery-plans/{plan}/schedules/{schedule}",
              {"enabled": False})
    ran = show(world, plan, schedule)["lastRun"]
    assert ran["time"] > iso(minute(300))


def test_disabled_and_held_ones_start_nothing(world):
    """Disabled: not due.  Held by an operator: skipped; now: once anyhow."""
    plan, _ = world.simple_plan((1,))
    off = create(world, plan, enabled=False)
    come_due(world, off, minute())
    held = create(world, plan, name="held")
    assert "start no drill" in redis(
        world, "FCALL", "drs_schedule", "1", "{drs}", held, "hold", "alice")
    assert show(world, plan, held)["nextRunAt"] is None
    come_due(world, held, minute())
    last = last_run(world, plan, held)
    assert last["result"] == "SKIPPED" and "HELD" in last["reason"]
    assert "alice" in last["reason"]
    lines = redis(world, "FCALL", "drs_schedules", "1", "{drs}").splitlines()
    assert any(line.startswith(held) and "held by alice" in line
               for line in lines), lines
    assert any(line.startswith(off) and "disabled" in line for line in lines)
    assert runs(world, plan) == [] and show(world, plan, off)["lastRun"] is None

    assert "SCHEDULE_NOT_FOUND" in redis(
        world, "FCALL", "drs_schedule", "1", "{drs}", str(uuid.uuid4()),
        "now", "alice")
    assert "starts at once" in redis(
        world, "FCALL", "drs_schedule", "1", "{drs}", off, "now", "alice")
    assert last_run(world, plan, off)["result"] == "STARTED"
    world.finish(last_run(world, plan, off)["executionId"])
    redis(world, "FCALL", "drs_schedule", "1", "{drs}", held, "release",
          "alice")
    assert show(world, plan, held)["nextRunAt"]


def test_run_now(world):
    """One drill at once, also of a disabled one; a wish that waits is kept."""
    plan, _ = world.simple_plan((1,))
    schedule = create(world, plan, name="Rare", enabled=False)
    path = f"/recovery-plans/{plan}/schedules/{schedule}/run"
    for role in ("READONLY", "AUDITOR"):
        assert world.try_api("POST", path,
                             token=world.stack.token(role))[0] == 403, role
    status, answer = world.try_api(
        "POST", f"/recovery-plans/{plan}/schedules/{uuid.uuid4()}/run")
    assert (status, answer["code"]) == (404, "SCHEDULE_NOT_FOUND")

    # an operator's wish that no worker has taken up: not a second one
    at = minute()
    redis(world, "HSET", f"{KEY}sched:run:{schedule}", "now", str(at))
    status, answer = world.try_api("POST", path,
                                   token=world.stack.token("OPERATOR"))
    assert status == 202, answer
    assert answer["scheduleId"] == schedule and answer["message"]
    last = last_run(world, plan, schedule, at)
    assert last["result"] == "STARTED"
    assert redis(world, "HEXISTS", f"{KEY}sched:run:{schedule}", "now") == "0"
    assert world.finish(last["executionId"])["scheduleId"] == schedule
    assert len(runs(world, plan)) == 1 and len(world.launches()) == 1
    assert show(world, plan, schedule)["nextRunAt"] is None

    def asked():
        entries = world.api("GET", f"/audit?resourceId={schedule}")["entries"]
        return [e for e in entries if e["action"] == "schedule.run_now"]
    entry = world.wait_until(asked, "the entry of the audit trail")[0]
    assert entry["outcome"] == "allowed" and entry["resourceName"] == "Rare"


def test_all_schedules(world):
    """Those of every plan, in pages, each once."""
    made = {}
    for name in "ab":
        plan = world.plan(name, [world.group(name, world.fleet(1))])
        for i in range(2):
            made[create(world, plan, name=f"{name}{i}")] = plan
    found, token = [], ""
    while token is not None:
        page = world.api("GET", "/schedules?limit=3"
                         + (f"&nextToken={token}" if token else ""))
        assert page["count"] == len(page["schedules"]) <= 3
        found += page["schedules"]
        token = page["nextToken"]
    ids = [s["scheduleId"] for s in found]
    assert len(ids) == len(set(ids))
    assert made.items() <= {s["scheduleId"]: s["planId"] for s in found}.items()
    assert all(set(s) >= FIELDS for s in found)
    whole_list = world.api("GET", "/schedules")
    assert whole_list["nextToken"] is None and whole_list["count"] == len(ids)
    status, answer = world.try_api("GET", "/schedules?limit=0")
    assert (status, answer["code"]) == (400, "INVALID_PARAMETER")
    assert world.stack.http("GET", "/schedules")[0] == 401


def test_a_deleted_plan_takes_its_schedules_along(world):
    """Nothing of them is left, and nothing is exported."""
    plan, _ = world.simple_plan((1,))
    schedules = [create(world, plan, name=f"s{i}") for i in range(3)]
    assert schedules[0] not in json.dumps(world.api("GET", "/config/export"))
    world.api("DELETE", f"/recovery-plans/{plan}")
    for schedule in schedules:
        assert redis(world, "EXISTS", f"{KEY}sched:{schedule}",
                     f"{KEY}sched:run:{schedule}") == "0"
        assert redis(world, "HEXISTS", f"{KEY}sched:ver", schedule) == "0"
    assert redis(world, "EXISTS", f"{KEY}sched:plan:{plan}") == "0"

    def no_task():
        return not any(redis(world, "ZSCORE", f"{KEY}due", f"schedule:{s}")
                       for s in schedules)
    world.wait_until(no_task, "the tasks to go")


def test_no_more_than_fifty(world):
    """A plan has at most 50 schedules."""
    plan, _ = world.simple_plan((1,))
    redis(world, "SADD", f"{KEY}sched:plan:{plan}",
          *[str(uuid.uuid4()) for _ in range(50)])
    status, answer = world.try_api(
        "POST", f"/recovery-plans/{plan}/schedules",
        {"name": "n", "cron": RARE})
    assert (status, answer["code"]) == (400, "QUOTA_EXCEEDED"), answer
    assert answer["details"]["maximum"] == 50


def test_more_than_one_call_reads(world):
    """Thousands of schedules without `limit`: as many as one call reads, and
    a token for the others."""
    plan, _ = world.simple_plan((1,))
    schedule = create(world, plan)
    copies = """
        for i = 1, 2100 do
            local id = string.format('%08x-0000-4000-8000-000000000000', i)
            redis.call(ARGV[2], KEYS[1] .. 'sched:ids', unpack(
                ARGV[2] == 'ZADD' and {0, '\\0' .. id} or {'\\0' .. id}))
            if ARGV[2] == 'ZADD' then
                redis.call('COPY', KEYS[1] .. 'sched:' .. ARGV[1],
                           KEYS[1] .. 'sched:' .. id)
            else
                redis.call('DEL', KEYS[1] .. 'sched:' .. id)
            end
        end
        return redis.call('ZCARD', KEYS[1] .. 'sched:ids')"""
    total = int(redis(world, "EVAL", copies, "1", KEY, schedule, "ZADD"))
    try:
        first = world.api("GET", "/schedules")
        assert first["count"] == len(first["schedules"]) == 2048
        rest = world.api("GET", f"/schedules?nextToken={first['nextToken']}")
        assert rest["nextToken"] is None
        assert first["count"] + rest["count"] == total
    finally:
        redis(world, "EVAL", copies, "1", KEY, schedule, "ZREM")


def test_rights_are_looked_at_when_it_runs(world):
    """Who saved it last must still be allowed to."""
    plan, _ = world.simple_plan((1,))
    schedule = create(world, plan)
    doc = json.loads(redis(world, "GET", f"{KEY}sched:{schedule}"))
    assert "DRSOrchestrationAdmin" in doc["editor"]["roles"]
    doc["editor"] = {"userId": "local:nobody-here", "username": "gone",
                     "roles": ["DRSOrchestrationAdmin"]}
    redis(world, "SET", f"{KEY}sched:{schedule}", json.dumps(doc))
    come_due(world, schedule, minute())
    last = last_run(world, plan, schedule)
    assert last["result"] == "FAILED"
    assert last["reason"].startswith("FORBIDDEN: gone")
    world.api("PUT", f"/recovery-plans/{plan}/schedules/{schedule}",
              {"name": "again"})
    at = minute()
    come_due(world, schedule, at + 1000)
    assert last_run(world, plan, schedule, at + 1000)["result"] == "STARTED"
