"""Tasks, commands and workers in the store."""

import json
import multiprocessing

import pytest
import redis

from redis_server import RedisServer
from store_calls import Store

pytest_plugins = ("store_fixtures",)


def claim(store, owner="w1", count=10, ms=60000, kinds="*"):
    reply = store.call("drs_task_claim", owner, str(count), str(ms), kinds)
    return dict(zip(reply[::2], reply[1::2]))


# -- tasks ----------------------------------------------------------------------


def test_claim_renew_release(store):
    store.call("drs_task_due", "jwks", "0")
    assert claim(store) == {"jwks": "1"}
    lease = store.r.hgetall("{drs}:lease:jwks")
    assert (lease["owner"], lease["fence"]) == ("w1", "1")
    assert store.due("jwks") == float(lease["until"])
    assert claim(store, "w2") == {}
    store.advance(30000)
    until, = store.call("drs_task_renew", "jwks", "w1", "1", "60000")
    assert int(until) > int(lease["until"])
    at = str(store.now() + 5000)
    assert store.call("drs_task_release", "jwks", "w1", "1", at) == [at]
    assert claim(store) == {}
    store.advance(6000)
    assert claim(store, "w2") == {"jwks": "2"}
    store.call("drs_task_release", "jwks", "w2", "2", "-")
    assert store.due("jwks") is None
    assert store.r.exists("{drs}:lease:jwks") == 0


def test_an_expired_lease_goes_to_the_next_with_a_larger_fence(store):
    store.create()
    assert claim(store) == {"exec:e1": "1"}
    store.advance(59000)
    assert claim(store, "w2") == {}
    store.advance(2000)
    assert claim(store, "w2") == {"exec:e1": "2"}
    assert (store.field("e1", "fence"), store.field("e1", "owner")) == ("2", "w2")
    assert store.unchanged("drs_task_renew", "exec:e1", "w1", "1", "60000").code == "LEASE_LOST"
    assert store.unchanged("drs_task_release", "exec:e1", "w1", "1", "0").code == "LEASE_LOST"
    # same number, other owner: what a fail-over could produce
    assert store.unchanged("drs_task_release", "exec:e1", "w1", "2", "0").code == "LEASE_LOST"


def test_an_expired_lease_may_be_renewed_until_someone_else_has_it(store):
    store.call("drs_task_due", "jwks", "0")
    claim(store, ms=1000)
    store.advance(5000)
    store.call("drs_task_renew", "jwks", "w1", "1", "1000")
    assert claim(store, "w2") == {}


def test_the_earlier_time_wins(store):
    late, early = store.now() + 60000, store.now() + 30000
    store.call("drs_task_due", "t", str(late))
    store.call("drs_task_due", "t", str(early))
    assert store.due("t") == early
    store.call("drs_task_due", "t", str(late))
    assert store.due("t") == early


def test_a_poke_during_the_lease_is_not_lost(store):
    store.call("drs_task_due", "t", "0")
    claim(store)
    store.call("drs_task_due", "t", "0")
    assert claim(store, "w2") == {}
    at, = store.call("drs_task_release", "t", "w1", "1", "-")
    assert int(at) <= store.now()
    assert claim(store, "w2") == {"t": "2"}
    assert store.call("drs_task_release", "t", "w2", "2", "-") == ["-"]


def test_a_later_wish_during_the_lease_is_kept(store):
    store.call("drs_task_due", "t", "0")
    claim(store)
    wish = store.now() + 20000
    store.call("drs_task_due", "t", str(wish + 5000))
    store.call("drs_task_due", "t", str(wish))
    store.call("drs_task_release", "t", "w1", "1", str(wish + 100000))
    assert store.due("t") == wish
    store.advance(21000)
    claim(store)
    store.call("drs_task_due", "t", str(store.now() + 9000))
    store.call("drs_task_release", "t", "w1", "2", "-")
    assert store.due("t") is not None


def test_tasks_of_a_worker_that_is_gone_are_due_at_once(store):
    for task in ("jwks", "housekeeping"):
        store.call("drs_task_due", task, "0")
    store.call("drs_task_due", "later", str(store.now() + 60000))
    assert claim(store, count=1, kinds="jwks") == {"jwks": "1"}
    assert claim(store, "w2", count=1) == {"housekeeping": "1"}
    for worker in ("w1", "w2"):
        store.call("drs_heartbeat", worker, "{}", "", "5000")
    store.r.sadd("{drs}:drain", "w1")

    assert store.call("drs_task_free", "w1") == ["1"]
    assert store.r.zrange("{drs}:workers", 0, -1) == ["w2"]
    assert store.r.exists("{drs}:worker:w1", "{drs}:drain") == 0
    assert store.r.exists("{drs}:worker:w2") == 1
    assert claim(store, "w3") == {"jwks": "2"}
    assert store.call("drs_task_free", "w1") == ["0"]
    assert store.unchanged("drs_task_release", "jwks", "w1", "1", "-").code == "LEASE_LOST"


def test_release_takes_the_time_of_the_commit(store):
    lease = store.run()
    at = store.now() + 77000
    lease.commit(ops=[("due", str(at))])
    assert lease.release("=") == [str(at)]
    store.advance(80000)
    lease = store.lease("exec:e1")
    assert int(lease.release("=")[0]) <= store.now()


def test_claim_by_kind_and_count(store):
    for i in range(150):
        store.call("drs_task_due", "poll:1:r%d" % i, "0")
    for task in ("exec:gone", "inventory:1:r", "jwks"):
        store.call("drs_task_due", task, "0")
    assert claim(store, kinds="jwks inventory") == {"inventory:1:r": "1", "jwks": "1"}
    assert claim(store, kinds="exec") == {}         # its execution does not exist
    assert store.due("exec:gone") is None
    assert len(claim(store, count=100)) == 100
    assert len(claim(store, count=100)) == 50


def test_a_drained_worker_gets_nothing(store):
    store.call("drs_task_due", "t", "0")
    store.r.sadd("{drs}:drain", "w1")
    assert claim(store) == {}
    assert store.call("drs_heartbeat", "w1", "{}", "", "5000") == ["drain"]
    assert store.call("drs_heartbeat", "w2", "{}", "", "5000") == ["run"]
    assert claim(store, "w2") == {"t": "1"}
    store.r.sadd("{drs}:drain", "*")
    assert store.call("drs_heartbeat", "w2", "{}", "", "5000") == ["drain"]


def test_heartbeat(store):
    store.call("drs_heartbeat", "w1", '{"a":1}', "drs_x 1\n", "5000")
    assert store.r.get("{drs}:worker:w1") == '{"a":1}'
    assert store.r.get("{drs}:metrics:w1") == "drs_x 1\n"
    assert 0 < store.r.pttl("{drs}:worker:w1") <= 5000
    store.advance(90000000)
    store.call("drs_heartbeat", "w2", "{}", "", "5000")
    assert store.r.zrange("{drs}:workers", 0, -1) == ["w2"]


def _claimer(sock, owner, queue):
    client = redis.Redis(unix_socket_path=sock, decode_responses=True, socket_timeout=60)
    got = []
    while True:
        reply = client.fcall("drs_task_claim", 1, "{drs}", owner, "3", "60000", "*")[1:]
        if not reply:
            break
        got += reply[::2]
    queue.put(got)


def test_no_task_is_claimed_twice(store, store_server):
    for i in range(200):
        store.call("drs_task_due", "poll:1:r%d" % i, "0")
    queue = multiprocessing.Queue()
    procs = [multiprocessing.Process(target=_claimer, args=(store_server.sock, "w%d" % i, queue))
             for i in range(4)]
    for p in procs:
        p.start()
    got = [task for _ in procs for task in queue.get(timeout=60)]
    for p in procs:
        p.join(60)
    assert len(got) == len(set(got)) == 200


# -- commands -------------------------------------------------------------------


def add(store, ident="c1", kind="exec.start", deadline="0", reply_to="n1", payload="{}"):
    return store.call("drs_cmd_add", ident, kind, "{}", "r1", payload, reply_to, deadline,
                      "-")[0]


@pytest.fixture
def group(store):
    store.r.xgroup_create("{drs}:cmd", "workers", "0", mkstream=True)


def take(store, consumer="w1"):
    reply = store.r.xreadgroup("workers", consumer, {"{drs}:cmd": ">"}, count=1)
    return reply[0][1][0] if reply else None


def begin(store, sid, cid="c1", deadline="0", consumer="w1", number="1"):
    """A try of a consumer begins."""
    return store.call("drs_cmd_begin", sid, cid, "n1", deadline, consumer, number, "3")


def test_a_command_from_request_to_answer(store, group):
    sub = store.r.pubsub()
    sub.subscribe("{drs}:reply:n1")
    assert sub.get_message(timeout=30)["type"] == "subscribe"
    sid = add(store, payload='{"p":1}')
    got, f = take(store)
    assert got == sid
    assert f == {"id": "c1", "type": "exec.start", "actor": "{}", "requestId": "r1",
                 "payload": '{"p":1}', "replyTo": "n1", "deadline": "0"}
    assert begin(store, sid) == ["run", "1"]
    store.call("drs_cmd_done", sid, "c1", "n1", '{"status":202}', "0")
    assert sub.get_message(timeout=30)["data"] == 'c1 {"status":202}'
    assert store.r.get("{drs}:reply:c1") == '{"status":202}'
    assert store.r.xlen("{drs}:cmd") == 0
    assert store.r.xpending("{drs}:cmd", "workers")["pending"] == 0
    # delivered again (another entry with the same id): the first answer
    sid = add(store)
    take(store)
    assert begin(store, sid) == ["done", '{"status":202}']
    assert sub.get_message(timeout=30)["data"] == 'c1 {"status":202}'
    assert store.r.xlen("{drs}:cmd") == 0
    sub.close()


def test_a_command_after_its_deadline_is_not_done(store, group):
    deadline = str(store.now() + 5000)
    sid = add(store, deadline=deadline)
    take(store)
    store.advance(6000)
    assert begin(store, sid, deadline=deadline) == ["expired"]
    assert store.r.xlen("{drs}:cmd") == 0
    # nor later, whatever the clock says
    sid = add(store)
    take(store)
    assert begin(store, sid) == ["expired"]


def test_a_begun_command_is_finished_by_the_next_worker(store, group):
    deadline = str(store.now() + 5000)
    sid = add(store, deadline=deadline)
    take(store)
    assert begin(store, sid, deadline=deadline) == ["run", "1"]
    store.advance(60000)
    assert begin(store, sid, deadline=deadline, consumer="w2") == ["run", "2"]


def test_tries_are_counted_when_they_begin(store, group):
    sid = add(store)
    take(store)
    assert begin(store, sid, number="1") == ["run", "1"]
    # asked again because the answer was lost
    assert begin(store, sid, number="1") == ["run", "1"]
    # delivered and never begun: claimed again and again
    for _ in range(5):
        store.r.xclaim("{drs}:cmd", "workers", "w2", 0, [sid])
    assert begin(store, sid, number="2") == ["run", "2"]
    assert begin(store, sid, consumer="w2", number="2") == ["run", "3"]
    assert begin(store, sid, consumer="w2", number="2") == ["run", "3"]
    assert begin(store, sid, consumer="w3", number="1") == ["dead"]
    assert store.r.xlen("{drs}:cmd") == 0
    (_, f), = store.r.xrange("{drs}:cmd:dead")
    assert (f["id"], f["consumer"], f["tries"]) == ("c1", "w3", "3")
    assert f["error"] == "no worker survived this command"
    assert not store.r.exists("{drs}:cmd:state:c1")


def test_withdraw(store, group):
    sid = add(store)
    assert store.call("drs_cmd_withdraw", "c1") == ["withdrawn"]
    take(store)
    assert begin(store, sid) == ["expired"]
    sid = add(store, "c2")
    take(store)
    begin(store, sid, "c2")
    assert store.call("drs_cmd_withdraw", "c2") == ["running"]
    store.call("drs_cmd_done", sid, "c2", "n1", "{}", "0")
    assert store.call("drs_cmd_withdraw", "c2") == ["done", "{}"]


def test_a_secret_answer_is_published_and_not_kept(store, group):
    sub = store.r.pubsub()
    sub.subscribe("{drs}:reply:n1")
    assert sub.get_message(timeout=30)["type"] == "subscribe"
    sid = add(store, kind="auth.login")
    take(store)
    begin(store, sid)
    store.call("drs_cmd_done", sid, "c1", "n1", '{"token":"tttt"}', "1")
    assert sub.get_message(timeout=30)["data"] == 'c1 {"token":"tttt"}'
    assert "tttt" not in repr(store.dump())
    sub.close()


def test_a_command_that_fails_five_times_is_kept_apart(store, group):
    sid = add(store, payload='{"x":1}')
    take(store)
    for n in range(1, 5):
        assert store.call("drs_cmd_fail", sid, "w1", "boom", str(n), "5") == ["retry"]
    assert store.r.xlen("{drs}:cmd") == 1
    assert store.call("drs_cmd_fail", sid, "w1", "boom", "5", "5") == ["dead"]
    assert store.r.xlen("{drs}:cmd") == 0
    (_, f), = store.r.xrange("{drs}:cmd:dead")
    assert (f["id"], f["error"], f["from"], f["payload"]) == ("c1", "boom", sid, '{"x":1}')
    sid = add(store, "c2", "auth.login", payload='{"sealed":"zzzz"}')
    store.call("drs_cmd_fail", sid, "w1", "boom", "5", "5")
    assert "zzzz" not in repr(store.dump())


# -- inventory ------------------------------------------------------------------


def put(store, token, at, rows, view=True):
    """Rows of a scan; the answer of the library."""
    new = "{drs}:inv:new"
    store.r.hset(f"{new}:{token}", mapping=rows)
    if view:
        store.r.hset(f"{new}:view:{token}", mapping={"-": str(at), **rows})
        store.r.zadd(f"{new}:order:{token}", {r: 0 for r in rows})
    return store.call("drs_inv_put", "a", "r", token, str(at), str(len(rows)),
                      "60000" if view else "")


def test_an_inventory_is_replaced_by_later_ones_only(store):
    inv, view = "{drs}:inv:a:r", "{drs}:inv:view:a:r"
    assert put(store, "t1", 10, {"s-1": "{}"}) == ["stored"]
    assert not store.r.exists(view), "nobody has asked for a list"
    store.r.hset("{drs}:inv:new:view:t2", "-", "10")
    assert store.call("drs_inv_show", "a", "r", "t2", "10", "60000") == ["stored"]
    assert put(store, "t3", 30, {"s-1": "{}", "s-2": "{}"}) == ["stored"]
    before = store.dump()
    assert put(store, "t4", 20, {"s-3": "{}"}) == ["late"]
    store.r.hset("{drs}:inv:new:view:t5", "-", "20")
    assert store.call("drs_inv_show", "a", "r", "t5", "20", "60000") == ["late"]
    assert store.dump() == before, "and leaves nothing behind"
    assert sorted(store.r.hkeys(inv)) == ["s-1", "s-2"]
    assert store.r.hget(view, "-") == "30" and store.r.pttl(view) > 0
    assert store.r.pttl(inv) == -1
    assert store.r.hget("{drs}:inv:meta:a:r", "gen") == "2"
    # the same call again: its rows are in place already
    assert store.call("drs_inv_put", "a", "r", "t3", "30", "2", "60000") == ["gone"]
    # a scan without rows for lists takes the older ones away
    assert put(store, "t6", 40, {"s-1": "{}"}, view=False) == ["stored"]
    assert not store.r.exists(view)


def test_the_state_of_a_region_is_that_of_the_latest_question(store):
    region = ("drs_region_put", "a", "r")
    assert store.call(*region, "20", "2", "status", "ACTIVE", "serverCount", "3") == ["stored"]
    assert store.call(*region, "10", "1", "status", "ERROR") == ["late"]
    assert store.r.hgetall("{drs}:region:a:r") == {
        "status": "ACTIVE", "serverCount": "3", "lastUpdated": "20"}


# -- durability -----------------------------------------------------------------


def test_what_was_answered_survives_kill_9():
    with RedisServer() as server:
        server.load_library()
        store = Store(server)
        lease = store.run(claims=[])
        lease.commit("wave_start")
        lease.plan_unit()
        lease.arm()
        lease.fact("drsjob-1")
        before = store.dump()
        server.kill()
        server.start()
        store = Store(server)
        assert store.dump() == before
        assert store.call("drs_version")[:2] == ["1", "1"]      # the library too
        store.command("e1", "cancel")
        assert store.field("e1", "status") == "CANCELLING"


def test_pause_and_cancel_work_when_memory_is_full():
    with RedisServer() as server:
        server.load_library()
        store = Store(server)
        store.run()
        store.run(ident="e2", plan="p2", command="c2")
        store.r.config_set("maxmemory", "1")
        with pytest.raises(redis.exceptions.ResponseError, match="OOM"):
            store.r.set("x", "y")
        with pytest.raises(redis.exceptions.ResponseError, match="OOM"):
            store.create(ident="e3", plan="p3", command="c3")
        assert store.command("e1", "pause")[0] == "PAUSED"
        assert store.command("e2", "cancel")[0] == "CANCELLED"
        assert json.loads(store.command("e1", "resume")[3])["nextWave"] == 0
