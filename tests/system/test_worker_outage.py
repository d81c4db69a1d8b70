"""Outages of Redis are no fault of what the worker was doing."""

import os
import sys
import time

import pytest
import redis

from audit_check import chain, check_chain
from redis_server import RedisServer
from world import World
from worker_process import Caller, Worker, key, send, wait_for

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))), "chaos"))

from proxy import Proxy  # noqa: E402

PROBE = "tools/worker_probe"
CLAIMS = rb"\r\n(XREADGROUP|XCLAIM)\r\n"
FCALL = rb"FCALL\r\n\$\d+\r\n(drs_[a-z_]+)\r\n"
HANDLER = rb"(RPUSH)\r\n\$\d+\r\n[^\r]*probe:log\r\n"
OUTAGES = 7


@pytest.fixture
def server():
    with RedisServer() as s:
        yield s


def cut_again_and_again(proxy, step, mode, times):
    """The connection breaks at the next `times` requests of a step."""
    done = []

    def strike():
        done.append(step)
        if len(done) < times:
            proxy.arm(step, 1, mode, strike)

    proxy.arm(step, 1, mode, strike)
    return done


@pytest.mark.parametrize("step, pattern", [
    ("drs_cmd_begin", FCALL), ("RPUSH", HANDLER), ("drs_cmd_done", FCALL)])
@pytest.mark.parametrize("mode", ["before", "after"])
def test_outages_are_no_deliveries(tmp_path, server, step, pattern, mode):
    """More outages in a row than deliveries: answered, not dead."""
    proxy = Proxy(pattern, listen_path=str(tmp_path / "proxy.sock"),
                  upstream_path=server.sock)
    worker = Worker(tmp_path, server, program=PROBE, command_max_deliveries=3,
                    redis="unix:" + proxy.listen_path)
    worker.start()
    caller = Caller(server)
    with server.client() as client:
        cuts = cut_again_and_again(proxy, step, mode, OUTAGES)
        cid = send(client, "probe.echo", {"a": 1}, reply_to=caller.name)
        assert caller.answer(cid) == {"status": 200, "body": {"a": 1}}
        # a call that took effect is not asked again: its entry is gone
        wanted = 1 if (step, mode) == ("drs_cmd_done", "after") else OUTAGES
        wait_for(lambda: len(cuts) >= wanted, "outages")
        assert client.xlen(key("cmd")) == 0
        assert client.xlen(key("cmd:dead")) == 0
        assert client.exists(key("cmd:done:" + cid))
        rows = [r.split() for r in client.lrange(key("probe:log"), 0, -1)]
        assert {r[2] for r in rows if r[0] == "command"} == {"1"}
    caller.close()
    proxy.disarm()
    worker.stop()
    worker.close()
    proxy.close()


def test_deliveries_into_an_outage_are_no_tries(tmp_path, server):
    """Read and claimed again and again, and the answer is lost each time."""
    proxy = Proxy(CLAIMS, listen_path=str(tmp_path / "proxy.sock"),
                  upstream_path=server.sock)
    worker = Worker(tmp_path, server, program=PROBE, command_max_deliveries=3,
                    command_threads=1, redis="unix:" + proxy.listen_path)
    worker.start()
    caller = Caller(server)
    with server.client() as client:
        claims = []

        def read():
            """Until a lost answer had the command in it."""
            if client.xpending(key("cmd"), "workers")["pending"]:
                claims.extend(cut_again_and_again(proxy, "XCLAIM", "after", OUTAGES))
            else:
                proxy.arm("XREADGROUP", 1, "after", read)

        proxy.arm("XREADGROUP", 1, "after", read)
        wait_for(lambda: proxy.seen.get("XREADGROUP"), "a read that will be lost")
        cid = send(client, "probe.echo", {"a": 1}, reply_to=caller.name)
        assert caller.answer(cid) == {"status": 200, "body": {"a": 1}}
        assert proxy.seen["XCLAIM"] >= 1
        rows = [r.split() for r in client.lrange(key("probe:log"), 0, -1)]
        assert [r[2] for r in rows if r[0] == "command"] == ["1"]
        assert client.xlen(key("cmd")) == client.xlen(key("cmd:dead")) == 0
    caller.close()
    proxy.disarm()
    worker.stop()
    worker.close()
    proxy.close()


def test_a_worker_is_not_dead_for_want_of_a_heartbeat_in_an_outage(tmp_path, server):
    """Redis is away for longer than a heartbeat lives: nothing is taken over."""
    slow = {"heartbeat": "250s", "heartbeat_ttl": "500s"}
    one = Worker(tmp_path, server, program=PROBE, **slow).start()
    caller = Caller(server)
    with server.client() as client:
        cid = send(client, "probe.hold", {}, reply_to=caller.name)
        wait_for(lambda: client.llen(key("probe:log")), "the command is worked on")
        other = Worker(tmp_path, server, program=PROBE, name="other", **slow).start()
        life = client.pttl(key("worker:" + one.owner))
    assert 0 < life <= 5000
    server.kill()
    time.sleep(life / 1000 + 0.5)
    server.start()
    with server.client() as client:
        assert not client.exists(key("worker:" + one.owner))
        wait_for(lambda: client.exists(key("worker:" + one.owner)), "a heartbeat")
        assert client.llen(key("probe:log")) == 1
        client.hset(key("probe:command"), "release", "1")
    caller.close()
    with server.client() as client:
        wait_for(lambda: client.exists(key("cmd:done:" + cid)), "the answer")
        assert client.llen(key("probe:log")) == 1
        assert client.xlen(key("cmd:dead")) == 0
    for worker in (one, other):
        worker.stop()
        worker.close()


def test_audit_entries_of_calls_survive_an_outage(make_stack):
    """Redis is away at every entry about a call: kept, then handed over."""
    stack = make_stack(up=False)
    stack.up(("redis", "simulator"))
    proxy = Proxy(FCALL, listen_path=stack.path("proxy.sock"),
                  upstream_path=stack.redis_sock)
    stack.worker_options["redis"] = "unix:" + proxy.listen_path
    stack.up()
    world = World(stack)
    plan, _ = world.simple_plan((1, 1))
    cuts = cut_again_and_again(proxy, "drs_note", "before", 2)
    world.finish(world.start(plan))
    client = redis.Redis(unix_socket_path=stack.redis_sock,
                         decode_responses=True)

    def entries():
        return [e for e in chain(client)
                if e["action"] == "aws.drs.StartRecovery"]

    wait_for(lambda: len(entries()) == len(world.launches()), "entries")
    kept = [e for e in entries() if "calledAt" in e["after"]]
    assert len(kept) >= 1 and len(cuts) == 2
    assert len({e["after"]["awsRequestId"] for e in entries()}) == 2
    check_chain(chain(client))
    wait_for(lambda: os.path.getsize(
        stack.path("state", "audit-kept.jsonl")) == 0, "an empty file")
    client.close()
    stack.stop("worker")
    proxy.close()
