"""Event streams (api.md 10.5): history, live, resume, limits, ends."""

import json
import os
import socket
import threading
import time
import uuid

import pytest

from edge import Edge, wait_until
from edge_fixtures import (PREFIX, fixture_edge, fixture_keys, fixture_own_redis,
                           fixture_redis_server, note)

FIXTURES = (fixture_edge, fixture_keys, fixture_own_redis, fixture_redis_server)


@pytest.fixture(name="client")
def fixture_client(redis_server):
    """A connection to Redis."""
    return redis_server.client()


@pytest.fixture(name="run")
def fixture_run(client):
    """An execution that exists."""
    run = str(uuid.uuid4())
    client.hset(f"{PREFIX}:exec:{run}", "status", "RUNNING")
    return run


def step(client, run, number, **more):
    """One event of an execution."""
    return note(client, "wave.status", "executions", run, data={"n": number}, **more)


def numbers(events):
    """The numbers that step() gave."""
    return [e["data"]["data"]["n"] for e in events]


def test_form(edge, keys, client):
    """Headers, retry first, ids inside and outside agree."""
    stream = edge.stream("/events", keys.token("DRSReadOnly"))
    assert stream.status == 200
    headers = dict(stream.answer.getheaders())
    assert headers["Content-Type"] == "text/event-stream"
    assert headers["Cache-Control"] == "no-store" and headers["X-Accel-Buffering"] == "no"
    assert stream.block() == {"retry": "3000"}
    note(client, data={"text": "ä\n\"x\""}, version=3)
    event = stream.event()
    assert event["event"] == "group.changed" and event["id"] == event["data"]["id"]
    assert event["data"]["data"] == {"text": "ä\n\"x\""} and event["data"]["version"] == 3
    stream.close()


def test_history_then_live(edge, keys, client, run):
    """After Last-Event-ID everything once, in order, then live."""
    token = keys.token("DRSReadOnly")
    ids = [step(client, run, n) for n in range(450)]
    stream = edge.stream(f"/executions/{run}/events", token, last=ids[9])
    got = stream.take(440)
    assert [e["id"] for e in got] == ids[10:]
    for n in range(450, 500):
        ids.append(step(client, run, n))
    got += stream.take(50)
    assert numbers(got) == list(range(10, 500))
    assert [e["id"] for e in got] == ids[10:]
    stream.close()
    # by query, from the beginning
    stream = edge.stream(f"/executions/{run}/events?lastEventId=0", token)
    assert numbers(stream.take(500)) == list(range(500))
    stream.close()
    # without an id: what comes from now on
    stream = edge.stream(f"/executions/{run}/events", token)
    step(client, run, 999)
    assert numbers(stream.take(1)) == [999]
    stream.close()


def test_no_gap_and_no_duplicate_under_load(edge, keys, client, run):
    """Streams that begin, and begin again, while events pour in."""
    token = keys.token("DRSReadOnly")
    total = 3000
    done = threading.Event()

    def pour():
        pipe_client = client
        for n in range(total):
            step(pipe_client, run, n)
        done.set()

    thread = threading.Thread(target=pour)
    thread.start()
    seen = []
    last = "0"
    turn = 0
    while len(seen) < total:
        stream = edge.stream(f"/executions/{run}/events", token, last=last)
        want = min(total - len(seen), 37 + 211 * turn)
        for event in stream.take(want):
            seen.append(event)
            last = event["id"]
        stream.close()
        turn += 1
    thread.join(60)
    assert done.is_set() and turn > 3
    assert numbers(seen) == list(range(total))


def test_only_its_own_execution(edge, keys, client, run):
    """X-1 carries its execution; X-2 has all of them."""
    token = keys.token("DRSReadOnly")
    other = str(uuid.uuid4())
    one = edge.stream(f"/executions/{run}/events", token)
    everything = edge.stream("/events?topics=executions", token)
    step(client, other, 1)
    step(client, run, 2)
    assert numbers(one.take(1)) == [2]
    assert numbers(everything.take(2)) == [1, 2]
    one.close()
    everything.close()


def test_unknown_execution(edge, keys):
    """404 for an id that is not there or no id."""
    token = keys.token("DRSReadOnly")
    for run in (str(uuid.uuid4()), "x", str(uuid.uuid4()).upper()):
        answer = edge.get(f"/executions/{run}/events", token)
        assert answer.status == 404 and answer.json["code"] == "EXECUTION_NOT_FOUND"


def test_topics_and_accounts(edge, keys, client):
    """Chosen topics, an account, and what the caller may see."""
    token = keys.token("DRSReadOnly")
    for query, parameter in (("topics=groups,nope", "topics"), ("topics=Groups", "topics"),
                             ("accountId=123", "accountId"), ("lastEventId=x", "lastEventId"),
                             ("lastEventId=-1", "lastEventId")):
        answer = edge.get("/events?" + query, token)
        assert answer.status == 400, query
        assert answer.json["details"]["parameter"] == parameter
    groups = edge.stream("/events?topics=groups,plans", token)
    account = edge.stream("/events?accountId=111122223333", token)
    note(client, "inventory.updated", "servers", accountId="999999999999", data={"n": 1})
    note(client, "inventory.updated", "servers", accountId="111122223333", data={"n": 2})
    note(client, "plan.changed", "plans", data={"n": 3})
    note(client, "odd", "nosuchtopic", data={"n": 4})
    note(client, "group.changed", "groups", data={"n": 5})
    assert numbers(groups.take(2)) == [3, 5]
    assert numbers(account.take(3)) == [2, 3, 5]
    groups.close()
    account.close()


def test_permission(edge, keys):
    """No token 401, no role 403."""
    assert edge.get("/events").status == 401
    assert edge.get("/events", keys.token()).status == 403


def test_json_form(edge, keys, client, run):
    """Pages, oldest first; null at the end."""
    token = keys.token("DRSReadOnly")
    ids = [step(client, run, n) for n in range(25)]
    headers = {"Accept": "application/json"}
    path = f"/executions/{run}/events"
    page = edge.get(path, token, headers=headers).json
    assert page["executionId"] == run and page["count"] == 25
    assert page["nextToken"] is None
    assert [e["id"] for e in page["events"]] == ids
    seen = []
    query = "?limit=10"
    while query is not None:
        page = edge.get(path + query, token, headers=headers).json
        seen += page["events"]
        query = page["nextToken"] and f"?limit=10&nextToken={page['nextToken']}"
    assert [e["data"]["n"] for e in seen] == list(range(25))
    assert edge.get(path + "?limit=5000", token, headers=headers).json["count"] == 25
    for query in ("?limit=0", "?limit=x", "?limit=", "?nextToken=x"):
        assert edge.get(path + query, token, headers=headers).status == 400, query
    missing = edge.get(f"/executions/{uuid.uuid4()}/events", token, headers=headers)
    assert missing.status == 404


def test_reset_when_history_is_gone(own_redis, keys):
    """Trimmed history and ids from another data set: told, then live."""
    client = own_redis.client()
    token = keys.token("DRSReadOnly")
    with Edge(own_redis, keys) as edge:
        pipe = client.pipeline(transaction=False)
        for n in range(10300):
            pipe.xadd(PREFIX + ":events", {"e": json.dumps(
                {"event": "x", "topic": "groups", "data": {"n": n}})},
                maxlen=10000, approximate=False)
        pipe.execute()
        for last in ("1-0", "9999999999999-5"):
            stream = edge.stream("/events", token, last=last)
            event = stream.event()
            assert event["event"] == "reset"
            assert event["data"] == {"reason": "HISTORY_TRIMMED"}
            assert event["id"] == client.xrevrange(PREFIX + ":events", count=1)[0][0]
            note(client, data={"n": 1})
            assert numbers(stream.take(1)) == [1]
            stream.close()


def test_redis_goes_away_under_open_streams(own_redis, keys):
    """Events of the time without a connection arrive once, in order."""
    client = own_redis.client()
    token = keys.token("DRSReadOnly")
    run = str(uuid.uuid4())
    client.hset(f"{PREFIX}:exec:{run}", "status", "RUNNING")
    with Edge(own_redis, keys) as edge:
        streams = [edge.stream(f"/executions/{run}/events?lastEventId=0", token)
                   for _ in range(100)]
        streams.append(edge.stream("/events?topics=executions&lastEventId=0", token))
        step(client, run, 0)
        for stream in streams:
            assert numbers(stream.take(1)) == [0]
        own_redis.stop()
        wait_until(lambda: "redis subscription is down" in edge.log(), "noticed")
        own_redis.start()
        client = own_redis.client()
        for n in range(1, 30):
            step(client, run, n)
        for stream in streams:
            assert numbers(stream.take(29)) == list(range(1, 30))
        # cut by the server: the same
        client.client_kill_filter(_type="pubsub")
        client.client_kill_filter(_type="normal", skipme=True)
        for n in range(30, 40):
            step(client, run, n)
        for stream in streams:
            assert numbers(stream.take(10)) == list(range(30, 40))
            stream.close()


def test_silent_subscription_is_noticed(own_redis, keys):
    """A paused Redis: the subscription is given up and made again."""
    token = keys.token("DRSReadOnly")
    with Edge(own_redis, keys, http="drs_redis_connect_timeout 500ms;") as edge:
        stream = edge.stream("/events", token)
        own_redis.pause()
        wait_until(lambda: "subscription is down: silent" in edge.log(), "noticed")
        own_redis.resume()
        client = own_redis.client()
        note(client, data={"n": 1})
        assert numbers(stream.take(1)) == [1]
        stream.close()


def test_heartbeat(own_redis, keys):
    """A comment when nothing happens."""
    with Edge(own_redis, keys, http="drs_stream_heartbeat 200ms;") as edge:
        stream = edge.stream("/events", keys.token("DRSReadOnly"))
        while stream.comments < 3:
            assert stream.block() is not None
        stream.close()


def test_token_ends(own_redis, keys):
    """At expiry and at revocation: auth.expired, then the end."""
    client = own_redis.client()
    with Edge(own_redis, keys, http="drs_token_leeway 0;") as edge:
        token = keys.token("DRSReadOnly", exp=int(time.time()) + 3)
        stream = edge.stream("/events", token)
        assert stream.status == 200
        assert stream.event()["event"] == "auth.expired"
        assert stream.block() is None
        for claim in ("jti", "sub", "origin_jti"):
            token = keys.token("DRSReadOnly", **{claim: "gone-" + claim})
            other = edge.stream("/events", keys.token("DRSReadOnly", sub="stays"))
            stream = edge.stream("/events", token)
            client.set(f"{PREFIX}:revoked:gone-{claim}", "1")
            client.publish(PREFIX + ":revoked", "gone-" + claim)
            assert stream.event()["event"] == "auth.expired"
            assert stream.block() is None
            note(client, data={"n": 5})
            assert numbers(other.take(1)) == [5]
            other.close()


def test_revoked_while_nobody_listened(own_redis, keys):
    """A revocation that was announced while Redis was away counts too."""
    token = keys.token("DRSReadOnly", jti="missed")
    with Edge(own_redis, keys) as edge:
        stream = edge.stream("/events", token)
        edge.get("/user/roles", token)
        own_redis.client().set(PREFIX + ":revoked:missed", "1")
        own_redis.stop()
        own_redis.start()
        assert stream.event()["event"] == "auth.expired"
        wait_until(lambda: edge.get("/user/roles", token).status == 401, "refused")


def test_limit(own_redis, keys):
    """drs_streams: 503, and room again when one closes."""
    token = keys.token("DRSReadOnly")
    with Edge(own_redis, keys, http="drs_streams 2;") as edge:
        streams = [edge.stream("/events", token) for _ in range(2)]
        answer = edge.get("/events", token)
        assert answer.status == 503 and answer.json["code"] == "SERVICE_UNAVAILABLE"
        assert answer.header("Retry-After")
        streams.pop().close()
        streams.append(wait_until(lambda: open_or_none(edge, token), "room"))
        for stream in streams:
            stream.close()


def open_or_none(edge, token):
    """A stream, or None when refused."""
    stream = edge.stream("/events", token)
    if stream.status == 200:
        return stream
    stream.close()
    return None


def test_slow_client(own_redis, keys):
    """One that does not read loses events, is told, and goes on live."""
    client = own_redis.client()
    token = keys.token("DRSReadOnly")
    options = {"http": "drs_stream_queue 64k; send_timeout 60s;", "listen": "sndbuf=16k"}
    with Edge(own_redis, keys, **options) as edge:
        quick = edge.stream("/events", token)
        slow = socket.socket()
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
        slow.connect(("127.0.0.1", edge.port))
        slow.settimeout(60)
        slow.sendall(f"GET /api/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}"
                     "\r\n\r\n".encode())
        wait_until(lambda: streams(edge) == 2, "both open")
        total = 400
        pour(client, quick, total)
        before = rss(edge.workers()[0])
        pour(client, quick, total)
        if not os.environ.get("DRS_SANITIZE"):
            # a build with sanitizers keeps freed memory for a while
            assert rss(edge.workers()[0]) - before < 1024
        text = b""
        while b"event: reset" not in text:
            part = slow.recv(65536)
            assert part
            text += part
        while b"SLOW_CLIENT" not in text:
            part = slow.recv(65536)
            assert part
            text += part
        note(client, data={"n": 123456})
        while b"123456" not in text:
            part = slow.recv(65536)
            assert part
            text += part
        assert text.count(b"event: group.changed") < total
        slow.close()
        quick.close()


def pour(client, stream, total):
    """Publish big events that this stream reads as they come."""
    for n in range(total):
        note(client, data={"n": n, "pad": "x" * 4000})
        assert numbers(stream.take(1)) == [n]


def rss(pid):
    """Resident memory of a process in KiB."""
    with open(f"/proc/{pid}/status", encoding="ascii") as f:
        return next(int(x.split()[1]) for x in f if x.startswith("VmRSS"))


def streams(edge):
    """Open streams, by the metrics."""
    text = edge.get("/metrics").body.decode()
    return int(next(line.split()[1] for line in text.splitlines()
                    if line.startswith("drs_nginx_streams ")))


def test_many_clients(own_redis, keys):
    """More than a batch of clients; each gets each event once, REST goes on."""
    client = own_redis.client()
    token = keys.token("DRSReadOnly")
    with Edge(own_redis, keys) as edge:
        open_streams = [edge.stream("/events", token) for _ in range(200)]
        for n in range(20):
            note(client, data={"n": n})
        for stream in open_streams:
            assert numbers(stream.take(20)) == list(range(20))
        assert edge.get("/accounts/targets", token).status == 200
        for stream in open_streams[::2]:
            stream.close()
        note(client, data={"n": 20})
        for stream in open_streams[1::2]:
            assert numbers(stream.take(1)) == [20]
            stream.close()
        wait_until(lambda: streams(edge) == 0, "all closed")


def test_reload_ends_streams_cleanly(own_redis, keys):
    """The end of the body, a retry before it, no alert, the old process gone."""
    client = own_redis.client()
    token = keys.token("DRSReadOnly")
    with Edge(own_redis, keys) as edge:
        open_streams = [edge.stream("/events", token) for _ in range(70)]
        note(client, data={"n": 0})
        last = None
        for stream in open_streams:
            last = stream.take(1)[0]["id"]
        old = edge.reload()
        for stream in open_streams:
            assert stream.event() is None      # IncompleteRead would raise
            assert stream.retry == "1000"
            stream.close()
        wait_until(lambda: not set(old) & set(edge.workers()), "old process gone")
        note(client, data={"n": 1})
        stream = edge.stream("/events", token, last=last)
        assert numbers(stream.take(1)) == [1]
        stream.close()


def test_reload_while_redis_is_away(own_redis, keys):
    """Streams end without Redis too."""
    token = keys.token("DRSReadOnly")
    with Edge(own_redis, keys) as edge:
        stream = edge.stream("/events", token)
        own_redis.stop()
        wait_until(lambda: "redis subscription is down" in edge.log(), "noticed")
        old = edge.reload()
        assert stream.event() is None
        wait_until(lambda: not set(old) & set(edge.workers()), "old process gone")
        own_redis.start()
